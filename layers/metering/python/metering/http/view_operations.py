"""The operations of the views."""

from typing import Any, Final

from metering.domain import errors
from metering.domain.accounts import READERS
from metering.http import schemas_views as schemas
from metering.http.operation import Operation
from metering.http.schemas_summary import SummaryAnswer, SummaryQuery

BY: Final = {
    "by-service": "service",
    "by-model": "model",
    "by-provider": "provider",
    "by-category": "category",
    "by-user": "user",
    "by-session": "session",
    "by-persona": "persona",
    "by-tool": "tool",
    "by-step-type": "stepType",
}
"""The path of each grouped view, and its dimension."""


def _operation(route: str, name: str, summary: str, **rest: Any) -> Operation:  # noqa: ANN401  # Operation's own fields
    errors_of_ranges = (errors.MalformedRequestError,)
    return Operation(route, name, summary, **{"tag": "views", "roles": READERS, "errors": errors_of_ranges, **rest})


def _name(path: str) -> str:
    return "usage" + "".join(part.capitalize() for part in path.split("-"))


VIEW_OPERATIONS: Final = (
    _operation(
        "GET /v1/usage/daily",
        "dailyUsage",
        "Usage by day or hour, and by a dimension if wanted",
        answers={200: schemas.DailyAnswer},
        query=schemas.DailyQuery,
    ),
    *(
        _operation(
            f"GET /v1/usage/{path}",
            _name(path),
            f"Usage by {dimension}, the most expensive first",
            answers={200: schemas.ByAnswer},
            query=schemas.ByQuery,
        )
        for path, dimension in BY.items()
    ),
    _operation(
        "GET /v1/usage/summary",
        "usageSummary",
        "How a range compares with the period before, where the month leads, what moved it, which days stand out",
        answers={200: SummaryAnswer},
        query=SummaryQuery,
    ),
    _operation(
        "GET /v1/runs",
        "listRuns",
        "Runs, the most expensive or the most recent first",
        answers={200: schemas.RunsAnswer},
        query=schemas.RunsQuery,
    ),
)
