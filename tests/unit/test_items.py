"""Items hold all of what they stand for, in a form and a size that DynamoDB takes."""

import random
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.aws.account_items import item_to_key, item_to_project, project_to_item
from metering.aws.items import card_to_item, item_to_card, item_to_record, record_to_item
from metering.domain.accounts import ApiKey, Project
from metering.domain.rates import RateCard
from metering.domain.usage import UsageEvent, UsageRecord
from tests.unit.strategies import MODES, bodies, cards, records, texts

MOST_DIGITS = 38


def stored_and_read(item: dict[str, Any]) -> dict[str, Any]:
    """The item as DynamoDB gives it back: numbers in their shortest form, sets in no order."""
    plain = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    read = {name: TypeSerializer().serialize(value) for name, value in plain.items()}
    for value in read.values():
        if "SS" in value:
            random.shuffle(value["SS"])
    return read


@settings(max_examples=50)
@given(records(), st.integers(1, 64))
def test_a_record_is_read_back_as_it_was_written(record: UsageRecord, shards: int) -> None:
    read = item_to_record(stored_and_read(record_to_item(record, shards)))
    assert read._replace(event=record.event) == record
    # Which fields were sent as null is not kept, and dict() does not ask.
    assert {**dict(read.event), "tags": read.event.tags or None} == {
        **dict(record.event),
        "tags": record.event.tags or None,
    }


@settings(max_examples=50)
@given(bodies)
def test_the_event_of_a_record_has_the_fingerprint_of_the_event_that_was_sent(body: dict[str, Any]) -> None:
    event = UsageEvent.model_validate(body)
    sent_again = UsageEvent.model_validate({**body, "idempotencyKey": "other", "occurredAt": None})
    assert event.fingerprint() == sent_again.fingerprint()


@settings(max_examples=50)
@given(records())
def test_numbers_of_a_record_have_as_many_digits_as_dynamodb_keeps(record: UsageRecord) -> None:
    numbers = [value["N"] for value in record_to_item(record, 1).values() if "N" in value]
    assert all(number.isdigit() and len(number) <= MOST_DIGITS for number in numbers)


@settings(max_examples=50)
@given(records())
def test_nothing_absent_is_kept(record: UsageRecord) -> None:
    item = record_to_item(record, 1)
    assert all(next(iter(value.values())) not in (None, [], {}) for value in item.values())
    assert ("run" in item) == ("step" in item) == (record.event.run_id is not None)


@given(cards)
def test_a_card_is_read_back_as_it_was_written(card: RateCard) -> None:
    assert item_to_card(stored_and_read(card_to_item(card, "2026-11-24T10:00:00.000000Z"))) == card


@given(texts, st.sampled_from(MODES), st.integers(1, 64), st.integers(0, 10**6))
def test_a_project_is_read_back_as_it_was_written(name: str, mode: Any, shards: int, markup: int) -> None:
    project = Project("prj_1", name, mode, "2026-11-24T10:00:00.000000Z", shards, markup)
    assert item_to_project(stored_and_read(project_to_item(project))) == project


def test_a_project_that_is_older_than_markups_has_none() -> None:
    item = project_to_item(Project("prj_1", "One", "managed", "2026-11-24T10:00:00.000000Z", 4, 7))
    del item["markup"]
    assert item_to_project(item).markup_basis_points == 0


def test_a_key_that_was_never_used_has_no_last_use() -> None:
    attributes = {
        "keyId": "k",
        "project": "prj_1",
        "name": "ci",
        "role": "ingest",
        "secretHash": "h",
        "createdAt": "2026-11-24T10:00:00.000000Z",
    }
    item = {name: {"S": value} for name, value in attributes.items()}
    key = ApiKey("k", "prj_1", "ci", "ingest", "h", "2026-11-24T10:00:00.000000Z")
    assert item_to_key(item) == key
    used = {**item, "lastUsedAt": {"S": "2026-11-24T11:00:00.000000Z"}}
    assert item_to_key(used) == key._replace(last_used_at="2026-11-24T11:00:00.000000Z")
