"""Tallies straight from the items of records, for hours and days of many.

It gives what `domain.statistics.tally` gives of the records, at a tenth of its cost: records that differ in nothing but
time and amounts are first added up as they come, and only their sums are told apart by dimension.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from metering.aws import keys
from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.metrics import Category
from metering.domain.money import PICO, plain_to_pico
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE, PricingMode
from metering.domain.statistics import CATEGORY, DIMENSIONS, TOTAL, Figures, Groups, Key, RunFigures, Tally

K = TypeVar("K")
NEEDED: Final = (
    "service",
    "model",
    "provider",
    "user",
    "session",
    "persona",
    "tool",
    "stepType",
    "run",
    "mode",
    "day",
    "moment",
    "durationMs",
    "lines",
    "unrated",
    "kind",
    "under",
    "unratedChange",
)
"""The attributes of an item that a tally reads. Its cost is not among them: it is what its lines cost, and what is
billed of that follows from their categories and the record's pricing mode."""
_NONE: Final[dict[str, Any]] = {"S": None}
_COST: Final = 5
"""The place of the cost in a packed line."""


class _Alike(NamedTuple):
    """What records that are added up at once have in common."""

    service: Key
    model: Key
    provider: Key
    user: Key
    session: Key
    persona: Key
    tool: Key
    step_type: Key
    run: Key
    mode: PricingMode
    letter: str | None
    """The category that the record counts under."""
    step_index: int | None


class _LineSum:
    """Lines of one metric in one category, added up."""

    __slots__ = ("cost", "letter", "pico", "whole")

    def __init__(self, letter: str | None) -> None:
        self.letter = letter
        self.cost = self.pico = self.whole = 0
        """The cost in pico-USD; what has a fraction in pico-units, what has none in units."""


class _Sum:
    """Records that are alike, added up; lines by metric and category."""

    __slots__ = ("_latest", "day", "duration_ms", "last", "lines", "moment", "records", "unrated")

    def __init__(self) -> None:
        self.records = self.unrated = self.duration_ms = 0
        self.last = self.day = self.moment = ""
        self.lines: dict[tuple[str, str | None], _LineSum] = {}
        self._latest: dict[str, _LineSum] = {}
        """By metric alone: few metrics are ever in two categories, and a key of two costs as much as the adding."""

    def add(self, item: Item, lines: list[list[Any]]) -> None:
        sign = 1
        if "kind" in item:
            sign, unrated = count_of(item)
            self.unrated += unrated
        elif "unrated" in item:
            self.unrated += 1
        self.records += sign
        if "durationMs" in item:
            self.duration_ms += sign * int(item["durationMs"]["N"])
        day, moment = item["day"]["S"], item["moment"]["S"]
        if moment > self.moment or day != self.day:  # most come in order of time, partition by partition
            self.day, self.moment = day, moment
            self.last = max(self.last, keys.instant_of(day, moment))
        latest = self._latest
        for line in lines:  # by their places: taking a line apart makes a list of its rest
            total = latest.get(line[0])
            if total is None or total.letter != line[1]:
                total = self._line_sum(line[0], line[1])
            quantity = line[2]
            if "." in quantity:
                total.pico += plain_to_pico(quantity)
            else:
                total.whole += int(quantity)
            total.cost += line[_COST] or 0

    def _line_sum(self, metric: str, letter: str | None) -> _LineSum:
        found = self._latest[metric] = self.lines.setdefault((metric, letter), _LineSum(letter))
        return found

    def figures(self, mode: PricingMode) -> Figures:
        billable = BILLABLE[mode]
        figures = Figures(records=self.records, unrated=self.unrated, duration_ms=self.duration_ms, last=self.last)
        for metric, category, quantity, cost in self.lines_in_pico():
            figures.cost += cost
            figures.billed += cost if category in billable else 0
            figures.measure(metric, quantity)
        return figures

    def lines_in_pico(self) -> Iterator[tuple[str, Category | None, int, int]]:
        """Metric, category, quantity and cost of each."""
        for (metric, letter), one in self.lines.items():
            yield metric, CATEGORY_OF_LETTER[letter], one.pico + one.whole * PICO, one.cost


def lines_of(item: Item) -> list[list[Any]]:
    """A record's lines as they are packed (see `metering.aws.items`)."""
    lines: list[list[Any]] = orjson.loads(item["lines"]["S"])
    for line in lines:
        if line[_COST].__class__ is float:  # orjson's way with integers over 64 bits: 18 million USD
            return json.loads(item["lines"]["S"])  # type: ignore[no-any-return]  # as above
    return lines


def count_of(item: Item) -> tuple[int, int]:
    """What a record adds to the number of records, and to those without a rate."""
    if "kind" not in item:
        return 1, 1 if "unrated" in item else 0
    return -1 if item["kind"]["S"] == "void" else 0, int(item["unratedChange"]["N"])


