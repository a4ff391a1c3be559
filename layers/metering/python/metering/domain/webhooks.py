"""Webhooks as Standard Webhooks describes them: which events there are, and what is signed how."""

import json
import secrets
from base64 import b32encode
from hashlib import sha256

_ID_BYTES = 15


def new_event_id() -> str:
    """A fresh event id: `evt_` and 120 random bits in base 32."""
    return _event_id(secrets.token_bytes(_ID_BYTES))


def event_id_of(*parts: str) -> str:
    """The id of the one event that `parts` cause, in their order; they may hold any text."""
    return _event_id(sha256(json.dumps(parts).encode()).digest()[:_ID_BYTES])


def _event_id(raw: bytes) -> str:
    return "evt_" + b32encode(raw).decode().lower()
