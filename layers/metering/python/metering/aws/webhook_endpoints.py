"""Webhook endpoints in the Accounts table."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from metering.aws import keys
from metering.aws.tables import get, query
from metering.aws.webhook_items import endpoint_to_item, item_to_endpoint, retired_to_list
from metering.aws.webhook_store import EXISTS, Webhooks, change, change_traced, delete, put_new
from metering.domain.webhooks import Endpoint


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
    """As `put_new`."""
    return put_new(webhooks, endpoint_to_item(endpoint), webhookId=endpoint.webhook_id)


def delete_endpoint(webhooks: Webhooks, project: str, webhook_id: str) -> bool:
    """Whether there was one."""
    return delete(webhooks, keys.webhook(project, webhook_id))


def change_secret(webhooks: Webhooks, before: Endpoint, after: Endpoint) -> bool:
    """Whether the endpoint still had the secret of `before`; then it has those of `after`."""
    values = {
        "secret": {"B": after.secret},
        "retired": retired_to_list(after.retired),
        "rotatedBy": {"S": after.rotated_by},
        "read": {"B": before.secret},
    }
    expression = "SET secret = :secret, retired = :retired, rotatedBy = :rotatedBy"
    return change_traced(webhooks, _key(before), expression, "secret = :read", values)


class Slot(NamedTuple):
    """One of the places that an endpoint has for attempts under way, and until when it is taken."""

    endpoint: Endpoint
    number: int
    until: str


def take_slot(webhooks: Webhooks, slot: Slot, now: str) -> bool:
    """Whether the slot was free at the instant `now`; then it is ours."""
    values = {"now": {"S": now}, "until": {"S": slot.until}}
    expression = f"SET slots[{slot.number}] = :until"
    return change(webhooks, _key(slot.endpoint), expression, f"slots[{slot.number}] < :now", values) is not None


def take_probe(webhooks: Webhooks, slot: Slot, now: str) -> bool:
    """`take_slot` for the one attempt after a rest: not if somebody has tried since the endpoint was read."""
    values = {"now": {"S": now}, "until": {"S": slot.until}, "read": {"S": slot.endpoint.rests_until}}
    expression = f"SET slots[{slot.number}] = :until, restsUntil = :until"
    condition = f"slots[{slot.number}] < :now AND restsUntil = :read"
    return change(webhooks, _key(slot.endpoint), expression, condition, values) is not None


def leave_slot(webhooks: Webhooks, slot: Slot) -> None:
    _leave(webhooks, slot)


def note_success(webhooks: Webhooks, slot: Slot) -> None:
    """Frees the slot, and ends the row of failures."""
    _leave(webhooks, slot, ", failures = :zero, restsUntil = :free", zero={"N": "0"})


def note_gone(webhooks: Webhooks, slot: Slot) -> None:
    """Frees the slot, and disables the endpoint."""
    _leave(webhooks, slot, ", enabled = :no", no={"BOOL": False})


def note_failure(webhooks: Webhooks, slot: Slot) -> int:
    """Frees the slot; how many attempts in a row have failed now, 0 if the slot was no longer ours."""
    changed = _leave(webhooks, slot, " ADD failures :one", one={"N": "1"})
    return int(changed["failures"]["N"]) if changed else 0


def set_rest(webhooks: Webhooks, endpoint: Endpoint, until: str) -> None:
    change(webhooks, _key(endpoint), "SET restsUntil = :until", EXISTS, {"until": {"S": until}})


def _leave(webhooks: Webhooks, slot: Slot, more: str = "", **values: Any) -> Any:  # noqa: ANN401  # attributes
    expression, condition = f"SET slots[{slot.number}] = :free{more}", f"slots[{slot.number}] = :ours"
    ours = {"free": {"S": ""}, "ours": {"S": slot.until}}
    return change(webhooks, _key(slot.endpoint), expression, condition, {**ours, **values})


def _key(endpoint: Endpoint) -> keys.Key:
    return keys.webhook(endpoint.project, endpoint.webhook_id)
