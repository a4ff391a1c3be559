"""Holds: reserve, extend, release, list. A callback settles them."""

from functools import cache
from typing import Any

from metering.aws.budget_book import BudgetBook
from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.meters import Metered
from metering.aws.rate_book import RateBook
from metering.aws.telemetry import count
from metering.flows.hold import NewHold, extend_hold, open_hold, release_hold
from metering.flows.list_leases import list_leases
from metering.flows.take_room import read_current
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.idempotency import idempotency_key_of
from metering.http.meter_requests import meters_of, session_of
from metering.http.pages import read_cursor, take, write_cursor
from metering.http.session_answers import estimate_of, hold_answer, lease_answer, open_hold_answer

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


@cache
def _books() -> tuple[RateBook, BudgetBook]:
    config = read_config()
    return (
        RateBook(CLIENT, config.rates_table, config.rate_cache_seconds),
        BudgetBook(CLIENT, config.meters_table, config.budget_cache_seconds),
    )


def create(request: Request) -> Response:
    body, dry_run = request.body, request.query.dry_run == "true"
    rates, budgets = _books()
    wanted = NewHold(
        estimate_of(body.estimate), body.hold_id, idempotency_key_of(request.headers), body.run_id, body.ttl_seconds
    )
    meters = meters_of(CLIENT, request)
    taken = open_hold(meters, rates, budgets, session_of(request), wanted, dry_run=dry_run)
    if taken.created and not dry_run:
        count("HoldOpened")
    return Response(201 if taken.created and not dry_run else 200, hold_answer(taken, meters.now))


def extend(request: Request) -> Response:
    seconds = request.body.ttl_seconds
    lease = extend_hold(meters_of(CLIENT, request), session_of(request), request.path["holdId"], seconds)
    return Response(200, lease_answer(lease))


def release(request: Request) -> Response:
    release_hold(meters_of(CLIENT, request), session_of(request), request.path["holdId"])
    return Response(204)


def list_all(request: Request) -> Response:
    meters, session = meters_of(CLIENT, request), session_of(request)
    name = f"holds/{session.id}"
    after = read_cursor(name, request.query.cursor, 1)
    read_current(meters, Metered(session))  # or there is no such session
    leases, more = take(list_leases(meters, session, "hold", after[0] if after else None), request.query.limit)
    cursor = write_cursor(name, [leases[-1].id]) if more else None
    return Response(200, {"items": [open_hold_answer(lease) for lease in leases], "nextCursor": cursor})


HANDLERS: Handlers = {
    "GET /v1/sessions/{sessionId}/holds": list_all,
    "POST /v1/sessions/{sessionId}/holds": create,
    "PUT /v1/sessions/{sessionId}/holds/{holdId}": extend,
    "DELETE /v1/sessions/{sessionId}/holds/{holdId}": release,
}
