"""The applications of README.md log in as they are written there, but for addresses and client ids."""

import re
import socket
import subprocess
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser.windows import OpenWindow
from local_tenant.testing import PASSWORD, TenantClient
from playwright.sync_api import Page, expect
from serving import serving

EMAIL = "ada@example.com"
README = Path(__file__).parents[2] / "README.md"
SECONDS_TO_END = 10


def example(language: str) -> str:
    """The one code block of README.md in that language."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", README.read_text(), re.DOTALL)
    return str(code)


def log_in(window: Page) -> None:
    window.get_by_label("Email address").fill(EMAIL)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Continue").click()


def test_the_express_application_logs_in_and_out(
    open_window: OpenWindow, tenant: TenantClient, environment: dict[str, str], tmp_path: Path
) -> None:
    tenant.sign_up(EMAIL)
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    program = tmp_path / "app.js"
    program.write_text(example("js").replace("3000", str(port)))
    environment |= {"CLIENT_ID": environment["APPLICATION_CLIENT_ID"], "NODE_PATH": environment["PACKAGES"]}
    with subprocess.Popen(["node", str(program)], env=environment) as process:  # noqa: S603, S607
        try:
            wait_for(port, process)
            window = open_window()
            window.goto(f"http://localhost:{port}/login")
            log_in(window)
            expect(window.locator("body")).to_have_text(EMAIL)
            window.goto(f"http://localhost:{port}/logout")
            expect(window.locator("body")).to_have_text("Logged out")
        finally:
            process.terminate()
            process.wait(SECONDS_TO_END)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once something listens there."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the application has ended")


def test_the_single_page_application_logs_in_and_stays_logged_in(
    open_window: OpenWindow, tenant: TenantClient, javascript_packages: Path, tmp_path: Path
) -> None:
    tenant.sign_up(EMAIL)
    client_id = tenant.ready["single_page_application"]["client_id"]
    page = re.sub(r'domain: ".*"', f'domain: "{tenant.ready["domain"]}"', example("html"))
    page = page.replace("<button>", '<link rel="icon" href="data:,">\n<button>', 1)
    (tmp_path / "index.html").write_text(re.sub(r'clientId: ".*"', f'clientId: "{client_id}"', page))
    (tmp_path / "node_modules").symlink_to(javascript_packages)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    with serving(server):
        window = open_window()
        window.goto(f"http://localhost:{server.server_port}")
        expect(window.locator("p")).to_have_text("Logged out")
        window.get_by_role("button", name="Log in").click()
        log_in(window)
        expect(window.locator("p")).to_have_text(EMAIL)
        window.reload()
        expect(window.locator("p")).to_have_text(EMAIL)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
        """Keep requests out of the test's output."""
