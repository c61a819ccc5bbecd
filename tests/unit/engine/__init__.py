"""Finding and building the engine, with made-up programs in place of Pulumi, Go and the downloads."""
