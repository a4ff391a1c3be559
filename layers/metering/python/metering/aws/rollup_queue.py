"""Messages that ask for statistics of an hour, a day or a month to be made anew, each once a slot of time.

The queue is FIFO and delays every message by more than the length of a slot. Of all messages for one hour and one slot
it keeps the first, and that comes after every record of the slot. What the delay is longer by is for clocks that differ
and for an index that is not yet up to date. One hour's messages are in one group, so that one of them is worked on at a
time.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws.transaction import Deadline, call
from metering.domain.days import Span, span_of
from metering.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_AT_ONCE: Final = 10
"""Messages of one SendMessageBatch, by SQS's limit."""


class Rollup(NamedTuple):
    """What is to be made anew: an hour (`2026-11-24T10`), a day (`2026-11-24`) that is to be closed, or a month."""

    project: str
    slot: str

    @property
    def span(self) -> Span:
        return span_of(self.slot)


@dataclass(frozen=True)
class RollupQueue:
    """The queue; it delays its messages by `seconds`."""

    client: "SQSClient"
    url: str
    seconds: int

    def slot_of(self, now: datetime) -> int:
        """The number of the slot of time that `now` is in; a slot is five sixths of the delay."""
        return int(now.timestamp() * 6) // (5 * self.seconds)


def send_rollups(queue: RollupQueue, rollups: Iterable[Rollup], now: datetime, deadline: Deadline) -> None:
    """Asks for rollups, each at most once in the slot of time that `now` is in.

    `now` is when they are sent, and what they are to count is there by then. A message of the same slot comes later
    than that; one of the slot of an older `now` may have come already, and then this one would be lost.

    Raises:
        UnavailableError: some were not taken; asking again does no harm.
    """
    slot = queue.slot_of(now)
    entries = [_entry(number, rollup, slot) for number, rollup in enumerate(rollups)]
    for start in range(0, len(entries), _AT_ONCE):
        chunk = entries[start : start + _AT_ONCE]
        answer = call(lambda: queue.client.send_message_batch(QueueUrl=queue.url, Entries=chunk), deadline)  # noqa: B023  # called at once
        if answer.get("Failed"):
            raise UnavailableError("the queue took not every message")


def _entry(number: int, rollup: Rollup, slot: int) -> Any:  # noqa: ANN401  # boto3's
    group = hashlib.sha256(f"{rollup.project}#{rollup.slot}".encode()).hexdigest()
    return {
        "Id": str(number),
        "MessageBody": json.dumps(rollup._asdict()),
        "MessageGroupId": group,
        "MessageDeduplicationId": f"{group}#{slot}",
    }


def read_rollup(body: str) -> Rollup:
    return Rollup(**json.loads(body))
