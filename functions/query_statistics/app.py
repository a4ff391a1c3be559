"""Views of the daily statistics."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from metering.aws.config import read_config
from metering.aws.pages import make_reader
from metering.aws.statistics import Statistics
from metering.domain.errors import MalformedRequestError
from metering.domain.periods import stored
from metering.domain.statistics import TOTAL, Figures, Key
from metering.domain.summary import period_before
from metering.flows.summarize import summarize
from metering.flows.view import View, by_cost, view_days, view_hours, view_largest, view_range, with_largest
from metering.http.dispatch import Handler, Handlers, Request, Response, serve
from metering.http.pages import is_too_large, page_of, read_cursor
from metering.http.ranges import period_of
from metering.http.schemas_views import MOST_HOURLY_DAYS
from metering.http.summary_answers import summary_answer
from metering.http.view_answers import daily_answer, keyed_answer, run_row, view_answer
from metering.http.view_operations import BY

CLIENT = make_reader()
K = TypeVar("K", bound=Key)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _statistics(request: Request) -> Statistics:
    return Statistics(CLIENT, read_config().statistics_table, request.caller.project, request.deadline)


def _days(request: Request) -> View:
    now, query = datetime.now(UTC), request.query
    asked = _statistics(request), query.group_by or TOTAL, period_of(query, now), stored(now)
    return view_days(*asked) if query.top is None else view_largest(*asked, query.top)


def _range(request: Request, dimension: str) -> View:
    now = datetime.now(UTC)
    return view_range(_statistics(request), dimension, period_of(request.query, now), stored(now))


def show_daily(request: Request) -> Response:
    query = request.query
    view = _hours(request) if query.granularity == "hour" else _days(request)
    answer = daily_answer(view, grouped=query.group_by is not None)
    if is_too_large(answer):
        raise MalformedRequestError(
            "too many groups for one answer; ask for fewer days, for the `top` groups, or for a view that has pages"
        )
    return Response(200, answer)


def _hours(request: Request) -> View:
    now = datetime.now(UTC)
    period = period_of(request.query, now, MOST_HOURLY_DAYS)
    if len(period.days()) > MOST_HOURLY_DAYS:
        raise MalformedRequestError(f"hours are shown for up to {MOST_HOURLY_DAYS} days")
    view = view_hours(_statistics(request), request.query.group_by or TOTAL, period, stored(now))
    return view if request.query.top is None else with_largest(view, request.query.top)


def _show_by(path: str, dimension: str) -> Handler:
    def show(request: Request) -> Response:
        view = _range(request, dimension)
        return _page(request, path, view, by_cost(view.by_key()), keyed_answer)

    return show


def show_summary(request: Request) -> Response:
    now = datetime.now(UTC)
    period = period_of(request.query, now)
    try:
        before = period_before(period)
    except ValueError as error:
        raise MalformedRequestError(str(error)) from None
    return Response(200, summary_answer(summarize(_statistics(request), period, before, stored(now))))


def list_runs(request: Request) -> Response:
    view = _range(request, "run")
    view.rows[:] = [row for row in view.rows if row.key is not None]
    runs: list[tuple[str, Figures]] = [(key or "", figures) for key, figures in by_cost(view.by_key())]
    if request.query.sort == "recent":
        runs.sort(key=lambda run: run[1].last, reverse=True)
    return _page(request, f"runs/{request.query.sort}", view, runs, run_row)


def _page(
    request: Request,
    name: str,
    view: View,
    rows: Sequence[tuple[K, Figures]],
    answer: Callable[[K, Figures], dict[str, Any]],
) -> Response:
    """A page of rows that are sorted anew for each: its place is a number."""
    places = read_cursor(name, request.query.cursor, 1)
    if places and not places[0].isdecimal():
        raise MalformedRequestError("the cursor is not one of ours")
    numbered = list(enumerate(rows, 1))[int(places[0]) if places else 0 :]
    page = page_of(
        name, numbered, request.query.limit, answer=lambda row: answer(*row[1]), places=lambda row: [str(row[0])]
    )
    return Response(200, {**view_answer(view), **page})


HANDLERS: Handlers = {
    "GET /v1/usage/daily": show_daily,
    **{f"GET /v1/usage/{path}": _show_by(path, dimension) for path, dimension in BY.items()},
    "GET /v1/usage/summary": show_summary,
    "GET /v1/runs": list_runs,
}
