"""Price lists of language models, from the genai-prices package (MIT).

Its prices are followed to the last digit, with these translations:

- It counts cached, audio, image and video tokens inside `input_tokens` and bills those without a price of their own at
  the price of what they are counted in. Our metrics are disjoint, so a card names that price for them.
- A price that needs more than 12 decimals gets a larger `per`.
- A price for a time of the day cannot be said on a card, which holds all day: the card has the dearest one of the day,
  metric by metric, so that a limit is never passed unseen, and a note.
- Prices for a batch, a service tier or a speed are left out, since an event does not say how it was processed.
- A model without any price gets no card: its usage is then unrated and seen, not free.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from importlib.metadata import version
from operator import itemgetter
from typing import Final

from genai_prices.data import providers
from genai_prices.data_units import unit_data
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseStartsWith,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)
from genai_prices.units import UnitDef, UnitRegistry

from metering.catalogue.price_lists import Listing, PriceList
from metering.domain.metrics import CATEGORY_OF
from metering.domain.money import DECIMALS, to_pico
from metering.domain.rates import MetricRate, Subject, Tier, candidates, without_date

UNITS: Final = UnitRegistry(unit_data)

# The usage keys of genai-prices that a card can price, each with our metric.
METRIC_OF: Final[dict[str, str]] = {
    "input_tokens": "inputTokens",
    "cache_read_tokens": "cachedInputTokens",
    "cache_write_tokens": "cacheWriteTokens",
    "cache_write_1h_tokens": "cacheWrite1hTokens",
    "output_tokens": "outputTokens",
    "input_audio_tokens": "inputAudioTokens",
    "cache_audio_read_tokens": "cachedInputAudioTokens",
    "output_audio_tokens": "outputAudioTokens",
    "input_image_tokens": "inputImageTokens",
    "cache_image_read_tokens": "cachedInputImageTokens",
    "output_image_tokens": "outputImageTokens",
    "input_video_tokens": "inputVideoTokens",
    "cache_video_read_tokens": "cachedInputVideoTokens",
    "output_video_tokens": "outputVideoTokens",
    "output_reasoning_tokens": "outputReasoningTokens",
    "output_citation_tokens": "outputCitationTokens",
    "audio_seconds": "audioSeconds",
    "input_audio_seconds": "inputAudioSeconds",
    "input_characters": "inputCharacters",
    "input_text_messages": "inputTextMessages",
    "input_document_pages": "inputDocumentPages",
    "input_annotated_document_pages": "inputAnnotatedDocumentPages",
    "web_searches": "webSearches",
    "storage_searches": "storageSearches",
    "requests": "modelRequests",
}

# Where these have no price, genai-prices bills them at the price of what they are counted in.
COUNTED_IN_ANOTHER: Final = (
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_audio_read_tokens",
    "cache_image_read_tokens",
    "cache_video_read_tokens",
    "input_audio_seconds",
)

# Anthropic, "Pricing", prompt caching: a 5-minute write costs 1.25 times and a 1-hour write 2 times the base input.
SHORT_WRITE: Final = Decimal("1.25")
LONG_WRITE: Final = 2
LONG_WRITE_NOTE: Final = (
    "cacheWrite1hTokens: twice the input price, Anthropic's published rule; genai-prices has no 1-hour price here"
)
TIME_OF_DAY_NOTE: Final = "the price depends on the time of the day; this is the dearest one"
SHORTEST_AUDIO_NOTE: Final = "the provider bills at least 10 seconds a request"
SHORTEST_AUDIO: Final = frozenset({("groq", "whisper-large-v3"), ("groq", "whisper-large-v3-turbo")})

FIRST_DAY: Final = "2020-01-01"  # no usage is older

Price = Decimal | TieredPrices
Prices = Mapping[str, Price]

_ALL_OF_A_NAME = re.compile(r".*[A-Za-z0-9\])]", re.DOTALL)
_HALF_A_DATE = re.compile(r".*-20\d\d", re.DOTALL)
_BEDROCK_VERSION = re.compile(r"-v\d+:\d+$")


def language_model_price_lists() -> Iterator[PriceList]:
    """One price list a provider of genai-prices.

    Raises:
        KeyError: genai-prices has a price for something that `METRIC_OF` does not name.
        ValueError: prices for times of a day cannot be compared.
    """
    for provider in sorted(providers, key=lambda provider: provider.id):
        yield _price_list(provider)


def _price_list(provider: Provider) -> PriceList:
    models = sorted(provider.models, key=lambda model: model.id)
    other_names = names_beside_id(provider, models)
    listings = (listing for model in models for listing in _listings(provider, model, other_names[model.id]))
    pages = " ".join(provider.pricing_urls or ())
    source = f"genai-prices {version('genai-prices')}, provider {provider.id} ({pages})"
    return PriceList(f"provider:{provider.id}", source, tuple(listings))


def _listings(provider: Provider, model: ModelInfo, other_names: tuple[str, ...]) -> Iterator[Listing]:
    for start in start_dates(model):
        prices, varies = dearest_prices(model, start)
        if not prices:
            continue
        metrics, long_write_by_rule = _metrics(model, prices)
        notes = [
            *([TIME_OF_DAY_NOTE] if varies else []),
            *([LONG_WRITE_NOTE] if long_write_by_rule else []),
            *([SHORTEST_AUDIO_NOTE] if (provider.id, model.id) in SHORTEST_AUDIO else []),
        ]
        yield Listing(model.id, start, metrics, other_names, "; ".join(notes) or None)


def start_dates(model: ModelInfo) -> list[str]:
    """The dates from which the model has prices of their own; the first is open to the past."""
    if isinstance(model.prices, ModelPrice):
        return [FIRST_DAY]
    constraints = (price.constraint for price in model.prices)
    later = (str(each.start_date) for each in constraints if isinstance(each, StartDateConstraint))
    return sorted({FIRST_DAY, *later})


def dearest_prices(model: ModelInfo, start: str) -> tuple[Prices, bool]:
    """The dearest price of each usage key at any time of the day `start`, and whether the time matters.

    Raises:
        ValueError: the times of the day differ in what they price, or in tiers.
    """
    day = datetime.fromisoformat(start).replace(tzinfo=UTC)
    first, *others = (_prices_at(model, day.replace(hour=at.hour, minute=at.minute)) for at in _times_of_change(model))
    different = [prices for prices in others if prices != first]
    if any(prices.keys() != first.keys() or _has_tiers(prices) for prices in different):
        raise ValueError(f"{model.id}: the prices of the times of a day cannot be compared")
    return {key: max([first, *different], key=itemgetter(key))[key] for key in first}, bool(different)


def _times_of_change(model: ModelInfo) -> list[time]:
    if isinstance(model.prices, ModelPrice):
        return [time()]
    constraints = [price.constraint for price in model.prices]
    daily = [each for each in constraints if isinstance(each, TimeOfDateConstraint)]
    return [time(), *(at for each in daily for at in (each.start_time, each.end_time))]


def _prices_at(model: ModelInfo, moment: datetime) -> Prices:
    prices = vars(model.get_prices(moment))
    return {UNITS.unit_for_price_key(key).usage_key: price for key, price in prices.items() if price is not None}


def _has_tiers(prices: Prices) -> bool:
    return any(isinstance(price, TieredPrices) for price in prices.values())


def _decimals(price: Price) -> list[Decimal]:
    return [price.base, *(tier.price for tier in price.tiers)] if isinstance(price, TieredPrices) else [price]


def _metrics(model: ModelInfo, prices: Prices) -> tuple[dict[str, MetricRate], bool]:
    """A card's metrics in the order of `METRIC_OF`, and whether the price of 1-hour writes follows Anthropic's rule."""
    complete = dict(prices)
    for usage_key in COUNTED_IN_ANOTHER:
        counted_in = _counted_in(UNITS.units[usage_key], prices)
        if usage_key not in prices and counted_in:
            complete[usage_key] = prices[counted_in]
    long_write = None if "cache_write_1h_tokens" in prices else _long_write(model, prices)
    by_rule = long_write is not None and "cache_write_tokens" in prices
    if long_write is not None:
        complete["cache_write_1h_tokens"] = long_write
    rates = {METRIC_OF[usage_key]: _rate(usage_key, price) for usage_key, price in complete.items()}
    return {metric: rates[metric] for metric in METRIC_OF.values() if metric in rates}, by_rule


def _counted_in(unit: UnitDef, prices: Prices) -> str | None:
    """The priced usage key of the same medium that counts `unit`, the closest one."""
    medium = unit.dimensions.get("modality")
    counting = [
        other
        for other in (UNITS.units[usage_key] for usage_key in prices)
        if other.dimensions.items() <= unit.dimensions.items() and other.dimensions.get("modality") == medium
    ]
    return max(counting, key=lambda other: len(other.dimensions)).usage_key if counting else None


def _long_write(model: ModelInfo, prices: Prices) -> Price | None:
    """What 1-hour cache writes cost without a price of their own: as input where no write has one, else by the rule."""
    price, short = prices.get("input_tokens"), prices.get("cache_write_tokens")
    if price is None or short is None:
        return price
    follows_anthropic = "claude" in model.id.lower() and short == _times(price, SHORT_WRITE)
    return _times(price, LONG_WRITE) if follows_anthropic else None


def _times(price: Price, factor: Decimal | int) -> Price:
    if isinstance(price, Decimal):
        return price * factor
    return TieredPrices(price.base * factor, [type(tier)(tier.start, tier.price * factor) for tier in price.tiers])


def _rate(usage_key: str, price: Price) -> MetricRate:
    decimals = _decimals(price)
    scale = max(0, *(_places(each) - DECIMALS for each in decimals))
    base, *above = (to_pico(each.scaleb(scale)) for each in decimals)
    starts = [tier.start for tier in price.tiers] if isinstance(price, TieredPrices) else []
    tiers = tuple(Tier(start, pico) for start, pico in zip(starts, above, strict=True))
    return MetricRate(base, UNITS.units[usage_key].per * 10**scale, CATEGORY_OF[METRIC_OF[usage_key]], tiers)


def _places(value: Decimal) -> int:
    """The number of decimals without trailing zeros."""
    return len(f"{value:f}".partition(".")[2].rstrip("0"))


def names_beside_id(provider: Provider, models: Iterable[ModelInfo]) -> dict[str, tuple[str, ...]]:
    """By model id, the other names under which genai-prices finds the model and our lookup would not.

    Our lookup tries the name as it is and without its date suffix, so only what that misses needs a card.
    """
    models = list(models)
    known = {model.id: model.id for model in models}
    wanted = [(name, model) for model in models for name in _whole_names(model) if provider.find_model(name) is model]
    # Names without a date first: with their card, most dated ones are found.
    for name, model in sorted(wanted, key=lambda pair: (pair[0] != without_date(pair[0]), pair[0])):
        if _found(known, provider.id, name) != model.id:
            known[name] = model.id
    return {
        model.id: tuple(sorted(name for name, owner in known.items() if owner == model.id and name != model.id))
        for model in models
    }


def _found(known: Mapping[str, str], provider_id: str, name: str) -> str | None:
    tried = (candidate.model for candidate in candidates(Subject("", "", provider_id, name)))
    return next((known[model] for model in tried if model in known), None)


def _whole_names(model: ModelInfo) -> Iterator[str]:
    """The names in the model's match clauses, and those with the id's Bedrock version."""
    bedrock_version = _BEDROCK_VERSION.search(model.id)
    for name in {without_date(model.id), *_names(model.match)}:
        yield name
        if bedrock_version and not _BEDROCK_VERSION.search(name):
            yield name + bedrock_version[0]


def _names(match: MatchLogic) -> Iterator[str]:
    """The texts of the clauses; what a name begins or ends with, or contains, only where it can be all of a name."""
    match match:
        case ClauseOr(clauses) | ClauseAnd(clauses):
            for clause in clauses:
                yield from _names(clause)
        case ClauseEquals(text):
            yield text
        case ClauseStartsWith(text) | ClauseContains(text) | ClauseEndsWith(text):
            if _ALL_OF_A_NAME.fullmatch(text) and not _HALF_A_DATE.fullmatch(text):
                yield text.removeprefix("/")
