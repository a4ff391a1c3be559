"""Tallies straight from the items of records, for hours and days of many.

It gives what `domain.statistics.tally` gives of the records, at a tenth of its cost: records that differ in nothing but
time and amounts are first added up as they come, and only their sums are told apart by dimension.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, Final, NamedTuple, TypeVar

from metering.aws import keys
from metering.aws.counted import Counted, Line, counted, lines_from
from metering.aws.items import CATEGORY_OF_LETTER
from metering.aws.transaction import Item
from metering.domain.metrics import Category
from metering.domain.money import PICO, plain_to_pico
from metering.domain.rates import provider_of
from metering.domain.rating import BILLABLE, PricingMode
from metering.domain.statistics import (
    CATEGORY,
    DIMENSIONS,
    MOST_METRICS,
    TOTAL,
    Figures,
    Groups,
    Key,
    RunFigures,
    Tally,
    first_metrics,
)

_MOST_LINES: Final = 4 * MOST_METRICS
K = TypeVar("K")
V = TypeVar("V")


class _LineSum:
    """Lines of one metric in one category, added up."""

    __slots__ = ("cost", "letter", "metric", "pico", "whole")

    def __init__(self, metric: str, letter: str | None) -> None:
        self.metric = metric
        self.letter = letter
        self.cost = self.pico = self.whole = 0
        """The cost in pico-USD; what has a fraction in pico-units, what has none in units."""

    @property
    def category(self) -> Category | None:
        return CATEGORY_OF_LETTER[self.letter]

    def add_to(self, figures: Figures, billable: frozenset[Category]) -> None:
        figures.cost += self.cost
        figures.billed += self.cost if self.category in billable else 0
        figures.measure(self.metric, self.pico + self.whole * PICO)


class _Sum:
    """Records of one pricing mode, added up."""

    __slots__ = ("duration_ms", "last", "lines", "most", "records", "unrated")

    def __init__(self) -> None:
        self.most = _MOST_LINES
        self.records = self.unrated = self.duration_ms = 0
        self.last = ""
        """The latest instant, or what of it tells the records apart."""
        self.lines: dict[str | tuple[str, str | None], _LineSum] = {}
        """By metric, and by metric and category where a metric has a second one, as few ever have."""

    def add(self, one: Counted, lines: list[Line]) -> None:
        at = one.moment.S if one.day is None else keys.instant_of(one.day.S, one.moment.S)
        self.last = max(self.last, at)
        sign = 1
        if one.kind is not None:
            sign, unrated = one.count()
            self.unrated += unrated
        elif one.unrated is not None:
            self.unrated += 1
        self.records += sign
        if one.duration_ms is not None:
            self.duration_ms += sign * int(one.duration_ms.N)
        known = self.lines
        for line in lines:
            metric, quantity, cost = line.metric, line.quantity, line.cost
            total = known.get(metric)
            if total is None or total.letter != line.letter:
                total = self._line_sum(metric, line.letter)
            if "." in quantity:
                total.pico += plain_to_pico(quantity)
            else:
                total.whole += int(quantity)
            if cost is not None:
                total.cost += cost

    def merge(self, other: "_Sum") -> None:
        self.records += other.records
        self.unrated += other.unrated
        self.duration_ms += other.duration_ms
        self.last = max(self.last, other.last)
        known = self.lines
        for one in other.lines.values():
            total = known.get(one.metric)
            if total is None or total.letter != one.letter:
                total = self._line_sum(one.metric, one.letter)
            total.cost += one.cost
            total.pico += one.pico
            total.whole += one.whole

    def _line_sum(self, metric: str, letter: str | None) -> _LineSum:
        """Where lines of a metric and a category are added up, if not under the metric alone."""
        place = (metric, letter) if metric in self.lines else metric
        found = self.lines.get(place)
        if found is None:
            if len(self.lines) >= self.most:
                self._cut()
            found = self.lines[place] = _LineSum(metric, letter)
        return found

    def _cut(self) -> None:
        """Leaves out lines of which nothing will be in any figures, whatever else is added: they cost nothing."""
        of_letter: dict[str | None, set[str]] = {}
        for one in self.lines.values():
            of_letter.setdefault(one.letter, set()).add(one.metric)
        kept = {(metric, letter) for letter, metrics in of_letter.items() for metric in first_metrics(metrics)}
        for place, one in [*self.lines.items()]:
            if not one.cost and (one.metric, one.letter) not in kept:
                del self.lines[place]
        self.most = len(self.lines) + _MOST_LINES

    def set_date(self, date: str) -> None:
        """Makes an instant of the latest moment of records that left their day out."""
        self.last = keys.instant_on(date, self.last)

    def figures(self, mode: PricingMode) -> Figures:
        figures = Figures()
        self.count_in(figures)
        for line in self.lines.values():
            line.add_to(figures, BILLABLE[mode])
        figures.cut()
        return figures

    def count_in(self, figures: Figures) -> None:
        """Counts the records, without their lines."""
        figures.records += self.records
        figures.unrated += self.unrated
        figures.duration_ms += self.duration_ms
        figures.last = max(figures.last, self.last)


def _sums(records: Iterable[Counted], *, by_step: bool = False) -> dict[tuple[Any, ...], _Sum]:
    """Records that are alike, added up, by all that they have in common.

    That is: service, model, provider, user, session, persona, tool, step type, run (its key), pricing mode, the letter
    of the category that they count under, and the step's index if it is wanted.
    """
    found: dict[tuple[Any, ...], _Sum] = {}
    for one in records:
        lines = lines_from(one.lines.S)
        alike = (
            one.service.S,
            one.model.S,
            one.provider.S,
            one.user.S,
            one.session.S,
            one.persona.S,
            one.tool.S,
            one.step_type.S,
            one.run.S,
            one.mode.S,
            lines[0].letter if one.under is None else one.under.S,
            int(one.step_index.N) if by_step and one.step_index is not None else None,
        )
        total = found.get(alike)
        if total is None:
            total = found[alike] = _Sum()
        total.add(one, lines)
    return found


def tally_counted(records: Iterable[Counted], date: str = "") -> Tally:
    """Sums records by every dimension; those that leave their day out are of this one."""
    kinds: dict[_Kind, _Sum] = {}
    whose: dict[_Whose, _Sum] = {}
    for alike, one in _sums(records).items():
        service, model, provider, user, session, persona, tool, step_type, run, mode, letter, _ = alike
        kind = _Kind(service, model, provider, persona, tool, step_type, mode, letter)
        _found(kinds, kind, _Sum).merge(one)
        _found(whose, _Whose(user, session, run, mode), _Sum).merge(one)
    if date:
        for one in chain(kinds.values(), whose.values()):
            one.set_date(date)
    tally: Tally = {dimension: {} for dimension in DIMENSIONS}
    for kind, one in kinds.items():
        figures = one.figures(kind.mode)
        for dimension, key in _keys_of(kind).items():
            _found(tally[dimension], key, Figures).merge(figures)
        _add_by_category(tally[CATEGORY], kind, one)
    for who, one in whose.items():
        figures = one.figures(who.mode)
        keys_of_who = (who.user, who.session, keys.run_id_of(who.run) if who.run else None)
        for dimension, key in zip(("user", "session", "run"), keys_of_who, strict=True):
            _found(tally[dimension], key, Figures).merge(figures)
    return tally


class _Kind(NamedTuple):
    """What usage is of: few of these, however many records there are."""

    service: Key
    model: Key
    provider: Key
    persona: Key
    tool: Key
    step_type: Key
    mode: PricingMode
    letter: str | None


class _Whose(NamedTuple):
    """Whose usage it is: nearly as many of these as runs."""

    user: Key
    session: Key
    run: Key
    mode: PricingMode


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


def _found(groups: dict[K, V], key: K, make: Callable[[], V]) -> V:
    found = groups.get(key)
    if found is None:
        found = groups[key] = make()
    return found


def _add_by_category(groups: Groups, kind: _Kind, one: _Sum) -> None:
    one.count_in(_found(groups, CATEGORY_OF_LETTER.get(kind.letter), Figures))
    for line in one.lines.values():
        line.add_to(_found(groups, line.category, Figures), BILLABLE[kind.mode])
    for figures in groups.values():
        figures.cut()


def tally_items(items: Iterable[Item]) -> Tally:
    """Sums the items of records by every dimension."""
    return tally_counted(map(counted, items))


def run_figures_of_items(items: Iterable[Item]) -> RunFigures:
    """What `domain.statistics.run_figures` gives of the records of one run."""
    run = RunFigures(Figures(), {}, {})
    for alike, one in _sums(map(counted, items), by_step=True).items():
        _, model, _, _, _, _, _, step_type, _, mode, _, step_index = alike
        figures = one.figures(mode)
        run.total.merge(figures)
        _found(run.models, model, Figures).merge(figures)
        _found(run.steps, (step_index, step_type), Figures).merge(figures)
    return run


def total_of_items(items: Iterable[Item]) -> Figures:
    """What all the items add up to."""
    return sums_by(items, lambda _: None).get(None, Figures())


def sums_by(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, Figures]:
    """Sums the items of records by any key."""
    sums: dict[tuple[Key, PricingMode], _Sum] = {}
    for item in items:
        one = counted(item)
        _found(sums, (key_of(item), one.mode.S), _Sum).add(one, lines_from(one.lines.S))
    found: dict[Key, Figures] = {}
    for (key, mode), total in sums.items():
        _found(found, key, Figures).merge(total.figures(mode))
    return found
