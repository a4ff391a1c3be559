"""Views as answers: every item has the same figures, and they add up to the total exactly."""

from typing import Any

from metering.domain.figures import shown_figures
from metering.domain.periods import short
from metering.domain.statistics import Figures, Groups, Key
from metering.flows.view import View, total_of

Json = dict[str, Any]


def view_answer(view: View) -> Json:
    """What every view says of itself."""
    return {
        "period": view.period.echo(),
        "asOf": short(view.as_of),
        "final": view.final,
        "total": shown_figures(total_of(view.by_key())),
    }


def daily_answer(view: View, *, grouped: bool, top: int | None = None) -> Json:
    """With `top` only so many groups, the most expensive of the range, are told apart."""
    kept = None if top is None else {key for key, _ in by_cost(view.by_key())[:top]}
    slots = view.by_slot().items()
    return {**view_answer(view), "items": [_slot(slot, groups, grouped=grouped, kept=kept) for slot, groups in slots]}


def _slot(slot: str, groups: Groups, *, grouped: bool, kept: set[Key] | None) -> Json:
    answer: Json = {"date": slot[:10], **shown_figures(total_of(groups))}
    if "T" in slot:
        answer["hour"] = f"{slot}:00:00Z"
    if kept is not None:
        answer["others"] = shown_figures(total_of({key: one for key, one in groups.items() if key not in kept}))
        groups = {key: one for key, one in groups.items() if key in kept}
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


def by_cost(groups: Groups) -> list[tuple[Key, Figures]]:
    """The most expensive first; of equals in order of their keys."""
    return sorted(groups.items(), key=lambda group: (-group[1].cost, group[0] or ""))
