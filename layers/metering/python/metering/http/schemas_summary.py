"""The query and the answer of the summary."""

from typing import Annotated

from pydantic import Field

from metering.domain.usage import Strict
from metering.http.schemas import Date, Decimals, Figures, Money, PeriodAnswer, RangeQuery
from metering.http.schemas_views import SlotFigures, ViewAnswer

Percent = Annotated[Decimals, Field(description="Rounded to two decimals, half to even.")]


class SummaryQuery(RangeQuery):
    pass


class BeforeAnswer(Strict):
    """The period of the same length before."""

    period: PeriodAnswer
    total: Figures


class ChangeAnswer(Strict):
    """What is more or less than before, in itself and in percent of what was before; null where that was nothing."""

    cost: Money
    cost_usd: Decimals
    cost_percent: Percent | None
    billed: Money
    billed_usd: Decimals
    billed_percent: Percent | None
    records: int
    records_percent: Percent | None


class ProjectionAnswer(Strict):
    """What the current month comes to; null while there is no full day to go by."""

    method: str
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    so_far: Money
    so_far_usd: Decimals
    basis_days: int
    """Full days whose mean was taken."""
    per_day: Money | None
    per_day_usd: Decimals | None
    cost: Money | None
    cost_usd: Decimals | None


class MoverAnswer(Strict):
    """Whose cost has changed, and by how much."""

    key: str
    cost: Money
    cost_usd: Decimals
    before: Money
    before_usd: Decimals
    change: Money
    change_usd: Decimals
    percent: Percent | None


class MoversAnswer(Strict):
    """The five largest changes up and down against the period before."""

    up: list[MoverAnswer]
    down: list[MoverAnswer]


class AllMoversAnswer(Strict):
    model: MoversAnswer
    user: MoversAnswer
    run: MoversAnswer


class StandoutAnswer(Strict):
    date: Date
    cost: Money
    cost_usd: Decimals
    score: Decimals
    """Below 0 for a day that cost less than usual."""


class StandoutsAnswer(Strict):
    method: str
    sample_days: int
    """Full days that were compared."""
    median: Money
    median_usd: Decimals
    days: list[StandoutAnswer]


class SummaryAnswer(ViewAnswer):
    items: list[SlotFigures]
    before: BeforeAnswer
    change: ChangeAnswer
    projection: ProjectionAnswer
    movers: AllMoversAnswer
    standouts: StandoutsAnswer
