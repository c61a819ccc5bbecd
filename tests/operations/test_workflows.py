"""What the workflows promise: prod gets the plan that was approved, and a comment shows text as it is."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are one more dependency

from tests.project import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text())
    assert isinstance(content, dict)
    return content


def commands(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_unless_a_job_says_otherwise(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}


def test_prod_gets_the_plan_that_was_shown_before_its_approval() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]

    assert jobs["plan"]["environment"] == "preview-prod"
    assert jobs["prod"]["environment"] == "prod"
    assert (jobs["plan"]["needs"], jobs["prod"]["needs"]) == ("test", "plan")
    assert "make --silent plan STACK=prod PLAN=plan.json" in commands(jobs["plan"])
    uploads = [step["with"] for step in jobs["plan"]["steps"] if "upload-artifact" in step.get("uses", "")]
    downloads = [step["with"] for step in jobs["prod"]["steps"] if "download-artifact" in step.get("uses", "")]
    assert [each["name"] for each in uploads] == [each["name"] for each in downloads] == ["plan-of-prod"]
    ups = [line for job in jobs.values() for line in commands(job).splitlines() if line.startswith("make up")]
    assert ups == ["make up STACK=test PLAN=plan.json", "make up STACK=prod PLAN=plan.json"]


@pytest.mark.parametrize("text", ["plain", "```\n</details>", "a ````` b <b>@somebody</b>"])
def test_what_a_comment_shows_cannot_leave_its_fence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "preview.txt"
    file.write_text(text)

    command = [str(ROOT / ".github" / "details.sh"), "Preview", str(file)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603

    first = next(line for line in lines if line.endswith("text"))
    fence = first.removesuffix("text")
    assert set(fence) == {"`"}
    assert fence not in text
    assert lines[lines.index(first) + 1 : lines.index(fence)][: text.count("\n") + 1] == text.splitlines()


def test_a_preview_that_is_missing_or_long_does_not_break_the_comment(tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text("x" * 100_000)
    script = ROOT / ".github" / "details.sh"

    rows = [
        subprocess.run([script, "Preview", file], capture_output=True, text=True, check=True).stdout  # noqa: S603
        for file in (long, tmp_path / "missing.txt")
    ]

    assert len(rows[0]) < 20_000
    assert "cut here" in rows[0]
    assert "There is none" in rows[1]
