"""Providers' usage objects as metrics: no token in two, none lost, and what is unknown is refused.

The shapes are those of the providers' API references; the totals are their own.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.metrics import CATEGORY_OF
from metering_client import (
    UnknownUsageError,
    from_anthropic,
    from_anthropic_advisors,
    from_google,
    from_openai,
    from_otel,
)

COUNT = st.integers(min_value=0, max_value=10**7)
SEARCHES = "webSearches"


def as_object(value: Any) -> Any:
    """JSON as the objects of the providers' packages."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: as_object(part) for name, part in value.items()})
    return [as_object(part) for part in value] if isinstance(value, list) else value


def tokens(metrics: dict[str, int]) -> int:
    assert metrics.keys() <= CATEGORY_OF.keys()
    assert all(count >= 0 for count in metrics.values())
    return sum(count for name, count in metrics.items() if name != SEARCHES)


# ---------------------------------------------------------------- As they are

ANTHROPIC = {
    "input_tokens": 2095,
    "cache_creation_input_tokens": 2051,
    "cache_read_input_tokens": 30000,
    "cache_creation": {"ephemeral_5m_input_tokens": 1551, "ephemeral_1h_input_tokens": 500},
    "output_tokens": 503,
    "output_tokens_details": {"thinking_tokens": 100},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    "service_tier": "standard",
}
CHAT = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 128, "audio_tokens": 0, "accepted_prediction_tokens": 0},
}
RESPONSES = {
    "input_tokens": 328,
    "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 28},
    "output_tokens": 52,
    "output_tokens_details": {"reasoning_tokens": 40},
    "total_tokens": 380,
}
REALTIME = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 13,
        "image_tokens": 0,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 4, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}
GOOGLE = {
    "promptTokenCount": 1000,
    "cachedContentTokenCount": 400,
    "candidatesTokenCount": 50,
    "thoughtsTokenCount": 70,
    "toolUsePromptTokenCount": 30,
    "totalTokenCount": 1150,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 700}, {"modality": "AUDIO", "tokenCount": 300}],
    "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 350}, {"modality": "AUDIO", "tokenCount": 50}],
    "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 30}],
}
OTEL = {
    "gen_ai.provider.name": "anthropic",
    "gen_ai.usage.input_tokens": 1000,
    "gen_ai.usage.cache_read.input_tokens": 600,
    "gen_ai.usage.cache_creation.input_tokens": 100,
    "gen_ai.usage.output_tokens": 200,
    "gen_ai.usage.reasoning.output_tokens": 150,
}

LIVE = {
    "promptTokenCount": 100,
    "responseTokenCount": 40,
    "totalTokenCount": 140,
    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 40}],
}
COMPACTED = {
    "input_tokens": 23000,
    "output_tokens": 1000,
    "iterations": [
        {
            "type": "compaction",
            "input_tokens": 180000,
            "cache_read_input_tokens": 5,
            "cache_creation_input_tokens": 7,
            "output_tokens": 3500,
        },
        {"type": "advisor_message", "model": "claude-opus-4-5", "input_tokens": 800, "output_tokens": 500},
        {"type": "advisor_message", "model": "claude-opus-4-5", "input_tokens": 23, "output_tokens": 31},
        {"type": "message", "input_tokens": 23000, "output_tokens": 1000},
    ],
}

EXAMPLES = [
    (
        from_anthropic,
        COMPACTED,
        {"inputTokens": 203000, "cachedInputTokens": 5, "cacheWriteTokens": 7, "outputTokens": 4500},
    ),
    (from_google, LIVE, {"inputTokens": 100, "outputTokens": 40}),
    (
        from_anthropic,
        ANTHROPIC,
        {
            "inputTokens": 2095,
            "cachedInputTokens": 30000,
            "cacheWriteTokens": 1551,
            "cacheWrite1hTokens": 500,
            "outputTokens": 503,
            "webSearches": 2,
        },
    ),
    (from_openai, CHAT, {"inputTokens": 86, "cachedInputTokens": 1920, "outputTokens": 300}),
    (
        from_openai,
        RESPONSES,
        {"inputTokens": 200, "cachedInputTokens": 100, "cacheWriteTokens": 28, "outputTokens": 52},
    ),
    (from_openai, REALTIME, {"inputTokens": 68, "cachedInputTokens": 64, "outputTokens": 121}),
    (from_openai, {"prompt_tokens": 8, "total_tokens": 8}, {"inputTokens": 8, "outputTokens": 0}),
    (from_google, GOOGLE, {"inputTokens": 630, "cachedInputTokens": 400, "outputTokens": 120}),
    (from_google, {"totalTokenCount": 0}, {"inputTokens": 0, "outputTokens": 0}),
]


@pytest.mark.parametrize(("adapt", "usage", "metrics"), EXAMPLES)
@pytest.mark.parametrize("form", [dict, as_object])
def test_usage_is_taken_apart(adapt: Any, usage: dict[str, Any], metrics: dict[str, int], form: Any) -> None:
    assert adapt(form(usage)) == metrics


