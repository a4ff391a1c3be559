"""What an export bills through Stripe: invoice items, or meter events; and what it has nobody to bill to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple

import msgspec

from metering.aws.export_store import Export
from metering.domain.line_items import BillableLine, InvoiceBasis, invoice_items
from metering.domain.meter_events import Metered, is_too_old, meter_event
from metering.domain.money import money, plain

Customers = Callable[[Iterable[str]], dict[str, str]]
"""Finds the Stripe customers of users."""
Reason = Literal["no_customer", "older_than_35_days"]
_Place = tuple[str | None, Reason]
_UNKNOWN: Final = None
MOST_SKIPPED_BYTES: Final = 96 * 1024
"""Of those left out, in an export's item, which has room for 400 KB, the request among it; the manifest has all."""
_ENTRY_BYTES: Final = 160
"""An entry without its user, at most."""


class Sum(NamedTuple):
    """A line of a day's chunk: what a user's billable usage adds up to. Units of 10^-12 and pico-USD."""

    date: str
    user: str | None
    service: str
    model: str | None
    metric: str
    quantity: int
    billed: int


class Billing:
    """Who is billed, and what is left out."""

    def __init__(self, export: Export, project: str, customers: Customers, now: str) -> None:
        self.export = export
        self.project = project
        self.now = now
        self._find = customers
        self._known: dict[str, str | None] = dict(export.request.options.get("customers", {}))
        self._skipped: dict[_Place, int] = {}

    def know(self, sums: Iterable[Sum]) -> None:
        """Looks up the customers of those that are not known yet."""
        users = sorted({one.user for one in sums if one.user is not None and one.user not in self._known})
        self._known.update({**dict.fromkeys(users, _UNKNOWN), **self._find(users)})

    def customer_of(self, one: Sum) -> str | None:
        """Who pays; what nobody does is noted."""
        customer = None if one.user is None else self._known[one.user]
        if customer is None:
            self.skip(one, "no_customer")
        return customer

    def skip(self, one: Sum, reason: Reason) -> None:
        self._skipped[one.user, reason] = self._skipped.get((one.user, reason), 0) + one.billed

    def skipped(self) -> list[dict[str, Any]]:
        return _shown(self._skipped)

    def skipped_in_short(self) -> list[dict[str, Any]]:
        """The same, as far as an export's item has room: those of whom most is left out, and the others as nobody's."""
        told: dict[_Place, int] = {}
        room = MOST_SKIPPED_BYTES
        for place, billed in sorted(self._skipped.items(), key=lambda entry: (-abs(entry[1]), entry[0][0] or "")):
            room -= len(msgspec.json.encode(place[0])) + _ENTRY_BYTES
            kept = place if room >= 0 else (None, place[1])
            told[kept] = told.get(kept, 0) + billed
        return _shown(told)


def _shown(skipped: Mapping[_Place, int]) -> list[dict[str, Any]]:
    ordered = sorted(skipped.items(), key=lambda entry: (entry[0][0] is None, entry[0][0] or "", entry[0][1]))
    return [
        {"userId": user, "reason": reason, "billed": money(billed), "billedUsd": plain(billed)}
        for (user, reason), billed in ordered
    ]


def _sums(lines: Iterable[bytes]) -> Iterator[Sum]:
    for line in lines:
        date, user, service, model, metric, quantity, billed = msgspec.json.decode(line)
        yield Sum(date, user, service, model, metric, int(quantity), int(billed))


def invoice_rows(billing: Billing, lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """Invoice items of the whole period; in memory are the customers' lines, not the days'.

    What was taken back altogether, or was nothing to begin with, is no item.
    """
    sums: dict[tuple[str | None, ...], Sum] = {}
    for one in _sums(lines):
        place = (one.user, one.service, one.model, one.metric)
        before = sums.get(place)
        sums[place] = one if before is None else _plus(before, one)
    billing.know(sums.values())
    found: dict[tuple[str, str, str | None, str], BillableLine] = {}
    for one in sums.values():
        customer = billing.customer_of(one)
        if customer is not None:
            key = (customer, one.service, one.model, one.metric)
            found[key] = _with(found.get(key) or BillableLine(*key, 0, 0), one)
    lines_of_any = [line for line in found.values() if line.billed or line.quantity]
    export = billing.export
    basis = InvoiceBasis(billing.project, export.export_id, export.request.period, export.markup_basis_points)
    return invoice_items(lines_of_any, basis)


def _plus(one: Sum, other: Sum) -> Sum:
    return one._replace(quantity=one.quantity + other.quantity, billed=one.billed + other.billed)


def _with(line: BillableLine, one: Sum) -> BillableLine:
    users = tuple(sorted({*line.users, one.user or ""}))
    key = (line.customer, line.service, line.model, line.metric)
    return BillableLine(*key, line.billed + one.billed, line.quantity + one.quantity, users)


def meter_event_rows(billing: Billing, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Meter events, day by day. A day's quantities are net and never below zero, since corrections are of the day of
    what they correct; those that are zero are no events.
    """
    for date, of_day in groupby(_sums(lines), key=lambda one: one.date):
        sums = list(of_day)
        if is_too_old(date, billing.now):
            for one in sums:
                billing.skip(one, "older_than_35_days")
        else:
            yield from _events_of_day(billing, sums)


def _events_of_day(billing: Billing, sums: list[Sum]) -> Iterator[dict[str, Any]]:
    billing.know(sums)
    quantities: dict[Metered, int] = {}
    for one in sums:
        customer = billing.customer_of(one)
        if customer is not None:
            metered = Metered(one.date, customer, one.service, one.model, one.metric)
            quantities[metered] = quantities.get(metered, 0) + one.quantity
    for metered in sorted(quantities, key=str):
        if quantities[metered]:
            yield meter_event(billing.project, metered, quantities[metered])
