"""`python -m pulumi_engine`: its output and its exit codes."""

import shlex
import sys

import pytest
from machine import Machine
from pulumi_engine import choice
from pulumi_engine.__main__ import main


def run(machine: Machine, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "prefix", str(machine.checkout / ".venv"))
    monkeypatch.setattr(sys, "argv", ["pulumi_engine", "--folder", str(machine.engine), *arguments])
    return main()


def test_progress_goes_to_standard_error(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.put_go()
    assert run(machine, monkeypatch) == 0
    output = capsys.readouterr()
    assert "building Pulumi" in output.err
    assert output.out == ""


def test_the_command_fails_without_an_engine(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(machine, monkeypatch) == 1
    assert "engine: there is no Pulumi engine, and none" in capsys.readouterr().err


def test_env_prints_the_variables_of_an_engine_and_builds_none(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.put_go()
    assert run(machine, monkeypatch, "env") == 1
    missing = capsys.readouterr()
    assert "run `python -m pulumi_engine --folder" in missing.err
    assert missing.out == ""
    assert machine.builds() == []
    assert run(machine, monkeypatch) == 0
    assert run(machine, monkeypatch, "env") == 0
    lines = capsys.readouterr().out.splitlines()
    variables = dict(shlex.split(line.removeprefix("export "))[0].split("=", 1) for line in lines)
    assert variables == machine.locate().environment()


def test_an_interruption_says_that_the_next_run_continues(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(choice, "choose", interrupted)
    assert run(machine, monkeypatch) == 130
    assert "interrupted; the next run continues" in capsys.readouterr().err
