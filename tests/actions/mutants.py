"""Actions with one mistake each, to prove that the examples notice it. No mistake quotes an Action's own rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)

# One operand of && or ||, such as `isText(x)`, `!y` and `a?.b === "c"`.
_OPERAND = r'!?(?:typeof )?[\w.?]+(?:\(\w*\))?(?: [!=]== [\w"]+)?'
# Two names that are compared, a number that is compared with a row of others, and a value that none of a row equals.
_SAME_NAMES = r"\b(\w+) === ([a-zA-Z]\w*)\b"
_ONE_OF_NUMBERS = r"\b(\w+) === (?:\d \|\| \1 === )*(\d)(?=\))"
_NONE_OF_VALUES = r"\b(\w+) !== \w+(?: && \1 !== \w+)+"
_REPLACED_TEXT = r"\b(\w+)\.replace\(.*\)(?= :)"

# A piece of code, and what somebody could write instead.
_MISTAKES = [
    (r"===", "!=="),
    (r"!==", "==="),
    (r"&&", "||"),
    (r"\|\|", "&&"),
    (rf"{_OPERAND} (?:&&|\|\|) ", ""),
    (rf" (?:&&|\|\|) {_OPERAND}", ""),
    (r"!(?!=)", ""),
    (r"\?\.(?=\w)", "."),
    (r"\?\.(?=\[)", ""),
    (r"(?<=\.)\w+(?! =)", "somethingElse"),
    (r"\b(?:false|true|undefined)\b", "null"),
    (r"\b\d\b", "7"),
    (r'"[^"\n]*"', '"something else"'),
    (r"\breturn;", ";"),
    (r"(?m)^  api\..*;$", ""),
    (r"(?m)^(  api\..*;)$", r"\1\1"),
    (r"(api\.[\w.]+\([^()\n]*)\)", r"\1, {})"),
    # Mistakes that change more than a word, yet look right.
    (_SAME_NAMES, r"\1.endsWith(\2)"),
    (_SAME_NAMES, r"\1.startsWith(\2)"),
    (_SAME_NAMES, r"\1.includes(\2)"),
    (_ONE_OF_NUMBERS, r"\1 <= \2"),
    (_ONE_OF_NUMBERS, r"!(\1 > \2)"),
    (_ONE_OF_NUMBERS, r"!\1 || \1 === \2"),
    (_NONE_OF_VALUES, r"\1 === true"),
    (_NONE_OF_VALUES, r"Boolean(\1)"),
    (_REPLACED_TEXT, r"\1"),
    (_REPLACED_TEXT, r"\1.toLowerCase()"),
    (_REPLACED_TEXT, r"\1.toUpperCase()"),
    (r"\.exec\((\w+)\)", r".exec(\1.trim())"),
    # In regular expressions.
    (r"(?<=/)@", ""),
    (r"\[\^.\]\*", ".*"),
    (r"\[\^.\]\*\)", r".*?)\\.?"),
    (r"\$/", "/"),
    (r"\$/", "$/m"),
    (r"/g\b", "/"),
]

_FACT = re.compile(r"const (is\w+) =")
_EARLY_RETURN = re.compile(r"(?m)^  if \((.*)\) return;$")


@dataclass(frozen=True)
class Mutant:
    """The source with a mistake, and a name that says where and which."""

    name: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """The source with each kind of mistake at each place in the code where it can be made, one at a time."""
    comments = [comment.span() for comment in _COMMENT.finditer(source)]
    for pattern, mistake in _MISTAKES:
        for match in re.finditer(pattern, source):
            if not any(start <= match.start() < end for start, end in comments):
                yield _mutant(source, match.span(), match.expand(mistake))
    yield from _confused_facts(source)
    yield from _narrower_returns(source)


def _confused_facts(source: str) -> Iterator[Mutant]:
    """Each use of a fact such as `isRefresh` with each of those that were stated before it."""
    for fact in _FACT.finditer(source):
        for use in re.finditer(rf"\b{fact[1]}\b(?! =)", source):
            others = [other for other in _facts_before(source, use.start()) if other != fact[1]]
            yield from (_mutant(source, use.span(), other) for other in others)


def _narrower_returns(source: str) -> Iterator[Mutant]:
    """Each early return of a handler with one more condition: a fact that it does not ask for, or the opposite."""
    for early_return in _EARLY_RETURN.finditer(source):
        condition = early_return[1]
        for fact in _facts_before(source, early_return.start(), indent="\n  "):
            if fact not in condition:
                yield _mutant(source, early_return.span(1), f"({condition}) && {fact}")
                yield _mutant(source, early_return.span(1), f"({condition}) && !{fact}")


def _facts_before(source: str, position: int, indent: str = "") -> list[str]:
    return re.findall(indent + _FACT.pattern, source[:position])


def _mutant(source: str, span: tuple[int, int], mistake: str) -> Mutant:
    start, end = span
    line = source.count("\n", 0, start) + 1
    return Mutant(f"line {line}: {source[start:end]} -> {mistake}", source[:start] + mistake + source[end:])
