"""Invoice lines: integer cents that add up to what is owed.

An exact amount per line is rarely a whole number of cents. Rounded one by one, the lines of an invoice miss its total
by a cent here and there, and by dollars over a thousand customers. So the total is rounded once, half to even, and its
cents are given to the lines by largest remainder (Hamilton's method): every line gets its amount rounded down, and the
cents that are left go, one each, to the lines that lost most. Where customers' totals, each rounded half to even, miss
the rounded total of them all, cents go to those that rounding took most from, or come from those that it gave most.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from metering.domain.money import PICO_PER_CENT, cents, divide_half_even, plain, plain_to_pico
from metering.domain.periods import Period, unix_seconds

MOST_LINES: Final = 250
"""Invoice items of one invoice, by Stripe's limit."""
BASIS_POINTS: Final = 10_000
_MOST_VALUE: Final = 500
_IDENTIFIER: Final = 32
_DESCRIPTION: Final = "{service} {model} {metric}"


def apportion(amounts: Sequence[int], whole: int | None = None) -> list[int]:
    """Whole cents for exact amounts (pico-USD), each less than a cent off; of equals the first gets more.

    They add up to `whole`, which is the cents of their sum rounded down or up; without it, half to even.
    """
    floors = [amount // PICO_PER_CENT for amount in amounts]
    left = (cents(sum(amounts)) if whole is None else whole) - sum(floors)
    by_remainder = sorted(range(len(amounts)), key=lambda at: (-(amounts[at] % PICO_PER_CENT), at))
    for at in by_remainder[:left]:
        floors[at] += 1
    return floors


def with_markup(amount: int, basis_points: int) -> int:
    """`amount` (pico-USD) with a markup in hundredths of a percent, rounded to a pico-USD, half to even."""
    return divide_half_even(amount * (BASIS_POINTS + basis_points), BASIS_POINTS)


def round_together(amounts: Sequence[int]) -> list[int]:
    """Cents for exact amounts (pico-USD), each half to even but for as few as their rounded sum makes differ by one."""
    rounded = [cents(amount) for amount in amounts]
    missing = cents(sum(amounts)) - sum(rounded)
    step = 1 if missing > 0 else -1
    lost = [step * (amount - share * PICO_PER_CENT) for amount, share in zip(amounts, rounded, strict=True)]
    for at in sorted(range(len(amounts)), key=lambda at: (-lost[at], at))[: abs(missing)]:
        rounded[at] += step
    return rounded


@dataclass(frozen=True)
class BillableLine:
    """What one customer owes for one metric of one model of one service: pico-USD, and units of 10^-12."""

    customer: str
    service: str
    model: str | None
    metric: str
    billed: int
    quantity: int
    users: tuple[str, ...] = ()


class Invoiced(NamedTuple):
    """What items add up to: cents, and exactly in pico-USD."""

    cents: int
    exact: int


class InvoiceBasis(NamedTuple):
    """What all items of an export have in common."""

    project: str
    export_id: str
    period: Period
    markup_basis_points: int = 0


def invoice_items(lines: Iterable[BillableLine], basis: InvoiceBasis) -> list[dict[str, Any]]:
    """Bodies of Stripe's `POST /v1/invoiceitems`, customer by customer.

    All items add up to the rounded total, and a customer's to what the customer owes, to less than a cent. Where they
    are more than fit one invoice, `metadata.invoice` says which one an item belongs to.
    """
    ordered = sorted(lines, key=lambda line: (line.customer, line.service, line.model or "", line.metric))
    by_customer = [list(of_one) for _, of_one in groupby(ordered, key=lambda line: line.customer)]
    exact = [[with_markup(line.billed, basis.markup_basis_points) for line in of_one] for of_one in by_customer]
    totals = round_together([sum(amounts) for amounts in exact])
    return [
        item
        for of_one, amounts, total in zip(by_customer, exact, totals, strict=True)
        for item in _items_of(of_one, amounts, total, basis)
    ]


def _items_of(
    lines: Sequence[BillableLine], exact: Sequence[int], total: int, basis: InvoiceBasis
) -> Iterator[dict[str, Any]]:
    """One customer's items, which add up to `total` cents."""
    shares = apportion(exact, total)
    for number, (line, cost, share) in enumerate(zip(lines, exact, shares, strict=True)):
        yield _item(line, cost, share, basis, invoice=1 + number // MOST_LINES)


def _item(line: BillableLine, cost: int, amount: int, basis: InvoiceBasis, *, invoice: int) -> dict[str, Any]:
    model = line.model or "any model"
    return {
        "customer": line.customer,
        "amount": amount,
        "currency": "usd",
        "description": _DESCRIPTION.format(service=line.service, model=model, metric=line.metric),
        "period": {"start": unix_seconds(basis.period.start), "end": unix_seconds(basis.period.end) - 1},
        "metadata": {
            "cost_usd": plain(cost),
            "quantity": plain(line.quantity),
            "service": line.service,
            "model": model,
            "metric": line.metric,
            "users": _shortened(",".join(line.users)),
            "export_id": basis.export_id,
            "markup_basis_points": str(basis.markup_basis_points),
            "project_id": basis.project,
            "line_id": line_id(line, basis),
            "invoice": str(invoice),
        },
    }


def line_id(line: BillableLine, basis: InvoiceBasis) -> str:
    """What a line bills, whatever it comes to and whichever export says so: the same usage has the same id again."""
    what = [basis.project, line.customer, *basis.period, line.service, line.model, line.metric]
    return f"usage_{hashlib.sha256(json.dumps(what).encode()).hexdigest()[:_IDENTIFIER]}"


def invoiced(items: Iterable[Mapping[str, Any]]) -> Invoiced:
    """What invoice items add up to."""
    found = [(item["amount"], plain_to_pico(item["metadata"]["cost_usd"])) for item in items]
    return Invoiced(sum(amount for amount, _ in found), sum(exact for _, exact in found))


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_VALUE else f"{text[: _MOST_VALUE - 1]}…"
