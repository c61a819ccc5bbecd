"""Scopes of the Management API that the tenant's endpoints accept (documented with each endpoint)."""

from __future__ import annotations

_SCOPES = """
    read:actions create:actions update:actions delete:actions
    read:users create:users update:users delete:users read:users_app_metadata update:users_app_metadata
    read:authentication_methods delete:authentication_methods delete:guardian_enrollments
    read:sessions delete:sessions read:logs read:logs_users
    read:clients create:clients update:clients delete:clients
    read:client_keys update:client_keys read:client_summary
    read:client_credentials create:client_credentials update:client_credentials delete:client_credentials
    read:resource_servers create:resource_servers update:resource_servers delete:resource_servers
    read:client_grants create:client_grants update:client_grants delete:client_grants
    read:guardian_factors read:mfa_policies
    read:tenant_settings read:branding read:prompts read:attack_protection read:connections read:phone_providers
    read:phone_templates read:connection_profiles read:custom_domains read:email_provider read:email_templates
    read:event_streams read:flows read:flows_vault_connections read:forms read:hooks read:log_streams read:network_acls
    read:organizations read:rate_limit_policies read:roles read:rules read:rules_configs read:self_service_profiles
    read:token_exchange_profiles read:user_attribute_profiles
"""
ALL_SCOPES = frozenset(_SCOPES.split())
