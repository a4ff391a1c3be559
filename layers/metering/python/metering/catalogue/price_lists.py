"""A price list: what one owner charges, as text that diffs well.

The first line names the owner and the source of its prices. Every further line is a listing: the metrics of one model
from one date in the form of `POST /v1/rates`, the other names of that model for which the same holds (`alsoNamed`), and
a `note` where a price is not simply the source's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from metering.domain.metrics import CATEGORY_OF
from metering.domain.money import plain, to_pico
from metering.domain.rates import DEFAULT_SCOPE, MetricRate, RateCard, Tier

_COMPACT: Final = (",", ":")


class Entry(NamedTuple):
    """A card of the catalogue, where its prices come from, and what else is to be known of them."""

    card: RateCard
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a model costs from a date on, under each of its names."""

    model: str
    effective_from: str
    metrics: Mapping[str, MetricRate]
    also_named: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PriceList:
    """All listings of one owner, in order of model and date."""

    owner: str
    source: str
    listings: tuple[Listing, ...]

    def entries(self) -> Iterator[Entry]:
        """One default card a name and date."""
        for listing in self.listings:
            for model in (listing.model, *listing.also_named):
                card = RateCard(DEFAULT_SCOPE, self.owner, model, listing.effective_from, listing.metrics)
                yield Entry(card, self.source, listing.note)


def price_list_to_text(price_list: PriceList) -> str:
    lines = [{"owner": price_list.owner, "source": price_list.source}, *map(_listing_to_json, price_list.listings)]
    return "".join(json.dumps(line, separators=_COMPACT, ensure_ascii=False) + "\n" for line in lines)


def price_list_from_text(text: str) -> PriceList:
    """The price list that `price_list_to_text` wrote.

    Raises:
        KeyError: a line lacks a field, or names a metric without a category.
    """
    head, *lines = map(json.loads, text.removesuffix("\n").split("\n"))
    return PriceList(head["owner"], head["source"], tuple(map(_listing_from_json, lines)))


def _listing_to_json(listing: Listing) -> dict[str, Any]:
    line: dict[str, Any] = {"model": listing.model}
    if listing.also_named:
        line["alsoNamed"] = listing.also_named
    line["effectiveFrom"] = listing.effective_from
    line["metrics"] = {metric: _rate_to_json(rate) for metric, rate in listing.metrics.items()}
    if listing.note:
        line["note"] = listing.note
    return line


def _rate_to_json(rate: MetricRate) -> dict[str, Any]:
    packed: dict[str, Any] = {"priceUsd": plain(rate.price), "per": rate.per}
    if rate.tiers:
        packed["tiers"] = [
            {"aboveInputTokens": tier.above_input_tokens, "priceUsd": plain(tier.price)} for tier in rate.tiers
        ]
    return packed


def _listing_from_json(line: Mapping[str, Any]) -> Listing:
    metrics = {metric: _rate_from_json(metric, packed) for metric, packed in line["metrics"].items()}
    return Listing(line["model"], line["effectiveFrom"], metrics, tuple(line.get("alsoNamed", ())), line.get("note"))


def _rate_from_json(metric: str, packed: Mapping[str, Any]) -> MetricRate:
    tiers = tuple(Tier(tier["aboveInputTokens"], _price(tier["priceUsd"])) for tier in packed.get("tiers", ()))
    return MetricRate(_price(packed["priceUsd"]), packed["per"], CATEGORY_OF[metric], tiers)


def _price(text: str) -> int:
    return to_pico(Decimal(text))
