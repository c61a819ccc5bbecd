"""What a person's browser visits: /authorize and its pages, sessions, logout."""
