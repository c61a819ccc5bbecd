"""Signs up and logs in for real after a deployment, with throw-away accounts, on the test tenant alone.

It shows what no test of the parts can: that the deployed Actions, their secrets, the flows and the tenant's own
settings let the right users in. The accounts are deleted, also when a check fails or the command is interrupted.
"""
