from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from local_tenant.metadata import merged

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
# Few keys, so that changes meet what is there.
CHANGES = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
METADATA = CHANGES.map(lambda changes: {key: value for key, value in changes.items() if value is not None})


@given(METADATA, CHANGES)
def test_each_key_takes_its_new_value_and_null_deletes(current: dict[str, Any], changes: dict[str, Any]) -> None:
    result = merged(current, changes)
    for key in {*current, *changes}:
        expected = changes[key] if key in changes else current[key]
        if expected is None:
            assert key not in result
        else:
            assert result[key] == expected


@given(METADATA, CHANGES, CHANGES)
def test_merging_twice_is_merging_the_changes_of_both(
    current: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert merged(merged(current, first), second) == merged(current, {**first, **second})


@given(METADATA, CHANGES)
def test_merging_changes_neither_argument(current: dict[str, Any], changes: dict[str, Any]) -> None:
    before = (dict(current), dict(changes))
    merged(current, changes)
    assert (current, changes) == before
