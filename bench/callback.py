"""CPU of a callback, parse to answer, against a bare handler that makes the same transaction with stock boto3."""

import contextlib
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3

from bench.figures import Figure, Line, median
from bench.samples import CALLBACK, Context, Json, full_event, gateway_event
from bench.unconnected import disconnect, set_variables

ROUNDS, CALLS = 100, 50
_BEFORE_BUILDING = "provide-client-params.dynamodb.TransactWriteItems"
Handler = Callable[[Json, Any], Any]


def measure(effort: float) -> Iterator[Line]:
    set_variables()
    # Before the function is imported, as it would be without it: Powertools adds a word to every later user agent.
    stock = boto3.client("dynamodb")
    disconnect(stock)
    from functions.record_usage import app  # noqa: PLC0415  # reads its environment

    disconnect(app.CLIENT)
    with Path("/dev/null").open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        transaction = _transaction_of(app)

        def bare(_event: Json, _context: Any) -> Json:  # noqa: ANN401  # Lambda's own
            stock.transact_write_items(TransactItems=transaction)
            return {"statusCode": 201, "body": "{}"}

        ours, theirs = _alternate(app.handler, bare, max(int(ROUNDS * effort), 2))
    ratio = median([mine / other for mine, other in zip(ours, theirs, strict=True)])
    yield Figure("CPU of a callback with session and run ÷ a bare handler's with stock boto3", ratio, "×", most=1.0)
    yield Figure("  of a callback", median(ours) * 1e6, "µs")
    yield Figure("  of the bare handler, which neither parses nor prices nor answers", median(theirs) * 1e6, "µs")


def _event() -> Json:
    return gateway_event(f"POST {CALLBACK}", full_event())


def _transaction_of(app: Any) -> list[Any]:  # noqa: ANN401  # the function's module
    """What the callback hands to TransactWriteItems."""
    seen: list[Json] = []

    def look(params: Json, **_: object) -> None:
        seen.append(params)

    app.CLIENT.meta.events.register_first(_BEFORE_BUILDING, look)
    answer = app.handler(_event(), Context())
    app.CLIENT.meta.events.unregister(_BEFORE_BUILDING, look)
    assert answer["statusCode"] == HTTPStatus.CREATED, answer
    [parameters] = seen
    items: list[Any] = parameters["TransactItems"]
    assert [next(iter(item)) for item in items] == ["Put", "Update"]
    return items


def _alternate(one: Handler, other: Handler, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of CPU a call, round by round; who begins alternates too."""
    times: dict[Handler, list[float]] = {one: [], other: []}
    for number in range(rounds):
        for handler in (one, other) if number % 2 else (other, one):
            times[handler].append(_seconds(handler))
    return times[one], times[other]


def _seconds(handler: Handler) -> float:
    events, context = [_event() for _ in range(CALLS)], Context()
    begun = time.process_time()
    for event in events:
        handler(event, context)
    return (time.process_time() - begun) / CALLS
