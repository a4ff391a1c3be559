"""Sums of usage, and amounts of a limited resource, as people read them: money, minutes, counts."""

import json
from typing import Any, Final

from metering.domain.limits import SECONDS_PER_MINUTE, UNLIMITED
from metering.domain.money import PICO, divide_half_even, money, plain
from metering.domain.statistics import Figures

_SHOWN: Final = PICO // 10**6


def number(pico: int) -> Any:  # noqa: ANN401  # a JSON number
    """A quantity as a JSON number: whole if it is, else with at most six decimals.

    It is made at the very edge, from the decimal text that it will be written as, and never calculated with.
    """
    return _shown(divide_half_even(pico, _SHOWN))


def _shown(millionths: int) -> Any:  # noqa: ANN401  # a JSON number
    return json.loads(plain(millionths * _SHOWN))


def minutes(pico_seconds: int) -> Any:  # noqa: ANN401  # a JSON number
    """Compute time in minutes, to the sixth decimal; exact figures are kept in seconds."""
    return _shown(divide_half_even(pico_seconds, SECONDS_PER_MINUTE * _SHOWN))


def figure(dimension: str, amount: int) -> Any:  # noqa: ANN401  # JSON
    """One amount of a dimension: money for a cost, minutes for compute time, else a count."""
    if dimension == "maxCost":
        return money(amount)
    return minutes(amount) if dimension == "maxComputeMinutes" else amount


def figures(dimension: str, **amounts: int | None) -> dict[str, Any]:
    """Named amounts of a dimension, each cost with its exact form beside it."""
    shown: dict[str, Any] = {}
    for name, amount in amounts.items():
        known = amount is not None and amount != UNLIMITED
        shown[name] = figure(dimension, amount) if known and amount is not None else None
        if dimension == "maxCost":
            shown[f"{name}Usd"] = plain(amount) if known and amount is not None else None
    return shown


def shown_figures(sums: Figures) -> dict[str, Any]:
    """Sums of usage as views and exports have them: exact figures as plain decimal strings, cents beside them."""
    return {
        "cost": money(sums.cost),
        "costUsd": plain(sums.cost),
        "billed": money(sums.billed),
        "billedUsd": plain(sums.billed),
        "records": sums.records,
        "unrated": sums.unrated,
        "metrics": {metric: plain(quantity) for metric, quantity in sorted(sums.metrics.items())},
    }
