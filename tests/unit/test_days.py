"""Days and whether they are closed: half an hour after midnight, on both sides of it."""

import pytest

from metering.domain.days import Day, hours_of, unknown_day


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
