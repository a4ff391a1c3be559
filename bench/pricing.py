"""Pricing one event of four metrics, against what libraries of prices take for the same call."""

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from genai_prices import Usage, calc_price

from bench.figures import Figure, Line
from bench.samples import sonnet, usage
from metering.domain.money import PICO, to_pico
from metering.domain.rating import price_usage

ROUNDS, CALLS = 30, 500
MODEL, PROVIDER = "claude-sonnet-4-5", "anthropic"
Price = Callable[[dict[str, int]], Any]


def measure(effort: float) -> Iterator[Line]:
    rounds = max(int(ROUNDS * effort), 2)
    events = [usage() for _ in range(CALLS)]
    card = sonnet()
    in_pico = [{metric: tokens * PICO for metric, tokens in event.items()} for event in events]
    in_their_words = [_as_genai(event) for event in events]
    for ours, asked in zip(in_pico, in_their_words, strict=True):
        assert price_usage(ours, card, "managed").cost == to_pico(_by_genai(asked))
    mine = _microseconds(lambda event: price_usage(event, card, "managed"), in_pico, rounds)
    yield Figure("pricing an event of four metrics by its card", mine, "µs", most=5)
    genai = _microseconds(_by_genai, in_their_words, rounds)
    yield Figure("  genai-prices' calc_price, which finds the model as well", genai, "µs")
    yield Figure("  genai-prices ÷ ours", genai / mine, "×")
    if importlib.util.find_spec("litellm"):
        theirs = _microseconds(_litellm(), events, rounds)
        yield Figure("  litellm's cost_per_token, which finds the model as well", theirs, "µs")
        yield Figure("  litellm ÷ ours", theirs / mine, "×")


def _as_genai(event: dict[str, int]) -> Usage:
    cached, written = event["cachedInputTokens"], event["cacheWriteTokens"]
    return Usage(
        input_tokens=event["inputTokens"] + cached + written,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        output_tokens=event["outputTokens"],
    )


def _by_genai(usage: Usage) -> Decimal:
    return calc_price(usage, MODEL, provider_id=PROVIDER).total_price


def _litellm() -> Price:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no request for newer prices
    cost_per_token = importlib.import_module("litellm").cost_per_token

    def price(event: dict[str, int]) -> Any:  # noqa: ANN401  # two floats
        cached, written = event["cachedInputTokens"], event["cacheWriteTokens"]
        return cost_per_token(
            model=MODEL,
            custom_llm_provider=PROVIDER,
            prompt_tokens=event["inputTokens"] + cached + written,
            cache_read_input_tokens=cached,
            cache_creation_input_tokens=written,
            completion_tokens=event["outputTokens"],
        )

    return price


def _microseconds(price: Callable[[Any], Any], events: list[Any], rounds: int) -> float:
    """CPU an event in the fastest of several rounds: the others are slower for what else the machine does."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        for event in events:
            price(event)
        times.append((time.process_time() - begun) / len(events) * 1e6)
    return min(times)
