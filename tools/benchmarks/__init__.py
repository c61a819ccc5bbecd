"""Benchmarks of what this project claims to be fast: `make bench`.

Each is a module with a function `run` that returns rows (rows.py), and a line in __main__.py. Most results are ratios
of two measurements taken in turns, because absolute figures depend on the machine. A missed aim is no failure.
"""
