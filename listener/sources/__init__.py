"""The configured ways in; one file per kind, all of one shape."""
