"""The time of `pulumi preview` and `pulumi up`, compared with the same commands on an empty Python program."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.deployment import Deployment
from tests.project import ROOT, Project, isolated_environment
from tools.benchmarks.rows import Row, Say, in_turns, ratio_of_times

PREVIEWS = 9
UPS = 5
# A prototype reached it with compiled packages; without, it took 2.7 times as long.
PREVIEW_AT_MOST = 1.6

EMPTY_PROJECT = """\
name: empty
runtime:
  name: python
  options:
    toolchain: uv
    virtualenv: .venv
"""


def run(say: Say) -> list[Row]:
    """Measure previews without changes and ups from nothing, of this project and of an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        environment = isolated_environment(Path(folder))
        (Path(folder) / "ours").mkdir()
        ours = Deployment.start(Path(folder) / "ours", environment, stack="local", name="floatme-local")
        try:
            empty = _empty_project(Path(folder) / "empty", ours.project.environment)
            return _measure(ours.project, empty, say)
        finally:
            ours.stop()


def _measure(ours: Project, empty: Project, say: Say) -> list[Row]:
    for project in (ours, empty):
        project.create_stack()
        # Warms the disk cache and lets Python compile.
        project.preview()
    say(f"pulumi up from nothing, {UPS} times in turns with an empty program's")
    ups = in_turns(UPS, lambda: _up_from_nothing(ours), lambda: _up_from_nothing(empty))
    say(f"pulumi preview without changes, {PREVIEWS} times in turns with an empty program's")
    for project in (ours, empty):
        project.up()
    previews = in_turns(
        PREVIEWS,
        lambda: _seconds(lambda: ours.preview("--expect-no-changes")),
        lambda: _seconds(lambda: empty.preview("--expect-no-changes")),
    )
    return [
        ratio_of_times("preview without changes / preview of an empty program", *previews, at_most=PREVIEW_AT_MOST),
        ratio_of_times("up from nothing / up of an empty program", *ups),
    ]


def _up_from_nothing(project: Project) -> float:
    seconds = _seconds(project.up)
    project.destroy()
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _empty_project(folder: Path, environment: dict[str, str]) -> Project:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(EMPTY_PROJECT)
    (folder / "__main__.py").write_text('"""Nothing."""\n')
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    return Project(folder, "local", environment)
