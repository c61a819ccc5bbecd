"""What the page shows of Actions, users and transactions."""

import html
import re
from collections.abc import Iterator
from datetime import datetime

import httpx
from local_tenant.page.addresses import login_state
from local_tenant.testing import REQUIRES_MFA, TenantClient, expect, wait_until
from local_tenant.testing.process import StartTenant
from login_browser import Browser
from page.visitor import Visitor

NASTY = "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def text_of(answer: httpx.Response) -> str:
    """The visible text of a page."""
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def test_a_flow_shows_its_actions_in_order_with_what_is_deployed(visitor: Visitor, tenant: TenantClient) -> None:
    first = tenant.deploy_action("checks-first", runtime="node22")
    second = tenant.deploy_action("comes-second", runtime="node22")
    tenant.deploy_action("stands-alone")
    tenant.bind("post-login", [second["id"], first["id"]])
    tenant.change_action(first["id"], code="exports.onExecutePostLogin = async () => { /* new */ };\n")
    text = text_of(visitor.http.get("/"))
    assert text.index("comes-second v1 node22") < text.index("checks-first v1 node22")
    assert "undeployed changes" in text[text.index("checks-first") : text.index("Actions in no flow")]
    assert "undeployed changes" not in text[text.index("comes-second") : text.index("checks-first")]
    assert "stands-alone" in text[text.index("Actions in no flow") :]


def test_an_action_shows_its_code_and_names_of_secrets_but_never_their_values(
    visitor: Visitor, tenant: TenantClient
) -> None:
    secrets = {"API_KEY": "value-that-nobody-sees"}
    action = tenant.deploy_action(
        "guards", code=f"// {NASTY}\nexports.onExecutePostLogin = async () => {{}};\n", secrets=secrets
    )
    tenant.change_action(action["id"], secrets=[{"name": "API_KEY", "value": "another-hidden-value"}])
    for query in ("", "?show=1", "?show=draft&against=1"):
        page = visitor.http.get(f"/_page/actions/{action['id']}{query}")
        assert "API_KEY" in text_of(page)
        assert re.search(r"node22, which runs here in Node 22\.\d+\.\d+", text_of(page))
        assert "value-that-nobody-sees" not in page.text
        assert "another-hidden-value" not in page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "its value has changed" in text_of(visitor.http.get(f"/_page/actions/{action['id']}?show=draft&against=1"))


def test_two_versions_are_compared_line_by_line(visitor: Visitor, tenant: TenantClient) -> None:
    action = tenant.deploy_action(
        "guards", code="const a = 1;\nconst b = 2;\nexports.onExecutePostLogin = async () => {};\n"
    )
    tenant.change_action(
        action["id"], code="const a = 1;\nconst c = 3;\nexports.onExecutePostLogin = async () => {};\n"
    )
    tenant.deploy(action["id"])
    text = text_of(visitor.http.get(f"/_page/actions/{action['id']}?show=2&against=1"))
    assert "2 \N{MINUS SIGN} removed const b = 2 ;" in text
    assert "2 + added const c = 3 ;" in text
    assert "added const a" not in text


def test_an_unknown_version_action_user_or_transaction_is_not_found(visitor: Visitor, tenant: TenantClient) -> None:
    action = tenant.deploy_action("guards")
    unknown = (
        f"actions/{action['id']}?show=9",
        f"actions/{action['id']}?against=9",
        "actions/x",
        "users/x",
        "transactions/x",
    )
    for path in unknown:
        assert visitor.http.get(f"/_page/{path}").status_code == 404, path


