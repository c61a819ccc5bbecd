"""`python -m local_tenant`: the same command line as `local-tenant`."""

from local_tenant.cli import main

main()
