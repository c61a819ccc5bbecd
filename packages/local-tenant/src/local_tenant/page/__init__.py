"""The tenant's page for people: flows, Actions, users and transactions in a browser.

It reads the same store as the APIs do and adds nothing to them: no path under /api, /oauth or /_local depends on it.
Everything is rendered on the server; the only script lets new transactions appear by themselves.
"""
