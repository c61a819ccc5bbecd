"""The docs name every setting and command; what they name exists; every link leads somewhere."""

import re
import subprocess
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from local_tenant.cli import COMMANDS

from components.settings import KEYS
from operations.cli import commands as operations_commands
from operations.content import KINDS as PART_KINDS
from operations.doctor.checks import SCOPES
from operations.drift.findings import Kind
from policy import decision_table

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
OPERATIONS = ROOT / "docs" / "operations.md"
RULES = ROOT / "docs" / "rules.md"
TENANT_README = ROOT / "packages" / "local-tenant" / "README.md"
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))

PACKAGES = sorted(ROOT.glob("packages/*"))
PACKAGE_DOCS = [document for package in PACKAGES for document in sorted(package.glob("docs/*.md"))]
DOCS = [README, *sorted(ROOT.glob("docs/*.md")), *(package / "README.md" for package in PACKAGES), *PACKAGE_DOCS]
PICTURES = sorted(ROOT.glob("packages/*/docs/pictures/*.png"))

GLOSSARIES = [document for document in DOCS if document.name == "glossary.md"]
CODE = ("actions", "components", "operations", "policy", "packages")
READ = {".html", ".js", ".md", ".py"}


def name_of(document: Path) -> str:
    return str(document.resolve().relative_to(ROOT))


each_document = pytest.mark.parametrize("document", DOCS, ids=name_of)
each_glossary = pytest.mark.parametrize("glossary", GLOSSARIES, ids=name_of)


@pytest.mark.parametrize("key", KEYS)
def test_operations_lists_each_setting(key: str) -> None:
    assert f"| `{key}` |" in OPERATIONS.read_text()


def test_rules_have_the_reasons_of_the_decision_table() -> None:
    reasons = re.findall(r"^\| \d \|.*`([a-z-]+)` \|$", RULES.read_text(), flags=re.MULTILINE)

    assert sorted(reasons) == sorted({case.reason for case in decision_table()})


def test_readme_has_the_sentence_of_the_rules() -> None:
    [sentence] = re.findall(r"^\*\*(.+?)\*\*$", RULES.read_text(), flags=re.MULTILINE | re.DOTALL)

    assert " ".join(sentence.split()) in " ".join(README.read_text().split())


def test_operations_lists_each_kind_of_drift() -> None:
    table = OPERATIONS.read_text().partition("\n| Drift |")[2].partition("\n\n")[0]
    kinds = [kind for row in table.splitlines()[2:] for kind in re.findall(r"`([a-z-]+)`", row.split("|")[1])]

    assert sorted(kinds) == sorted({*Kind, *PART_KINDS})


@pytest.mark.parametrize("command", SCOPES)
def test_operations_lists_the_scopes_that_doctor_checks(command: str) -> None:
    [row] = re.findall(
        rf"^\| [^|]+ \| `{command}(?: STACK=test)?` \| ([^|]+) \|$", OPERATIONS.read_text(), flags=re.MULTILINE
    )

    assert tuple(re.findall(r"`(\w+:\w+)`", row)) == SCOPES[command]


@pytest.mark.parametrize("command", sorted(operations_commands.commands))
def test_operations_shows_each_command(command: str) -> None:
    assert f"`make {command}" in OPERATIONS.read_text()


@pytest.mark.parametrize("target", sorted(MAKE_TARGETS - {"help"}))
def test_readme_lists_each_make_target(target: str) -> None:
    assert re.search(rf"`(?:make )?{target}`", README.read_text())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_tenant_readme_lists_each_command(command: str) -> None:
    assert f"`{command}`" in TENANT_README.read_text()


def test_readme_lists_each_folder() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()  # noqa: S607
    folders = {folder for folder, _, rest in (file.partition("/") for file in files) if rest and folder[0] != "."}

    assert [folder for folder in sorted(folders) if f"`{folder}/`" not in README.read_text()] == []


def test_tenant_architecture_lists_each_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract.get("containers") == ["local_tenant"]]
    architecture = (ROOT / "packages" / "local-tenant" / "docs" / "architecture.md").read_text()

    names = [name.strip() for layer in layers for name in layer.split("|")]
    assert [name for name in names if not re.search(rf"`{name}(/|\.py)`", architecture)] == []


@pytest.mark.parametrize(
    "document", [document for document in DOCS if document == README or document.name == "architecture.md"], ids=name_of
)
def test_files_and_folders_that_a_map_names_exist(document: Path) -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    paths = re.findall(r"`([\w.*/-]+(?:/|\.(?:py|js|md|csv|toml|yaml)))`", document.read_text())

    paths = [path for path in paths if path not in {".local/", ".venv/"}]
    # In full or from any folder on; * and words in capitals stand for names.
    patterns = {path: re.sub(r"\*|[A-Z]{4,}", "[^/\n]+", re.escape(path).replace(r"\*", "*")) for path in paths}
    assert [path for path, pattern in patterns.items() if not re.search(rf"(?m)^(.*/)?{pattern}", files)] == []


