"""Scopes of the Management API that the tenant's endpoints accept (documented with each endpoint)."""

from __future__ import annotations

_SCOPES = """
    read:actions create:actions update:actions delete:actions
    read:users create:users update:users delete:users read:users_app_metadata update:users_app_metadata
    read:authentication_methods delete:authentication_methods delete:guardian_enrollments
    read:sessions delete:sessions read:logs read:logs_users
"""
ALL_SCOPES = frozenset(_SCOPES.split())
