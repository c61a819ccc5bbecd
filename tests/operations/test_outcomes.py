"""The logins to compare, and the report."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from operations.outcomes.logins import all_domains, sampled_logins, sign_ups, table_logins
from operations.outcomes.report import MOST_SHOWN, Report
from operations.outcomes.runs import Change, Outcome
from policy import EmailDomain, Tenant, decision_table

DOMAINS = {
    EmailDomain.INTEGRATION: ("it.floatme.io",),
    EmailDomain.FORCE_MFA: ("force.floatme.io",),
    EmailDomain.OTHER: ("example.com",),
}


def report(*changes: Change) -> Report:
    return Report("abc1234", "the working tree", {"decision table": len(decision_table())}, 0, changes)


def change(was: Outcome, now: Outcome, number: int = 0) -> Change:
    login = list(table_logins(DOMAINS))[number]
    return Change(login, was, now, "because")


def test_every_row_of_the_table_is_compared_with_every_domain_of_the_settings() -> None:
    assert len(list(table_logins(DOMAINS))) == len(decision_table())

    both = all_domains(
        [
            {EmailDomain.INTEGRATION: "it.floatme.io", EmailDomain.FORCE_MFA: "force.floatme.io"},
            {EmailDomain.INTEGRATION: "new.floatme.io", EmailDomain.FORCE_MFA: "force.floatme.io"},
        ]
    )
    assert both[EmailDomain.INTEGRATION] == ("it.floatme.io", "new.floatme.io")
    used = [each.email_domain for each in table_logins(both)]
    assert used.count("it.floatme.io") == used.count("new.floatme.io") == len(decision_table()) / 3


def test_the_same_seed_draws_the_same_logins_and_another_draws_others() -> None:
    assert list(sampled_logins(DOMAINS, 7, 50)) == list(sampled_logins(DOMAINS, 7, 50))
    assert list(sampled_logins(DOMAINS, 7, 50)) != list(sampled_logins(DOMAINS, 8, 50))


def test_the_sample_has_odd_logins_on_both_tenants() -> None:
    drawn = list(sampled_logins(DOMAINS, 0, 300))
    assert {each.tenant for each in drawn} == set(Tenant)
    assert any("stats" not in each.event for each in drawn)
    assert any("email" not in each.event["user"] for each in drawn)
    assert any("evil.example" in each.who for each in drawn)


def test_sign_ups_are_compared_on_both_tenants_with_each_domain() -> None:
    assert {(each.tenant, each.who) for each in sign_ups(DOMAINS)} == {
        (tenant, f"jane@{domain}") for tenant in Tenant for [domain] in DOMAINS.values()
    }


def lines_of(result: Report, width: int = 80) -> list[str]:
    out = Console(width=width, file=StringIO(), highlight=False, markup=False, emoji=False)
    result.print_text(out)
    assert isinstance(out.file, StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


def test_nothing_changed_says_so() -> None:
    assert report().summary.startswith("From abc1234 to the working tree, no login ends differently: 0 of ")
    assert "<details>" not in report().as_markdown()


def test_other_data_is_a_group_of_its_own_where_the_login_itself_ends_the_same() -> None:
    result = report(change(Outcome("skipped", effects={"user_metadata": {"last_ip": "1"}}), Outcome("skipped")))
    assert [group.title for group in result.groups] == ["skipped as before, with other data: 1 login"]


def test_logins_are_grouped_by_what_changed_the_largest_group_first_each_one_line() -> None:
    was, now = Outcome("skipped"), Outcome("challenged", "any")
    result = report(change(now, was, 2), change(was, now, 0), change(was, now, 1))

    assert lines_of(result, 120)[2:] == [
        "skipped → challenged: 2 logins",
        "  because",
        "    test, password, login 1: jane@it.floatme.io",
        "    test, password, login 1: jane@it.floatme.io, asks",
        "",
        "challenged → skipped: 1 login",
        "  because",
        "    test, password, login 1: jane@it.floatme.io, MFA flag",
    ]


def test_no_line_is_wider_than_the_terminal() -> None:
    odd = "user.app_metadata.auth_require_mfa missing, transaction.protocol 'oauth2-token-exchange'"
    login = replace(next(table_logins(DOMAINS)), who=f"jane@it.floatme.io, {odd}")
    result = report(Change(login, Outcome("skipped"), Outcome("failed", "mfa_action: " + "x" * 90), "why " * 40))

    lines = lines_of(result, width=60)

    assert max(map(len, lines)) <= 60
    [one] = [line for line in lines if line.startswith("    test,")]
    assert one.endswith("…")


def test_markdown_shows_text_as_it_is() -> None:
    markdown = report(change(Outcome("denied", "<b>|no| @team [x](y)</b>"), Outcome("skipped"))).as_markdown()
    assert "<b>" not in markdown
    assert "@team" not in markdown
    assert "&#60;b&#62;&#124;no&#124; &#64;team &#91;x&#93;(y)" in markdown


def test_a_comment_never_grows_without_bound() -> None:
    many = [change(Outcome("skipped"), Outcome("failed", f"error {number}")) for number in range(MOST_SHOWN + 5)]
    markdown = report(*many).as_markdown()
    assert "and 5 more" in markdown
    assert markdown.count("\n- ") == MOST_SHOWN
    assert len(report(*many).as_json()["changes"]) == MOST_SHOWN + 5
