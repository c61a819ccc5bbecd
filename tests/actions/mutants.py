"""Actions with one mistake each, to see that the examples notice it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)

# One operand of && or ||, such as `isText(x)`, `!y` and `a?.b === "c"`.
_OPERAND = r'!?(?:typeof )?[\w.?]+(?:\(\w*\))?(?: [!=]== [\w"]+)?'

# A piece of code and what somebody could write in its place.
_MISTAKES = {
    r"===": "!==",
    r"!==": "===",
    r"&&": "||",
    r"\|\|": "&&",
    rf"{_OPERAND} (?:&&|\|\|) ": "",
    rf" (?:&&|\|\|) {_OPERAND}": "",
    r"!(?!=)": "",
    r"\?\.(?=\w)": ".",
    r"\?\.(?=\[)": "",
    r"(?<=\.)\w+(?! =)": "somethingElse",
    r"\b(?:false|true|undefined)\b": "null",
    r"\b\d\b": "7",
    r'"[^"\n]*"': '"something else"',
    r"\breturn;": ";",
    r"(?m)^  api\..*;$": "",
    r"(?m)^(  api\..*;)$": r"\1\1",
}


@dataclass(frozen=True)
class Mutant:
    """The source with a mistake, and a name that says where and which."""

    name: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """The source with each kind of mistake at each place in the code where it can be made, one at a time."""
    comments = [comment.span() for comment in _COMMENT.finditer(source)]
    for pattern, mistake in _MISTAKES.items():
        for match in re.finditer(pattern, source):
            if any(start <= match.start() < end for start, end in comments):
                continue
            yield _mutant(source, match.span(), match.expand(mistake))


def mutant(source: str, code: str, mistake: str) -> Mutant:
    """The source with one particular mistake in place of a piece of code that occurs once."""
    assert source.count(code) == 1, f"{code!r} is no longer in the Action: say what mistake to try in its place"
    start = source.index(code)
    return _mutant(source, (start, start + len(code)), mistake)


def _mutant(source: str, span: tuple[int, int], mistake: str) -> Mutant:
    start, end = span
    line = source.count("\n", 0, start) + 1
    return Mutant(f"line {line}: {source[start:end]} -> {mistake}", source[:start] + mistake + source[end:])
