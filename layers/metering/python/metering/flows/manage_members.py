"""Members of a project and their roles. The last owner can be neither removed nor demoted.

How many owners there are stands in the project's item, changed in the transaction that makes or unmakes one, so that
two owners who demote each other at once leave one of them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from metering.aws import keys
from metering.aws.account_items import item_to_member
from metering.aws.audit import traced
from metering.aws.tables import get, query
from metering.aws.transaction import RefusedError, Write, commit
from metering.domain.accounts import KeyRole, Member
from metering.domain.errors import LastOwnerError, NotFoundError, UnavailableError
from metering.domain.periods import stored
from metering.flows.manage_projects import Accounts

OWNER: Final = "owner"


def get_member(accounts: Accounts, project_id: str, user_id: str) -> Member:
    """A member.

    Raises:
        NotFoundError: the project has none of this id.
    """
    member = _find(accounts, project_id, user_id)
    if member is None:
        raise NotFoundError(f"the project has no member {user_id}")
    return member


def list_members(accounts: Accounts, project_id: str, after: str | None) -> Iterator[Member]:
    """The members of a project in order of their ids, those after `after`."""
    prefix = keys.member(project_id, "")
    items = query(
        accounts.client,
        accounts.deadline,
        TableName=accounts.table,
        KeyConditionExpression="account = :account AND begins_with(entry, :prefix)",
        ExpressionAttributeValues={":account": prefix["account"], ":prefix": prefix["entry"]},
        ConsistentRead=True,
        **({"ExclusiveStartKey": keys.member(project_id, after)} if after else {}),
    )
    return map(item_to_member, items)


def put_member(accounts: Accounts, project_id: str, user_id: str, role: KeyRole, now: datetime) -> tuple[Member, bool]:
    """Gives a person a role; whether the person is new.

    Raises:
        LastOwnerError: the project would have no owner.
    """
    while True:
        before = _find(accounts, project_id, user_id)
        after = Member(user_id, role, before.created_at if before else stored(now))
        item = {
            **keys.member(project_id, user_id),
            "role": {"S": role},
            "createdAt": {"S": after.created_at},
        }
        put = Write("Put", {"TableName": accounts.table, "Item": item, **_as_read(before)})
        gained = (role == OWNER) - (before is not None and before.role == OWNER)
        if _written(accounts, project_id, before, put, gained):
            return after, before is None


def remove_member(accounts: Accounts, project_id: str, user_id: str) -> None:
    """Removes a member.

    Raises:
        NotFoundError: the project has none of this id.
        LastOwnerError: it is the project's last owner.
    """
    while True:
        before = get_member(accounts, project_id, user_id)
        key = keys.member(project_id, user_id)
        delete = Write("Delete", {"TableName": accounts.table, "Key": key, **_as_read(before)})
        if _written(accounts, project_id, before, delete, -(before.role == OWNER)):
            return


def _find(accounts: Accounts, project_id: str, user_id: str) -> Member | None:
    item = get(accounts.client, accounts.table, keys.member(project_id, user_id), accounts.deadline)
    return item_to_member(item) if item else None


def _as_read(member: Member | None) -> dict[str, Any]:
    """The condition that a member is as it was read."""
    if member is None:
        return {"ConditionExpression": "attribute_not_exists(entry)"}
    return {
        "ConditionExpression": "#role = :role",
        "ExpressionAttributeNames": {"#role": "role"},
        "ExpressionAttributeValues": {":role": {"S": member.role}},
    }


def _written(accounts: Accounts, project_id: str, before: Member | None, write: Write, gained: int) -> bool:
    """Writes a member and counts the owners; False: the member is no longer as it was read."""
    counting = [_count_owners(accounts, project_id, gained)] if gained else []
    told = traced(accounts.trail, before={"role": before.role} if before else None)
    try:
        commit(accounts.client, [write, *counting, *told], accounts.deadline)
    except RefusedError as refused:
        if 1 in refused.found:
            raise LastOwnerError("a project needs an owner: make another one first") from None
        if accounts.deadline.remaining() <= 0:
            raise UnavailableError("others kept changing the same member; send it again") from None
        return False
    return True


def _count_owners(accounts: Accounts, project_id: str, gained: int) -> Write:
    return Write(
        "Update",
        {
            "TableName": accounts.table,
            "Key": keys.project(project_id),
            "UpdateExpression": "ADD owners :gained",
            "ConditionExpression": "owners > :least",
            "ExpressionAttributeValues": {":gained": {"N": str(gained)}, ":least": {"N": str(max(-gained, 0))}},
        },
    )
