"""What a tenant answers about itself that nobody can change here: the settings in force, and what it has none of.

An empty list is the truth: what would add to it is not built. With these answers auth0-deploy-cli can export a whole
tenant. What has no honest answer (attack protection that this tenant lacks and Auth0 has on, say) is not in the table:
it answers `not_built_locally`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local_tenant.accounts.connections import DATABASE_CONNECTION
from local_tenant.http import Json
from local_tenant.management.errors import ApiError
from local_tenant.management.paging import list_page_of
from local_tenant.store import clients
from local_tenant.tenant import Tenant, tenant_of

Answer = Callable[[Request], Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """One endpoint, a GET.

    Attributes:
        path: under /api/v2, `{name}` for an identifier.
        scope: that it needs.
        answer: its JSON, or an ApiError.
    """

    path: str
    scope: str
    answer: Answer

    async def handle(self, request: Request) -> Response:
        """Answer the request."""
        return Json(self.answer(request))


def _none(key: str) -> Answer:
    """No item, as a bare list or, with `include_totals`, in an object."""

    def answer(request: Request) -> Any:  # noqa: ANN401 - a list or an object
        checkpoint = {"take", "from"} & set(request.query_params)
        return {key: []} if checkpoint else list_page_of(request).answer(key, [], 0)

    return answer


def _none_in(key: str) -> Answer:
    """No item, in an object, whatever the parameters."""
    return lambda _request: {key: []}


def _missing(message: str, code: str) -> Answer:
    def answer(_request: Request) -> Any:  # noqa: ANN401 - never
        raise ApiError(404, message, code)

    return answer


def _is(value: dict[str, Any]) -> Answer:
    return lambda _request: value


def _tenant_settings(request: Request) -> dict[str, Any]:
    return {
        "friendly_name": tenant_of(request).name,
        "enabled_locales": ["en"],
        "flags": {},
        "session_lifetime": 168,
        "idle_session_lifetime": 72,
        "sandbox_version": "22",
    }


def _brute_force(request: Request) -> dict[str, Any]:
    return {
        "enabled": tenant_of(request).options.brute_force_protection,
        "shields": ["block"],
        "mode": "count_per_identifier_and_ip",
        "allowlist": [],
        "max_attempts": 10,
    }


def _connection(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.connection_id,
        "name": DATABASE_CONNECTION,
        "strategy": "auth0",
        "options": {"brute_force_protection": tenant.options.brute_force_protection},
        "is_domain_connection": False,
        "realms": [DATABASE_CONNECTION],
        "enabled_clients": [client.client_id for client in tenant.database.read(clients.every)],
    }


def _connections(request: Request) -> Any:  # noqa: ANN401 - a list or an object
    connection = _connection(tenant_of(request))
    strategies, name = request.query_params.getlist("strategy"), request.query_params.get("name")
    connections = (
        [connection] if (not strategies or "auth0" in strategies) and name in (None, connection["name"]) else []
    )
    if {"take", "from"} & set(request.query_params):
        return {"connections": connections}
    return list_page_of(request).answer("connections", connections, len(connections))


def _one_connection(request: Request) -> dict[str, Any]:
    connection = _connection(tenant_of(request))
    if request.path_params["id"] != connection["id"]:
        raise ApiError(404, "The connection does not exist", "inexistent_connection")
    return connection


def _clients_of_connection(request: Request) -> dict[str, Any]:
    return {"clients": [{"client_id": client_id} for client_id in _one_connection(request)["enabled_clients"]]}


_OFF = {"enabled": False, "shields": [], "allowlist": []}

STANDING = (
    # The settings in force.
    Standing("/tenants/settings", "read:tenant_settings", _tenant_settings),
    Standing("/branding", "read:branding", _is({})),
    Standing("/prompts", "read:prompts", _is({"universal_login_experience": "new", "identifier_first": False})),
    Standing("/prompts/{id}/custom-text/{language}", "read:prompts", _is({})),
    Standing("/prompts/{id}/partials", "read:prompts", _is({})),
    Standing("/prompts/rendering", "read:prompts", _none("configs")),
    Standing("/attack-protection/brute-force-protection", "read:attack_protection", _brute_force),
    Standing(
        "/attack-protection/breached-password-detection",
        "read:attack_protection",
        _is({"enabled": False, "shields": [], "admin_notification_frequency": [], "method": "standard"}),
    ),
    Standing("/attack-protection/suspicious-ip-throttling", "read:attack_protection", _is(_OFF)),
    Standing("/connections", "read:connections", _connections),
    Standing("/connections/{id}", "read:connections", _one_connection),
    Standing("/connections/{id}/clients", "read:connections", _clients_of_connection),
    # What it has none of.
    Standing("/branding/phone/providers", "read:phone_providers", _none_in("providers")),
    Standing("/branding/phone/templates", "read:phone_templates", _none_in("templates")),
    Standing("/branding/templates/universal-login", "read:branding", _missing("No template", "inexistent_template")),
    Standing("/branding/themes/default", "read:branding", _missing("There is no theme", "theme_not_found")),
    Standing("/connection-profiles", "read:connection_profiles", _none_in("connection_profiles")),
    Standing("/custom-domains", "read:custom_domains", _none("custom_domains")),
    Standing("/emails/provider", "read:email_provider", _missing("No email provider", "inexistent_email_provider")),
    Standing("/email-templates/{id}", "read:email_templates", _missing("No template", "inexistent_email_template")),
    Standing("/event-streams", "read:event_streams", _none_in("eventStreams")),
    Standing("/flows", "read:flows", _none("flows")),
    Standing("/flows/vault/connections", "read:flows_vault_connections", _none("connections")),
    Standing("/forms", "read:forms", _none("forms")),
    Standing("/hooks", "read:hooks", _none("hooks")),
    Standing("/log-streams", "read:log_streams", _none("log_streams")),
    Standing("/network-acls", "read:network_acls", _none("network_acls")),
    Standing("/organizations", "read:organizations", _none("organizations")),
    Standing("/rate-limit-policies", "read:rate_limit_policies", _none_in("rate_limit_policies")),
    Standing("/risk-assessments/settings", "read:attack_protection", _missing("Not set", "inexistent_settings")),
    Standing("/risk-assessments/settings/new-device", "read:attack_protection", _missing("Not set", "inexistent")),
    Standing("/roles", "read:roles", _none("roles")),
    Standing("/rules", "read:rules", _none("rules")),
    Standing("/rules-configs", "read:rules_configs", lambda _request: []),
    Standing("/self-service-profiles", "read:self_service_profiles", _none("self_service_profiles")),
    Standing("/token-exchange-profiles", "read:token_exchange_profiles", _none_in("token_exchange_profiles")),
    Standing("/user-attribute-profiles", "read:user_attribute_profiles", _none_in("user_attribute_profiles")),
)
