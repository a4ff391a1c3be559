"""usage.computeCostAndRecord: price an event and record it, exactly once.

The record's key is the project and the idempotency key alone. Its put, on the condition that there is none, stands in
one transaction with everything that the usage counts towards, so a retry is recognised whatever its time and nothing is
counted by half.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws.items import item_to_record, record_to_item
from metering.aws.rate_book import RateBook
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import IdempotencyConflictError, InvalidRequestError, MeteringError, NotFoundError
from metering.domain.periods import EARLIEST, MOST_AHEAD, short, stored
from metering.domain.rates import RateCard, Subject
from metering.domain.rating import CostOutOfRangeError, Pricing, PricingMode, price_usage
from metering.domain.usage import Occurrence, UsageEvent, UsageRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_WRITES: Final = 100
"""Items of one TransactWriteItems, by DynamoDB's limit."""


class Account(NamedTuple):
    """Whose usage it is, as far as recording needs to know."""

    project: str
    mode: PricingMode
    shards: int


@dataclass(frozen=True)
class Recorder:
    """Where usage is recorded."""

    client: "DynamoDBClient"
    records_table: str
    rates: RateBook


class Recorded(NamedTuple):
    """The record of an event, and whether an earlier sending had made it."""

    record: UsageRecord
    duplicate: bool


def record_event(
    recorder: Recorder, account: Account, event: UsageEvent, now: datetime, deadline: Deadline
) -> Recorded:
    """Prices and records one event.

    Raises:
        InvalidRequestError: `occurredAt` or the cost is out of range.
        NotFoundError: no such session or hold.
        IdempotencyConflictError: the key belongs to another payload.
        UnavailableError: not recorded, or not known to be; a retry is recognised.
    """
    record = price_event(recorder, account, event, now, deadline)
    try:
        commit(recorder.client, [_record_write(recorder, account, record)], deadline)
    except RefusedError as refused:
        return _earlier(record, refused.found[0], unsure=refused.unsure)
    return Recorded(record, duplicate=False)


def record_batch(
    recorder: Recorder, account: Account, events: Sequence[UsageEvent], now: datetime, deadline: Deadline
) -> Iterator[Recorded | MeteringError]:
    """Records events in as few transactions as hold them; each has its own outcome, in the order of `events`.

    A key that occurs twice is recorded once; the second is a duplicate or a conflict, as if it came alone.
    """
    outcomes: dict[int, Recorded | MeteringError] = {}
    firsts: dict[str, int] = {}
    pending: dict[int, UsageRecord] = {}
    for position, event in enumerate(events):
        if event.idempotency_key in firsts:
            continue
        firsts[event.idempotency_key] = position
        try:
            pending[position] = price_event(recorder, account, event, now, deadline)
        except MeteringError as error:
            outcomes[position] = error
    waiting = list(pending)
    for start in range(0, len(waiting), MOST_WRITES):
        chunk = {position: pending[position] for position in waiting[start : start + MOST_WRITES]}
        outcomes.update(_record_chunk(recorder, account, chunk, deadline))
    for position, event in enumerate(events):
        first = firsts[event.idempotency_key]
        yield outcomes[position] if first == position else _again(outcomes[first], event, now)


def price_event(
    recorder: Recorder, account: Account, event: UsageEvent, now: datetime, deadline: Deadline
) -> UsageRecord:
    """The record that an event becomes."""
    received = stored(now)
    occurred = event.occurred_at or Occurrence(received, short(received))
    if not EARLIEST <= occurred.instant <= stored(now + MOST_AHEAD):
        raise InvalidRequestError.at("occurredAt", "must not be before 2020, nor more than 5 minutes ahead")
    if event.session_id is not None:
        raise NotFoundError(f"there is no session {event.session_id}")
    if event.hold_id is not None:
        raise NotFoundError(f"there is no hold {event.hold_id}")
    card, pricing = _price(recorder, account, event, occurred.instant, deadline)
    return UsageRecord(
        account.project, event, occurred, received, account.mode, card.rate_id if card else None, pricing
    )


def _price(
    recorder: Recorder, account: Account, event: UsageEvent, instant: str, deadline: Deadline
) -> tuple[RateCard | None, Pricing]:
    subject = Subject(account.project, event.service, event.provider, event.model_id)
    usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
    try:
        found = recorder.rates.resolve(subject, instant, deadline)
        pricing = price_usage(usage, found.card, account.mode)
        # A rate that memory lacks may be there by now: no usage is called unrated on the word of a cache.
        if pricing.unrated and found.remembered:
            found = recorder.rates.resolve(subject, instant, deadline, afresh=True)
            pricing = price_usage(usage, found.card, account.mode)
    except CostOutOfRangeError as error:
        raise InvalidRequestError.at("usage", str(error)) from None
    return found.card, pricing


def _record_write(recorder: Recorder, account: Account, record: UsageRecord) -> Write:
    return Write(
        "Put",
        {
            "TableName": recorder.records_table,
            "Item": record_to_item(record, account.shards),
            "ConditionExpression": "attribute_not_exists(recordKey)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def _earlier(record: UsageRecord, found: Item | None, *, unsure: bool) -> Recorded:
    """What the earlier sending with this key says of this one."""
    if found is None:  # the emulators' and AWS's way of answering agree: the old item comes with the refusal
        raise RuntimeError("the refused put came without the item that refused it")
    earlier = item_to_record(found)
    if not _same(earlier, found["print"]["B"], record):
        raise IdempotencyConflictError(
            f"the idempotency key {record.event.idempotency_key!r} was used before with another payload"
        )
    ours = unsure and earlier.received_at == record.received_at
    return Recorded(earlier, duplicate=not ours)


def _same(earlier: UsageRecord, fingerprint: bytes, record: UsageRecord) -> bool:
    # A sending that leaves the time to the server has no time to differ in.
    times = (earlier.event.occurred_at, record.event.occurred_at)
    differ = None not in times and earlier.occurred.instant != record.occurred.instant
    return fingerprint == record.event.fingerprint() and not differ


def _record_chunk(
    recorder: Recorder, account: Account, chunk: dict[int, UsageRecord], deadline: Deadline
) -> dict[int, Recorded | MeteringError]:
    outcomes: dict[int, Recorded | MeteringError] = {}
    remaining = dict(chunk)
    while remaining:
        positions = list(remaining)
        writes = [_record_write(recorder, account, record) for record in remaining.values()]
        try:
            commit(recorder.client, writes, deadline)
        except RefusedError as refused:
            for index, found in refused.found.items():
                position = positions[index]
                outcomes[position] = _outcome(remaining.pop(position), found, unsure=refused.unsure)
        except MeteringError as error:
            outcomes.update(dict.fromkeys(remaining, error))
            break
        else:
            outcomes.update({position: Recorded(record, duplicate=False) for position, record in remaining.items()})
            break
    return outcomes


def _outcome(record: UsageRecord, found: Item | None, *, unsure: bool) -> Recorded | MeteringError:
    try:
        return _earlier(record, found, unsure=unsure)
    except MeteringError as error:
        return error


def _again(first: Recorded | MeteringError, event: UsageEvent, now: datetime) -> Recorded | MeteringError:
    """The outcome of an event whose key stands earlier in the same batch."""
    if not isinstance(first, Recorded):
        return first
    received = stored(now)
    occurred = event.occurred_at or Occurrence(received, short(received))
    sent = first.record._replace(event=event, occurred=occurred)
    if _same(first.record, first.record.event.fingerprint(), sent):
        return first._replace(duplicate=True)
    return IdempotencyConflictError(f"the idempotency key {event.idempotency_key!r} stands twice, with two payloads")
