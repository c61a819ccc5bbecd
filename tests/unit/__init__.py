"""The program and its settings, without an engine: against Pulumi's mocks."""
