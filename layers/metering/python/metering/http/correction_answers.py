"""Corrections, re-ratings and explanations as answers."""

from typing import Any

from metering.domain.explanations import ExplainedLine, Explanation, effective_from
from metering.domain.money import plain
from metering.domain.periods import short
from metering.domain.rerating import Job
from metering.domain.usage import Correction, UsageRecord
from metering.flows.explain import Explained

Json = dict[str, Any]


def void_answer(void: UsageRecord) -> Json:
    return {
        "recordId": void.record_id,
        "voids": void.correction.corrects if void.correction else None,
        "costUsd": plain(void.pricing.cost),
    }


def started_answer(job: Job) -> Json:
    return {"jobId": job.job_id, "status": job.status}


def job_answer(job: Job) -> Json:
    order, progress = job.order, job.progress
    return {
        **started_answer(job),
        "dryRun": order.dry_run,
        "period": order.period().echo(),
        "service": order.service,
        "modelId": order.model_id,
        "only": order.only,
        "recordsSeen": progress.seen,
        "recordsChanged": progress.changed,
        "recordsFailed": progress.failed,
        "costUsdBefore": plain(progress.before),
        "costUsdAfter": plain(progress.after),
        "createdAt": short(job.created_at),
        "finishedAt": short(job.finished_at) if job.finished_at else None,
    }


def explain_answer(explained: Explained) -> Json:
    record, lines = explained.explanation
    return {
        "recordId": record.record_id,
        "corrects": record.correction.corrects if record.correction else None,
        "costUsd": plain(explained.cost),
        "lines": [_line(line) for line in lines],
        "corrections": [_correction(one) for one in explained.corrections],
    }


def _correction(explanation: Explanation) -> Json:
    record, lines = explanation
    answer: Json = {
        "recordId": record.record_id,
        "costUsd": plain(record.pricing.cost),
        "at": short(record.received_at),
    }
    return {**answer, **_why(record.correction, record.rate_id), "lines": [_line(line) for line in lines]}


def _why(correction: Correction | None, rate_id: str | None) -> Json:
    if correction is None:
        raise ValueError("only a correction corrects")
    if correction.kind == "void":
        return {"kind": "void", "reason": correction.reason}
    return {"kind": "adjust", "rateId": rate_id, "jobId": correction.job_id}


def _line(explained: ExplainedLine) -> Json:
    line, rate_id, arithmetic, cost = explained
    answer: Json = {
        "metric": line.metric,
        "quantity": plain(line.quantity),
        "priceUsd": None if line.price is None else plain(line.price),
        "per": None if line.per is None else str(line.per),
        "rateId": rate_id,
        "effectiveFrom": _effective(rate_id) if rate_id else None,
        "arithmetic": arithmetic,
        "costUsd": None if cost is None else plain(cost),
    }
    return answer if line.tier_above is None else {**answer, "tierAboveInputTokens": line.tier_above}


def _effective(rate_id: str) -> str:
    moment = effective_from(rate_id)
    return short(moment) if "T" in moment else moment
