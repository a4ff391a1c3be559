"""Webhook endpoints and their deliveries in the Accounts table. A change tells whether what it rests on still held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from metering.aws import keys
from metering.aws.tables import get, query
from metering.aws.transaction import Deadline, RefusedError, Write, call, commit
from metering.aws.webhook_items import (
    attempts_to_list,
    delivery_to_item,
    endpoint_to_item,
    item_to_delivery,
    item_to_endpoint,
    retired_to_list,
)
from metering.domain.deliveries import Delivery
from metering.domain.webhooks import Endpoint

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_EXISTS = "attribute_exists(account)"
_NOT_CLAIMED = "claimedUntil < :now"  # an empty one lies before every instant


@dataclass(frozen=True)
class Webhooks:
    """Where endpoints and deliveries are kept."""

    client: "DynamoDBClient"
    table: str
    deadline: Deadline


class Page(NamedTuple):
    """Some deliveries, and after which one the list goes on; None: it has ended."""

    deliveries: list[Delivery]
    after: str | None


# ---------------------------------------------------------------------------- endpoints


def get_endpoint(webhooks: Webhooks, project: str, webhook_id: str) -> Endpoint | None:
    item = get(webhooks.client, webhooks.table, keys.webhook(project, webhook_id), webhooks.deadline)
    return item_to_endpoint(item) if item else None


def list_endpoints(webhooks: Webhooks, project: str) -> Iterator[Endpoint]:
    """The endpoints of a project in order of their ids."""
    prefix = keys.webhook(project, "")
    items = query(
        webhooks.client,
        webhooks.deadline,
        TableName=webhooks.table,
        KeyConditionExpression="account = :account AND begins_with(entry, :prefix)",
        ExpressionAttributeValues={":account": prefix["account"], ":prefix": prefix["entry"]},
        ConsistentRead=True,
    )
    return map(item_to_endpoint, items)


def put_endpoint(webhooks: Webhooks, endpoint: Endpoint) -> bool:
    """Whether there was none with its id; then it is stored. No, too, where it was stored and the answer lost."""
    return _put_new(webhooks, endpoint_to_item(endpoint))


def delete_endpoint(webhooks: Webhooks, project: str, webhook_id: str) -> bool:
    """Whether there was one."""
    key = keys.webhook(project, webhook_id)
    return _commit(webhooks, Write("Delete", {"TableName": webhooks.table, "Key": key, "ConditionExpression": _EXISTS}))


def change_secret(webhooks: Webhooks, before: Endpoint, after: Endpoint) -> bool:
    """Whether the endpoint still had the secret of `before`; then it has those of `after`."""
    changes = {
        "secret": {"B": after.secret},
        "retired": retired_to_list(after.retired),
        "rotatedBy": {"S": after.rotated_by},
    }
    return _update(webhooks, _key(before), changes, "secret = :before", {":before": {"B": before.secret}})


def disable(webhooks: Webhooks, endpoint: Endpoint) -> bool:
    return _update(webhooks, _key(endpoint), {"enabled": {"BOOL": False}}, _EXISTS)


def note_success(webhooks: Webhooks, endpoint: Endpoint) -> bool:
    return _update(webhooks, _key(endpoint), {"failures": {"N": "0"}, "restsUntil": {"S": ""}}, _EXISTS)


def count_failure(webhooks: Webhooks, endpoint: Endpoint) -> int:
    """How many attempts in a row have failed now; none, if the endpoint is gone. Repeated after a lost answer it counts
    twice, which does no harm.
    """
    parameters: Any = {
        "TableName": webhooks.table,
        "Key": _key(endpoint),
        "UpdateExpression": "ADD failures :one",
        "ConditionExpression": _EXISTS,
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "UPDATED_NEW",
    }
    try:
        answer = call(lambda: webhooks.client.update_item(**parameters), webhooks.deadline)
    except webhooks.client.exceptions.ConditionalCheckFailedException:
        return 0
    return int(answer["Attributes"]["failures"]["N"])


def set_rest(webhooks: Webhooks, endpoint: Endpoint, until: str) -> bool:
    return _update(webhooks, _key(endpoint), {"restsUntil": {"S": until}}, _EXISTS)


def claim_probe(webhooks: Webhooks, endpoint: Endpoint, until: str) -> bool:
    """Whether nobody has tried the endpoint since it was read; then it is ours to try until the instant `until`."""
    condition, values = "restsUntil = :read", {":read": {"S": endpoint.rests_until}}
    return _update(webhooks, _key(endpoint), {"restsUntil": {"S": until}}, condition, values)


def _key(endpoint: Endpoint) -> keys.Key:
    return keys.webhook(endpoint.project, endpoint.webhook_id)


# ---------------------------------------------------------------------------- deliveries


def get_delivery(webhooks: Webhooks, project: str, webhook_id: str, delivery_id: str) -> Delivery | None:
    key = keys.delivery(project, webhook_id, delivery_id)
    item = get(webhooks.client, webhooks.table, key, webhooks.deadline)
    return item_to_delivery(item) if item else None


def list_deliveries(webhooks: Webhooks, project: str, webhook_id: str, limit: int, after: str | None) -> Page:
    """At most `limit` deliveries to an endpoint, the newest first: what one page of a Query holds, a megabyte, since
    every delivery may bring 100 KiB of answers.
    """
    prefix = keys.delivery(project, webhook_id, "")
    parameters: dict[str, Any] = {
        "TableName": webhooks.table,
        "KeyConditionExpression": "account = :account AND begins_with(entry, :prefix)",
        "ExpressionAttributeValues": {":account": prefix["account"], ":prefix": prefix["entry"]},
        "ScanIndexForward": False,
        "ConsistentRead": True,
        "Limit": limit,
    }
    if after is not None:
        parameters["ExclusiveStartKey"] = keys.delivery(project, webhook_id, after)
    page = call(lambda: webhooks.client.query(**parameters), webhooks.deadline)
    deliveries = [item_to_delivery(item) for item in page["Items"]]
    return Page(deliveries, deliveries[-1].delivery_id if "LastEvaluatedKey" in page else None)


def put_delivery(webhooks: Webhooks, delivery: Delivery, due: str) -> bool:
    """Whether it is new; then it is stored, and the sweep sees to it from the instant `due` on."""
    return _put_new(webhooks, delivery_to_item(delivery, due))


def claim_delivery(webhooks: Webhooks, delivery: Delivery, now: str, until: str) -> bool:
    """Whether the delivery is as it was read and nobody else is at it; then it is ours until the instant `until`."""
    changes = {"claimedUntil": {"S": until}, **keys.due(until, delivery.delivery_id)}
    condition = f"#status = :pending AND nextAt = :read AND {_NOT_CLAIMED}"
    values = {":pending": {"S": "pending"}, ":read": {"S": delivery.next_at}, ":now": {"S": now}}
    return _update(webhooks, _delivery_key(delivery), changes, condition, values, {"#status": "status"})


def settle_delivery(webhooks: Webhooks, claimed: Delivery, after: Delivery, due: str) -> bool:
    """Whether our claim still held; then the delivery is as `after`."""
    condition, values = "claimedUntil = :claim", {":claim": {"S": claimed.claimed_until}}
    changes = {
        **_standing(after, due),
        "attempts": attempts_to_list(after.attempts),
        "claimedUntil": {"S": after.claimed_until},
    }
    return _update(webhooks, _delivery_key(after), changes, condition, values)


def restart_delivery(webhooks: Webhooks, after: Delivery, now: str, due: str) -> bool:
    """Whether nobody is making an attempt just now; then the delivery is as `after`."""
    return _update(webhooks, _delivery_key(after), _standing(after, due), _NOT_CLAIMED, {":now": {"S": now}})


def postpone_due(webhooks: Webhooks, delivery: keys.Key, due_at: str, due: keys.Key) -> bool:
    """Whether the sweep still had to see to a delivery at `due_at`; then it will at `due` (`keys.due`)."""
    return _update(webhooks, delivery, due, "dueAt = :before", {":before": {"S": due_at}})


def _delivery_key(delivery: Delivery) -> keys.Key:
    return keys.delivery(delivery.project, delivery.webhook_id, delivery.delivery_id)


def _standing(delivery: Delivery, due: str) -> dict[str, Any]:
    """Where a delivery stands in its schedule; when it is over, the sweep has nothing more to see to."""
    pending = delivery.status == "pending"
    return {
        "status": {"S": delivery.status},
        "nextAt": {"S": delivery.next_at},
        "step": {"N": str(delivery.step)},
        "manual": {"BOOL": delivery.manual},
        **(keys.due(due, delivery.delivery_id) if pending else {"due": None, "dueAt": None}),
    }


# ---------------------------------------------------------------------------- writes


def _put_new(webhooks: Webhooks, item: dict[str, Any]) -> bool:
    new = {"TableName": webhooks.table, "Item": item, "ConditionExpression": "attribute_not_exists(account)"}
    return _commit(webhooks, Write("Put", new))


def _update(  # noqa: PLR0913, PLR0917  # the parts of an update
    webhooks: Webhooks,
    key: keys.Key,
    changes: Mapping[str, Any],
    condition: str,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> bool:
    """Sets attributes, or removes those whose change is None."""
    kept = [name for name in changes if changes[name] is not None]
    gone = [name for name in changes if changes[name] is None]
    sets = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
    removes = " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
    parameters = {
        "TableName": webhooks.table,
        "Key": key,
        "UpdateExpression": sets + removes,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {**{f"#{name}": name for name in changes}, **(names or {})},
        "ExpressionAttributeValues": {**{f":{name}": changes[name] for name in kept}, **(values or {})},
    }
    return _commit(webhooks, Write("Update", parameters))


def _commit(webhooks: Webhooks, write: Write) -> bool:
    try:
        commit(webhooks.client, [write], webhooks.deadline)
    except RefusedError:
        return False
    return True
