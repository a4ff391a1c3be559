"""Cost periods: which one an instant lies in, at both sides of every boundary."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.limits import Limits, as_of, decide_hold, decide_usage, new_meter, usual
from metering.domain.periods import FOREVER, CostPeriod, stored, window_of
from tests.unit.meter_table import usage

periods = st.sampled_from(["hour", "day", "week", "month", "total"])
moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds
STEP = timedelta(microseconds=1)


@given(periods, moments)
def test_every_instant_lies_in_its_period(period: CostPeriod, moment: datetime) -> None:
    window = window_of(period, stored(moment))
    assert window.start <= stored(moment) < window.end


@given(periods, moments)
def test_a_period_is_the_same_from_its_first_microsecond_to_its_last(period: CostPeriod, moment: datetime) -> None:
    window = window_of(period, stored(moment))
    if window != FOREVER:
        last = stored(datetime.fromisoformat(window.end) - STEP)
        assert window_of(period, window.start) == window_of(period, last) == window
        assert window_of(period, window.end).start == window.end
        assert window_of(period, stored(datetime.fromisoformat(window.start) - STEP)).end == window.start


@pytest.mark.parametrize(
    ("period", "now", "start", "end"),
    [
        ("hour", "2026-11-24T23:59:59.999999Z", "2026-11-24T23:00:00", "2026-11-25T00:00:00"),
        ("hour", "2026-11-25T00:00:00.000000Z", "2026-11-25T00:00:00", "2026-11-25T01:00:00"),
        ("day", "2028-02-28T23:59:59.999999Z", "2028-02-28T00:00:00", "2028-02-29T00:00:00"),
        ("day", "2028-02-29T00:00:00.000000Z", "2028-02-29T00:00:00", "2028-03-01T00:00:00"),
        ("day", "2027-02-28T12:00:00.000000Z", "2027-02-28T00:00:00", "2027-03-01T00:00:00"),
        ("week", "2026-11-29T23:59:59.999999Z", "2026-11-23T00:00:00", "2026-11-30T00:00:00"),
        ("week", "2026-11-30T00:00:00.000000Z", "2026-11-30T00:00:00", "2026-12-07T00:00:00"),
        ("week", "2027-01-01T00:00:00.000000Z", "2026-12-28T00:00:00", "2027-01-04T00:00:00"),
        ("week", "2028-02-29T00:00:00.000000Z", "2028-02-28T00:00:00", "2028-03-06T00:00:00"),
        ("month", "2028-02-29T23:59:59.999999Z", "2028-02-01T00:00:00", "2028-03-01T00:00:00"),
        ("month", "2028-03-01T00:00:00.000000Z", "2028-03-01T00:00:00", "2028-04-01T00:00:00"),
        ("month", "2026-12-31T23:59:59.999999Z", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("month", "2027-01-31T00:00:00.000000Z", "2027-01-01T00:00:00", "2027-02-01T00:00:00"),
    ],
)
def test_periods_by_the_calendar(period: CostPeriod, now: str, start: str, end: str) -> None:
    assert window_of(period, now) == (f"{start}.000000Z", f"{end}.000000Z")


@pytest.mark.parametrize("period", ["hour", "day", "week", "month"])
def test_usage_counts_until_the_periods_last_microsecond_and_not_at_the_next_ones_first(period: CostPeriod) -> None:
    now = "2028-02-29T23:30:00.000000Z"
    meter = new_meter("session", Limits(cost=10, period=period), now)
    last = stored(datetime.fromisoformat(meter.window.end) - STEP)
    for at, fresh in ((last, False), (meter.window.end, True)):
        change = decide_usage(meter, usage(cost=4), {}, at, at)
        assert ("windowStart" in change.put) == fresh
        assert as_of(meter, at).window.start == (meter.window.end if fresh else meter.window.start)
        usual_holds = all(
            at < str(condition.value) if condition.operator == "<" else meter.window.end > at
            for condition in usual("session", usage(cost=4), {}, at, at).require
            if condition.field == "windowEnd"
        )
        assert usual_holds != fresh


@pytest.mark.parametrize(
    ("occurred", "counts"), [("2026-11-24T09:59:59.999999Z", False), ("2026-11-24T10:00:00.000000Z", True)]
)
def test_usage_from_before_the_period_counts_in_the_totals_alone(occurred: str, *, counts: bool) -> None:
    meter = new_meter("session", Limits(cost=10, period="hour"), "2026-11-24T10:30:00.000000Z")
    change = decide_usage(meter, usage(cost=4, calls=1), {}, occurred, "2026-11-24T10:30:00.000000Z")
    assert change.add.get("costRoom") == (-4 if counts else None)
    assert (change.add["cost"], change.add["callsRoom"]) == (4, -1)


def test_usage_that_is_a_little_ahead_counts_in_the_period_in_which_it_came() -> None:
    """Clocks differ by up to five minutes; what has been received has been used."""
    now, ahead = "2026-11-24T10:59:00.000000Z", "2026-11-24T11:03:00.000000Z"
    meter = new_meter("session", Limits(cost=10, period="hour"), now)
    change = decide_usage(meter, usage(cost=4), {}, ahead, now)
    assert change.add["costRoom"] == -4
    assert "windowStart" not in change.put


def test_a_clock_that_is_behind_another_begins_no_old_period_again() -> None:
    """One function has begun the new hour, another's request is a moment older."""
    meter = new_meter("session", Limits(cost=10, period="hour"), "2026-11-24T11:00:00.000000Z")
    behind = "2026-11-24T10:59:59.999999Z"
    change = decide_usage(meter, usage(cost=4), {}, behind, behind)
    assert "windowStart" not in change.put
    assert "costRoom" not in change.add
    hold = decide_hold(meter, {"cost": 10}, behind)
    assert not isinstance(hold, str)
    assert hold.add["costRoom"] == -10  # type: ignore[union-attr]  # it is granted
