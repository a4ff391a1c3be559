"""The batch callback: up to 500 events in as few transactions as hold them, each with its own outcome.

Events that settle no hold share transactions of up to 100 items, and a meter that several of them count towards is
updated once for all. Where a meter refuses, because something has to happen or its session is unknown, the events that
count towards it are recorded one by one, and the others go on together. So do those of a session to which they do
nothing but add, because it is paused already or their time lies before its window.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from metering.aws.meters import Metered, Scope, item_to_meter, meter_key, update
from metering.aws.tables import get
from metering.aws.transaction import MOST_WRITES, Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import IdempotencyConflictError, MeteringError
from metering.domain.limits import Change, Meter, Usage, decide_usage, usage_of, usual
from metering.domain.periods import short, stored
from metering.domain.shares import usual_share
from metering.domain.usage import ACTIVE, Occurrence, Standing, UsageEvent, UsageRecord
from metering.flows.decisions import Attempts, Meters
from metering.flows.record_usage import (
    Account,
    Recorded,
    Recorder,
    earlier,
    metered_by,
    price_event,
    record_priced,
    record_write,
    same_sending,
)

Outcome = Recorded | MeteringError
_Waiting = dict[int, UsageRecord]


def record_batch(
    recorder: Recorder, account: Account, events: Sequence[UsageEvent], now: datetime, deadline: Deadline
) -> list[Outcome]:
    """Records events, each judged by itself; the outcomes are in the order of `events`.

    A key that occurs twice is recorded once; the second is a duplicate or a conflict, as if it came alone.
    """
    batch = _Batch(recorder, account, recorder.meters(account, now, deadline))
    pending = dict(enumerate(events))
    while pending:
        firsts = {event.idempotency_key: position for position, event in reversed(pending.items())}
        waiting: _Waiting = {}
        for position in sorted(firsts.values()):
            try:
                waiting[position] = price_event(recorder, account, pending.pop(position), now, deadline)
            except MeteringError as error:
                batch.outcomes[position] = error
        batch.record(waiting)
        # What a recorded first settles is settled; where the first was refused, the next of its key has its turn.
        for position, event in list(pending.items()):
            first = batch.outcomes[firsts[event.idempotency_key]]
            if isinstance(first, Recorded):
                batch.outcomes[position] = _again(first, event, now)
                del pending[position]
    return [batch.outcomes[position] for position in range(len(events))]


class _Batch:
    def __init__(self, recorder: Recorder, account: Account, meters: Meters) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._recorder = recorder
        self._account = account
        self._meters = meters

    def record(self, waiting: _Waiting) -> None:
        """Records all that is waiting: together what settles no hold, alone what does."""
        together, chunk, metered = self._with_meters(waiting), dict[int, _Counted](), set[Metered]()
        for position, counted in together.items():
            more = metered.union(counted.metered)
            if len(chunk) + 1 + len(more) > MOST_WRITES:
                self._record_together(chunk)
                chunk, more = {}, set(counted.metered)
            chunk[position], metered = counted, more
        self._record_together(chunk)
        for position, record in waiting.items():
            if record.event.hold_id is not None:
                self._record_alone(position, record)

    def _with_meters(self, waiting: _Waiting) -> dict[int, "_Counted"]:
        recorder, found = self._recorder, {}
        for position, record in waiting.items():
            if record.event.hold_id is None:
                try:
                    metered = metered_by(recorder.budgets, recorder.users, self._meters, record.event)
                    found[position] = _Counted(record, metered)
                except MeteringError as error:
                    self.outcomes[position] = error
        return found

    def _record_alone(self, position: int, record: UsageRecord) -> None:
        try:
            self.outcomes[position] = record_priced(self._recorder, self._account, record, self._meters)
        except MeteringError as error:
            self.outcomes[position] = error

    def _record_together(self, chunk: dict[int, "_Counted"]) -> None:
        remaining = dict(chunk)
        while remaining:
            positions, metered = list(remaining), _by_meter(remaining)
            try:
                commit(self._recorder.client, self._writes(remaining, metered), self._meters.deadline)
            except RefusedError as refused:
                self._learn(refused, positions, metered, remaining)
            except MeteringError as error:
                self.outcomes.update(dict.fromkeys(remaining, error))
                return
            else:
                for position, counted in remaining.items():
                    self.outcomes[position] = Recorded(_placed(counted.record), duplicate=False)
                return

    def _writes(self, records: dict[int, "_Counted"], metered: dict[Metered, list[int]]) -> list[Write]:
        account = self._account
        writes = [record_write(self._recorder, account, _placed(counted.record)) for counted in records.values()]
        for one, positions in metered.items():
            usage = _sum([usage_of(records[position].record.pricing) for position in positions])
            occurred = min(records[position].record.occurred.instant for position in positions)
            usual_change = usual if one.pieces == 1 else usual_share
            change = usual_change(one.scope.kind, usage, {}, occurred, self._meters.now)
            writes.append(update(self._meters.table, self._meters.project, one.any_share(), change))
        return writes

    def _learn(
        self,
        refused: RefusedError,
        positions: list[int],
        metered: dict[Metered, list[int]],
        remaining: dict[int, "_Counted"],
    ) -> None:
        """Takes out what was refused: records that exist already, and all that counts towards a refusing meter."""
        self._learn_of_records(refused, positions, remaining)
        meters = list(metered.items())
        for index, found in refused.found.items():
            if index >= len(positions):
                one, concerned = meters[index - len(positions)]
                taken = {position: remaining.pop(position) for position in concerned if position in remaining}
                alike = {position: counted for position, counted in taken.items() if counted.metered == [one]}
                if one.scope.kind == "session":
                    self._record_of_session(one.scope, found, alike)
                for position, counted in taken.items():
                    if position not in self.outcomes:
                        self._record_alone(position, counted.record)

    def _learn_of_records(self, refused: RefusedError, positions: list[int], remaining: dict[int, "_Counted"]) -> None:
        """Takes out the records that exist already."""
        for index, found in refused.found.items():
            if index < len(positions):
                position = positions[index]
                self.outcomes[position] = _outcome(remaining.pop(position).record, found, unsure=refused.unsure)

    def _record_of_session(self, scope: Scope, item: Item | None, counted: dict[int, "_Counted"]) -> None:
        """Records what counts towards nothing but a session that is not as usual.

        As many together as do nothing to it but add; what makes something happen, alone.
        """
        left = dict(sorted(counted.items(), key=lambda entry: entry[1].record.occurred.instant))
        attempts, size = Attempts(self._meters.deadline), len(left)
        while left and item is not None:
            group = dict(islice(left.items(), size))
            change = _addition(item_to_meter(item), [one.record for one in group.values()], self._meters.now)
            if change is None and len(group) > 1:
                size = len(group) // 2
                continue
            try:
                if change is None:
                    (position,) = group
                    self._record_alone(position, left.pop(position).record)
                    key = meter_key(self._meters.project, scope)
                    item = get(self._meters.client, self._meters.table, key, self._meters.deadline)
                elif refused := self._add(scope, group, change, left):
                    item = refused.found.get(len(group), item)
                    attempts.next()
            except MeteringError as error:
                self.outcomes.update(dict.fromkeys(left, error))
                return
            size = len(left)

    def _add(
        self, scope: Scope, group: dict[int, "_Counted"], change: Change, left: dict[int, "_Counted"]
    ) -> RefusedError | None:
        """Writes records and what they add to a session; what is settled by that is taken out of `left`."""
        standing = Standing(change.status, tuple(sorted(change.breached))) if change.status == "paused" else ACTIVE
        placed = {position: counted.record._replace(standing=standing) for position, counted in group.items()}
        writes = [record_write(self._recorder, self._account, record) for record in placed.values()]
        writes.append(update(self._meters.table, self._meters.project, scope, change))
        try:
            commit(self._recorder.client, writes, self._meters.deadline)
        except RefusedError as refused:
            self._learn_of_records(refused, list(group), left)
            return refused
        for position, record in placed.items():
            self.outcomes[position] = Recorded(record, duplicate=False)
            del left[position]
        return None


def _addition(meter: Meter, records: Sequence[UsageRecord], now: str) -> Change | None:
    """The change by usage that does nothing to a meter but add, all of it and so any part of it; None: it does more."""
    if len({record.occurred.instant < meter.window.start for record in records}) > 1:
        return None
    usage = _sum([usage_of(record.pricing) for record in records])
    change = decide_usage(meter, usage, {}, records[0].occurred.instant, now)
    return None if change.put or change.notices else change


class _Counted(NamedTuple):
    """A record, and the meters that it counts towards."""

    record: UsageRecord
    metered: list[Metered]


def _by_meter(records: dict[int, _Counted]) -> dict[Metered, list[int]]:
    found: dict[Metered, list[int]] = {}
    for position, counted in records.items():
        for one in counted.metered:
            found.setdefault(one, []).append(position)
    return found


def _placed(record: UsageRecord) -> UsageRecord:
    return record._replace(standing=ACTIVE) if record.event.session_id is not None else record


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


def _again(first: Recorded, event: UsageEvent, now: datetime) -> Outcome:
    """The outcome of an event whose key stands earlier in the same batch."""
    received = stored(now)
    occurred = event.occurred_at or Occurrence(received, short(received))
    sent = first.record._replace(event=event, occurred=occurred)
    if same_sending(first.record, first.record.event.fingerprint(), sent):
        return first._replace(duplicate=True)
    return IdempotencyConflictError(f"the idempotency key {event.idempotency_key!r} stands twice, with two payloads")
