"""What a person does in a window of the tenant's page."""

from browser.stage import FORCE_MFA_DOMAIN
from playwright.sync_api import Page, expect

EMAIL = f"ada@{FORCE_MFA_DOMAIN}"
PASSWORD = "Correct-horse-7-battery"


def arrive(window: Page, heading: str) -> None:
    """Wait for the page of that heading: a click returns before the page that it leads to is there."""
    expect(window.get_by_role("heading", level=1)).to_have_text(heading)
    window.wait_for_load_state()


def sign_up(window: Page, email: str = EMAIL) -> str:
    """On the page of users; the address of the new user's page."""
    window.get_by_role("navigation").get_by_role("link", name="Users").click()
    window.get_by_label("Email address").fill(email)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign up").click()
    expect(window.get_by_role("heading", level=1)).to_have_text(email)
    return window.url


def log_in_in_the_browser(window: Page, person: str) -> None:
    """From a user's page to the login page, with the right password."""
    window.goto(person)
    window.get_by_role("button", name="Log in in the browser").click()
    expect(window.get_by_label("Email address")).to_have_value(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()


def give_code(window: Page, label: str, code: str) -> None:
    """On the page of enrolment or of a challenge."""
    window.get_by_label(label).fill(code)
    window.get_by_role("button", name="Continue").click()
