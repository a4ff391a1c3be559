"""Events in requests that the service takes: up to 500 of them, and 256 KiB."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from metering_client._wire import dumps
from metering_client.inputs import UsageEvent
from metering_client.models import BatchAnswer

MOST_EVENTS: Final = 500
MOST_BYTES: Final = 256 * 1024 - len(b'{"events":[]}')


def batches(events: Iterable[UsageEvent]) -> Iterator[list[UsageEvent]]:
    """The events in their order; one that is larger than a request stands alone, and is refused by the service."""
    batch: list[UsageEvent] = []
    size = 0
    for event in events:
        length = len(dumps(event)) + 1
        if batch and (len(batch) == MOST_EVENTS or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def joined(answers: Sequence[BatchAnswer]) -> BatchAnswer:
    """The answers to batches as the answer to one, whose results are numbered through."""
    results = [result for answer in answers for result in answer.results]
    return BatchAnswer(
        results=[replace(result, index=index) for index, result in enumerate(results)],
        recorded=sum(answer.recorded for answer in answers),
        duplicates=sum(answer.duplicates for answer in answers),
        errors=sum(answer.errors for answer in answers),
    )
