"""The batch callback: up to 500 events in as few transactions as hold them, each with its own outcome.

Events that settle no hold share transactions of up to 100 items, and a meter that several of them count towards is
updated once for all. Where a meter refuses, because something has to happen or its session is unknown, the events that
count towards it are recorded one by one; the others go on together.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from metering.aws.meters import Scope, update
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import IdempotencyConflictError, MeteringError
from metering.domain.limits import Usage, usage_of, usual
from metering.domain.periods import short, stored
from metering.domain.usage import ACTIVE, Occurrence, UsageEvent, UsageRecord
from metering.flows.decisions import Meters, session_scope
from metering.flows.record_usage import (
    Account,
    Recorded,
    Recorder,
    budgeted,
    earlier,
    price_event,
    record_priced,
    record_write,
    same_sending,
)

MOST_WRITES: Final = 100
"""Items of one TransactWriteItems, by DynamoDB's limit."""
Outcome = Recorded | MeteringError
_Waiting = dict[int, UsageRecord]


def record_batch(
    recorder: Recorder, account: Account, events: Sequence[UsageEvent], now: datetime, deadline: Deadline
) -> Iterator[Outcome]:
    """Records events, each judged by itself; the outcomes are in the order of `events`.

    A key that occurs twice is recorded once; the second is a duplicate or a conflict, as if it came alone.
    """
    batch = _Batch(recorder, account, recorder.meters(account, now, deadline))
    firsts: dict[str, int] = {}
    waiting: _Waiting = {}
    for position, event in enumerate(events):
        if firsts.setdefault(event.idempotency_key, position) != position:
            continue
        try:
            waiting[position] = price_event(recorder, account, event, now, deadline)
        except MeteringError as error:
            batch.outcomes[position] = error
    batch.record(waiting)
    for position, event in enumerate(events):
        first = firsts[event.idempotency_key]
        outcome = batch.outcomes[first]
        yield outcome if first == position else _again(outcome, event, now)


class _Batch:
    def __init__(self, recorder: Recorder, account: Account, meters: Meters) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._recorder = recorder
        self._account = account
        self._meters = meters

    def record(self, waiting: _Waiting) -> None:
        alone = {position: record for position, record in waiting.items() if record.event.hold_id is not None}
        chunk: _Waiting = {}
        scopes: set[Scope] = set()
        for position, record in waiting.items():
            if position in alone:
                continue
            more = scopes.union(self._scopes(record))
            if len(chunk) + 1 + len(more) > MOST_WRITES:
                self._record_together(chunk)
                chunk, more = {}, set(self._scopes(record))
            chunk[position], scopes = record, more
        self._record_together(chunk)
        for position, record in alone.items():
            self._record_alone(position, record)

    def _scopes(self, record: UsageRecord) -> list[Scope]:
        event, meters = record.event, self._meters
        session = [session_scope(event.session_id)] if event.session_id is not None else []
        budgets = budgeted(meters.project, event)
        return session + self._recorder.budgets.existing(meters.project, budgets, meters.deadline)

    def _record_alone(self, position: int, record: UsageRecord) -> None:
        try:
            self.outcomes[position] = record_priced(self._recorder, self._account, record, self._meters)
        except MeteringError as error:
            self.outcomes[position] = error

    def _record_together(self, chunk: _Waiting) -> None:
        remaining = dict(chunk)
        while remaining:
            positions, scopes = list(remaining), self._by_scope(remaining)
            try:
                commit(self._recorder.client, self._writes(remaining, scopes), self._meters.deadline)
            except RefusedError as refused:
                self._learn(refused, positions, scopes, remaining)
            except MeteringError as error:
                self.outcomes.update(dict.fromkeys(remaining, error))
                return
            else:
                self.outcomes.update(
                    {at: Recorded(self._placed(one), duplicate=False) for at, one in remaining.items()}
                )
                return

    def _by_scope(self, records: _Waiting) -> dict[Scope, list[int]]:
        found: dict[Scope, list[int]] = {}
        for position, record in records.items():
            for scope in self._scopes(record):
                found.setdefault(scope, []).append(position)
        return found

    def _writes(self, records: _Waiting, scopes: dict[Scope, list[int]]) -> list[Write]:
        writes = [record_write(self._recorder, self._account, self._placed(record)) for record in records.values()]
        for scope, positions in scopes.items():
            usage = _sum([usage_of(records[position].pricing) for position in positions])
            occurred = min(records[position].occurred.instant for position in positions)
            change = usual(usage, {}, occurred, self._meters.now)
            writes.append(update(self._meters.table, self._meters.project, scope, change))
        return writes

    @staticmethod
    def _placed(record: UsageRecord) -> UsageRecord:
        return record._replace(standing=ACTIVE) if record.event.session_id is not None else record

    def _learn(
        self, refused: RefusedError, positions: list[int], scopes: dict[Scope, list[int]], remaining: _Waiting
    ) -> None:
        """Takes out what was refused: records that exist already, and all that counts towards a refusing meter."""
        meters = list(scopes.values())
        for index, found in refused.found.items():
            if index < len(positions):
                position = positions[index]
                self.outcomes[position] = _outcome(remaining.pop(position), found, unsure=refused.unsure)
        for index in refused.found:
            if index >= len(positions):
                for position in meters[index - len(positions)]:
                    record = remaining.pop(position, None)
                    if record is not None:
                        self._record_alone(position, record)


def _sum(usages: Sequence[Usage]) -> Usage:
    total = usages[0]
    for usage in usages[1:]:
        total = total.plus(usage)
    return total


def _outcome(record: UsageRecord, found: Item | None, *, unsure: bool) -> Outcome:
    try:
        return earlier(record, found, unsure=unsure)
    except MeteringError as error:
        return error


def _again(first: Outcome, event: UsageEvent, now: datetime) -> Outcome:
    """The outcome of an event whose key stands earlier in the same batch."""
    if not isinstance(first, Recorded):
        return first
    received = stored(now)
    occurred = event.occurred_at or Occurrence(received, short(received))
    sent = first.record._replace(event=event, occurred=occurred)
    if same_sending(first.record, first.record.event.fingerprint(), sent):
        return first._replace(duplicate=True)
    return IdempotencyConflictError(f"the idempotency key {event.idempotency_key!r} stands twice, with two payloads")
