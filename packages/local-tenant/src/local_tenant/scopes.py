"""Scopes of the Management API that the tenant's routes ask for (documented with each endpoint)."""

from __future__ import annotations

READ_ACTIONS = "read:actions"
CREATE_ACTIONS = "create:actions"
UPDATE_ACTIONS = "update:actions"
DELETE_ACTIONS = "delete:actions"
READ_USERS = "read:users"
CREATE_USERS = "create:users"
UPDATE_USERS = "update:users"
DELETE_USERS = "delete:users"
READ_APP_METADATA = "read:users_app_metadata"
UPDATE_APP_METADATA = "update:users_app_metadata"
READ_AUTHENTICATION_METHODS = "read:authentication_methods"
DELETE_AUTHENTICATION_METHODS = "delete:authentication_methods"
DELETE_GUARDIAN_ENROLLMENTS = "delete:guardian_enrollments"
READ_SESSIONS = "read:sessions"
DELETE_SESSIONS = "delete:sessions"
READ_LOGS = "read:logs"
READ_LOGS_USERS = "read:logs_users"

ALL_SCOPES = frozenset(
    {
        READ_ACTIONS,
        CREATE_ACTIONS,
        UPDATE_ACTIONS,
        DELETE_ACTIONS,
        READ_USERS,
        CREATE_USERS,
        UPDATE_USERS,
        DELETE_USERS,
        READ_APP_METADATA,
        UPDATE_APP_METADATA,
        READ_AUTHENTICATION_METHODS,
        DELETE_AUTHENTICATION_METHODS,
        DELETE_GUARDIAN_ENROLLMENTS,
        READ_SESSIONS,
        DELETE_SESSIONS,
        READ_LOGS,
        READ_LOGS_USERS,
    },
)
