"""What every flow over meters shares: read several at once, write a decision until it holds, tell of it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from metering.aws import keys
from metering.aws.audit import Trail, traced
from metering.aws.meters import Metered, Scope, item_to_meter, meter_key, update
from metering.aws.outbox import event_write
from metering.aws.transaction import Deadline, Item, RefusedError, Write, call, commit
from metering.domain.errors import NotFoundError, UnavailableError
from metering.domain.figures import figures
from metering.domain.limits import Change, Meter, Notice
from metering.domain.periods import short
from metering.domain.shares import spread, total

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
_MOST_KEYS: Final = 100
_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.2


@dataclass(frozen=True)
class Meters:
    """A project's meters, as one request sees them."""

    client: "DynamoDBClient"
    table: str
    project: str
    now: str
    deadline: Deadline
    trail: Trail | None = None

    def key(self, scope: Scope) -> str:
        return keys.scope(self.project, *scope)


class Attempts:
    """Paces attempts that compete with others': at once the first time, then with jittered pauses, until a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._made = 0

    def next(self) -> None:
        """Waits for the next attempt's turn.

        Raises:
            UnavailableError: the deadline has passed.
        """
        self._made += 1
        pause = min(_FIRST_PAUSE * 2 ** min(self._made, 8), _LONGEST_PAUSE) if self._made > 1 else 0
        if self._deadline.remaining() <= pause:
            raise UnavailableError("others kept changing the same meter; nothing was done, send it again")
        if pause:
            time.sleep(random.uniform(0, pause))  # noqa: S311  # jitter is no secret


def session_scope(session_id: str) -> Scope:
    return Scope("session", session_id)


def session_meter(session_id: str) -> Metered:
    return Metered(session_scope(session_id))


def read_items(meters: Meters, wanted: Sequence[keys.Key]) -> dict[tuple[str, str], Item]:
    """The items of up to 100 keys as of now, by scope and entry; those that do not exist are missing."""
    found: dict[tuple[str, str], Item] = {}
    missing: Sequence[Any] = list(wanted)
    while missing:
        request: dict[str, Any] = {meters.table: {"Keys": missing[:_MOST_KEYS], "ConsistentRead": True}}
        answer = call(lambda: meters.client.batch_get_item(RequestItems=request), meters.deadline)  # noqa: B023  # called at once
        for item in answer["Responses"].get(meters.table, []):
            found[item["scope"]["S"], item["entry"]["S"]] = item
        unread = answer.get("UnprocessedKeys", {}).get(meters.table)
        missing = [*(unread["Keys"] if unread else []), *missing[_MOST_KEYS:]]
    return found


def read_existing(meters: Meters, metered: Sequence[Metered]) -> dict[Metered, list[Item]]:
    """The items of the meters' shares, all read at once; meters that do not exist are missing."""
    wanted = {one: [meter_key(meters.project, share) for share in one.shares()] for one in metered}
    found = read_items(meters, [key for shares in wanted.values() for key in shares])
    names = {one: [(key["scope"]["S"], key["entry"]["S"]) for key in shares] for one, shares in wanted.items()}
    return {one: [found[name] for name in shares] for one, shares in names.items() if found.keys() >= set(shares)}


def read_shares(meters: Meters, metered: Metered) -> tuple[list[Item], Meter | None]:
    """The items of a meter's shares and the meter they make together; none if they are not of one revision.

    Raises:
        NotFoundError: a share is missing: there is no such meter.
    """
    items = read_existing(meters, [metered]).get(metered)
    if items is None:
        raise NotFoundError(f"there is no {metered.scope.kind} {metered.scope.id}")
    return items, total([item_to_meter(item) for item in items])


def read_meter(meters: Meters, metered: Metered) -> tuple[Item, Meter]:
    """The item of a meter's first share, and the meter as of now.

    Raises:
        NotFoundError: there is none.
    """
    attempts = Attempts(meters.deadline)
    while True:
        items, meter = read_shares(meters, metered)
        if meter is not None:
            return items[0], meter
        attempts.next()


def decide(meters: Meters, metered: Metered, decision: Callable[[Meter], Change | T]) -> Change | T:
    """Makes a decision on a meter and writes it with its notices; made again when the meter has changed meanwhile.

    A decision that is no change is not written.

    Raises:
        NotFoundError: there is no such meter.
    """
    attempts = Attempts(meters.deadline)
    while True:
        items, meter = read_shares(meters, metered)
        decided = decision(meter) if meter is not None else None
        if meter is not None and not isinstance(decided, Change):
            return cast("T", decided)
        if isinstance(decided, Change):
            changes = spread_over(metered, items, decided, metered.scope)
            writes = [update(meters.table, meters.project, share, change) for share, change in changes.items()]
            writes += notice_writes(meters, metered.scope, items[0], decided)
            writes += traced(meters.trail)
            try:
                commit(meters.client, writes, meters.deadline)
            except RefusedError:
                pass
            else:
                return decided
        attempts.next()


def spread_over(metered: Metered, items: Sequence[Item], change: Change, chosen: Scope) -> dict[Scope, Change]:
    """A change decided on a meter, as the changes of its items; `chosen` is the share that counts."""
    if metered.pieces == 1:
        return {metered.scope: change}
    shares = [item_to_meter(item) for item in items]
    return dict(zip(metered.shares(), spread(change, shares, chosen.share), strict=True))


def notice_writes(meters: Meters, scope: Scope, item: Item, change: Change) -> list[Write]:
    """The outbox events of a change, to be written in its transaction."""
    writes = []
    period = str(change.put.get("period", item["period"]["S"]))
    for notice in change.notices:
        if scope.kind != "session" and notice.event in {"paused", "resumed"}:
            continue  # a budget has no agents of its own to pause
        event_type = f"{'session' if scope.kind == 'session' else 'budget'}.{notice.event}"
        data = _data(meters, scope, item, notice, period)
        writes.append(event_write(meters.table, meters.key(scope), meters.project, event_type, data, meters.now))
    return writes


def _data(meters: Meters, scope: Scope, item: Item, notice: Notice, period: str) -> dict[str, Any]:
    """What an event tells; a session's names everything, with null where no limit has to do with it."""
    data: dict[str, Any] = {"scope": scope.name()}
    if scope.kind == "session":
        data = {"sessionId": scope.id, "userId": item["userId"]["S"]}
        data.update(dict.fromkeys(("dimension", "limit", "used", "period")))
    if notice.dimension is not None:
        data["dimension"] = notice.dimension
        data.update(figures(notice.dimension, limit=notice.limit, used=notice.used))
        data["period"] = period if notice.dimension in {"maxCost", "unrated"} else "total"
    if notice.percent is not None:
        data["threshold"] = notice.percent
    if notice.reason is not None:
        data["reason"] = notice.reason
    return {**data, "at": short(meters.now)}
