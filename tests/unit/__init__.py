"""The program and its settings, without an engine: Pulumi's mocks stand in for it."""
