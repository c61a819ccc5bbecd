"""Commands around `pulumi up`: see drift, adopt what Terraform made, preview and check what people meet."""
