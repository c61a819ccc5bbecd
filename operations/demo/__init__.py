"""Logins that show the rules (docs/rules.md), played on the tenant of stack local with the Actions that are deployed there."""
