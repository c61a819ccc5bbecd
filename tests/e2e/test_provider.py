"""The provider that the program names: the state says which tenant it belongs to, and nothing is replaced for it."""

from tests.deployment import TRIGGERS, Deployment
from tests.project import failed

PROVIDER = "pulumi:providers:auth0"
PROVIDERS = "providers=[tenant_provider(settings)], "
NO_DEFAULT = "  pulumi:disable-default-providers:\n    - auth0\n"


def providers(deployment: Deployment) -> dict[str, dict[str, object]]:
    """Inputs of the stack's providers, by their logical names."""
    return {
        str(resource["urn"]).rpartition("::")[2]: resource["inputs"]
        for resource in deployment.project.state()["resources"]
        if resource["type"] == PROVIDER
    }


def test_the_state_has_the_tenants_domain_and_none_of_the_environments_credentials(deployed: Deployment) -> None:
    [(name, inputs)] = providers(deployed).items()

    assert name == "tenant"
    assert inputs["domain"] == deployed.process.ready["domain"]
    exported = deployed.project.pulumi("stack", "export").stdout
    for credential in deployed.process.ready["management"].values():
        assert str(credential) not in exported


def test_a_stack_of_the_default_provider_moves_to_it_in_place(fresh: Deployment) -> None:
    """A stack that was deployed before the program named its provider."""
    program, settings = (fresh.project.folder / name for name in ("__main__.py", "Pulumi.local.yaml"))
    contents = program.read_text(), settings.read_text()
    fresh.project.edit("__main__.py", PROVIDERS, "")
    fresh.project.edit("Pulumi.local.yaml", NO_DEFAULT, "")
    fresh.project.up()
    assert list(providers(fresh)) == ["default_3_50_1"]
    ids = {action["name"]: action["id"] for action in fresh.actions()}
    bindings, drafts, numbers = fresh.binding_ids(), fresh.drafts(), fresh.numbers()

    program.write_text(contents[0])
    settings.write_text(contents[1])
    # They would happen to a delete and to a creation; none has happened if both are still there.
    fresh.tenant.inject("server_error", method="DELETE", times=9)
    fresh.tenant.inject("server_error", method="POST", path="/api/v2/actions/actions", times=9)
    faults = fresh.tenant.faults()
    assert "+ 1 to create\n    7 unchanged" in fresh.project.preview().stdout
    fresh.project.up()

    assert list(providers(fresh)) == ["tenant"]
    assert fresh.tenant.faults() == faults
    assert (fresh.binding_ids(), fresh.drafts(), fresh.numbers()) == (bindings, drafts, numbers)
    fresh.assert_converged()

    # Together with an edit, too, and the ids stay.
    fresh.project.edit("actions/mfa_action.js", "exports.", "// An edit.\nexports.")
    fresh.project.up()
    assert {action["name"]: action["id"] for action in fresh.actions()} == ids
    assert fresh.numbers() == {**dict.fromkeys(TRIGGERS, 1), "mfa_action": 2}


def test_a_resource_without_the_provider_is_refused(fresh: Deployment) -> None:
    fresh.project.edit("__main__.py", PROVIDERS, "")

    assert "Default provider for 'auth0' disabled" in failed(fresh.project.pulumi("preview"))


def test_another_domain_is_a_change_that_the_preview_shows(deployed: Deployment) -> None:
    own = deployed.process.ready["domain"]
    deployed.project.environment["AUTH0_DOMAIN"] = "localhost:1"

    preview = deployed.project.preview("--diff").stdout

    assert f'domain: "{own}" => "localhost:1"' in " ".join(preview.split())
    assert "~ 1 to update" in preview


def test_credentials_in_the_config_reach_the_provider_and_are_encrypted_in_the_state(fresh: Deployment) -> None:
    project = fresh.project
    management = fresh.process.ready["management"]
    project.run("config", "set", "auth0:clientId", management["client_id"])
    project.run("config", "set", "--secret", "auth0:clientSecret", management["client_secret"])
    for name in ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"):
        del project.environment[name]

    project.up()

    fresh.assert_converged()
    assert management["client_secret"] not in project.pulumi("stack", "export").stdout
