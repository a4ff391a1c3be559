"""Queries and answers of the views."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from metering.domain.usage import Strict
from metering.http.schemas import FROM_TEXT, Date, Figures, Instant, KeyedFigures, Limit, PeriodAnswer, RangeQuery

Dimension = Literal["service", "model", "provider", "category", "user", "session", "persona", "tool", "stepType"]
MOST_HOURLY_DAYS = 14


class DailyQuery(RangeQuery):
    group_by: Dimension | None = None
    granularity: Literal["day", "hour"] = "day"
    """Hours for up to 14 days."""
    top: Annotated[int, Field(ge=1, le=100, strict=True), FROM_TEXT] | None = None
    """Only so many groups, the most expensive of the range, are told apart; `others` has the sum of the rest."""

    @model_validator(mode="after")
    def _top_of_groups(self) -> Self:
        if self.top is not None and self.group_by is None:
            raise ValueError("top needs groupBy")
        return self


class ByQuery(RangeQuery):
    limit: Limit = 1000
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class RunsQuery(RangeQuery):
    sort: Literal["cost", "recent"] = "cost"
    limit: Limit = 100
    cursor: Annotated[str, Field(max_length=2000)] | None = None


class ViewAnswer(Strict):
    """What every view says of itself."""

    period: PeriodAnswer
    as_of: Instant
    """When the newest of the statistics were made."""
    final: bool
    """Whether every day in it is closed."""
    total: Figures


class SlotFigures(Figures):
    date: Date
    hour: Instant | None = None
    """The hour's start, with hourly granularity."""
    groups: list[KeyedFigures] | None = None
    others: Figures | None = None
    """With `top`: what all other groups come to."""


class DailyAnswer(ViewAnswer):
    items: list[SlotFigures]


class ByAnswer(ViewAnswer):
    items: list[KeyedFigures]
    next_cursor: str | None


class RunRow(Figures):
    run_id: str
    duration_ms: int
    last_at: Instant


class RunsAnswer(ViewAnswer):
    items: list[RunRow]
    next_cursor: str | None
