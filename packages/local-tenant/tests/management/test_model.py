"""Any sequence of calls against a live tenant, held against a small statement of what management-api.md says."""

from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from local_tenant.testing import Json, TenantClient, expect, wait_until
from local_tenant.testing.client import trigger_of

ACTIONS = "/api/v2/actions/actions"
TRIGGERS = ("post-login", "pre-user-registration")

CODES = st.sampled_from(["// one", "// two", "// three"])
NAMES = st.sampled_from(["first", "second", "third"])
RUNTIMES = st.sampled_from(["node18-actions", "node22"])
SECRETS = st.dictionaries(st.sampled_from(["A", "B"]), st.sampled_from(["1", "2"]))


@dataclass(frozen=True)
class Contents:
    """What is deployed, and compared."""

    code: str
    runtime: str
    secrets: tuple[tuple[str, str], ...]


@dataclass
class Action:
    """What a tenant knows of an Action.

    Attributes:
        versions: contents and id of each, oldest first; the last one is deployed.
    """

    id: str
    name: str
    trigger: str
    draft: Contents
    updated_at: str
    versions: list[tuple[Contents, str]] = field(default_factory=list)


def contents(code: str, runtime: str, secrets: dict[str, str]) -> Contents:
    return Contents(code, runtime, tuple(sorted(secrets.items())))