def test_spans_are_taken_apart() -> None:
    metrics = {"inputTokens": 300, "cachedInputTokens": 600, "cacheWriteTokens": 100, "outputTokens": 200}
    assert from_otel(OTEL) == metrics
    older = {"gen_ai.usage.prompt_tokens": 10, "gen_ai.usage.completion_tokens": 5}
    assert from_otel(older) == {"inputTokens": 10, "outputTokens": 5}


def test_google_in_snake_case_with_enumerations() -> None:
    usage = {
        "prompt_token_count": 100,
        "candidates_token_count": 5,
        "prompt_tokens_details": [{"modality": SimpleNamespace(value="AUDIO"), "token_count": 40}],
    }
    split = {"inputTokens": 60, "inputAudioTokens": 40, "outputTokens": 5}
    assert from_google(as_object(usage), modalities=["audio"]) == split
    assert from_google(usage) == {"inputTokens": 100, "outputTokens": 5}


def test_sound_stands_by_itself_where_it_is_asked_for() -> None:
    assert from_openai(REALTIME, modalities=["audio"]) == {
        "inputTokens": 59,
        "cachedInputTokens": 60,
        "inputAudioTokens": 9,
        "cachedInputAudioTokens": 4,
        "outputTokens": 30,
        "outputAudioTokens": 91,
    }
    assert from_google(GOOGLE, modalities=["audio", "video"]) == {
        "inputTokens": 380,
        "cachedInputTokens": 350,
        "inputAudioTokens": 250,
        "cachedInputAudioTokens": 50,
        "outputTokens": 120,
    }


@pytest.mark.parametrize("form", [dict, as_object])
def test_what_advisors_took_is_their_models(form: Any) -> None:
    assert from_anthropic_advisors(form(COMPACTED)) == {"claude-opus-4-5": {"inputTokens": 823, "outputTokens": 531}}
    assert from_anthropic_advisors(form(ANTHROPIC)) == {}
    with pytest.raises(UnknownUsageError):
        from_anthropic_advisors(form(CHAT))


def test_sound_of_a_live_answer_stands_by_itself() -> None:
    split = {"inputTokens": 100, "outputTokens": 0, "outputAudioTokens": 40}
    assert from_google(LIVE, modalities=["audio"]) == split


def test_cache_writes_of_openai_may_include_what_was_read() -> None:
    details = {"cached_tokens": 60, "cache_write_tokens": 100}
    usage = {"prompt_tokens": 100, "completion_tokens": 1, "prompt_tokens_details": details}
    assert from_openai(usage) == {
        "inputTokens": 0,
        "cachedInputTokens": 60,
        "cacheWriteTokens": 40,
        "outputTokens": 1,
    }


@pytest.mark.parametrize("missing", [None, "absent"])
def test_what_is_none_or_absent_is_nothing(missing: str | None) -> None:
    nothing = {} if missing else {"cache_read_input_tokens": None, "cache_creation": None, "server_tool_use": None}
    usage = {"input_tokens": 1, "output_tokens": 2, **nothing}
    assert from_anthropic(usage) == from_anthropic(as_object(usage)) == {"inputTokens": 1, "outputTokens": 2}
    details = {} if missing else {"prompt_tokens_details": None, "completion_tokens_details": None}
    chat = {"prompt_tokens": 1, "completion_tokens": 2, **details}
    assert from_openai(chat) == {"inputTokens": 1, "outputTokens": 2}


def test_cache_writes_without_a_breakdown_are_for_five_minutes() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_creation_input_tokens": 7}
    assert from_anthropic(usage)["cacheWriteTokens"] == 7


# ---------------------------------------------------------------- Unknown

STRANGE: list[tuple[Any, Any, str]] = [
    (from_anthropic, CHAT, "has no input_tokens, output_tokens|total_tokens is of another"),
    (from_anthropic, RESPONSES, "total_tokens is of another provider's"),
    (from_anthropic, {"input_tokens": None, "output_tokens": 5}, "has no input_tokens"),
    (from_anthropic, {"usage": ANTHROPIC}, "a whole response; pass its usage"),
    (from_openai, SimpleNamespace(usage=CHAT, id="x"), "a whole response; pass its usage"),
    (from_openai, ANTHROPIC, "cache_read_input_tokens, cache_creation_input_tokens is of another"),
    (from_openai, GOOGLE, "has no prompt_tokens or input_tokens"),
    (from_google, ANTHROPIC, "has no prompt_token_count or total_token_count"),
    (from_google, {"usage_metadata": GOOGLE}, "a whole response"),
    (from_otel, ANTHROPIC, "has no gen_ai"),
    (from_otel, None, "NoneType is not OpenTelemetry's usage"),
    (from_openai, "12 tokens", "str is not OpenAI's usage"),
    (from_openai, {"prompt_tokens": "12"}, "prompt_tokens of OpenAI's usage is '12', which is no count"),
    (from_openai, {"prompt_tokens": -1}, "no count"),
    (from_openai, {"prompt_tokens": True}, "no count"),
    (from_openai, {"prompt_tokens": 1.5}, "no count"),
    (from_openai, {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 6}}, "more than the whole"),
    (from_google, {"promptTokenCount": 5, "cachedContentTokenCount": 6}, "more than the whole"),
]


