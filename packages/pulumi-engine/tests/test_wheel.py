"""The wheel of this package."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]


@pytest.mark.timeout(180)
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    """Above all the Go modules: a build from the wheel is then the same as one from the checkout."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "build", "--quiet", "--wheel", "--package", "pulumi-engine", "--out-dir", str(tmp_path)]
    subprocess.run(command, cwd=PACKAGE, check=True)  # noqa: S603
    [wheel] = tmp_path.glob("*.whl")
    source = PACKAGE / "src"
    files = {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}
    with zipfile.ZipFile(wheel) as content:
        assert {file for file in files if "__pycache__" not in file} - set(content.namelist()) == set()
