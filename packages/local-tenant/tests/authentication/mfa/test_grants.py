"""Which factor a grant of the token endpoint proves."""

from dataclasses import replace

import pytest
from local_tenant.accounts.factors import FACTORS, OTP
from local_tenant.authentication.tokens.grants.mfa import OOB_GRANT, grants, out_of_band


def test_the_out_of_band_grant_is_not_built_while_no_factor_has_it() -> None:
    assert grants(FACTORS)[OOB_GRANT] is out_of_band


def test_a_factor_with_the_out_of_band_grant_is_exchanged_with_it() -> None:
    assert grants((replace(OTP, grant="mfa-oob"),))[OOB_GRANT] is not out_of_band


def test_two_factors_with_the_same_grant_are_an_error() -> None:
    with pytest.raises(ValueError, match="same grant"):
        grants((OTP, replace(OTP, type="sms")))
