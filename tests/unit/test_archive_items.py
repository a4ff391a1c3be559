"""What has expired is read back from the archive as the items that it was, in order of time."""

import io
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.aws.archive_file import DayFile, rows_until
from metering.aws.archive_items import archived_items
from metering.aws.export_rows import billable_amounts, cells, charges, document
from metering.aws.items import record_to_item
from metering.aws.tallies import tally_items
from metering.domain.periods import short
from metering.domain.usage import UsageRecord
from tests.unit.strategies import records
from tests.unit.test_archive_file import days

FORMATS = (cells, document, lambda item: list(billable_amounts(item)), lambda item: list(charges(item)))


def in_order(items: Sequence[Any]) -> list[Any]:
    return sorted(items, key=lambda item: item["moment"]["S"])


def of_one_day(made: Sequence[UsageRecord]) -> list[Any]:
    """The items of records that are all of the first one's day and project."""
    items = [record_to_item(record, 4) for record in made]
    day, project = items[0]["day"]["S"].split("#")[1], made[0].project
    for item in items:
        item["day"] = {"S": f"{project}#{day}#0"}
        item["recordKey"] = {"S": f"{project}#{item['recordKey']['S'].partition('#')[2]}"}
    return list({item["recordKey"]["S"]: item for item in items}.values())


def written(items: Sequence[Any], revision: int = 1, former: bytes = b"") -> bytes:
    sink = io.BytesIO()
    file = DayFile(sink, revision)
    for rows in rows_until(io.BytesIO(former), revision - 1) if former else ():
        file.take_over(rows)
    list(file.passing(items))
    file.finish()
    return sink.getvalue()


def as_sent(item: Any) -> Any:
    """An item without how the caller wrote its time, which is not archived."""
    return {name: value for name, value in item.items() if name != "occurred"}


@settings(max_examples=30)
@given(days, st.randoms(use_true_random=False), st.sampled_from([1, 3, 1000]))
def test_every_format_has_the_rows_that_it_had(made: list[UsageRecord], chance: Random, most: int) -> None:
    items = of_one_day(made)
    chance.shuffle(items)
    project = made[0].project
    found = list(archived_items(io.BytesIO(written(items)), project, 1, most))
    expected = [as_sent(item) for item in in_order(items)]
    for row_of in FORMATS:
        assert [row_of(item) for item in found] == [row_of(item) for item in expected]
    assert tally_items(found) == tally_items(expected)


@settings(max_examples=20)
@given(records())
def test_a_time_is_the_same_instant_in_utc(record: UsageRecord) -> None:
    [item] = archived_items(io.BytesIO(written([record_to_item(record, 4)])), record.project, 1)
    assert document(item)["occurredAt"] == short(record.occurred.instant)


@settings(max_examples=20)
@given(days)
def test_an_archived_item_is_archived_as_it_was(made: list[UsageRecord]) -> None:
    items = of_one_day(made)
    first = written(in_order(items))
    assert written(list(archived_items(io.BytesIO(first), made[0].project, 1))) == first


@settings(max_examples=10)
@given(st.lists(records(), min_size=4, max_size=4))
def test_what_came_after_a_revision_is_left_out(made: list[UsageRecord]) -> None:
    items = of_one_day(made)
    content = written(items[2:], 2, written(items[:2], 1))
    for revision, expected in ((1, items[:2]), (2, items)):
        found = archived_items(io.BytesIO(content), made[0].project, revision)
        assert [cells(item) for item in found] == [cells(as_sent(item)) for item in in_order(expected)]
