"""store remembers: records, schema, migrations, every line of SQL."""