def test_text_of_actions_users_and_headers_is_escaped(visitor: Visitor, tenant: TenantClient) -> None:
    code = (
        "exports.onExecutePostLogin = async (event, api) => {\n"
        "  console.log(event.request.user_agent); console.error(event.request.body.note);\n"
        "  api.user.setUserMetadata('note', event.request.body.note);\n"
        "  throw new Error(event.request.body.note);\n};\n"
    )
    tenant.bind_action(code=code, name="repeats")
    person = tenant.sign_up()
    expect(
        tenant.api.patch(f"/api/v2/users/{person.user_id}", json={"app_metadata": {NASTY: NASTY}, "name": NASTY}), 200
    )
    tenant.http.headers["User-Agent"] = NASTY
    try:
        person.log_in(note=NASTY)
    finally:
        tenant.http.headers["User-Agent"] = "tests"
    run = tenant.traces()[0]
    for path in (
        f"/_page/transactions/{run['execution_id']}",
        f"/_page/users/{person.user_id}",
        "/",
        "/_page/transactions",
    ):
        page = visitor.http.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert NASTY in html.unescape(visitor.http.get(f"/_page/transactions/{run['execution_id']}").text)


def test_a_transaction_shows_calls_writes_console_and_stale_reads(visitor: Visitor, tenant: TenantClient) -> None:
    writes = tenant.deploy_action(
        "writes", code="exports.onExecutePostLogin = async (event, api) => { api.user.setUserMetadata('seen', 7); };\n"
    )
    reads = tenant.deploy_action(
        "reads",
        code="exports.onExecutePostLogin = async (event) => { console.log('seen', event.user.user_metadata.seen); };\n",
    )
    tenant.bind("post-login", [writes["id"], reads["id"]])
    text = text_of(visitor.log_in_now(visitor.sign_up()))
    assert "Tokens issued" in text
    assert 'api.user.setUserMetadata("seen", 7)' in text
    assert "user_metadata.seen nothing → becomes 7" in text
    assert (
        "Stale read. It read user_metadata.seen , which writes wrote earlier in this transaction: it saw nothing"
        in text
    )
    assert "log seen undefined" in text


