"""Leases as items: a hold's or an agent's, beside the meter of its session."""

import json
from datetime import timedelta
from typing import Any, Final

from metering.aws import keys
from metering.aws.transaction import Item, Write
from metering.domain.leases import REMEMBERED_SECONDS, Lease, LeaseState
from metering.domain.periods import later, unix_seconds

_STATE: Final = {"#state": "state"}


def lease_to_item(scope_key: str, lease: Lease) -> dict[str, Any]:
    return {
        **keys.lease(scope_key, lease.kind, lease.id),
        **keys.due(lease.expires_at, lease.id),
        "state": {"S": lease.state},
        "amounts": {"M": {resource: {"N": str(amount)} for resource, amount in lease.amounts.items()}},
        "scopes": {"S": json.dumps(dict(lease.scopes))},
        "expires": {"S": lease.expires_at},
        "createdAt": {"S": lease.created_at},
        "print": {"S": lease.fingerprint},
    }


def item_to_lease(item: Item) -> Lease:
    kind, _, lease_id = item["entry"]["S"].partition("#")
    return Lease(
        kind,
        lease_id,
        item["state"]["S"],
        {resource: int(amount["N"]) for resource, amount in item["amounts"]["M"].items()},
        json.loads(item["scopes"]["S"]),
        item["expires"]["S"],
        item["createdAt"]["S"],
        item["print"]["S"],
    )


def open_lease(table: str, scope_key: str, lease: Lease) -> Write:
    """Opens a lease, unless one of its id is there: an agent's may be if it has ended."""
    condition = "attribute_not_exists(entry)"
    parameters: dict[str, Any] = {}
    if lease.kind == "agent":
        condition = f"({condition} OR #state <> :open)"
        parameters = {"ExpressionAttributeNames": _STATE, "ExpressionAttributeValues": {":open": {"S": "open"}}}
    return Write(
        "Put",
        {
            "TableName": table,
            "Item": lease_to_item(scope_key, lease),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **parameters,
        },
    )


def close_lease(table: str, scope_key: str, lease: Lease, state: LeaseState, now: str) -> Write:
    """Closes a lease that still is as it was read; it is remembered for a while."""
    values = {
        ":before": {"S": lease.state},
        ":expires": {"S": lease.expires_at},
        ":state": {"S": state},
        ":ttl": {"N": str(unix_seconds(later(now, timedelta(seconds=REMEMBERED_SECONDS))))},
    }
    return Write(
        "Update",
        {
            "TableName": table,
            "Key": keys.lease(scope_key, lease.kind, lease.id),
            "UpdateExpression": "SET #state = :state, #ttl = :ttl REMOVE due, dueAt",
            "ConditionExpression": "#state = :before AND expires = :expires",
            "ExpressionAttributeNames": {**_STATE, "#ttl": "ttl"},
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )


def extend_lease(table: str, scope_key: str, lease: Lease, expires_at: str) -> Write:
    """Moves the end of a lease that still is as it was read."""
    due = keys.due(expires_at, lease.id)
    values = {
        ":open": {"S": "open"},
        ":before": {"S": lease.expires_at},
        ":expires": {"S": expires_at},
        ":due": due["due"],
        ":dueAt": due["dueAt"],
    }
    return Write(
        "Update",
        {
            "TableName": table,
            "Key": keys.lease(scope_key, lease.kind, lease.id),
            "UpdateExpression": "SET expires = :expires, due = :due, dueAt = :dueAt",
            "ConditionExpression": "#state = :open AND expires = :before",
            "ExpressionAttributeNames": _STATE,
            "ExpressionAttributeValues": values,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )
