"""Users, without endpoints: their passwords, profiles, sessions, second factors and log entries."""
