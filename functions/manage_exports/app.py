"""Exports: start, look, list; and which Stripe customer a user is billed to."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_s3, make_sqs
from metering.aws.config import read_config
from metering.aws.export_queue import send_days
from metering.aws.export_store import Export, Exports, list_exports, read_written_days
from metering.aws.telemetry import count
from metering.domain.errors import MalformedRequestError
from metering.domain.exports import ExportRequest, File
from metering.domain.periods import period_of_dates, stored
from metering.flows.export_usage import get_export, start_export
from metering.flows.stripe_customers import delete_customer, get_customer, put_customer
from metering.http.auditing import trail_of
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.export_answers import export_answer
from metering.http.idempotency import idempotency_key_of
from metering.http.pages import page_of, read_cursor

CLIENT = make_dynamodb()
OBJECTS = make_s3()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _exports(request: Request) -> Exports:
    table = read_config().accounts_table
    trail = trail_of(request, table, stored(datetime.now(UTC)))
    return Exports(CLIENT, table, request.caller.project, request.deadline, trail)


def start(request: Request) -> Response:
    body, config = request.body, read_config()
    options = body.options.model_dump(by_alias=True, exclude_none=True) if body.options else {}
    wanted = ExportRequest(body.format, body.period.start, body.period.end, body.group_by, options)
    try:
        period_of_dates(wanted.first, wanted.last)
    except ValueError as error:
        raise MalformedRequestError(str(error)) from None
    key = idempotency_key_of(request.headers)
    export = start_export(_exports(request), wanted, stored(datetime.now(UTC)), config.export_expiry_days, key)
    if export.status == "queued":  # sent again after a lost answer, which does no harm
        dates = export.request.period.days()
        send_days(SQS, config.exports_queue, request.caller.project, export.export_id, dates, request.deadline)
    count("ExportStarted")
    return Response(202, {"exportId": export.export_id, "status": export.status})


def _answer(exports: Exports, export: Export) -> dict[str, Any]:
    config = read_config()
    unfinished = export.status in {"queued", "running"}
    done = len(read_written_days(exports, export.export_id)) if unfinished else export.total_days

    def link(file: File) -> str:
        place = {"Bucket": config.export_bucket, "Key": file.key}
        return OBJECTS.generate_presigned_url("get_object", Params=place, ExpiresIn=config.export_link_seconds)

    return export_answer(export, done, link)


def show(request: Request) -> Response:
    exports = _exports(request)
    return Response(200, _answer(exports, get_export(exports, request.path["exportId"])))


def list_all(request: Request) -> Response:
    exports = _exports(request)
    after = read_cursor("exports", request.query.cursor, 1)
    found = list_exports(exports, after[0] if after else None)
    page = page_of(
        "exports",
        found,
        request.query.limit,
        answer=lambda export: _answer(exports, export),
        places=lambda export: [export.export_id],
    )
    return Response(200, page)


def put_stripe_customer(request: Request) -> Response:
    user_id, customer = request.path["userId"], request.body.customer_id
    put_customer(_exports(request), user_id, customer)
    return Response(200, {"userId": user_id, "customerId": customer})


def show_stripe_customer(request: Request) -> Response:
    user_id = request.path["userId"]
    return Response(200, {"userId": user_id, "customerId": get_customer(_exports(request), user_id)})


def delete_stripe_customer(request: Request) -> Response:
    delete_customer(_exports(request), request.path["userId"])
    return Response(204)


HANDLERS: Handlers = {
    "POST /v1/exports": start,
    "GET /v1/exports/{exportId}": show,
    "GET /v1/exports": list_all,
    "PUT /v1/stripe-customers/{userId}": put_stripe_customer,
    "GET /v1/stripe-customers/{userId}": show_stripe_customer,
    "DELETE /v1/stripe-customers/{userId}": delete_stripe_customer,
}
