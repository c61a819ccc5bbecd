import pytest
from local_tenant.authentication.unbuilt import ENDPOINTS
from local_tenant.testing import TenantClient, expect_error

ORIGIN = "http://localhost:3000"


@pytest.mark.parametrize(("path", "methods"), ENDPOINTS)
def test_an_endpoint_that_is_not_built_says_so(tenant: TenantClient, path: str, methods: tuple[str, ...]) -> None:
    address = path.replace("{client_id}", "x")
    for method in methods:
        answer = tenant.http.request(method, address)
        expect_error(answer, 403, "not_built_locally")
        assert answer.json()["error_description"].startswith(f"{method} {address} is not built in the local tenant.")


@pytest.mark.parametrize("path", [path for path, methods in ENDPOINTS if methods == ("POST",)])
def test_a_script_can_read_that_an_endpoint_is_not_built(tenant: TenantClient, path: str) -> None:
    answer = tenant.http.post(path, json={}, headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
