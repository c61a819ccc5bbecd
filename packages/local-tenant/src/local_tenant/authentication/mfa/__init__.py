"""The MFA API."""
