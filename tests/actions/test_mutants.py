"""The examples are only as good as the mistakes that they notice: so each of these must fail at least one."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.actions.action_runner import MFA_ACTION, Action, ActionRunner, Run
from tests.actions.examples import EXAMPLES
from tests.actions.mutants import Mutant, mutant, mutants

SOURCES = {action: action.file.read_text(encoding="utf-8") for action in EXAMPLES}

# Mistakes that change more than a word, yet look right.
PLAUSIBLE_MISTAKES = [
    ("domain === integrationTestDomain", "domain.endsWith(integrationTestDomain)"),
    ("domain === integrationTestDomain", "domain.startsWith(integrationTestDomain)"),
    ("domain === integrationTestDomain", 'domain.includes(integrationTestDomain ?? "?")'),
    ("domain !== null && domain === forceMfaDomain", "domain?.endsWith(forceMfaDomain)"),
    ("domain !== null && domain === forceMfaDomain", "domain?.startsWith(forceMfaDomain)"),
    ("/@([^@]*)$/", "/@(.*)$/"),
    ("/@([^@]*)$/", "/@([^@]*)/"),
    ("/@([^@]*)$/", "/([^@]*)$/"),
    ("/@([^@]*)$/", "/@([^@]*)$/m"),
    ("/@([^@]*)$/", "/@(.*?)\\.?$/"),
    ("/@([^@]*)$/.exec(email)", "/@([^@]*)$/.exec(email.trim())"),
    ("domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase())", "domain"),
    ("domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase())", "domain.toLowerCase()"),
    ("domain.replace(/[A-Z]/g, (letter) => letter.toLowerCase())", "domain.toUpperCase()"),
    ("/[A-Z]/g", "/[A-Z]/"),
    ("loginsCount === 0 || loginsCount === 1", "loginsCount <= 1"),
    ("loginsCount === 0 || loginsCount === 1", "!(loginsCount > 1)"),
    ("loginsCount === 0 || loginsCount === 1", "!loginsCount || loginsCount === 1"),
    ("loginsCount === 0 || loginsCount === 1", "(loginsCount === 0 || loginsCount === 1) && !isForceMfaAccount"),
    ("flag !== undefined && flag !== null && flag !== false", "flag === true"),
    ("flag !== undefined && flag !== null && flag !== false", "Boolean(flag)"),
    ("isTestTenant && !mayBeForceMfaAccount", "isTestTenant && !isForceMfaAccount"),
    ("isTestTenant && isForceMfaAccount", "isTestTenant && mayBeForceMfaAccount"),
    ('enable("any")', 'enable("any", {})'),
]


def assert_noticed(runner: ActionRunner, action: Action, mutant: Mutant, folder: Path) -> None:
    changed = replace(action, file=folder / action.file.name)
    changed.file.write_text(mutant.source, encoding="utf-8")
    assert any(
        runner.run(changed, example.event) != Run([action.handler], example.calls, threw=None)
        for example in EXAMPLES[action]
    ), f"no example tells {action.file.name} from itself with the mistake in {mutant.name}"


@pytest.mark.parametrize(
    ("action", "mutant"),
    [
        pytest.param(action, mutant, id=f"{action.file.stem} {mutant.name}")
        for action, source in SOURCES.items()
        for mutant in mutants(source)
    ],
)
def test_the_examples_notice_a_wrong_word(runner: ActionRunner, action: Action, mutant: Mutant, tmp_path: Path) -> None:
    assert_noticed(runner, action, mutant, tmp_path)


@pytest.mark.parametrize(("code", "mistake"), PLAUSIBLE_MISTAKES)
def test_the_examples_notice_a_plausible_mistake(runner: ActionRunner, code: str, mistake: str, tmp_path: Path) -> None:
    assert_noticed(runner, MFA_ACTION, mutant(SOURCES[MFA_ACTION], code, mistake), tmp_path)
