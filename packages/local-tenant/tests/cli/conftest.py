from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.command import Run, end, runner


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder; a process that still serves it after the test is killed."""
    folder = tmp_path / "data"
    yield folder
    end(folder)


@pytest.fixture
def run(data: Path) -> Run:
    """Runs `local-tenant COMMAND --data DATA ARGUMENTS…`, as typed in the folder that holds the data folder."""
    return runner(data)
