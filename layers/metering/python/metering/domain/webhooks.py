"""Webhooks as Standard Webhooks 1.0 describes them: endpoints, the events they subscribe to, and what is signed how."""

import hashlib
import hmac
import json
import re
import secrets
from base64 import b32encode, b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Literal, NamedTuple, get_args

from metering.domain.periods import later

EventType = Literal[
    "session.limit_reached",
    "session.threshold_reached",
    "session.paused",
    "session.resumed",
    "budget.limit_reached",
    "budget.threshold_reached",
    "usage.day_closed",
    "export.ready",
    "export.failed",
]
EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)
ALL_EVENTS: Final = "*"
TEST_EVENT: Final = "webhook.test"
"""Sent on request to one endpoint, whatever it subscribes to."""

MOST_ENDPOINTS: Final = 50
OVERLAP: Final = timedelta(hours=24)
"""How long a secret still signs after a newer one replaced it."""
MOST_RETIRED: Final = 5
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # it marks secrets, and is none
_SECRET_BYTES: Final = 32
_ID_BYTES: Final = 15
_WEBHOOK_ID: Final = re.compile(r"wh_[a-z2-7]{24}", re.ASCII)

SLOTS: Final = 5
"""Attempts that an endpoint may have under way at once, so that one which hangs leaves the others their share."""
FAILURES_BEFORE_REST: Final = 5
_FIRST_REST: Final = timedelta(seconds=30)
_LONGEST_REST: Final = timedelta(minutes=5)


class RetiredSecret(NamedTuple):
    """An encrypted secret that a rotation replaced; it signs until the instant `until`."""

    encrypted: bytes
    until: str


class Endpoint(NamedTuple):
    """Where a project wants events to be sent. Its secrets are encrypted for this project and endpoint."""

    project: str
    webhook_id: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    created_at: str
    secret: bytes
    retired: tuple[RetiredSecret, ...] = ()
    failures: int = 0
    """Attempts in a row that failed, all deliveries together."""
    rests_until: str = ""
    """Until then nothing is sent; after it one attempt finds out whether the endpoint is back."""
    made_by: str = ""
    """The hash of what the request that made it asked for."""
    rotated_by: str = ""
    """The hash of the idempotency key of the latest rotation, where it had one."""

    slots: tuple[str, ...] = ("",) * SLOTS
    """Until when each of the attempts under way may take; an empty or past instant is a free slot."""

    @property
    def failing(self) -> bool:
        return self.failures >= FAILURES_BEFORE_REST

    def free_slots(self, now: str) -> list[int]:
        return [number for number, until in enumerate(self.slots) if until < now]

    def wants(self, event_type: str) -> bool:
        return self.enabled and not {event_type, ALL_EVENTS}.isdisjoint(self.events)

    def signing(self, now: str) -> list[bytes]:
        """The encrypted secrets that sign at the instant `now`, the newest first."""
        return [self.secret, *(retired.encrypted for retired in self.retired if now < retired.until)]

    def with_secret(self, encrypted: bytes, now: str, rotated_by: str = "") -> "Endpoint":
        """The endpoint with a new secret; the present one signs for another 24 hours."""
        kept = [retired for retired in self.retired if now < retired.until]
        retired = (RetiredSecret(self.secret, later(now, OVERLAP)), *kept)
        return self._replace(secret=encrypted, retired=retired[:MOST_RETIRED], rotated_by=rotated_by)


def rest_after(failures: int) -> timedelta:
    """How long an endpoint rests after so many failures in a row: 30 s from the fifth, doubling up to 5 minutes.

    A rest is far shorter than the schedule's later waits: it bounds what an endpoint that hangs may hold up, no more.
    """
    if failures < FAILURES_BEFORE_REST:
        return timedelta(0)
    doublings = min(failures - FAILURES_BEFORE_REST, 10)
    return min(_FIRST_REST * (1 << doublings), _LONGEST_REST)


def new_secret() -> str:
    """A fresh signing secret: `whsec_` and 256 random bits in base 64."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, event_id: str, seconds: int, body: str) -> str:
    """The signature `v1,<base64>`: HMAC-SHA256 of `id.seconds.body` under the secret's bytes.

    Source: Standard Webhooks 1.0, "Signature scheme".
    """
    key = b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.digest(key, f"{event_id}.{seconds}.{body}".encode(), "sha256")
    return f"v1,{b64encode(digest).decode()}"


def signed_headers(signing_secrets: Iterable[str], event_id: str, seconds: int, body: str) -> Mapping[str, str]:
    """The headers of one attempt at the Unix time `seconds`, signed with each secret."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(sign(secret, event_id, seconds, body) for secret in signing_secrets),
    }


def new_event_id() -> str:
    """A fresh event id: `evt_` and 120 random bits in base 32."""
    return _event_id(secrets.token_bytes(_ID_BYTES))


def event_id_of(*parts: str) -> str:
    """The id of the one event that `parts` cause, in their order; they may hold any text."""
    return _event_id(_digest(parts))


def _event_id(raw: bytes) -> str:
    return "evt_" + b32encode(raw).decode().lower()


def new_webhook_id() -> str:
    return _webhook_id(secrets.token_bytes(_ID_BYTES))


def webhook_id_of(idempotency_key: str) -> str:
    """The id of the one endpoint of a project that requests with this key make."""
    return _webhook_id(_digest((idempotency_key,)))


def hash_of(*parts: str) -> str:
    """Tells whether a repeated request is the same: by what it asked for, or by its idempotency key."""
    return _digest(parts).hex()


def is_webhook_id(text: str) -> bool:
    return _WEBHOOK_ID.fullmatch(text) is not None


def _webhook_id(raw: bytes) -> str:
    return "wh_" + b32encode(raw).decode().lower()


def _digest(parts: Iterable[str]) -> bytes:
    return hashlib.sha256(json.dumps(list(parts)).encode()).digest()[:_ID_BYTES]
