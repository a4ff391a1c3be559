"""What is encoded directly is what botocore would have sent."""

from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from metering.aws.wire import encode_directly
from tests.faults import faults, respond

ITEM = {
    "recordKey": {"S": "prj#rec_é\U0001f600\ud800"},
    "print": {"B": b"\x00\xff bytes"},
    "cost": {"N": "17700000000"},
    "unrated": {"SS": ["a", "b"]},
    "tags": {"M": {"branch": {"S": "main"}, "none": {"NULL": True}}},
    "tiers": {"L": [{"N": "1"}, {"BOOL": False}, {"B": b""}]},
}
PUT = {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(recordKey)"}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", PUT),
    ("transact_write_items", {"TransactItems": [{"Put": PUT}, {"Put": PUT}], "ClientRequestToken": "token"}),
    ("get_item", {"TableName": "t", "Key": {"scope": {"S": "x"}}, "ConsistentRead": True}),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [{"scope": {"S": "x"}}]}}}),
]


def make_client() -> Any:
    return botocore.session.get_session().create_client("dynamodb", config=Config(parameter_validation=False))


def sent_by(client: Any, operation: str, parameters: dict[str, Any]) -> tuple[str, Any]:
    with faults(client, respond()) as script:
        getattr(client, operation)(**parameters)
    [request] = script.requests
    return request


@pytest.mark.parametrize(("operation", "parameters"), REQUESTS, ids=[name for name, _ in REQUESTS])
def test_a_request_says_what_the_stock_client_would_say(operation: str, parameters: dict[str, Any]) -> None:
    stock, direct = make_client(), make_client()
    encode_directly(direct)
    assert sent_by(direct, operation, parameters) == sent_by(stock, operation, parameters)


def test_what_has_no_wire_form_is_not_sent() -> None:
    client = make_client()
    encode_directly(client)
    with faults(client, respond()) as script, pytest.raises(TypeError, match="set has no wire form"):
        client.put_item(TableName="t", Item={"names": {"SS": {"a", "b"}}})
    assert not script.requests
