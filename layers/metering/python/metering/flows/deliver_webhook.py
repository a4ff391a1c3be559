"""One attempt to deliver an event: claim it, sign it, send it, note what came of it, and queue the next attempt.

A claim is short-lived and exclusive, so that two messages make one attempt, and a function that dies in between costs
a minute. An endpoint that fails time after time rests: a delivery that comes due meanwhile goes on to the next step of
its schedule without an attempt, so that nobody waits behind an endpoint that hangs.
"""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from metering.aws.outbound import Result, Sender, post
from metering.aws.queues import LONGEST_DELAY, Queue, send
from metering.aws.secret_box import SecretBox
from metering.aws.webhook_items import DeliveryRef, read_message, ref_of
from metering.aws.webhook_store import (
    Webhooks,
    claim_delivery,
    claim_probe,
    count_failure,
    disable,
    get_delivery,
    get_endpoint,
    note_success,
    set_rest,
    settle_delivery,
)
from metering.domain.addresses import parse_target
from metering.domain.deliveries import CLAIM, GRACE, Attempt, Delivery, Waiting, give_up, readable, settle
from metering.domain.periods import later, stored
from metering.domain.webhooks import PROBE, Endpoint, rest_after, signed_headers

GONE: Final = "the endpoint was deleted"
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
    """Makes the attempt that is due at `now`. None: none was, or somebody else is making it.

    Raises:
        UnavailableError: it may have been sent and not noted; it will be sent again.
    """
    instant = stored(now)
    read = get_delivery(courier.webhooks, *ref)
    if read is None or not read.is_due(instant):
        return None
    claimed = read._replace(claimed_until=later(instant, CLAIM))
    if not claim_delivery(courier.webhooks, read, instant, claimed.claimed_until):
        return None
    endpoint = get_endpoint(courier.webhooks, ref.project, ref.webhook_id)
    if endpoint is None or not endpoint.enabled:
        after = give_up(claimed, instant, GONE if endpoint is None else DISABLED)
        settle_delivery(courier.webhooks, claimed, after, instant)
        return after
    return _attempt(courier, claimed, endpoint, now)


def _attempt(courier: Courier, claimed: Delivery, endpoint: Endpoint, now: datetime) -> Delivery:
    instant = stored(now)
    if not claimed.manual and not claimed.last_step and not _may_try(courier, endpoint, instant):
        return _note(courier, claimed, Attempt(instant, 0, error=RESTS), None)
    result = _send(courier, claimed, endpoint, now)
    attempt = Attempt(instant, result.duration_ms, result.status, result.error, readable(result.answer))
    after = _note(courier, claimed, attempt, result.retry_after)
    _note_health(courier, endpoint, attempt)
    return after


def _may_try(courier: Courier, endpoint: Endpoint, now: str) -> bool:
    """Whether the endpoint is not known to fail; one that is gets one attempt when its rest is over."""
    if not endpoint.failing:
        return True
    return endpoint.rests_until <= now and claim_probe(courier.webhooks, endpoint, later(now, PROBE))


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
    seconds = _seconds_between(attempt.ended, after.next_at)
    queued = after.status == "pending" and seconds <= LONGEST_DELAY
    due = later(after.next_at, GRACE) if queued else after.next_at
    if settle_delivery(courier.webhooks, claimed, after, due) and queued:
        send(courier.queue, [ref_of(after).message(seconds)], courier.webhooks.deadline)
    return after


def _note_health(courier: Courier, endpoint: Endpoint, attempt: Attempt) -> None:
    if attempt.succeeded:
        if endpoint.failures:
            note_success(courier.webhooks, endpoint)
    elif attempt.gone:
        disable(courier.webhooks, endpoint)
    else:
        rest = rest_after(count_failure(courier.webhooks, endpoint))
        if rest:
            set_rest(courier.webhooks, endpoint, later(attempt.ended, rest))


def _seconds_between(now: str, instant: str) -> int:
    """Whole seconds, rounded up, so that a message does not come before its time."""
    wait = datetime.fromisoformat(instant) - datetime.fromisoformat(now)
    return max(-(-wait // timedelta(seconds=1)), 0)


def deliver_all(courier: Courier, messages: Mapping[str, str], now: datetime) -> dict[str, Delivery | Exception | None]:
    """Delivers a batch all at once, so that none waits for another's receiver; what came of each message."""
    with ThreadPoolExecutor(max_workers=len(messages)) as threads:
        running = {name: threads.submit(_deliver_message, courier, body, now) for name, body in messages.items()}
    return {name: _outcome(future) for name, future in running.items()}


def _deliver_message(courier: Courier, body: str, now: datetime) -> Delivery | None:
    return deliver(courier, read_message(body), now)


def _outcome(future: Future[Delivery | None]) -> Delivery | Exception | None:
    error = future.exception()
    return error if isinstance(error, Exception) else future.result()
