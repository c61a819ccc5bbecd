"""A tenant with content: the file that `--seed` loads and `local-tenant snapshot` writes."""
