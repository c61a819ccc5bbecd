"""Scopes of the Management API that the tenant's endpoints accept (documented with each endpoint)."""

from __future__ import annotations

_SCOPES = """
    read:actions create:actions update:actions delete:actions
    read:users create:users update:users delete:users read:users_app_metadata update:users_app_metadata
    read:authentication_methods delete:authentication_methods delete:guardian_enrollments
    read:sessions delete:sessions read:logs read:logs_users
    read:clients create:clients update:clients delete:clients
    read:client_keys update:client_keys read:client_credentials read:client_summary
    read:resource_servers create:resource_servers update:resource_servers delete:resource_servers
    read:client_grants create:client_grants update:client_grants delete:client_grants
    read:guardian_factors read:mfa_policies
"""
ALL_SCOPES = frozenset(_SCOPES.split())
