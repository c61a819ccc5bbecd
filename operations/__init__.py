"""Commands around `pulumi up`: plan, rehearse, doctor, drift, adopt, outcomes, smoke, demo."""
