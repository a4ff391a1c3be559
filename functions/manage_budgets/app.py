"""Budgets of users, runs and the project."""

import re
from typing import Any

from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.meters import Scope, item_to_meter
from metering.aws.transaction import Item
from metering.domain.errors import InvalidRequestError
from metering.domain.limits import Limits, as_of
from metering.flows.decisions import Meters, scope_of
from metering.flows.manage_budgets import delete_budget, list_budgets, put_budget
from metering.flows.take_room import read_current
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.meter_requests import meters_of
from metering.http.pages import read_cursor, take, write_cursor
from metering.http.session_answers import budget_answer, patched

CLIENT = make_dynamodb()
_NAME = re.compile(r"(?:user|run):.{1,200}|project", re.DOTALL)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _scope(request: Request) -> Scope:
    name = request.path["scope"]
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise InvalidRequestError.at("scope", "must be `user:<id>`, `run:<id>` or `project`")
    return scope_of(name, request.caller.project)


def _answer(meters: Meters, item: Item) -> dict[str, Any]:
    scope = Scope(item["kind"]["S"], item["id"]["S"])
    return budget_answer(scope, as_of(item_to_meter(item), meters.now))


def put(request: Request) -> Response:
    meters, config = meters_of(CLIENT, request), read_config()
    limits = patched(Limits(), request.body.limits)
    item, created = put_budget(meters, _scope(request), limits, config.budget_cache_seconds)
    return Response(201 if created else 200, _answer(meters, item))


def show(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    return Response(200, _answer(meters, read_current(meters, _scope(request))))


def remove(request: Request) -> Response:
    delete_budget(meters_of(CLIENT, request), _scope(request))
    return Response(204)


def list_all(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    after = read_cursor("budgets", request.query.cursor, 1)
    items, more = take(list_budgets(meters, after[0] if after else None), request.query.limit)
    answers = [_answer(meters, item) for item in items]
    cursor = write_cursor("budgets", [answers[-1]["scope"]]) if more else None
    return Response(200, {"items": answers, "nextCursor": cursor})


HANDLERS: Handlers = {
    "PUT /v1/budgets/{scope}": put,
    "GET /v1/budgets/{scope}": show,
    "DELETE /v1/budgets/{scope}": remove,
    "GET /v1/budgets": list_all,
}
