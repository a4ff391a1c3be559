"""SQS queues: what the function has done is deleted; the rest comes again, at last to the dead-letter queue."""

import asyncio
import base64
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from local.endpoint import REGION
from local.sources.failures import FailedBatchError, failed_items
from local.sources.filters import matches_any, with_parsed_body
from local.sources.outlets import queue_url
from local.template.blueprint import EventSource
from local.workers.errors import InvocationError
from local.workers.pool import Workers

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

Records: TypeAlias = list[dict[str, Any]]

WAIT_SECONDS = 1
REQUEST_LIMIT = 10  # messages that SQS takes or gives at once


class QueueSource:
    """Reads one queue for one function until it is told to stop; several batches at once, as the function allows."""

    def __init__(self, source: EventSource, workers: Workers, sqs: "SQSClient") -> None:
        self._source = source
        self._workers = workers
        self._sqs = sqs
        self._url = queue_url(sqs, source.arn)
        self._free = asyncio.Semaphore(source.batches)
        self._stopping = False

    def stop(self) -> None:
        """Have `run` return once the batches that it has begun are done."""
        self._stopping = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as batches:
            while not self._stopping:
                await self._free.acquire()
                records = await self._collect()
                batches.create_task(self._process_and_free(records))

    async def _collect(self) -> Records:
        """The next batch: what is there at once, or what comes until it is full or the window has passed."""
        source = self._source
        end = time.monotonic() + source.window_seconds
        records = await self._receive(source.batch_size)
        while records and len(records) < source.batch_size and time.monotonic() < end and not self._stopping:
            records += await self._receive(source.batch_size - len(records))
        return records

    async def _receive(self, limit: int) -> Records:
        answer = await asyncio.to_thread(
            self._sqs.receive_message,
            QueueUrl=self._url,
            MaxNumberOfMessages=min(limit, REQUEST_LIMIT),
            WaitTimeSeconds=WAIT_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_record(message, self._source.arn) for message in answer.get("Messages", [])]

    async def _process_and_free(self, records: Records) -> None:
        try:
            await self._process(records)
        finally:
            self._free.release()

    async def _process(self, records: Records) -> None:
        wanted = [record for record in records if matches_any(self._source.filters, with_parsed_body(record))]
        failed: set[str] = set()
        if wanted:
            try:
                failed = await self._invoke(wanted)
            except (InvocationError, FailedBatchError):
                failed = {record["messageId"] for record in wanted}
        await self._delete([record for record in records if record["messageId"] not in failed])

    async def _invoke(self, records: Records) -> set[str]:
        """The ids of the messages that failed."""
        answer = await self._workers.invoke(self._source.function, {"Records": records})
        identifiers = [record["messageId"] for record in records]
        return failed_items(answer, identifiers) if self._source.reports_failures else set()

    async def _delete(self, records: Records) -> None:
        for first in range(0, len(records), REQUEST_LIMIT):
            entries = [
                {"Id": str(number), "ReceiptHandle": record["receiptHandle"]}
                for number, record in enumerate(records[first : first + REQUEST_LIMIT])
            ]
            await asyncio.to_thread(self._sqs.delete_message_batch, QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]  # they are entries


def _record(message: "MessageTypeDef", arn: str) -> dict[str, Any]:
    """A message in the form in which functions get it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: _message_attribute(value) for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    }


def _message_attribute(attribute: Any) -> dict[str, Any]:  # noqa: ANN401 - its type has no public name
    binary = attribute.get("BinaryValue")
    return {
        "dataType": attribute["DataType"],
        "stringListValues": [],
        "binaryListValues": [],
        **({"stringValue": attribute["StringValue"]} if "StringValue" in attribute else {}),
        **({"binaryValue": base64.b64encode(binary).decode()} if binary is not None else {}),
    }
