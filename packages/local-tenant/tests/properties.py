"""Settings of property tests."""

from hypothesis import HealthCheck

# For properties that clean up after themselves: the fixture `tenant` empties it for the test, not for each example.
EMPTIED_ONCE = [HealthCheck.function_scoped_fixture]
