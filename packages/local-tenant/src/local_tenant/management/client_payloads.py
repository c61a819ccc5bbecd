"""Bodies of the endpoints for clients: what decides logins is checked, the rest is stored as it is sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from local_tenant.management.validation import Payload, not_null

MOST_METADATA = 10
LONGEST_METADATA = 255
LONGEST_DESCRIPTION = 140
LONGEST_LIFETIME = 2_592_000
# 100 years: what is computed from it still fits 64 bits of nanoseconds.
LONGEST_REFRESH = 100 * 365 * 86_400

AppType = Literal["native", "spa", "regular_web", "non_interactive", "resource_server", "express_configuration"]
AuthMethod = Literal["none", "client_secret_post", "client_secret_basic"]
Seconds = Annotated[int, Field(ge=1, le=LONGEST_REFRESH)]
Flag = Annotated[bool | None, not_null("boolean")]
Addresses = Annotated[list[str] | None, not_null("array")]


class JwtConfiguration(Payload):
    """`jwt_configuration`: of id tokens."""

    lifetime_in_seconds: Annotated[int | None, Field(ge=1, le=LONGEST_LIFETIME)] = None
    secret_encoded: bool | None = None
    scopes: dict[str, Any] | None = None
    alg: Literal["HS256", "RS256", "RS512", "PS256"] | None = None


class RefreshToken(Payload):
    """`refresh_token`: how refresh tokens rotate and expire."""

    rotation_type: Literal["rotating", "non-rotating"]
    expiration_type: Literal["expiring", "non-expiring"]
    leeway: Annotated[int, Field(ge=0, le=LONGEST_REFRESH)] = 0
    token_lifetime: Seconds | None = None
    infinite_token_lifetime: bool | None = None
    idle_token_lifetime: Seconds | None = None
    infinite_idle_token_lifetime: bool | None = None
    policies: list[dict[str, Any]] | None = None


class CredentialId(Payload):
    """A credential that was created before."""

    id: str


class PrivateKeyJwt(Payload):
    """Assertions signed with the keys of these credentials."""

    credentials: Annotated[list[CredentialId], Field(min_length=1, max_length=2)]


class AuthenticationMethods(Payload):
    """`client_authentication_methods`, in place of a secret."""

    private_key_jwt: PrivateKeyJwt


class ClientProperties(Payload):
    """Every property of the SDK's request, without `name`."""

    # What decides logins here.
    description: Annotated[str, Field(max_length=LONGEST_DESCRIPTION)] | None = None
    callbacks: Addresses = None
    allowed_logout_urls: Addresses = None
    web_origins: Addresses = None
    grant_types: Addresses = None
    token_endpoint_auth_method: AuthMethod | None = None
    app_type: AppType | None = None
    is_token_endpoint_ip_header_trusted: Flag = None
    jwt_configuration: JwtConfiguration | None = None
    refresh_token: RefreshToken | None = None
    client_metadata: dict[str, str | None] | None = None
    client_secret: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    # Stored and shown, without effect.
    logo_uri: str | None = None
    allowed_origins: Addresses = None
    client_aliases: Addresses = None
    allowed_clients: Addresses = None
    is_first_party: Flag = None
    oidc_conformant: Flag = None
    sso: bool | None = None
    sso_disabled: Flag = None
    cross_origin_authentication: Flag = None
    cross_origin_loc: str | None = None
    custom_login_page_on: Flag = None
    custom_login_page: str | None = None
    custom_login_page_preview: str | None = None
    form_template: str | None = None
    initiate_login_uri: str | None = None
    oidc_logout: dict[str, Any] | None = None
    oidc_backchannel_logout: dict[str, Any] | None = None
    session_transfer: dict[str, Any] | None = None
    addons: dict[str, Any] | None = None
    mobile: dict[str, Any] | None = None
    native_social_login: dict[str, Any] | None = None
    fedcm_login: dict[str, Any] | None = None
    encryption_key: dict[str, Any] | None = None
    default_organization: dict[str, Any] | None = None
    organization_usage: Literal["deny", "allow", "require"] | None = None
    organization_require_behavior: Literal["no_prompt", "pre_login_prompt", "post_login_prompt"] | None = None
    organization_discovery_methods: list[str] | None = None
    require_pushed_authorization_requests: Flag = None
    require_proof_of_possession: Flag = None
    compliance_level: str | None = None
    skip_non_verifiable_callback_uri_confirmation_prompt: bool | None = None
    token_exchange: dict[str, Any] | None = None
    token_quota: dict[str, Any] | None = None
    par_request_expiry: int | None = None
    resource_server_identifier: str | None = None
    async_approval_notification_channels: list[str] | None = None
    third_party_security_mode: str | None = None
    redirection_policy: str | None = None


Name = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^<>]+$")]


class NewClient(ClientProperties):
    """POST /clients."""

    name: Name
    # Of PATCH alone (documented).
    client_secret: None = None


class ClientChange(ClientProperties):
    """PATCH /clients/{id}: what is left out stays, null removes a property."""

    name: Annotated[Name | None, not_null("string")] = None
    client_authentication_methods: AuthenticationMethods | None = None


# Kept in columns of their own.
COLUMNS = frozenset({"name", "grant_types", "client_metadata", "is_token_endpoint_ip_header_trusted", "client_secret"})
WITH_EFFECT = frozenset(
    {
        "allowed_logout_urls",
        "callbacks",
        "jwt_configuration",
        "refresh_token",
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        "token_endpoint_auth_method",
        "web_origins",
    }
)
