"""Imports Actions and flows created by Terraform into the stack: nothing is recreated or deleted.

The engine itself lists what the program has and the state has not (`pulumi preview --import-file`): types,
names, parents and the provider's version are those of the next update. This package finds the ids, by name.
"""
