"""The summary as an answer."""

from typing import Any

from metering.domain.figures import shown_figures
from metering.domain.money import PICO, money, plain
from metering.domain.statistics import Figures
from metering.domain.summary import (
    PROJECTION_METHOD,
    STANDOUT_METHOD,
    Change,
    Movers,
    Projection,
    Standouts,
)
from metering.flows.summarize import Summary
from metering.http.view_answers import daily_answer

Json = dict[str, Any]
_PICO_OF_HUNDREDTH = PICO // 100


def summary_answer(summary: Summary) -> Json:
    before, now = summary.totals()
    return {
        **daily_answer(summary.days.now, grouped=False),
        "before": {"period": summary.days.before.period.echo(), "total": shown_figures(before)},
        "change": _change(before, now),
        "projection": _projection(summary.projection),
        "movers": {dimension: _movers(found) for dimension, found in summary.movers.items()},
        "standouts": _standouts(summary.standouts),
    }


def _change(before: Figures, now: Figures) -> Json:
    cost, billed = Change(before.cost, now.cost), Change(before.billed, now.billed)
    records = Change(before.records, now.records)
    return {
        "cost": money(cost.difference),
        "costUsd": plain(cost.difference),
        "costPercent": _percent(cost),
        "billed": money(billed.difference),
        "billedUsd": plain(billed.difference),
        "billedPercent": _percent(billed),
        "records": records.difference,
        "recordsPercent": _percent(records),
    }


def _percent(change: Change) -> str | None:
    hundredths = change.hundredths_of_percent
    return None if hundredths is None else _decimal(hundredths)


def _decimal(hundredths: int) -> str:
    return plain(hundredths * _PICO_OF_HUNDREDTH)


def _projection(found: Projection) -> Json:
    per_day, projected = found.per_day, found.projected
    return {
        "method": PROJECTION_METHOD,
        "month": found.month,
        "soFar": money(found.so_far),
        "soFarUsd": plain(found.so_far),
        "basisDays": found.basis_days,
        "perDay": None if per_day is None else money(per_day),
        "perDayUsd": None if per_day is None else plain(per_day),
        "cost": None if projected is None else money(projected),
        "costUsd": None if projected is None else plain(projected),
    }


def _movers(found: Movers) -> Json:
    return {way: [_mover(*entry) for entry in entries] for way, entries in found._asdict().items()}


def _mover(key: str, change: Change) -> Json:
    return {
        "key": key,
        "cost": money(change.now),
        "costUsd": plain(change.now),
        "before": money(change.before),
        "beforeUsd": plain(change.before),
        "change": money(change.difference),
        "changeUsd": plain(change.difference),
        "percent": _percent(change),
    }


def _standouts(found: Standouts) -> Json:
    return {
        "method": STANDOUT_METHOD,
        "sampleDays": found.sample_days,
        "median": money(found.median),
        "medianUsd": plain(found.median),
        "days": [
            {"date": day.date, "cost": money(day.cost), "costUsd": plain(day.cost), "score": _decimal(day.score)}
            for day in found.days
        ],
    }
