"""Agents: start, heartbeat, end, list."""

from functools import cache
from typing import Any

from metering.aws.budget_book import BudgetBook
from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.telemetry import count
from metering.flows.list_leases import list_leases
from metering.flows.run_agent import agents_status, beat, end_agent, start_agent
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.meter_requests import meters_of, session_of
from metering.http.pages import read_cursor, take, write_cursor
from metering.http.session_answers import agent_answer

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


@cache
def _budgets() -> BudgetBook:
    config = read_config()
    return BudgetBook(CLIENT, config.meters_table, config.budget_cache_seconds)


def start(request: Request) -> Response:
    body = request.body
    wanted = (body.agent_id, body.lease_seconds)
    meters, session = meters_of(CLIENT, request), session_of(request)
    taken = start_agent(meters, _budgets(), session, *wanted, run_id=body.run_id)
    if taken.created:
        count("AgentStarted")
        return Response(201, agent_answer(taken.lease, "running"))
    return Response(200, agent_answer(taken.lease, agents_status(meters, session)))


def renew(request: Request) -> Response:
    agent = beat(meters_of(CLIENT, request), session_of(request), request.path["agentId"], request.body.lease_seconds)
    return Response(200, agent_answer(agent.lease, agent.status))


def end(request: Request) -> Response:
    end_agent(meters_of(CLIENT, request), session_of(request), request.path["agentId"])
    return Response(204)


def list_all(request: Request) -> Response:
    meters, session = meters_of(CLIENT, request), session_of(request)
    name = f"agents/{session.id}"
    after = read_cursor(name, request.query.cursor, 1)
    status = agents_status(meters, session)
    leases, more = take(list_leases(meters, session, "agent", after[0] if after else None), request.query.limit)
    cursor = write_cursor(name, [leases[-1].id]) if more else None
    return Response(200, {"items": [agent_answer(lease, status) for lease in leases], "nextCursor": cursor})


HANDLERS: Handlers = {
    "POST /v1/sessions/{sessionId}/agents": start,
    "PUT /v1/sessions/{sessionId}/agents/{agentId}": renew,
    "DELETE /v1/sessions/{sessionId}/agents/{agentId}": end,
    "GET /v1/sessions/{sessionId}/agents": list_all,
}
