"""DynamoDB streams: each record reaches the function in order, again and again until it has worked or is given up."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from local.emulator.process import EmulatorProcess
from local.sources.failures import FailedBatchError, failed_items
from local.sources.filters import matches_any
from local.sources.outlets import send_to_queue
from local.template.blueprint import EventSource
from local.workers.errors import InvocationError
from local.workers.pool import Workers

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Records: TypeAlias = list[dict[str, Any]]

WAIT_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0

_logger = logging.getLogger("local.sources")


class StreamSource:
    """Reads one stream for one function, from sequence number `after`, until it is told to stop."""

    def __init__(
        self, source: EventSource, after: str, emulator: EmulatorProcess, workers: Workers, sqs: "SQSClient"
    ) -> None:
        self._source = source
        self._after = after
        self._emulator = emulator
        self._workers = workers
        self._sqs = sqs
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Have `run` return once it has nothing more to read."""
        self._stopping.set()

    async def run(self) -> None:
        while True:
            records = await self._read(0 if self._stopping.is_set() else WAIT_SECONDS)
            if records:
                await self._deliver([record for record in records if matches_any(self._source.filters, record)])
                self._after = _sequence_number(records[-1])
            elif self._stopping.is_set():
                return

    async def _read(self, wait_seconds: float) -> Records:
        source = self._source
        records = await self._read_now(wait_seconds)
        if records and len(records) < source.batch_size and source.window_seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), source.window_seconds)
            records = await self._read_now(0)
        return records

    async def _read_now(self, wait_seconds: float) -> Records:
        source = self._source
        return await asyncio.to_thread(
            self._emulator.read_stream, source.arn, source.name, self._after, source.batch_size, wait_seconds
        )

    async def _deliver(self, records: Records) -> None:
        """Have the function process the records; returns when they are done or given up."""
        attempts = 0
        while records := records[await self._try(records) :] if records else []:
            attempts += 1
            if self._source.retries is not None and attempts > self._source.retries:
                await self._give_up(records, attempts)
                return
            await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempts))

    async def _try(self, records: Records) -> int:
        """How many of the records, from the first, need no further try."""
        try:
            return await self._invoke(records)
        except (InvocationError, FailedBatchError):
            if not self._source.bisects or len(records) == 1:
                return 0
        middle = len(records) // 2
        await self._deliver(records[:middle])
        await self._deliver(records[middle:])
        return len(records)

    async def _invoke(self, records: Records) -> int:
        """How many of the records, from the first, are done."""
        answer = await self._workers.invoke(self._source.function, {"Records": records})
        numbers = [_sequence_number(record) for record in records]
        failed = failed_items(answer, numbers) if self._source.reports_failures else set()
        return min(map(numbers.index, failed), default=len(records))

    async def _give_up(self, records: Records, attempts: int) -> None:
        _logger.error("%s: %d records given up after %d attempts", self._source.name, len(records), attempts)
        if self._source.on_failure:
            note = _describe_failure(self._source, records, attempts)
            await asyncio.to_thread(send_to_queue, self._sqs, self._source.on_failure, note)


def _sequence_number(record: dict[str, Any]) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def _describe_failure(source: EventSource, records: Records, attempts: int) -> dict[str, Any]:
    """The message that an OnFailure destination gets: where the records stand, not the records."""
    arrivals = [datetime.fromtimestamp(r["dynamodb"]["ApproximateCreationDateTime"], UTC) for r in records]
    return {
        "requestContext": {
            "functionArn": source.function,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000000-00000000",
            "startSequenceNumber": _sequence_number(records[0]),
            "endSequenceNumber": _sequence_number(records[-1]),
            "approximateArrivalOfFirstRecord": arrivals[0].isoformat(),
            "approximateArrivalOfLastRecord": arrivals[-1].isoformat(),
            "batchSize": len(records),
            "streamArn": source.arn,
        },
    }
