"""Batches of messages or stream records, worked off one by one; those that fail come again."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws.telemetry import flush, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Record = dict[str, Any]
_SECONDS_A_RECEIVE: Final = 20


class Again(NamedTuple):
    """Where failed messages wait, for a while that grows with each try.

    A queue hides a message for six times as long as its function may take. One that failed at once need not wait so.
    """

    client: "SQSClient"
    url: str

    def soon(self, record: Record) -> None:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        self.client.change_message_visibility(
            QueueUrl=self.url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=_SECONDS_A_RECEIVE * receives,
        )


def message_id(record: Record) -> str:
    return str(record["messageId"])


def sequence_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def work_off(
    records: Iterable[Record],
    work: Callable[[Record], object],
    failed: str,
    *,
    identifier: Callable[[Record], str] = message_id,
    again: Again | None = None,
) -> dict[str, Any]:
    """Lambda's answer to a batch: the records for which `work` raised; each is logged as the event `failed`."""
    found = [identifier(record) for record in records if not _worked(record, work, failed, again)]
    flush()
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in found]}


def _worked(record: Record, work: Callable[[Record], object], failed: str, again: Again | None) -> bool:
    try:
        work(record)
    except Exception:  # noqa: BLE001  # whatever it is, it comes again, and in the end to the dead-letter queue
        logger.exception(failed)
        if again is not None:
            _hide(record, again)
        return False
    return True


def _hide(record: Record, again: Again) -> None:
    try:
        again.soon(record)
    except Exception:  # noqa: BLE001  # then it comes when the queue shows it
        logger.exception("message_not_shown_sooner")
