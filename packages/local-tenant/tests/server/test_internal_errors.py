"""A mistake of the tenant's own: Auth0's shape for the client, the reason for the log, and the tenant goes on."""

import sqlite3
from contextlib import closing

from local_tenant.testing import TenantClient, expect
from local_tenant.testing.process import StartTenant


def test_an_unexpected_error_is_a_500_of_the_right_shape(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    tenant = TenantClient(process.ready)
    broken, whole = tenant.create_action("broken"), tenant.create_action("whole")
    tenant.built(broken["id"])
    tenant.built(whole["id"])
    with closing(sqlite3.connect(process.data / "tenant.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE actions SET secrets = '[broken' WHERE id = ?", (broken["id"],))
    for method, body in (("GET", None), ("PATCH", {"code": ""})):
        answer = tenant.api.request(method, f"/api/v2/actions/actions/{broken['id']}", json=body)
        assert expect(answer, 500) == {
            "statusCode": 500,
            "error": "Internal Server Error",
            "message": "An internal server error occurred",
        }
    assert tenant.action(whole["id"])["name"] == "whole"
    tenant.change_action(whole["id"], code="// changed")
    tenant.close()
    assert process.end() == 0
    assert "JSONDecodeError" in process.log.read_text()


def test_a_page_of_an_allowed_origin_can_read_the_500(fresh_tenant: StartTenant) -> None:
    process = fresh_tenant()
    with TenantClient(process.ready) as tenant:
        ada = tenant.sign_up()
        with closing(sqlite3.connect(process.data / "tenant.sqlite3", isolation_level=None)) as connection:
            connection.execute("UPDATE users SET profile = '[broken' WHERE user_id = ?", (ada.user_id,))
        tenant.http.headers["Origin"] = "http://localhost:3000"
        answer = ada.log_in()
    expect(answer, 500)
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert process.end() == 0
    assert "JSONDecodeError" in process.log.read_text()
