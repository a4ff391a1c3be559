"""usage.computeCostAndRecord: price an event, record it exactly once, and count it against every limit it touches.

The record's key is the project and the idempotency key alone. Its put, on the condition that there is none, stands in
one transaction with the meters of the session and of the budgets that the usage counts towards, with the hold that it
settles and with the events that it causes. So a retry is recognised whatever its time, and nothing is counted by half.

The usual event needs no read: its meters are updated on the condition that nothing has to happen. Where one refuses, it
says what it is, and a decision about it takes the place of the usual change (see `domain.limits`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.budget_book import BudgetBook
from metering.aws.items import item_to_record, record_to_item
from metering.aws.leases import close_lease, item_to_lease
from metering.aws.meters import Metered, Scope, metered_of
from metering.aws.rate_book import RateBook
from metering.aws.tables import get
from metering.aws.transaction import MOST_WRITES, Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import (
    HoldClosedError,
    IdempotencyConflictError,
    InvalidRequestError,
    NotFoundError,
)
from metering.domain.leases import Lease
from metering.domain.limits import Amounts, Change, Meter, decide_usage, is_still, usage_of, usual
from metering.domain.periods import EARLIEST, MOST_AHEAD, short, stored
from metering.domain.rates import RateCard, Subject
from metering.domain.rating import CostOutOfRangeError, Pricing, PricingMode, price_usage
from metering.domain.shares import usual_share
from metering.domain.usage import ACTIVE, Occurrence, Standing, UsageEvent, UsageRecord
from metering.flows.decisions import Attempts, Meters, session_meter, session_scope
from metering.flows.plans import Part, Plan
from metering.flows.session_users import SessionUsers

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
    users: SessionUsers

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
    counting = _Counting(recorder, meters, record, _read_hold(meters, record.event))
    attempts = Attempts(meters.deadline)
    while True:
        placed = record._replace(standing=counting.standing())
        try:
            commit(recorder.client, [record_write(recorder, account, placed), *counting.writes()], meters.deadline)
        except RefusedError as refused:
            if 0 in refused.found:
                return earlier(record, refused.found[0], unsure=refused.unsure)
            counting.learn({position - 1: item for position, item in refused.found.items()})
            attempts.next()
        else:
            return Recorded(placed, duplicate=False)


class _Counting:
    """What a record's transaction writes beside the record: its meters, its hold and what they cause."""

    def __init__(self, recorder: Recorder, meters: Meters, record: UsageRecord, hold: Lease | None) -> None:
        session_id = record.event.session_id
        self._meters = meters
        self._session = session_scope(session_id) if session_id is not None else None
        self._hold = hold
        self._usage = usage_of(record.pricing)
        self._occurred = record.occurred.instant
        self._plan = Plan(meters, [self._part(one) for one in self._metered(recorder, record.event)])

    def _metered(self, recorder: Recorder, event: UsageEvent) -> list[Metered]:
        """The session, the budgets of what the event names, and all that its hold took room from."""
        found = {one.scope: one for one in metered_by(recorder.budgets, recorder.users, self._meters, event)}
        if self._hold and self._hold.state == "open":
            for reference in self._hold.scopes:
                one = metered_of(reference, self._meters.project)
                found.setdefault(one.scope, one)  # a budget made anew may be split another way
        return list(found.values())

    def _part(self, metered: Metered) -> Part:
        usual_change = usual if metered.pieces == 1 else usual_share

        def as_usual() -> Change:
            released = self._released(metered)
            change = usual_change(metered.scope.kind, self._usage, released, self._occurred, self._meters.now)
            if released and self._hold:
                change.require.append(is_still(self._hold.scopes[metered.reference()]))
            return change

        def decided(meter: Meter) -> Change:
            released = self._released(metered, meter.created_at)
            return decide_usage(meter, self._usage, released, self._occurred, self._meters.now)

        return Part(metered, as_usual, decided)

    def _released(self, metered: Metered, created_at: str | None = None) -> Amounts:
        """What the hold gives back to a meter: only an open one has room, and only for those that it was taken from."""
        if self._hold is None or self._hold.state != "open":
            return _NOTHING
        made = self._hold.scopes.get(metered.reference())
        return self._hold.amounts if made is not None and created_at in {made, None} else _NOTHING

    def standing(self) -> Standing | None:
        """How the session stands once this is written."""
        if self._session is None:
            return None
        change = self._plan.change_of(self._session)
        return Standing(change.status, tuple(sorted(change.breached))) if change.status == "paused" else ACTIVE

    def writes(self) -> list[Write]:
        """All but the record's own."""
        writes = self._plan.writes()
        if self._hold is not None and self._session is not None:
            key = self._meters.key(self._session)
            writes.append(close_lease(self._meters.table, key, self._hold, "settled", self._meters.now))
        return writes + self._plan.notices(MOST_WRITES - len(writes) - 1)

    def learn(self, found: Mapping[int, Item | None]) -> None:
        """Decides anew where a condition failed: on the meters as they are, and on the hold.

        Raises:
            NotFoundError: the session does not exist, or no longer the hold.
            HoldClosedError: the hold was closed meanwhile.
        """
        count = len(self._plan)
        dropped = self._plan.learn({position: item for position, item in found.items() if position < count})
        if self._session is not None and self._session in dropped:
            raise NotFoundError(f"there is no session {self._session.id}")
        if count in found and self._hold is not None:
            self._hold = _settleable(self._hold.id, found[count])
            self._plan.decide_again()


def metered_by(budgets: BudgetBook, users: SessionUsers, meters: Meters, event: UsageEvent) -> list[Metered]:
    """The meters that an event counts towards: its session's, and the budgets of its user, its run and the project.

    An event that names a session and no user counts for the session's user.

    Raises:
        NotFoundError: there is no such session, as far as it had to be looked for.
    """
    project = meters.project
    user_id = event.user_id
    if user_id is None and event.session_id is not None and budgets.has_users(project, meters.deadline):
        user_id = users.user_of(meters, event.session_id)
    named = [Scope("user", user_id or ""), Scope("run", event.run_id or "")]
    scopes = [*(scope for scope in named if scope.id), Scope("project", project)]
    sessions = [session_meter(event.session_id)] if event.session_id is not None else []
    return sessions + budgets.existing(project, scopes, meters.deadline)


def _read_hold(meters: Meters, event: UsageEvent) -> Lease | None:
    """The hold that an event settles.

    Raises:
        NotFoundError: the session has no such hold.
        HoldClosedError: it is settled or released.
    """
    if event.hold_id is None:
        return None
    if event.session_id is None:
        raise NotFoundError(f"there is no hold {event.hold_id} without its session: send `sessionId` as well")
    key = keys.lease(meters.key(session_scope(event.session_id)), "hold", event.hold_id)
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
