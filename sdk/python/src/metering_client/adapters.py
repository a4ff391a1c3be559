"""Providers' own usage objects as metrics, of which no token is in two.

Providers count differently. Anthropic's input tokens leave out what a cache was read from and written to; OpenAI's,
Google's and OpenTelemetry's include it. Reasoning is inside the output of all but Google, which counts it beside.

Tokens of sound, pictures and film are counted as plain tokens unless `modalities` names them: few models have prices of
their own for them, and a metric that no card names is unrated.

Dictionaries, with names as in JSON, and the objects of the providers' Python packages are read alike. What has none of
the known shapes raises UnknownUsageError.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from metering_client.errors import UnknownUsageError

Modality = Literal["audio", "image", "video"]
Metrics = dict[str, int]

_NAMED: Final[dict[Modality, str]] = {"audio": "Audio", "image": "Image", "video": "Video"}
_SHOWN_AS: Final[dict[str, Modality]] = {"AUDIO": "audio", "IMAGE": "image", "DOCUMENT": "image", "VIDEO": "video"}
"""Google's modalities; pages of documents are read as pictures."""


def from_anthropic(usage: Any) -> Metrics:  # noqa: ANN401  # any object
    """`message.usage` of Anthropic's Messages API. Searches of its web tool are `webSearches`.

    What compactions of the context took is in it, which the totals leave out; what advisors took is not, since it has
    another model's prices: `from_anthropic_advisors`.
    """
    fields = _Fields(usage, "Anthropic's", needs=("input_tokens", "output_tokens"), without=("total_tokens",))
    parts = [fields, *fields.listed("iterations", "compaction")]
    return _metrics(**_summed(map(_anthropic, parts)))


def from_anthropic_advisors(usage: Any) -> dict[str, Metrics]:  # noqa: ANN401  # any object
    """What advisors took in a message, by their models: each is to be recorded by itself, with its model."""
    fields = _Fields(usage, "Anthropic's", needs=("input_tokens", "output_tokens"), without=("total_tokens",))
    found: dict[str, list[Metrics]] = {}
    for advice in fields.listed("iterations", "advisor_message"):
        found.setdefault(str(advice.get("model")), []).append(_anthropic(advice))
    return {model: _metrics(**_summed(parts)) for model, parts in found.items()}


def _anthropic(fields: "_Fields") -> Metrics:
    short, long = _anthropic_cache_writes(fields)
    return {
        "inputTokens": fields.count("input_tokens"),
        "cachedInputTokens": fields.count("cache_read_input_tokens"),
        "cacheWriteTokens": short,
        "cacheWrite1hTokens": long,
        "outputTokens": fields.count("output_tokens"),
        "webSearches": fields.part("server_tool_use").count("web_search_requests"),
    }


def _anthropic_cache_writes(fields: "_Fields") -> tuple[int, int]:
    """Tokens written for five minutes, and for an hour; without a breakdown all are for five minutes."""
    split = fields.part("cache_creation")
    short, long = split.count("ephemeral_5m_input_tokens"), split.count("ephemeral_1h_input_tokens")
    written = max(fields.count("cache_creation_input_tokens"), short + long)
    return written - long, long


def from_openai(usage: Any, *, modalities: Collection[Modality] = ()) -> Metrics:  # noqa: ANN401  # any object
    """`usage` of OpenAI's chat completions, responses, embeddings, images and realtime APIs, and of those like them."""
    without = ("cache_read_input_tokens", "cache_creation_input_tokens")
    fields = _Fields(usage, "OpenAI's", needs=("prompt_tokens|input_tokens",), without=without)
    is_chat = fields.has("prompt_tokens")
    names = ("prompt_tokens", "completion_tokens") if is_chat else ("input_tokens", "output_tokens")
    read, written = (fields.part(f"{name}_details", f"{name[:-1]}_details") for name in names)
    total, cached = fields.count(names[0]), read.count("cached_tokens")
    of_cached = read.part("cached_tokens_details")
    # Writes are given "unadjusted", so that they may include what was read.
    cache_writes = min(read.count("cache_write_tokens"), max(total - cached, 0))
    kinds = {kind: read.count(f"{kind}_tokens") for kind in modalities}
    cached_kinds = {kind: of_cached.count(f"{kind}_tokens") for kind in modalities}
    return _metrics(
        **_input_metrics(total, cached, cache_writes, kinds, cached_kinds),
        **_output_metrics(fields.count(names[1]), {kind: written.count(f"{kind}_tokens") for kind in modalities}),
    )


def from_google(usage: Any, *, modalities: Collection[Modality] = ()) -> Metrics:  # noqa: ANN401  # any object
    """`usage_metadata` of Google's Gemini and Live APIs and of Vertex AI, in snake_case or camelCase."""
    fields = _Fields(usage, "Google's", needs=("prompt_token_count|total_token_count",), without=())
    tools = fields.count("tool_use_prompt_token_count")
    asked = fields.count("prompt_token_count") + tools
    read, by_tools = fields.kinds("prompt_tokens_details"), fields.kinds("tool_use_prompt_tokens_details")
    kinds = {kind: read.get(kind, 0) + by_tools.get(kind, 0) for kind in modalities}
    cached = fields.kinds("cache_tokens_details")
    answered = next((name for name in ("candidates", "response") if fields.has(f"{name}_token_count")), "candidates")
    written = fields.kinds(f"{answered}_tokens_details")
    made = fields.count(f"{answered}_token_count") + fields.count("thoughts_token_count")
    if fields.count("total_token_count") and not asked + made:
        raise UnknownUsageError("this usage of Google's has a total, and not what it is the total of")
    return _metrics(
        **_input_metrics(
            asked,
            fields.count("cached_content_token_count"),
            0,
            kinds,
            {kind: cached.get(kind, 0) for kind in modalities},
        ),
        **_output_metrics(made, {kind: written.get(kind, 0) for kind in modalities}),
    )


