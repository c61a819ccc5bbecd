from pathlib import Path

from local_tenant.authentication import fidelity as authentication
from local_tenant.fidelity import authentication_endpoints, render
from local_tenant.management.endpoints import ENDPOINTS
from local_tenant.management.routes import is_known


def test_fidelity_md_is_generated_from_the_code() -> None:
    document = Path(__file__).parents[1] / "docs" / "fidelity.md"
    assert document.read_text() == render(), f"fix: .venv/bin/python -m local_tenant.fidelity > {document}"


def test_each_endpoint_of_the_authentication_api_names_its_source() -> None:
    assert sorted(authentication.BASIS) == sorted(authentication_endpoints())


def test_each_endpoint_of_the_management_api_exists_at_auth0() -> None:
    strangers = [f"{e.method} {e.path}" for e in ENDPOINTS if not is_known(e.method, e.path)]
    assert strangers == []
