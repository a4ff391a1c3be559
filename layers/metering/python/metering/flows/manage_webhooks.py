"""A project's webhooks: made, listed, removed, their secrets rotated, their deliveries shown and tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from metering.aws.queues import Queue, send
from metering.aws.secret_box import SecretBox
from metering.aws.webhook_deliveries import get_delivery, put_delivery, restart_delivery
from metering.aws.webhook_endpoints import change_secret, delete_endpoint, get_endpoint, list_endpoints, put_endpoint
from metering.aws.webhook_items import OutboxEvent, ref_of
from metering.aws.webhook_store import Webhooks
from metering.domain.addresses import parse_target
from metering.domain.deliveries import GRACE, Delivery, begin, is_delivery_id
from metering.domain.errors import IdempotencyConflictError, InvalidRequestError, NotFoundError, UnavailableError
from metering.domain.periods import later, stored
from metering.domain.webhooks import (
    MOST_ENDPOINTS,
    OVERLAP,
    TEST_EVENT,
    Endpoint,
    hash_of,
    is_webhook_id,
    new_event_id,
    new_secret,
    new_webhook_id,
    webhook_id_of,
)
from metering.flows.relay_outbox import delivery_of

_TEST_DATA = '{"message":"This endpoint is reached. No event has happened."}'


@dataclass(frozen=True)
class Desk:
    """Where webhooks are kept, their secrets encrypted, and their deliveries queued."""

    webhooks: Webhooks
    secrets: SecretBox
    queue: Queue
    allow_loopback: bool


class NewWebhook(NamedTuple):
    """A request for an endpoint; one that has been made with the same key and wishes is the same request."""

    project: str
    url: str
    events: Sequence[str]
    idempotency_key: str | None

    def hash(self) -> str:
        return hash_of(self.url, *sorted(set(self.events)))


class Shown(NamedTuple):
    """An endpoint with the secret to show, if it may be, and whether the request made it just now."""

    endpoint: Endpoint
    secret: str | None
    new: bool = False


def create_webhook(desk: Desk, wanted: NewWebhook, now: datetime) -> Shown:
    """Makes an endpoint with a secret of its own.

    Raises:
        InvalidRequestError: nothing may be sent to the URL, or the project has as many endpoints as it may have.
        IdempotencyConflictError: the key has made an endpoint with another URL or other events.
    """
    _check(desk, wanted.url)
    key = wanted.idempotency_key
    webhook_id = webhook_id_of(key) if key else new_webhook_id()
    there = {endpoint.webhook_id: endpoint for endpoint in list_endpoints(desk.webhooks, wanted.project)}
    if webhook_id in there:
        return _earlier(desk, wanted, there[webhook_id], now)
    if len(there) >= MOST_ENDPOINTS:
        raise InvalidRequestError.at("", f"a project has at most {MOST_ENDPOINTS} webhooks; delete one first")
    secret = new_secret()
    encrypted = desk.secrets.encrypt(secret, wanted.project, webhook_id, desk.webhooks.deadline)
    endpoint = Endpoint(
        project=wanted.project,
        webhook_id=webhook_id,
        url=wanted.url,
        events=tuple(dict.fromkeys(wanted.events)),
        enabled=True,
        created_at=stored(now),
        secret=encrypted,
        made_by=wanted.hash(),
    )
    if put_endpoint(desk.webhooks, endpoint):
        return Shown(endpoint, secret, new=True)
    return _earlier(desk, wanted, find_webhook(desk.webhooks, wanted.project, webhook_id), now)


def _check(desk: Desk, url: str) -> None:
    try:
        parse_target(url, allow_loopback=desk.allow_loopback)
    except ValueError as error:
        raise InvalidRequestError.at("url", str(error)) from None


def _earlier(desk: Desk, wanted: NewWebhook, endpoint: Endpoint, now: datetime) -> Shown:
    """What an earlier request with the same key made. Its secret is shown again for a day, unless it was rotated."""
    if endpoint.made_by != wanted.hash():
        raise IdempotencyConflictError("the idempotency key has made a webhook with another URL or other events")
    fresh = stored(now) < later(endpoint.created_at, OVERLAP) and not endpoint.retired
    return Shown(endpoint, _decrypt(desk, endpoint) if fresh else None)


def _decrypt(desk: Desk, endpoint: Endpoint) -> str:
    return desk.secrets.decrypt(endpoint.secret, endpoint.project, endpoint.webhook_id, desk.webhooks.deadline)


def find_webhook(webhooks: Webhooks, project: str, webhook_id: str) -> Endpoint:
    """An endpoint of the project.

    Raises:
        NotFoundError: it has no such endpoint.
    """
    endpoint = get_endpoint(webhooks, project, webhook_id) if is_webhook_id(webhook_id) else None
    if endpoint is None:
        raise NotFoundError(f"there is no webhook {webhook_id}")
    return endpoint


def delete_webhook(webhooks: Webhooks, project: str, webhook_id: str) -> None:
    """Removes an endpoint; what is still to be delivered to it is not.

    Raises:
        NotFoundError: the project has no such endpoint.
    """
    if not is_webhook_id(webhook_id) or not delete_endpoint(webhooks, project, webhook_id):
        raise NotFoundError(f"there is no webhook {webhook_id}")


def rotate_secret(desk: Desk, project: str, webhook_id: str, key: str | None, now: datetime) -> Shown:
    """Gives an endpoint a new secret; the old one signs for another 24 hours. The same idempotency key rotates once,
    and is shown the secret again for as long.

    Raises:
        NotFoundError: the project has no such endpoint.
        UnavailableError: others rotate it all the time.
    """
    rotated_by = hash_of(key) if key else ""
    while desk.webhooks.deadline.remaining() > 0:
        before = find_webhook(desk.webhooks, project, webhook_id)
        if key and before.rotated_by == rotated_by:
            fresh = stored(now) < before.retired[0].until  # the secret that it replaced signs as long
            return Shown(before, _decrypt(desk, before) if fresh else None)
        secret = new_secret()
        encrypted = desk.secrets.encrypt(secret, project, webhook_id, desk.webhooks.deadline)
        after = before.with_secret(encrypted, stored(now), rotated_by)
        if change_secret(desk.webhooks, before, after):
            return Shown(after, secret)
    raise UnavailableError("the secret was rotated by others at the same time; try again")


def retry_delivery(desk: Desk, endpoint: Endpoint, delivery_id: str, now: datetime) -> Delivery:
    """Tries a delivery again at once, however it ended, its schedule begun anew. One being attempted is left alone.

    Raises:
        NotFoundError: the endpoint has no such delivery.
    """
    whose = (endpoint.project, endpoint.webhook_id)
    before = get_delivery(desk.webhooks, *whose, delivery_id) if is_delivery_id(delivery_id) else None
    if before is None:
        raise NotFoundError(f"there is no delivery {delivery_id}")
    instant = stored(now)
    after = begin(before, instant, manual=True)
    if not restart_delivery(desk.webhooks, after, instant, later(instant, GRACE)):
        return before
    send(desk.queue, [ref_of(after).message()], desk.webhooks.deadline)
    return after


def send_test(desk: Desk, endpoint: Endpoint, now: datetime) -> Delivery:
    """Sends an event of the type `webhook.test` to one endpoint."""
    instant = stored(now)
    event = OutboxEvent("", new_event_id(), endpoint.project, TEST_EVENT, _TEST_DATA, instant)
    delivery = begin(delivery_of(event, endpoint, instant), instant, manual=True)
    put_delivery(desk.webhooks, delivery, later(instant, GRACE))
    send(desk.queue, [ref_of(delivery).message()], desk.webhooks.deadline)
    return delivery
