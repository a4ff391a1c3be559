"""Budgets of users, runs and the project."""

import re
from typing import Any

from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.meters import Scope, scope_of
from metering.domain.errors import InvalidRequestError
from metering.domain.limits import Limits, as_of
from metering.flows.decisions import Meters
from metering.flows.manage_budgets import Budget, Splitting, delete_budget, get_budget, list_budgets, put_budget
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


def _answer(meters: Meters, budget: Budget) -> dict[str, Any]:
    return budget_answer(budget.scope, as_of(budget.meter, meters.now))


def put(request: Request) -> Response:
    config, scope = read_config(), _scope(request)
    meters = meters_of(CLIENT, request, config.accounts_table)
    shares = config.project_budget_shares if scope.kind == "project" else 1
    limits = patched(Limits(), request.body.limits)
    budget, created = put_budget(meters, scope, limits, Splitting(shares, config.budget_cache_seconds))
    return Response(201 if created else 200, _answer(meters, budget))


def show(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    return Response(200, _answer(meters, get_budget(meters, _scope(request))))


def remove(request: Request) -> Response:
    delete_budget(meters_of(CLIENT, request, read_config().accounts_table), _scope(request))
    return Response(204)


def list_all(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    after = read_cursor("budgets", request.query.cursor, 1)
    budgets, more = take(list_budgets(meters, after[0] if after else None), request.query.limit)
    cursor = write_cursor("budgets", [budgets[-1].scope.name()]) if more else None
    return Response(200, {"items": [_answer(meters, budget) for budget in budgets], "nextCursor": cursor})


HANDLERS: Handlers = {
    "PUT /v1/budgets/{scope}": put,
    "GET /v1/budgets/{scope}": show,
    "DELETE /v1/budgets/{scope}": remove,
    "GET /v1/budgets": list_all,
}
