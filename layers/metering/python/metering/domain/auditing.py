"""What the audit log tells of: a change that somebody made."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Json = Any


class Actor(NamedTuple):
    """Who asked for a change, and from where."""

    key_id: str
    user_id: str | None
    role: str
    request_id: str
    source_ip: str


class Entry(NamedTuple):
    """One change: who made it, when, to what. `change` is what was asked for, `before` what that has replaced."""

    audit_id: str
    at: str
    actor: Actor
    action: str
    """The operation, as the OpenAPI document names it."""
    target: Mapping[str, str]
    """Names of ids, as in paths and answers, and their values."""
    change: Json = None
    before: Json = None
