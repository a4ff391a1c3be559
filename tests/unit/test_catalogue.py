"""The catalogue prices what genai-prices prices, to the last digit, and the services as their sources say."""

import random
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import pytest
from genai_prices import Usage
from genai_prices.data import providers
from genai_prices.types import ClauseEquals, ClauseOr, ModelInfo, ModelPrice, Provider, TimeOfDateConstraint
from hypothesis import given
from hypothesis import strategies as st

from local.catalogue.files import build_price_lists, write_price_lists
from local.catalogue.language_models import (
    LONG_WRITE_NOTE,
    METRIC_OF,
    TIME_OF_DAY_NOTE,
    UNITS,
    language_model_price_lists,
)
from metering.catalogue import DATA, read_catalogue
from metering.catalogue.price_lists import Entry, Listing, PriceList, price_list_from_text, price_list_to_text
from metering.domain.metrics import INPUT_METRICS
from metering.domain.money import PICO, to_pico
from metering.domain.rates import MetricRate, RateCard, Subject, Tier, candidates
from metering.domain.rating import price_usage

USAGE_KEY_OF = {metric: usage_key for usage_key, metric in METRIC_OF.items()}
PRICE_LISTS = {price_list.owner: price_list for price_list in build_price_lists()}
ENTRIES = [entry for price_list in PRICE_LISTS.values() for entry in price_list.entries()]
INSTALLED = f"genai-prices {version('genai-prices')}"

# ---------------------------------------------------------------------------- language models


@pytest.mark.parametrize("provider", providers, ids=lambda provider: provider.id)
def test_every_model_costs_what_genai_prices_says_on_both_sides_of_every_tier_and_date(provider: Provider) -> None:
    models = {model.id: model for model in provider.models}
    for listing, moments in _listings_in_force(provider):
        model = models[listing.model]
        if _depends_on_time_of_day(model):
            continue
        for moment in moments:
            for counts in _interesting_usages(listing):
                expected = _genai_price(provider, model, counts, moment)
                _assert_costs(listing, counts, expected)


def test_every_model_with_a_price_has_a_listing_from_each_of_its_dates() -> None:
    missing = [
        (provider.id, model.id)
        for provider in providers
        for model in provider.models
        if _has_prices(model) and not any(listing.model == model.id for listing in _listings(provider))
    ]

    assert not missing


def test_a_model_without_any_price_has_no_card_rather_than_a_free_one() -> None:
    priceless = [(provider, model) for provider in providers for model in provider.models if not _has_prices(model)]

    assert priceless
    for provider, model in priceless:
        assert all(listing.model != model.id for listing in _listings(provider))


def test_a_price_that_depends_on_the_time_of_day_is_the_dearest_one_and_says_so() -> None:
    seen = 0
    for provider in providers:
        models = {model.id: model for model in provider.models}
        for listing, (moment, *_) in _listings_in_force(provider):
            model = models[listing.model]
            if _depends_on_time_of_day(model):
                seen += 1
                assert listing.note == TIME_OF_DAY_NOTE
                for metric in listing.metrics:
                    counts = {metric: 1_000_000}
                    hours = (moment.replace(hour=hour, minute=minute) for hour in range(24) for minute in (0, 30))
                    dearest = max(_genai_price(provider, model, counts, at) for at in hours)
                    assert _cost(listing.metrics, counts) == to_pico(dearest)

    assert seen


def test_an_hour_long_cache_write_of_a_claude_elsewhere_costs_twice_the_input() -> None:
    by_rule = [
        listing
        for price_list in PRICE_LISTS.values()
        for listing in price_list.listings
        if LONG_WRITE_NOTE in (listing.note or "")
    ]

    assert by_rule
    for listing in by_rule:
        assert "claude" in listing.model.lower()
        plain, long_write = listing.metrics["inputTokens"], listing.metrics["cacheWrite1hTokens"]
        assert (long_write.price, long_write.per) == (2 * plain.price, plain.per)
        assert [tier.price for tier in long_write.tiers] == [2 * tier.price for tier in plain.tiers]


