"""The answer to a request for what this tenant does not have, but Auth0 has: status and code, for both APIs.

Auth0's SDKs repeat a request that is answered 408, 409, 429, or 500 and above, some of them for minutes. None repeats a
403. It is also what Auth0 answers where a tenant lacks a feature (`feature_not_enabled`): auth0-deploy-cli names the
feature and goes on. A 404 would be wrong: it tells Terraform and Pulumi that the resource was deleted.
"""

from __future__ import annotations

STATUS = 403
CODE = "not_built_locally"
