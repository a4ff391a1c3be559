"""Stripe's meter events: billable quantities by day, for those who let Stripe price them.

Stripe takes events of the last 35 days alone. An event's identifier says which day, customer, service, model and metric
it counts, and nothing else: sent again, from whichever export, it is not counted again within the 24 hours for which
Stripe remembers it; later it would be, so a day is sent once, when it is closed. Source:
https://docs.stripe.com/api/billing/meter-event/create
"""

import hashlib
import json
from datetime import timedelta
from typing import Any, Final, NamedTuple

from metering.domain.money import divide_half_even, plain
from metering.domain.periods import later, unix_seconds

OLDEST: Final = timedelta(days=35)
MOST_DIGITS: Final = 15
"""Significant digits of a value, which Stripe reads as a double."""
_IDENTIFIER: Final = 32


class Metered(NamedTuple):
    """What an event counts."""

    date: str
    customer: str
    service: str
    model: str | None
    metric: str


def is_too_old(date: str, now: str) -> bool:
    """Whether Stripe would refuse an event of this day, which stands at the day's first second."""
    return _first_second(date) < later(now, -OLDEST)


def meter_event(project: str, metered: Metered, quantity: int) -> dict[str, Any]:
    """The body of Stripe's `POST /v1/billing/meter_events`; `quantity` in units of 10^-12.

    The event's name is the metric; service and model are in the payload for meters that have dimensions.
    """
    identity = json.dumps([project, *metered]).encode()
    payload = {
        "stripe_customer_id": metered.customer,
        "value": plain(significant(quantity)),
        "service": metered.service,
    }
    if metered.model is not None:
        payload["model"] = metered.model
    return {
        "event_name": metered.metric,
        "identifier": f"usage_{hashlib.sha256(identity).hexdigest()[:_IDENTIFIER]}",
        "timestamp": unix_seconds(_first_second(metered.date)),
        "payload": payload,
    }


def significant(value: int) -> int:
    """`value` rounded to `MOST_DIGITS` significant digits, half to even."""
    surplus: int = 10 ** max(0, len(str(abs(value))) - MOST_DIGITS)
    return divide_half_even(value, surplus) * surplus


def _first_second(date: str) -> str:
    return f"{date}T00:00:00.000000Z"
