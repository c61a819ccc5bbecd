"""Names that Auth0 keeps for itself: a custom claim of one of them is left out without a word (documented)."""

from __future__ import annotations

_NAMES = """
    acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest
    entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce
    object_id org_id org_name orig origid permissions roles rph s_hash scope sid sip_callid sip_cseq_num sip_date
    sip_from_tag sip_via_branch sub sub_jwk toe txn typ uuid vot vtm x5t#S256
"""

RESERVED_CLAIMS = frozenset(_NAMES.split())
