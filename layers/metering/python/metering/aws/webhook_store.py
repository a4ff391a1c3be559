"""The Accounts table as webhooks use it: single items, changed on a condition that tells whether it held.

A change whose answer was lost and whose condition no longer holds counts as refused. All that rests on it is safe: what
was claimed becomes free again by itself, and what was not queued the sweep finds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from metering.aws import keys
from metering.aws.audit import Trail, traced
from metering.aws.transaction import Deadline, RefusedError, Write, call, commit

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXISTS: Final = "attribute_exists(account)"


@dataclass(frozen=True)
class Webhooks:
    """Where endpoints and deliveries are kept."""

    client: "DynamoDBClient"
    table: str
    deadline: Deadline
    trail: Trail | None = None


def put_new(webhooks: Webhooks, item: dict[str, Any], **target: str) -> bool:
    """Whether there was none with its key; then it is stored. No, too, where it was stored and the answer lost."""
    new = {"TableName": webhooks.table, "Item": item, "ConditionExpression": "attribute_not_exists(account)"}
    try:
        commit(webhooks.client, [Write("Put", new), *traced(webhooks.trail, **target)], webhooks.deadline)
    except RefusedError:
        return False
    return True


def delete(webhooks: Webhooks, key: keys.Key) -> bool:
    """Whether there was one."""
    gone = {"TableName": webhooks.table, "Key": key, "ConditionExpression": EXISTS}
    try:
        commit(webhooks.client, [Write("Delete", gone), *traced(webhooks.trail)], webhooks.deadline)
    except RefusedError:
        return False
    return True


def change(
    webhooks: Webhooks, key: keys.Key, expression: str, condition: str, values: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The changed attributes as they are now, or None if the condition did not hold. `status`, which DynamoDB reserves,
    is written `#status`.
    """
    parameters = {**_update(webhooks, key, expression, condition, values), "ReturnValues": "UPDATED_NEW"}
    try:
        answer = call(lambda: webhooks.client.update_item(**parameters), webhooks.deadline)
    except webhooks.client.exceptions.ConditionalCheckFailedException:
        return None
    return answer["Attributes"]


def change_traced(
    webhooks: Webhooks, key: keys.Key, expression: str, condition: str, values: Mapping[str, Any]
) -> bool:
    """`change` by somebody's request, with its entry in the audit log; whether the condition held."""
    update = Write("Update", _update(webhooks, key, expression, condition, values))
    try:
        commit(webhooks.client, [update, *traced(webhooks.trail)], webhooks.deadline)
    except RefusedError:
        return False
    return True


def _update(
    webhooks: Webhooks, key: keys.Key, expression: str, condition: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "TableName": webhooks.table,
        "Key": key,
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }
    if "#status" in f"{expression} {condition}":
        parameters["ExpressionAttributeNames"] = {"#status": "status"}
    return parameters
