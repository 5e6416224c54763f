"""Simulated platforms and a sample day, for trying frankly without any account."""
