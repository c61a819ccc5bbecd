"""What really runs on a tenant against what the program would deploy, and how to bring it back.

The Auth0 provider compares the draft of an Action. What runs is its deployed version: after a rollback, or an edit that
was deployed by hand and then undone, `pulumi up` sees nothing while other code runs. The provider does not read secrets
either. These commands look at the deployed version, at the draft, at the times of the secrets and at every flow.
"""
