"""Webhooks are believed only with a right signature of these last minutes, as Standard Webhooks has it."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from metering.domain.webhooks import new_secret, signed_headers
from metering_client import WebhookVerificationError, verify_webhook

NOW = datetime(2026, 11, 24, 10, 0, 0, tzinfo=UTC)
SECRET, OTHER = "whsec_" + b64encode(b"k" * 32).decode(), "whsec_" + b64encode(b"o" * 32).decode()
BODY = json.dumps(
    {"type": "session.limit_reached", "timestamp": "2026-11-24T09:59:58Z", "data": {"sessionId": "ü", "used": 1.1}}
)


def signed(body: str = BODY, *secrets: str, at: datetime = NOW) -> dict[str, str]:
    return dict(signed_headers(secrets or (SECRET,), "evt_1", int(at.timestamp()), body))


def test_an_event_is_read() -> None:
    event = verify_webhook(BODY.encode(), signed(), SECRET, now=NOW)
    assert (event.event_id, event.type) == ("evt_1", "session.limit_reached")
    assert event.timestamp == datetime(2026, 11, 24, 9, 59, 58, tzinfo=UTC)
    assert event.data == {"sessionId": "ü", "used": Decimal("1.1")}


def test_what_the_reference_library_signs_is_believed() -> None:
    now = datetime.now(UTC)
    signature = Webhook(SECRET).sign("evt_1", now, BODY)
    headers = {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": signature,
    }
    assert verify_webhook(BODY, headers, SECRET).event_id == "evt_1"
    with pytest.raises(WebhookVerificationError):
        verify_webhook(BODY, headers, OTHER)


def test_the_reference_library_believes_the_same() -> None:
    now = datetime.now(UTC)
    secret = new_secret()
    headers = signed(BODY, secret, OTHER, at=now)
    assert Webhook(secret).verify(BODY, headers) == json.loads(BODY)
    assert verify_webhook(BODY, headers, secret).data["sessionId"] == "ü"


def test_during_a_rotation_either_secret_will_do() -> None:
    both = signed(BODY, SECRET, OTHER)
    for secret in (SECRET, OTHER, [OTHER, SECRET]):
        assert verify_webhook(BODY, both, secret, now=NOW)
    assert verify_webhook(BODY, signed(BODY, OTHER), [SECRET, OTHER], now=NOW)


@pytest.mark.parametrize("seconds", [-301, -300, 0, 300, 301])
def test_it_is_believed_for_five_minutes(seconds: int) -> None:
    headers = signed(at=NOW + timedelta(seconds=seconds))
    if abs(seconds) <= 300:
        assert verify_webhook(BODY, headers, SECRET, now=NOW)
    else:
        with pytest.raises(WebhookVerificationError, match="too far from now"):
            verify_webhook(BODY, headers, SECRET, now=NOW)


WRONG: list[tuple[dict[str, str], str]] = [
    ({"webhook-signature": "v1,AAAA"}, "no signature"),
    ({"webhook-signature": signed()["webhook-signature"].replace("v1,", "v2,")}, "no signature"),
    ({"webhook-signature": signed()["webhook-signature"].removeprefix("v1,")}, "no signature"),
    ({"webhook-signature": "v1,ÿ"}, "no signature"),
    ({"webhook-signature": ""}, "no header webhook-signature"),
    ({"webhook-id": "evt_2"}, "no signature"),
    ({"webhook-id": ""}, "no header webhook-id"),
    ({"webhook-timestamp": "soon"}, "which is none"),
    ({"webhook-timestamp": "9" * 30}, "which is none"),
    ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, "no signature"),
]


@pytest.mark.parametrize(("changed", "why"), WRONG)
def test_anything_else_is_not_believed(changed: dict[str, str], why: str) -> None:
    with pytest.raises(WebhookVerificationError, match=why):
        verify_webhook(BODY, {**signed(), **changed}, SECRET, now=NOW)


def test_a_body_that_was_changed_is_not_believed() -> None:
    with pytest.raises(WebhookVerificationError, match="no signature"):
        verify_webhook(BODY.replace("1.1", "1.2"), signed(), SECRET, now=NOW)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"type": "x", "timestamp": "now", "data": {}}'])
def test_what_is_signed_and_no_event_is_told(body: Any) -> None:
    with pytest.raises(WebhookVerificationError, match="signed and is no event"):
        verify_webhook(body, signed(body), SECRET, now=NOW)


def test_a_secret_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="base64"):
        verify_webhook(BODY, signed(), "whsec_not base64", now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_AAA", f"{SECRET}\n"])
def test_a_secret_that_is_none_believes_nobody(secret: str) -> None:
    with pytest.raises(ValueError, match="a webhook's secret is whsec_ and base64"):
        verify_webhook(BODY, signed(), secret, now=NOW)
