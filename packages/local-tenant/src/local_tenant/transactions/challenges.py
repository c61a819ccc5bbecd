"""Whether a login has to wait for a factor, and whether its user has a factor to prove."""

from __future__ import annotations

from collections.abc import Collection

from action_runtime import ChallengeStep, MultifactorRequirement, Pause, RedirectStep

from local_tenant.accounts.factors import ENROLLABLE
from local_tenant.tenant import Tenant
from local_tenant.transactions.login import Login

# Providers of api.multifactor.enable that a one-time password satisfies: guardian are all of Auth0's own
# factors, and google-authenticator is a one-time password.
PROVIDERS = frozenset({"any", "guardian", "google-authenticator"})


def not_built(requirement: MultifactorRequirement) -> str | None:
    """The part of api.multifactor.enable that this tenant does not have; None if it has all of it."""
    return None if requirement.provider in PROVIDERS else f"the MFA provider '{requirement.provider}'"


def obstacle(pause: Pause, *, enrolled: Collection[str]) -> str | None:
    """Why the user cannot do what the flow was paused for; None when they can.

    A challenge that no enrolled factor fulfils and an enrolment of what is enrolled already fail the login
    (documented): otherwise a password alone would be enough to enrol, and so to pass the challenge.
    """
    enrollable = {factor.type for factor in ENROLLABLE}
    for step in pause.steps:
        if isinstance(step, RedirectStep):
            continue
        types = [factor.type for factor in step.factors]
        usable = [each for each in types if each in enrollable]
        if not usable:
            return (
                f"An Action asks for the factor {', '.join(types)}, which is not built in the local tenant: "
                f"'{', '.join(sorted(enrollable))}' is. `python -m local_tenant.fidelity` lists what is."
            )
        if isinstance(step, ChallengeStep):
            if not any(each in enrolled for each in usable):
                return (
                    f"An Action asks for a challenge with {', '.join(types)}, and the user has enrolled none of them."
                )
        elif all(each in enrolled for each in usable):
            return f"An Action asks the user to enrol {', '.join(usable)}, which they have enrolled already."
    return None


def required_by_audience(tenant: Tenant, login: Login, *, enrolled: bool) -> bool:
    """Whether a login is challenged although no Action asks for it.

    That is so for a token for the MFA API, once there is a factor that it gives power over (documented).
    """
    proved = any(method["name"] == "mfa" for method in login.methods)
    return enrolled and not proved and login.audience == tenant.mfa_audience
