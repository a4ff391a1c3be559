"""Change, projection, movers and standouts: exact, on both sides of every boundary, whatever the figures."""

from datetime import date, timedelta
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.money import PICO, PICO_PER_CENT
from metering.domain.periods import period_of_dates
from metering.domain.summary import (
    Change,
    month_of,
    movers,
    period_before,
    project_month,
    projection_period,
    standouts,
)

costs = st.integers(0, 10**20)
keys = st.sampled_from("abcdefghij")
TODAY = "2026-11-24"


def days_before(today: str, number: int) -> list[str]:
    end = date.fromisoformat(today)
    return [str(end - timedelta(days=n)) for n in range(number, 0, -1)]


# ---------------------------------------------------------------- The period before


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 366))
def test_the_period_before_is_as_long_and_ends_where_the_range_begins(first: date, days: int) -> None:
    period = period_of_dates(str(first), str(first + timedelta(days=days - 1)))
    before = period_before(period)
    assert before.end == period.start
    assert len(before.days()) == len(period.days()) == days


def test_a_range_at_the_beginning_of_the_calendar_has_none_before() -> None:
    assert period_before(period_of_dates("0001-01-02", "0001-01-02")).days() == ["0001-01-01"]
    with pytest.raises(ValueError, match="no room"):
        period_before(period_of_dates("0001-01-02", "0001-01-03"))


# ---------------------------------------------------------------- Change


@pytest.mark.parametrize(
    ("before", "now", "hundredths"),
    [
        (100, 100, 0),
        (100, 101, 100),
        (100, 99, -100),
        (3, 4, 3333),
        (3, 5, 6667),
        (100, 0, -10_000),
        (80_000, 80_001, 0),  # 0.125 hundredths
        (20_000, 20_001, 0),  # half a hundredth, to the even neighbour
        (20_000, 20_003, 2),  # one and a half
        (0, 5, None),
        (0, 0, None),
        (-1, 5, None),
    ],
)
def test_a_change_in_percent_is_rounded_to_two_decimals_or_absent(
    before: int, now: int, hundredths: int | None
) -> None:
    assert Change(before, now).hundredths_of_percent == hundredths


# ---------------------------------------------------------------- Movers


@given(st.dictionaries(keys, costs), st.dictionaries(keys, costs))
def test_movers_are_the_five_largest_changes_each_way(before: dict[str, int], now: dict[str, int]) -> None:
    found = movers(before, now)
    changes = {key: now.get(key, 0) - before.get(key, 0) for key in before.keys() | now.keys()}
    rises = sorted((key for key, change in changes.items() if change > 0), key=lambda key: (-changes[key], key))
    falls = sorted((key for key, change in changes.items() if change < 0), key=lambda key: (changes[key], key))
    assert [key for key, _ in found.up] == rises[:5]
    assert [key for key, _ in found.down] == falls[:5]
    for key, change in found.up + found.down:
        assert change == Change(before.get(key, 0), now.get(key, 0))


def test_equal_changes_stand_in_the_order_of_their_keys_and_none_is_no_mover() -> None:
    found = movers({"same": 3, "b": 1, "c": 9}, {"same": 3, "b": 2, "a": 1, "c": 8})
    assert [key for key, _ in found.up] == ["a", "b"]
    assert [key for key, _ in found.down] == ["c"]
    assert movers({}, {}) == ([], [])


# ---------------------------------------------------------------- Projection


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        ("2026-11-24", "2026-11-01", "2026-11-30"),
        ("2026-12-31", "2026-12-01", "2026-12-31"),
        ("2024-02-29", "2024-02-01", "2024-02-29"),
        ("2026-02-01", "2026-02-01", "2026-02-28"),
    ],
)
def test_a_month_has_its_days(today: str, first: str, last: str) -> None:
    days = month_of(today).days()
    assert (days[0], days[-1]) == (first, last)


@pytest.mark.parametrize(
    ("today", "first"), [("2026-11-28", "2026-10-31"), ("2026-11-30", "2026-11-01"), ("2026-11-01", "2026-10-04")]
)
def test_the_projection_reads_the_month_and_four_weeks_at_least(today: str, first: str) -> None:
    days = projection_period(today).days()
    assert (days[0], days[-1]) == (first, today)


@given(st.dictionaries(st.sampled_from([*days_before(TODAY, 28), TODAY]), costs))
def test_the_projection_is_what_its_method_says(found: dict[str, int]) -> None:
    projection = project_month(found, TODAY)
    so_far = sum(cost for day, cost in found.items() if "2026-11-01" <= day <= TODAY)
    begun = min((day for day, cost in found.items() if cost), default="")
    basis = [day for day in days_before(TODAY, 7) if day >= begun]
    assert (projection.so_far, projection.basis_days) == (so_far, len(basis))
    if not basis:
        assert projection.per_day is projection.projected is None
        return
    mean = Fraction(sum(found.get(day, 0) for day in basis), len(basis))
    exact = so_far + 6 * mean + max(Fraction(0), mean - found.get(TODAY, 0))
    assert projection.per_day == round(mean)
    assert projection.projected == round(exact)


