"""From a gateway's event to a handler and back: authenticate, authorise, validate, answer.

Routing is the gateway's own, from the template; a function finds its handler by the event's `routeKey`.
"""

import base64
import gzip
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from metering.aws.transaction import Deadline
from metering.http.guard import deadline_of, guarded
from metering.http.operation import Operation
from metering.http.operations import BY_ROUTE
from metering.http.problems import respond
from metering.http.requests import Caller, Event, caller_of, claims_of, json_body, parse, parse_query, path_of, require


class Trace(NamedTuple):
    """What the audit log is to tell of a request."""

    action: str
    request_id: str
    source_ip: str
    body: Any
    """As it was sent."""


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
    trace: Trace | None = None
    """None: the audit log does not tell of such requests."""
    claims: Mapping[str, Any] = MappingProxyType({})
    """Those of the identity provider's token, where the operation takes one."""


class Response(NamedTuple):
    """What a handler answers; a body of None has no content."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None


Handler = Callable[[Request], Response]
Handlers = Mapping[str, Handler]
_NOBODY = Caller("", "ingest", "")
_LONG: Final = 32 * 1024
"""Characters; below that packing takes longer than it saves."""
_EFFORT: Final = 5


def serve(handlers: Handlers, event: Event, context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Answers an HTTP API's event with the handler of its route."""
    return _packed(guarded(event, lambda: _answer(handlers, event, deadline_of(context))), event)


def _packed(answer: dict[str, Any], event: Event) -> dict[str, Any]:
    """A long answer, by gzip where the caller takes it; the gateway packs nothing."""
    body = answer.get("body") or ""
    if len(body) < _LONG or "gzip" not in (event.get("headers") or {}).get("accept-encoding", ""):
        return answer
    content = gzip.compress(body.encode(), _EFFORT, mtime=0)
    headers = {**answer["headers"], "content-encoding": "gzip", "vary": "accept-encoding"}
    return {**answer, "headers": headers, "body": base64.b64encode(content).decode(), "isBase64Encoded": True}


def _answer(handlers: Handlers, event: Event, deadline: Deadline) -> dict[str, Any]:
    operation = BY_ROUTE[event["routeKey"]]
    response = handlers[operation.route](_read(operation, event, deadline))
    return respond(response.status, response.body, response.headers)


def _read(operation: Operation, event: Event, deadline: Deadline) -> Request:
    caller = _NOBODY
    if operation.roles is not None:
        caller = caller_of(event)
        require(caller, operation.roles)
    query = parse_query(operation.query, event) if operation.query else None
    sent = _body(operation, event) if operation.body else None
    body = parse(operation.body, sent) if operation.body else None
    trace = _trace(operation, event, sent) if operation.audited else None
    claims = claims_of(event) if operation.token else {}
    return Request(caller, path_of(event), query, body, event.get("headers") or {}, deadline, trace, claims)


def _trace(operation: Operation, event: Event, body: Any) -> Trace:  # noqa: ANN401  # JSON
    about = event["requestContext"]
    return Trace(operation.name, about["requestId"], about["http"]["sourceIp"], body)


def _body(operation: Operation, event: Event) -> Any:  # noqa: ANN401  # JSON
    return {} if operation.body_optional and not event.get("body") else json_body(event)
