"""Sign-in: where people come from, and a key for the token that they bring."""

from datetime import UTC, datetime
from typing import Any, Final

from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.telemetry import count
from metering.domain.periods import stored
from metering.flows.manage_projects import Accounts
from metering.flows.sign_in import find_signer, person_of, sign_in
from metering.http.answers import key_answer
from metering.http.auditing import trail_of
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.requests import Caller

CLIENT = make_dynamodb()
WITHOUT_A_KEY: Final = "sign-in"
"""What the audit log calls the key of somebody who has none yet."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def describe(_: Request) -> Response:
    config = read_config()
    enabled = bool(config.oidc_issuer)
    shown = {"issuer": config.oidc_issuer, "clientId": config.oidc_audience} if enabled else {}
    return Response(200, {"enabled": enabled, "issuer": None, "clientId": None, **shown})


def exchange(request: Request) -> Response:
    config, now = read_config(), datetime.now(UTC)
    project = request.body.project_id
    accounts = Accounts(CLIENT, config.accounts_table, request.deadline)
    member = find_signer(accounts, project, person_of(request.claims, config.oidc_user_claim))
    signer = request._replace(caller=Caller(project, member.role, WITHOUT_A_KEY, user_id=member.user_id))
    traced = Accounts(CLIENT, accounts.table, request.deadline, trail_of(signer, accounts.table, stored(now)))
    key = sign_in(traced, project, member, config.sign_in_seconds, now)
    count("SignedIn")
    return Response(201, {**key_answer(key.key), "projectId": project, "apiKey": key.text})


HANDLERS: Handlers = {"GET /v1/sign-in": describe, "POST /v1/sign-in": exchange}
