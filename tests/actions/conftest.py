from collections.abc import Iterator

import pytest

from tests.actions.action_runner import ActionRunner


@pytest.fixture(scope="session")
def runner() -> Iterator[ActionRunner]:
    with ActionRunner() as runner:
        yield runner
