from concurrent.futures import ThreadPoolExecutor

import pytest
from local_tenant.testing import Enrolled, Person, expect, expect_error
from stored import stored_bytes

pytestmark = pytest.mark.usefixtures("mfa_required")


def test_a_recovery_code_passes_the_challenge_once_and_is_replaced(ada: Person, enrolled: Enrolled) -> None:
    assert len(enrolled.recovery_code) == 24
    answer = expect(ada.recover(ada.mfa_token(scope="openid"), enrolled.recovery_code), 200)
    assert answer["scope"] == "openid"
    assert answer["id_token"]
    fresh = answer["recovery_code"]
    assert len(fresh) == 24
    assert fresh != enrolled.recovery_code

    token = ada.mfa_token()
    expect_error(ada.recover(token, enrolled.recovery_code), 403, "invalid_grant", "Invalid recovery_code.")
    expect(ada.recover(token, fresh), 200)


def test_case_and_blanks_of_a_recovery_code_do_not_matter(ada: Person, enrolled: Enrolled) -> None:
    code = enrolled.recovery_code.lower()
    expect(ada.recover(ada.mfa_token(), f"{code[:12]} {code[12:]}"), 200)


def test_the_authenticator_app_still_works_after_a_recovery(ada: Person, enrolled: Enrolled) -> None:
    expect(ada.recover(ada.mfa_token(), enrolled.recovery_code), 200)
    expect(ada.prove(ada.mfa_token(), enrolled.app.next_code()), 200)


@pytest.mark.usefixtures("enrolled")
def test_another_users_recovery_code_is_wrong(ada: Person) -> None:
    hers = ada.tenant.sign_up("eve@example.com").enrol().recovery_code
    expect_error(ada.recover(ada.mfa_token(), hers), 403, "invalid_grant", "Invalid recovery_code.")


def test_wrong_recovery_codes_have_a_separate_limit(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    for _ in range(10):
        expect_error(ada.recover(token, "A" * 24), 403, "invalid_grant", "Invalid recovery_code.")
    expect_error(ada.recover(token, enrolled.recovery_code), 429, "too_many_attempts")
    expect(ada.prove(token, enrolled.app.next_code()), 200)
    ada.tenant.advance_clock(360)
    expect(ada.recover(ada.mfa_token(), enrolled.recovery_code), 200)


def test_of_concurrent_proofs_with_the_same_recovery_code_one_succeeds(ada: Person, enrolled: Enrolled) -> None:
    tokens = [ada.mfa_token() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda token: ada.recover(token, enrolled.recovery_code), tokens))
    assert sorted(answer.status_code for answer in answers) == [200] + [403] * 5


def test_a_refused_login_still_returns_the_new_recovery_code(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": True}), 200)
    answer = ada.recover(token, enrolled.recovery_code)
    expect_error(answer, 401, "unauthorized", "user is blocked")
    fresh = answer.json()["recovery_code"]

    expect(ada.tenant.api.patch(f"/api/v2/users/{ada.user_id}", json={"blocked": False}), 200)
    expect(ada.recover(ada.mfa_token(), fresh), 200)


def test_the_code_itself_is_nowhere_in_the_tenants_folder(ada: Person, enrolled: Enrolled) -> None:
    fresh = expect(ada.recover(ada.mfa_token(), enrolled.recovery_code), 200)["recovery_code"]
    content = stored_bytes(ada.tenant)
    assert fresh.encode() not in content
    assert enrolled.recovery_code.encode() not in content


def test_the_log_has_recoveries(ada: Person, enrolled: Enrolled) -> None:
    token = ada.mfa_token()
    ada.recover(token, "A" * 24)
    ada.recover(token, enrolled.recovery_code)
    types = [kind for kind in ada.tenant.log_types() if kind.startswith(("gd_recovery", "sercft", "fercft"))]
    assert types == ["gd_recovery_failed", "fercft", "gd_recovery_succeed", "sercft"]
