"""What a request leaves in the audit log, and the log's entries as answers."""

import json
from decimal import Decimal
from typing import Any, Final

from metering.aws.audit import Trail
from metering.domain.accounts import new_id
from metering.domain.auditing import Actor, Entry
from metering.domain.periods import short
from metering.domain.rates import DEFAULT_SCOPE
from metering.http.dispatch import Request

MOST_FIELD_CHARACTERS: Final = 8192
"""A larger field is told of by its size: an item has room for 400 KB, and a body is up to 256 KiB."""


def trail_of(request: Request, table: str, now: str) -> Trail | None:
    """What to write with the request's change, or None where it is none that the log tells of.

    The platform's changes that concern no project, default rate cards, are in a log of their own.
    """
    if request.trace is None:
        return None
    caller, trace = request.caller, request.trace
    actor = Actor(caller.key_id, caller.user_id, caller.role, trace.request_id, trace.source_ip)
    entry = Entry(new_id(), now, actor, trace.action, request.path, _bounded(trace.body))
    return Trail(table, log_of(request), entry)


def log_of(request: Request) -> str:
    """The project whose log it is; the platform's own is that of the default cards."""
    return request.caller.project or DEFAULT_SCOPE


def _bounded(body: Any) -> Any:  # noqa: ANN401  # JSON
    """A body with fractions as text, and what is too large for the log replaced by how large it is."""
    if not isinstance(body, dict):
        return None
    return {name: _within(_plain(value)) for name, value in body.items()}


def _within(value: Any) -> Any:  # noqa: ANN401  # JSON
    size = len(json.dumps(value))
    return value if size <= MOST_FIELD_CHARACTERS else f"({size} characters)"


def _plain(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return format(value, "f") if isinstance(value, Decimal) else value


def entry_answer(entry: Entry) -> dict[str, Any]:
    actor = entry.actor
    return {
        "auditId": entry.audit_id,
        "at": short(entry.at),
        "action": entry.action,
        "target": entry.target,
        "change": entry.change,
        "before": entry.before,
        "keyId": actor.key_id,
        "userId": actor.user_id,
        "role": actor.role,
        "requestId": actor.request_id,
        "sourceIp": actor.source_ip,
    }
