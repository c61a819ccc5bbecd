"""The wheels of the tenant and its runtime, in an empty environment outside the checkout."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
# What a caller's shell may set for Python.
OF_THE_CALLER = ("PYTHON", "PYTEST", "VIRTUAL_ENV", "UV_PROJECT")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels, by the name of their package."""
    folder = tmp_path_factory.mktemp("wheels")
    for package in ("action-runtime", "local-tenant"):
        run([UV, "build", "--quiet", "--wheel", "--package", package, "--out-dir", folder], PACKAGE)
    return {wheel.name.split("-")[0]: wheel for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def python(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheels and, in the versions of the lock file, what they depend on."""
    folder = tmp_path_factory.mktemp("environment")
    environment, constraints = folder / "environment", folder / "constraints.txt"
    export: list[str | Path] = [UV, "export", "--quiet", "--frozen", "--package", "local-tenant", "--all-extras"]
    run([*export, "--no-emit-workspace", "--no-hashes", "--output-file", constraints], PACKAGE)
    run([UV, "venv", "--quiet", "--python", sys.executable, environment], folder)
    python = environment / "bin" / "python"
    requirements = [f"local-tenant[testing] @ {wheels['local_tenant'].as_uri()}", str(wheels["action_runtime"])]
    run([UV, "pip", "install", "--quiet", "--python", python, "--constraints", constraints, *requirements], folder)
    return python


@pytest.mark.timeout(180)
def test_the_example_of_the_readme_passes_with_the_installed_wheels(python: Path, tmp_path: Path) -> None:
    """It starts `local-tenant serve`, deploys an Action and logs in."""
    [example] = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    (tmp_path / "test_example.py").write_text(example)
    where = "import action_runtime, local_tenant; print(action_runtime.__file__, local_tenant.__file__)"
    installed = run([python, "-c", where], tmp_path).split()
    assert all(Path(file).is_relative_to(python.parents[1]) for file in installed)
    assert "1 passed" in run([python, "-m", "pytest", "-p", "no:cacheprovider"], tmp_path)


@pytest.mark.parametrize("package", ["action-runtime", "local-tenant"])
@pytest.mark.timeout(180)
def test_a_wheel_holds_every_file_of_its_package(wheels: dict[str, Path], package: str) -> None:
    source = PACKAGE.with_name(package) / "src"
    files = {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}
    with zipfile.ZipFile(wheels[package.replace("-", "_")]) as wheel:
        assert {file for file in files if "__pycache__" not in file} - set(wheel.namelist()) == set()


def run(command: list[str | Path], folder: Path) -> str:
    """The output of a command that succeeds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_CALLER)}
    result = subprocess.run(  # noqa: S603 - programs of this environment and of the new one
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
