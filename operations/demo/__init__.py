"""The rules of the Actions, played with new accounts on the local tenant that stack local is deployed to."""
