"""A stack's own deployment, tried on a throw-away tenant of this machine.

Everything is in a temporary folder: a copy of the program with the stack's settings, a Pulumi state, and a local tenant
of the stack's name. Nothing of the caller's credentials gets there, and `rehearsalDomain`, set in the copy alone, makes
the program's guards refuse every domain but that tenant's.
"""