def _sums(items: Iterable[Item], *, by_step: bool = False) -> dict[_Alike, _Sum]:
    found: dict[tuple[Any, ...], _Sum] = {}
    none = _NONE
    for item in items:
        lines = lines_of(item)
        get = item.get
        alike = (
            item["service"]["S"],
            get("model", none)["S"],
            get("provider", none)["S"],
            get("user", none)["S"],
            get("session", none)["S"],
            get("persona", none)["S"],
            get("tool", none)["S"],
            get("stepType", none)["S"],
            get("run", none)["S"],
            item["mode"]["S"],
            item["under"]["S"] if "under" in item else lines[0][1],
            int(item["stepIndex"]["N"]) if by_step and "stepIndex" in item else None,
        )
        one = found.get(alike)
        if one is None:
            one = found[alike] = _Sum()
        one.add(item, lines)
    return {_Alike(*alike): one for alike, one in found.items()}


def tally_items(items: Iterable[Item]) -> Tally:
    """Sums the items of records by every dimension."""
    found: Tally = {dimension: {} for dimension in DIMENSIONS}
    kinds: dict[_Kind, Figures] = {}
    whose: dict[tuple[Key, Key, Key], Figures] = {}
    for alike, one in _sums(items).items():
        figures = one.figures(alike.mode)
        _group(kinds, _kind_of(alike)).merge(figures)
        _group(whose, _who_of(alike)).merge(figures)
        _add_by_category(found[CATEGORY], alike, one)
    for kind, figures in kinds.items():
        for dimension, key in _keys_of(kind).items():
            _group(found[dimension], key).merge(figures)
    for who, figures in whose.items():
        for dimension, key in zip(("user", "session", "run"), who, strict=True):
            _group(found[dimension], key).merge(figures)
    return found


class _Kind(NamedTuple):
    """What usage is of: few of these, however many records there are."""

    service: Key
    model: Key
    provider: Key
    persona: Key
    tool: Key
    step_type: Key


def _kind_of(alike: _Alike) -> _Kind:
    return _Kind(alike.service, alike.model, alike.provider, alike.persona, alike.tool, alike.step_type)


def _who_of(alike: _Alike) -> tuple[Key, Key, Key]:
    """Whose usage it is: user, session, run. Nearly as many as runs."""
    return alike.user, alike.session, keys.run_id_of(alike.run) if alike.run else None


def _keys_of(kind: _Kind) -> dict[str, Key]:
    return {
        TOTAL: None,
        "service": kind.service,
        "model": kind.model,
        "provider": provider_of(kind.service or "", kind.provider, kind.model),
        "persona": kind.persona,
        "tool": kind.tool,
        "stepType": kind.step_type,
    }


def _group(groups: dict[K, Figures], key: K) -> Figures:
    found = groups.get(key)
    if found is None:
        found = groups[key] = Figures()
    return found


def _count(figures: Figures, one: _Sum) -> None:
    figures.records += one.records
    figures.unrated += one.unrated
    figures.duration_ms += one.duration_ms
    figures.last = max(figures.last, one.last)


def _add_by_category(groups: Groups, alike: _Alike, one: _Sum) -> None:
    billable = BILLABLE[alike.mode]
    _count(_group(groups, CATEGORY_OF_LETTER.get(alike.letter)), one)
    for metric, category, quantity, cost in one.lines_in_pico():
        figures = _group(groups, category)
        figures.cost += cost
        figures.billed += cost if category in billable else 0
        figures.measure(metric, quantity)


def run_figures_of_items(items: Iterable[Item]) -> RunFigures:
    """What `domain.statistics.run_figures` gives of the records of one run."""
    run = RunFigures(Figures(), {}, {})
    for alike, one in _sums(items, by_step=True).items():
        figures = one.figures(alike.mode)
        run.total.merge(figures)
        _group(run.models, alike.model).merge(figures)
        _group(run.steps, (alike.step_index, alike.step_type)).merge(figures)
    return run


def total_of_items(items: Iterable[Item]) -> Figures:
    """What all the items add up to."""
    return sums_by(items, lambda _: None).get(None, Figures())


def sums_by(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, Figures]:
    """Sums the items of records by any key."""
    sums: dict[tuple[Key, PricingMode], _Sum] = {}
    for item in items:
        whose = key_of(item), item["mode"]["S"]
        one = sums.get(whose)
        if one is None:
            one = sums[whose] = _Sum()
        one.add(item, lines_of(item))
    found: dict[Key, Figures] = {}
    for (key, mode), one in sums.items():
        _group(found, key).merge(one.figures(mode))
    return found
