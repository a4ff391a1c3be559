"""What the functions of fixtures/ noted of the records that they got."""

from typing import Any, NamedTuple

from tests.local.running_cloud import RunningCloud


class Noted(NamedTuple):
    times: int = 0
    at: int = 0  # when last, in nanoseconds


class Seen:
    """The table of the notes, and the others of the small cloud."""

    def __init__(self, cloud: RunningCloud) -> None:
        self.dynamodb = cloud.endpoint.client("dynamodb")
        tables = self.dynamodb.list_tables()["TableNames"]
        self._seen, self.things = (next(table for table in tables if name in table) for name in ("Seen", "Things"))

    def by(self, function: str) -> dict[str, Noted]:
        """How often a function got each thing."""
        items = self.dynamodb.query(
            TableName=self._seen,
            KeyConditionExpression="#function = :function",
            ExpressionAttributeNames={"#function": "function"},
            ExpressionAttributeValues={":function": {"S": function}},
        )["Items"]
        return {item["what"]["S"]: _noted(item) for item in items if "noted_times" in item}

    def close_to(self, function: str) -> None:
        """Have the function fail whatever it gets."""
        self.dynamodb.put_item(TableName=self._seen, Item={"function": {"S": function}, "what": {"S": "closed"}})

    def open_to(self, function: str) -> None:
        self.dynamodb.delete_item(TableName=self._seen, Key={"function": {"S": function}, "what": {"S": "closed"}})

    def put(self, thing: str, kind: str = "good") -> None:
        self.dynamodb.put_item(TableName=self.things, Item={"thing": {"S": thing}, "kind": {"S": kind}})

    def delete(self, thing: str) -> None:
        self.dynamodb.delete_item(TableName=self.things, Key={"thing": {"S": thing}})


def _noted(item: Any) -> Noted:
    return Noted(int(item["noted_times"]["N"]), int(item.get("noted_at", {"N": "0"})["N"]))
