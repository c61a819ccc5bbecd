"""The tenant's factors and its MFA policy, as a real tenant lists them."""

from auth0.management import ManagementClient
from local_tenant.testing import TenantClient


def test_every_factor_is_listed_in_auth0s_order_and_those_that_users_can_enrol_are_on(tenant: TenantClient) -> None:
    factors = tenant.api.get("/api/v2/guardian/factors").json()

    assert [factor["name"] for factor in factors] == [
        "sms",
        "push-notification",
        "otp",
        "email",
        "duo",
        "webauthn-roaming",
        "webauthn-platform",
        "recovery-code",
    ]
    assert {factor["name"] for factor in factors if factor["enabled"]} == {"otp", "recovery-code"}
    assert not any(factor["trial_expired"] for factor in factors)


def test_the_policy_is_never_so_that_actions_decide(tenant: TenantClient) -> None:
    assert tenant.api.get("/api/v2/guardian/policies").json() == []


def test_auth0s_sdk_reads_both(tenant: TenantClient) -> None:
    with tenant.new_http() as http:
        client = ManagementClient(domain=tenant.ready["domain"], token=tenant.token(), httpx_client=http)

        assert [factor.name for factor in client.guardian.factors.list() if factor.enabled] == ["otp", "recovery-code"]
        assert client.guardian.policies.list() == []
