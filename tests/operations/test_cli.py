"""Exit codes and errors of `actions-ops`, whatever goes wrong."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from operations import cli
from operations.errors import OperationsError

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line, with a `drift` that raises what is given: the exit code."""

    def run_(*arguments: str, raises: BaseException | None = None) -> int:
        def fail(*_: object, **__: object) -> None:
            assert raises is not None
            raise raises

        if raises is not None:
            monkeypatch.setattr(cli.commands.commands["drift"], "callback", fail)
        monkeypatch.setattr(sys, "argv", ["actions-ops", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    return run_


def test_an_error_is_2_and_says_what_to_do(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("drift", "--stack", "x", raises=OperationsError("no token", fix="get one")) == 2
    assert capsys.readouterr().err == "actions-ops: no token\n  fix: get one\n"


def test_a_crash_is_never_taken_for_a_finding(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("drift", "--stack", "x", raises=KeyError("code")) == 2
    assert "a bug in actions-ops" in capsys.readouterr().err


def test_an_interruption_is_no_finding(run: Run) -> None:
    assert run("drift", "--stack", "x", raises=KeyboardInterrupt()) == 130


def test_help_is_0(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("drift", "--help") == 0
    assert "read:actions" in capsys.readouterr().out


def test_errors_are_json_where_json_was_asked_for(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("drift", "--stack", "x", "--json", raises=OperationsError("no token", fix="get one"))
    assert json.loads(capsys.readouterr().out) == {"error": "no token", "fix": "get one"}


def test_a_wrong_command_line_is_2(run: Run) -> None:
    assert run("drift") == 2
    assert run("no-such-command") == 2


def test_a_folder_without_a_project_is_an_error(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-C", str(tmp_path), "drift", "--stack", "x") == 2
    assert f"no Pulumi.yaml in {tmp_path} or above it" in capsys.readouterr().err


def test_no_pulumi_on_the_path_is_an_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("-C", str(tmp_path), "drift", "--stack", "x") == 2
    assert "make -s env" in capsys.readouterr().err


def test_an_error_that_says_its_own_fix_gets_no_second_one(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("drift", "--stack", "x", raises=OperationsError("1 setting to fix"))
    assert capsys.readouterr().err == "actions-ops: 1 setting to fix\n"


def test_on_a_terminal_a_long_error_continues_indented(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    run("drift", "--stack", "x", raises=OperationsError("no token", fix="get one for an application of this tenant"))
    assert capsys.readouterr().err.splitlines() == [
        "actions-ops: no token",
        "  fix: get one for an application of",
        "    this tenant",
    ]


def test_each_command_has_a_help_of_one_line_on_80_columns(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    assert "..." not in capsys.readouterr().out.partition("Commands:")[2]
