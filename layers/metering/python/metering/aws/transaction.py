"""Calls to DynamoDB that survive throttling, conflicts and lost answers; a refused transaction says which of its
conditions failed and what was found there.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004  # botocore's own name

from metering.domain.errors import UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]
"""An item in DynamoDB's wire form: `{"name": {"S": "…"}}`."""
T = TypeVar("T")

# Besides these, whatever AWS answers with 5xx.
PASSING: Final = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_PASSING_REASONS: Final = frozenset(
    {"None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "ConditionalCheckFailed"}
)
MOST_WRITES: Final = 100
"""Items of one TransactWriteItems, by DynamoDB's limit."""
_FAULTS: Final = 500
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 0.5


class Deadline(NamedTuple):
    """The moment, on the monotonic clock, after which an attempt is not repeated."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        return self.at - time.monotonic()


class Write(NamedTuple):
    """One item of a transaction."""

    action: Literal["Put", "Update", "Delete", "ConditionCheck"]
    parameters: dict[str, Any]


class RefusedError(Exception):
    """A transaction whose conditions did not hold; nothing was written.

    `found` has, by position in the transaction, the items whose condition failed (None: no such item). `unsure` says
    that an earlier attempt's answer was lost, so that what was found may be what that attempt wrote.
    """

    def __init__(self, found: dict[int, Item | None], *, unsure: bool) -> None:
        super().__init__(f"conditions {sorted(found)} failed")
        self.found = found
        self.unsure = unsure


def call(attempt: Callable[[], T], deadline: Deadline) -> T:
    """`attempt()`, repeated with jittered pauses while AWS says that it may work later.

    Raises:
        UnavailableError: it did not work before the deadline.
        ClientError: AWS refuses for a reason that time does not heal.
    """
    return _retrying(lambda _: attempt(), deadline)


def commit(client: "DynamoDBClient", writes: Sequence[Write], deadline: Deadline) -> None:
    """Makes all of `writes` or none. A single put is sent as PutItem, which does the same for half the write units.

    Raises:
        RefusedError: a condition did not hold.
        UnavailableError: no attempt was answered before the deadline; a later retry is recognised by its key.
    """
    if len(writes) == 1 and writes[0].action == "Put":
        _retrying(lambda unsure: _put(client, writes[0], unsure=unsure), deadline)
        return
    # The token makes a repeated attempt after a lost answer harmless. It is no more than that: it lasts ten minutes,
    # while the record's key recognises a retry for as long as the record lives.
    token = token_hex(16)
    items = [{write.action: write.parameters} for write in writes]
    _retrying(lambda unsure: _transact(client, items, token, unsure=unsure), deadline)


def _retrying(attempt: Callable[[bool], T], deadline: Deadline) -> T:
    pause = _FIRST_PAUSE
    unsure = False
    cause: Exception | None = None
    while deadline.remaining() > 0:
        try:
            return attempt(unsure)
        except ClientError as error:
            if not _may_pass(error):
                raise
            unsure, cause = unsure or _is_fault(error), error
        except (ConnectionError, HTTPClientError) as error:
            unsure, cause = True, error
        if deadline.remaining() < pause:
            break
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # jitter is no secret
        pause = min(2 * pause, _LONGEST_PAUSE)
    raise UnavailableError("the database did not answer in time; nothing is lost, send it again") from cause


def _is_fault(error: ClientError) -> bool:
    """Whether the failure is AWS's own (5xx), after which nobody knows whether the call took effect."""
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status >= _FAULTS


def _may_pass(error: ClientError) -> bool:
    if _is_fault(error):
        return True
    code = error.response["Error"]["Code"]
    if code != "TransactionCanceledException":
        return code in PASSING
    return {reason["Code"] for reason in _reasons(error)} <= _PASSING_REASONS


def _put(client: "DynamoDBClient", write: Write, *, unsure: bool) -> None:
    try:
        client.put_item(**write.parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        found: Any = error.response.get("Item")
        raise RefusedError({0: found}, unsure=unsure) from error


def _transact(client: "DynamoDBClient", items: Sequence[Any], token: str, *, unsure: bool) -> None:
    try:
        client.transact_write_items(TransactItems=items, ClientRequestToken=token)
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        refused = {
            position: reason.get("Item")
            for position, reason in enumerate(_reasons(error))
            if reason["Code"] == "ConditionalCheckFailed"
        }
        if not refused:
            raise
        raise RefusedError(refused, unsure=unsure) from error


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return reasons
