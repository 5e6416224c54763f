"""frankly runs: the application, its command line, its daemon and the rehearsal."""