def test_an_hour_long_cache_write_is_never_priced_as_a_short_one_that_costs_extra() -> None:
    for price_list in language_model_price_lists():
        for listing in price_list.listings:
            plain, short, long = (
                listing.metrics.get(metric) for metric in ("inputTokens", "cacheWriteTokens", "cacheWrite1hTokens")
            )
            if plain and short and short.price > plain.price and long:
                assert long.price > short.price, listing


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-opus-4-1-20250805", "claude-opus-4-1"),
        ("claude-opus-4-5-20251101", "claude-opus-4-5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-3-5-haiku-20241022", "claude-3-5-haiku"),
        ("claude-3-7-sonnet-20250219", "claude-3-7-sonnet"),
        ("claude-3-opus-latest", "claude-3-opus-latest"),
    ],
)
def test_the_names_that_claude_code_writes_find_a_card(sent: str, found: str) -> None:
    card = _resolve("anthropic", sent)

    assert card is not None
    assert card.model == found


def test_a_dated_bedrock_name_finds_its_card() -> None:
    assert _resolve("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")


def test_every_exact_name_of_a_model_finds_the_price_of_that_model() -> None:
    for provider in providers:
        by_id = {listing.model: listing for listing in reversed(_listings(provider))}
        for model in provider.models:
            for name in _exact_names(model):
                if model.id in by_id and provider.find_model(name) is model:
                    card = _resolve(provider.id, name)
                    assert card, (provider.id, name)
                    assert card.metrics == by_id[model.id].metrics, (provider.id, name)


def test_no_two_cards_have_one_id() -> None:
    assert len({entry.card.rate_id for entry in ENTRIES}) == len(ENTRIES)


def test_every_card_fits_what_the_api_takes() -> None:
    for card, source, _ in ENTRIES:
        assert source
        assert 1 <= len(card.model) <= 200
        assert card.model.isprintable()
        assert re.fullmatch(r"provider:[A-Za-z0-9][A-Za-z0-9._-]{0,63}", card.owner)
        assert 1 <= len(card.metrics) <= 50
        for rate in card.metrics.values():
            assert 1 <= rate.per <= 10**12
            assert [tier.above_input_tokens for tier in rate.tiers] == sorted(
                {tier.above_input_tokens for tier in rate.tiers}
            )


# ---------------------------------------------------------------------------- services


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        ("e2b", None, {"vcpuSeconds": 3600, "memoryGibSeconds": 7200}, "0.0828"),
        ("e2b", None, {"storageGbHours": 10}, "0"),
        ("trigger.dev", "micro", {"computeSeconds": 2, "runs": 1}, "0.00005875"),
        ("trigger.dev", "large-2x", {"computeSeconds": 100, "runs": 10}, "0.06825"),
        ("trigger.dev", None, {"computeSeconds": 4, "runs": 1}, "0.00016"),
        ("convex", None, {"functionCalls": 500_000, "actionComputeGbHours": 2}, "1.6"),
        ("convex", "starter", {"functionCalls": 500_000, "bandwidthGb": 10}, "2.42"),
        ("convex", "professional", {"databaseStorageGbHours": 7300, "storageGbHours": 730}, "2.03"),
        ("convex", "professional", {"searchQueryGb": 500, "searchStorageGbHours": 1460, "databaseIoGb": 3}, "1.65"),
    ],
)
def test_a_service_costs_what_its_source_says(
    provider: str, model: str | None, usage: dict[str, int], usd: str
) -> None:
    card = _resolve(provider, model)

    assert card is not None
    assert _cost(card.metrics, usage) == to_pico(Decimal(usd))


