"""The clock itself: no moment twice, and how a moment is written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from action_runtime.timestamps import NANOSECONDS, timestamp
from hypothesis import given
from hypothesis import strategies as st
from local_tenant.clock import EARLIEST, LATEST, Clock

MOMENTS = st.integers(EARLIEST, LATEST)


def test_no_two_readings_are_equal_in_any_thread() -> None:
    clock = Clock()

    def read(_reader: int) -> list[int]:
        return [clock.now() for _ in range(3_000)]

    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(read, range(4)))
    assert all(reading == sorted(reading) for reading in readings)
    assert len({moment for reading in readings for moment in reading}) == 12_000


def test_moved_back_it_shows_the_earlier_time() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(-NANOSECONDS // 2)
    assert clock.now() < before


def test_seconds_and_nanoseconds_are_the_same_time() -> None:
    clock = Clock(offset=1_000 * NANOSECONDS)
    assert 0 <= clock.now() // NANOSECONDS - clock.seconds() <= 1


@pytest.mark.parametrize("moment", [EARLIEST - NANOSECONDS, LATEST + NANOSECONDS, 10**30])
def test_a_moment_out_of_range_is_refused_and_the_clock_stays(moment: int) -> None:
    clock = Clock(offset=7)
    with pytest.raises(ValueError, match="1970"):
        clock.move_to(moment)
    with pytest.raises(ValueError, match="1970"):
        clock.advance(10**30)
    assert clock.offset == 7


@given(moment=MOMENTS, digits=st.sampled_from([3, 6, 9]))
def test_a_timestamp_is_the_moment_cut_to_its_digits(moment: int, digits: int) -> None:
    text = timestamp(moment, digits)
    whole, _, fraction = text.removesuffix("Z").partition(".")
    assert len(fraction) == digits
    seconds = datetime.fromisoformat(whole).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert seconds == timedelta(seconds=moment // NANOSECONDS)
    assert int(fraction) == moment % NANOSECONDS // 10 ** (9 - digits)


@given(one=MOMENTS, other=MOMENTS)
def test_timestamps_have_the_order_of_their_moments(one: int, other: int) -> None:
    assert (timestamp(one) < timestamp(other)) == (one < other)
