"""Usage records and the live breakdown of a run."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.config import read_config
from metering.aws.pages import make_reader
from metering.aws.records import Filter, Records, get_record, items_of_run, records_of_days, records_of_run
from metering.aws.tallies import run_figures_of_items
from metering.domain.errors import NotFoundError
from metering.flows.explain import explain
from metering.http.answers import run_answer
from metering.http.correction_answers import explain_answer
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.pages import page_of, read_cursor, write_cursor
from metering.http.ranges import period_of, whole_period
from metering.http.record_answers import record_answer

CLIENT = make_reader()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _records(request: Request) -> Records:
    caller = request.caller
    return Records(CLIENT, read_config().records_table, caller.project, caller.shards, request.deadline)


def show_record(request: Request) -> Response:
    record_id = request.path["recordId"]
    record = get_record(_records(request), record_id)
    if record is None:
        raise NotFoundError(f"there is no usage record {record_id}")
    return Response(200, record_answer(record))


def explain_record(request: Request) -> Response:
    return Response(200, explain_answer(explain(_records(request), request.path["recordId"])))


def list_records(request: Request) -> Response:
    query = request.query
    name = "records" if query.run_id is None else "records of a run"
    places = read_cursor(name, query.cursor, 1)
    after = places[0] if places else None
    wanted = Filter(query.session_id, query.service, query.model_id)
    now, records, most = datetime.now(UTC), _records(request), query.limit + 1
    if query.run_id is None:
        period = period_of(query, now)
        found = records_of_days(records, period.days(), wanted, after, most)
    else:
        period = period_of(query, now) if query.from_ or query.to else whole_period(now)
        found = records_of_run(records, query.run_id, period, wanted, after, most)
    page = page_of(
        name,
        found.records,
        query.limit,
        answer=lambda placed: record_answer(placed.record),
        places=lambda placed: [placed.place],
    )
    if page["nextCursor"] is None and found.rest is not None:
        page["nextCursor"] = write_cursor(name, [found.rest])
    return Response(200, {"period": period.echo(), **page})


def show_run(request: Request) -> Response:
    run_id = request.path["runId"]
    run = run_figures_of_items(items_of_run(_records(request), run_id))
    if not run.models:
        raise NotFoundError(f"no usage names the run {run_id}")
    return Response(200, run_answer(run_id, run))


HANDLERS: Handlers = {
    "GET /v1/usage/records": list_records,
    "GET /v1/usage/records/{recordId}": show_record,
    "GET /v1/usage/records/{recordId}/explain": explain_record,
    "GET /v1/runs/{runId}/usage": show_run,
}
