"""Commands around `pulumi up`: rehearse, drift, adopt, outcomes, smoke, demo."""
