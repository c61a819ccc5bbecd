"""The brief's story, played on the tenant of stack local with the Actions that are deployed there."""
