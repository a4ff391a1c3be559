"""Keys sort as they are read, can be taken apart, and fit into DynamoDB."""

from collections import Counter
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from metering.aws import keys
from metering.domain.periods import stored
from metering.domain.usage import record_id_of
from tests.unit.strategies import effective, moments, names, texts

PARTITION_BYTES, SORT_BYTES = 2048, 1024
LONGEST = "🜚" * 200
projects = names.map(lambda name: name.replace(".", "-"))
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200).map(record_id_of)


@given(moments, moments, ids, ids)
def test_records_of_a_day_sort_by_time(one: datetime, other: datetime, first: str, second: str) -> None:
    one = datetime.combine(other.date(), one.timetz())
    if one != other:
        assert (keys.moment(stored(one), first) < keys.moment(stored(other), second)) == (one < other)


@given(st.none() | st.integers(0, 10**9 - 1), st.none() | st.integers(0, 10**9 - 1), moments, moments, ids, ids)
def test_records_of_a_run_sort_by_step_then_time_and_those_without_a_step_come_last(  # noqa: PLR0913, PLR0917  # two records
    one: int | None, other: int | None, earlier: datetime, later: datetime, first: str, second: str
) -> None:
    def rank(step: int | None, moment: datetime) -> tuple[float, datetime]:
        return (10**9 if step is None else step, moment)

    if rank(one, earlier) != rank(other, later):
        in_order = keys.step(one, stored(earlier), first) < keys.step(other, stored(later), second)
        assert in_order == (rank(one, earlier) < rank(other, later))


@given(projects, texts)
def test_a_run_is_named_again_whatever_its_name_holds(project: str, run_id: str) -> None:
    for name in (run_id, f"a#{run_id}", f"{run_id}#"):
        assert keys.run_id_of(keys.run(project, name)) == name


@given(projects, names)
def test_a_cards_owner_is_taken_apart(scope: str, name: str) -> None:
    owner = f"provider:{name}"
    assert keys.split_rate_owner(keys.rate_owner(scope, owner)) == (scope, owner)


@given(texts, effective)
def test_a_cards_model_and_date_are_taken_apart_whatever_the_model_is_called(model: str, date: str) -> None:
    for name in (model, f"{model}#2025-01-01"):
        assert keys.split_rate_card(keys.rate_card(name, date)) == (name, date)


@given(projects, projects, texts, texts)
def test_what_belongs_to_two_projects_has_two_keys(one: str, other: str, first: str, second: str) -> None:
    if one != other:
        assert keys.run(one, first) != keys.run(other, second)
        assert keys.record(one, first) != keys.record(other, second)
        assert keys.day(one, "2026-11-24", 0) != keys.day(other, "2026-11-24", 0)
        assert keys.project(one) != keys.project(other)


@given(ids, st.integers(1, 64))
def test_a_record_lies_in_one_of_the_shards_and_stays_there_or_in_later_ones(record_id: str, shards: int) -> None:
    assert 0 <= keys.shard_of(record_id, shards) < shards


def test_shards_take_about_equal_parts() -> None:
    found = Counter(keys.shard_of(record_id_of(f"call_{number}"), 4) for number in range(4000))
    assert len(found) == 4
    assert max(found.values()) < 1.2 * min(found.values())


def test_the_longest_ids_fit() -> None:
    project, instant = "p" * 63, "2026-11-24T10:00:00.000000Z"
    partitions = [
        keys.run(project, LONGEST),
        keys.day(project, date.max.isoformat(), 63),
        keys.rate_owner(project, f"provider:{'p' * 64}"),
        keys.record(project, record_id_of(LONGEST)),
    ]
    sorts = [
        keys.rate_card(LONGEST, instant),
        keys.step(10**9 - 1, instant, record_id_of(LONGEST)),
        keys.member(project, LONGEST)["entry"]["S"],
        keys.project_key(project, "🜚" * 210)["entry"]["S"],
    ]
    assert max(len(key.encode()) for key in partitions) <= PARTITION_BYTES
    assert max(len(key.encode()) for key in sorts) <= SORT_BYTES


@given(projects)
def test_a_month_is_listed_as_over_from_the_day_after_its_last_and_taken_apart_again(project: str) -> None:
    listed = keys.open_month(project, "2026-11")["entry"]["S"]
    assert keys.open_day(project, "2026-11-30")["entry"]["S"] < listed
    assert not listed < "2026-11-30"
    assert listed < "2026-12-01"
    assert keys.split_open(listed) == (project, "2026-11")
    assert keys.split_open(keys.open_day(project, "2026-11-30")["entry"]["S"]) == (project, "2026-11-30")
