"""Projects, their members, their API keys, and who changed what."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.audit import AuditLog, Sought, list_entries
from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.telemetry import count
from metering.domain.accounts import OWNERS, Member
from metering.domain.periods import short, stored
from metering.flows import manage_projects as flow
from metering.flows.manage_members import get_member, list_members, put_member, remove_member
from metering.http.answers import key_answer, project_answer
from metering.http.auditing import entry_answer, log_of, trail_of
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.pages import page_of, read_cursor
from metering.http.ranges import period_of
from metering.http.requests import require

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _accounts(request: Request) -> flow.Accounts:
    table = read_config().accounts_table
    return flow.Accounts(CLIENT, table, request.deadline, trail_of(request, table, stored(datetime.now(UTC))))


def create_project(request: Request) -> Response:
    body = request.body
    wanted = flow.NewProject(body.project_id, body.name, body.owner_id, body.pricing_mode)
    project, key = flow.create_project(_accounts(request), wanted, datetime.now(UTC))
    count("ProjectCreated")
    return Response(201, {**project_answer(project), "apiKey": key.text})


def get_project(request: Request) -> Response:
    return Response(200, project_answer(flow.get_project(_accounts(request), request.caller.project)))


def change_project(request: Request) -> Response:
    body = request.body
    change = flow.ProjectChange(body.name, body.pricing_mode, body.record_shards, body.markup_basis_points)
    return Response(200, project_answer(flow.change_project(_accounts(request), request.caller.project, change)))


def create_key(request: Request) -> Response:
    body = request.body
    if body.role == "owner":  # or an admin could make itself one
        require(request.caller, OWNERS)
    wanted = flow.WantedKey(body.name, body.role, body.user_id, body.expires_in_seconds)
    key = flow.create_key(_accounts(request), request.caller.project, wanted, datetime.now(UTC))
    return Response(201, {**key_answer(key.key), "apiKey": key.text})


def list_keys(request: Request) -> Response:
    after = read_cursor("api-keys", request.query.cursor, 1)
    found = flow.list_keys(_accounts(request), request.caller.project, after[0] if after else None)
    page = page_of("api-keys", found, request.query.limit, answer=key_answer, places=lambda key: [key.key_id])
    return Response(200, page)


def revoke_key(request: Request) -> Response:
    accounts, caller = _accounts(request), request.caller
    key = flow.get_key(accounts, caller.project, request.path["keyId"])
    if key.role == "owner":  # or an admin could shut the owners out
        require(caller, OWNERS)
    flow.revoke_key(accounts, key, caller.key_id)
    return Response(204)


def _member_answer(member: Member) -> dict[str, Any]:
    return {"userId": member.user_id, "role": member.role, "createdAt": short(member.created_at)}


def list_all_members(request: Request) -> Response:
    after = read_cursor("members", request.query.cursor, 1)
    found = list_members(_accounts(request), request.caller.project, after[0] if after else None)
    page = page_of("members", found, request.query.limit, answer=_member_answer, places=lambda member: [member.user_id])
    return Response(200, page)


def get_one_member(request: Request) -> Response:
    member = get_member(_accounts(request), request.caller.project, request.path["userId"])
    return Response(200, _member_answer(member))


def put_one_member(request: Request) -> Response:
    wanted = (request.caller.project, request.path["userId"], request.body.role)
    member, created = put_member(_accounts(request), *wanted, datetime.now(UTC))
    return Response(201 if created else 200, _member_answer(member))


def remove_one_member(request: Request) -> Response:
    remove_member(_accounts(request), request.caller.project, request.path["userId"])
    return Response(204)


def show_audit(request: Request) -> Response:
    query = request.query
    after = read_cursor("audit", query.cursor, 1)
    period = period_of(query, datetime.now(UTC))
    log = AuditLog(CLIENT, read_config().accounts_table, log_of(request), request.deadline)
    found = list_entries(log, Sought(period, query.actor, query.action), after[0] if after else None)
    page = page_of(
        "audit", found, query.limit, answer=lambda placed: entry_answer(placed[1]), places=lambda placed: [placed[0]]
    )
    return Response(200, {"period": period.echo(), **page})


HANDLERS: Handlers = {
    "GET /v1/audit": show_audit,
    "GET /v1/project/members": list_all_members,
    "GET /v1/project/members/{userId}": get_one_member,
    "PUT /v1/project/members/{userId}": put_one_member,
    "DELETE /v1/project/members/{userId}": remove_one_member,
    "POST /v1/projects": create_project,
    "GET /v1/project": get_project,
    "PATCH /v1/project": change_project,
    "POST /v1/api-keys": create_key,
    "GET /v1/api-keys": list_keys,
    "DELETE /v1/api-keys/{keyId}": revoke_key,
}
