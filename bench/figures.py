"""What a measurement comes to: a figure, and the bound that it is held against."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

_LONG = 1000


class Figure(NamedTuple):
    """One measured value; bounds are inclusive, and come from the table "What it may cost" of the architecture."""

    what: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> str:
        """`pass`, `over`, or nothing where there is no bound."""
        if self.most is None and self.least is None:
            return ""
        within = (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)
        return "pass" if within else "over"

    @property
    def bound(self) -> str:
        if self.most is not None:
            return f"≤ {self.most:g}"
        return "" if self.least is None else f"≥ {self.least:g}"

    def line(self) -> str:
        amount = f"{self.value:.3g}" if self.value < _LONG and self.value % 1 else f"{self.value:,.0f}"
        return f"  {self.what:<76} {amount:>9} {self.unit:<12} {self.bound:<8} {self.verdict}".rstrip()


Line = Figure | str
"""A figure, or a sentence beside it."""

Measurement = Callable[[float], Iterator[Line]]
"""Takes the share of the usual effort to spend: 1 for figures to publish, less to see that it works."""


def median(values: list[float]) -> float:
    return percentile(values, 50)


def percentile(values: list[float], percent: int) -> float:
    """The value that `percent` % of `values` do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]
