"""Holds: room reserved for usage that is about to happen, settled by the callback that records it."""

import hashlib
from datetime import timedelta
from typing import NamedTuple

from metering.aws.budget_book import BudgetBook
from metering.aws.meters import Scope
from metering.aws.rate_book import RateBook
from metering.domain.accounts import new_id
from metering.domain.errors import HoldClosedError, IdempotencyConflictError, InvalidRequestError
from metering.domain.leases import DEFAULT_HOLD_SECONDS, Lease
from metering.domain.limits import UNLIMITED, estimate
from metering.domain.periods import later
from metering.domain.rates import Subject
from metering.domain.rating import CostOutOfRangeError, price_usage
from metering.flows.decisions import Meters
from metering.flows.take_room import Taken, Taking, change_lease, close, extend, take


class Estimate(NamedTuple):
    """What usage is expected: its cost alone, in pico-USD, or the usage, priced as a callback would be."""

    cost: int | None = None
    service: str = ""
    provider: str | None = None
    model_id: str | None = None
    usage: dict[str, int] | None = None
    """Metric to quantity in units of 10^-12."""


class NewHold(NamedTuple):
    """A hold that is wanted."""

    estimate: Estimate
    hold_id: str | None = None
    idempotency_key: str | None = None
    run_id: str | None = None
    seconds: int = DEFAULT_HOLD_SECONDS


def open_hold(  # noqa: PLR0913  # what a hold needs, and whether it is meant
    meters: Meters, rates: RateBook, budgets: BudgetBook, session: Scope, wanted: NewHold, *, dry_run: bool = False
) -> Taken:
    """Reserves room for the estimate in the session and in every budget it counts against, all or nothing.

    Raises:
        UnratedError: the estimate names a metric that no card prices, and the session does not allow such usage.
        InvalidRequestError: the estimate costs more than a trillion USD.
        NotFoundError: no such session.
        SessionPausedError: it is paused.
        LimitReachedError: a limit has no room; nothing is held.
        IdempotencyConflictError: the hold's id belongs to another hold.
        HoldClosedError: it was this one's, and it is settled, released, or has run out.
    """
    amounts, unrated = _amounts(meters, rates, wanted.estimate)
    lease = Lease(
        "hold",
        wanted.hold_id or _id_of(wanted.idempotency_key),
        "open",
        amounts,
        {},
        later(meters.now, timedelta(seconds=wanted.seconds)),
        meters.now,
        _fingerprint(wanted),
    )
    taken = take(meters, budgets, Taking(session, lease, wanted.run_id, unrated), dry_run=dry_run)
    if taken.lease.fingerprint != lease.fingerprint:
        raise IdempotencyConflictError(f"the hold {lease.id} exists with another estimate")
    if not taken.created:
        _refuse_closed(taken.lease, meters.now)  # its room is gone, so it must not look like a hold
    return taken


def _refuse_closed(lease: Lease, now: str) -> None:
    if not lease.runs(now):
        state = "expired" if lease.state == "open" else lease.state
        raise HoldClosedError(f"the hold {lease.id} is {state}")


def _fingerprint(wanted: NewHold) -> str:
    usage = wanted.estimate.usage and sorted(wanted.estimate.usage.items())
    told = (*wanted.estimate._replace(usage=None), usage, wanted.run_id, wanted.seconds)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _id_of(idempotency_key: str | None) -> str:
    if idempotency_key is None:
        return f"hold_{new_id(16)}"
    return f"hold_{hashlib.sha256(idempotency_key.encode()).hexdigest()[:20]}"


def _amounts(meters: Meters, rates: RateBook, wanted: Estimate) -> tuple[dict[str, int], tuple[str, ...]]:
    """What to hold, and of which metrics no card says what they cost."""
    if wanted.usage is None:
        return {"cost": min(wanted.cost or 0, UNLIMITED)}, ()
    subject = Subject(meters.project, wanted.service, wanted.provider, wanted.model_id)
    try:
        found = rates.resolve(subject, meters.now, meters.deadline)
        pricing = price_usage(wanted.usage, found.card, "managed")
        if pricing.unrated and found.remembered:
            found = rates.resolve(subject, meters.now, meters.deadline, afresh=True)
            pricing = price_usage(wanted.usage, found.card, "managed")
    except CostOutOfRangeError as error:
        raise InvalidRequestError.at("estimate.usage", str(error)) from None
    return {"cost": 0, **estimate(pricing)}, pricing.unrated


def release_hold(meters: Meters, session: Scope, hold_id: str) -> Lease:
    """Gives an open hold's room back. Once it has run out there is nothing to do; again, neither.

    Raises:
        NotFoundError: the session has no such hold.
        HoldClosedError: a callback has settled it.
    """

    def release(lease: Lease) -> bool:
        if lease.state == "settled":
            raise HoldClosedError(f"the hold {hold_id} is settled")
        return lease.state != "open" or close(meters, session, lease, "released")

    return change_lease(meters, session, "hold", hold_id, release)


def extend_hold(meters: Meters, session: Scope, hold_id: str, seconds: int) -> Lease:
    """Moves the end of an open hold to `seconds` from now.

    Raises:
        NotFoundError: the session has no such hold.
        HoldClosedError: it is settled, released, or has run out.
    """
    expires_at = later(meters.now, timedelta(seconds=seconds))

    def move(lease: Lease) -> bool:
        _refuse_closed(lease, meters.now)
        return extend(meters, session, lease, expires_at)

    return change_lease(meters, session, "hold", hold_id, move)._replace(expires_at=expires_at)
