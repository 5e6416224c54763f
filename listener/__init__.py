"""listener hears: sources, platform clients, collecting, coverage, spending."""
