"""Invoice lines add up, to the cent and exactly."""

import json
from collections import defaultdict
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from metering.domain.line_items import (
    MOST_LINES,
    BillableLine,
    InvoiceBasis,
    apportion,
    invoice_items,
    line_id,
    round_together,
    with_markup,
)
from metering.domain.money import PICO, PICO_PER_CENT, plain, plain_to_pico
from metering.domain.periods import period_of_dates

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[1] / "data" / "stripe_invoiceitem.schema.json").read_text())
)
BASIS = InvoiceBasis("prj_one", "exp_1", period_of_dates("2026-11-01", "2026-11-30"))
picos = st.integers(-(10**16), 10**16)


def rounded(pico: int) -> int:
    return int((Decimal(pico) / PICO_PER_CENT).quantize(Decimal(1), ROUND_HALF_EVEN))


@given(st.lists(picos, max_size=40))
def test_shares_add_up_to_the_rounded_total_and_none_is_a_cent_off(amounts: list[int]) -> None:
    shares = apportion(amounts)
    assert sum(shares) == rounded(sum(amounts))
    for amount, share in zip(amounts, shares, strict=True):
        assert abs(share * PICO_PER_CENT - amount) < PICO_PER_CENT


@given(st.lists(picos, max_size=40))
def test_amounts_that_are_rounded_together_differ_as_little_as_their_sum_allows(amounts: list[int]) -> None:
    together, alone = round_together(amounts), [rounded(amount) for amount in amounts]
    assert sum(together) == rounded(sum(amounts))
    changes = [one - other for one, other in zip(together, alone, strict=True)]
    assert sum(map(abs, changes)) == abs(sum(together) - sum(alone))
    for amount, share in zip(amounts, together, strict=True):
        assert abs(share * PICO_PER_CENT - amount) < PICO_PER_CENT


def test_the_line_that_lost_most_gets_the_cent() -> None:
    assert apportion([PICO_PER_CENT * 3 // 10, PICO_PER_CENT * 4 // 10, PICO_PER_CENT * 3 // 10]) == [0, 1, 0]
    assert apportion([PICO_PER_CENT // 2] * 4) == [1, 1, 0, 0]


def test_a_void_takes_its_cents_back() -> None:
    assert sum(apportion([PICO, -PICO, PICO_PER_CENT // 2])) == 0
    assert apportion([-PICO_PER_CENT * 3 // 2]) == [-2]


@given(picos, st.integers(0, 50_000))
def test_a_markup_is_exact_to_the_pico_dollar(amount: int, basis_points: int) -> None:
    wanted = (Decimal(amount) * (10_000 + basis_points) / 10_000).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert with_markup(amount, basis_points) == int(wanted)


def test_a_lines_id_says_what_it_bills_and_not_how_much_nor_in_which_export() -> None:
    line = BillableLine("cus_a", "x", "m", "runs", PICO, PICO, ("ada",))
    known = line_id(line, BASIS)
    same = [line_id(replace(line, billed=0, quantity=1, users=()), BASIS)]
    same += [line_id(line, BASIS._replace(export_id="exp_2", markup_basis_points=7))]
    assert {known} == set(same)
    others = [replace(line, **{field: "other"}) for field in ("customer", "service", "model", "metric")]
    ids = {line_id(other, BASIS) for other in [*others, replace(line, model=None), replace(line, model="any model")]}
    ids |= {line_id(line, BASIS._replace(project="prj_two"))}
    ids |= {line_id(line, BASIS._replace(period=period_of_dates("2026-11-01", "2026-11-29")))}
    assert len(ids - {known}) == 8


lines = st.builds(
    BillableLine,
    customer=st.sampled_from(["cus_a", "cus_b", "cus_c"]),
    service=st.sampled_from(["claude_code", "e2b"]),
    model=st.none() | st.text(min_size=1, max_size=20),
    metric=st.sampled_from(["inputTokens", "outputTokens"]),
    billed=picos,
    quantity=st.integers(0, 10**24),
    users=st.lists(st.text(max_size=200), max_size=5).map(tuple),
)


@settings(deadline=None)
@given(st.lists(lines, max_size=30))
def test_every_item_fits_stripes_schema_and_all_add_up_to_the_rounded_total(made: list[BillableLine]) -> None:
    items = invoice_items(made, BASIS)
    owed: defaultdict[str, int] = defaultdict(int)
    for line in made:
        owed[line.customer] += line.billed
    for item in items:
        SCHEMA.validate(item)
        assert item["period"]["end"] == item["period"]["start"] + 30 * 86_400 - 1
        assert abs(item["amount"] * PICO_PER_CENT - plain_to_pico(item["metadata"]["cost_usd"])) < PICO_PER_CENT
    assert sum(item["amount"] for item in items) == rounded(sum(owed.values()))
    for customer, total in owed.items():
        theirs = [item for item in items if item["customer"] == customer]
        assert abs(sum(item["amount"] for item in theirs) * PICO_PER_CENT - total) < PICO_PER_CENT
        assert sum(Decimal(item["metadata"]["cost_usd"]) for item in theirs) == Decimal(plain(total))


def test_customers_of_a_part_of_a_cent_each_owe_the_rounded_total_together() -> None:
    made = [BillableLine(f"cus_{number}", "x", None, "runs", PICO_PER_CENT * 14 // 10, PICO) for number in range(3)]
    assert [item["amount"] for item in invoice_items(made, BASIS)] == [2, 1, 1]


def test_a_customer_who_owes_whole_cents_gets_none_more() -> None:
    owed = {"cus_a": PICO_PER_CENT, **dict.fromkeys(["cus_b", "cus_c", "cus_d"], PICO_PER_CENT // 2)}
    made = [BillableLine(customer, "x", None, "runs", billed, PICO) for customer, billed in owed.items()]
    assert [item["amount"] for item in invoice_items(made, BASIS)] == [1, 1, 0, 0]


def test_no_invoice_gets_more_than_stripe_takes() -> None:
    many = [BillableLine("cus_a", "x", f"m{number}", "runs", PICO, PICO) for number in range(MOST_LINES + 1)]
    invoices = [item["metadata"]["invoice"] for item in invoice_items(many, BASIS)]
    assert (invoices.count("1"), invoices.count("2")) == (MOST_LINES, 1)
