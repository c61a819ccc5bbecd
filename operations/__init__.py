"""Commands around `pulumi up`: rehearse, doctor, drift, adopt, outcomes, smoke, demo."""
