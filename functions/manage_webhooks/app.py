"""Webhook endpoints and their deliveries."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from metering.aws.clients import make_dynamodb, make_kms, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.secret_box import SecretBox
from metering.aws.telemetry import count
from metering.aws.webhook_deliveries import list_deliveries
from metering.aws.webhook_endpoints import list_endpoints
from metering.aws.webhook_store import Webhooks
from metering.domain.deliveries import is_delivery_id
from metering.domain.errors import MalformedRequestError
from metering.domain.periods import stored
from metering.domain.webhooks import Endpoint
from metering.flows import manage_webhooks as flow
from metering.http.auditing import trail_of
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.idempotency import idempotency_key_of
from metering.http.pages import read_cursor, take, write_cursor
from metering.http.webhook_answers import delivery_answer, webhook_answer

CLIENT = make_dynamodb()
KMS = make_kms()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


@cache
def _box() -> SecretBox:
    return SecretBox(KMS, read_config().webhook_key)


def _webhooks(request: Request) -> Webhooks:
    table = read_config().accounts_table
    return Webhooks(CLIENT, table, request.deadline, trail_of(request, table, stored(datetime.now(UTC))))


def _desk(request: Request) -> flow.Desk:
    config = read_config()
    return flow.Desk(_webhooks(request), _box(), Queue(SQS, config.deliveries_queue), config.webhooks_allow_loopback)


def _find(request: Request) -> Endpoint:
    return flow.find_webhook(_webhooks(request), request.caller.project, request.path["webhookId"])


def create(request: Request) -> Response:
    key = idempotency_key_of(request.headers)
    wanted = flow.NewWebhook(request.caller.project, request.body.url, request.body.events, key)
    shown = flow.create_webhook(_desk(request), wanted, datetime.now(UTC))
    if shown.new:
        count("WebhookCreated")
    return Response(201 if shown.new else 200, {**webhook_answer(shown.endpoint), "secret": shown.secret})


def list_all(request: Request) -> Response:
    after = read_cursor("webhooks", request.query.cursor, 1)
    found = list_endpoints(_webhooks(request), request.caller.project)
    later = (endpoint for endpoint in found if after is None or endpoint.webhook_id > after[0])
    page, more = take(later, request.query.limit)
    cursor = write_cursor("webhooks", [page[-1].webhook_id]) if more else None
    return Response(200, {"items": [webhook_answer(endpoint) for endpoint in page], "nextCursor": cursor})


def show(request: Request) -> Response:
    return Response(200, webhook_answer(_find(request)))


def delete(request: Request) -> Response:
    flow.delete_webhook(_webhooks(request), request.caller.project, request.path["webhookId"])
    return Response(204)


def rotate(request: Request) -> Response:
    key = idempotency_key_of(request.headers)
    project, webhook_id = request.caller.project, request.path["webhookId"]
    shown = flow.rotate_secret(_desk(request), project, webhook_id, key, datetime.now(UTC))
    return Response(200, {**webhook_answer(shown.endpoint), "secret": shown.secret})


def show_deliveries(request: Request) -> Response:
    after = read_cursor("deliveries", request.query.cursor, 1)
    if after and not is_delivery_id(after[0]):
        raise MalformedRequestError("the cursor is not one of ours")
    endpoint = _find(request)
    place = after[0] if after else None
    page = list_deliveries(_webhooks(request), endpoint.project, endpoint.webhook_id, request.query.limit, place)
    cursor = write_cursor("deliveries", [page.after]) if page.after else None
    return Response(
        200, {"items": [delivery_answer(delivery, endpoint) for delivery in page.deliveries], "nextCursor": cursor}
    )


def retry(request: Request) -> Response:
    endpoint = _find(request)
    delivery = flow.retry_delivery(_desk(request), endpoint, request.path["deliveryId"], datetime.now(UTC))
    return Response(202, delivery_answer(delivery, endpoint))


def test(request: Request) -> Response:
    endpoint = _find(request)
    return Response(202, delivery_answer(flow.send_test(_desk(request), endpoint, datetime.now(UTC)), endpoint))


HANDLERS: Handlers = {
    "POST /v1/webhooks": create,
    "GET /v1/webhooks": list_all,
    "GET /v1/webhooks/{webhookId}": show,
    "DELETE /v1/webhooks/{webhookId}": delete,
    "POST /v1/webhooks/{webhookId}/rotate-secret": rotate,
    "GET /v1/webhooks/{webhookId}/deliveries": show_deliveries,
    "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry": retry,
    "POST /v1/webhooks/{webhookId}/test": test,
}
