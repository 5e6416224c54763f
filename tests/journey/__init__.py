"""The whole of frankly as a process, against simulated platforms."""
