"""A tenant with a custom host below localhost, on port 443 or another."""

import os
import socket
import ssl
from pathlib import Path

import jwt
import pytest
from local_tenant.loopback import HTTPS_PORT, domain_of, local_url, port_of
from local_tenant.testing import PASSWORD, TenantClient, expect
from local_tenant.testing.process import StartError, StartTenant
from login_browser import CALLBACK, CHALLENGE
from server.test_options import local_tenant

HOST = "my.tenant.localhost"


def has_https_port() -> bool:
    try:
        with socket.create_server(("127.0.0.1", HTTPS_PORT)):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("port", [443, 8443, 0x4000])
def test_a_domain_leaves_out_only_the_port_of_https(port: int) -> None:
    domain = domain_of(HOST, port)
    assert (port == 443) == (":" not in domain)
    assert port_of(domain) == port
    assert local_url(domain) == f"https://{domain_of('localhost', port)}"


def test_issuer_audience_and_certificate_have_the_name(fresh_tenant: StartTenant) -> None:
    with fresh_tenant(None, "--host", HOST) as process, TenantClient(process.ready) as tenant:
        assert process.ready["url"] == f"https://{HOST}:{process.port}"
        discovered = expect_issuer(tenant)
        assert discovered == f"{process.ready['url']}/"
        ada = tenant.sign_up()
        claims = jwt.decode(ada.log_in().json()["id_token"], options={"verify_signature": False})
        assert claims["iss"] == discovered
        assert expect(tenant.api.get("/api/v2/users", params={"include_totals": "true"}), 200)["total"] == 1
        context = ssl.create_default_context(cafile=process.ready["ca_file"])
        for name in (HOST, "localhost"):
            with (
                socket.create_connection(("127.0.0.1", process.port)) as connection,
                context.wrap_socket(connection, server_hostname=name),
            ):
                pass


def test_another_name_makes_another_certificate_and_the_same_name_none(fresh_tenant: StartTenant) -> None:
    certificates = []
    for options in ([], ["--host", HOST], ["--host", HOST], []):
        with fresh_tenant(None, *options) as process:
            certificates.append(Path(process.ready["ca_file"]).read_bytes())
    assert certificates[0] != certificates[1]
    assert certificates[1] == certificates[2] == certificates[3]


@pytest.mark.skipif(not has_https_port(), reason="port 443 is taken or needs a privilege here")
def test_on_https_own_port_page_and_login_work_without_a_port(fresh_tenant: StartTenant) -> None:
    with fresh_tenant(None, "--host", HOST, port=HTTPS_PORT) as process, TenantClient(process.ready) as tenant:
        assert process.ready["domain"] == HOST
        assert expect_issuer(tenant) == f"https://{HOST}/"
        with tenant.new_http(Host=HOST) as http:
            refused = http.get("/")
            assert (refused.status_code, "This page is private" in refused.text) == (401, True)
            assert http.get("/", headers={"Host": "example.com"}).status_code == 421
            tenant.sign_up(password=PASSWORD)
            query = {"client_id": process.ready["single_page_application"]["client_id"], "redirect_uri": CALLBACK}
            proof = {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
            login = http.get("/authorize", params={**query, **proof}).headers["location"]
            assert http.get(login).status_code == 200
            form = {"username": "ada@example.com", "password": PASSWORD}
            answer = http.post(login, data=form, headers={"Origin": f"https://{HOST}"}, follow_redirects=False)
            while answer.headers["location"].startswith("/"):
                answer = http.get(answer.headers["location"])
            assert answer.headers["location"].startswith(f"{CALLBACK}?code=")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may bind every port")
def test_a_port_that_needs_a_privilege_says_how_to_get_it(fresh_tenant: StartTenant) -> None:
    if has_https_port():
        pytest.skip("port 443 needs no privilege here")
    with pytest.raises(StartError) as refused:
        fresh_tenant(None, "--host", HOST, port=HTTPS_PORT)
    assert "fix: " in refused.value.stderr


@pytest.mark.parametrize(
    "host", ["example.com", "127.0.0.1", "localhost.example.com", "tenant.localhost.", "-.localhost"]
)
def test_a_name_that_is_not_below_localhost_is_refused(tmp_path: Path, host: str) -> None:
    ran = local_tenant(tmp_path / "data", "serve", "--host", host)
    assert ran.returncode == 2
    assert "is not localhost or a name below it" in ran.stderr


def test_start_names_the_line_for_etc_hosts_if_the_name_is_unknown(tmp_path: Path) -> None:
    data = tmp_path / "data"
    started = local_tenant(data, "start", "--host", HOST, "--port", "0")
    try:
        assert started.returncode == 0, started.stderr
        assert f"https://{HOST}:" in started.stdout
        unknown = "/etc/hosts" in started.stdout
        signed_up = local_tenant(data, "signup", "ada@example.com")
        assert signed_up.returncode == 0, signed_up.stderr
    finally:
        local_tenant(data, "stop")
    try:
        socket.getaddrinfo(HOST, None)
    except OSError:
        assert unknown
    else:
        assert not unknown


def expect_issuer(tenant: TenantClient) -> str:
    return str(tenant.http.get("/.well-known/openid-configuration").json()["issuer"])
