"""Usage events, rate cards and records, any that may be."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from metering.domain.metrics import CATEGORIES, CATEGORY_OF
from metering.domain.money import plain
from metering.domain.periods import short, stored
from metering.domain.rates import MetricRate, RateCard, Tier
from metering.domain.rating import PricingMode, price_usage
from metering.domain.usage import ACTIVE, Occurrence, Standing, UsageEvent, UsageRecord

MODES: list[PricingMode] = ["managed", "byok", "byoi"]

texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
metrics = st.sampled_from(sorted(CATEGORY_OF)) | st.from_regex(r"[a-z][A-Za-z0-9]{0,20}", fullmatch=True)
quantities = st.integers(0, 10**18).map(plain) | st.integers(0, 10**6)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 24), timezones=st.just(UTC))  # noqa: DTZ001  # bounds

bodies: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "idempotencyKey": texts,
        "service": names,
        "usage": st.dictionaries(metrics, quantities, min_size=1, max_size=5),
    },
    optional={
        "occurredAt": moments.map(lambda moment: short(stored(moment))),
        "provider": names,
        **dict.fromkeys(
            ("modelId", "toolId", "runId", "sandboxId", "sessionId", "userId", "personaId", "stepType", "holdId"), texts
        ),
        "stepIndex": st.integers(0, 10**9 - 1),
        "durationMs": st.integers(0, 10**12),
        "tags": st.dictionaries(texts, texts | st.just(""), max_size=3),
    },
)
"""Usage events as callers send them."""

tiers = st.lists(st.integers(0, 10**12), max_size=3, unique=True).flatmap(
    lambda thresholds: st.tuples(
        *(st.builds(Tier, st.just(threshold), st.integers(0, 10**17)) for threshold in sorted(thresholds))
    )
)
rates = st.builds(MetricRate, st.integers(0, 10**15), st.integers(1, 10**12), st.sampled_from(CATEGORIES), tiers)
effective = st.dates().map(str) | moments.map(stored)
cards = st.builds(
    RateCard,
    st.just("default") | names.map(lambda name: name.replace(".", "-")),
    st.builds("{}:{}".format, st.sampled_from(["service", "provider"]), names),
    texts,
    effective,
    st.dictionaries(metrics, rates, min_size=1, max_size=5),
)
standings = st.just(ACTIVE) | st.builds(
    Standing, st.just("paused"), st.lists(st.sampled_from(["maxCost", "unrated"]), unique=True).map(sorted).map(tuple)
)


@st.composite
def records(draw: st.DrawFn) -> UsageRecord:
    """A record as recording makes it, of an event priced by a card that has some of its metrics."""
    event = UsageEvent.model_validate(draw(bodies))
    received = stored(draw(moments))
    held = draw(st.dictionaries(st.sampled_from(sorted(event.usage)), rates))
    card = RateCard("default", f"service:{event.service}", "*", "2020-01-01", held) if held else None
    mode = draw(st.sampled_from(MODES))
    usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
    return UsageRecord(
        "prj_1",
        event,
        event.occurred_at or Occurrence(received, short(received)),
        received,
        mode,
        card.rate_id if card else None,
        price_usage(usage, card, mode),
        draw(standings) if event.session_id else None,
    )
