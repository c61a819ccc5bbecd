"""The examples are only as good as the mistakes that they notice, so each mutant must fail at least one."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.action_runner import Action, ActionRunner, Run
from tests.actions.examples import EXAMPLES
from tests.actions.mutants import Mutant, mutants

SOURCES = {action: action.file.read_text(encoding="utf-8") for action in EXAMPLES}


@pytest.mark.parametrize(
    ("action", "mutant"),
    [
        pytest.param(action, mutant, id=f"{action.file.stem} {mutant.name}")
        for action, source in SOURCES.items()
        for mutant in mutants(source)
    ],
)
def test_the_examples_notice_a_mistake(runner: ActionRunner, action: Action, mutant: Mutant, tmp_path: Path) -> None:
    changed = replace(action, file=tmp_path / action.file.name)
    changed.file.write_text(mutant.source, encoding="utf-8")
    assert any(
        runner.run(changed, example.event) != Run([action.handler], example.calls, threw=None)
        for example in EXAMPLES[action]
    ), f"no example notices the mistake in {action.file.name}, {mutant.name}"
