"""Usable versions, and pins that agree."""

import re
import tomllib

import pytest
from pulumi_engine.versions import BUILT_PROVIDER, MINIMUM_PULUMI, PACKAGE, parse, pinned_pulumi, usable_pulumi


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("v3.259.0", True),
        ("3.259.0", True),
        ("3.259.1", True),
        ("3.1000.0", True),
        ("v3.260.0-alpha.1", True),
        ("3.259.0-alpha.xabcdef", False),
        ("3.258.99", False),
        ("3.26.0", False),
        ("2.999.0", False),
        ("4.0.0", False),
    ],
)
def test_which_pulumi_is_usable(text: str, *, usable: bool) -> None:
    version = parse(text)
    assert (version is not None and usable_pulumi(version)) is usable


@pytest.mark.parametrize("text", ["", "dev", "v3.259.0 is out", "-3.259.0"])
def test_a_text_that_is_no_version(text: str) -> None:
    assert parse(text) is None


def test_the_pinned_pulumi_is_usable() -> None:
    version = parse(pinned_pulumi())
    assert version is not None
    assert usable_pulumi(version)


def locked(package: str) -> str:
    lock = tomllib.loads((PACKAGE.parents[3] / "uv.lock").read_text(encoding="utf-8"))
    [version] = (each["version"] for each in lock["package"] if each["name"] == package)
    assert isinstance(version, str)
    return version


def test_the_pins_of_go_and_python_agree() -> None:
    assert pinned_pulumi() == str(MINIMUM_PULUMI) == locked("pulumi")
    assert locked("pulumi-auth0") == BUILT_PROVIDER


def test_both_modules_of_pulumi_are_pinned_to_one_release() -> None:
    text = (PACKAGE / "cli" / "go.mod").read_text(encoding="utf-8")
    pins = set(re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", text))
    assert pins == {pinned_pulumi()}
