"""Events as Auth0 passes them to the Actions, and how to change one."""

from typing import Final

from action_runtime import events

from policy import EmailDomain, Kind, Login, Tenant

Event = dict[str, object]

TEST_TENANT = "floatme-test"
PROD_TENANT = "floatme-prod"
DOMAINS = {
    EmailDomain.INTEGRATION: "integration-test.floatme.io",
    EmailDomain.FORCE_MFA: "forcemfa.floatme.io",
    EmailDomain.OTHER: "example.com",
}
SECRETS: Event = {
    "TEST_TENANT": TEST_TENANT,
    "INTEGRATION_TEST_DOMAIN": DOMAINS[EmailDomain.INTEGRATION],
    "FORCE_MFA_DOMAIN": DOMAINS[EmailDomain.FORCE_MFA],
}


# The value of a field that the event does not have.
MISSING: Final = Ellipsis


def changed(event: Event, path: str, value: object) -> Event:
    """A copy of the event with another value at a path such as ``user.email``; MISSING removes the field."""
    key, _, rest = path.partition(".")
    if rest:
        inner = event.get(key)
        value = changed(inner if isinstance(inner, dict) else {}, rest, value)
    copy = {**event, key: value}
    if value is MISSING:
        del copy[key]
    return copy


def post_login_event(login: Login) -> Event:
    """The event of a login by password or refresh token, as documented for post-login v3."""
    body: Event = {"client_id": "app", "scope": "openid offline_access"}
    if login.kind is Kind.REFRESH:
        body["grant_type"] = "refresh_token"
    else:
        body |= {"grant_type": "password", "username": "jane", "password": "correct horse"}
    if login.challenge_required:
        # Forms and query strings carry text.
        body["challengeRequired"] = "true"
    protocol = "oauth2-refresh-token" if login.kind is Kind.REFRESH else "oauth2-password"
    event = events.post_login_event(
        tenant=TEST_TENANT if login.tenant is Tenant.TEST else PROD_TENANT,
        user=events.event_user(
            email=f"jane@{DOMAINS[login.email_domain]}",
            app_metadata={"auth_require_mfa": login.auth_require_mfa, "uses_new_mfa_action": True},
        ),
        logins_count=login.number.logins_count,
        request=events.event_request(body=body),
        transaction=events.event_transaction(protocol, scopes=["openid", "offline_access"]),
    )
    return {**event, "secrets": SECRETS}


PRE_USER_REGISTRATION_EVENT: Event = {
    **events.pre_user_registration_event(tenant=PROD_TENANT, email="jane@example.com"),
    "secrets": {},
}
