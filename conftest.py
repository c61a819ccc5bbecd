"""Settings of all tests."""

from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parent / ".local" / "cache" / "hypothesis")

# No test is timed: `make bench` measures performance.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
