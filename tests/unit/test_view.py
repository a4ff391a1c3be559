"""A view's groups add up to its slots and to its total, those without usage included."""

from hypothesis import given
from hypothesis import strategies as st

from metering.domain.periods import period_of_dates
from metering.domain.statistics import Figures, Key
from metering.flows.view import Row, View, by_cost, total_of, with_largest
from metering.http.view_answers import daily_answer, run_row, view_answer

DAYS = period_of_dates("2024-02-28", "2024-03-01")
keys = st.none() | st.sampled_from(["a", "b", "é#"])
figures = st.builds(
    Figures,
    st.integers(-(10**15), 10**15),
    st.integers(0, 10**15),
    st.integers(0, 9),
    st.integers(0, 9),
    metrics=st.dictionaries(st.sampled_from(["runs", "inputTokens"]), st.integers(0, 10**15)),
)
rows = st.lists(st.builds(Row, st.sampled_from(DAYS.days()), keys, figures), max_size=12)


def view(found: list[Row]) -> View:
    return View(DAYS, "2024-03-02T00:30:00.000000Z", final=True, slots=DAYS.days(), rows=found)


def plus(parts: list[Figures]) -> Figures:
    total = Figures()
    for part in parts:
        total.merge(part)
    return total


@given(rows)
def test_slots_and_groups_add_up_to_the_same_total(found: list[Row]) -> None:
    total = plus([row.figures for row in found])
    shown = view(found)
    assert plus([total_of(groups) for groups in shown.by_slot().values()]) == total
    assert total_of(shown.by_key()) == total


@given(rows)
def test_every_day_is_there_once_and_in_order(found: list[Row]) -> None:
    answer = daily_answer(view(found), grouped=True)
    assert [item["date"] for item in answer["items"]] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    for item in answer["items"]:
        assert {group["key"] for group in item["groups"]} == {row.key for row in found if row.slot == item["date"]}


@given(rows)
def test_adding_rows_up_changes_none_of_them(found: list[Row]) -> None:
    before = [(row.slot, row.key, row.figures.cost, dict(row.figures.metrics)) for row in found]
    view(found).by_slot()
    view(found).by_key()
    assert [(row.slot, row.key, row.figures.cost, dict(row.figures.metrics)) for row in found] == before


def test_a_day_without_usage_is_zero_in_every_figure() -> None:
    item = daily_answer(view([]), grouped=False)["items"][1]
    zero = {"amount": 0, "currency": "usd"}
    assert item == {
        "date": "2024-02-29",
        "cost": zero,
        "costUsd": "0",
        "billed": zero,
        "billedUsd": "0",
        "records": 0,
        "unrated": 0,
        "metrics": {},
    }


@given(rows, st.integers(1, 4))
def test_what_is_told_apart_and_all_others_add_up_to_the_whole(found: list[Row], top: int) -> None:
    whole, parted = view(found), with_largest(view(found), top)
    assert parted.total() == whole.total()
    assert len(parted.by_key()) <= top
    assert parted.others is not None
    for slot, groups in whole.by_slot().items():
        rest = total_of({key: one for key, one in groups.items() if key not in parted.by_key()})
        assert parted.others[slot] == rest


@given(figures, figures)
def test_what_is_left_without_a_part_is_what_the_part_was_added_to(one: Figures, part: Figures) -> None:
    both = total_of({"one": one, "part": part})
    left = both.less(part)
    assert left == Figures(
        one.cost,
        one.billed,
        one.records,
        one.unrated,
        one.duration_ms,
        {metric: quantity for metric, quantity in one.metrics.items() if quantity},
    )


def test_the_dearest_come_first_and_equals_in_order_of_their_keys() -> None:
    groups: dict[Key, Figures] = {"b": Figures(1), None: Figures(1), "a": Figures(1), "c": Figures(2), "d": Figures(-1)}
    assert [key for key, _ in by_cost(groups)] == ["c", None, "a", "b", "d"]


def test_cents_are_rounded_from_the_exact_sum_and_never_added_up() -> None:
    half_a_cent = 5 * 10**9
    answer = daily_answer(view([Row(day, None, Figures(half_a_cent)) for day in DAYS.days()]), grouped=False)
    assert [item["cost"]["amount"] for item in answer["items"]] == [0, 0, 0]
    assert (answer["total"]["costUsd"], answer["total"]["cost"]["amount"]) == ("0.015", 2)


def test_a_view_says_its_period_half_open() -> None:
    answer = view_answer(view([]))
    assert answer["period"] == {"start": "2024-02-28T00:00:00Z", "end": "2024-03-02T00:00:00Z"}
    assert (answer["asOf"], answer["final"]) == ("2024-03-02T00:30:00Z", True)


def test_a_run_says_how_long_it_took_and_when_it_was_last_heard_of() -> None:
    row = run_row("run_1", Figures(cost=1, duration_ms=5, last="2024-02-29T23:59:59.999000Z"))
    assert (row["runId"], row["durationMs"], row["lastAt"]) == ("run_1", 5, "2024-02-29T23:59:59.999Z")
