"""The batch callback: up to 500 events in as few transactions as hold them, each with its own outcome.

Events that settle no hold share transactions of up to 100 items, and a meter that several of them count towards is
updated once for all. Where a meter refuses, because something has to happen or its session is unknown, the events that
count towards it are recorded one by one, and the others go on together. So do those that do nothing to their meters but
add, because a session is paused already or their time lies before a window.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from metering.aws.meters import Metered, update
from metering.aws.transaction import MOST_WRITES, Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import IdempotencyConflictError, MeteringError
from metering.domain.limits import Change, Meter, Usage, decide_usage, usage_of, usual
from metering.domain.periods import short, stored
from metering.domain.shares import usual_share
from metering.domain.usage import ACTIVE, Occurrence, Standing, UsageEvent, UsageRecord
from metering.flows.decisions import Attempts, Meters, session_scope
from metering.flows.plans import Part, Plan
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
            addition = _Addition([records[position] for position in positions], self._meters.now)
            change = addition.part(one).usual()
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
        refusing = {one: index for index, one in enumerate(metered, len(positions)) if index in refused.found}
        alike: dict[tuple[Metered, ...], dict[int, _Counted]] = {}
        for position in sorted({position for one in refusing for position in metered[one]} & remaining.keys()):
            counted = remaining.pop(position)
            alike.setdefault(tuple(counted.metered), {})[position] = counted
        for meters, group in alike.items():
            known = {one: refused.found[refusing[one]] for one in meters if one in refusing}
            self._record_alike(meters, known, group)

    def _learn_of_records(self, refused: RefusedError, positions: list[int], remaining: dict[int, "_Counted"]) -> None:
        """Takes out the records that exist already."""
        for index, found in refused.found.items():
            if index < len(positions):
                position = positions[index]
                self.outcomes[position] = _outcome(remaining.pop(position).record, found, unsure=refused.unsure)

    def _record_alike(
        self, metered: Sequence[Metered], known: dict[Metered, Item | None], counted: dict[int, "_Counted"]
    ) -> None:
        """Records what counts towards the same meters, of which some refused the usual change and are `known`.

        As many together as do nothing to them but add; what makes something happen, alone.
        """
        left = dict(sorted(counted.items(), key=lambda entry: entry[1].record.occurred.instant))
        size = len(left)
        while left:
            group = dict(islice(left.items(), size))
            if len(group) > 1 and None not in known.values():
                try:
                    added = self._add(metered, known, group, left)
                except MeteringError as error:
                    self.outcomes.update(dict.fromkeys(left, error))
                    return
                size = len(left) if added else len(group) // 2
            else:
                position = next(iter(group))
                self._record_alone(position, left.pop(position).record)
                known = {one: item for one, item in known.items() if item is None}
                size = len(left)

    def _add(
        self,
        metered: Sequence[Metered],
        known: dict[Metered, Item | None],
        group: dict[int, "_Counted"],
        left: dict[int, "_Counted"],
    ) -> bool:
        """Writes a group's records and what they add to their meters, and takes out of `left` what is settled by that.

        False: nothing is written, since together they do more than add, or a meter is gone. `known` has what was read.
        """
        attempts, addition = Attempts(self._meters.deadline), _Addition(group.values(), self._meters.now)
        plan = Plan(self._meters, [addition.part(one) for one in metered])
        plan.learn({place: known[one] for place, one in enumerate(metered) if one in known})
        while addition.is_all and len(group) + len(plan) <= MOST_WRITES:
            placed = {position: _placed(counted.record, plan) for position, counted in group.items()}
            writes = [record_write(self._recorder, self._account, record) for record in placed.values()]
            try:
                commit(self._recorder.client, writes + plan.writes(), self._meters.deadline)
            except RefusedError as refused:
                if min(refused.found) < len(group):
                    self._learn_of_records(refused, list(group), left)
                    return True
                if len(plan) == len(metered):
                    known.update({metered[index - len(group)]: item for index, item in refused.found.items()})
                if None in refused.found.values():
                    return False
                plan.learn({index - len(group): item for index, item in refused.found.items()})
                attempts.next()
            else:
                for position, record in placed.items():
                    self.outcomes[position] = Recorded(record, duplicate=False)
                    del left[position]
                return True
        return False


class _Addition:
    """What records add to meters. All of it does nothing else, and so no part of it does, as long as `is_all`."""

    def __init__(self, counted: Iterable["_Counted"], now: str) -> None:
        records = [one.record for one in counted]
        self._times = [record.occurred.instant for record in records]
        self._usage = _sum([usage_of(record.pricing) for record in records])
        self._now = now
        self.is_all = True

    def part(self, metered: Metered) -> Part:
        usual_change = usual if metered.pieces == 1 else usual_share

        def as_usual() -> Change:
            return usual_change(metered.scope.kind, self._usage, {}, min(self._times), self._now)

        return Part(metered, as_usual, self._decide)

    def _decide(self, meter: Meter) -> Change:
        change = decide_usage(meter, self._usage, {}, min(self._times), self._now)
        in_one_window = min(self._times) >= meter.window.start or max(self._times) < meter.window.start
        if change.put or change.notices or not in_one_window:
            self.is_all = False
        return change


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


def _placed(record: UsageRecord, plan: Plan | None = None) -> UsageRecord:
    """The record with how its session stands once it is written: as planned, or as usual."""
    session_id = record.event.session_id
    if session_id is None:
        return record
    change = plan.change_of(session_scope(session_id)) if plan is not None else None
    if change is None or change.status == "active":
        return record._replace(standing=ACTIVE)
    return record._replace(standing=Standing(change.status, tuple(sorted(change.breached))))


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
