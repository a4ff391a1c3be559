"""Projects and their API keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from metering.aws import keys
from metering.aws.account_items import (
    CHANGEABLE,
    api_key_writes,
    item_to_key,
    item_to_member,
    item_to_project,
    project_to_item,
)
from metering.aws.audit import Trail, traced
from metering.aws.tables import get, query
from metering.aws.transaction import Deadline, RefusedError, Write, commit
from metering.domain.accounts import ApiKey, KeyRole, Project, hash_secret, new_id, new_key_text, read_key
from metering.domain.errors import (
    AlreadyExistsError,
    InvalidRequestError,
    LastOwnerError,
    NotFoundError,
    UnauthenticatedError,
)
from metering.domain.periods import later, stored
from metering.domain.rating import PricingMode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEFAULT_SHARDS = 4
_OWNER: Final = "owner"
_NAMES: Final = {
    "name": "name",
    "pricing_mode": "pricingMode",
    "shards": "recordShards",
    "markup_basis_points": "markupBasisPoints",
}


@dataclass(frozen=True)
class Accounts:
    """Where projects and keys are kept."""

    client: "DynamoDBClient"
    table: str
    deadline: Deadline
    trail: Trail | None = None


class WantedKey(NamedTuple):
    """A key to make: bound to a member or to nobody, for some seconds or until it is revoked."""

    name: str
    role: KeyRole
    user_id: str | None = None
    seconds: int | None = None


class NewKey(NamedTuple):
    """A key just made, with the text that is shown once."""

    key: ApiKey
    text: str


class NewProject(NamedTuple):
    """A project to make; without an id it gets one."""

    project_id: str | None
    name: str
    owner_id: str
    pricing_mode: PricingMode


class ProjectChange(NamedTuple):
    """What to change of a project; None leaves a field as it is."""

    name: str | None = None
    pricing_mode: PricingMode | None = None
    shards: int | None = None
    markup_basis_points: int | None = None


def create_project(accounts: Accounts, wanted: NewProject, now: datetime) -> tuple[Project, NewKey]:
    """Makes a project, its owner's membership and the owner's key, all or none.

    Raises:
        AlreadyExistsError: there is a project with this id.
    """
    project_id = wanted.project_id or f"prj_{new_id()}"
    project = Project(project_id, wanted.name, wanted.pricing_mode, stored(now), DEFAULT_SHARDS)
    new_key = _new_key(project_id, WantedKey("owner", "owner"), now)
    member = {**keys.member(project_id, wanted.owner_id), "role": {"S": "owner"}, "createdAt": {"S": stored(now)}}
    puts = [{**project_to_item(project), "owners": {"N": "1"}}, member]
    writes = [_new(accounts.table, item) for item in puts]
    try:
        writes += api_key_writes(accounts.table, new_key.key)
        writes += traced(accounts.trail, project=project_id, projectId=project_id, keyId=new_key.key.key_id)
        commit(accounts.client, writes, accounts.deadline)
    except RefusedError as refused:
        found = refused.found.get(0)
        ours = refused.unsure and found is not None and item_to_project(found) == project
        if not ours:
            raise AlreadyExistsError(f"there is a project {project_id} already") from None
    return project, new_key


def get_project(accounts: Accounts, project_id: str) -> Project:
    """The project.

    Raises:
        NotFoundError: there is none.
    """
    item = get(accounts.client, accounts.table, keys.project(project_id), accounts.deadline)
    if item is None:
        raise NotFoundError(f"there is no project {project_id}")
    return item_to_project(item)


def change_project(accounts: Accounts, project_id: str, change: ProjectChange) -> Project:
    """Changes the fields that are named, and no others, and gives the project back.

    Raises:
        NotFoundError: there is none.
        InvalidRequestError: the number of shards would shrink.
    """
    before = get_project(accounts, project_id)
    if change.shards is not None and change.shards < before.shards:
        raise InvalidRequestError.at("recordShards", f"can only grow; it is {before.shards}")
    changed = {field: value for field, value in change._asdict().items() if value is not None}
    if not changed:
        return before
    after = before._replace(**changed)
    item = project_to_item(after)
    names = [CHANGEABLE[field] for field in changed]
    parameters = {
        "TableName": accounts.table,
        "Key": keys.project(project_id),
        "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in names)}",
        "ConditionExpression": "#shards <= :shards",
        "ExpressionAttributeNames": {f"#{name}": name for name in {*names, "shards"}},
        "ExpressionAttributeValues": {f":{name}": item[name] for name in {*names, "shards"}},
    }
    try:
        told = traced(accounts.trail, before=_before(before, changed))
        commit(accounts.client, [Write("Update", parameters), *told], accounts.deadline)
    except RefusedError:  # another change has grown the shards since they were read
        return change_project(accounts, project_id, change)
    return after


def _before(project: Project, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What is replaced, as answers name it."""
    fields = project._asdict()
    return {_NAMES[field]: fields[field] for field in changed}


