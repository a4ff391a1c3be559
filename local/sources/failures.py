"""What Lambda's pollers make of a batch that failed, wholly or in part."""

from collections.abc import Sequence
from typing import Any


class FailedBatchError(Exception):
    """The function's answer names failures that are not in the batch: Lambda takes it all as failed."""


def failed_items(answer: Any, identifiers: Sequence[str]) -> set[str]:  # noqa: ANN401 - whatever a handler returned
    """The identifiers that the answer reports as failed. To be used where ReportBatchItemFailures is set."""
    if not isinstance(answer, dict) or not answer.get("batchItemFailures"):
        return set()
    failed = {failure.get("itemIdentifier") for failure in answer["batchItemFailures"]}
    if not failed <= set(identifiers):
        raise FailedBatchError
    return failed
