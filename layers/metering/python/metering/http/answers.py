"""Domain values as answers: exact figures as plain decimal strings, cents beside them."""

from typing import Any

from metering.aws.rate_book import Consulted, Resolution
from metering.domain.accounts import ApiKey, Project
from metering.domain.figures import shown_figures
from metering.domain.money import plain
from metering.domain.periods import short
from metering.domain.rates import DEFAULT_SCOPE, MetricRate, RateCard
from metering.domain.statistics import RunFigures

Json = dict[str, Any]


def run_answer(run_id: str, run: RunFigures) -> Json:
    models = sorted(run.models.items(), key=lambda entry: (-entry[1].cost, entry[0] or ""))
    return {
        "runId": run_id,
        "total": shown_figures(run.total),
        "models": [{"key": model, **shown_figures(figures)} for model, figures in models],
        "steps": [
            {"stepIndex": index, "stepType": kind, "durationMs": figures.duration_ms, **shown_figures(figures)}
            for (index, kind), figures in run.steps.items()
        ],
    }


def project_answer(project: Project) -> Json:
    return {
        "projectId": project.project_id,
        "name": project.name,
        "pricingMode": project.pricing_mode,
        "recordShards": project.shards,
        "markupBasisPoints": project.markup_basis_points,
        "createdAt": short(project.created_at),
    }


def key_answer(key: ApiKey) -> Json:
    return {
        "keyId": key.key_id,
        "name": key.name,
        "role": key.role,
        "userId": key.user_id,
        "createdAt": short(key.created_at),
        "expiresAt": short(key.expires_at) if key.expires_at else None,
        "lastUsedAt": short(key.last_used_at) if key.last_used_at else None,
    }


def card_answer(card: RateCard) -> Json:
    kind, _, name = card.owner.partition(":")
    return {
        "rateId": card.rate_id,
        "scope": _scope(card.scope),
        kind: name,
        "modelId": card.model,
        "effectiveFrom": _effective(card.effective_from),
        "metrics": {metric: _rate(rate) for metric, rate in card.metrics.items()},
    }


def _scope(scope: str) -> str:
    return DEFAULT_SCOPE if scope == DEFAULT_SCOPE else "project"


def _effective(moment: str) -> str:
    return short(moment) if "T" in moment else moment


def _rate(rate: MetricRate) -> Json:
    answer: Json = {"priceUsd": plain(rate.price), "per": rate.per, "category": rate.category}
    if rate.tiers:
        answer["tiers"] = [
            {"aboveInputTokens": tier.above_input_tokens, "priceUsd": plain(tier.price)} for tier in rate.tiers
        ]
    return answer


def resolution_answer(found: Resolution) -> Json:
    last = found.consulted[-1]
    return {
        "card": card_answer(found.card) if found.card else None,
        "reason": last.candidate.reason if found.card else "no card in force at any place: the usage is unrated",
        "lookedAt": [_looked_at(consulted) for consulted in found.consulted],
    }


def _looked_at(consulted: Consulted) -> Json:
    candidate = consulted.candidate
    return {
        "scope": _scope(candidate.scope),
        "owner": candidate.owner,
        "modelId": candidate.model,
        "reason": candidate.reason,
        "rateId": consulted.card.rate_id if consulted.card else None,
    }
