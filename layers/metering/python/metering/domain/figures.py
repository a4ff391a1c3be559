"""Amounts of a limited resource as people read them: money, minutes, counts."""

from typing import Any, Final

from metering.domain.limits import SECONDS_PER_MINUTE, UNLIMITED
from metering.domain.money import PICO, divide_half_even, money, plain

_MINUTE_DECIMALS: Final = 10**6


def number(pico: int) -> int | float:
    """A quantity as a JSON number: whole if it is, else with at most six decimals, which a double shows exactly."""
    whole, fraction = divmod(pico, PICO)
    if not fraction:
        return whole
    return float(plain(divide_half_even(pico, PICO // _MINUTE_DECIMALS) * (PICO // _MINUTE_DECIMALS)))


def minutes(pico_seconds: int) -> int | float:
    """Compute time in minutes, to the sixth decimal; exact figures are kept in seconds."""
    return number(divide_half_even(pico_seconds, SECONDS_PER_MINUTE))


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
