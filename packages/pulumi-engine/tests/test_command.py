"""`python -m engine` says what it does, ends with the right exit code, and builds nothing when only asked."""

import sys

import pytest
from machine import Machine
from pulumi_engine import choice
from pulumi_engine.__main__ import main


def run(machine: Machine, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["engine", "--root", str(machine.clone), *arguments])
    return main()


def test_it_ends_with_what_is_there(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.put_go()
    assert run(machine, monkeypatch) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "engine: Pulumi 3.259.0 (built from its Go modules) and the Auth0 provider 3.50.1 are here"


def test_an_engine_that_cannot_be_had_is_an_error_of_the_command(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(machine, monkeypatch) == 1
    assert "engine: there is no Pulumi engine here" in capsys.readouterr().err


def test_check_looks_and_does_nothing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.put_go()
    assert run(machine, monkeypatch, "--check") == 1
    assert "run `make engine`" in capsys.readouterr().err
    assert machine.builds() == []
    assert run(machine, monkeypatch) == 0
    assert run(machine, monkeypatch, "--check") == 0


def test_an_interruption_says_that_nothing_is_lost(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(choice, "choose", interrupted)
    assert run(machine, monkeypatch) == 130
    assert "interrupted; the next run goes on" in capsys.readouterr().err
