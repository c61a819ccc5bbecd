"""Signs up and logs in for real after a deployment, with throw-away accounts, on the test tenant alone.

It tells what the pieces can't: that the deployed Actions, their secrets, the flows and the tenant's own settings let
the right people in. The accounts are deleted again, also when a check fails or the command is interrupted.
"""
