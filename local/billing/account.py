"""A Stripe account as exports are sent to it."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeVar

import stripe

from local.billing.errors import InvalidError, KeyRefusedError, RefusedError, UnreachableError, UsedError
from local.client import Json

Answer = TypeVar("Answer")
REQUEST_SECONDS: Final = 60.0
MOST_ATTEMPTS: Final = 6
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
AT_ONCE: Final = 100
"""Objects of a page, by Stripe's limit."""
TEST_KEYS: Final = ("sk_test_", "rk_test_")
LIVE_KEYS: Final = ("sk_live_", "rk_live_")


class Meter(NamedTuple):
    """A meter, and how it aggregates its events."""

    meter_id: str
    formula: str


def check_key(key: str, *, live: bool) -> None:
    """Refuses keys of the other mode than the one that was asked for.

    Raises:
        KeyRefusedError: it is of another mode, or no secret or restricted key.
    """
    if live and not key.startswith(LIVE_KEYS):
        raise KeyRefusedError("--live needs a live key: sk_live_… or rk_live_…")
    if not live and not key.startswith(TEST_KEYS):
        hint = ". This one is live: --live says that you mean it" if key.startswith(LIVE_KEYS) else ""
        raise KeyRefusedError(f"only test keys are used: sk_test_… or rk_test_…{hint}")


class Account:
    """The account of a key. `sleep` (seconds) can be replaced in tests."""

    def __init__(
        self,
        key: str,
        url: str | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._stripe = stripe.StripeClient(
            key,
            base_addresses={"api": url} if url else {},
            max_network_retries=0,  # what may pass is tried again here, 429 included
            http_client=stripe.RequestsClient(timeout=seconds),
        )
        self._sleep = sleep

    def invoice_items(self, customer: str, since: int) -> Iterator[Json]:
        """The customer's invoice items that were made since then (seconds since 1970), on invoices or not."""
        return self._pages(self._stripe.v1.invoice_items.list, customer=customer, created={"gte": since})

    def create_invoice_item(self, body: Json, key: str) -> None:
        parameters: Any = body
        self._ask(lambda: self._stripe.v1.invoice_items.create(parameters, {"idempotency_key": key}))

    @cached_property
    def meters(self) -> dict[str, Meter]:
        """The active meters by the names of their events."""
        found = self._pages(self._stripe.v1.billing.meters.list, status="active")
        return {meter["event_name"]: Meter(meter["id"], meter["default_aggregation"]["formula"]) for meter in found}

    def metered_days(self, meter: Meter, customer: str, start: int, end: int) -> dict[int, Decimal]:
        """What Stripe has counted of a customer, by the first second of each day; `end` is exclusive."""
        ask = partial(self._stripe.v1.billing.meters.event_summaries.list, meter.meter_id)
        found = self._pages(ask, customer=customer, start_time=start, end_time=end, value_grouping_window="day")
        return {day["start_time"]: Decimal(str(day["aggregated_value"])) for day in found}

    def create_meter_event(self, body: Json) -> bool:
        """Sends an event under its identifier; False: Stripe says that it had this very request before."""
        parameters: Any = body
        key = body["identifier"]
        event = self._ask(lambda: self._stripe.v1.billing.meter_events.create(parameters, {"idempotency_key": key}))
        answered = event.last_response
        return answered is None or answered.headers.get("idempotent-replayed") != "true"

    def _pages(self, ask: Callable[[Any], "stripe.ListObject[Any]"], **query: Any) -> Iterator[Json]:  # noqa: ANN401  # Stripe's parameters
        page: Json = {"limit": AT_ONCE, **query}
        while True:
            answer = self._ask(lambda: ask(page))  # noqa: B023  # called at once
            objects = [found.to_dict() for found in answer.data]
            yield from objects
            if not answer.has_more:
                return
            page = {**page, "starting_after": objects[-1]["id"]}

    def _ask(self, attempt: Callable[[], Answer]) -> Answer:
        """Makes a request, again if that may help. Requests that have an effect are recognised by their keys."""
        for number in range(1, MOST_ATTEMPTS + 1):
            try:
                return attempt()
            except stripe.StripeError as error:
                if number == MOST_ATTEMPTS or not _may_pass(error):
                    raise _meaning(error) from None
            self._sleep(_pause(number))
        raise AssertionError("the last attempt returns or raises")


def _may_pass(error: stripe.StripeError) -> bool:
    """Whether the same request may be answered otherwise. Stripe may say that it will not: it keeps errors too."""
    advice = _header(error, "stripe-should-retry")
    if advice is not None:
        return advice == "true"
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return True
    status = error.http_status or 0
    return status == HTTPStatus.CONFLICT or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _header(error: stripe.StripeError, name: str) -> str | None:
    headers: Mapping[str, str] = error.headers or {}
    return headers.get(name)


def _pause(number: int) -> float:
    pause = min(FIRST_PAUSE * 2 ** (number - 1), LONGEST_PAUSE)
    return random.uniform(pause / 2, pause)  # noqa: S311 - jitter is no secret


def _meaning(error: stripe.StripeError) -> Exception:
    message = error.user_message or str(error)
    if isinstance(error, stripe.IdempotencyError):
        return UsedError(message)
    if isinstance(error, stripe.InvalidRequestError):
        return InvalidError(message, error.code)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return RefusedError(message)
    return UnreachableError(" ".join(message.split()))
