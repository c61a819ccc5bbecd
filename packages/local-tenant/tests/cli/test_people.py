import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from local_tenant.cli import commands
from local_tenant.errors import LocalTenantError
from local_tenant.testing import TenantClient

REQUIRES_MFA = 'exports.onExecutePostLogin = async (event, api) => { api.multifactor.enable("any"); };\n'
SHOWS_REQUEST = """exports.onExecutePostLogin = async (event, api) => {
  api.user.setUserMetadata("seen", `${event.request.body.colour} from ${event.request.ip}`);
};
"""
MARKS_NEW_USERS = """exports.onExecutePreUserRegistration = async (event, api) => {
  api.user.setAppMetadata("marked", true);
};
"""
PRINTS_CONTROL_CHARACTERS = 'exports.onExecutePostLogin = async () => { console.log("\\u001b[2Jred [bold]alert"); };\n'

Run = Callable[..., Result]


@pytest.fixture
def local_tenant(tenant: TenantClient) -> Run:
    """Runs a command line against the session's tenant."""
    (tenant.data / "devices.json").unlink(missing_ok=True)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands, [*arguments, "--data", str(tenant.data)], catch_exceptions=True)

    return run


def bind(tenant: TenantClient, code: str, trigger: str = "post-login") -> None:
    action = tenant.deploy_action("the_action", code=code, trigger=trigger)
    tenant.bind(trigger, [action["id"]])


def json_of(result: Result) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_a_sign_up_shows_the_action_that_ran_and_what_it_wrote(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, MARKS_NEW_USERS, "pre-user-registration")
    result = local_tenant("signup", "ada@example.com")
    assert result.exit_code == 0, result.output
    assert 'user.setAppMetadata("marked", true)' in result.stdout
    assert "User created" in result.stdout


def test_a_login_shows_the_action_that_ran_and_its_tokens(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, SHOWS_REQUEST)
    local_tenant("signup", "ada@example.com")
    result = local_tenant("login", "ada@example.com", "--set", "colour=blue", "--ip", "203.0.113.9")
    assert result.exit_code == 0, result.output
    assert "the_action" in result.stdout
    assert 'user.setUserMetadata("seen", "blue from 203.0.113.9")' in result.stdout
    assert "Tokens issued" in result.stdout


def test_a_challenged_login_says_how_to_answer_and_is_no_failure(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, REQUIRES_MFA)
    local_tenant("signup", "ada@example.com")
    result = local_tenant("login", "ada@example.com")
    assert result.exit_code == 0, result.output
    assert "MFA required" in result.stdout
    assert "local-tenant login ada@example.com --mfa" in result.stdout


def test_the_device_enrols_once_and_answers_every_challenge_after_that(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, REQUIRES_MFA)
    local_tenant("signup", "ada@example.com")
    for _ in range(2):  # twice within one code's 30 seconds
        result = local_tenant("login", "ada@example.com", "--mfa", "--json")
        assert result.exit_code == 0, result.output
        assert "access_token" in json_of(result)["answer"]
    assert [user["multifactor"] for user in json.loads(local_tenant("users", "--json").stdout)] == [["guardian"]]


def test_a_wrong_code_shows_the_error_of_the_tenant(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, REQUIRES_MFA)
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com", "--mfa")
    result = local_tenant("login", "ada@example.com", "--otp", "000000")
    assert result.exit_code == 1
    assert "Invalid otp_code." in result.stdout


def test_a_wrong_password_ends_with_exit_code_1(local_tenant: Run) -> None:
    local_tenant("signup", "ada@example.com")
    result = local_tenant("login", "ada@example.com", "--password", "wrong")
    assert result.exit_code == 1
    assert "Wrong email or password." in result.stdout


def test_a_refresh_uses_the_token_of_the_last_login(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, SHOWS_REQUEST)
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com")
    result = local_tenant("refresh", "ada@example.com")
    assert result.exit_code == 0, result.output
    assert "oauth2-refresh-token" in result.stdout
    assert "Tokens issued" in result.stdout


def test_a_refresh_before_any_login_says_to_log_in_first(local_tenant: Run) -> None:
    result = local_tenant("refresh", "ada@example.com")
    assert isinstance(result.exception, LocalTenantError)
    assert "log in first" in str(result.exception)


def test_a_parameter_without_a_value_is_refused(local_tenant: Run) -> None:
    result = local_tenant("login", "ada@example.com", "--set", "challengeRequired")
    assert result.exit_code == 2
    assert "is not NAME=VALUE" in result.stderr


def test_output_of_an_action_cannot_control_the_terminal(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, PRINTS_CONTROL_CHARACTERS)
    local_tenant("signup", "ada@example.com")
    result = local_tenant("login", "ada@example.com")
    assert "\x1b" not in result.stdout
    assert "\\x1b[2Jred [bold]alert" in result.stdout


