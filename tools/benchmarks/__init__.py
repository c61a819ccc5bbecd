"""What this project claims to be fast, measured: `make bench`.

Each benchmark is a module with a `run` that gives rows (see rows.py) and has its line in __main__.py. A claim is a
ratio between two things measured in turns within one run: absolute figures say as much about the machine as about this
project. A missed aim is shown, and fails nothing.
"""
