"""Who is billed for what, over many customers and days."""

import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from metering.aws.export_store import Export, export_to_item
from metering.domain.exports import ExportRequest
from metering.domain.money import PICO, PICO_PER_CENT
from metering.flows.bill_customers import Billing, invoice_rows, meter_event_rows

NOW = "2026-11-30T00:00:00.000000Z"
HALF_A_CENT = PICO_PER_CENT // 2
MOST_ITEM_BYTES = 400 * 1024


def billing(**options: Any) -> Billing:
    request = ExportRequest("stripe", "2026-11-01", "2026-11-30", None, options)
    export = Export("exp_1", request, "running", NOW, 30, NOW)
    return Billing(export, "prj_one", customers, NOW)


def customers(users: Iterable[str]) -> dict[str, str]:
    return {user: f"cus_{user}" for user in users if not user.startswith("nobody")}


def line(user: str | None, metric: str, billed: int, *, quantity: int = PICO, day: int = 24) -> bytes:
    return msgspec.json.encode([f"2026-11-{day:02d}", user, "acme", None, metric, str(quantity), str(billed)])


def test_a_thousand_customers_with_half_a_cent_each_pay_what_half_to_even_makes_of_their_totals() -> None:
    lines = [line(str(number), "runs", HALF_A_CENT) for number in range(1000)]
    lines += [line(str(number), "fleetItems", 2 * HALF_A_CENT, day=25) for number in range(0, 1000, 2)]
    owed: defaultdict[str, int] = defaultdict(int)
    exactly: defaultdict[str, Decimal] = defaultdict(Decimal)
    for item in invoice_rows(billing(), lines):
        owed[item["customer"]] += item["amount"]
        exactly[item["customer"]] += Decimal(item["metadata"]["cost_usd"])
    assert all(owed[customer] == round(amount * 100) for customer, amount in exactly.items())
    assert [owed[f"cus_{number}"] for number in range(1000)] == [2, 0] * 500
    assert sum(exactly.values()) == Decimal(10)


def test_what_was_taken_back_is_no_item_and_a_credit_is_a_negative_one() -> None:
    voided = [line("ada", "runs", PICO), line("ada", "runs", -PICO, quantity=-PICO, day=25)]
    assert invoice_rows(billing(), voided) == []
    credit = [line("ada", "runs", -PICO, quantity=-PICO)]
    assert [item["amount"] for item in invoice_rows(billing(), credit)] == [-100]


def test_whom_nobody_pays_for_is_told_with_amounts() -> None:
    told = billing()
    lines = [line("nobody", "runs", PICO), line(None, "runs", 2 * PICO), line("nobody", "fleetItems", PICO)]
    assert invoice_rows(told, lines) == []
    assert [(one["userId"], one["reason"], one["billedUsd"]) for one in told.skipped()] == [
        ("nobody", "no_customer", "2"),
        (None, "no_customer", "2"),
    ]


def test_an_item_has_room_for_any_number_of_those_whom_nobody_pays_for() -> None:
    request = {f"{number:03d}{'😀' * 50}": f"cus_{number}" for number in range(1000)}
    told = billing(customers=request)
    lines = [line(f"nobody {'😀' * 190}{number}", "runs", number * PICO) for number in range(5000)]
    assert invoice_rows(told, [*lines, line(None, "runs", PICO)]) == []
    in_short = told.skipped_in_short()
    named, others = [one["userId"] for one in in_short[:-1]], in_short[-1]
    assert len(told.skipped()) == 5001
    assert set(named) == {f"nobody {'😀' * 190}{number}" for number in range(5000 - len(named), 5000)}
    assert others["userId"] is None
    assert sum(Decimal(one["billedUsd"]) for one in in_short) == sum(range(5000)) + 1
    item = export_to_item("prj_one", told.export._replace(skipped=tuple(in_short)))
    assert len(json.dumps(item, ensure_ascii=False).encode()) < MOST_ITEM_BYTES


def test_what_the_request_says_of_customers_comes_before_what_is_set() -> None:
    [item] = invoice_rows(billing(customers={"ada": "cus_other"}), [line("ada", "runs", PICO)])
    assert item["customer"] == "cus_other"


def test_users_of_one_customer_are_one_event_a_day_and_metric() -> None:
    shared = billing(customers={"ada": "cus_a", "bob": "cus_a"})
    lines = [line(user, "runs", PICO, day=day) for day in (1, 2) for user in ("ada", "bob")]
    events = list(meter_event_rows(shared, lines))
    assert [event["payload"]["value"] for event in events] == ["2", "2"]
    assert len({event["identifier"] for event in events}) == 2
    assert json.dumps(events) == json.dumps(list(meter_event_rows(shared, lines)))


def test_a_day_that_is_nothing_in_the_end_is_no_event() -> None:
    lines = [line("ada", "runs", PICO), line("ada", "runs", -PICO, quantity=-PICO)]
    assert list(meter_event_rows(billing(), lines)) == []
