"""Takes Actions and flows that Terraform made under Pulumi, as they are: nothing is made anew, nothing is deleted.

What the program has and the stack's state has not, the engine itself tells (`pulumi preview --import-file`): types,
names, parents and the provider's version are those of the next update. This package finds the ids, by name.
"""
