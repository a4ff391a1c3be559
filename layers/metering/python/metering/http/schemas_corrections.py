"""Bodies and answers of voids, re-ratings and explanations."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from metering.domain.usage import Name, Printable, Strict, Text
from metering.http.schemas import Date, Decimals, Instant, PeriodAnswer, RangeQuery


class VoidRequest(Strict):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Printable]


class VoidAnswer(Strict):
    record_id: str
    """The compensating record's."""
    voids: str
    cost_usd: Decimals
    """What it adds to every total: the opposite of what stood."""


class RerateRequest(RangeQuery):
    from_: Date = Field(alias="from")
    to: Date
    service: Name | None = None
    model_id: Text | None = None
    only: Literal["unrated", "all"] = "unrated"
    dry_run: Annotated[bool, Field(strict=True)] = False


JobStatus = Literal["queued", "running", "completed", "failed"]


class RerateAnswer(Strict):
    job_id: str
    status: JobStatus


class RerateJobAnswer(RerateAnswer):
    """How far a re-rating has come. A failed one stands still; a new one of the same range goes on where it ended."""

    dry_run: bool
    period: PeriodAnswer
    service: str | None
    model_id: str | None
    only: Literal["unrated", "all"]
    records_seen: int
    """Usage that stands and that the job is asked for."""
    records_changed: int
    """Those of them whose price changes."""
    records_failed: int
    """Those of them that would cost over a trillion USD, and keep their price."""
    cost_usd_before: Decimals
    """Of all records seen."""
    cost_usd_after: Decimals
    created_at: Instant
    finished_at: Instant | None


class ExplainedLineAnswer(Strict):
    metric: str
    quantity: Decimals
    price_usd: Decimals | None
    per: Decimals | None
    tier_above_input_tokens: int | None = None
    rate_id: str | None
    effective_from: str | None
    arithmetic: str | None
    cost_usd: Decimals | None


class CorrectionAnswer(Strict):
    """One link of the chain: what it adds to the cost, and why."""

    record_id: str
    kind: Literal["void", "adjust"]
    cost_usd: Decimals
    at: Instant
    reason: str | None = None
    rate_id: str | None = None
    job_id: str | None = None
    lines: list[ExplainedLineAnswer]


class ExplainAnswer(Strict):
    """A record's own lines and its corrections add up to `costUsd`, which is what stands now."""

    record_id: str
    corrects: str | None
    """The record that this one corrects, if it is a correction."""
    cost_usd: Decimals
    lines: list[ExplainedLineAnswer]
    corrections: list[CorrectionAnswer]
