"""Rate cards: dated prices of all metrics of one model of one owner, and which card prices an event.

A card is never edited; a change of price is a new card from a later date. Prices are integers of pico-USD per `per`
units.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from metering.domain.metrics import Category

DEFAULT_SCOPE: Final = "default"
ANY_MODEL: Final = "*"

# A service that always means one vendor. Others say so in `provider` or in the prefix of `modelId`.
PROVIDER_OF_SERVICE: Final[dict[str, str]] = {
    "claude_code": "anthropic",
    "codex": "openai",
    "e2b": "e2b",
    "convex": "convex",
    "trigger_dev": "trigger.dev",
    "trigger.dev": "trigger.dev",
}

_DATE_SUFFIX = re.compile(r"(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2})|-latest)\Z")


@dataclass(frozen=True, slots=True)
class Tier:
    """A price that holds for all of an event whose input is strictly more than `above_input_tokens`."""

    above_input_tokens: int
    price: int
    """Pico-USD per the metric's `per` units."""


@dataclass(frozen=True, slots=True)
class MetricRate:
    """The price of one metric: `price` pico-USD for every `per` units, tiers in ascending order of their threshold."""

    price: int
    per: int
    category: Category
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class RateCard:
    """All metrics of one model (or of any, `*`) of one owner, from one moment on."""

    scope: str
    """`default` or a project's id."""
    owner: str
    """`service:<name>` or `provider:<name>`."""
    model: str
    effective_from: str
    """A date, meaning its midnight UTC, or an instant in the stored form of `periods.stored`."""
    metrics: Mapping[str, MetricRate]

    @property
    def rate_id(self) -> str:
        return f"{self.scope}/{self.owner}/{self.model}@{self.effective_from}"


class Subject(NamedTuple):
    """What decides which card prices an event, together with its time."""

    project: str
    service: str
    provider: str | None
    model_id: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place where a card may be found, in order of precedence, and the reason in words."""

    scope: str
    owner: str
    model: str
    reason: str


def provider_of(service: str, provider: str | None, model_id: str | None) -> str | None:
    """Who is paid for an event: its `provider`, or its service's own, or the prefix of its `modelId`."""
    if provider:
        return provider
    own = PROVIDER_OF_SERVICE.get(service)
    if own:
        return own
    prefix, slash, _ = (model_id or "").partition("/")
    return prefix if slash and prefix else None


def without_date(model_id: str) -> str:
    """`model_id` without `-20250929`, `@2025-09-29` (or either with the other sign) or `-latest`."""
    return _DATE_SUFFIX.sub("", model_id)


@lru_cache(maxsize=4096)
def candidates(subject: Subject) -> tuple[Candidate, ...]:
    """Where to look for the card of an event; the first place that has a card in force decides for all metrics.

    The project's cards come before the defaults, the service's before the provider's, and the exact model before the
    model without its date suffix before `*`.
    """
    vendor = provider_of(subject.service, subject.provider, subject.model_id)
    owners = [f"service:{subject.service}"]
    if vendor:
        owners.append(f"provider:{vendor}")
    models = list(_models(vendor, subject.model_id))
    return tuple(
        Candidate(scope, owner, model, f"{_whose(scope)} card of {owner}, {why}")
        for scope in dict.fromkeys((subject.project, DEFAULT_SCOPE))
        for owner in owners
        for model, why in models
    )


def _whose(scope: str) -> str:
    return "default" if scope == DEFAULT_SCOPE else "the project's"


def _models(vendor: str | None, model_id: str | None) -> Iterator[tuple[str, str]]:
    if model_id:
        names = [model_id]
        if vendor and model_id.startswith(f"{vendor}/"):
            names.append(model_id[len(vendor) + 1 :])
        seen = {"", ANY_MODEL}
        for why, known_as in (("exact model", names), ("model without its date suffix", map(without_date, names))):
            for name in known_as:
                if name not in seen:
                    seen.add(name)
                    yield name, why
    yield ANY_MODEL, "any model"
