"""usage.computeCostAndRecord: price an event, record it exactly once, and count it against every limit it touches.

The record's key is the project and the idempotency key alone. Its put, on the condition that there is none, stands in
one transaction with the meters of the session and of the budgets that the usage counts towards, with the hold that it
settles and with the events that it causes. So a retry is recognised whatever its time, and nothing is counted by half.

The usual event needs no read: its meters are updated on the condition that nothing has to happen. Where one refuses, it
says what it is, and a decision about it takes the place of the usual change (see `domain.limits`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.budget_book import BudgetBook
from metering.aws.items import item_to_record, record_to_item
from metering.aws.leases import close_lease, item_to_lease
from metering.aws.meters import Scope, item_to_meter, update
from metering.aws.rate_book import RateBook
from metering.aws.tables import get
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import (
    HoldClosedError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
)
from metering.domain.leases import Lease
from metering.domain.limits import Amounts, Change, Usage, decide_usage, is_still, usage_of, usual
from metering.domain.periods import EARLIEST, MOST_AHEAD, short, stored
from metering.domain.rates import RateCard, Subject
from metering.domain.rating import CostOutOfRangeError, Pricing, PricingMode, price_usage
from metering.domain.usage import ACTIVE, Occurrence, Standing, UsageEvent, UsageRecord
from metering.flows.decisions import Attempts, Meters, notice_writes, scope_of, session_scope

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NOTHING: Amounts = {}


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
    meters_table: str
    rates: RateBook
    budgets: BudgetBook

    def meters(self, account: Account, now: datetime, deadline: Deadline) -> Meters:
        return Meters(self.client, self.meters_table, account.project, stored(now), deadline)


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
        HoldClosedError: the hold was settled or released before.
        IdempotencyConflictError: the key belongs to another payload.
        UnavailableError: not recorded, or not known to be; a retry is recognised.
    """
    record = price_event(recorder, account, event, now, deadline)
    return record_priced(recorder, account, record, recorder.meters(account, now, deadline))


def record_priced(recorder: Recorder, account: Account, record: UsageRecord, meters: Meters) -> Recorded:
    """Records an event that is priced already, alone."""
    try:
        return _record_planned(recorder, account, record, meters)
    except (NotFoundError, HoldClosedError):
        # A retry whose first sending settled the hold is a duplicate, and not a second settling.
        found = get(recorder.client, recorder.records_table, _record_key(record), meters.deadline)
        if found is None:
            raise
        return earlier(record, found, unsure=False)


def _record_planned(recorder: Recorder, account: Account, record: UsageRecord, meters: Meters) -> Recorded:
    plan = _plan(recorder, meters, record)
    attempts = Attempts(meters.deadline)
    while True:
        placed = record._replace(standing=plan.standing())
        try:
            commit(recorder.client, [record_write(recorder, account, placed), *plan.writes()], meters.deadline)
        except RefusedError as refused:
            if 0 in refused.found:
                return earlier(record, refused.found[0], unsure=refused.unsure)
            plan.learn({position - 1: item for position, item in refused.found.items()})
            attempts.next()
        else:
            return Recorded(placed, duplicate=False)


@dataclass
class _Plan:
    """What a record's transaction writes beside the record: its meters, its hold and what they cause."""

    meters: Meters
    usage: Usage
    occurred: str
    hold: Lease | None
    session: Scope | None
    changes: dict[Scope, Change]
    read: dict[Scope, Item] = field(default_factory=dict)

    def released(self, scope: Scope) -> Amounts:
        """What the hold gives back to a scope: only an open one has room, and only for those that it was taken from."""
        if self.hold is None or self.hold.state != "open" or scope.name() not in self.hold.scopes:
            return _NOTHING
        item = self.read.get(scope)
        is_another = item is not None and item["createdAt"]["S"] != self.hold.scopes[scope.name()]
        return _NOTHING if is_another else self.hold.amounts

    def writes(self) -> list[Write]:
        writes = [
            update(self.meters.table, self.meters.project, scope, change) for scope, change in self.changes.items()
        ]
        if self.hold is not None and self.session is not None:
            key = self.meters.key(self.session)
            writes.append(close_lease(self.meters.table, key, self.hold, "settled", self.meters.now))
        for scope, change in self.changes.items():
            if change.notices:
                writes.extend(notice_writes(self.meters, scope, self.read[scope], change))
        return writes

    def learn(self, found: dict[int, Item | None]) -> None:
        """Decides anew where a condition failed: on the meters as they are, and on the hold.

        Raises:
            NotFoundError: the session does not exist, or no longer the hold.
            HoldClosedError: the hold was closed meanwhile.
        """
        scopes = list(self.changes)
        for position, item in found.items():
            if position < len(scopes):
                self._learn_meter(scopes[position], item)
            elif position == len(scopes) and self.hold is not None:
                self.hold = _settleable(self.hold.id, item)
                for scope in self.changes:
                    self.decide(scope)

    def _learn_meter(self, scope: Scope, item: Item | None) -> None:
        if item is not None:
            self.read[scope] = item
            self.decide(scope)
        elif scope == self.session:
            raise NotFoundError(f"there is no session {scope.id}")
        else:
            del self.changes[scope]  # the budget was removed since it was remembered

    def decide(self, scope: Scope) -> None:
        item, now, released = self.read.get(scope), self.meters.now, self.released(scope)
        if item is None:
            change = usual(self.usage, released, self.occurred, now)
        else:
            change = decide_usage(item_to_meter(item), self.usage, released, self.occurred, now)
        if released and self.hold is not None:
            change.require.append(is_still(self.hold.scopes[scope.name()]))
        self.changes[scope] = change

    def standing(self) -> Standing | None:
        """How the session stands once this is written."""
        if self.session is None:
            return None
        change = self.changes[self.session]
        return Standing(change.status, tuple(sorted(change.breached))) if change.status == "paused" else ACTIVE