def test_a_steady_project_is_projected_to_go_on() -> None:
    steady = dict.fromkeys(days_before(TODAY, 28), PICO)
    for of_today in (0, PICO // 2, PICO):
        assert project_month({**steady, TODAY: of_today}, TODAY).projected == 30 * PICO
    assert project_month({**steady, TODAY: 3 * PICO}, TODAY).projected == 32 * PICO


def test_a_young_project_is_projected_by_its_own_full_days() -> None:
    young = project_month({"2026-11-22": 4 * PICO, "2026-11-23": 2 * PICO, TODAY: PICO}, TODAY)
    assert (young.basis_days, young.per_day) == (2, 3 * PICO)
    assert young.projected == (7 + 2 + 6 * 3) * PICO


def test_a_project_that_rested_is_not_a_young_one() -> None:
    rested = project_month({"2026-11-01": PICO, "2026-11-23": 7 * PICO}, TODAY)
    assert (rested.basis_days, rested.per_day, rested.projected) == (7, PICO, 15 * PICO)


def test_a_project_that_began_today_has_nothing_to_go_by() -> None:
    assert project_month({TODAY: PICO}, TODAY) == ("2026-11", PICO, 0, None, None)


def test_a_project_without_usage_is_projected_to_cost_nothing() -> None:
    assert project_month({}, TODAY) == ("2026-11", 0, 7, 0, 0)


def test_on_the_last_day_only_the_rest_of_today_is_projected() -> None:
    steady = dict.fromkeys(days_before("2026-11-30", 29), PICO)
    for of_today in (0, PICO):
        assert project_month({**steady, "2026-11-30": of_today}, "2026-11-30").projected == 30 * PICO


# ---------------------------------------------------------------- Standouts


def of_days(*figures: int) -> list[tuple[str, int]]:
    """Full days that cost so much, the last of them yesterday."""
    return list(zip(days_before(TODAY, len(figures)), figures, strict=True))


def found_in(*figures: int) -> list[tuple[int, int]]:
    """Which of the days stand out, by number, and their scores."""
    sample = of_days(*figures)
    numbers = {day: number for number, (day, _) in enumerate(sample)}
    return [(numbers[day.date], day.score) for day in standouts(sample, sample[0][0], TODAY).days]


def test_a_day_far_from_the_others_stands_out_whichever_way() -> None:
    usual = [10 * PICO, 11 * PICO, 12 * PICO, 13 * PICO, 14 * PICO, 15 * PICO, 16 * PICO]
    assert found_in(*usual) == []
    [(number, score)] = found_in(*usual, 100 * PICO)
    assert (number, score) == (7, 2917)  # (100 - 13.5) × 0.6745 ÷ 2 = 29.17
    [(number, score)] = found_in(*(cost + 100 * PICO for cost in usual), 0)
    assert number == 7
    assert score < -350


def test_a_score_of_three_and_a_half_does_not_stand_out_yet() -> None:
    # The median is 0 and the deviation 6745, so that the score is the distance ÷ 10^4.
    def around(distance: int) -> list[int]:
        return [of * PICO_PER_CENT for of in (*[-6745] * 4, 0, *[6745] * 3, distance)]

    assert found_in(*around(35_000)) == []
    assert found_in(*around(35_001)) == [(8, 350)]


def test_where_most_days_are_alike_the_mean_deviation_tells() -> None:
    assert found_in(*[PICO] * 59, 100 * PICO) == [(59, 4787)]  # 99 × 0.7979 ÷ (99 ÷ 60)
    assert found_in(*[PICO] * 60) == []


def test_a_difference_below_a_cent_never_stands_out() -> None:
    assert found_in(*[PICO] * 20, PICO + PICO_PER_CENT - 1) == []
    assert [number for number, _ in found_in(*[PICO] * 20, PICO + PICO_PER_CENT)] == [20]


def test_seven_full_days_are_needed() -> None:
    assert found_in(*[PICO] * 5, 100 * PICO) == []
    assert [number for number, _ in found_in(*[PICO] * 6, 100 * PICO)] == [6]


def test_days_before_the_first_cost_and_from_today_on_are_not_compared() -> None:
    sample = of_days(*[0] * 20, *[PICO] * 9, 100 * PICO)
    with_today = [*sample, (TODAY, 0), ("2026-11-25", 0)]
    found = standouts(with_today, sample[0][0], TODAY)
    assert (found.sample_days, found.median) == (10, PICO)
    assert [day.cost for day in found.days] == [100 * PICO]


def test_days_of_the_period_before_are_compared_and_not_told_of() -> None:
    sample = of_days(*[PICO] * 5, 100 * PICO, *[PICO] * 10)
    assert standouts(sample, sample[5][0], TODAY).days
    later = standouts(sample, sample[6][0], TODAY)
    assert (later.sample_days, later.days) == (16, [])


def test_nothing_stands_out_of_nothing() -> None:
    assert standouts([], TODAY, TODAY) == (0, 0, [])
    assert standouts([(TODAY, PICO)], TODAY, TODAY) == (0, 0, [])
    assert standouts(of_days(0, 0, 0), "2026-11-01", TODAY) == (0, 0, [])
    assert standouts(of_days(5), "2026-11-01", TODAY) == (1, 5, [])


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=40))
def test_standouts_are_what_their_method_says(figures: list[int]) -> None:
    sample = of_days(1, *figures)  # a first cost, so that none is left out
    found = standouts(sample, sample[0][0], TODAY)
    exact = [Fraction(cost) for _, cost in sample]
    middle = median(exact)
    distances = [abs(cost - middle) for cost in exact]
    spread, factor = median(distances), Fraction(6745, 10**4)
    if not spread:
        spread, factor = sum(distances, Fraction(0)) / len(distances), Fraction(7979, 10**4)
    far = [
        day
        for day, cost in sample
        if len(sample) >= 7
        and spread
        and abs(cost - middle) * factor / spread > Fraction(7, 2)
        and abs(cost - middle) >= PICO_PER_CENT
    ]
    assert [day.date for day in found.days] == far
    assert found.median == round(middle)
    for day in found.days:
        assert day.score == round((day.cost - middle) * factor / spread * 100)
