"""Which budgets a project has, as a function remembers it."""

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from metering.aws import keys
from metering.aws.meters import Metered, Scope
from metering.aws.tables import get
from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_LISTED: Final = 200
_MOST_REMEMBERED: Final = 10_000


Shares = Mapping[str, int]
"""The names of budgets, each with the number of items it is split over."""


class _Known(NamedTuple):
    """A project's budgets, or None where they are too many to remember."""

    shares: Shares | None
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
        self._single: dict[tuple[str, str], tuple[int, float | None]] = {}

    def existing(self, project: str, scopes: Iterable[Scope], deadline: Deadline) -> list[Metered]:
        """Those of `scopes` that have a budget, and over how many items each is split."""
        shares = self._shares(project, deadline)
        if shares is not None and not shares:
            return []
        counts = ((scope, self._count(project, scope.name(), shares, deadline)) for scope in scopes)
        return [Metered(scope, count) for scope, count in counts if count]

    def has_users(self, project: str, deadline: Deadline) -> bool:
        """Whether any user of the project may have a budget."""
        shares = self._shares(project, deadline)
        return shares is None or any(name.startswith("user:") for name in shares)

    def _shares(self, project: str, deadline: Deadline) -> Shares | None:
        now = time.monotonic()
        known = self._known.get(project)
        if known is None or now - known.read_at >= self._seconds:
            known = _Known(self._read(project, deadline), now)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[project] = known
        return known.shares

    def _read(self, project: str, deadline: Deadline) -> Shares | None:
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
        if "LastEvaluatedKey" in page:
            return None
        return {item["entry"]["S"]: int(item["shares"]["N"]) for item in page["Items"]}

    def _count(self, project: str, name: str, shares: Shares | None, deadline: Deadline) -> int:
        """Over how many items the budget of a name is split; 0: there is none."""
        if shares is not None:
            return shares.get(name, 0)
        now = time.monotonic()
        count, read_at = self._single.get((project, name), (0, None))
        if read_at is None or now - read_at >= self._seconds:
            item = get(self._client, self._table, keys.budget(project, name), deadline)
            count = int(item["shares"]["N"]) if item else 0
            if len(self._single) >= _MOST_REMEMBERED:
                self._single.clear()
            self._single[project, name] = (count, now)
        return count
