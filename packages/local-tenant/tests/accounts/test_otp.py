"""The rules of one-time passwords alone, against pyotp as an independent generator and a model of the bucket."""

from fractions import Fraction

import pyotp
from hypothesis import example, given
from hypothesis import strategies as st
from local_tenant.accounts import otp

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECONDS = st.integers(min_value=0, max_value=4_000_000_000)
MINUTE = 60 * 1_000_000_000


def accepted(code: str, seconds: int, last_step: int | None = None) -> int | None:
    return otp.accepted_step(SECRET, code, seconds=seconds, last_step=last_step)


@given(SECONDS, st.integers(min_value=-1, max_value=1))
def test_a_code_of_the_step_before_of_this_one_and_of_the_next_is_accepted(seconds: int, steps: int) -> None:
    typed_at = max(0, seconds + 30 * steps)
    step = accepted(pyotp.TOTP(SECRET).at(typed_at), seconds)
    # Two steps may happen to have the same code.
    assert step is not None
    assert pyotp.TOTP(SECRET).at(step * 30) == pyotp.TOTP(SECRET).at(typed_at)


@given(SECONDS, st.integers(min_value=2, max_value=100_000), st.booleans())
def test_a_code_of_any_other_step_is_refused(seconds: int, steps: int, later: bool) -> None:  # noqa: FBT001 - drawn
    typed_at = seconds + (30 * steps if later else -30 * steps)
    if typed_at < 0:
        return
    code = pyotp.TOTP(SECRET).at(typed_at)
    near = {pyotp.TOTP(SECRET).at(max(0, seconds + 30 * offset)) for offset in (-1, 0, 1)}
    assert (accepted(code, seconds) is None) == (code not in near)


@given(SECONDS)
def test_an_accepted_code_and_every_earlier_one_are_used_up(seconds: int) -> None:
    totp = pyotp.TOTP(SECRET)
    first = accepted(totp.at(seconds), seconds)
    assert first is not None
    for earlier in (seconds, seconds - 30):
        if earlier >= 0:
            again = accepted(totp.at(earlier), seconds, first)
            assert again is None or again > first


def test_the_next_code_is_accepted_after_one_was_used() -> None:
    assert accepted(pyotp.TOTP(SECRET).at(1_030), 1_030, last_step=1_000 // 30) == 1_030 // 30


def test_a_code_used_before_the_clock_was_set_back_does_not_lock_the_user_out() -> None:
    assert accepted(pyotp.TOTP(SECRET).at(1_000), 1_000, last_step=5_000 // 30) == 1_000 // 30


@given(st.text())
@example("".join(chr(0xFF10 + digit) for digit in range(1, 7)))
@example(" 123456")
@example("123456\n")
@example("12345")
@example("1234567")
@example("")
def test_anything_but_six_digits_is_a_wrong_code(typed: str) -> None:
    if not (len(typed) == 6 and typed.isascii() and typed.isdigit()):
        assert accepted(typed, 1_000) is None


def test_the_otpauth_uri_names_every_parameter() -> None:
    uri = otp.otpauth_uri("local-tenant", "a b+c@example.com", SECRET)
    assert uri == (
        "otpauth://totp/local-tenant:a%20b%2Bc%40example.com"
        f"?secret={SECRET}&issuer=local-tenant&algorithm=SHA1&digits=6&period=30"
    )
    read = pyotp.parse_uri(uri)
    assert (read.name, read.issuer, read.secret) == ("a b+c@example.com", "local-tenant", SECRET)


def test_secrets_and_recovery_codes_have_their_length_and_never_repeat() -> None:
    secrets = {otp.new_secret() for _ in range(100)}
    codes = {otp.new_recovery_code() for _ in range(100)}
    assert len(secrets) == len(codes) == 100
    assert {len(secret) for secret in secrets} == {32}
    assert {len(code) for code in codes} == {24}
    assert all(code.isalnum() and code.isupper() for code in codes)


def test_case_and_blanks_of_a_recovery_code_do_not_matter() -> None:
    code = otp.new_recovery_code()
    assert otp.recovery_code_hash(f" {code[:8].lower()} {code[8:]}\n") == otp.recovery_code_hash(code)
    assert code.encode() not in otp.recovery_code_hash(code)


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=200 * MINUTE), st.booleans()), max_size=60))
def test_the_bucket_holds_ten_and_gains_one_every_six_minutes(steps: list[tuple[int, bool]]) -> None:
    now, full_at, level = 1_700_000_000_000_000_000, 0, Fraction(10)
    for pause, fails in steps:
        now += pause
        level = min(Fraction(10), level + Fraction(pause, 6 * MINUTE))
        assert otp.attempts_left(full_at, now) == int(level)
        if fails and level >= 1:
            level -= 1
            full_at = otp.full_after_failure(full_at, now)


@given(st.integers(min_value=0, max_value=10**19), st.integers(min_value=0, max_value=10**19))
def test_the_bucket_is_never_below_empty_or_above_full_whatever_the_clock_does(full_at: int, now: int) -> None:
    assert 0 <= otp.attempts_left(full_at, now) <= 10
    after = otp.full_after_failure(full_at, now)
    assert otp.attempts_left(after, now) == max(0, otp.attempts_left(full_at, now) - 1)
    assert otp.attempts_left(after, now + 60 * MINUTE) == 10
