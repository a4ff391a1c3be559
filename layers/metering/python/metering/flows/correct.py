"""What voids and re-ratings share: a correction is written in one transaction with all that it changes.

The record is corrected as it was read, or not at all; with it the meters change that it was counted towards. They are
decided on as they are read, since usage that is taken back may open what a limit has closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.audit import Trail, traced
from metering.aws.budget_book import BudgetBook
from metering.aws.corrections import correction_writes
from metering.aws.leases import item_to_lease
from metering.aws.meters import Metered, Scope, item_to_meter, metered_of, update
from metering.aws.records import Records
from metering.aws.tables import get
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.corrections import counted_at
from metering.domain.limits import Change, Meter, Usage, decide_usage
from metering.domain.shares import total
from metering.domain.usage import UsageRecord
from metering.flows.decisions import Attempts, Meters, notice_writes, read_existing, session_scope, spread_over
from metering.flows.record_usage import metered_by
from metering.flows.session_users import SessionUsers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Corrector:
    """Where a project's records are corrected."""

    client: "DynamoDBClient"
    records_table: str
    meters_table: str
    budgets: BudgetBook
    users: SessionUsers
    project: str
    shards: int
    deadline: Deadline
    trail: Trail | None = None

    def records(self) -> Records:
        return Records(self.client, self.records_table, self.project, self.shards, self.deadline)

    def meters(self, now: str) -> Meters:
        return Meters(self.client, self.meters_table, self.project, now, self.deadline)


class Correcting(NamedTuple):
    """A record as it was read, what corrects it, and what that adds to the meters."""

    original: UsageRecord
    correction: UsageRecord
    usage: Usage


def correct(corrector: Corrector, correcting: Correcting) -> bool:
    """Writes a correction and all that it changes. False: the record is no longer as it was read, nothing is written.

    Raises:
        UnavailableError: not written, or not known to be.
    """
    meters = corrector.meters(correcting.correction.received_at)
    writes = correction_writes(corrector.records(), correcting.original, correcting.correction)
    attempts = Attempts(corrector.deadline)
    while True:
        counting = _counting(corrector, meters, correcting)
        if counting is not None:
            try:
                commit(corrector.client, [*writes, *counting, *traced(corrector.trail)], corrector.deadline)
            except RefusedError as refused:
                if min(refused.found) < len(writes):
                    return False
            else:
                return True
        attempts.next()


def _counting(corrector: Corrector, meters: Meters, correcting: Correcting) -> list[Write] | None:
    """The changes of all meters, or None if one was read amid another's change of its shares."""
    writes: list[Write] = []
    for metered, items in read_existing(meters, _counted_towards(corrector, meters, correcting.original)).items():
        meter = total([item_to_meter(item) for item in items])
        if meter is None:
            return None
        change = _decide(meter, metered.scope, correcting, meters.now)
        if change is not None:
            writes += _writes(meters, metered, items, change)
    return writes


def _decide(meter: Meter, scope: Scope, correcting: Correcting, now: str) -> Change | None:
    """The change of a meter; None: it is a budget that was made after the record, and so never counted it."""
    original = correcting.original
    if scope.kind != "session" and meter.created_at > original.received_at:
        return None
    return decide_usage(meter, correcting.usage, {}, counted_at(original), now)


def _writes(meters: Meters, metered: Metered, items: Sequence[Item], change: Change) -> list[Write]:
    changes = spread_over(metered, items, change, metered.any_share())
    updates = [update(meters.table, meters.project, share, one) for share, one in changes.items()]
    return updates + notice_writes(meters, metered.scope, items[0], change)


def _counted_towards(corrector: Corrector, meters: Meters, record: UsageRecord) -> list[Metered]:
    """The meters that a record was counted towards: those of what it names, and of the hold that it settled."""
    found = metered_by(corrector.budgets, corrector.users, meters, record.event)
    found += _held_from(meters, record)
    return list({one.scope: one for one in found}.values())


def _held_from(meters: Meters, record: UsageRecord) -> list[Metered]:
    """What the record's hold had taken room from, as long as the hold is remembered."""
    event = record.event
    if event.hold_id is None or event.session_id is None:
        return []
    key = keys.lease(meters.key(session_scope(event.session_id)), "hold", event.hold_id)
    item = get(meters.client, meters.table, key, meters.deadline)
    hold = item_to_lease(item) if item else None
    if hold is None or hold.expires_at <= record.received_at:
        return []
    return [metered_of(reference, meters.project) for reference in hold.scopes]
