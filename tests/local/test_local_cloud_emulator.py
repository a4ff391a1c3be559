"""The emulator answers as it did before the local cloud made it faster, and lets go of who waits when it is to end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator.process import EmulatorProcess
from local.endpoint import CREDENTIALS, REGION
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


SIGNED = "AWS4-HMAC-SHA256 Credential=local/20250101/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"
STRANGER = {"Origin": "https://stranger.example"}


@pytest.fixture
def visitor(seen: Seen) -> Iterator[httpx.Client]:
    """Somebody at the emulator's address."""
    with httpx.Client(base_url=seen.dynamodb.meta.endpoint_url, timeout=30) as client:
        yield client


def test_no_page_of_another_origin_is_let_to_sign_a_request(visitor: httpx.Client) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,x-amz-target"}
    answer = visitor.options("/", headers=STRANGER | asked)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_name_that_was_made_to_resolve_to_this_machine_is_not_answered(visitor: httpx.Client) -> None:
    headers = {"Authorization": SIGNED.format("dynamodb"), "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    names = ("127.0.0.1", "localhost:1", "stranger.example", "127.0.0.1.stranger.example:80", "stranger.localhost", "")
    found = {name: visitor.post("/", headers={**headers, "Host": name}, content="{}").status_code for name in names}
    assert [name for name, status in found.items() if status == 200] == ["127.0.0.1", "localhost:1"]
    assert set(found.values()) == {200, 403}


def test_what_a_form_or_an_image_of_a_page_can_ask_for_changes_nothing(visitor: httpx.Client, seen: Seen) -> None:
    seen.dynamodb.put_item(TableName=seen.things, Item=ITEM)
    credential = {"X-Amz-Credential": "local/20250101/eu-west-1/sqs/aws4_request", "X-Amz-Signature": "0"}
    answers = [
        visitor.post("/_ministack/reset"),
        visitor.post("/_emulator/hurry"),
        visitor.get("/_emulator/ready"),
        visitor.post("/", data={"Action": "ListQueues"}),
        visitor.get("/", params={"Action": "ListQueues"}),
        visitor.get("/", params={"Action": "ListQueues", **credential}),
        visitor.get("/000000000000/queue", params={"action": "ListQueues", **credential}),
        visitor.get("/_ministack/reset", auth=("local", "local")),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert stored(seen) == ITEM


def test_a_presigned_link_is_opened_and_read_by_no_page_of_another_origin(emulator: EmulatorProcess) -> None:
    s3 = emulator.endpoint.client("s3")
    s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="files", Key="folder/file", Body=b"content")
    signing = boto3.client(
        "s3",
        endpoint_url=emulator.endpoint.url,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(signature_version="s3v4"),
    )
    link = signing.generate_presigned_url("get_object", Params={"Bucket": "files", "Key": "folder/file"})
    assert httpx.get(link).text == "content"
    assert httpx.get(link, headers=STRANGER).status_code == 403
    assert httpx.delete(link).status_code == 403
    assert httpx.get(f"{emulator.endpoint.url}/files?list-type=2&X-Amz-Signature=0").status_code == 403
    for client in (s3, signing):
        client.close()
