"""Voids, and the start and the standing of re-ratings."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.audit import Trail
from metering.aws.budget_book import BudgetBook
from metering.aws.clients import make_dynamodb, make_sqs
from metering.aws.config import read_config
from metering.aws.queues import Queue
from metering.aws.rerate_jobs import Jobs
from metering.aws.telemetry import count
from metering.domain.periods import stored
from metering.domain.rerating import Order
from metering.flows.correct import Corrector
from metering.flows.rerate import find_job, start_job
from metering.flows.session_users import SessionUsers
from metering.flows.void import void_record
from metering.http.auditing import trail_of
from metering.http.correction_answers import job_answer, started_answer, void_answer
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.idempotency import idempotency_key_of
from metering.http.ranges import period_of

CLIENT = make_dynamodb()
SQS = make_sqs()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _trail(request: Request) -> Trail | None:
    return trail_of(request, read_config().accounts_table, stored(datetime.now(UTC)))


def _corrector(request: Request) -> Corrector:
    config, caller = read_config(), request.caller
    budgets = BudgetBook(CLIENT, config.meters_table, config.budget_cache_seconds)
    tables = (config.records_table, config.meters_table)
    whose = (caller.project, caller.shards)
    return Corrector(CLIENT, *tables, budgets, SessionUsers(), *whose, request.deadline, _trail(request))


def _jobs(request: Request) -> Jobs:
    config = read_config()
    queue = Queue(SQS, config.rerates_queue)
    return Jobs(CLIENT, config.accounts_table, queue, request.deadline, _trail(request))


def void(request: Request) -> Response:
    now = stored(datetime.now(UTC))
    voided = void_record(_corrector(request), request.path["recordId"], request.body.reason, now)
    if voided.created:
        count("RecordVoided")
    return Response(201 if voided.created else 200, void_answer(voided.void))


def start_rerating(request: Request) -> Response:
    body, now = request.body, datetime.now(UTC)
    period_of(body, now)  # refuses a range as views do
    order = Order(body.from_, body.to, body.only, body.dry_run, body.service, body.model_id)
    key = idempotency_key_of(request.headers)
    return Response(202, started_answer(start_job(_jobs(request), request.caller.project, order, key, stored(now))))


def show_rerating(request: Request) -> Response:
    return Response(200, job_answer(find_job(_jobs(request), request.caller.project, request.path["jobId"])))


HANDLERS: Handlers = {
    "POST /v1/usage/records/{recordId}/void": void,
    "POST /v1/usage/rerate": start_rerating,
    "GET /v1/usage/rerate/{jobId}": show_rerating,
}
