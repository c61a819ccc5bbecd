"""Programs run to their end, and are ended if they stall."""

import os
import signal
from pathlib import Path

import pytest
from machine import Lifeline, script
from pulumi_engine import process


def test_output_is_passed_on_line_by_line(tmp_path: Path) -> None:
    lines: list[str] = []
    program = script(tmp_path / "p", "echo one\necho two >&2\nexit 3")
    done = process.run([program], on_line=lines.append)
    assert (done.code, done.tail, lines) == (3, ("one", "two"), ["one", "two"])


def test_only_the_last_lines_are_kept(tmp_path: Path) -> None:
    program = script(tmp_path / "p", "i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); done")
    assert process.run([program]).tail == tuple(str(number) for number in range(80, 100))


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert process.run([script(tmp_path / "p", "cat")], limit=30).code == 0


def test_a_child_that_holds_the_output_open_does_not_delay_the_end(tmp_path: Path) -> None:
    done = process.run([script(tmp_path / "p", "sleep 50 &\necho $!")], limit=40)
    os.kill(int(done.tail[0]), signal.SIGKILL)
    assert done.code == 0
    assert done.seconds < 40


def test_a_program_that_progresses_does_not_stall(tmp_path: Path) -> None:
    file = tmp_path / "download"
    program = script(tmp_path / "p", f'for i in 1 2 3 4 5 6 7 8; do echo x >> "{file}"; sleep 0.2; done')
    done = process.run([program], stall=1.5, progress=lambda: file.stat().st_size if file.exists() else 0)
    assert done.code == 0
    assert done.seconds > 1.5


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE_SECONDS", 0.2)
    done = process.run([script(tmp_path / "p", "trap '' TERM\nwhile :; do sleep 0.1; done")], limit=0.5)
    assert done.code is None
    assert done.reason.startswith("no progress, ended after")


def test_an_interrupted_program_is_ended_with_its_children(tmp_path: Path) -> None:
    lifeline = Lifeline(tmp_path / "lifeline")

    def interrupt(line: str) -> None:
        assert line == "hanging"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.run([script(tmp_path / "p", lifeline.hang)], on_line=interrupt)
    assert lifeline.cut()


def test_the_heartbeat_reports_the_seconds_since_the_start(tmp_path: Path) -> None:
    beats: list[float] = []
    process.run([script(tmp_path / "p", "sleep 1")], on_beat=beats.append, beat=0.3)
    assert len(beats) >= 2
    assert beats == sorted(beats)


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 00 s"), (185, "3 min 05 s")])
def test_the_format_of_a_duration(seconds: float, text: str) -> None:
    assert process.duration(seconds) == text
