"""What is deployed: builds of drafts, and the flows of deployed versions."""