def _plan(recorder: Recorder, meters: Meters, record: UsageRecord) -> _Plan:
    event = record.event
    session = session_scope(event.session_id) if event.session_id is not None else None
    hold = _read_hold(meters, event, session)
    plan = _Plan(meters, usage_of(record.pricing), record.occurred.instant, hold, session, {})
    for scope in _scopes(recorder, meters, event, session, hold):
        plan.decide(scope)
    return plan


def _scopes(
    recorder: Recorder, meters: Meters, event: UsageEvent, session: Scope | None, hold: Lease | None
) -> list[Scope]:
    """The session, the budgets that the event names, and those that its hold took room from."""
    scopes = [session] if session else []
    scopes += recorder.budgets.existing(meters.project, budgeted(meters.project, event), meters.deadline)
    if hold and hold.state == "open":
        scopes += [scope_of(name, meters.project) for name in hold.scopes]
    return list(dict.fromkeys(scopes))


def budgeted(project: str, event: UsageEvent) -> list[Scope]:
    """The scopes of an event that may have a budget."""
    named = [Scope("user", event.user_id or ""), Scope("run", event.run_id or "")]
    return [*(scope for scope in named if scope.id), Scope("project", project)]


def _read_hold(meters: Meters, event: UsageEvent, session: Scope | None) -> Lease | None:
    if event.hold_id is None:
        return None
    if session is None:
        raise InvalidRequestError.at("holdId", "needs the `sessionId` of the hold's session beside it")
    key = keys.lease(meters.key(session), "hold", event.hold_id)
    return _settleable(event.hold_id, get(meters.client, meters.table, key, meters.deadline))


def _settleable(hold_id: str, item: Item | None) -> Lease:
    """A hold that a record may settle: an open one, or one that ran out, which has no room left to give back."""
    if item is None:
        raise NotFoundError(f"the session has no hold {hold_id}")
    hold = item_to_lease(item)
    if hold.state in {"settled", "released"}:
        raise HoldClosedError(f"the hold {hold.id} is {hold.state}")
    return hold


def price_event(
    recorder: Recorder, account: Account, event: UsageEvent, now: datetime, deadline: Deadline
) -> UsageRecord:
    """The record that an event becomes."""
    received = stored(now)
    occurred = event.occurred_at or Occurrence(received, short(received))
    if not EARLIEST <= occurred.instant <= stored(now + MOST_AHEAD):
        raise InvalidRequestError.at("occurredAt", "must not be before 2020, nor more than 5 minutes ahead")
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


def _record_key(record: UsageRecord) -> keys.Key:
    return {"recordKey": {"S": keys.record(record.project, record.record_id)}}


def record_write(recorder: Recorder, account: Account, record: UsageRecord) -> Write:
    """The put of a record that must not exist yet."""
    return Write(
        "Put",
        {
            "TableName": recorder.records_table,
            "Item": record_to_item(record, account.shards),
            "ConditionExpression": "attribute_not_exists(recordKey)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def earlier(record: UsageRecord, found: Item | None, *, unsure: bool) -> Recorded:
    """What the earlier sending with this key says of this one.

    Raises:
        IdempotencyConflictError: it had another payload.
    """
    if found is None:
        raise RuntimeError("the refused put came without the item that refused it")
    before = item_to_record(found)
    if not same_sending(before, found["print"]["B"], record):
        raise IdempotencyConflictError(
            f"the idempotency key {record.event.idempotency_key!r} was used before with another payload"
        )
    ours = unsure and before.received_at == record.received_at
    return Recorded(before, duplicate=not ours)


def same_sending(before: UsageRecord, fingerprint: bytes, record: UsageRecord) -> bool:
    """Whether two sendings with one key are of one event.

    A sending that leaves the time to the server has no time to differ in.
    """
    times = (before.event.occurred_at, record.event.occurred_at)
    differ = None not in times and before.occurred.instant != record.occurred.instant
    return fingerprint == record.event.fingerprint() and not differ
