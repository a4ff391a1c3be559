"""FOCUS rows: the specification's columns and forms, whatever is charged for."""

import json
import re
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.focus import COLUMNS, SERVICE_CATEGORY, Account, Charge, decimal_text, row, sku_price_id, unit_of
from metering.domain.metrics import CATEGORIES
from metering.domain.money import PICO

MANDATORY = {
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
}
"""FOCUS 1.2, feature level Mandatory: https://focus.finops.org/focus-specification/v1-2/"""
NULL_IS_ALLOWED = {"ChargeClass", "ContractedUnitPrice", "ListUnitPrice"}
ACCOUNT = Account("Meterstone", "prj_one", "One")
SONNET = Charge(
    user="ada",
    service="claude_code",
    provider=None,
    model="claude-sonnet-4-5",
    metric="inputTokens",
    category="modelTokens",
    rate_id="default/provider:anthropic/claude-sonnet-4-5@2025-09-29",
    price=3 * PICO,
    per=1_000_000,
    tier=None,
    mode="managed",
    is_correction=False,
)

services = st.sampled_from(["claude_code", "codex", "trigger_dev", "trigger.dev", "acme"])
models = st.none() | st.sampled_from(["m", "m-20250929", "openai/m"])
owners = st.sampled_from(["service:acme", "provider:anthropic", "provider:trigger.dev", "provider:openai"])
cards = st.builds("default/{}/{}@2025-01-01".format, owners, st.sampled_from(["*", "m", "openai/m"]))
charges = st.builds(
    Charge,
    user=st.none() | st.text(max_size=20),
    service=services,
    provider=st.none() | st.just("anthropic"),
    model=models,
    metric=st.sampled_from(["inputTokens", "runs", "vcpuSeconds", "imagesMade"]),
    category=st.none() | st.sampled_from(CATEGORIES),
    rate_id=st.none() | cards,
    price=st.none() | st.integers(0, 10**15),
    per=st.none() | st.sampled_from([1, 3, 1000, 1_000_000]),
    tier=st.none() | st.just(200_000),
    mode=st.sampled_from(["managed", "byok", "byoi"]),
    is_correction=st.booleans(),
)
amounts = st.integers(-(10**24), 10**24)


@given(charges, amounts, amounts)
def test_a_row_has_every_column_in_the_specifications_form(charge: Charge, quantity: int, cost: int) -> None:
    cells = row(ACCOUNT, "2026-12-31", charge, quantity, cost)
    assert set(cells) == set(COLUMNS) >= MANDATORY
    assert {column for column, cell in cells.items() if not cell} <= NULL_IS_ALLOWED
    for column, cell in cells.items():
        if column.endswith(("Cost", "Quantity", "UnitPrice")) and cell:
            assert re.fullmatch(r"-?\d+\.\d+", cell)
    assert Decimal(cells["BilledCost"]).scaleb(12) == cost
    assert Decimal(cells["ConsumedQuantity"]).scaleb(12) == quantity
    assert (cells["ChargeClass"] == "Correction") == charge.is_correction
    assert isinstance(json.loads(cells["Tags"]), dict)
    periods = [cells[f"{kind}Period{end}"] for kind in ("Charge", "Billing") for end in ("Start", "End")]
    assert periods == [f"{day}T00:00:00Z" for day in ("2026-12-31", "2027-01-01", "2026-12-01", "2027-01-01")]


@given(st.lists(charges, max_size=50))
def test_a_price_has_one_sku_and_a_service_name_one_category(made: list[Charge]) -> None:
    skus, categories = defaultdict(set), defaultdict(set)
    for charge in made:
        cells = row(ACCOUNT, "2026-11-24", charge, 0, 0)
        skus[cells["SkuPriceId"]].add(cells["SkuId"])
        categories[cells["ServiceName"]].add(cells["ServiceCategory"])
    assert all(len(found) == 1 for found in [*skus.values(), *categories.values()])


def test_the_usual_row() -> None:
    cells = row(ACCOUNT, "2026-11-24", SONNET, 1200 * PICO, 3_600_000_000)
    assert (cells["BilledCost"], cells["ListUnitPrice"]) == ("0.0036", "3.0")
    assert (cells["ConsumedQuantity"], cells["ConsumedUnit"]) == ("1200.0", "Tokens")
    assert (cells["PricingQuantity"], cells["PricingUnit"]) == ("0.0012", "1000000 Tokens")
    assert (cells["ProviderName"], cells["PublisherName"]) == ("Meterstone", "anthropic")
    assert cells["SkuId"] == "claude_code/claude-sonnet-4-5/inputTokens"
    assert cells["SkuPriceId"] == "default/provider:anthropic/claude-sonnet-4-5@2025-09-29#inputTokens"
    assert json.loads(cells["Tags"]) == {"userId": "ada"}
    assert cells["x_Billable"] == "true"
    assert row(ACCOUNT, "2026-11-24", SONNET._replace(mode="byok"), 0, 0)["x_Billable"] == "false"


def test_usage_without_a_rate_is_there_and_says_so() -> None:
    cells = row(ACCOUNT, "2026-11-24", SONNET._replace(rate_id=None, price=None, per=None), PICO, 0)
    assert (cells["x_Rated"], cells["BilledCost"], cells["ListUnitPrice"]) == ("false", "0.0", "")
    assert cells["SkuPriceId"] == cells["SkuId"]
    assert cells["ChargeDescription"].endswith("without a rate")


def test_a_price_that_several_skus_share_names_its_own() -> None:
    shared = sku_price_id(SONNET._replace(service="acme"))
    assert shared == f"{sku_price_id(SONNET)}#acme/claude-sonnet-4-5"
    assert sku_price_id(SONNET._replace(tier=200_000)) == f"{sku_price_id(SONNET)}>200000"


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("cachedInputTokens", "Tokens"),
        ("vcpuSeconds", "vCPU-Seconds"),
        ("memoryGibSeconds", "GiB-Seconds"),
        ("sandboxSeconds", "Seconds"),
        ("storageGbHours", "GB-Hours"),
        ("bandwidthGb", "GB"),
        ("workflowRuns", "Workflow Runs"),
    ],
)
def test_units_have_the_specifications_form(metric: str, unit: str) -> None:
    assert unit_of(metric) == unit


def test_every_category_is_one_of_focus() -> None:
    assert set(SERVICE_CATEGORY) == {*CATEGORIES, None}


@given(st.integers(-(10**30), 10**30), st.sampled_from([12, 24]))
def test_a_decimal_is_exact_and_has_a_point(value: int, decimals: int) -> None:
    text = decimal_text(value, decimals)
    assert "." in text
    assert Fraction(text) == Fraction(value, 10**decimals)
