"""Messages that ask for a closed day to be archived: one at a time a day, in the order of its closings."""

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Archiving(NamedTuple):
    """A day as it was closed, which is to be archived."""

    project: str
    date: str
    revision: int
    attempt: int = 0
    """How often what was read did not agree with how the day was closed."""


def send_archiving(client: "SQSClient", url: str, archiving: Archiving, turn: str, deadline: Deadline) -> None:
    """Asks for a day to be archived, once in the turn."""
    group = hashlib.sha256(f"{archiving.project}#{archiving.date}".encode()).hexdigest()
    call(
        lambda: client.send_message(
            QueueUrl=url,
            MessageBody=json.dumps(archiving._asdict()),
            MessageGroupId=group,
            MessageDeduplicationId=hashlib.sha256(f"{group}#{archiving.revision}#{turn}".encode()).hexdigest(),
        ),
        deadline,
    )


def read_archiving(body: str) -> Archiving:
    return Archiving(**json.loads(body))
