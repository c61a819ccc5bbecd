"""What people can set or call stands in the docs; what the docs name exists, and one finds the way between them."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from local_tenant.cli import COMMANDS

from components.settings import SETTINGS
from operations.cli import commands as operations_commands

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
MAKE_TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
IN_DOCS = sorted((ROOT / "docs").glob("*.md"))
DOCS = [ROOT / "README.md", *IN_DOCS, ROOT / "engine" / "README.md"]

GLOSSARY = ROOT / "docs" / "glossary.md"
# Each entry from its bullet to the next: the words that it explains, and what it says of them.
ENTRIES = re.findall(r"^- \*\*(.+?)\*\*: (.+?)(?=^- |\Z)", GLOSSARY.read_text(), flags=re.MULTILINE | re.DOTALL)
WORDS = [word for words, _ in ENTRIES for word in words.split(", ")]
FOLDERS = ("actions", "components", "engine", "local_tenant", "mfa_policy", "operations")
READ = {".html", ".js", ".md", ".py"}


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


each_document = pytest.mark.parametrize("document", DOCS, ids=name_of)


@pytest.mark.parametrize("key", [setting.key for setting in SETTINGS])
def test_each_config_key_stands_in_the_operations_guide(key: str) -> None:
    assert f"| `{key}` |" in OPERATIONS


@pytest.mark.parametrize("target", [target for target in MAKE_TARGETS if target != "help"])
def test_each_make_target_stands_in_the_readme(target: str) -> None:
    assert re.search(rf"`(?:make )?{target}`", README)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_of_the_local_tenant_stands_in_the_readme(command: str) -> None:
    assert f"`{command}`" in README


@pytest.mark.parametrize("command", sorted(operations_commands.commands))
def test_each_command_of_actions_ops_stands_in_the_operations_guide(command: str) -> None:
    assert f"`make {command}" in OPERATIONS


@each_document
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    assert [target for target, _ in links(document) if not (document.parent / target).exists()] == []


@each_document
def test_every_anchor_that_a_document_links_to_is_a_heading_there(document: Path) -> None:
    anchored = [(document.parent / target if target else document, anchor) for target, anchor in links(document)]

    assert [
        f"{name_of(target.resolve())}#{anchor}"
        for target, anchor in anchored
        if anchor and anchor not in anchors(target.resolve())
    ] == []


@pytest.mark.parametrize("document", IN_DOCS, ids=name_of)
def test_the_readme_leads_to_every_document(document: Path) -> None:
    assert name_of(document) in {target for target, _ in links(ROOT / "README.md")}


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.png")), ids=lambda path: path.name)
def test_every_picture_stands_in_a_document(picture: Path) -> None:
    shown = {(document.parent / target).resolve() for document in DOCS for target, _ in links(document)}

    assert picture in shown


@each_document
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    assert named(document, r"make (?:-s )?([a-z-]+)") - set(MAKE_TARGETS) == set()


@each_document
def test_every_command_of_the_local_tenant_that_a_document_names_exists(document: Path) -> None:
    assert named(document, r"(?:\.venv/bin/)?local-tenant ([a-z]+)") - set(COMMANDS) == set()


@each_document
def test_every_command_of_actions_ops_that_a_document_names_exists(document: Path) -> None:
    assert named(document, r"actions-ops ([a-z]+)") - set(operations_commands.commands) == set()


def test_the_glossary_is_sorted_and_has_each_word_once() -> None:
    assert len(WORDS) > 40
    firsts = [words.casefold() for words, _ in ENTRIES]

    assert firsts == sorted(firsts)
    assert [word for word, times in Counter(WORDS).items() if times > 1] == []


@pytest.mark.parametrize(("words", "text"), ENTRIES, ids=[words for words, _ in ENTRIES])
def test_each_entry_of_the_glossary_says_where_to_find_the_thing(words: str, text: str) -> None:
    assert "](" in text, words


@pytest.mark.parametrize("word", WORDS)
def test_each_word_of_the_glossary_is_used_elsewhere(word: str) -> None:
    # Also in the plural, and over the end of a line.
    pattern = r"\b" + r"\s+(?:[#*/]+\s*)?".join(map(re.escape, word.split())) + r"s?\b"

    assert re.search(pattern, elsewhere(), flags=re.IGNORECASE)


@cache
def elsewhere() -> str:
    """The code and the docs in which the glossary's words can be used; not the glossary itself, nor the tests."""
    code = [ROOT / "__main__.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.*")))]
    others = [document for document in DOCS if document != GLOSSARY]
    return "\n".join(path.read_text() for path in (*code, *others) if path.suffix in READ)


def links(document: Path) -> list[tuple[str, str]]:
    """The links of a document that stay in this project: path, empty for the document itself, and anchor."""
    found = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", prose(document))
    return [(target, anchor) for target, anchor in found if target or anchor]


def named(document: Path, command: str) -> set[str]:
    """What follows a command where it stands as code: in backticks, or behind the prompt of an example."""
    return set(re.findall(rf"(?:`|^ *\$ |\(){command}", document.read_text(), flags=re.MULTILINE))


@cache
def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, made as GitHub makes them."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", prose(document), flags=re.MULTILINE)
    seen: Counter[str] = Counter()
    made = set()
    for heading in headings:
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        made.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return made


@cache
def prose(document: Path) -> str:
    """A document without its blocks of code, whose comments look like headings."""
    return re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