def secrets_json(secrets: dict[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in secrets.items()]


class Tenant(RuleBasedStateMachine):
    """Rules are requests; whatever they answer must follow from the model, and so must all that can be read."""

    client: TenantClient

    actions = Bundle("actions")

    def __init__(self) -> None:
        """An empty tenant."""
        super().__init__()
        self.client.reset()
        self.known: dict[str, Action] = {}
        self.flows: dict[str, list[str]] = {trigger: [] for trigger in TRIGGERS}
        self.binding_ids: set[str] = set()

    # Requests

    @rule(
        target=actions,
        name=NAMES,
        trigger=st.sampled_from(TRIGGERS),
        code=CODES,
        runtime=RUNTIMES,
        secrets=SECRETS,
        deploy=st.booleans(),
    )
    def create(self, name: str, trigger: str, code: str, runtime: str, secrets: dict[str, str], *, deploy: bool) -> str:
        answer = self.client.create_action(
            name, trigger=trigger, code=code, runtime=runtime, secrets=secrets, deploy=deploy
        )
        assert answer["status"] == "pending"
        action = Action(answer["id"], name, trigger, contents(code, runtime, secrets), answer["updated_at"])
        if deploy:
            action.versions.append((action.draft, answer["deployed_version"]["id"]))
        self.known[action.id] = action
        return action.id

    @rule(action_id=actions, code=CODES | st.none(), runtime=RUNTIMES | st.none(), secrets=SECRETS | st.none())
    def change(self, action_id: str, code: str | None, runtime: str | None, secrets: dict[str, str] | None) -> None:
        action = self.known[action_id]
        change: Json = {}
        if code is not None:
            change["code"] = code
            action.draft = replace(action.draft, code=code)
        if runtime is not None:
            change["runtime"] = runtime
            action.draft = replace(action.draft, runtime=runtime)
        if secrets is not None:
            change["secrets"] = secrets_json(secrets)
            action.draft = replace(action.draft, secrets=tuple(sorted(secrets.items())))
        answer = self.client.change_action(action_id, **change)
        assert answer["status"] == "pending"
        assert answer["updated_at"] > action.updated_at
        action.updated_at = answer["updated_at"]

    @rule(action_id=actions, name=NAMES)
    def rename(self, action_id: str, name: str) -> None:
        self.known[action_id].name = name
        self.known[action_id].updated_at = self.client.change_action(action_id, name=name)["updated_at"]

    @rule(action_id=actions)
    def deploy(self, action_id: str) -> None:
        action = self.known[action_id]
        answer = self.client.deploy(action_id)
        assert answer["number"] == len(action.versions) + 1
        assert answer["id"] not in {version_id for _, version_id in action.versions}
        action.versions.append((action.draft, answer["id"]))

    @rule(action_id=actions, which=st.integers(0, 20), update_draft=st.booleans())
    def roll_back(self, action_id: str, which: int, *, update_draft: bool) -> None:
        action = self.known[action_id]
        if not action.versions:
            return
        old, old_id = action.versions[which % len(action.versions)]
        path = f"{ACTIONS}/{action_id}/versions/{old_id}"
        wait_until(lambda: expect(self.client.api.get(path), 200), lambda version: version["status"] == "built")
        answer = expect(self.client.api.post(f"{path}/deploy", json={"update_draft": update_draft}), 200)
        assert answer["number"] == len(action.versions) + 1
        action.versions.append((old, answer["id"]))
        if update_draft:
            action.draft = old
            action.updated_at = answer["action"]["updated_at"]

    @rule(action_id=consumes(actions), force=st.booleans())
    def delete(self, action_id: str, *, force: bool) -> None:
        bound = any(action_id in flow for flow in self.flows.values())
        answer = self.client.api.delete(f"{ACTIONS}/{action_id}", params={"force": str(force).lower()})
        if bound and not force:
            assert answer.status_code == 409
            # What was consumed cannot be given back: the Action goes in the end.
            answer = self.client.api.delete(f"{ACTIONS}/{action_id}", params={"force": "true"})
        assert answer.status_code == 204
        del self.known[action_id]
        self.flows = {trigger: [other for other in flow if other != action_id] for trigger, flow in self.flows.items()}

    @rule(trigger=st.sampled_from(TRIGGERS), action_ids=st.lists(actions | st.just("nothing"), max_size=3))
    def bind(self, trigger: str, action_ids: list[str]) -> None:
        refs = [{"ref": {"type": "action_id", "value": action_id}} for action_id in action_ids]
        answer = self.client.api.patch(f"/api/v2/actions/triggers/{trigger}/bindings", json={"bindings": refs})
        refusals = [status for status in (self.refusal(trigger, action_id) for action_id in action_ids) if status]
        if refusals:
            assert answer.status_code == refusals[0], "the first that cannot be bound decides"
            return
        bindings = expect(answer, 200)["bindings"]
        assert [binding["action"]["id"] for binding in bindings] == action_ids
        ids = {binding["id"] for binding in bindings}
        assert len(ids) == len(action_ids)
        assert ids.isdisjoint(self.binding_ids)
        self.binding_ids |= ids
        self.flows[trigger] = action_ids

    def refusal(self, trigger: str, action_id: str) -> int | None:
        """The status that binding this Action answers, if it is refused."""
        action = self.known.get(action_id)
        if action is None:
            return 404
        return 400 if action.trigger != trigger or not action.versions else None

    # What can be read

    @invariant()
    def actions_are_as_they_were_written(self) -> None:
        listed = expect(self.client.api.get(ACTIONS, params={"per_page": 100}), 200)
        assert [action["id"] for action in listed["actions"]] == list(self.known)
        assert listed.get("total", 0) == len(self.known)
        for action in listed["actions"]:
            known = self.known[action["id"]]
            assert action["name"] == known.name
            assert action["supported_triggers"] == [trigger_of(known.trigger)]
            assert action["updated_at"] == known.updated_at
            assert_shows(action, known.draft)
            deployed = known.versions[-1] if known.versions else None
            assert action["all_changes_deployed"] is (deployed is not None and deployed[0] == known.draft)
            if deployed is None:
                assert "deployed_version" not in action
            else:
                assert action["deployed_version"]["id"] == action["current_version"]["id"] == deployed[1]
                assert_shows(action["deployed_version"], deployed[0])

    @invariant()
    def versions_are_as_they_were_made(self) -> None:
        for action in self.known.values():
            listed = expect(self.client.api.get(f"{ACTIONS}/{action.id}/versions", params={"per_page": 100}), 200)
            newest_first = action.versions[::-1]
            assert [version["id"] for version in listed["versions"]] == [version_id for _, version_id in newest_first]
            for position, (version, (contents, _)) in enumerate(zip(listed["versions"], newest_first, strict=True)):
                assert version["number"] == len(newest_first) - position
                assert version["deployed"] is (position == 0)
                assert_shows(version, contents)

    @invariant()
    def flows_are_as_they_were_bound(self) -> None:
        for trigger, flow in self.flows.items():
            bindings = self.client.flow(trigger)
            assert [binding["action"]["id"] for binding in bindings] == flow
            for binding in bindings:
                assert (
                    binding["action"]["deployed_version"]["id"] == self.known[binding["action"]["id"]].versions[-1][1]
                )


def assert_shows(answer: Json, contents: Contents) -> None:
    assert (answer["code"], answer["runtime"]) == (contents.code, contents.runtime)
    assert sorted(secret["name"] for secret in answer["secrets"]) == [name for name, _ in contents.secrets]


def test_the_tenant_answers_as_the_model_says(tenant: TenantClient) -> None:
    Live = type("Live", (Tenant,), {"client": tenant})  # noqa: N806 - a class
    run_state_machine_as_test(Live, settings=settings(max_examples=15, stateful_step_count=20))
