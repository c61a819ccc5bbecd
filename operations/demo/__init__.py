"""Logins that show the rules (docs/rules.md), on the tenant of stack local and the Actions deployed there."""
