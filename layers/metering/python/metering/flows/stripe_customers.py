"""Which Stripe customer a user's usage is billed to."""

from collections.abc import Iterable

from metering.aws import keys
from metering.aws.audit import traced
from metering.aws.export_store import Exports
from metering.aws.tables import get
from metering.aws.transaction import Write, commit
from metering.domain.errors import NotFoundError


def find_customers(exports: Exports, users: Iterable[str]) -> dict[str, str]:
    """The Stripe customers of those users that have one."""
    found = {}
    for user in users:
        item = get(exports.client, exports.table, keys.stripe_customer(exports.project, user), exports.deadline)
        if item:
            found[user] = item["customer"]["S"]
    return found


def put_customer(exports: Exports, user_id: str, customer: str) -> None:
    """Says which Stripe customer a user's usage is billed to; several users may share one."""
    item = {**keys.stripe_customer(exports.project, user_id), "customer": {"S": customer}}
    put = Write("Put", {"TableName": exports.table, "Item": item})
    commit(exports.client, [put, *traced(exports.trail)], exports.deadline)


def get_customer(exports: Exports, user_id: str) -> str:
    """The Stripe customer of a user.

    Raises:
        NotFoundError: the user has none.
    """
    customer = find_customers(exports, [user_id]).get(user_id)
    if customer is None:
        raise NotFoundError(f"the user {user_id} has no Stripe customer")
    return customer


def delete_customer(exports: Exports, user_id: str) -> None:
    """Forgets a user's Stripe customer.

    Raises:
        NotFoundError: the user has none.
    """
    customer = get_customer(exports, user_id)
    delete = Write("Delete", {"TableName": exports.table, "Key": keys.stripe_customer(exports.project, user_id)})
    told = traced(exports.trail, before={"customerId": customer})
    commit(exports.client, [delete, *told], exports.deadline)
