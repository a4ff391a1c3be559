"""Deliveries to webhooks in the Accounts table."""

from typing import Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.tables import get
from metering.aws.transaction import call
from metering.aws.webhook_items import attempts_to_list, delivery_to_item, item_to_delivery
from metering.aws.webhook_store import Webhooks, change, change_traced, put_new
from metering.domain.deliveries import Delivery

_NOT_CLAIMED: Final = "claimedUntil < :now"  # an empty one lies before every instant
_STANDING: Final = "SET #status = :status, nextAt = :nextAt, step = :step, manual = :manual"
_DUE: Final = ", due = :due, dueAt = :dueAt"
_NOT_DUE: Final = " REMOVE due, dueAt"


class Page(NamedTuple):
    """Some deliveries, and after which one the list goes on; None: it has ended."""

    deliveries: list[Delivery]
    after: str | None


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
    return put_new(webhooks, delivery_to_item(delivery, due), deliveryId=delivery.delivery_id)


def claim_delivery(webhooks: Webhooks, delivery: Delivery, now: str, until: str) -> bool:
    """Whether the delivery is as it was read and nobody else is at it; then it is ours until the instant `until`."""
    values = {
        "until": {"S": until},
        "now": {"S": now},
        "pending": {"S": "pending"},
        "read": {"S": delivery.next_at},
        **keys.due(until, delivery.delivery_id),
    }
    expression = f"SET claimedUntil = :until{_DUE}"
    condition = f"#status = :pending AND nextAt = :read AND {_NOT_CLAIMED}"
    return change(webhooks, _key(delivery), expression, condition, values) is not None


def settle_delivery(webhooks: Webhooks, claimed: Delivery, after: Delivery, due: str) -> bool:
    """Whether our claim still held; then the delivery is as `after`."""
    expression, values = _standing(after, due, ", attempts = :attempts, claimedUntil = :nobody")
    values |= {
        "attempts": attempts_to_list(after.attempts),
        "nobody": {"S": ""},
        "claim": {"S": claimed.claimed_until},
    }
    return change(webhooks, _key(after), expression, "claimedUntil = :claim", values) is not None


def restart_delivery(webhooks: Webhooks, after: Delivery, now: str, due: str) -> bool:
    """Whether nobody is making an attempt just now; then the delivery's schedule is that of `after`."""
    expression, values = _standing(after, due)
    return change_traced(webhooks, _key(after), expression, _NOT_CLAIMED, {**values, "now": {"S": now}})


def postpone_due(webhooks: Webhooks, delivery: keys.Key, due_at: str, due: keys.Key) -> bool:
    """Whether the sweep still had to see to a delivery at `due_at`; then it will at `due` (`keys.due`)."""
    expression = "SET due = :due, dueAt = :dueAt"
    return change(webhooks, delivery, expression, "dueAt = :read", {**due, "read": {"S": due_at}}) is not None


def _key(delivery: Delivery) -> keys.Key:
    return keys.delivery(delivery.project, delivery.webhook_id, delivery.delivery_id)


def _standing(delivery: Delivery, due: str, more: str = "") -> tuple[str, dict[str, Any]]:
    """Where a delivery stands in its schedule; when it is over, the sweep has nothing more to see to."""
    values: dict[str, Any] = {
        "status": {"S": delivery.status},
        "nextAt": {"S": delivery.next_at},
        "step": {"N": str(delivery.step)},
        "manual": {"BOOL": delivery.manual},
    }
    if delivery.status != "pending":
        return f"{_STANDING}{more}{_NOT_DUE}", values
    return f"{_STANDING}{more}{_DUE}", {**values, **keys.due(due, delivery.delivery_id)}
