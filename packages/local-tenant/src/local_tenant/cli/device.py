"""What the person at the keyboard would have on their device: refresh tokens and the secrets of their authenticators.

Kept in the data folder, so that `login --mfa` and `refresh` can be typed one after the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from local_tenant.data_folder import replace_file


@dataclass(slots=True)
class Device:
    """The device of one account.

    Attributes:
        path: file that holds all accounts' devices.
        email: the account, in lower case.
        refresh_token: of the last login that gave one.
        otp_secret: of the authenticator that was enrolled from here.
    """

    path: Path
    email: str
    refresh_token: str | None = None
    otp_secret: str | None = None

    def save(self) -> None:
        """Write it to the file."""
        devices = _read(self.path)
        devices[self.email] = {"refresh_token": self.refresh_token, "otp_secret": self.otp_secret}
        replace_file(self.path, json.dumps(devices).encode())


def device_of(data: Path, email: str) -> Device:
    """The device of this account, empty at first."""
    path = data / "devices.json"
    stored = _read(path).get(email.lower(), {})
    return Device(path, email.lower(), stored.get("refresh_token"), stored.get("otp_secret"))


def _read(path: Path) -> dict[str, dict[str, str | None]]:
    try:
        devices: dict[str, dict[str, str | None]] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return devices
