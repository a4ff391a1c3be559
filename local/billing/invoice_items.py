"""Invoice items: compared with those that Stripe has, and created where it has none.

A line is recognised by `metadata.line_id`. The same usage billed by an earlier export of other days has another one,
so that items of overlapping periods are looked at as well.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from local.billing.errors import InvalidError, UnreachableError, UsedError
from local.billing.outcomes import Outcome, Verdict
from local.client import Json

if TYPE_CHECKING:
    from local.billing.account import Account

LONGEST_EXPORT: Final = 367 * 86_400
"""Seconds; no item that overlaps with an export began longer before it, nor was it made earlier."""
_CENT: Final = Decimal("0.01")
_SAME: Final = ("project_id", "service", "model", "metric")


class There(NamedTuple):
    """A customer's items that Stripe has, those of this project."""

    items: Sequence[Json]

    def of(self, line_id: str) -> list[Json]:
        return [item for item in self.items if item["metadata"].get("line_id") == line_id]

    def overlapping(self, body: Json) -> list[Json]:
        """Those of the same service, model and metric whose period has days in common with the body's."""
        known = body["metadata"]
        alike = [item for item in self.items if all(item["metadata"].get(name) == known[name] for name in _SAME)]
        start, end = body["period"]["start"], body["period"]["end"]
        return [item for item in alike if item["period"]["start"] <= end and start <= item["period"]["end"]]


def bill_customer(account: "Account | None", customer: str, bodies: Sequence[Json], *, dry_run: bool) -> list[Outcome]:
    """What comes of a customer's items; without an account nothing is known to be there."""
    if account is None:
        return [_outcome(body, "new") for body in bodies]
    try:
        there = _there(account, customer, bodies)
    except (InvalidError, UnreachableError) as error:
        return [_outcome(body, "failed", str(error)) for body in bodies]
    compared = [compare(body, there) for body in bodies]
    if not dry_run:
        pairs = zip(bodies, compared, strict=True)
        compared = [_create(account, body) if outcome.verdict == "new" else outcome for body, outcome in pairs]
    return [*compared, *_left_over(customer, bodies, there)]


def _there(account: "Account", customer: str, bodies: Sequence[Json]) -> There:
    since = bodies[0]["period"]["start"] - LONGEST_EXPORT
    project = bodies[0]["metadata"]["project_id"]
    found = account.invoice_items(customer, since)
    return There([item for item in found if (item["metadata"] or {}).get("project_id") == project])


def compare(body: Json, there: There) -> Outcome:
    """What an item is to what Stripe has."""
    found = there.of(body["metadata"]["line_id"])
    amount = sum(item["amount"] for item in found)
    if found and (amount == body["amount"] or _is_rounding(found, amount, body)):
        return _outcome(body, "present")
    if found:
        return _outcome(body, "differs", f"Stripe has {_usd(amount)} USD and the export {_usd(body['amount'])}")
    overlapping = there.overlapping(body)
    if overlapping:
        periods = " and ".join(sorted({_days(item) for item in overlapping}))
        return _outcome(body, "differs", f"Stripe has items of the same usage for {periods}")
    return _outcome(body, "new")


def _is_rounding(found: Sequence[Json], amount: int, body: Json) -> bool:
    """Whether the same exact cost got a cent more or less, as an export's cents are shared by all that it bills."""
    known = body["metadata"]["cost_usd"]
    return len(found) == 1 and found[0]["metadata"].get("cost_usd") == known and abs(amount - body["amount"]) <= 1


def _create(account: "Account", body: Json) -> Outcome:
    try:
        account.create_invoice_item(body, body["metadata"]["line_id"])
    except InvalidError as error:
        return _outcome(body, "failed", str(error))
    except (UnreachableError, UsedError) as error:
        return _look_again(account, body, error)
    return _outcome(body, "created")


def _look_again(account: "Account", body: Json, error: Exception) -> Outcome:
    """What came of an item whose creation is in doubt, or whose key was used: it may be there by now."""
    try:
        there = _there(account, body["customer"], [body])
    except (InvalidError, UnreachableError):
        return _outcome(body, "failed", str(error))
    found = compare(body, there)
    if found.verdict != "new":
        return found
    reason = (
        "it was created a short time ago with another amount and is gone since" if isinstance(error, UsedError) else ""
    )
    return _outcome(body, "failed", f"{reason}: {error}".removeprefix(": "))


def _left_over(customer: str, bodies: Iterable[Json], there: There) -> list[Outcome]:
    """Items of the same period that Stripe has and the export has not, since their usage was taken back."""
    wanted = [body["metadata"]["line_id"] for body in bodies]
    period = next(iter(bodies))["period"]
    left = [item for item in there.items if item["period"] == period]
    return [
        Outcome(customer, str(item["description"]), "differs", Decimal(0), _no_longer(item))
        for item in left
        if item["metadata"].get("line_id") not in wanted
    ]


def _no_longer(item: Json) -> str:
    return f"Stripe has {_usd(item['amount'])} USD, and the export nothing"


def _outcome(body: Json, verdict: Verdict, reason: str | None = None) -> Outcome:
    return Outcome(body["customer"], body["description"], verdict, _usd(body["amount"]), reason)


def _usd(cents: int) -> Decimal:
    return cents * _CENT


def _days(item: Json) -> str:
    first, last = (datetime.fromtimestamp(item["period"][end], UTC).date() for end in ("start", "end"))
    return f"{first} to {last}"
