"""Rate cards as callers write them, checked where a schema cannot."""

from itertools import pairwise
from typing import TYPE_CHECKING

from metering.domain.errors import Fault, InvalidRequestError
from metering.domain.metrics import CATEGORY_OF, Category
from metering.domain.rates import MetricRate, RateCard, Tier

if TYPE_CHECKING:
    from metering.http.schemas_rates import MetricRateRequest, RateCardRequest


def owner_of(service: str | None, provider: str | None) -> str | None:
    """The owner's key, if one is named.

    Raises:
        InvalidRequestError: both are named.
    """
    if service and provider:
        raise InvalidRequestError.at("provider", "must not stand beside `service`: a card has one owner")
    if service:
        return f"service:{service}"
    return f"provider:{provider}" if provider else None


def card_of(body: "RateCardRequest", scope: str) -> RateCard:
    """The card of a request.

    Raises:
        InvalidRequestError: no owner or two, a metric whose category nobody knows, tiers out of order.
    """
    owner = owner_of(body.service, body.provider)
    if owner is None:
        raise InvalidRequestError.at("service", "name the card's owner: `service` or `provider`")
    faults = [fault for metric, rate in body.metrics.items() for fault in _faults(metric, rate)]
    if faults:
        raise InvalidRequestError(f"{faults[0].path}: {faults[0].message}", faults=faults)
    metrics = {metric: _rate(rate, _category(metric, rate)) for metric, rate in body.metrics.items()}
    return RateCard(scope, owner, body.model_id, body.effective_from, metrics)


def _category(metric: str, rate: "MetricRateRequest") -> Category | None:
    return rate.category or CATEGORY_OF.get(metric)


def _faults(metric: str, rate: "MetricRateRequest") -> list[Fault]:
    faults = []
    if _category(metric, rate) is None:
        faults.append(Fault(f"metrics.{metric}.category", "is needed: nobody knows the category of this metric"))
    thresholds = [tier.above_input_tokens for tier in rate.tiers or ()]
    if any(low >= high for low, high in pairwise(thresholds)):
        faults.append(Fault(f"metrics.{metric}.tiers", "must be in ascending order of `aboveInputTokens`"))
    return faults


def _rate(rate: "MetricRateRequest", category: Category | None) -> MetricRate:
    if category is None:
        raise AssertionError("_faults has refused a metric without a category")
    tiers = tuple(Tier(tier.above_input_tokens, tier.price_usd) for tier in rate.tiers or ())
    return MetricRate(rate.price_usd, rate.per, category, tiers)
