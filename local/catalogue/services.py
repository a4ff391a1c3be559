"""Price lists of services that are no language models, from `metering/catalogue/sources/service_rates.json`.

The file is kept as it was read, source by source; this module only says which metric each of its entries is and which
card it stands on.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final, NamedTuple

from local.catalogue.language_models import FIRST_DAY
from metering.catalogue.price_lists import Listing, PriceList
from metering.domain.metrics import CATEGORY_OF
from metering.domain.money import to_pico
from metering.domain.rates import ANY_MODEL, MetricRate

SOURCE_FILE: Final = "sources/service_rates.json"

# What is stored is billed by the month and metered by the hour; a month is 8,760 hours ÷ 12.
HOURS_A_MONTH: Final = 730

# The metrics that an entry prices, each with how many of its units the entry's unit is.
METRICS_OF: Final[dict[tuple[str, str], dict[str, int]]] = {
    ("e2b", "sandbox_vcpu_seconds"): {"vcpuSeconds": 1},
    ("e2b", "sandbox_memory_gib_seconds"): {"memoryGibSeconds": 1},
    ("e2b", "sandbox_disk"): {"storageGbHours": 1},
    ("trigger.dev", "runs"): {"runs": 1},
    ("trigger.dev", "compute_seconds"): {"computeSeconds": 1},
    ("convex", "function_calls"): {"functionCalls": 1},
    ("convex", "action_compute_gb_hours"): {"actionComputeGbHours": 1},
    ("convex", "database_storage_gb_months"): {"databaseStorageGbHours": HOURS_A_MONTH},
    ("convex", "file_storage_gb_months"): {"fileStorageGbHours": HOURS_A_MONTH, "storageGbHours": HOURS_A_MONTH},
    ("convex", "database_io_gb"): {"databaseIoGb": 1},
    ("convex", "egress_gb"): {"bandwidthGb": 1},
    ("convex", "search_storage_gb_months"): {"searchStorageGbHours": HOURS_A_MONTH},
    ("convex", "search_query_gbs"): {"searchQueryGb": 1},
}

# The tier that stands for a model which is not named. Trigger.dev: docs, "Machines", "the default machine is small-1x".
DEFAULT_TIER: Final = {"trigger.dev": "small-1x", "convex": "professional"}


class Rate(NamedTuple):
    """One entry of the file."""

    provider: str
    metric: str
    tier: str | None
    per: int
    usd: Decimal
    source: str
    status: str
    included: str | None

    def rates(self) -> dict[str, MetricRate]:
        return {
            metric: MetricRate(to_pico(self.usd), self.per * units, CATEGORY_OF[metric])
            for metric, units in METRICS_OF[self.provider, self.metric].items()
        }


def service_price_lists() -> Iterator[PriceList]:
    """One price list a provider of the file.

    Raises:
        KeyError: the file has an entry that `METRICS_OF` does not name.
    """
    rates = _read_rates()
    for provider in sorted({rate.provider for rate in rates}):
        yield _price_list(provider, [rate for rate in rates if rate.provider == provider])


def _read_rates() -> list[Rate]:
    text = (files("metering.catalogue") / SOURCE_FILE).read_text(encoding="utf-8")
    return [_rate_from_json(entry) for entry in json.loads(text)["rates"]]


def _rate_from_json(entry: Mapping[str, Any]) -> Rate:
    return Rate(
        entry["provider"],
        entry["metric"],
        entry.get("tier"),
        entry["per"],
        Decimal(entry["usd"]),
        entry["source"],
        entry["status"],
        entry.get("included"),
    )


def _price_list(provider: str, rates: list[Rate]) -> PriceList:
    tiers = sorted({rate.tier for rate in rates if rate.tier})
    for_all = [rate for rate in rates if rate.tier is None]
    listings = []
    for model in (ANY_MODEL, *tiers):
        tier = DEFAULT_TIER.get(provider) if model == ANY_MODEL else model
        listings.append(_listing(model, for_all + [rate for rate in rates if tier and rate.tier == tier]))
    # The entries' sources refer to one another ("same page"), so they stand in the file's order.
    return PriceList(f"provider:{provider}", " | ".join(dict.fromkeys(rate.source for rate in rates)), tuple(listings))


def _listing(model: str, rates: Iterable[Rate]) -> Listing:
    metrics = {metric: rate for each in rates for metric, rate in each.rates().items()}
    return Listing(model, FIRST_DAY, metrics, note="; ".join(dict.fromkeys(_notes(model, rates))) or None)


def _notes(model: str, rates: Iterable[Rate]) -> Iterator[str]:
    for rate in rates:
        names = ", ".join(METRICS_OF[rate.provider, rate.metric])
        if model == ANY_MODEL and rate.tier:
            yield f"priced as {rate.tier} where no model is named"
        if rate.status.startswith("DERIVED"):
            yield f"{names}: {rate.status}"
        if HOURS_A_MONTH in METRICS_OF[rate.provider, rate.metric].values():
            yield f"a month has {HOURS_A_MONTH} hours"
        if rate.included:
            yield f"{names}: the price beyond {rate.included} that the plan includes"
        if not rate.usd:
            yield f"{names}: {rate.source.removeprefix('same page: ')}"
