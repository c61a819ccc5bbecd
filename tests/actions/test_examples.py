import pytest

from tests.actions.action_runner import Action, ActionRunner, Run
from tests.actions.example import Example
from tests.actions.examples import EXAMPLES


@pytest.mark.parametrize(
    ("action", "example"),
    [
        pytest.param(action, example, id=f"{action.file.stem}: {example.name}")
        for action, examples in EXAMPLES.items()
        for example in examples
    ],
)
def test_an_action_makes_exactly_the_expected_calls(runner: ActionRunner, action: Action, example: Example) -> None:
    expected = Run(exports=[action.handler], calls=example.calls, threw=None)
    assert runner.run(action, example.event) == expected


def test_every_file_in_actions_has_examples() -> None:
    [folder] = {action.file.parent for action in EXAMPLES}
    assert sorted(folder.iterdir()) == sorted(action.file for action in EXAMPLES)
