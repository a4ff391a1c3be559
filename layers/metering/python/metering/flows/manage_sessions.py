"""Sessions: make, find, reuse."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from metering.aws import keys
from metering.aws.audit import traced
from metering.aws.meters import meter_key, meter_to_item
from metering.aws.tables import query
from metering.aws.transaction import Item, RefusedError, Write, commit
from metering.domain.accounts import new_id
from metering.domain.errors import AlreadyExistsError
from metering.domain.limits import Limits, new_meter
from metering.flows.decisions import Meters, read_items, session_scope


class NewSession(NamedTuple):
    """A session to make. With `reuse`, the user's active session serves instead."""

    user_id: str
    limits: Limits
    session_id: str | None = None
    idempotency_key: str | None = None
    reuse: bool = False


class Found(NamedTuple):
    """A session's meter item, and whether it was made just now."""

    item: Item
    created: bool


def create_session(meters: Meters, wanted: NewSession) -> Found:
    """Makes a session, or finds the one that an earlier sending made, or that serves again.

    Raises:
        AlreadyExistsError: the id belongs to a session of another user, or with other limits at its beginning.
    """
    latest = None
    if wanted.reuse:
        # Read first: whatever becomes the latest while active ones are looked for is noticed when this one is written.
        latest = _latest(meters, wanted.user_id)
        active = _active_session(meters, wanted.user_id)
        if active:
            return Found(active, created=False)
    session_id = wanted.session_id or _id_of(wanted)
    scope = session_scope(session_id)
    item = {
        **meter_to_item(meters.project, scope, new_meter("session", wanted.limits, meters.now), wanted.user_id),
        "print": {"S": _fingerprint(wanted)},
    }
    try:
        commit(meters.client, _writes(meters, wanted, item, latest), meters.deadline)
    except RefusedError as refused:
        found = refused.found.get(0)
        if found is None:  # another session became the user's latest in this moment
            return create_session(meters, wanted)
        if found["print"] != item["print"]:
            raise AlreadyExistsError(f"the session {session_id} exists with another user or other limits") from None
        return Found(found, created=refused.unsure)
    return Found(item, created=True)


def _id_of(wanted: NewSession) -> str:
    if wanted.idempotency_key is None:
        return f"ses_{new_id(16)}"
    return f"ses_{hashlib.sha256(wanted.idempotency_key.encode()).hexdigest()[:20]}"


def _fingerprint(wanted: NewSession) -> str:
    return hashlib.sha256(repr((wanted.user_id, wanted.limits)).encode()).hexdigest()[:16]


def _writes(meters: Meters, wanted: NewSession, item: dict[str, Any], before: str | None) -> list[Write]:
    session_id = item["id"]["S"]
    entry = f"{meters.now}#{session_id}"
    lists = [keys.sessions(meters.project), keys.sessions(meters.project, wanted.user_id)]
    latest: dict[str, Any] = {
        "TableName": meters.table,
        "Item": {**keys.latest_session(meters.project, wanted.user_id), "session": {"S": session_id}},
    }
    if wanted.reuse:
        # Two that find no active session make one between them: the first to become the latest wins.
        latest["ConditionExpression"] = "attribute_not_exists(entry) OR #session = :before"
        latest["ExpressionAttributeNames"] = {"#session": "session"}
        latest["ExpressionAttributeValues"] = {":before": {"S": before or ""}}
    return [
        Write(
            "Put",
            {
                "TableName": meters.table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(entry)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        ),
        *(Write("Put", {"TableName": meters.table, "Item": _listed(scope, entry)}) for scope in lists),
        Write("Put", latest),
        *traced(meters.trail, sessionId=session_id),
    ]


def _listed(scope: str, entry: str) -> dict[str, Any]:
    return {"scope": {"S": scope}, "entry": {"S": entry}}


def _latest(meters: Meters, user_id: str) -> str | None:
    key = keys.latest_session(meters.project, user_id)
    item = read_items(meters, [key]).get((key["scope"]["S"], key["entry"]["S"]))
    return item["session"]["S"] if item else None


def _active_session(meters: Meters, user_id: str) -> Item | None:
    """The user's youngest session that is active."""
    for _, item in list_sessions(meters, user_id, None, newest_first=True):
        if item["status"]["S"] == "active":
            return item
    return None


def list_sessions(
    meters: Meters, user_id: str | None, after: str | None, *, newest_first: bool = True
) -> Iterator[tuple[str, Item]]:
    """Sessions of a user, or of the whole project, each behind its place in the list."""
    bound = {":after": {"S": after}} if after else {":first": {"S": "0"}, ":last": {"S": "9~"}}
    beyond = "entry < :after" if newest_first else "entry > :after"
    condition = f"#scope = :scope AND {beyond if after else 'entry BETWEEN :first AND :last'}"
    rows = query(
        meters.client,
        meters.deadline,
        TableName=meters.table,
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#scope": "scope"},
        ExpressionAttributeValues={":scope": {"S": keys.sessions(meters.project, user_id)}, **bound},
        ScanIndexForward=not newest_first,
        ConsistentRead=True,
    )
    yield from _with_meters(meters, rows)


def _with_meters(meters: Meters, rows: Iterator[Item]) -> Iterator[tuple[str, Item]]:
    places: list[str] = []
    for row in rows:
        places.append(row["entry"]["S"])
        if len(places) == _AT_ONCE:
            yield from _read_places(meters, places)
            places = []
    yield from _read_places(meters, places)


def _read_places(meters: Meters, places: list[str]) -> Iterator[tuple[str, Item]]:
    wanted = [meter_key(meters.project, session_scope(place.partition("#")[2])) for place in places]
    found = read_items(meters, wanted)
    for place, key in zip(places, wanted, strict=True):
        item = found.get((key["scope"]["S"], key["entry"]["S"]))
        if item:
            yield place, item


_AT_ONCE = 25