@pytest.mark.parametrize(("adapt", "usage", "why"), STRANGE)
def test_what_is_unknown_is_refused(adapt: Any, usage: Any, why: str) -> None:
    with pytest.raises(UnknownUsageError, match=why):
        adapt(usage)


# ---------------------------------------------------------------- Every count


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_anthropic_adds_up(plain: int, read: int, short: int, long: int, output: int) -> None:
    usage = {
        "input_tokens": plain,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + long,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
        "output_tokens": output,
    }
    assert tokens(from_anthropic(usage)) == plain + read + short + long + output
    assert from_anthropic(usage).get("cacheWrite1hTokens", 0) == long


PARTS = st.lists(COUNT, min_size=6, max_size=6)
MODALITIES = st.sets(st.sampled_from(["audio", "image"]))


@given(PARTS, COUNT, st.booleans(), MODALITIES)
def test_openai_adds_up(parts: list[int], written: int, is_chat: bool, modalities: Any) -> None:  # noqa: FBT001  # hypothesis gives it
    text, audio, image, cached_text, cached_audio, output = parts
    names = ("prompt_tokens", "completion_tokens") if is_chat else ("input_tokens", "output_tokens")
    whole = text + audio + image + cached_text + cached_audio + written
    details = {
        "cached_tokens": cached_text + cached_audio,
        "cache_write_tokens": written,
        "audio_tokens": audio + cached_audio,
        "image_tokens": image,
        "cached_tokens_details": {"text_tokens": cached_text, "audio_tokens": cached_audio},
    }
    usage = {names[0]: whole, f"{names[0]}_details": details, names[1]: output, "total_tokens": whole + output}
    metrics = from_openai(usage, modalities=modalities)
    assert tokens(metrics) == usage["total_tokens"]
    assert metrics.get("inputAudioTokens", 0) == (audio if "audio" in modalities else 0)
    assert metrics.get("cacheWriteTokens", 0) == written


@given(PARTS, COUNT, COUNT, MODALITIES)
def test_google_adds_up(parts: list[int], thoughts: int, tools: int, modalities: Any) -> None:
    text, audio, image, cached_text, cached_audio, output = parts
    prompt = text + audio + image + cached_text + cached_audio
    usage = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": cached_text + cached_audio,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": thoughts,
        "toolUsePromptTokenCount": tools,
        "totalTokenCount": prompt + output + thoughts + tools,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": text + cached_text},
            {"modality": "AUDIO", "tokenCount": audio + cached_audio},
            {"modality": "DOCUMENT", "tokenCount": image},
        ],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": cached_audio}],
    }
    metrics = from_google(usage, modalities=modalities)
    assert tokens(metrics) == usage["totalTokenCount"]
    assert metrics.get("inputImageTokens", 0) == (image if "image" in modalities else 0)


@given(COUNT, COUNT, COUNT, COUNT)
def test_spans_add_up(plain: int, read: int, written: int, output: int) -> None:
    usage = {
        "gen_ai.usage.input_tokens": plain + read + written,
        "gen_ai.usage.cache_read.input_tokens": read,
        "gen_ai.usage.cache_creation.input_tokens": written,
        "gen_ai.usage.output_tokens": output,
    }
    assert from_otel(usage)["inputTokens"] == plain
    assert tokens(from_otel(usage)) == plain + read + written + output


# ---------------------------------------------------------------- As genai-prices reads them

FIELDS = {
    "input_tokens": ["inputTokens", "cachedInputTokens", "cacheWriteTokens", "cacheWrite1hTokens"],
    "cache_read_tokens": ["cachedInputTokens"],
    "cache_write_tokens": ["cacheWriteTokens", "cacheWrite1hTokens"],
    "output_tokens": ["outputTokens"],
    "web_searches": ["webSearches"],
}
"""What genai-prices counts, and the metrics that it is the sum of."""


@pytest.mark.parametrize(
    ("provider", "flavor", "adapt", "usage"),
    [
        ("anthropic", "default", from_anthropic, ANTHROPIC),
        ("openai", "chat", from_openai, CHAT),
        ("openai", "responses", from_openai, RESPONSES),
        ("google", "default", from_google, GOOGLE),
    ],
)
def test_genai_prices_counts_the_same(provider: str, flavor: str, adapt: Any, usage: dict[str, Any]) -> None:
    [known] = [one for one in providers if one.id == provider]
    root = "usageMetadata" if provider == "google" else "usage"
    model = "modelVersion" if provider == "google" else "model"
    _, counted = known.extract_usage({root: usage, model: "x"}, api_flavor=flavor)
    metrics = adapt(usage)
    for field, parts in FIELDS.items():
        assert (getattr(counted, field, 0) or 0) == sum(metrics.get(part, 0) for part in parts), field
