"""Commands around `pulumi up`: drift, adopt, outcomes, smoke, demo."""
