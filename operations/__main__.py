"""`python -m operations`: the command line `actions-ops`."""

from operations.cli import main

if __name__ == "__main__":
    main()
