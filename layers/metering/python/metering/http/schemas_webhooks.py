"""Bodies and answers of the operations on webhooks."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from metering.domain.addresses import MOST_URL_CHARACTERS
from metering.domain.deliveries import Status
from metering.domain.usage import Strict
from metering.domain.webhooks import EventType
from metering.http.schemas import Instant


class WebhookRequest(Strict):
    """Where to send which events; `*` stands for every event, those of later versions too."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=MOST_URL_CHARACTERS)]
    """https, to a public host."""
    events: Annotated[list[Literal[EventType, "*"]], Field(min_length=1, max_length=50)]


class WebhookAnswer(Strict):
    webhook_id: str
    url: str
    events: list[str]
    status: Literal["enabled", "disabled"]
    """An endpoint that answers 410 is disabled. Delete it and create it again to receive events again."""
    created_at: Instant


class WebhookSecretAnswer(WebhookAnswer):
    secret: str | None
    """`whsec_…`, shown once: to the request that made it, and for a day to its retries with the same key."""


class WebhooksAnswer(Strict):
    items: list[WebhookAnswer]
    next_cursor: str | None


class AttemptAnswer(Strict):
    """One attempt; it has either the status that the receiver answered or the error that there was instead."""

    at: Instant
    duration_ms: int
    status_code: int | None
    error: str | None
    answer: str
    """The first 2 KiB of the receiver's answer."""


class DeliveryAnswer(Strict):
    delivery_id: str
    event_id: str
    """The `webhook-id` of every attempt."""
    type: str
    status: Status
    created_at: Instant
    next_attempt_at: Instant | None
    attempts: list[AttemptAnswer]


class DeliveriesAnswer(Strict):
    items: list[DeliveryAnswer]
    """The newest first; a page with large answers may have fewer than `limit` and still be followed by others."""
    next_cursor: str | None
