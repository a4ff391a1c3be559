"""What every flow over meters shares: read several at once, write a decision until it holds, tell of it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from metering.aws import keys
from metering.aws.meters import Scope, item_to_meter, meter_key, update
from metering.aws.outbox import event_write
from metering.aws.transaction import Deadline, Item, RefusedError, Write, call, commit
from metering.domain.errors import NotFoundError, UnavailableError
from metering.domain.figures import figures
from metering.domain.limits import Amounts, Change, Meter, Notice, give_back, is_still
from metering.domain.periods import short

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
_MOST_KEYS: Final = 100
_LONGEST_PAUSE: Final = 0.2


@dataclass(frozen=True)
class Meters:
    """A project's meters, as one request sees them."""

    client: "DynamoDBClient"
    table: str
    project: str
    now: str
    deadline: Deadline

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
        pause = min(0.002 * 2 ** min(self._made, 8), _LONGEST_PAUSE) if self._made > 1 else 0
        if self._deadline.remaining() <= pause:
            raise UnavailableError("others kept changing the same meter; nothing was done, send it again")
        if pause:
            time.sleep(random.uniform(0, pause))  # noqa: S311  # jitter is no secret


def session_scope(session_id: str) -> Scope:
    return Scope("session", session_id)


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


def read_meter(meters: Meters, scope: Scope) -> Item:
    """The item of a scope's meter.

    Raises:
        NotFoundError: there is none.
    """
    key = meter_key(meters.project, scope)
    item = read_items(meters, [key]).get((key["scope"]["S"], key["entry"]["S"]))
    if item is None:
        raise NotFoundError(f"there is no {scope.kind} {scope.id}")
    return item


def decide(meters: Meters, scope: Scope, decision: Callable[[Meter], Change | T]) -> tuple[Item, Change | T]:
    """Makes a decision on a meter and writes it with its notices; made again when the meter has changed meanwhile.

    Returns the meter's item as it was read, and what was decided; a decision that is no change is not written.
    """
    attempts = Attempts(meters.deadline)
    while True:
        item = read_meter(meters, scope)
        decided = decision(item_to_meter(item))
        if not isinstance(decided, Change):
            return item, decided
        writes = [update(meters.table, meters.project, scope, decided), *notice_writes(meters, scope, item, decided)]
        try:
            commit(meters.client, writes, meters.deadline)
        except RefusedError:
            attempts.next()
        else:
            return item, decided


def release_change(amounts: Amounts, created_at: str) -> Change:
    """Gives held amounts back to the meter that they were taken from, if it is still there."""
    change = Change(require=[is_still(created_at)])
    give_back(change, amounts)
    return change


def notice_writes(meters: Meters, scope: Scope, item: Item, change: Change) -> list[Write]:
    """The outbox events of a change, to be written in its transaction."""
    writes = []
    for notice in change.notices:
        if scope.kind != "session" and notice.event in {"paused", "resumed"}:
            continue  # a budget has no agents of its own to pause
        event_type = f"{'session' if scope.kind == 'session' else 'budget'}.{notice.event}"
        data = _data(meters, scope, item, notice)
        writes.append(event_write(meters.table, meters.key(scope), meters.project, event_type, data, meters.now))
    return writes


def _data(meters: Meters, scope: Scope, item: Item, notice: Notice) -> dict[str, Any]:
    data: dict[str, Any] = {"scope": scope.name()}
    if scope.kind == "session":
        data = {"sessionId": scope.id, "userId": item["userId"]["S"]}
    if notice.dimension is not None:
        data["dimension"] = notice.dimension
        data.update(figures(notice.dimension, limit=notice.limit, used=notice.used))
        data["period"] = item["period"]["S"] if notice.dimension in {"maxCost", "unrated"} else "total"
    if notice.percent is not None:
        data["threshold"] = notice.percent
    if notice.reason is not None:
        data["reason"] = notice.reason
    return {**data, "at": short(meters.now)}
