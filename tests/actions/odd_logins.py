"""Logins that the decision table has no column for, each with a decision made by hand."""

from policy import Decision, EmailDomain, Kind, Login, LoginNumber, Tenant
from tests.actions.events import MISSING, Event, changed, post_login_event
from tests.actions.example import Example, mfa_calls

NOT_TEXT: list[object] = [MISSING, None, "", 0, 1, True, [], {}]
NOT_OBJECTS: list[object] = [MISSING, None, "text", 7, True, []]

# Letters that Unicode, but not a host name, takes for another case of an ASCII letter, or for its equivalent.
KELVIN_SIGN, LONG_S, DOTTED_I, DOTLESS_I, FULLWIDTH_F = "\u212a", "\u017f", "\u0130", "\u0131", "\uff46"


def login(
    email_domain: EmailDomain = EmailDomain.OTHER,
    *,
    kind: Kind = Kind.PASSWORD,
    number: LoginNumber = LoginNumber.LATER,
    auth_require_mfa: bool = False,
    challenge_required: bool = False,
) -> Event:
    """An ordinary login on the test tenant, to be changed."""
    return post_login_event(
        Login(
            tenant=Tenant.TEST,
            kind=kind,
            email_domain=email_domain,
            number=number,
            auth_require_mfa=auth_require_mfa,
            challenge_required=challenge_required,
        )
    )


def with_each(
    event: Event, path: str, login: str, *, challenged: list[object] | None = None, skipped: list[object] | None = None
) -> list[Example]:
    """The login with each of the values at the path, by the decision that they lead to."""
    return [
        Example(
            f"{login} with {path} {'missing' if value is MISSING else ascii(value)}",
            changed(event, path, value),
            mfa_calls(decision),
        )
        for decision, values in ((Decision.CHALLENGE, challenged), (Decision.SKIP, skipped))
        for value in values or []
    ]


# Here the metadata requires MFA: it is skipped only by a bypass.
refresh = login(kind=Kind.REFRESH, auth_require_mfa=True)
integration = login(EmailDomain.INTEGRATION, auth_require_mfa=True)
first = login(number=LoginNumber.FIRST, auth_require_mfa=True)
kiosk = changed(integration, "secrets.INTEGRATION_TEST_DOMAIN", "kiosk-tests.example")

# Here it does not: MFA is required only by what is changed.
plain = login()
forced = login(EmailDomain.FORCE_MFA)

FORCE_MFA_ACCOUNTS = [
    *with_each(
        forced,
        "user.email",
        "force-MFA account",
        challenged=[
            "JANE@ForceMFA.FloatMe.IO",
            "jane@example.com@forcemfa.floatme.io",
            '"jane@example.com"@forcemfa.floatme.io',
            "@forcemfa.floatme.io",
            "@@forcemfa.floatme.io",
            "jane\n@forcemfa.floatme.io",
        ],
        skipped=[
            "jane@forcemfa.floatme.io@example.com",
            "jane@forcemfa.floatme.io\n@example.com",
            "jane@sub.forcemfa.floatme.io",
            "jane@notforcemfa.floatme.io",
            "jane@forcemfa.floatme.io.evil.com",
            "jane@forcemfa.floatme.io.",
            "jane@forcemfa.floatme.io ",
            "jane@ forcemfa.floatme.io",
            "jane@forcemfa.floatme.io\n",
            "jane@forcemfa.floatme.io\0",
            "jane@floatme.io",
            "jane@",
            "forcemfa.floatme.io",
            f"jane@{FULLWIDTH_F}orcemfa.floatme.io",
            f"jane@forcemfa.floatme.{DOTTED_I}o",
            f"jane@forcemfa.floatme.{DOTLESS_I}o",
            ["jane@forcemfa.floatme.io"],
            *NOT_TEXT,
        ],
    ),
    *with_each(
        forced,
        "secrets.FORCE_MFA_DOMAIN",
        "force-MFA account",
        challenged=["ForceMFA.FloatMe.IO"],
        skipped=["floatme.io", "@forcemfa.floatme.io", ["forcemfa.floatme.io"], *NOT_TEXT],
    ),
    *with_each(
        forced, "tenant.id", "force-MFA account", challenged=["floatme-test"], skipped=["floatme-prod", *NOT_TEXT]
    ),
    *with_each(forced, "stats.logins_count", "force-MFA account", challenged=[3, MISSING], skipped=[0, 1]),
    *with_each(
        login(EmailDomain.FORCE_MFA, auth_require_mfa=True, challenge_required=True),
        "stats.logins_count",
        "force-MFA account with both flags",
        challenged=[3, MISSING],
        skipped=[0, 1],
    ),
]

