"""From a gateway's event to a handler and back: authenticate, authorise, validate, answer.

Routing is the gateway's own, from the template; a function finds its handler by the event's `routeKey`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

from metering.aws.telemetry import logger
from metering.aws.transaction import Deadline
from metering.domain.errors import MeteringError
from metering.http.operations import BY_ROUTE, Operation
from metering.http.problems import problem_response, respond, unexpected_response
from metering.http.requests import Caller, Event, caller_of, json_body, parse, parse_query, require

_ANSWER_MARGIN_SECONDS = 2.0


class Request(NamedTuple):
    """A request that fits its operation."""

    caller: Caller
    path: Mapping[str, str]
    query: Any
    """An instance of the operation's query model."""
    body: Any
    """An instance of the operation's body model."""
    headers: Mapping[str, str]
    deadline: Deadline


class Response(NamedTuple):
    """What a handler answers; a body of None has no content."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None


Handler = Callable[[Request], Response]
Handlers = Mapping[str, Handler]
_NOBODY = Caller("", "ingest", "")


def serve(handlers: Handlers, event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Answers an HTTP API's event with the handler of its route."""
    try:
        operation = BY_ROUTE[event["routeKey"]]
        request = _read(operation, event, deadline_of(context))
        response = handlers[operation.route](request)
    except MeteringError as error:
        return problem_response(error)
    except Exception:
        logger.exception("request_failed", extra={"route": event["routeKey"]})
        return unexpected_response()
    return respond(response.status, response.body, response.headers)


def deadline_of(context: Any) -> Deadline:  # noqa: ANN401  # Lambda's own
    """When to stop trying, so that an answer still reaches the caller."""
    return Deadline.within(max(context.get_remaining_time_in_millis() / 1000 - _ANSWER_MARGIN_SECONDS, 0))


def _read(operation: Operation, event: Event, deadline: Deadline) -> Request:
    caller = _NOBODY
    if operation.roles is not None:
        caller = caller_of(event)
        require(caller, operation.roles)
    query = parse_query(operation.query, event) if operation.query else None
    body = parse(cast("type[BaseModel]", operation.body), json_body(event)) if operation.body else None
    return Request(caller, event.get("pathParameters") or {}, query, body, event.get("headers") or {}, deadline)
