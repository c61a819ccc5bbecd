"""How a tenant behaves where Auth0 leaves the choice to its owner, or where sources disagree."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

# Of a tenant that is started without a name for the first time.
DEFAULT_NAME = "local-tenant"

MetadataVisibility = Literal["next-transaction", "next-action"]


@dataclass(frozen=True, slots=True)
class TenantOptions:
    """Switches of `local-tenant serve`.

    Attributes:
        metadata_visibility: from when on Actions see what an Action has written: the next transaction, or the next
            Action of the same one.
        refresh_token_rotation: whether a refresh token is replaced when it is exchanged, and its reuse detected; those
            of clients without a secret always are.
        brute_force_protection: whether wrong passwords in a row block a user for the IP they came from.
        host: the name in the tenant's domain and in the `iss` of its tokens: localhost, or a name below it.
        apis: identifiers of APIs that applications may ask access tokens for (`audience`).
    """

    metadata_visibility: MetadataVisibility = "next-transaction"
    refresh_token_rotation: bool = False
    brute_force_protection: bool = True
    apis: tuple[str, ...] = ()
    host: str = "localhost"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, to compare what runs with what is asked for."""
        return {**asdict(self), "apis": list(self.apis)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Those of a running tenant, perhaps of another version: keys that this one does not know are left out."""
        known = {field.name for field in fields(cls)}
        options = {name: value for name, value in content.items() if name in known}
        return cls(**{**options, "apis": tuple(options.get("apis", ()))})

    def arguments(self) -> list[str]:
        """The command-line arguments of `local-tenant serve` that stand for them."""
        return [
            f"--metadata-visibility={self.metadata_visibility}",
            "--refresh-token-rotation" if self.refresh_token_rotation else "--no-refresh-token-rotation",
            "--brute-force-protection" if self.brute_force_protection else "--no-brute-force-protection",
            *(f"--api={identifier}" for identifier in self.apis),
            f"--host={self.host}",
        ]
