"""Tallies straight from the items of records, for hours and days of many.

It gives what `domain.statistics.tally` gives of the records, at a tenth of its cost: records that differ in nothing but
time and amounts are first added up as they come, and only their sums are told apart by dimension.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import orjson

from metering.aws import keys
from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.money import plain_to_pico
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE
from metering.domain.statistics import CATEGORY, DIMENSIONS, TOTAL, Figures, Key, RunFigures, Tally

_ATTRIBUTES: Final = ("service", "model", "provider", "user", "session", "persona", "tool", "stepType", "run", "mode")
NEEDED: Final = (
    *_ATTRIBUTES,
    "day",
    "moment",
    "cost",
    "billed",
    "durationMs",
    "lines",
    "unrated",
    "kind",
    "under",
    "unratedChange",
)
"""The attributes of an item that a tally reads."""
_NONE: Final[dict[str, Any]] = {"S": None}
_ZERO: Final[dict[str, Any]] = {"N": "0"}
_COST: Final = 5
"""The place of the cost in a packed line."""


class _Alike(NamedTuple):
    """What records that are added up at once have in common."""

    attributes: tuple[Key, ...]
    letter: str | None
    """The category that the record counts under."""
    step_index: int | None


class _Sum:
    """Records that are alike, added up; lines by metric and category."""

    __slots__ = ("billed", "cost", "duration_ms", "last", "lines", "records", "unrated")

    def __init__(self) -> None:
        self.cost = self.billed = self.records = self.unrated = self.duration_ms = 0
        self.last = ""
        self.lines: dict[tuple[str, str | None], list[int]] = {}

    def add(self, item: Item, lines: list[list[Any]]) -> None:
        sign, unrated = count_of(item)
        self.cost += int(item["cost"]["N"])
        self.billed += int(item["billed"]["N"])
        self.records += sign
        self.unrated += unrated
        self.duration_ms += sign * int(item.get("durationMs", _ZERO)["N"])
        self.last = max(self.last, keys.instant_of(item["day"]["S"], item["moment"]["S"]))
        for metric, letter, quantity, _, _, cost, *_ in lines:
            line = self.lines.setdefault((metric, letter), [0, 0])
            line[0] += plain_to_pico(quantity)
            line[1] += cost or 0


def lines_of(item: Item) -> list[list[Any]]:
    """A record's lines as they are packed (see `metering.aws.items`)."""
    lines: list[list[Any]] = orjson.loads(item["lines"]["S"])
    if any(line[_COST].__class__ is float for line in lines):  # orjson's way with integers over 64 bits: 18 million USD
        lines = json.loads(item["lines"]["S"])
    return lines


def count_of(item: Item) -> tuple[int, int]:
    """What a record adds to the number of records, and to those without a rate."""
    if "kind" not in item:
        return 1, 1 if "unrated" in item else 0
    return -1 if item["kind"]["S"] == "void" else 0, int(item["unratedChange"]["N"])


def _sums(items: Iterable[Item], *, by_step: bool = False) -> dict[_Alike, _Sum]:
    found: dict[_Alike, _Sum] = {}
    for item in items:
        lines = lines_of(item)
        attributes = tuple([item.get(name, _NONE)["S"] for name in _ATTRIBUTES])
        step = int(item["stepIndex"]["N"]) if by_step and "stepIndex" in item else None
        letter = item["under"]["S"] if "under" in item else lines[0][1]
        alike = _Alike(attributes, letter, step)
        one = found.get(alike)
        if one is None:
            one = found[alike] = _Sum()
        one.add(item, lines)
    return found


def tally_items(items: Iterable[Item]) -> Tally:
    """Sums the items of records by every dimension."""
    found: Tally = {dimension: {} for dimension in DIMENSIONS}
    for alike, one in _sums(items).items():
        for dimension, key in _keys_of(alike).items():
            _add(found[dimension].setdefault(key, Figures()), one)
        _add_by_category(found, alike, one)
    return found


def _keys_of(alike: _Alike) -> dict[str, Key]:
    service, model, provider, user, session, persona, tool, step_type, run, _ = alike.attributes
    return {
        TOTAL: None,
        "service": service,
        "model": model,
        "provider": provider_of(service or "", provider, model),
        "user": user,
        "session": session,
        "persona": persona,
        "tool": tool,
        "stepType": step_type,
        "run": keys.run_id_of(run) if run else None,
    }


def _add(figures: Figures, one: _Sum) -> None:
    figures.cost += one.cost
    figures.billed += one.billed
    _count(figures, one)
    for (metric, _), (quantity, _) in one.lines.items():
        figures.measure(metric, quantity)


def _count(figures: Figures, one: _Sum) -> None:
    figures.records += one.records
    figures.unrated += one.unrated
    figures.duration_ms += one.duration_ms
    figures.last = max(figures.last, one.last)


def _add_by_category(found: Tally, alike: _Alike, one: _Sum) -> None:
    groups, billable = found[CATEGORY], BILLABLE[alike.attributes[-1]]  # type: ignore[index]  # a pricing mode
    _count(groups.setdefault(CATEGORY_OF_LETTER.get(alike.letter), Figures()), one)
    for (metric, letter), (quantity, cost) in one.lines.items():
        category = CATEGORY_OF_LETTER[letter]
        figures = groups.setdefault(category, Figures())
        figures.cost += cost
        figures.billed += cost if category in billable else 0
        figures.measure(metric, quantity)


def run_figures_of_items(items: Iterable[Item]) -> RunFigures:
    """What `domain.statistics.run_figures` gives of the records of one run."""
    run = RunFigures(Figures(), {}, {})
    for alike, one in _sums(items, by_step=True).items():
        model, step_type = alike.attributes[1], alike.attributes[7]
        _add(run.total, one)
        _add(run.models.setdefault(model, Figures()), one)
        _add(run.steps.setdefault((alike.step_index, step_type), Figures()), one)
    return run


def total_of_items(items: Iterable[Item]) -> Figures:
    """What all the items add up to."""
    return sums_by(items, lambda _: None).get(None, Figures())


def sums_by(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, Figures]:
    """Sums the items of records by any key."""
    sums: dict[Key, _Sum] = {}
    for item in items:
        sums.setdefault(key_of(item), _Sum()).add(item, lines_of(item))
    found: dict[Key, Figures] = {}
    for key, one in sums.items():
        _add(found.setdefault(key, Figures()), one)
    return found
