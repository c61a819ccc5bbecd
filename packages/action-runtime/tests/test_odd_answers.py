"""A worker that gives an odd answer is replaced, and its flows fail closed."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from action_runtime import ErrorCode
from action_runtime import node as node_module
from flows import Start, login, post_login

pytestmark = pytest.mark.anyio

Answering = Callable[[str], None]

WORKER = """\
    #!{python}
    import json, os, sys
    requests, answers, claims, size = map(int, sys.argv[-4:])
    while text := os.read(requests, size):
        for line in text.splitlines():
            match json.loads(line):
                case {{"type": "start", "nonce": nonce}}:
                    os.write(answers, (nonce + '{{"type":"ready","node":""}}\\n').encode())
                case {{"type": "run", "execution": number}}:
                    os.read(claims, 4)
                    answer = {answer!r}.replace("NONCE", nonce).replace("NUMBER", str(number))
                    os.write(answers, answer.encode() + b"\\n")
"""
MEMBERS = '"start":0,"duration":0,"console":[],"cut":false,"calls":[],"reads":[]'
RIGHT = f'NONCE{{"type":"action","execution":NUMBER,"number":0,"over":true,{MEMBERS},"error":null}}'


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answering:
    """Lets workers answer each flow with this line."""

    def answering(line: str) -> None:
        program = tmp_path / "worker"
        program.write_text(textwrap.dedent(WORKER).format(python=sys.executable, answer=line))
        program.chmod(0o700)
        monkeypatch.setattr(node_module, "node_executable", lambda: program)

    return answering


async def test_the_right_answer_is_taken(start: Start, answering: Answering) -> None:
    answering(RIGHT)
    runtime = await start()
    assert (await runtime.run(post_login(""), login())).status == "completed"


@pytest.mark.parametrize(
    "line",
    [
        RIGHT.removeprefix("NONCE"),
        RIGHT.replace("NONCE", "0" * 32),
        f"text{RIGHT}",
        RIGHT[:-1],
        "NONCE[]",
        "NONCE{}",
        'NONCE{"type":"unknown"}',
        'NONCE{"type":"action"}',
        RIGHT.replace('"number":0', '"number":99'),
        RIGHT.replace('"error":null', '"error":{"code":"unknown","message":"","stack":""}'),
        RIGHT.replace('"calls":[]', '"calls":[["access.deny",[["a list"]]]]'),
    ],
)
async def test_any_other_answer_fails_the_flow_and_replaces_the_worker(
    start: Start, answering: Answering, line: str
) -> None:
    answering(line)
    runtime = await start(time_limit=5)
    pids = runtime.worker_pids
    result = await runtime.run(post_login(""), login())
    assert result.error is not None
    assert result.error.code is ErrorCode.INVALID_ANSWER
    assert result.effects.empty
    assert not set(pids) & set(runtime.worker_pids)


async def test_an_answer_of_too_many_levels_fails_its_flow_alone(start: Start, answering: Answering) -> None:
    value = "[" * 300 + "]" * 300
    answering(RIGHT.replace('"calls":[]', f'"calls":[["user.setAppMetadata",["deep",{value}]]]'))
    runtime = await start()
    pids = runtime.worker_pids
    result = await runtime.run(post_login(""), login())
    assert result.error is not None
    assert result.error.code is ErrorCode.INVALID_ANSWER
    assert "too many levels" in result.error.message
    assert runtime.worker_pids == pids
