"""Checks of this repository, its benchmarks and its pictures."""
