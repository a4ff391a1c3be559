"""Days and whether they are closed: half an hour after midnight, on both sides of it."""

import pytest

from metering.domain.days import Day, Month, Standing, days_of, hours_of, span_of, unknown_day


@pytest.mark.parametrize(
    ("date", "now", "status"),
    [
        ("2026-11-24", "2026-11-24T00:00:00.000000Z", "open"),
        ("2026-11-24", "2026-11-24T23:59:59.999999Z", "open"),
        ("2026-11-24", "2026-11-25T00:00:00.000000Z", "open"),
        ("2026-11-24", "2026-11-25T00:29:59.999999Z", "open"),
        ("2026-11-24", "2026-11-25T00:30:00.000000Z", "final"),
        ("2026-11-25", "2026-11-24T10:00:00.000000Z", "open"),
        ("2024-02-28", "2024-02-29T00:29:59.999999Z", "open"),
        ("2024-02-28", "2024-02-29T00:30:00.000000Z", "final"),
        ("2024-02-29", "2024-02-29T23:59:59.999999Z", "open"),
        ("2024-02-29", "2024-03-01T00:30:00.000000Z", "final"),
        ("2025-02-28", "2025-03-01T00:30:00.000000Z", "final"),
        ("2025-12-31", "2026-01-01T00:29:59.999999Z", "open"),
        ("2025-12-31", "2026-01-01T00:30:00.000000Z", "final"),
        ("0001-01-01", "2026-01-01T00:00:00.000000Z", "final"),
        ("9999-12-30", "2026-01-01T00:00:00.000000Z", "open"),
    ],
)
def test_a_day_without_usage_is_final_half_an_hour_after_it_ends(date: str, now: str, status: str) -> None:
    assert unknown_day(date, now) == Day(date, status)  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize(
    ("marked_at", "rests"),
    [
        ("", True),
        ("2026-11-24T09:29:59.999999Z", True),
        ("2026-11-24T09:30:00.000000Z", True),
        ("2026-11-24T09:30:00.000001Z", False),
        ("2026-11-24T10:00:00.000000Z", False),
    ],
)
def test_a_day_rests_once_nothing_has_come_to_it_for_half_an_hour(marked_at: str, *, rests: bool) -> None:
    assert Day("2026-11-20", "open", marked_at=marked_at).rests("2026-11-24T10:00:00.000000Z") is rests


def test_a_day_has_the_hours_that_its_instants_begin_with() -> None:
    hours = hours_of("2024-02-29")
    assert len(hours) == 24
    assert hours == sorted(hours)
    assert hours[0] == "2024-02-29T00:00:00.000000Z"[:13]
    assert hours[-1] == "2024-02-29T23:59:59.999999Z"[:13]


@pytest.mark.parametrize(
    ("month", "last"),
    [("2024-02", "2024-02-29"), ("2025-02", "2025-02-28"), ("2026-11", "2026-11-30"), ("2026-12", "2026-12-31")],
)
def test_a_month_has_its_days_in_order_a_leap_day_among_them(month: str, last: str) -> None:
    dates = days_of(month)
    assert (dates[0], dates[-1], len(dates)) == (f"{month}-01", last, int(last[-2:]))
    assert dates == sorted(set(dates))


def test_a_slot_says_by_its_form_what_it_is() -> None:
    assert [span_of(slot) for slot in ("2026-11", "2026-11-24", "2026-11-24T10")] == ["month", "day", "hour"]


def standing(month: Month, *, opened: str = "", missing: str = "") -> Standing:
    """November, closed but for one day perhaps, and perhaps without another."""
    days = {date: Day(date, "open" if date == opened else "final", 1) for date in days_of("2026-11") if date != missing}
    return Standing(days, {month.name: month})


@pytest.mark.parametrize(
    ("month", "summed"),
    [
        (Month("2026-11", 3, 3, frozenset({"user", "model"})), True),
        (Month("2026-11", 3, 2, frozenset({"user"})), False),
        (Month("2026-11", 3, 3, frozenset({"model"})), False),
        (Month("2026-11", 3), False),
        (Month("2026-10", 3, 3, frozenset({"user"})), False),
    ],
)
def test_a_month_stands_for_its_days_while_its_sums_are_of_the_last_version(month: Month, *, summed: bool) -> None:
    assert standing(month).is_summed("2026-11", "user") is summed


@pytest.mark.parametrize("date", ["2026-11-01", "2026-11-15", "2026-11-30"])
def test_a_month_does_not_stand_for_days_that_are_open_or_out_of_the_range(date: str) -> None:
    month = Month("2026-11", 1, 1, frozenset({"user"}))
    assert not standing(month, opened=date).is_summed("2026-11", "user")
    assert not standing(month, missing=date).is_summed("2026-11", "user")


def test_what_is_closed_or_summed_between_two_looks_is_seen_and_what_is_counted_is_not() -> None:
    month = Month("2026-11", 1, 1, frozenset({"user"}))
    before = standing(month)
    day = before.days["2026-11-24"]

    def then(changed: Day) -> Standing:
        return before._replace(days={**before.days, day.date: changed})

    assert before.closings() == then(day._replace(rolled_at="2026-11-25T00:31:00.000000Z", marks=2)).closings()
    assert before.closings() != then(day._replace(status="open")).closings()
    assert before.closings() != then(day._replace(revision=2)).closings()
    assert before.closings() != standing(month._replace(version=2)).closings()