def create_key(accounts: Accounts, project_id: str, wanted: WantedKey, now: datetime) -> NewKey:
    """Makes a key of a project.

    Raises:
        InvalidRequestError: nobody of that id is a member.
    """
    new_key = _new_key(project_id, wanted, now)
    if wanted.user_id is not None:
        item = get(accounts.client, accounts.table, keys.member(project_id, wanted.user_id), accounts.deadline)
        if item is None:
            raise InvalidRequestError.at("userId", f"{wanted.user_id} is no member of the project")
        # Should the member leave in this moment, the key is one of a membership that has ended, and admits nobody.
        new_key = new_key._replace(key=new_key.key._replace(member_since=item_to_member(item).created_at))
    writes = api_key_writes(accounts.table, new_key.key)
    writes += traced(accounts.trail, keyId=new_key.key.key_id)
    commit(accounts.client, writes, accounts.deadline)
    return new_key


def list_keys(accounts: Accounts, project_id: str, after: str | None) -> Iterator[ApiKey]:
    """The keys of a project in order of their ids, those after `after`."""
    first = keys.project_key(project_id, "")
    items = query(
        accounts.client,
        accounts.deadline,
        TableName=accounts.table,
        KeyConditionExpression="account = :account AND entry BETWEEN :first AND :last",
        ExpressionAttributeValues={
            ":account": first["account"],
            ":first": {"S": f"{first['entry']['S']}{after}~" if after else first["entry"]["S"]},
            ":last": {"S": f"{first['entry']['S']}~~"},
        },
        ConsistentRead=True,
    )
    return map(item_to_key, items)


def get_key(accounts: Accounts, project_id: str, key_id: str) -> ApiKey:
    """A key of a project.

    Raises:
        NotFoundError: the project has no such key.
    """
    item = get(accounts.client, accounts.table, keys.project_key(project_id, key_id), accounts.deadline)
    if item is None:
        raise NotFoundError(f"the project has no key {key_id}")
    return item_to_key(item)


def revoke_key(accounts: Accounts, key: ApiKey, by: str) -> None:
    """Ends a key for good, as the key `by` asks.

    An owner's key is ended by another that is still there, so that a project always keeps one; one that ends by itself
    may end itself before.

    Raises:
        NotFoundError: it has been revoked meanwhile.
        LastOwnerError: an owner's key asks for its own end.
        UnauthenticatedError: the key that asks has been revoked meanwhile.
    """
    if key.key_id == by and key.role == _OWNER and key.expires_at is None:
        raise LastOwnerError("an owner's key does not revoke itself: use another key of an owner")
    writes = [
        _only_if_there(accounts, "Delete", keys.project_key(key.project_id, key.key_id)),
        Write("Delete", {"TableName": accounts.table, "Key": keys.api_key(key.key_id)}),
        *traced(accounts.trail),
    ]
    asks = len(writes)
    if key.role == _OWNER and key.key_id != by:
        writes.append(_only_if_there(accounts, "ConditionCheck", keys.project_key(key.project_id, by)))
    try:
        commit(accounts.client, writes, accounts.deadline)
    except RefusedError as refused:
        if asks in refused.found:
            raise UnauthenticatedError("the API key is not valid") from None
        if not refused.unsure:
            raise NotFoundError(f"the project has no key {key.key_id}") from None


def _only_if_there(accounts: Accounts, action: Literal["Delete", "ConditionCheck"], key: keys.Key) -> Write:
    condition = {"ConditionExpression": "attribute_exists(account)"}
    return Write(action, {"TableName": accounts.table, "Key": key, **condition})


def _new_key(project_id: str, wanted: WantedKey, now: datetime) -> NewKey:
    text = new_key_text(new_id())
    presented = read_key(text)
    if presented is None:
        raise RuntimeError("a fresh key does not have the form of a key")
    key = ApiKey(
        presented.key_id,
        project_id,
        wanted.name,
        wanted.role,
        hash_secret(presented.secret),
        stored(now),
        user_id=wanted.user_id,
        expires_at=None if wanted.seconds is None else later(stored(now), timedelta(seconds=wanted.seconds)),
    )
    return NewKey(key, text)


def _new(table: str, item: dict[str, Any]) -> Write:
    return Write(
        "Put",
        {
            "TableName": table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(account)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    )
