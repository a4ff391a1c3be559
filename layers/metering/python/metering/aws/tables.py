"""Reads of DynamoDB tables: always paginated, never a Scan."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from metering.aws.transaction import Deadline, Item, call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def get(client: "DynamoDBClient", table: str, key: dict[str, Any], deadline: Deadline) -> Item | None:
    """The item of a key, as of now (strongly consistent), or None."""
    answer = call(lambda: client.get_item(TableName=table, Key=key, ConsistentRead=True), deadline)
    return answer.get("Item")


def get_all(client: "DynamoDBClient", table: str, wanted: Sequence[Any], deadline: Deadline) -> list[Item | None]:
    """The items of up to 100 keys as of now, in the keys' order, by one call; None where there is none."""
    found: list[Item] = []
    missing: Sequence[Any] = wanted
    while missing:
        request: Any = {table: {"Keys": missing, "ConsistentRead": True}}
        answer = call(lambda: client.batch_get_item(RequestItems=request), deadline)  # noqa: B023  # called at once
        found += answer["Responses"].get(table, [])
        unread = answer.get("UnprocessedKeys", {}).get(table)
        missing = unread["Keys"] if unread else []
    return [next((item for item in found if key.items() <= item.items()), None) for key in wanted]


def query(client: "DynamoDBClient", deadline: Deadline, **parameters: Any) -> Iterator[Item]:  # noqa: ANN401  # boto3's
    """Every item of a Query, page after page, as they are asked for; none between a `:first` and an earlier `:last`."""
    values = parameters.get("ExpressionAttributeValues", {})
    if ":last" in values and values[":first"]["S"] > values[":last"]["S"]:
        return iter(())  # DynamoDB refuses such a range; a cursor of the same list with other filters may come to one
    return chain.from_iterable(items for items, _ in query_pages(client, deadline, **parameters))


def query_pages(
    client: "DynamoDBClient",
    deadline: Deadline,
    **parameters: Any,  # noqa: ANN401  # boto3's
) -> Iterator[tuple[Sequence[Item], Item | None]]:
    """The pages of a Query as they are asked for: each one's items, and the key behind which there may be more."""
    while True:
        page = call(lambda: client.query(**parameters), deadline)
        last: Any = page.get("LastEvaluatedKey")
        yield page["Items"], last
        if last is None:
            return
        parameters["ExclusiveStartKey"] = last