def test_a_derived_price_says_that_it_is_derived() -> None:
    notes = {listing.model: listing.note or "" for listing in PRICE_LISTS["provider:trigger.dev"].listings}

    assert "DERIVED" in notes["small-1x"]
    assert "DERIVED" in notes["small-2x"]
    assert "DERIVED" in notes["*"]
    assert "DERIVED" not in notes["medium-1x"]


# ---------------------------------------------------------------------------- files


def test_the_files_are_what_a_build_writes() -> None:
    committed = {file.stem: file.read_text(encoding="utf-8") for file in DATA.glob("*.jsonl")}
    if INSTALLED not in committed["openai"]:
        pytest.skip(f"the files were built from another version than {INSTALLED}")

    built = {owner.removeprefix("provider:"): price_list_to_text(each) for owner, each in PRICE_LISTS.items()}

    assert committed == built


def test_a_build_tells_what_it_changed_and_removes_owners_that_are_gone(tmp_path: Any) -> None:
    rate = MetricRate(3 * PICO, 10**6, "modelTokens")
    before = [
        PriceList("provider:a", "s", (Listing("m", "2020-01-01", {"inputTokens": rate}),)),
        PriceList("provider:b", "s", (Listing("m", "2020-01-01", {"inputTokens": rate}),)),
    ]
    dearer = MetricRate(4 * PICO, 10**6, "modelTokens")
    after = [
        PriceList(
            "provider:a",
            "s",
            (Listing("m", "2020-01-01", {"inputTokens": dearer}), Listing("m", "2026-01-01", {"inputTokens": rate})),
        )
    ]

    first = write_price_lists(before, tmp_path)
    second = write_price_lists(after, tmp_path)

    assert first.added == ["default/provider:a/m@2020-01-01", "default/provider:b/m@2020-01-01"]
    assert second.added == ["default/provider:a/m@2026-01-01"]
    assert second.changed == ["default/provider:a/m@2020-01-01"]
    assert second.removed == ["default/provider:b/m@2020-01-01"]
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_the_whole_catalogue_is_read_from_its_files() -> None:
    assert len(list(read_catalogue())) > 2000


prices = st.integers(min_value=0, max_value=10**21)
rates = st.builds(
    MetricRate,
    prices,
    st.sampled_from([1, 730, 1000, 10**6, 10**12]),
    st.just("modelTokens"),
    st.lists(st.builds(Tier, st.integers(0, 10**12), prices), max_size=3).map(tuple),
)
listings = st.builds(
    Listing,
    st.text(min_size=1),
    st.dates().map(str),
    st.dictionaries(st.sampled_from(["inputTokens", "outputTokens", "webSearches"]), rates, min_size=1),
    st.lists(st.text(min_size=1), max_size=3).map(tuple),
    st.none() | st.text(min_size=1),
)


@given(st.builds(PriceList, st.text(), st.text(), st.lists(listings, max_size=3).map(tuple)))
def test_a_price_list_is_read_as_it_was_written(price_list: PriceList) -> None:
    assert price_list_from_text(price_list_to_text(price_list)) == price_list


# ---------------------------------------------------------------------------- helpers


def _listings(provider: Provider) -> tuple[Listing, ...]:
    return PRICE_LISTS[f"provider:{provider.id}"].listings


def _listings_in_force(provider: Provider) -> Iterator[tuple[Listing, list[datetime]]]:
    """Each listing with its first and its last moment, or one far ahead."""
    ours = _listings(provider)
    for listing, following in zip(ours, [*ours[1:], None], strict=True):
        start = datetime.fromisoformat(listing.effective_from).replace(tzinfo=UTC)
        end = start + timedelta(days=3650)
        if following and following.model == listing.model:
            end = datetime.fromisoformat(following.effective_from).replace(tzinfo=UTC)
        yield listing, [start, end - timedelta(microseconds=1)]