@each_document
def test_links_lead_to_files_and_headings(document: Path) -> None:
    broken = [
        f"{target}#{anchor}" if anchor else target
        for target, anchor in links(document)
        if not (document.parent / target).exists()
        or (anchor and anchor not in anchors((document.parent / target).resolve() if target else document))
    ]

    assert broken == []


@pytest.mark.parametrize("document", PACKAGE_DOCS, ids=name_of)
def test_package_readme_leads_to_the_package_docs(document: Path) -> None:
    readme = document.parents[1] / "README.md"

    assert document in {(readme.parent / target).resolve() for target, _ in links(readme)}


@pytest.mark.parametrize(
    "document", [document for document in DOCS if ROOT / "packages" in document.parents], ids=name_of
)
def test_a_package_links_to_nothing_of_the_program(document: Path) -> None:
    targets = {name_of(document.parent / target) for target, _ in links(document)}

    assert [target for target in targets if not target.startswith("packages/")] == []


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/*.md")), ids=name_of)
def test_readme_leads_to_each_document(document: Path) -> None:
    assert document in {(README.parent / target).resolve() for target, _ in links(README)}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_each_picture_is_in_a_document(picture: Path) -> None:
    assert picture in {(document.parent / target).resolve() for document in DOCS for target, _ in links(document)}


@each_document
def test_make_targets_that_a_document_names_exist(document: Path) -> None:
    assert named(document, r"make (?:-s )?([a-z-]+)") - MAKE_TARGETS == set()


@each_document
def test_commands_of_the_tenant_that_a_document_names_exist(document: Path) -> None:
    assert named(document, r"(?:\.venv/bin/)?local-tenant ([a-z]+)") - set(COMMANDS) == set()


@each_document
def test_commands_of_actions_ops_that_a_document_names_exist(document: Path) -> None:
    assert named(document, r"actions-ops ([a-z]+)") - set(operations_commands.commands) == set()


@each_glossary
def test_a_glossary_is_sorted_and_has_each_word_once(glossary: Path) -> None:
    headings = [words for words, _ in entries(glossary)]
    words = [word for heading in headings for word in heading.split(", ")]

    assert len(words) > 20
    assert headings == sorted(headings, key=str.casefold)
    assert [word for word, times in Counter(words).items() if times > 1] == []


@each_glossary
def test_each_entry_of_a_glossary_links_to_where_the_thing_is(glossary: Path) -> None:
    assert [words for words, text in entries(glossary) if "](" not in text] == []


@each_glossary
def test_each_word_of_a_glossary_is_used_elsewhere(glossary: Path) -> None:
    words = [word for heading, _ in entries(glossary) for word in heading.split(", ")]

    # Also in the plural, and across the end of a line.
    patterns = {word: r"\b" + r"\s+(?:[#*/]+\s*)?".join(map(re.escape, word.split())) + r"s?\b" for word in words}
    assert [word for word, pattern in patterns.items() if not re.search(pattern, elsewhere(), re.IGNORECASE)] == []


def entries(glossary: Path) -> list[tuple[str, str]]:
    """A glossary's entries, each from its bullet to the next: the words, and their explanation."""
    return re.findall(r"^- \*\*(.+?)\*\*: (.+?)(?=^- |\Z)", glossary.read_text(), flags=re.MULTILINE | re.DOTALL)


@cache
def elsewhere() -> str:
    """The code and the docs in which the words of the glossaries can be used; not the glossaries, nor tests."""
    code = [ROOT / "__main__.py", *(path for folder in CODE for path in sorted((ROOT / folder).rglob("*.*")))]
    text = [path for path in code if path.suffix in READ and "tests" not in path.parts]
    return "\n".join(path.read_text() for path in {*text, *DOCS} - set(GLOSSARIES))


def links(document: Path) -> list[tuple[str, str]]:
    """The links of a document that stay in this repository: path, empty for the document itself, and anchor."""
    pairs = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", prose(document))
    return [(target, anchor) for target, anchor in pairs if target or anchor]


def named(document: Path, command: str) -> set[str]:
    """The words that follow a command in code: in backticks, or after the prompt of an example."""
    return set(re.findall(rf"(?:`|^ *\$ |\(){command}", document.read_text(), flags=re.MULTILINE))


@cache
def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub generates them."""
    times: Counter[str] = Counter()
    unique = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", prose(document), flags=re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        unique.add(f"{anchor}-{times[anchor]}" if times[anchor] else anchor)
        times[anchor] += 1
    return unique


@cache
def prose(document: Path) -> str:
    """A document without its code blocks, whose comments look like headings."""
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