def test_a_transaction_says_that_its_worker_is_replaced(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action(code="exports.onExecutePostLogin = async () => { globalThis.kept = Buffer.alloc(400e6, 1); };\n")
    text = text_of(visitor.log_in_now(visitor.sign_up()))
    assert "Tokens issued" in text
    assert re.search(r"Worker\. Actions left \d+ MB in memory; the worker is replaced", text)


def test_an_action_that_throws_is_shown_as_failed(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action(code="exports.onExecutePostLogin = async () => { throw new Error('no such customer'); };\n")
    text = text_of(visitor.log_in_now(visitor.sign_up()))
    assert "Access denied" in text
    assert "Failed. no such customer" in text


def test_new_transactions_arrive_as_events(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action()
    person = tenant.sign_up()
    with visitor.http.stream("GET", "/_page/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        person.log_in()
        event = _next_event(lines)
        assert event["event"] == "transaction"
        assert "MFA required" in event["data"]
        assert person.email in event["data"].replace("<wbr>", "")


def test_after_a_reconnect_the_events_go_on_where_they_ended(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action()
    person = tenant.sign_up()
    person.log_in()
    with visitor.http.stream("GET", "/_page/events?after=0") as stream:
        first = _next_event(stream.iter_lines())
    person.log_in()
    with visitor.http.stream("GET", "/_page/events", headers={"Last-Event-ID": first["id"]}) as stream:
        second = _next_event(stream.iter_lines())
    assert int(second["id"]) > int(first["id"])
    assert second["data"] != first["data"]


def test_a_reset_is_sent_as_an_event(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action()
    tenant.sign_up().log_in()
    with visitor.http.stream("GET", "/_page/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        tenant.reset()
        assert _next_event(lines)["event"] == "reset"


def test_a_login_can_have_an_ip_and_custom_parameters(visitor: Visitor, tenant: TenantClient) -> None:
    code = (
        "exports.onExecutePostLogin = async (e) => { console.log(e.request.ip, e.request.body.challengeRequired); };\n"
    )
    tenant.bind_action(code=code)
    text = text_of(visitor.log_in_now(visitor.sign_up(), ip="203.0.113.9", parameters="challengeRequired=true\r\n"))
    assert "log 203.0.113.9 true" in text


def test_a_login_with_an_invalid_ip_or_parameter_shows_the_error(visitor: Visitor) -> None:
    person = visitor.sign_up()
    for form, reason in (({"ip": "nowhere"}, "nowhere is not an IP address"), ({"parameters": "x"}, "NAME=VALUE")):
        answer = visitor.log_in_now(person, **form)
        assert answer.status_code == 400
        assert reason in html.unescape(answer.text)


def test_a_challenged_login_gives_no_tokens_and_leaves_the_trace(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action(code=REQUIRES_MFA)
    text = text_of(visitor.log_in_now(visitor.sign_up()))
    assert "MFA required" in text
    assert 'api.multifactor.enable("any")' in text


def test_a_login_without_any_action_says_how_it_ended(visitor: Visitor) -> None:
    assert "Logged in: tokens were issued." in text_of(visitor.log_in_now(visitor.sign_up()))


def test_the_clock_advances_and_returns_to_real_time(visitor: Visitor, tenant: TenantClient) -> None:
    assert visitor.press("/_page/clock", seconds="2592000").status_code == 303
    assert "30 d ahead of real time" in text_of(visitor.http.get("/"))
    assert visitor.press("/_page/clock", seconds="real").status_code == 303
    assert "ahead of real time" not in text_of(visitor.http.get("/"))
    assert visitor.press("/_page/clock", seconds="soon").status_code == 400
    assert visitor.press("/_page/clock", seconds="9" * 30).status_code == 400
    assert datetime.fromisoformat(expect(tenant.api.get("/_local/clock"), 200)["now"][:19]).year < 2199


def test_deleting_the_users_keeps_actions_and_flows(visitor: Visitor, tenant: TenantClient) -> None:
    action = tenant.bind_action()
    visitor.sign_up()
    assert visitor.press("/_page/reset", what="people").status_code == 303
    assert tenant.api.get("/api/v2/users").json() == []
    assert [binding["action"]["id"] for binding in tenant.flow("post-login")] == [action["id"]]


def test_deleting_everything_deletes_actions_too(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action()
    assert visitor.press("/_page/reset", what="everything").status_code == 303
    assert tenant.flow("post-login") == []
    assert visitor.press("/_page/reset", what="nothing").status_code == 400


def test_faults_do_not_hit_the_page(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.inject("server_error")
    assert visitor.http.get("/_page/users").status_code == 200
    wait_until(lambda: {"status": tenant.http.get("/userinfo").status_code}, lambda answer: answer["status"] == 500)


def _next_event(lines: Iterator[str]) -> dict[str, str]:
    """The next event of a stream; its data are the lines together."""
    event: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name in ("event", "id"):
            event[name] = value
        elif name in ("data", "data:"):
            event["data"] = event.get("data", "") + value
        elif not line and "event" in event:
            return event
    raise AssertionError("the stream ended without an event")


def test_a_tenant_stops_without_waiting_for_open_event_streams(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    client = TenantClient(process.ready)
    visitor = Visitor(client)
    visitor.enter()
    with visitor.http.stream("GET", "/_page/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        # Waiting for the stream would end in uvicorn's own limit, and in an exit with an error in the log.
        assert process.end() == 0
        assert list(lines) == [""]
    visitor.http.close()
    client.close()
    assert "error" not in process.log.read_text().lower()


def test_a_login_without_an_id_token_says_why_there_is_none(visitor: Visitor, tenant: TenantClient) -> None:
    tenant.bind_action('exports.onExecutePostLogin = async (event, api) => { api.accessToken.removeScope("openid"); };')
    ada = tenant.sign_up()
    callback = f"{tenant.url}/_page/callback"
    parameters = {"redirect_uri": callback, "state": login_state(tenant.ready["management"]["client_secret"])}
    with Browser(tenant) as browser:
        browser.http.cookies = visitor.http.cookies
        page = browser.log_in(ada, code_challenge=None, code_challenge_method=None, **parameters)
    assert page.path == "/_page/callback"
    assert page.answer.status_code == 400
    assert "an Action removed the scope openid" in page.answer.text
