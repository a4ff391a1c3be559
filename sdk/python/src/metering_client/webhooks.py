"""Verifying webhooks, as Standard Webhooks describes it."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from metering_client._wire import loads
from metering_client.errors import WebhookVerificationError

TOLERANCE: Final = timedelta(minutes=5)
_VERSION: Final = "v1"
_PREFIX: Final = "whsec_"


@dataclass(frozen=True)
class WebhookEvent:
    """An event that the service sent. `event_id` is the same at every attempt to deliver it."""

    event_id: str
    type: str
    timestamp: datetime
    data: Mapping[str, Any]


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: timedelta = TOLERANCE,
    now: datetime | None = None,
) -> WebhookEvent:
    """The event in the body of a request, exactly as it came in; `secret` is the endpoint's, or several.

    Raises:
        WebhookVerificationError: no signature is right, or the time is further away than `tolerance`.
        ValueError: a secret is not `whsec_…`.
    """
    content = body.encode() if isinstance(body, str) else body
    lower = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (_header(lower, f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    _check_time(timestamp, tolerance, now or datetime.now(UTC))
    signed = f"{event_id}.{timestamp}.".encode() + content
    secrets = [secret] if isinstance(secret, str) else secret
    if not _is_signed(signatures, [_sign(one, signed) for one in secrets]):
        raise WebhookVerificationError("no signature of the webhook is right")
    return _event(event_id, content)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"the webhook has no header {name}")
    return value


def _check_time(timestamp: str, tolerance: timedelta, now: datetime) -> None:
    try:
        sent = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        raise WebhookVerificationError(f"the webhook's time is {timestamp!r}, which is none") from None
    if abs(now - sent) > tolerance:
        raise WebhookVerificationError(f"the webhook is of {sent.isoformat()}, too far from now")


def _sign(secret: str, signed: bytes) -> bytes:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:  # which anybody could sign with
        raise ValueError("a webhook's secret is whsec_ and base64, and this is not")
    return b64encode(hmac.digest(key, signed, "sha256"))


def _is_signed(signatures: str, expected: Sequence[bytes]) -> bool:
    """Whether one of the signatures is one of those expected; how long it takes tells nothing of them."""
    found = False
    for signature in signatures.split(" "):
        version, _, given = signature.partition(",")
        for one in expected:
            found |= version == _VERSION and hmac.compare_digest(given.encode(), one)
    return found


def _event(event_id: str, content: bytes) -> WebhookEvent:
    try:
        event = loads(content)
        return WebhookEvent(event_id, event["type"], datetime.fromisoformat(event["timestamp"]), event["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookVerificationError(f"the webhook is signed and is no event: {error!r}") from error