def from_otel(attributes: Any) -> Metrics:  # noqa: ANN401  # any object
    """A span's attributes by OpenTelemetry's conventions for generative AI, whose input tokens include cached ones."""
    needs = ("gen_ai.usage.input_tokens|gen_ai.usage.prompt_tokens",)
    fields = _Fields(attributes, "OpenTelemetry's", needs=needs, without=())
    new, old = ("input_tokens", "output_tokens"), ("prompt_tokens", "completion_tokens")
    read, written = new if fields.has("gen_ai.usage.input_tokens") else old
    return _metrics(
        **_input_metrics(
            fields.count(f"gen_ai.usage.{read}"),
            fields.count("gen_ai.usage.cache_read.input_tokens"),
            fields.count("gen_ai.usage.cache_creation.input_tokens"),
            {},
            {},
        ),
        outputTokens=fields.count(f"gen_ai.usage.{written}"),
    )


# ---------------------------------------------------------------------------- Disjoint


def _input_metrics(
    total: int, cached: int, written: int, kinds: Mapping[Modality, int], cached_kinds: Mapping[Modality, int]
) -> Metrics:
    """Input whose total includes what was read from and written to a cache, and every modality."""
    found = {
        "inputTokens": total - cached - written - sum(kinds.values()) + sum(cached_kinds.values()),
        "cachedInputTokens": cached - sum(cached_kinds.values()),
        "cacheWriteTokens": written,
    }
    for kind, count in kinds.items():
        found[f"input{_NAMED[kind]}Tokens"] = count - cached_kinds[kind]
        found[f"cachedInput{_NAMED[kind]}Tokens"] = cached_kinds[kind]
    return found


def _output_metrics(total: int, kinds: Mapping[Modality, int]) -> Metrics:
    metrics = {f"output{_NAMED[kind]}Tokens": count for kind, count in kinds.items()}
    return {"outputTokens": total - sum(kinds.values()), **metrics}


def _summed(parts: Iterable[Metrics]) -> Metrics:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def _metrics(**found: int) -> Metrics:
    """The metrics that are not zero; input and output stand in any case.

    Raises:
        UnknownUsageError: parts come to more than what they are parts of.
    """
    negative = {name: count for name, count in found.items() if count < 0}
    if negative:
        raise UnknownUsageError(f"the parts of this usage are more than the whole: {negative} would be left")
    always = ("inputTokens", "outputTokens")
    return {name: count for name, count in found.items() if count or name in always}


# ---------------------------------------------------------------------------- Any shape


class _Fields:
    """The fields of a dictionary or an object; what is None or absent counts as nothing."""

    def __init__(self, usage: Any, whose: str, *, needs: Collection[str], without: Collection[str]) -> None:  # noqa: ANN401  # any object
        self._usage = usage
        self._whose = whose
        lacking = [need for need in needs if not any(self.has(name) for name in need.split("|"))]
        strange = [name for name in without if self.has(name)]
        if lacking or strange:
            raise UnknownUsageError(f"{_shown(usage)} is not {whose} usage: {_reason(usage, lacking, strange)}")

    def get(self, name: str) -> Any:  # noqa: ANN401  # whatever it has
        """A field by its name in snake_case, or in camelCase."""
        for spelt in (name, _camel(name)):
            value = self._usage.get(spelt) if isinstance(self._usage, Mapping) else getattr(self._usage, spelt, None)
            if value is not None:
                return value
        return None

    def has(self, name: str) -> bool:
        return self.get(name) is not None

    def part(self, *names: str) -> "_Fields":
        """A part of its own; an empty one where there is none."""
        found: Any = next((self.get(name) for name in names if self.has(name)), {})
        return _Fields(found, self._whose, needs=(), without=())

    def count(self, name: str) -> int:
        """A number of tokens.

        Raises:
            UnknownUsageError: it is no whole number from 0 on.
        """
        value = self.get(name)
        if value is None:
            return 0
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise UnknownUsageError(f"{name} of {self._whose} usage is {value!r}, which is no count")
        return value

    def listed(self, name: str, kind: str) -> Iterator["_Fields"]:
        """The entries of a list that are of one type."""
        for one in self.get(name) or ():
            fields = _Fields(one, self._whose, needs=(), without=())
            if fields.get("type") == kind:
                yield fields

    def kinds(self, name: str) -> dict[Modality, int]:
        """Google's list of modalities with their counts."""
        found: dict[Modality, int] = {}
        for one in self.get(name) or ():
            fields = _Fields(one, self._whose, needs=(), without=())
            modality = fields.get("modality")
            if kind := _SHOWN_AS.get(str(getattr(modality, "value", modality))):
                found[kind] = found.get(kind, 0) + fields.count("token_count")
        return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _shown(usage: Any) -> str:  # noqa: ANN401  # any object
    return f"{type(usage).__module__}.{type(usage).__qualname__}".removeprefix("builtins.")


def _reason(usage: Any, lacking: Collection[str], strange: Collection[str]) -> str:  # noqa: ANN401  # any object
    whole = _Fields(usage, "", needs=(), without=())
    if whole.has("usage") or whole.has("usage_metadata"):
        return "it is a whole response; pass its usage"
    if strange:
        return f"{', '.join(strange)} is of another provider's"
    return f"it has no {', '.join(lacking).replace('|', ' or ')}"
