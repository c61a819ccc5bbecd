"""`actions-ops doctor`: what is right and wrong around a stack, and nothing of it changed."""

import json
from pathlib import Path

import pytest

from tests.deployment import LOGIN, Deployment
from tests.operations.deployed.command import Json, Ran, actions_ops

NOT_THERE = "127.0.0.1:9"


def doctor(deployment: Deployment, *options: str, **environment: str) -> Ran:
    data = {"LOCAL_TENANT_DATA": str(deployment.process.data)}
    return actions_ops(deployment, "doctor", "--stack", deployment.project.stack, *options, **data, **environment)


def lines(ran: Ran, level: str, exit_code: int) -> list[Json]:
    return [line for line in ran.json(exit_code)["lines"] if line["level"] == level]


def test_before_the_first_deployment_only_the_runtime_is_warned_of(fresh: Deployment) -> None:
    ran = doctor(fresh)

    assert ran.exit_code == 0, ran.output
    for what in (
        "the backend answers and has stack local",
        "the stack is not locked",
        "belongs to tenant floatme-local, as the stack says",
        "the credentials have the scopes of `make smoke`",
        'the MFA policy is "Never", so that the Actions decide',
        "smoke's application can log in with a password and refresh",
        "no other Actions have our names, and none but ours are in our flows",
        "Nothing is wrong.",
    ):
        assert what in " ".join(ran.stdout.split())
    assert ran.stdout.count("why:") == ran.stdout.count("warn ") == 1
    assert max(map(len, ran.stdout.splitlines())) <= 80
    assert fresh.actions() == []


def test_actions_by_our_names_that_are_not_the_stacks_are_named_with_their_fix(fresh: Deployment) -> None:
    fresh.tenant.deploy_action("mfa_action")
    theirs = fresh.tenant.deploy_action("theirs")["id"]
    fresh.tenant.bind(LOGIN, [theirs])

    wrong = lines(doctor(fresh, "--json"), "WRONG", 1)

    assert {line["fix"] for line in wrong} == {
        "make adopt STACK=local",
        "add it to the program, or let `make up` unbind it",
    }
    assert fresh.order(LOGIN) == ["theirs"]


def test_credentials_that_open_less_than_a_command_needs(deployed: Deployment) -> None:
    less = deployed.tenant.token("read:actions", "update:actions", "read:guardian_factors")

    ran = doctor(deployed, "--json", AUTH0_API_TOKEN=less)

    wrong = {line["what"] for line in lines(ran, "WRONG", 1)}
    assert "`make up` lacks the scopes create:actions, delete:actions" in wrong
    assert "`make smoke` lacks the scopes read:users, update:users, delete:users" in wrong
    assert any("read:mfa_policies" in line["fix"] for line in lines(ran, "warn", 1))

    ran = doctor(deployed, "--json", AUTH0_CLIENT_SECRET="wrong")
    assert [line["why"] for line in lines(ran, "WRONG", 1)] == ["no command can reach the tenant's Management API"]


def test_another_tenant_than_the_stacks_gets_no_request(deployed: Deployment) -> None:
    ran = doctor(deployed, "--json", AUTH0_DOMAIN="floatme-prod.us.auth0.com", HTTPS_PROXY=f"http://{NOT_THERE}")

    [wrong] = lines(ran, "WRONG", 1)
    assert "AUTH0_DOMAIN is floatme-prod.us.auth0.com on stack local" in wrong["what"]
    assert "the tenant was not checked" in wrong["why"]


@pytest.mark.parametrize("trouble", ["not chosen", "no stack", "locked"])
def test_trouble_with_the_backend_does_not_hide_the_tenant(deployed: Deployment, trouble: str) -> None:
    environment = deployed.project.environment
    backend = Path(environment["PULUMI_BACKEND_URL"].partition("?")[0].removeprefix("file://"))
    if trouble == "not chosen":
        del environment["PULUMI_BACKEND_URL"]
    elif trouble == "no stack":
        environment["PULUMI_BACKEND_URL"] = deployed.process.data.parent.as_uri()
    else:
        lock = backend / ".pulumi" / "locks" / "organization" / "auth0-actions" / "local" / "someone.json"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(
            json.dumps({"pid": 1, "username": "jane", "hostname": "her-laptop", "timestamp": "2026-01-01T00:00:00Z"})
        )

    ran = doctor(deployed, "--json")

    says = {"not chosen": "PULUMI_BACKEND_URL is not set", "no stack": "no stack named", "locked": "jane@her-laptop"}[
        trouble
    ]
    wrong = lines(ran, "WRONG", 1)
    assert says in wrong[0]["what"]
    assert wrong[0]["fix"]
    # Without a state, the deployed Actions are nobody's.
    assert [line["fix"] for line in wrong[1:]] == ["make adopt STACK=local"] * (3 if trouble == "no stack" else 0)
    assert any("Never" in line["what"] for line in lines(ran, "ok", 1))
