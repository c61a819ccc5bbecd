"""What sessions and refresh tokens have in common: an end that Actions may bring forward, and a device."""

from __future__ import annotations

from typing import overload

from local_tenant.accounts.request_facts import RequestFacts

Device = dict[str, str | None]

_MILLISECOND = 1_000_000


@overload
def earliest(end: int, milliseconds: int | None) -> int: ...


@overload
def earliest(end: int | None, milliseconds: int | None) -> int | None: ...


def earliest(end: int | None, milliseconds: int | None) -> int | None:
    """The end (nanoseconds since 1970) after an Action set one: no end can be put off."""
    if milliseconds is None:
        return end
    earlier = milliseconds * _MILLISECOND
    return earlier if end is None else min(end, earlier)


def device_of(facts: RequestFacts) -> Device:
    """`device` of what begins with this request: `{initial_ip, initial_user_agent, last_ip, last_user_agent}`."""
    return used_by({"initial_ip": facts.ip, "initial_user_agent": facts.user_agent}, facts)


def used_by(device: Device, facts: RequestFacts) -> Device:
    """The same after this request."""
    return {**device, "last_ip": facts.ip, "last_user_agent": facts.user_agent}


def shown_device(device: Device) -> dict[str, str]:
    """The device as events and the Management API show it: unknown members are left out."""
    return {name: value for name, value in device.items() if value is not None}
