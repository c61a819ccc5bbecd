"""One-time passwords, recovery codes and the limit on wrong ones: the rules alone, without store or HTTP.

Sources: TOTP is RFC 6238 with the parameters of Auth0's own URI (documented: SHA1, 6 digits, 30 seconds). The limit is
documented: a bucket of 10 wrong attempts that gains one every 6 minutes. A window of one step to either side is RFC
6238's recommendation; Auth0's own window is not known.
"""

from __future__ import annotations

import hmac
import re
import secrets
from urllib.parse import quote, urlencode

import pyotp
from action_runtime.timestamps import NANOSECONDS

from local_tenant.identifiers import hashed

STEP_SECONDS = 30
WINDOW_STEPS = 1
MOST_ATTEMPTS = 10
ATTEMPT_EVERY = 6 * 60 * NANOSECONDS
RECOVERY_CODE_LENGTH = 24

_CODE = re.compile(r"[0-9]{6}")
# Without letters and digits that are easily confused.
_RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_secret() -> str:
    """A shared secret: 32 base32 characters, 160 random bits."""
    return pyotp.random_base32()


def otpauth_uri(issuer: str, account: str, secret: str) -> str:
    """The content of the QR code for an authenticator app (documented; with every parameter, as at Auth0)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='')}"
    parameters = urlencode(
        {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": 6, "period": STEP_SECONDS}, quote_via=quote
    )
    return f"otpauth://totp/{label}?{parameters}"


def accepted_step(secret: str, code: str, *, seconds: int, last_step: int | None) -> int | None:
    """The time step whose password `code` is; None when it is wrong or was used.

    Args:
        secret: base32.
        code: as typed; anything but six ASCII digits is wrong.
        seconds: the tenant's time, seconds since 1970.
        last_step: the step of the last code that was accepted; neither it nor an earlier one counts again.
    """
    if _CODE.fullmatch(code) is None:
        return None
    now = seconds // STEP_SECONDS
    # A last step beyond the window was accepted before the test controls put the clock back; it would lock the user
    # out until that time came again.
    newest_used = last_step if last_step is not None and last_step <= now + WINDOW_STEPS else -1
    totp = pyotp.TOTP(secret)
    for step in range(now - WINDOW_STEPS, now + WINDOW_STEPS + 1):
        if step > newest_used and hmac.compare_digest(totp.at(step * STEP_SECONDS), code):
            return step
    return None


def unused_code(secret: str, *, seconds: int, last_step: int | None) -> str:
    """The current code, or the next one if that was used."""
    step = max(seconds // STEP_SECONDS, -1 if last_step is None else last_step + 1)
    return pyotp.TOTP(secret).at(step * STEP_SECONDS)


def attempts_left(full_at: int, now: int) -> int:
    """Wrong attempts that are left of `MOST_ATTEMPTS`; the times are nanoseconds since 1970.

    Args:
        full_at: when the bucket is full again; 0 for one that was never drawn from.
        now: the tenant's time.
    """
    missing = min(max(0, full_at - now), MOST_ATTEMPTS * ATTEMPT_EVERY)
    return (MOST_ATTEMPTS * ATTEMPT_EVERY - missing) // ATTEMPT_EVERY


def full_after_failure(full_at: int, now: int) -> int:
    """When the bucket is full again, after one more wrong attempt at `now`."""
    # The bounds undo what moving the clock forth and back would leave behind.
    return min(max(full_at, now), now + (MOST_ATTEMPTS - 1) * ATTEMPT_EVERY) + ATTEMPT_EVERY


def new_recovery_code() -> str:
    """24 letters and digits (documented length), 120 random bits."""
    return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(RECOVERY_CODE_LENGTH))


def recovery_code_hash(code: str) -> bytes:
    """SHA-256 of a recovery code, regardless of case and blanks.

    That is enough: 2^120 codes cannot be tried, however fast the hash.
    """
    return hashed("".join(code.split()).upper())