def test_a_sign_up_and_a_login_without_a_bound_action_say_how_they_ended(local_tenant: Run) -> None:
    assert local_tenant("signup", "ada@example.com").stdout == "→ User created\n"
    assert local_tenant("login", "ada@example.com").stdout == "→ Tokens issued\n"


def test_a_refused_login_shows_no_earlier_run(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, SHOWS_REQUEST)
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com")
    result = local_tenant("login", "ada@example.com", "--password", "wrong")
    assert result.stdout == "The tenant answered 403, invalid_grant: Wrong email or password.\n"


@pytest.mark.parametrize("command", ["users", "trace", "logs", "trace EXECUTION"])
def test_lists_fit_80_columns_and_keep_emails_whole(
    tenant: TenantClient, local_tenant: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("local_tenant.cli.show.WIDTH_OF_A_FILE", 80)
    bind(tenant, REQUIRES_MFA)
    local_tenant("signup", "ada.lovelace@example.com")
    local_tenant("login", "ada.lovelace@example.com", "--mfa", "--ip", "2001:db8:85a3::8a2e:370:7334")
    command = command.replace("EXECUTION", tenant.traces(limit=1)[0]["execution_id"])
    lines = local_tenant(*command.split()).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("ada.lovelace@example.com" in line for line in lines)


def test_the_list_of_executions_shows_how_each_ended(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, REQUIRES_MFA)
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com", "--mfa")
    assert "Tokens issued after MFA" in local_tenant("trace").stdout
    local_tenant("login", "ada@example.com")
    assert "MFA required" in local_tenant("trace").stdout
    tenant.advance_clock(600)
    assert "MFA expired" in local_tenant("trace").stdout


def test_a_trace_is_opened_by_its_id_or_the_start_of_it(tenant: TenantClient, local_tenant: Run) -> None:
    bind(tenant, SHOWS_REQUEST)
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com")
    (newest,) = json.loads(local_tenant("trace", "--json").stdout)
    start = newest["execution_id"][:8]
    assert start in local_tenant("trace").stdout
    for execution_id in (newest["execution_id"], start):
        opened = json_of(local_tenant("trace", execution_id, "--json"))
        assert [action["name"] for action in opened["trace"]["actions"]] == ["the_action"]


def test_a_trace_says_which_calls_have_no_effect_and_that_the_worker_is_replaced(
    tenant: TenantClient, local_tenant: Run
) -> None:
    bind(
        tenant,
        """exports.onExecutePostLogin = async (event, api) => {
            globalThis.kept = Buffer.alloc(400e6, 1);
            api.user.setUserMetadata("color", undefined);
        };""",
    )
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com")
    (newest,) = json.loads(local_tenant("trace", "--json").stdout)
    trace = local_tenant("trace", newest["execution_id"]).stdout
    assert 'user.setUserMetadata("color", null) no effect: undefined is not JSON' in trace
    assert re.search(r"worker: Actions left \d+ MB in memory; the worker is replaced", trace)


def test_an_unknown_trace_is_an_error_that_names_the_command_for_the_list(local_tenant: Run) -> None:
    result = local_tenant("trace", "no-such-run")
    assert isinstance(result.exception, LocalTenantError)
    assert "`local-tenant trace` lists" in str(result.exception)


def test_the_log_is_listed_with_auth0s_type_codes(local_tenant: Run) -> None:
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com", "--password", "wrong")
    result = local_tenant("logs")
    assert result.exit_code == 0
    for code in ("ss", "fp"):
        assert f" {code} " in result.stdout


def test_the_file_of_the_device_is_readable_by_its_owner_alone(tenant: TenantClient, local_tenant: Run) -> None:
    local_tenant("signup", "ada@example.com")
    local_tenant("login", "ada@example.com")
    assert (tenant.data / "devices.json").stat().st_mode & 0o777 == 0o600


def test_mails_are_listed_with_their_links(tenant: TenantClient, local_tenant: Run) -> None:
    local_tenant("signup", "ada@example.com")
    assert local_tenant("mails").stdout == ""
    client_id = tenant.ready["application"]["client_id"]
    body = {"client_id": client_id, "connection": "Username-Password-Authentication", "email": "ada@example.com"}
    tenant.http.post("/dbconnections/change_password", json=body)
    (mail,) = tenant.mails()
    assert local_tenant("mails").stdout.splitlines() == [
        f"{mail['created_at'][11:19]}  ada@example.com  Reset your password",
        mail["link"],
    ]
    assert json.loads(local_tenant("mails", "--json").stdout) == [mail]
