"""The pages that enrol a factor and ask for one."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from gate import closed_gate
from local_tenant.testing import AuthenticatorApp, Person, TenantClient, expect
from login_browser import Browser, redeem


def test_the_first_challenged_login_enrols_and_shows_the_recovery_code_once(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolment = browser.log_in(ada)
    assert enrolment.path == "/u/mfa-otp-enrollment"
    secret = enrolment.page.by_id["secret"]
    assert f"secret={secret}" in enrolment.page.by_id["otpauth-uri"]
    assert browser.open(enrolment.address).page.by_id["secret"] == secret

    app = AuthenticatorApp(ada.tenant, secret)
    wrong = browser.send(enrolment, code=app.wrong_code())
    assert wrong.answer.status_code == 400
    assert wrong.page.by_id["secret"] == secret
    assert "wrong" in wrong.page.alert
    code_page = browser.send(wrong, code=app.code())

    recovery_code = code_page.page.by_id["recovery-code"]
    assert len(recovery_code) == 24
    assert browser.open(enrolment.address).page.by_id["recovery-code"] == recovery_code
    callback = browser.send(code_page).callback
    tokens = expect(redeem(ada, callback["code"]), 200)
    assert callback["state"] == "the application's own"
    assert browser.open(code_page.address).answer.status_code == 400
    assert tokens["id_token"]
    expect(ada.recover(ada.mfa_token(), recovery_code), 200)


@pytest.mark.parametrize("path", ["mfa-otp-challenge", "mfa-otp-enrollment", "mfa-recovery-code-challenge"])
def test_each_page_says_what_a_code_looks_like(ada: Person, browser: Browser, path: str) -> None:
    ada.tenant.bind_action()
    if path != "mfa-otp-enrollment":
        ada.enrol()
    page = browser.open(browser.log_in(ada).address.replace("mfa-otp-challenge", path))
    alert = browser.send(page, code="123").page.alert
    assert alert.startswith("Enter the 24 letters" if path == "mfa-recovery-code-challenge" else "Enter the 6 digits")


def test_blanks_in_a_code_do_not_matter(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    code = ada.enrol().app.next_code()
    assert browser.send(browser.log_in(ada), code=f"{code[:3]} {code[3:]}").at_application


def test_a_problem_is_shown_only_where_the_browser_was_sent_back(ada: Person, browser: Browser) -> None:
    login = browser.authorize()
    wrong = browser.send(login, username=ada.email, password="wrong")
    assert (wrong.page.alert, wrong.page.inputs["username"]) == ("Wrong email or password.", ada.email)
    assert browser.open(wrong.address).page.alert == wrong.page.alert
    assert browser.open(login.address).page.alert == ""
    assert browser.open(wrong.address.replace("/u/login", "/u/signup")).page.alert == ""


def test_the_next_login_is_challenged(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    used = enrolled.app.next_code()
    expect(ada.prove(ada.mfa_token(), used), 200)
    challenge = browser.log_in(ada)
    assert challenge.path == "/u/mfa-otp-challenge"
    assert browser.open(challenge.address.replace("challenge", "enrollment")).path == "/u/mfa-otp-challenge"

    wrong = browser.send(challenge, code=enrolled.app.wrong_code())
    assert wrong.answer.status_code == 400
    assert wrong.page.alert == "The code is wrong or was used before."
    again = browser.send(wrong, code=used)
    assert again.page.alert == "The code is wrong or was used before."
    assert redeem(ada, browser.send(again, code=enrolled.app.next_code()).callback["code"]).status_code == 200


def test_a_recovery_code_answers_the_challenge_and_the_new_one_is_shown(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    challenge = browser.log_in(ada)
    recovery = browser.open(challenge.page.links[0])
    assert recovery.path == "/u/mfa-recovery-code-challenge"
    wrong = browser.send(recovery, code="A" * 24)
    assert wrong.page.alert == "The recovery code is wrong."
    code_page = browser.send(wrong, code=enrolled.recovery_code)
    assert browser.send(code_page).at_application
    expect(ada.recover(ada.mfa_token(), code_page.page.by_id["recovery-code"]), 200)


def test_after_ten_wrong_codes_the_page_says_to_wait(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    visit = browser.log_in(ada)
    for _ in range(10):
        visit = browser.send(visit, code=enrolled.app.wrong_code())
    assert "Too many failed codes" in browser.send(visit, code=enrolled.app.next_code()).page.alert


def test_the_page_never_shows_a_secret_that_another_login_began(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    strangers = expect(ada.associate(ada.mfa_token()), 200)["secret"]
    enrolment = browser.log_in(ada)
    assert enrolment.page.by_id["secret"] != strangers
    later = expect(ada.associate(ada.mfa_token()), 200)["secret"]
    visit = browser.open(enrolment.address)
    assert visit.page.by_id["secret"] not in {strangers, later}
    # Nor does this page accept a code of theirs.
    assert browser.send(visit, code=AuthenticatorApp(ada.tenant, strangers).code()).answer.status_code == 400


def test_a_challenge_page_is_answered_once(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    challenge = browser.log_in(ada)
    assert browser.send(challenge, code=enrolled.app.next_code()).at_application
    again = browser.send(challenge, code=enrolled.app.next_code())
    assert again.answer.status_code == 400
    assert not again.at_application


def test_actions_after_a_challenge_run_once_it_is_answered_and_can_deny(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    first = ada.tenant.deploy_action(
        "challenges",
        code="exports.onExecutePostLogin = async (e, api) => { api.authentication.challengeWith({ type: 'otp' }); };",
    )
    second = ada.tenant.deploy_action(
        "denies",
        code="exports.onExecutePostLogin = async (event, api) => {"
        " api.access.deny(event.authentication.methods.map((method) => method.name).join()); };",
    )
    ada.tenant.bind("post-login", [first["id"], second["id"]])
    challenge = browser.log_in(ada)
    callback = browser.send(challenge, code=enrolled.app.next_code()).callback
    assert (callback["error"], callback["error_description"]) == ("access_denied", "pwd,mfa")


def test_a_challenge_whose_later_actions_are_running_takes_no_second_code(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolled = ada.enrol()
    with ThreadPoolExecutor(1) as pool, closed_gate() as gate:
        codes = [
            "exports.onExecutePostLogin = async (e, api) => { api.authentication.challengeWith({ type: 'otp' }); };",
            f"exports.onExecutePostLogin = async () => {{ {gate.stop} }};",
        ]
        actions = [ada.tenant.deploy_action(f"action {number}", code=code) for number, code in enumerate(codes)]
        ada.tenant.bind("post-login", [action["id"] for action in actions])
        challenge = browser.log_in(ada)
        ada.tenant.advance_clock(60)
        first, second = enrolled.app.code(), enrolled.app.code(steps=1)
        already = ada.tenant.log_types().count("gd_auth_succeed")

        under_way = pool.submit(browser.send, challenge, code=first)
        gate.wait_for(1)
        again = browser.send(challenge, code=second)
        assert again.answer.status_code == 400
        assert "start again" in again.page.alert
        gate.open()
        assert under_way.result().at_application
    # The second code was not even checked.
    assert ada.tenant.log_types().count("gd_auth_succeed") == already + 1


def test_the_log_of_a_challenged_login(ada: Person, browser: Browser) -> None:
    ada.tenant.bind_action()
    enrolment = browser.log_in(ada)
    code_page = browser.send(enrolment, code=AuthenticatorApp(ada.tenant, enrolment.page.by_id["secret"]).code())
    assert browser.send(code_page).at_application
    challenge = browser.log_in(ada, prompt="login")
    browser.send(challenge, code=AuthenticatorApp(ada.tenant, enrolment.page.by_id["secret"]).next_code())
    assert [kind for kind in ada.tenant.log_types() if kind != "ss"] == [
        "mfar",
        "gd_start_enroll",
        "gd_auth_succeed",
        "gd_enrollment_complete",
        "s",
        "mfar",
        "gd_start_auth",
        "gd_auth_succeed",
        "s",
    ]


@pytest.mark.usefixtures("mfa_required")
def test_a_head_request_begins_no_enrolment(ada: Person, browser: Browser, tenant: TenantClient) -> None:
    state = urlsplit(browser.log_in(ada).address).query
    begun = tenant.log_types().count("gd_start_enroll")
    with tenant.new_http() as other:
        other.cookies = browser.http.cookies
        for path in ("/u/login", "/u/signup", "/u/mfa-otp-enrollment", "/u/mfa-otp-challenge", "/authorize"):
            assert other.head(f"{path}?{state}").status_code == 405, path
    assert tenant.log_types().count("gd_start_enroll") == begun
