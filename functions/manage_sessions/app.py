"""Sessions: make, read, list, limits, pause, resume; and the project's emergency stop."""

from typing import Any

from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.meters import Metered, item_to_meter
from metering.aws.telemetry import count
from metering.aws.transaction import Item
from metering.domain.limits import Limits, as_of
from metering.flows.change_limits import is_stopped, patch_limits, pause, restart_project, resume, stop_project
from metering.flows.decisions import Meters
from metering.flows.manage_sessions import NewSession, create_session, list_sessions
from metering.flows.take_room import read_current
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.idempotency import idempotency_key_of
from metering.http.meter_requests import meters_of, session_of
from metering.http.pages import read_cursor, take, write_cursor
from metering.http.session_answers import meter_usage_answer, patched, session_answer, standing_answer

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _changing(request: Request) -> Meters:
    """The meters of a request that changes something, which the audit log tells of."""
    return meters_of(CLIENT, request, read_config().accounts_table)


def _session(request: Request) -> Metered:
    return Metered(session_of(request))


def _answer(meters: Meters, item: Item) -> dict[str, Any]:
    return session_answer(item, as_of(item_to_meter(item), meters.now))


def _listed(meters: Meters, item: Item, *, standing: bool) -> dict[str, Any]:
    answer = _answer(meters, item)
    if not standing:
        return answer
    meter = as_of(item_to_meter(item), meters.now)
    return {**answer, "standing": standing_answer(meter), "usage": meter_usage_answer(meter)}


def create(request: Request) -> Response:
    body, meters = request.body, _changing(request)
    limits = patched(Limits(), body.limits)
    wanted = NewSession(body.user_id, limits, body.session_id, idempotency_key_of(request.headers), body.reuse)
    found = create_session(meters, wanted)
    if found.created:
        count("SessionCreated")
    return Response(201 if found.created else 200, _answer(meters, found.item))


def show(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    item, meter = read_current(meters, _session(request))
    return Response(200, session_answer(item, as_of(meter, meters.now)))


def list_all(request: Request) -> Response:
    meters, user_id = meters_of(CLIENT, request), request.query.user_id
    name = f"sessions/{user_id or ''}"
    after = read_cursor(name, request.query.cursor, 1)
    found, more = take(list_sessions(meters, user_id, after[0] if after else None), request.query.limit)
    cursor = write_cursor(name, [found[-1][0]]) if more else None
    standing = request.query.standing == "true"
    items = [_listed(meters, item, standing=standing) for _, item in found]
    return Response(200, {"items": items, "nextCursor": cursor})


def show_usage(request: Request) -> Response:
    _, meter = read_current(meters_of(CLIENT, request), _session(request))
    return Response(200, meter_usage_answer(meter))


def show_limits(request: Request) -> Response:
    meters = meters_of(CLIENT, request)
    _, meter = read_current(meters, _session(request))
    return Response(200, standing_answer(as_of(meter, meters.now)))


def change_limits(request: Request) -> Response:
    meters = _changing(request)
    _, meter = patch_limits(meters, _session(request), lambda limits: patched(limits, request.body))
    count("LimitsChanged")
    return Response(200, standing_answer(as_of(meter, meters.now)))


def pause_session(request: Request) -> Response:
    meters = _changing(request)
    item, meter = pause(meters, _session(request), request.body.reason or "paused by hand")
    return Response(200, session_answer(item, as_of(meter, meters.now)))


def resume_session(request: Request) -> Response:
    meters = _changing(request)
    item, meter = resume(meters, _session(request))
    return Response(200, session_answer(item, as_of(meter, meters.now)))


def show_project(request: Request) -> Response:
    stopped = is_stopped(meters_of(CLIENT, request))
    return Response(200, {"status": "paused" if stopped else "active", "role": request.caller.role})


def pause_project(request: Request) -> Response:
    stop_project(_changing(request), request.body.reason)
    count("ProjectStopped")
    return Response(200, {"status": "paused"})


def resume_project(request: Request) -> Response:
    restart_project(_changing(request))
    return Response(200, {"status": "active"})


HANDLERS: Handlers = {
    "POST /v1/sessions": create,
    "GET /v1/sessions": list_all,
    "GET /v1/sessions/{sessionId}": show,
    "GET /v1/sessions/{sessionId}/usage": show_usage,
    "GET /v1/sessions/{sessionId}/limits": show_limits,
    "PATCH /v1/sessions/{sessionId}/limits": change_limits,
    "POST /v1/sessions/{sessionId}/pause": pause_session,
    "POST /v1/sessions/{sessionId}/resume": resume_session,
    "GET /v1/project/standing": show_project,
    "POST /v1/project/pause": pause_project,
    "POST /v1/project/resume": resume_project,
}
