"""Meter events: compared with what Stripe has counted, and sent where it has not.

Stripe lists no events, but says what a meter has counted of a customer by day. A day's events of a meter are sent one
after the other, in the order of the file; so if that figure is the sum of the first of them, those are there, and an
interrupted push goes on behind them. Any other figure is told, and nothing is sent. Stripe counts with a delay of
minutes, for which its memory of identifiers stands in: it takes none twice within a day.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

from local.billing.errors import InvalidError, UnreachableError, UsedError
from local.billing.outcomes import TROUBLE, Outcome, Verdict
from local.client import Json

if TYPE_CHECKING:
    from local.billing.account import Account, Meter

DAY: Final = 86_400
DUPLICATE: Final = "duplicate_meter_event"
_DUPLICATE_MESSAGE: Final = "already exists with identifier"
_NOTHING: Final = Decimal(0)
_EXACT_DIGITS: Final = 10**12
"""Stripe adds up doubles, which hold 15 digits each and a few less in sums."""


def send_to_meter(account: "Account | None", bodies: Sequence[Json], *, dry_run: bool) -> list[Outcome]:
    """What comes of the events of one customer and name, in order of time; without an account none are there."""
    if account is None:
        return [_outcome(body, "new") for body in bodies]
    name, customer = bodies[0]["event_name"], bodies[0]["payload"]["stripe_customer_id"]
    try:
        meter = account.meters.get(name)
        if meter is None or meter.formula != "sum":
            why = f"Stripe has no active meter for {name}" if meter is None else f"the meter adds up no {name}"
            return [_outcome(body, "failed", why) for body in bodies]
        counted = _counted(account, meter, customer, bodies)
    except (InvalidError, UnreachableError) as error:
        return [_outcome(body, "failed", str(error)) for body in bodies]
    days = groupby(bodies, key=lambda body: body["timestamp"])
    return [one for day, of_day in days for one in _day(account, list(of_day), counted.get(day, _NOTHING), dry_run)]


def _counted(account: "Account", meter: "Meter", customer: str, bodies: Sequence[Json]) -> dict[int, Decimal]:
    return account.metered_days(meter, customer, bodies[0]["timestamp"], bodies[-1]["timestamp"] + DAY)


def _day(account: "Account", bodies: Sequence[Json], counted: Decimal, dry_run: bool) -> list[Outcome]:  # noqa: FBT001  # named by the caller
    there = how_many_are_there([_value(body) for body in bodies], counted)
    if there is None:
        total = sum((_value(body) for body in bodies), _NOTHING)
        why = f"Stripe has counted {counted:f} that day and the export {total:f}"
        return [_outcome(body, "differs", why) for body in bodies]
    present = [_outcome(body, "present") for body in bodies[:there]]
    missing = bodies[there:]
    return [*present, *([_outcome(body, "new") for body in missing] if dry_run else _send_all(account, missing))]


def _send_all(account: "Account", bodies: Sequence[Json]) -> list[Outcome]:
    """Sends a day's events up to the first that is not taken: what is there has to be the first of them."""
    outcomes: list[Outcome] = []
    for body in bodies:
        stopped = outcomes and outcomes[-1].verdict in TROUBLE
        outcomes.append(
            _outcome(body, "failed", "not sent after the one before it") if stopped else _send(account, body)
        )
    return outcomes


def how_many_are_there(values: Sequence[Decimal], counted: Decimal) -> int | None:
    """How many of the first values add up to what was counted; None: it is no such sum."""
    sums = list(accumulate(values, initial=_NOTHING))
    alike = [number for number, total in enumerate(sums) if _alike(total, counted)]
    return max(alike, default=None)


def _alike(total: Decimal, counted: Decimal) -> bool:
    return abs(total - counted) * _EXACT_DIGITS <= max(total, counted)


def _send(account: "Account", body: Json) -> Outcome:
    try:
        return _outcome(body, "created" if account.create_meter_event(body) else "present")
    except UsedError:
        return _outcome(body, "differs", "it was sent a short time ago with another value")
    except InvalidError as error:
        if error.code == DUPLICATE or _DUPLICATE_MESSAGE in str(error):
            return _outcome(body, "present")
        return _outcome(body, "failed", str(error))
    except UnreachableError as error:
        return _outcome(body, "failed", str(error))


def _value(body: Json) -> Decimal:
    return Decimal(body["payload"]["value"])


def _outcome(body: Json, verdict: Verdict, reason: str | None = None) -> Outcome:
    payload = body["payload"]
    line = " ".join(filter(None, (payload["service"], payload.get("model"), body["event_name"])))
    return Outcome(f"{payload['stripe_customer_id']} {body['event_name']}", line, verdict, _value(body), reason)
