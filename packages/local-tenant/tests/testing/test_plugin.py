"""The pytest plugin, as another team's tests use it: each test runs pytest in a process of its own."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty project, whose pytest is as strict as ours."""
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")
    return pytester


def test_the_example_of_the_readme_passes(project: pytest.Pytester) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    project.makepyfile(example)
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_each_test_gets_an_emptied_tenant_and_the_real_time(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from datetime import UTC, datetime, timedelta

        import pytest

        @pytest.mark.parametrize("round", [1, 2])
        def test_leaves_all_it_can(auth0_tenant, round):
            assert auth0_tenant.log_types() == []
            assert auth0_tenant.flow("post-login") == []
            assert auth0_tenant.faults() == []
            assert abs(auth0_tenant.now() - datetime.now(UTC)) < timedelta(days=1)
            auth0_tenant.bind_action()
            auth0_tenant.sign_up("ada@example.com")
            auth0_tenant.advance_clock(86_400 * 40)
            auth0_tenant.inject("server_error", path="/never")
    """)
    project.runpytest_subprocess().assert_outcomes(passed=2)


def test_each_test_begins_with_the_seed_of_a_conftest(project: pytest.Pytester) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    project.makefile(
        ".js", greet="exports.onExecutePostLogin = async (event) => console.log(event.secrets.KEY.length);"
    )
    project.makefile(".yaml", seed=example)
    project.makeconftest("""
        from pathlib import Path

        import pytest

        @pytest.fixture(scope="session")
        def auth0_tenant_seed():
            return Path("seed.yaml")
    """)
    project.makepyfile("""
        import pytest
        from local_tenant.testing import Person

        @pytest.mark.parametrize("round", [1, 2])
        def test_ada_is_known(auth0_tenant, round):
            [ada] = auth0_tenant.api.get("/api/v2/users").json()
            assert ada["logins_count"] == 3
            Person(auth0_tenant, ada["email"], ada["user_id"], "Correct-horse-7-battery").log_in()
            assert "3" in str(auth0_tenant.trace()["trace"]["actions"][0]["console"])
            auth0_tenant.sign_up("grace@example.com")
    """)
    project.runpytest_subprocess().assert_outcomes(passed=2)


def test_a_conftest_sets_the_options_of_the_tenant(project: pytest.Pytester) -> None:
    project.makeconftest("""
        import pytest

        @pytest.fixture(scope="session")
        def auth0_tenant_options():
            return ["--api", "https://api.example.com"]
    """)
    project.makepyfile("""
        from local_tenant.testing import expect

        def test_the_api_is_an_audience(auth0_tenant):
            expect(auth0_tenant.sign_up().log_in(audience="https://api.example.com"), 200)
    """)
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_failure_shows_the_request_and_the_response(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from local_tenant.testing import expect

        def test_fails(auth0_tenant):
            ada = auth0_tenant.sign_up()
            ada.password = "wrong"
            expect(ada.log_in(), 200)
    """)
    result = project.runpytest_subprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *UnexpectedResponseError: POST https://localhost:*/oauth/token: 403, not 200", "*invalid_grant*"]
    )


def test_a_run_without_the_fixtures_imports_nothing_of_the_tenant(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import sys

        def test_imports():
            assert "local_tenant.pytest_plugin" in sys.modules
            assert {name for name in sys.modules if name.startswith("local_tenant.")} == {"local_tenant.pytest_plugin"}
            assert "httpx" not in sys.modules
    """)
    project.runpytest_subprocess("-p", "no:hypothesispytest").assert_outcomes(passed=1)
