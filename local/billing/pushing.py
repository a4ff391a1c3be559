"""A whole file of an export to Stripe, customers at once, each customer's lines one after the other."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local.billing.invoice_items import bill_customer
from local.billing.meter_events import send_to_meter
from local.billing.outcomes import Outcome
from local.client import Json

if TYPE_CHECKING:
    from local.billing.account import Account

AT_ONCE: Final = 8
"""Requests under way; Stripe takes 25 a second of test keys."""


def read_lines(path: Path) -> list[Json]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def groups_of(lines: Sequence[Json]) -> list[list[Json]]:
    """What has to be sent in order: a customer's invoice items, or a customer's events of one name."""
    found: dict[str, list[Json]] = {}
    for line in lines:
        key = line.get("customer") or f"{line['payload']['stripe_customer_id']} {line['event_name']}"
        found.setdefault(key, []).append(line)
    return list(found.values())


def push(account: "Account | None", groups: Sequence[Sequence[Json]], *, dry_run: bool) -> Iterator[list[Outcome]]:
    """What comes of each group. Given up in between, no further group is begun.

    Raises:
        RefusedError: Stripe does not let the key do this.
    """

    def send(group: Sequence[Json]) -> list[Outcome]:
        if "customer" in group[0]:
            return bill_customer(account, group[0]["customer"], group, dry_run=dry_run)
        return send_to_meter(account, group, dry_run=dry_run)

    threads = ThreadPoolExecutor(AT_ONCE)
    try:
        yield from threads.map(send, groups)
    finally:
        threads.shutdown(cancel_futures=True)
