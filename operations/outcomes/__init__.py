"""What a change of the Actions means for people: which logins end differently than at the base commit.

The same logins go through two sets of Actions in the local tenant's runtime: those of the base commit and those of the
working tree, each as its own program would deploy them, with its own settings. That needs no tenant and no engine.
"""
