"""What each Action must do, by example."""

from policy import decision_table
from tests.actions.action_runner import ADD_IP_TO_METADATA, ENABLE_MFA, MFA_ACTION, Action
from tests.actions.events import MISSING, PRE_USER_REGISTRATION_EVENT, changed, post_login_event
from tests.actions.example import Calls, Example, mfa_calls
from tests.actions.odd_logins import NOT_OBJECTS, NOT_TEXT, ODD_LOGINS, plain

DECISION_TABLE = [Example(str(case), post_login_event(case), mfa_calls(case.decision)) for case in decision_table()]

CLIENT_IPS = [
    *(
        Example(ip, changed(plain, "request.ip", ip), [["api.user.setUserMetadata", ["last_ip", ip]]])
        for ip in ("203.0.113.7", "2001:db8::7")
    ),
    Example(
        "the IP is that of the last login already",
        changed(plain, "user.user_metadata.last_ip", "203.0.113.7"),
        [["api.user.setUserMetadata", ["last_ip", "203.0.113.7"]]],
    ),
    *(Example(f"ip {value!a}", changed(plain, "request.ip", value), []) for value in NOT_TEXT),
    *(Example(f"request {value!a}", changed(plain, "request", value), []) for value in NOT_OBJECTS),
]

BOTH_FLAGS: Calls = [
    ["api.user.setAppMetadata", ["auth_require_mfa", True]],
    ["api.user.setAppMetadata", ["uses_new_mfa_action", True]],
]
SIGN_UPS = [
    Example("sign-up", PRE_USER_REGISTRATION_EVENT, BOTH_FLAGS),
    Example(
        "sign-up that says it needs no MFA",
        changed(PRE_USER_REGISTRATION_EVENT, "user.app_metadata.auth_require_mfa", value=False),
        BOTH_FLAGS,
    ),
    Example("sign-up without user", changed(PRE_USER_REGISTRATION_EVENT, "user", MISSING), BOTH_FLAGS),
]

EXAMPLES: dict[Action, list[Example]] = {
    MFA_ACTION: [*DECISION_TABLE, *ODD_LOGINS],
    ADD_IP_TO_METADATA: CLIENT_IPS,
    ENABLE_MFA: SIGN_UPS,
}
