"""Instants have one form whose order is the order of time; periods have their start and not their end."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.periods import (
    MOST_DAYS,
    Period,
    later,
    parse_date,
    parse_effective,
    parse_instant,
    period_of_dates,
    short,
    stored,
)

offsets = st.integers(-(23 * 60 + 59), 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # bounds


@given(instants, instants)
def test_the_order_of_stored_instants_is_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (stored(one) < stored(other)) == (one < other)


@given(instants, offsets)
def test_an_offset_names_the_same_instant(moment: datetime, offset: timezone) -> None:
    text = moment.astimezone(offset).isoformat()
    assert parse_instant(text) == stored(moment)


@given(instants)
def test_a_stored_instant_is_read_as_itself(moment: datetime) -> None:
    assert parse_instant(stored(moment)) == stored(moment)
    assert len(stored(moment)) == 27


@given(instants)
def test_an_instant_in_an_answer_is_the_same_instant(moment: datetime) -> None:
    assert parse_instant(short(stored(moment))) == stored(moment)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000000Z"),
        ("2026-11-24t10:00:00z", "2026-11-24T10:00:00.000000Z"),
        ("2026-11-24T10:00:00.1Z", "2026-11-24T10:00:00.100000Z"),
        ("2026-11-24T10:00:00.12Z", "2026-11-24T10:00:00.120000Z"),
        ("2026-11-24T10:00:00.123Z", "2026-11-24T10:00:00.123000Z"),
        ("2026-11-24T10:00:00.1234Z", "2026-11-24T10:00:00.123400Z"),
        ("2026-11-24T10:00:00.12345Z", "2026-11-24T10:00:00.123450Z"),
        ("2026-11-24T10:00:00.123456Z", "2026-11-24T10:00:00.123456Z"),
        ("2026-11-24T10:00:00.1234569Z", "2026-11-24T10:00:00.123456Z"),
        ("2026-11-24T10:00:00.12345699Z", "2026-11-24T10:00:00.123456Z"),
        ("2026-11-24T10:00:00.123456999Z", "2026-11-24T10:00:00.123456Z"),
        ("2026-11-24T00:30:00+01:00", "2026-11-23T23:30:00.000000Z"),
        ("2026-11-23T23:30:00-01:00", "2026-11-24T00:30:00.000000Z"),
        ("2026-11-24T10:00:00-00:00", "2026-11-24T10:00:00.000000Z"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000000Z"),
        ("2024-03-01T00:00:00+00:01", "2024-02-29T23:59:00.000000Z"),
        ("2026-12-31T23:59:59.999999Z", "2026-12-31T23:59:59.999999Z"),
        ("2026-12-31T23:59:59-00:30", "2027-01-01T00:29:59.000000Z"),
        ("0500-01-01T00:00:00+01:00", "0499-12-31T23:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),
    ],
)
def test_rfc_3339_is_read(text: str, instant: str) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-11-24T10:00Z",
        "2026-11-24 10:00:00Z",
        "2026-11-24T10:00:00",
        "2026-11-24T10:00:00.Z",
        "2026-11-24T10:00:00.1234567890Z",
        "2026-11-24T10:00:00+0100",
        "2026-11-24T10:00:00+24:00",
        "2026-11-24T10:00:00+01:60",
        "2026-11-24T24:00:00Z",
        "2026-11-24T10:00:00Z\n",
        " 2026-11-24T10:00:00Z",
        "2026-W48-2T10:00:00Z",
        "٢٠٢٦-11-24T10:00:00Z",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-00-10T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-24T10:60:00Z",
        "2026-11-24T10:00:61Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_a_time_that_the_calendar_lacks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        parse_instant(text)


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"])
def test_a_leap_second_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match="leap second"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2026-11-24T10:00:00.000000Z", "2026-11-24T10:00:00Z"),
        ("2026-11-24T10:00:00.120000Z", "2026-11-24T10:00:00.120Z"),
        ("2026-11-24T10:00:00.123000Z", "2026-11-24T10:00:00.123Z"),
        ("2026-11-24T10:00:00.123400Z", "2026-11-24T10:00:00.123400Z"),
        ("2026-11-24T10:00:00.000001Z", "2026-11-24T10:00:00.000001Z"),
    ],
)
def test_answers_drop_a_fraction_of_zero_and_keep_what_is_finer(instant: str, text: str) -> None:
    assert short(instant) == text


def test_later_crosses_days_and_leap_days() -> None:
    assert later("2024-02-28T23:59:59.999999Z", timedelta(microseconds=1)) == "2024-02-29T00:00:00.000000Z"
    assert later("2026-02-28T23:59:59.000000Z", timedelta(seconds=1)) == "2026-03-01T00:00:00.000000Z"


@pytest.mark.parametrize("text", ["2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_date_of_the_calendar_is_taken(text: str) -> None:
    assert parse_date(text) == text


@pytest.mark.parametrize("text", ["2023-02-29", "2026-04-31", "0000-01-01", "20261124", "2026-W48-2", "2026-1-1", ""])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "effective"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T00:00:00Z", "2026-11-24"),
        ("2026-11-24T01:00:00+01:00", "2026-11-24"),
        ("2026-11-24T00:00:00.000000999Z", "2026-11-24"),
        ("2026-11-24T00:00:00.000001Z", "2026-11-24T00:00:00.000001Z"),
        ("2026-11-24T12:00:00Z", "2026-11-24T12:00:00.000000Z"),
    ],
)
def test_a_card_from_midnight_and_a_card_from_that_date_are_one(text: str, effective: str) -> None:
    assert parse_effective(text) == effective


def test_a_period_of_dates_has_both_of_its_days_and_ends_where_the_next_begins() -> None:
    may = period_of_dates("2025-05-01", "2025-05-31")
    assert may == Period("2025-05-01T00:00:00.000000Z", "2025-06-01T00:00:00.000000Z")
    assert may.echo() == {"start": "2025-05-01T00:00:00Z", "end": "2025-06-01T00:00:00Z"}
    assert len(may.days()) == 31
    assert may.days()[0] == "2025-05-01"
    assert may.days()[-1] == "2025-05-31"
    assert period_of_dates("2025-06-01", "2025-06-30").start == may.end


def test_a_day_is_a_period() -> None:
    assert period_of_dates("2024-02-29", "2024-02-29").days() == ["2024-02-29"]


def test_a_range_of_366_days_is_taken_and_one_of_367_refused() -> None:
    first = date(2025, 1, 1)
    last = first + timedelta(days=MOST_DAYS - 1)
    assert len(period_of_dates(first.isoformat(), last.isoformat()).days()) == MOST_DAYS
    with pytest.raises(ValueError, match="366"):
        period_of_dates(first.isoformat(), (last + timedelta(days=1)).isoformat())


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValueError, match="after"):
        period_of_dates("2025-05-02", "2025-05-01")


def test_a_range_may_begin_with_the_calendar_and_must_end_before_it_does() -> None:
    assert period_of_dates("0001-01-01", "0001-01-01").days() == ["0001-01-01"]
    assert period_of_dates("9999-12-30", "9999-12-30").end == "9999-12-31T00:00:00.000000Z"
    with pytest.raises(ValueError, match="10000"):
        period_of_dates("9999-12-31", "9999-12-31")


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, MOST_DAYS - 1), instants)
def test_an_instant_is_in_a_period_just_when_its_day_is(first: date, length: int, moment: datetime) -> None:
    last = first + timedelta(days=length)
    period = period_of_dates(first.isoformat(), last.isoformat())
    assert (period.start <= stored(moment) < period.end) == (first <= moment.date() <= last)
    assert (stored(moment)[:10] in period.days()) == (first <= moment.date() <= last)
