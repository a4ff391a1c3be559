"""The emulator answers as it did before the local cloud made it faster."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.seen import Seen

pytestmark = pytest.mark.local

ITEM = {
    "thing": {"S": "projected"},
    "kind": {"S": "other"},
    "parts": {"L": [{"S": "a"}, {"S": "b"}]},
    "number": {"N": "1"},
}
NAMES = {"#parts": "parts", "#kind": "kind"}


def projected(seen: Seen, projection: str) -> list[Any]:
    """What a query gets of two items."""
    for thing in ("projected", "projected too"):
        seen.dynamodb.put_item(TableName=seen.things, Item=ITEM | {"thing": {"S": thing}})
    used = {alias: name for alias, name in NAMES.items() if alias in projection}
    items: list[Any] = seen.dynamodb.scan(
        TableName=seen.things,
        FilterExpression="begins_with(thing, :start)",
        ExpressionAttributeValues={":start": {"S": "projected"}},
        ProjectionExpression=projection,
        **({"ExpressionAttributeNames": used} if used else {}),
    )["Items"]
    return items


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        ("#kind", {"kind": ITEM["kind"]}),
        (" #kind ,  #parts", {"kind": ITEM["kind"], "parts": ITEM["parts"]}),
        ("#kind, absent", {"kind": ITEM["kind"]}),
        ("absent", {}),
        ("#parts[1]", {"parts": {"L": [{"S": "b"}]}}),
        ("#kind, #parts[0]", {"kind": ITEM["kind"], "parts": {"L": [{"S": "a"}]}}),
    ],
)
def test_a_projection_has_the_attributes_that_it_names(seen: Seen, projection: str, expected: object) -> None:
    assert projected(seen, projection) == [expected, expected]


@pytest.mark.parametrize("projection", ["#kind, #kind", "#parts, #parts[0]", "missing"])
def test_a_projection_that_is_wrong_is_refused(seen: Seen, projection: str) -> None:
    with pytest.raises(ClientError, match="ProjectionExpression"):
        projected(seen, projection)


def test_a_condition_that_is_wrong_is_refused_each_time(seen: Seen) -> None:
    for _ in range(2):
        with pytest.raises(ClientError, match="Syntax error"):
            seen.dynamodb.put_item(TableName=seen.things, Item=ITEM, ConditionExpression="thing = = thing")
