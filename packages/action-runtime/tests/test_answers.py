import orjson
import pytest
from action_runtime.answers import MOST_LEVELS, too_deep


def answer(levels: int) -> bytes:
    """An answer of that many levels: an object of lists."""
    return b'{"calls":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(("levels", "deep"), [(2, False), (MOST_LEVELS, False), (MOST_LEVELS + 1, True), (1_000, True)])
def test_an_answer_of_too_many_levels_is_too_deep(levels: int, deep: bool) -> None:  # noqa: FBT001
    line = answer(levels)
    assert too_deep(orjson.loads(line), line) is deep


def test_a_wide_answer_is_not_too_deep() -> None:
    line = orjson.dumps({"calls": [[] for _ in range(10_000)]})
    assert not too_deep(orjson.loads(line), line)
