"""The delivery of one event to one endpoint: its attempts, and when the next one is due."""

import email.utils
import re
from base64 import b32hexencode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Final, Literal, NamedTuple

from metering.domain.periods import later, short

Status = Literal["pending", "succeeded", "failed"]

DELAYS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The wait before each attempt after the one before it; the last is made about 76 hours after the first.

Source: Standard Webhooks 1.0, "Deliverability and reliability".
"""
LONGEST_WAIT: Final = DELAYS[-1]
JITTER: Final = 10
"""A wait is up to a tenth longer than published, never shorter."""
MOST_ATTEMPTS_KEPT: Final = 50
MOST_ANSWER_BYTES: Final = 2048
_MOST_SECONDS: Final = 86_400
_SUCCESS: Final = 2
_DELIVERY_ID: Final = re.compile(r"dlv_[0-9a-v]{24}", re.ASCII)
GRACE: Final = timedelta(minutes=2)
"""How long a queue has for a message before the sweep takes it for lost."""
CLAIM: Final = timedelta(seconds=60)
"""How long an attempt may take, from being begun to being noted; a function that dies takes no longer."""
BUSY: Final = timedelta(seconds=1)
"""How long a delivery waits at least for an endpoint that has as many attempts under way as it may have."""
EARLY: Final = timedelta(seconds=2)
"""How much too early a message may come, since clocks differ."""
KEPT_FOR: Final = timedelta(days=90)


class Attempt(NamedTuple):
    """What came of one attempt: a status, or the error that there was instead. `answer` is the body's beginning."""

    at: str
    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""

    @property
    def ended(self) -> str:
        return later(self.at, timedelta(milliseconds=self.duration_ms))

    @property
    def succeeded(self) -> bool:
        return self.status is not None and self.status // 100 == _SUCCESS

    @property
    def gone(self) -> bool:
        """The receiver wants nothing any more."""
        return self.status == HTTPStatus.GONE


class Delivery(NamedTuple):
    """One event on its way to one endpoint. `step` counts the attempts since it was last begun."""

    project: str
    webhook_id: str
    delivery_id: str
    event_id: str
    event_type: str
    body: str
    created_at: str
    status: Status
    next_at: str
    step: int = 0
    manual: bool = False
    """Asked for by a person: a resting endpoint is tried all the same."""
    attempts: tuple[Attempt, ...] = ()
    claimed_until: str = ""
    """Until then somebody is making an attempt; after it, that somebody has died."""

    @property
    def last_step(self) -> bool:
        """Whether the next attempt is the schedule's last."""
        return self.step + 1 >= len(DELAYS)

    def is_due(self, now: str) -> bool:
        return self.status == "pending" and self.next_at <= later(now, EARLY)


class Waiting(NamedTuple):
    """What stretches a wait: `chance` in [0, 1) for the jitter, and the receiver's `Retry-After`."""

    chance: float
    retry_after: str | None = None


def delivery_id_of(created_at: str, event_id: str, webhook_id: str) -> str:
    """The id of the one delivery of an event to an endpoint. In order of the ids lies the order of time."""
    milliseconds = int(datetime.fromisoformat(created_at).timestamp() * 1000)
    identity = sha256(f"{event_id}/{webhook_id}".encode()).digest()[:9]
    return "dlv_" + b32hexencode(milliseconds.to_bytes(6, "big") + identity).decode().lower()


def is_delivery_id(text: str) -> bool:
    return _DELIVERY_ID.fullmatch(text) is not None


def begin(delivery: Delivery, now: str, *, manual: bool = False) -> Delivery:
    """The delivery with its schedule begun anew at the instant `now`."""
    return delivery._replace(status="pending", next_at=now, step=0, manual=manual, claimed_until="")


def settle(delivery: Delivery, attempt: Attempt, waiting: Waiting) -> Delivery:
    """The delivery after an attempt; the next one waits from the end of this one."""
    attempts = (*delivery.attempts, attempt)[-MOST_ATTEMPTS_KEPT:]
    after = delivery._replace(attempts=attempts, step=delivery.step + 1, claimed_until="")
    if attempt.succeeded:
        return after._replace(status="succeeded")
    if attempt.gone or delivery.last_step:
        return after._replace(status="failed")
    return after._replace(next_at=later(attempt.ended, _wait(after.step, attempt.ended, waiting)))


def give_up(delivery: Delivery, now: str, error: str) -> Delivery:
    """The delivery ended without an attempt, and why."""
    attempt = Attempt(now, 0, error=error)
    attempts = (*delivery.attempts, attempt)[-MOST_ATTEMPTS_KEPT:]
    return delivery._replace(attempts=attempts, status="failed", claimed_until="")


def _wait(step: int, now: str, waiting: Waiting) -> timedelta:
    jittered = DELAYS[step] + DELAYS[step] * waiting.chance / JITTER
    asked = _asked_for(waiting.retry_after, now)
    return max(jittered, min(asked, LONGEST_WAIT))


def _asked_for(retry_after: str | None, now: str) -> timedelta:
    """A `Retry-After` of seconds or of a date as a wait; whatever cannot be read asks for nothing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), _MOST_SECONDS))
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a receiver may send a year of thirty digits
        return timedelta(0)
    return moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.fromisoformat(now)


def readable(answer: bytes) -> str:
    """The first 2 KiB of an answer as text, what is not text replaced."""
    text = answer[:MOST_ANSWER_BYTES].decode(errors="replace")
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def body_of(event_type: str, at: str, data: str) -> str:
    """The body of an event: `data` is JSON already, so that it is sent to the letter as it was decided."""
    return f'{{"type":"{event_type}","timestamp":"{short(at)}","data":{data}}}'
