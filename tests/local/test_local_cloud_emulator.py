"""The emulator answers as it did before the local cloud made it faster, and lets go of who waits when it is to end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.process import EmulatorProcess
from local.state import State
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


def test_a_number_that_is_wrong_is_refused_each_time_and_another_is_kept_in_its_shortest_form(seen: Seen) -> None:
    for _ in range(2):
        with pytest.raises(ClientError, match="cannot be converted to a numeric value"):
            seen.dynamodb.put_item(TableName=seen.things, Item=ITEM | {"number": {"N": "one"}})
        seen.dynamodb.put_item(TableName=seen.things, Item=ITEM | {"number": {"N": "01.50"}})
        assert stored(seen)["number"] == {"N": "1.5"}


def stored(seen: Seen) -> dict[str, Any]:
    item: dict[str, Any] = seen.dynamodb.get_item(TableName=seen.things, Key={"thing": ITEM["thing"]})["Item"]
    return item


def change(seen: Seen, thing: str = "projected") -> dict[str, Any]:
    """An update of what is inside an attribute of a thing that there is."""
    return {
        "TableName": seen.things,
        "Key": {"thing": {"S": thing}},
        "UpdateExpression": "SET parts[0] = :new",
        "ConditionExpression": "attribute_exists(thing)",
        "ExpressionAttributeValues": {":new": {"S": "new"}},
    }


def test_what_was_handed_out_or_taken_back_is_no_part_of_what_is_stored(seen: Seen) -> None:
    seen.dynamodb.put_item(TableName=seen.things, Item=ITEM)
    of_another = change(seen, "another")
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        seen.dynamodb.transact_write_items(TransactItems=[{"Update": change(seen)}, {"Update": of_another}])
    assert stored(seen) == ITEM
    before = seen.dynamodb.update_item(**change(seen), ReturnValues="ALL_OLD")["Attributes"]
    assert before == ITEM
    assert stored(seen) == ITEM | {"parts": {"L": [{"S": "new"}, {"S": "b"}]}}


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[EmulatorProcess]:
    running = EmulatorProcess(State(tmp_path / "state"), ephemeral=True)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def test_who_waits_for_records_or_messages_is_answered_when_it_is_to_end(emulator: EmulatorProcess) -> None:
    dynamodb, sqs = (emulator.endpoint.client(service) for service in ("dynamodb", "sqs"))
    table = dynamodb.create_table(
        TableName="things",
        AttributeDefinitions=[{"AttributeName": "thing", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "thing", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    stream, queue = table["LatestStreamArn"], sqs.create_queue(QueueName="messages")["QueueUrl"]
    emulator.register_readers({stream: ["reader"]})
    with ThreadPoolExecutor() as waiting:
        records = waiting.submit(emulator.read_stream, stream, "reader", "", 10, wait_seconds=25)
        messages = waiting.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=20)
        emulator.hurry()
        assert records.result(10) == []
        assert "Messages" not in messages.result(10)
    for client in (dynamodb, sqs):
        client.close()