REFRESHES = [
    *with_each(
        refresh,
        "user.email",
        "refresh",
        skipped=[
            "jane@Example.com",
            "@example.com",
            "jane@sub.forcemfa.floatme.io",
            # Without a domain it is not in the force-MFA domain.
            "jane",
            "example.com",
            "jane@",
            "@",
            ["jane@example.com"],
            *NOT_TEXT,
        ],
        challenged=["jane@forcemfa.floatme.io", "JANE@FORCEMFA.FLOATME.IO", "jane@example.com@forcemfa.floatme.io"],
    ),
    *with_each(
        refresh,
        "secrets.FORCE_MFA_DOMAIN",
        "refresh",
        skipped=["other.example"],
        challenged=["example.com", "EXAMPLE.COM", ["x"], *NOT_TEXT],
    ),
    *with_each(
        refresh,
        "transaction.protocol",
        "refresh",
        skipped=["oauth2-refresh-token"],
        challenged=[
            "oauth2-password",
            "oauth2-refresh-token ",
            "OAUTH2-REFRESH-TOKEN",
            "refresh_token",
            ["oauth2-refresh-token"],
            *NOT_TEXT,
        ],
    ),
    *with_each(
        refresh,
        "tenant.id",
        "refresh",
        skipped=["floatme-test"],
        challenged=["floatme-test-2", "floatme", "Floatme-Test", "floatme-test ", ["floatme-test"], *NOT_TEXT],
    ),
    *with_each(
        refresh,
        "secrets.TEST_TENANT",
        "refresh",
        skipped=["floatme-test"],
        challenged=["floatme", "FLOATME-TEST", ["floatme-test"], *NOT_TEXT],
    ),
    *(
        example
        for value in NOT_TEXT
        for example in with_each(
            changed(refresh, "secrets.TEST_TENANT", value),
            "tenant.id",
            "refresh with the same TEST_TENANT",
            challenged=[value],
        )
    ),
]

INTEGRATION_TEST_ACCOUNTS = [
    *with_each(
        integration,
        "user.email",
        "integration test account",
        skipped=[
            "jane@integration-test.floatme.io",
            "JANE@INTEGRATION-TEST.FLOATME.IO",
            "jane@example.com@integration-test.floatme.io",
        ],
        challenged=[
            "jane@sub.integration-test.floatme.io",
            "jane@integration-test.floatme.io.evil.com",
            "jane@evil-integration-test.floatme.io",
            "jane@integration-test.floatme.io@example.com",
            "jane@integration-test.floatme.io.",
            "jane@integration-test.floatme.io ",
            "jane@floatme.io",
            "integration-test.floatme.io",
            f"jane@integration-te{LONG_S}t.floatme.io",
            f"jane@{DOTTED_I}ntegration-test.floatme.io",
            f"jane@{DOTLESS_I}ntegration-test.floatme.io",
            *NOT_TEXT,
        ],
    ),
    *with_each(
        kiosk,
        "user.email",
        "integration domain with a k",
        skipped=["jane@KIOSK-tests.example"],
        challenged=[f"jane@{KELVIN_SIGN}ios{KELVIN_SIGN}-tests.example"],
    ),
    *with_each(
        integration,
        "secrets.INTEGRATION_TEST_DOMAIN",
        "integration test account",
        skipped=["Integration-Test.FloatMe.io"],
        challenged=["floatme.io", ["integration-test.floatme.io"], *NOT_TEXT],
    ),
    *with_each(
        integration,
        "secrets.FORCE_MFA_DOMAIN",
        "integration test account",
        skipped=["other.example"],
        # The same domain in both settings: the rule that requires MFA wins.
        challenged=["integration-test.floatme.io", *NOT_TEXT],
    ),
]

LOGINS_COUNTS = with_each(
    first,
    "stats.logins_count",
    "login",
    skipped=[0, 1, 0.0, 1.0, -0.0],
    challenged=[3, -1, 0.5, 10**400, float("nan"), "0", "1", "", True, False, None, MISSING, [], [1], {}],
)

FLAGS = [
    example
    for path in ("user.app_metadata.auth_require_mfa", "request.body.challengeRequired")
    for example in with_each(
        plain,
        path,
        "login",
        skipped=[False, None, MISSING],
        challenged=[True, "true", "false", "", "0", 0, 1, float("nan"), [], {}],
    )
]

# Two domains that are both missing are no match.
NO_DOMAINS: list[object] = [{"TEST_TENANT": "floatme-test"}]
MISSING_PARTS = [
    *with_each(changed(integration, "user.email", MISSING), "secrets", "metadata without email", challenged=NO_DOMAINS),
    *with_each(changed(plain, "user.email", MISSING), "secrets", "plain login without email", skipped=NO_DOMAINS),
    *with_each(changed(refresh, "user.email", MISSING), "secrets", "refresh without email", challenged=NO_DOMAINS),
    *with_each(
        changed(integration, "user.email", MISSING),
        "secrets.INTEGRATION_TEST_DOMAIN",
        "metadata without email",
        challenged=NOT_TEXT,
    ),
    *(
        example
        for part in ("secrets", "request", "request.body", "stats", "tenant", "transaction")
        for example in with_each(login(auth_require_mfa=True), part, "metadata", challenged=NOT_OBJECTS)
    ),
    *(
        example
        for part in ("secrets", "user", "user.app_metadata", "stats", "tenant", "transaction")
        for example in with_each(login(challenge_required=True), part, "step-up", challenged=NOT_OBJECTS)
    ),
    *(
        example
        for part in ("request", "request.body", "user", "user.app_metadata")
        for example in with_each(plain, part, "plain login", skipped=NOT_OBJECTS)
    ),
    Example("event without anything", {}, []),
]

ODD_LOGINS = [*FORCE_MFA_ACCOUNTS, *REFRESHES, *INTEGRATION_TEST_ACCOUNTS, *LOGINS_COUNTS, *FLAGS, *MISSING_PARTS]
