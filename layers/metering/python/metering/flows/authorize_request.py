"""What an `Authorization` header stands for: a project and a role, or a reason why not."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from metering.aws import keys
from metering.aws.account_items import item_to_key, item_to_member, item_to_project
from metering.aws.tables import get, get_all
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.accounts import ADMIN_ROLE, ApiKey, KeyRole, lower_role, matches, read_key
from metering.domain.errors import UnavailableError
from metering.domain.periods import stored
from metering.flows.manage_projects import Accounts

NOTE_USE_EVERY: Final = timedelta(hours=1)
_NOTE_SECONDS: Final = 0.2
_SCHEME: Final = "bearer "

Context = dict[str, str | int]


@dataclass(frozen=True)
class Authority:
    """Whom to ask. The admin key is fetched when a key has not the form of a project's."""

    accounts: Accounts
    admin_key: Callable[[], str]


def authorize(authority: Authority, header: str, now: datetime) -> Context:
    """The context that functions get: who calls, or `denied` with the reason.

    It never says more than that the key is not valid: whether its id exists is nobody's business.
    """
    if not header.lower().startswith(_SCHEME):
        return {"denied": "send `Authorization: Bearer <api key>`"}
    text = header[len(_SCHEME) :].strip()
    presented = read_key(text)
    if presented is None:
        return _platform(authority, text)
    accounts = authority.accounts
    item = get(accounts.client, accounts.table, keys.api_key(presented.key_id), accounts.deadline)
    key = item_to_key(item) if item else None
    if not matches(presented.secret, key.secret_hash if key else "") or key is None:
        return {"denied": "the API key is not valid"}
    if key.expires_at is not None and key.expires_at <= stored(now):
        return {"denied": "the API key has expired"}
    _note_use(accounts, key, now)
    return _caller(accounts, key)


def _platform(authority: Authority, text: str) -> Context:
    if not text or not hmac.compare_digest(text.encode(), authority.admin_key().encode()):
        return {"denied": "the API key is not valid"}
    return {"projectId": "", "role": ADMIN_ROLE, "keyId": ADMIN_ROLE, "pricingMode": "managed", "shards": 1}


def _caller(accounts: Accounts, key: ApiKey) -> Context:
    project_item, member_item = _read(accounts, key)
    if project_item is None:
        return {"denied": "the API key's project is gone"}
    project = item_to_project(project_item)
    role = _role(key, member_item)
    if role is None:
        return {"denied": "the API key is bound to somebody who is no longer a member"}
    return {
        "projectId": project.project_id,
        "role": role,
        "keyId": key.key_id,
        "pricingMode": project.pricing_mode,
        "shards": project.shards,
        **({"userId": key.user_id} if key.user_id is not None else {}),
    }


def _read(accounts: Accounts, key: ApiKey) -> tuple[Item | None, Item | None]:
    """The project and the member of a key as of now, by one call: no key has to be rewritten when a role changes."""
    project = keys.project(key.project_id)
    if key.user_id is None:
        return get(accounts.client, accounts.table, project, accounts.deadline), None
    wanted = [project, keys.member(key.project_id, key.user_id)]
    found = get_all(accounts.client, accounts.table, wanted, accounts.deadline)
    return found[0], found[1]


def _role(key: ApiKey, item: Item | None) -> KeyRole | None:
    """What a key may do: its own role, and no more than its member's. None: the member is gone, or has come since."""
    if key.user_id is None:
        return key.role
    member = item_to_member(item) if item else None
    if member is None or member.created_at != key.member_since:
        return None
    return lower_role(key.role, member.role)


def _note_use(accounts: Accounts, key: ApiKey, now: datetime) -> None:
    """Notes the last use to the hour, so that it costs a write an hour and not one a call."""
    if key.last_used_at and key.last_used_at > stored(now - NOTE_USE_EVERY):
        return
    places = (keys.api_key(key.key_id), keys.project_key(key.project_id, key.key_id))
    writes = [
        Write(
            "Update",
            {
                "TableName": accounts.table,
                "Key": place,
                "UpdateExpression": "SET lastUsedAt = :now",
                "ConditionExpression": "attribute_exists(account)",
                "ExpressionAttributeValues": {":now": {"S": stored(now)}},
            },
        )
        for place in places
    ]
    try:
        commit(accounts.client, writes, Deadline.within(min(_NOTE_SECONDS, accounts.deadline.remaining())))
    except (RefusedError, UnavailableError):
        # Revoked since it was read: the next look refuses the key. Unavailable: no caller waits for a note.
        return
