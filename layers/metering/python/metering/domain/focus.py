"""FOCUS 1.2, the FinOps Open Cost and Usage Specification: what usage cost by day, as rows that any FinOps tool reads.

All columns that the specification makes mandatory are there, and of the conditional ones those that metering has
something to say in. The platform provides, issues the invoice and holds the billing account; a project is a
sub-account; the vendor of a service is its publisher. The four costs are equal, since neither discounts nor
commitments are metered, and they are what usage cost, whoever pays for it; `x_Billable` tells which rows the pricing
mode bills. Source: https://focus.finops.org/focus-specification/v1-2/
"""

import json
import re
from datetime import date, timedelta
from typing import Final, NamedTuple

from metering.domain.exports import defused
from metering.domain.metrics import Category
from metering.domain.money import DECIMALS, PICO, divide_half_even, plain
from metering.domain.rates import ANY_MODEL, PROVIDER_OF_SERVICE, provider_of
from metering.domain.rating import BILLABLE, PricingMode

SERVICE_CATEGORY: Final[dict[Category | None, str]] = {
    "modelTokens": "AI and Machine Learning",
    "compute": "Compute",
    "storage": "Storage",
    "orchestration": "Integration",
    None: "Other",
}
_IN_NAMES: Final[dict[Category | None, str]] = {
    "modelTokens": "models",
    "compute": "compute",
    "storage": "storage",
    "orchestration": "orchestration",
    None: "other",
}
_UNITS: Final = (
    (re.compile(r"Tokens\Z"), "Tokens"),
    (re.compile(r"\AvcpuSeconds\Z"), "vCPU-Seconds"),
    (re.compile(r"GibSeconds\Z"), "GiB-Seconds"),
    (re.compile(r"Seconds\Z"), "Seconds"),
    (re.compile(r"GbHours\Z"), "GB-Hours"),
    (re.compile(r"Gb\Z"), "GB"),
)
_OWN_SERVICE: Final = {vendor: service for service, vendor in reversed(PROVIDER_OF_SERVICE.items())}
_WORD: Final = re.compile(r"[A-Z]?[^A-Z]+|[A-Z]+")
COLUMNS: Final = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuMeter",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
    "x_Billable",
    "x_PricingMode",
    "x_Rated",
)


class Charge(NamedTuple):
    """What the usage of a row has in common."""

    user: str | None
    service: str
    provider: str | None
    model: str | None
    metric: str
    category: Category | None
    rate_id: str | None
    price: int | None
    """Pico-USD per `per` units; None: there is no rate."""
    per: int | None
    tier: int | None
    """The threshold of the tier that gave the price, in input tokens."""
    mode: PricingMode
    is_correction: bool


class Account(NamedTuple):
    """Who is charged, and by whom."""

    platform: str
    project: str
    project_name: str


def row(account: Account, day: str, charge: Charge, quantity: int, cost: int) -> dict[str, str]:
    """The cells of a day's charge by column, an empty one for null. Units of 10^-12 and pico-USD."""
    price_known = charge.price is not None and not charge.is_correction
    unit_price = decimal_text(charge.price or 0) if price_known else ""
    amount = decimal_text(cost)
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), amount),
        **dict.fromkeys(("ListUnitPrice", "ContractedUnitPrice"), unit_price),
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargeClass": "Correction" if charge.is_correction else "",
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard",
        "ConsumedQuantity": decimal_text(quantity),
        "ConsumedUnit": unit_of(charge.metric),
        **_pricing(charge, quantity),
        **_accounts(account),
        **_periods(date.fromisoformat(day)),
        **_what(charge),
        "Tags": json.dumps({} if charge.user is None else {"userId": charge.user}, ensure_ascii=False),
        "x_Billable": str(charge.category in BILLABLE[charge.mode]).lower(),
        "x_PricingMode": charge.mode,
        "x_Rated": str(charge.price is not None or not quantity).lower(),
    }


def _accounts(account: Account) -> dict[str, str]:
    platform = defused(account.platform)
    return {
        **dict.fromkeys(("BillingAccountId", "BillingAccountName", "ProviderName", "InvoiceIssuerName"), platform),
        "SubAccountId": account.project,
        "SubAccountName": defused(account.project_name),
        "SubAccountType": "Project",
    }


def _periods(day: date) -> dict[str, str]:
    """The day, and its month; both ends are exclusive."""
    month = day.replace(day=1)
    return {
        "ChargePeriodStart": _midnight(day),
        "ChargePeriodEnd": _midnight(day + timedelta(days=1)),
        "BillingPeriodStart": _midnight(month),
        "BillingPeriodEnd": _midnight((month + timedelta(days=32)).replace(day=1)),
    }


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _what(charge: Charge) -> dict[str, str]:
    words = [charge.service, charge.model, charge.metric, None if charge.rate_id else "without a rate"]
    publisher = provider_of(charge.service, charge.provider, charge.model) or charge.service
    return {
        "ChargeDescription": defused(" ".join(word for word in words if word)),
        "PublisherName": defused(publisher),
        "ServiceCategory": SERVICE_CATEGORY[charge.category],
        "ServiceName": defused(f"{charge.service} {_IN_NAMES[charge.category]}"),
        "SkuId": defused(sku_id(charge)),
        "SkuMeter": defused(charge.metric),
        "SkuPriceId": defused(sku_price_id(charge)),
    }


def _pricing(charge: Charge, quantity: int) -> dict[str, str]:
    """Quantity and unit as the price counts them: 1,200 tokens, priced by the million, are 0.0012 `1000000 Tokens`."""
    unit, per = unit_of(charge.metric), charge.per or 1
    fine = divide_half_even(quantity * PICO, per)
    return {
        "PricingQuantity": decimal_text(fine, 2 * DECIMALS),
        "PricingUnit": unit if per == 1 else f"{per} {unit}",
    }


def sku_id(charge: Charge) -> str:
    return "/".join(filter(None, (charge.service, charge.model, charge.metric)))


def sku_price_id(charge: Charge) -> str:
    """The rate and the metric, and the tier if the price is one's.

    A price of several SKUs, such as a vendor's that several services share, says which one it is here, since FOCUS
    wants one SKU for each; without a price the SKU stands for it, as FOCUS advises.
    """
    if charge.rate_id is None:
        return sku_id(charge)
    price_id = f"{charge.rate_id}#{charge.metric}" + (f">{charge.tier}" if charge.tier is not None else "")
    return price_id if _is_the_only_one(charge) else f"{price_id}#{charge.service}/{charge.model or ''}"


def _is_the_only_one(charge: Charge) -> bool:
    """Whether the card prices this model of this service alone, or else is of the service's own vendor."""
    _, owner, card = (charge.rate_id or "").split("/", 2)
    kind, _, name = owner.partition(":")
    service = name if kind == "service" else _OWN_SERVICE.get(name)
    return service == charge.service and card.rpartition("@")[0] == (charge.model or ANY_MODEL)


def unit_of(metric: str) -> str:
    """The unit in FOCUS's form: capitalized, plural, compound units with a hyphen."""
    for pattern, unit in _UNITS:
        if pattern.search(metric):
            return unit
    return " ".join(word.capitalize() for word in _WORD.findall(metric))


def decimal_text(value: int, decimals: int = DECIMALS) -> str:
    """`value` × 10^-`decimals` as a decimal that always has a point."""
    if decimals == DECIMALS:
        text = plain(value)
    else:
        whole, fraction = divmod(abs(value), 10**decimals)
        text = f"{'-' if value < 0 else ''}{whole}.{fraction:0{decimals}d}".rstrip("0").removesuffix(".")
    return text if "." in text else f"{text}.0"