def _interesting_usages(listing: Listing) -> Iterator[dict[str, int]]:
    """Usage of all metrics, with each total of input on both sides of every tier."""
    thresholds = {tier.above_input_tokens for rate in listing.metrics.values() for tier in rate.tiers}
    chance = random.Random(listing.model)
    for total in sorted({123_457, *thresholds, *(threshold + 1 for threshold in thresholds)}):
        counts = {metric: chance.randrange(1, 900) for metric in listing.metrics}
        # Whole hours, so that a price per 3,600 seconds needs no rounding.
        counts.update({metric: 3600 * counts[metric] for metric in counts if metric.endswith("Seconds")})
        if "modelRequests" in counts:
            counts["modelRequests"] = 1
        if "inputTokens" in counts:
            others = sum(count for metric, count in counts.items() if metric in INPUT_METRICS - {"inputTokens"})
            counts["inputTokens"] = total - others
        if LONG_WRITE_NOTE in (listing.note or ""):
            counts["cacheWrite1hTokens"] = 0
        yield counts


def _genai_price(provider: Provider, model: ModelInfo, counts: Mapping[str, int], moment: datetime) -> Decimal:
    """genai-prices' figure for our disjoint `counts`, turned into its inclusive ones."""
    parts = [
        (UNITS.units[USAGE_KEY_OF[metric]], count) for metric, count in counts.items() if metric != "modelRequests"
    ]
    inclusive = {
        usage_key: sum(count for part, count in parts if whole.dimensions.items() <= part.dimensions.items())
        for usage_key, whole in UNITS.units.items()
        if usage_key != "requests"
    }
    usage = Usage(**{usage_key: count for usage_key, count in inclusive.items() if count})
    price: Decimal = model.calc_price(usage, provider, genai_request_timestamp=moment).total_price
    return price


def _assert_costs(listing: Listing, counts: Mapping[str, int], expected: Decimal) -> None:
    card = RateCard("default", "provider:x", listing.model, listing.effective_from, listing.metrics)
    pricing = price_usage({metric: count * PICO for metric, count in counts.items()}, card, "managed")
    exact = sum((Fraction(line.quantity * (line.price or 0), line.per or 1) for line in pricing.lines), Fraction())
    assert not pricing.unrated
    assert exact / PICO / PICO == Fraction(expected), (listing, counts)
    # A line is rounded once, by at most half a pico-USD; one that is whole is not.
    assert abs(Fraction(pricing.cost) - exact / PICO) <= Fraction(len(pricing.lines), 2)
    if all(line.quantity * (line.price or 0) % ((line.per or 1) * PICO) == 0 for line in pricing.lines):
        assert pricing.cost == to_pico(expected)


def _cost(metrics: Mapping[str, MetricRate], counts: Mapping[str, int]) -> int:
    card = RateCard("default", "provider:x", "m", "2020-01-01", metrics)
    pricing = price_usage({metric: count * PICO for metric, count in counts.items()}, card, "managed")
    assert not pricing.unrated
    return pricing.cost


def _depends_on_time_of_day(model: ModelInfo) -> bool:
    return not isinstance(model.prices, ModelPrice) and any(
        isinstance(price.constraint, TimeOfDateConstraint) for price in model.prices
    )


def _has_prices(model: ModelInfo) -> bool:
    prices = model.prices if isinstance(model.prices, ModelPrice) else model.prices[0].prices
    return any(price is not None for price in vars(prices).values())


def _exact_names(model: ModelInfo) -> Iterator[str]:
    clauses = model.match.or_ if isinstance(model.match, ClauseOr) else [model.match]
    yield model.id
    yield from (clause.equals for clause in clauses if isinstance(clause, ClauseEquals))


CARDS: dict[tuple[str, str], Entry] = {}
for entry in ENTRIES:
    CARDS.setdefault((entry.card.owner, entry.card.model), entry)


def _resolve(provider: str, model: str | None) -> RateCard | None:
    """The oldest card of the place where a lookup of the model ends."""
    for candidate in candidates(Subject("none", "none", provider, model)):
        if (candidate.owner, candidate.model) in CARDS:
            return CARDS[candidate.owner, candidate.model].card
    return None
