"""One attempt to deliver an event: claim it, sign it, send it, note what came of it, and queue the next attempt.

A claim is short-lived and exclusive, so that two messages make one attempt, and a function that dies in between costs
a minute. No endpoint has more than a few attempts under way, and one that fails time after time rests: a delivery that
comes due meanwhile goes on to the next step of its schedule without an attempt. So nobody waits behind an endpoint
that hangs.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from metering.aws.outbound import Result, Sender, post
from metering.aws.queues import LONGEST_DELAY, Queue, send
from metering.aws.secret_box import SecretBox
from metering.aws.webhook_deliveries import claim_delivery, get_delivery, settle_delivery
from metering.aws.webhook_endpoints import (
    Slot,
    get_endpoint,
    leave_slot,
    note_failure,
    note_gone,
    note_success,
    set_rest,
    take_probe,
    take_slot,
)
from metering.aws.webhook_items import DeliveryRef, ref_of
from metering.aws.webhook_store import Webhooks
from metering.domain.addresses import parse_target
from metering.domain.deliveries import BUSY, CLAIM, GRACE, Attempt, Delivery, Waiting, give_up, readable, settle
from metering.domain.periods import later, stored
from metering.domain.webhooks import Endpoint, rest_after, signed_headers

DELETED: Final = "the endpoint was deleted"
DISABLED: Final = "the endpoint is disabled: it answered 410"
RESTS: Final = "not sent: the endpoint failed too often in a row and rests"


@dataclass(frozen=True)
class Courier:
    """What a delivery needs; `chance` gives the jitter of its waits, in [0, 1)."""

    webhooks: Webhooks
    queue: Queue
    secrets: SecretBox
    sender: Sender
    chance: Callable[[], float] = random.random


def deliver(courier: Courier, ref: DeliveryRef, now: datetime) -> Delivery | None:
    """Makes the attempt that is due at `now`. None: none was, or it is not its turn.

    Raises:
        UnavailableError: it may have been sent and not noted; it will be sent again.
    """
    instant = stored(now)
    delivery = get_delivery(courier.webhooks, *ref)
    if delivery is None or not delivery.is_due(instant):
        return None
    endpoint = get_endpoint(courier.webhooks, ref.project, ref.webhook_id)
    if endpoint is None or not endpoint.enabled:
        return _end(courier, delivery, instant, DELETED if endpoint is None else DISABLED)
    probes = endpoint.failing and not delivery.manual and not delivery.last_step
    slot = _take_slot(courier, endpoint, instant, probes=probes)
    if slot is not None:
        return _attempt(courier, delivery, slot, now)
    if probes:
        return _skip(courier, delivery, instant)
    wait = BUSY * (1 + 2 * courier.chance())
    send(courier.queue, [ref.message(_whole_seconds(wait))], courier.webhooks.deadline)
    return None


def _claim(courier: Courier, delivery: Delivery, now: str) -> Delivery | None:
    """The delivery as ours for a while, or None if it is somebody else's."""
    until = later(now, CLAIM)
    return delivery._replace(claimed_until=until) if claim_delivery(courier.webhooks, delivery, now, until) else None


def _end(courier: Courier, delivery: Delivery, now: str, reason: str) -> Delivery | None:
    claimed = _claim(courier, delivery, now)
    if claimed is None:
        return None
    after = give_up(claimed, now, reason)
    settle_delivery(courier.webhooks, claimed, after, now)
    return after


def _skip(courier: Courier, delivery: Delivery, now: str) -> Delivery | None:
    claimed = _claim(courier, delivery, now)
    return _note(courier, claimed, Attempt(now, 0, error=RESTS), None) if claimed else None


def _take_slot(courier: Courier, endpoint: Endpoint, now: str, *, probes: bool) -> Slot | None:
    """A free slot of the endpoint, now ours; after a rest there is but one."""
    if probes and now < endpoint.rests_until:
        return None
    take = take_probe if probes else take_slot
    free = sorted(endpoint.free_slots(now), key=lambda _: courier.chance())
    slots = (Slot(endpoint, number, later(now, CLAIM)) for number in free)
    return next((slot for slot in slots if take(courier.webhooks, slot, now)), None)


def _attempt(courier: Courier, delivery: Delivery, slot: Slot, now: datetime) -> Delivery | None:
    instant = stored(now)
    claimed = _claim(courier, delivery, instant)
    if claimed is None:
        leave_slot(courier.webhooks, slot)
        return None
    result = _send(courier, claimed, slot.endpoint, now)
    attempt = Attempt(instant, result.duration_ms, result.status, result.error, readable(result.answer))
    after = _note(courier, claimed, attempt, result.retry_after)
    _note_health(courier, slot, attempt)
    return after


def _send(courier: Courier, delivery: Delivery, endpoint: Endpoint, now: datetime) -> Result:
    whose = (endpoint.project, endpoint.webhook_id, courier.webhooks.deadline)
    signing = [courier.secrets.decrypt(encrypted, *whose) for encrypted in endpoint.signing(stored(now))]
    headers = signed_headers(signing, delivery.event_id, int(now.timestamp()), delivery.body)
    try:
        target = parse_target(endpoint.url, allow_loopback=courier.sender.allow_loopback)
    except ValueError as error:  # the rules have become stricter since the endpoint was made
        return Result(0, error=f"the URL {error}")
    return post(courier.sender, target, headers, delivery.body)


def _note(courier: Courier, claimed: Delivery, attempt: Attempt, retry_after: str | None) -> Delivery:
    """Notes the attempt, and queues the next one unless it is further off than a queue's delay."""
    after = settle(claimed, attempt, Waiting(courier.chance(), retry_after))
    seconds = _whole_seconds(datetime.fromisoformat(after.next_at) - datetime.fromisoformat(attempt.ended))
    queued = after.status == "pending" and seconds <= LONGEST_DELAY
    due = later(after.next_at, GRACE) if queued else after.next_at
    if settle_delivery(courier.webhooks, claimed, after, due) and queued:
        send(courier.queue, [ref_of(after).message(seconds)], courier.webhooks.deadline)
    return after


def _note_health(courier: Courier, slot: Slot, attempt: Attempt) -> None:
    if attempt.succeeded:
        note_success(courier.webhooks, slot)
    elif attempt.gone:
        note_gone(courier.webhooks, slot)
    elif rest := rest_after(note_failure(courier.webhooks, slot)):
        set_rest(courier.webhooks, slot.endpoint, later(attempt.ended, rest))


def _whole_seconds(wait: timedelta) -> int:
    """Rounded up, so that a message does not come before its time."""
    return max(-(-wait // timedelta(seconds=1)), 0)
