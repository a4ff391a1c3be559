"""Messages that ask for statistics of an hour or a day to be made anew, each once a slot of time.

The queue is FIFO and delays every message by the length of a slot. Of all messages for one hour and one slot it keeps
the first, and that comes after every record of the slot. One hour's messages are in one group, so that one of them is
worked on at a time.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws.transaction import Deadline, call
from metering.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_AT_ONCE: Final = 10
"""Messages of one SendMessageBatch, by SQS's limit."""


class Rollup(NamedTuple):
    """What is to be made anew: an hour (`2026-11-24T10`), or a day (`2026-11-24`) that is to be closed."""

    project: str
    slot: str

    @property
    def is_day(self) -> bool:
        return "T" not in self.slot


def send_rollups(client: "SQSClient", url: str, rollups: Iterable[Rollup], turn: int, deadline: Deadline) -> None:
    """Asks for rollups, each at most once in the `turn`-th slot of time.

    Raises:
        UnavailableError: some were not taken; asking again does no harm.
    """
    entries = [_entry(number, rollup, turn) for number, rollup in enumerate(rollups)]
    for start in range(0, len(entries), _AT_ONCE):
        chunk = entries[start : start + _AT_ONCE]
        answer = call(lambda: client.send_message_batch(QueueUrl=url, Entries=chunk), deadline)  # noqa: B023  # called at once
        if answer.get("Failed"):
            raise UnavailableError("the queue took not every message")


def _entry(number: int, rollup: Rollup, turn: int) -> Any:  # noqa: ANN401  # boto3's
    group = hashlib.sha256(f"{rollup.project}#{rollup.slot}".encode()).hexdigest()
    return {
        "Id": str(number),
        "MessageBody": json.dumps(rollup._asdict()),
        "MessageGroupId": group,
        "MessageDeduplicationId": f"{group}#{turn}",
    }


def read_rollup(body: str) -> Rollup:
    return Rollup(**json.loads(body))
