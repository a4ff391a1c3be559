"""Tallies straight from the items of records, for hours and days of many.

It gives what `domain.statistics.tally` gives of the records, at a tenth of its cost: records that differ in nothing but
time and amounts are first added up as they come, and only their sums are told apart by dimension.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from metering.aws import keys
from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.money import PICO, plain_to_pico
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE
from metering.domain.statistics import CATEGORY, DIMENSIONS, TOTAL, Figures, Groups, Key, RunFigures, Tally

K = TypeVar("K")
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
_NONES: Final[list[dict[str, Any]]] = [{"S": None}] * len(_ATTRIBUTES)
_text: Final = itemgetter("S")
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

    __slots__ = ("billed", "cost", "day", "duration_ms", "last", "lines", "moment", "records", "unrated")

    def __init__(self) -> None:
        self.cost = self.billed = self.records = self.unrated = self.duration_ms = 0
        self.last = self.day = self.moment = ""
        self.lines: dict[tuple[str, str | None], list[int]] = {}
        """What has a fraction in pico-units, what has none in units, and the cost."""

    def add(self, item: Item, lines: list[list[Any]]) -> None:
        sign, unrated = count_of(item)
        self.cost += int(item["cost"]["N"])
        self.billed += int(item["billed"]["N"])
        self.records += sign
        self.unrated += unrated
        if "durationMs" in item:
            self.duration_ms += sign * int(item["durationMs"]["N"])
        self._pass(item["day"]["S"], item["moment"]["S"])
        known = self.lines
        for line in lines:  # by their places: taking a line apart makes a list of its rest
            named = (line[0], line[1])
            total = known.get(named)
            if total is None:
                total = known[named] = [0, 0, 0]
            quantity = line[2]
            if "." in quantity:
                total[0] += plain_to_pico(quantity)
            else:
                total[1] += int(quantity)
            total[2] += line[_COST] or 0

    def figures(self) -> Figures:
        figures = Figures(self.cost, self.billed, self.records, self.unrated, self.duration_ms, last=self.last)
        for metric, _, quantity, _ in self.lines_in_pico():
            figures.measure(metric, quantity)
        return figures

    def lines_in_pico(self) -> Iterator[tuple[str, str | None, int, int]]:
        """Metric, letter of the category, quantity and cost of each."""
        for (metric, letter), (pico, whole, cost) in self.lines.items():
            yield metric, letter, pico + whole * PICO, cost

    def _pass(self, day: str, moment: str) -> None:
        """Notes the latest instant; most records come in order of time, partition by partition."""
        if moment > self.moment or day != self.day:
            self.day, self.moment = day, moment
            self.last = max(self.last, keys.instant_of(day, moment))


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
    for item in items:
        lines = lines_of(item)
        attributes = tuple(map(_text, map(item.get, _ATTRIBUTES, _NONES)))
        step = int(item["stepIndex"]["N"]) if by_step and "stepIndex" in item else None
        letter = item["under"]["S"] if "under" in item else lines[0][1]
        alike = (attributes, letter, step)
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
        figures = one.figures()
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
    service, model, provider, _, _, persona, tool, step_type, _, _ = alike.attributes
    return _Kind(service, model, provider, persona, tool, step_type)


def _who_of(alike: _Alike) -> tuple[Key, Key, Key]:
    """Whose usage it is: user, session, run. Nearly as many as runs."""
    _, _, _, user, session, _, _, _, run, _ = alike.attributes
    return user, session, keys.run_id_of(run) if run else None


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
    billable = BILLABLE[alike.attributes[-1]]  # type: ignore[index]  # a pricing mode
    _count(_group(groups, CATEGORY_OF_LETTER.get(alike.letter)), one)
    for metric, letter, quantity, cost in one.lines_in_pico():
        category = CATEGORY_OF_LETTER[letter]
        figures = _group(groups, category)
        figures.cost += cost
        figures.billed += cost if category in billable else 0
        figures.measure(metric, quantity)


def run_figures_of_items(items: Iterable[Item]) -> RunFigures:
    """What `domain.statistics.run_figures` gives of the records of one run."""
    run = RunFigures(Figures(), {}, {})
    for alike, one in _sums(items, by_step=True).items():
        model, step_type = alike.attributes[1], alike.attributes[7]
        figures = one.figures()
        run.total.merge(figures)
        _group(run.models, model).merge(figures)
        _group(run.steps, (alike.step_index, step_type)).merge(figures)
    return run


def total_of_items(items: Iterable[Item]) -> Figures:
    """What all the items add up to."""
    return sums_by(items, lambda _: None).get(None, Figures())


def sums_by(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, Figures]:
    """Sums the items of records by any key."""
    sums: dict[Key, _Sum] = {}
    for item in items:
        sums.setdefault(key_of(item), _Sum()).add(item, lines_of(item))
    return {key: one.figures() for key, one in sums.items()}
