"""The ways out; one file per platform, all of one shape."""
