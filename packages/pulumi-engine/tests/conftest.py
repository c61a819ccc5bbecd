from pathlib import Path

import pytest
from machine import Machine


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with the Python packages installed and nothing else."""
    return Machine(tmp_path, monkeypatch)
