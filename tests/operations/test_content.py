"""What drift compares is read alike from the program and from Auth0, whichever of them writes it."""

from typing import Any

import pytest

from operations.content import KINDS, Binding, Content

PROGRAM: dict[str, Any] = {
    "code": "exports.x = 1;\n",
    "runtime": "node18",
    "supportedTriggers": {"id": "post-login", "version": "v3"},
}
AUTH0: dict[str, Any] = {
    "code": "exports.x = 1;\n",
    "runtime": "node18-actions",
    "supported_triggers": [{"id": "post-login", "version": "v3"}],
    "dependencies": [],
    "secrets": [],
}

# Each part: its kind, as the program has it, as Auth0 has it, and what a finding shows.
PARTS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("code", {"code": "x"}, {"code": "x"}, "x"),
    ("runtime", {"runtime": "node22"}, {"runtime": "node22"}, "node22"),
    (
        "dependencies",
        {"dependencies": [{"name": "b", "version": "2"}, {"name": "@a/a", "version": "1"}]},
        {"dependencies": [{"name": "@a/a", "version": "1"}, {"name": "b", "version": "2", "registry_url": "x"}]},
        "@a/a@1, b@2",
    ),
    (
        "modules",
        {"modules": [{"moduleId": "m", "moduleVersionId": "v"}]},
        {"modules": [{"module_id": "m", "module_version_id": "v", "module_name": "name"}]},
        "m@v",
    ),
    (
        "secret-names",
        {"secrets": [{"name": "B", "value": "x"}, {"name": "A", "value": "y"}]},
        {"secrets": [{"name": "A", "updated_at": "2026-01-01T00:00:00Z"}, {"name": "B"}]},
        "A, B",
    ),
    (
        "trigger",
        {"supportedTriggers": {"id": "post-login", "version": "v2"}},
        {"supported_triggers": [{"id": "post-login", "version": "v2"}]},
        "post-login v2",
    ),
]


def test_every_part_has_its_line_here() -> None:
    assert {kind for kind, *_ in PARTS} == KINDS


@pytest.mark.parametrize(("kind", "program", "auth0", "text"), PARTS)
def test_a_part_reads_alike_from_both_sides_and_differs_on_its_own(
    kind: str, program: dict[str, Any], auth0: dict[str, Any], text: str
) -> None:
    in_program, at_auth0 = Content.of_program({**PROGRAM, **program}), Content.of_auth0({**AUTH0, **auth0})
    assert in_program == at_auth0

    [difference] = Content.of_program(PROGRAM).differences(at_auth0)
    assert (difference.part.kind, difference.auth0) == (kind, text)
    [difference] = in_program.differences(Content.of_auth0(AUTH0))
    assert (difference.part.kind, difference.program) == (kind, text)


def test_packages_of_a_scope_keep_their_at_sign() -> None:
    content = Content.of_program({**PROGRAM, "dependencies": [{"name": "@a/a", "version": "1.0.0"}]})
    assert content.packages == [("@a/a", "1.0.0")]


def test_a_binding_reads_alike_from_both_sides_and_is_written_by_id() -> None:
    [ours] = Binding.of_program({"actions": [{"id": "id", "displayName": "Shown"}]}, {"id": "an_action"})
    assert ours == Binding.of_auth0({"action": {"id": "id", "name": "an_action"}, "display_name": "Shown"})
    assert ours.to_auth0() == {"ref": {"type": "action_id", "value": "id"}, "display_name": "Shown"}
