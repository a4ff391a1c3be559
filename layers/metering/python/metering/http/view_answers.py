"""Views as answers: every item has the same figures, and they add up to the total exactly."""

from typing import Any

from metering.domain.figures import shown_figures
from metering.domain.periods import short
from metering.domain.statistics import Figures, Groups, Key
from metering.flows.view import View, by_cost, total_of

Json = dict[str, Any]


def view_answer(view: View) -> Json:
    """What every view says of itself."""
    return {
        "period": view.period.echo(),
        "asOf": short(view.as_of),
        "final": view.final,
        "total": shown_figures(view.total()),
    }


def daily_answer(view: View, *, grouped: bool) -> Json:
    others = view.others or {}
    slots = view.by_slot().items()
    return {
        **view_answer(view),
        "items": [_slot(slot, groups, grouped=grouped, others=others.get(slot)) for slot, groups in slots],
    }


def _slot(slot: str, groups: Groups, *, grouped: bool, others: Figures | None) -> Json:
    total = total_of(groups)
    if others is not None:
        total.merge(others)
    answer: Json = {"date": slot[:10], **shown_figures(total)}
    if "T" in slot:
        answer["hour"] = f"{slot}:00:00Z"
    if others is not None:
        answer["others"] = shown_figures(others)
    if grouped:
        answer["groups"] = [keyed_answer(key, figures) for key, figures in by_cost(groups)]
    return answer


def keyed_answer(key: Key, figures: Figures) -> Json:
    return {"key": key, **shown_figures(figures)}


def run_row(run_id: str, figures: Figures) -> Json:
    return {
        "runId": run_id,
        "durationMs": figures.duration_ms,
        "lastAt": short(figures.last),
        **shown_figures(figures),
    }
