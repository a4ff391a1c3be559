"""SQS: messages to standard queues."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws.transaction import Deadline, call
from metering.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY: Final = 900
"""Seconds that SQS can hold a message back."""
_MOST_ENTRIES: Final = 10


@dataclass(frozen=True)
class Queue:
    """A standard queue."""

    client: "SQSClient"
    url: str


class Message(NamedTuple):
    """`group` is whose message it is: a fair queue lets nobody's backlog delay the others. `delay` is in seconds."""

    body: str
    group: str
    delay: int = 0


def send(queue: Queue, messages: Sequence[Message], deadline: Deadline) -> None:
    """Sends all messages, as few requests as hold them.

    Raises:
        UnavailableError: some may not have been sent.
    """
    waiting = iter(messages)
    while entries := [_entry(number, message) for number, message in enumerate(islice(waiting, _MOST_ENTRIES))]:
        answer = call(lambda: queue.client.send_message_batch(QueueUrl=queue.url, Entries=entries), deadline)
        if answer.get("Failed"):
            raise UnavailableError("the queue did not take every message; send it again")


def _entry(number: int, message: Message) -> Any:  # noqa: ANN401  # boto3's
    return {
        "Id": str(number),
        "MessageBody": message.body,
        "MessageGroupId": message.group,
        "DelaySeconds": message.delay,
    }
