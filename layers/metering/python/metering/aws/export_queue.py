"""Messages that ask for the pieces of an export."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws.transaction import Deadline, call
from metering.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_AT_ONCE: Final = 10
"""Messages of one SendMessageBatch, by SQS's limit."""


class Piece(NamedTuple):
    """What is to be written: a day of an export, or without a date the whole."""

    project: str
    export_id: str
    date: str | None = None


def send_days(  # noqa: PLR0913, PLR0917  # which days of which export, where to
    client: "SQSClient", url: str, project: str, export_id: str, dates: Sequence[str], deadline: Deadline
) -> None:
    """Asks for the days of an export.

    Raises:
        UnavailableError: some were not taken; asking again does no harm.
    """
    _send(client, url, [Piece(project, export_id, date) for date in dates], deadline)


def send_assembly(client: "SQSClient", url: str, project: str, export_id: str, deadline: Deadline) -> None:
    """Asks for the whole of an export.

    Raises:
        UnavailableError: it was not taken.
    """
    _send(client, url, [Piece(project, export_id)], deadline)


def _send(client: "SQSClient", url: str, pieces: Sequence[Piece], deadline: Deadline) -> None:
    entries: list[Any] = [
        {"Id": str(number), "MessageBody": json.dumps(piece._asdict())} for number, piece in enumerate(pieces)
    ]
    for start in range(0, len(entries), _AT_ONCE):
        chunk = entries[start : start + _AT_ONCE]
        answer = call(lambda: client.send_message_batch(QueueUrl=url, Entries=chunk), deadline)  # noqa: B023  # called at once
        if answer.get("Failed"):
            raise UnavailableError("the queue took not every message")


def read_piece(body: str) -> Piece:
    return Piece(**json.loads(body))
