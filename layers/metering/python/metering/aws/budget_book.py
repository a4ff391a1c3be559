"""Which budgets a project has, as a function remembers it."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.meters import Scope
from metering.aws.tables import get
from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_LISTED: Final = 200
_MOST_REMEMBERED: Final = 10_000


class _Known(NamedTuple):
    """The names of a project's budgets, or None where they are too many to remember."""

    names: frozenset[str] | None
    read_at: float


class BudgetBook:
    """Tells which scopes have a budget without a read in the usual case.

    What it says is at most `seconds` old. Making a budget takes as long before it answers, so that every callback
    that begins after the answer counts.
    """

    def __init__(self, client: "DynamoDBClient", table: str, seconds: float) -> None:
        self._client = client
        self._table = table
        self._seconds = seconds
        self._known: dict[str, _Known] = {}
        self._single: dict[tuple[str, str], tuple[bool, float]] = {}

    def existing(self, project: str, scopes: Iterable[Scope], deadline: Deadline) -> list[Scope]:
        """Those of `scopes` that have a budget."""
        names = self._names(project, deadline)
        if names is None:
            return [scope for scope in scopes if self._exists(project, scope.name(), deadline)]
        return [scope for scope in scopes if scope.name() in names] if names else []

    def _names(self, project: str, deadline: Deadline) -> frozenset[str] | None:
        now = time.monotonic()
        known = self._known.get(project)
        if known is None or now - known.read_at >= self._seconds:
            known = _Known(self._read(project, deadline), now)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[project] = known
        return known.names

    def _read(self, project: str, deadline: Deadline) -> frozenset[str] | None:
        page = call(
            lambda: self._client.query(
                TableName=self._table,
                KeyConditionExpression="#scope = :scope",
                ExpressionAttributeNames={"#scope": "scope"},
                ExpressionAttributeValues={":scope": {"S": keys.budgets(project)}},
                ConsistentRead=True,
                Limit=_MOST_LISTED,
            ),
            deadline,
        )
        return None if "LastEvaluatedKey" in page else frozenset(item["entry"]["S"] for item in page["Items"])

    def _exists(self, project: str, name: str, deadline: Deadline) -> bool:
        now = time.monotonic()
        exists, read_at = self._single.get((project, name), (False, 0.0))
        if now - read_at >= self._seconds:
            exists = get(self._client, self._table, keys.budget(project, name), deadline) is not None
            if len(self._single) >= _MOST_REMEMBERED:
                self._single.clear()
            self._single[project, name] = (exists, now)
        return exists
