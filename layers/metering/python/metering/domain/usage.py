"""A usage event as callers send it, and the usage record that it becomes."""

import hashlib
import json
from base64 import b32encode
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from metering.domain.metrics import Category
from metering.domain.money import DECIMALS, PICO, plain, to_pico
from metering.domain.periods import parse_instant, short
from metering.domain.rating import Pricing, PricingMode

_MOST_WHOLE: Final = 10**15
MOST_QUANTITY: Final = Decimal(_MOST_WHOLE)
_MOST_QUANTITY_DIGITS: Final = 16


def _invalid(message: str) -> PydanticCustomError:
    return PydanticCustomError("invalid", message.replace("{", "{{"))


def _printable(text: Any) -> Any:  # noqa: ANN401  # pydantic hands over whatever the caller sent
    if isinstance(text, str) and not text.isprintable():
        raise _invalid("must consist of printable characters")
    return text


Printable = BeforeValidator(_printable)
Text = Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]
"""An identifier of the caller's: 1 to 200 printable characters."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A service or a provider."""
MetricName = Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z0-9]{0,63}$")]


class Quantity(NamedTuple):
    """How much of a metric: units of 10^-12, and the text if the caller sent a decimal string."""

    pico: int
    text: str | None = None


def parse_quantity(value: Any) -> Quantity:  # noqa: ANN401  # pydantic hands over whatever the caller sent
    """A JSON number or decimal string, at least 0, at most 10^15, at most 12 decimals, without loss."""
    if type(value) is int and 0 <= value <= _MOST_WHOLE:
        return Quantity(value * PICO)  # nearly all quantities; a Decimal takes longer
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise _invalid("must be a number or a decimal string")
    try:
        number = _plain_decimal(value) if isinstance(value, str) else Decimal(value)
        if not number.is_finite() or number < 0 or number > MOST_QUANTITY:
            raise _invalid("must be at least 0 and at most 10^15")
        return Quantity(to_pico(number), value if isinstance(value, str) else None)
    except (ValueError, InvalidOperation) as error:
        raise _invalid(str(error)) from None


def _plain_decimal(text: str) -> Decimal:
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit() and whole and (fraction or "." not in text)):
        raise ValueError("must be a plain decimal string such as 12.5")
    if len(whole) > _MOST_QUANTITY_DIGITS:
        raise ValueError("must be at least 0 and at most 10^15")
    if len(fraction) > DECIMALS:
        raise ValueError("must have at most 12 decimals")
    return Decimal(text)


class Occurrence(NamedTuple):
    """When usage happened: the stored instant, and the text that the caller reads back, which is in UTC."""

    instant: str
    text: str


def _parse_occurrence(value: Any) -> Occurrence:  # noqa: ANN401  # pydantic hands over whatever the caller sent
    if not isinstance(value, str):
        raise _invalid("must be an RFC 3339 date-time such as 2026-11-24T10:00:00Z")
    try:
        instant = parse_instant(value)
    except ValueError as error:
        raise _invalid(str(error)) from None
    return Occurrence(instant, value if value.endswith(("Z", "+00:00")) else short(instant))


class Strict(BaseModel):
    """The base of every schema: camelCase outside, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True, hide_input_in_errors=True)


QUANTITY_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 10**15},
        {"type": "string", "pattern": r"^[0-9]{1,16}(\.[0-9]{1,12})?$"},
    ],
    "description": "At most 12 decimals and at most 10^15.",
}


class UsageEvent(Strict):
    """One use of a service, as it is sent to `usage.computeCostAndRecord`."""

    idempotency_key: Text
    occurred_at: (
        Annotated[
            Occurrence,
            PlainValidator(_parse_occurrence),
            WithJsonSchema({"type": "string", "format": "date-time"}),
        ]
        | None
    ) = None
    service: Name
    provider: Name | None = None
    model_id: Text | None = None
    tool_id: Text | None = None
    usage: Annotated[
        dict[MetricName, Annotated[Quantity, PlainValidator(parse_quantity), WithJsonSchema(QUANTITY_SCHEMA)]],
        Field(min_length=1, max_length=20),
    ]
    run_id: Text | None = None
    sandbox_id: Text | None = None
    session_id: Text | None = None
    user_id: Text | None = None
    persona_id: Text | None = None
    step_type: Text | None = None
    step_index: Annotated[int, Field(strict=True, ge=0, lt=10**9)] | None = None
    duration_ms: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None
    hold_id: Text | None = None
    tags: (
        Annotated[
            dict[
                Annotated[str, StringConstraints(min_length=1, max_length=64), Printable],
                Annotated[str, StringConstraints(max_length=256), Printable],
            ],
            Field(max_length=20),
        ]
        | None
    ) = None

    def fingerprint(self) -> bytes:
        """What two sendings of one event have in common: all but the key, and the time, which may be the server's."""
        usage = {metric: plain(quantity.pico) for metric, quantity in self.usage.items()}
        rest = [getattr(self, name) for name in _ATTRIBUTION]
        payload = _to_sorted_json([usage, self.tags or None, *rest])
        return hashlib.sha256(payload.encode()).digest()[:16]


_to_sorted_json: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


# The fields that a record carries over unchanged.
_ATTRIBUTION: Final = (
    "service",
    "provider",
    "model_id",
    "tool_id",
    "run_id",
    "sandbox_id",
    "session_id",
    "user_id",
    "persona_id",
    "step_type",
    "step_index",
    "duration_ms",
    "hold_id",
)


class Standing(NamedTuple):
    """How the event's session stood once the event was counted."""

    status: Literal["active", "paused"]
    breached: tuple[str, ...] = ()


ACTIVE: Final = Standing("active")


class Correction(NamedTuple):
    """What makes a record a correction of another one: it takes all of it back, or changes its price."""

    kind: Literal["void", "adjust"]
    corrects: str
    """The id of the record that it corrects."""
    category: Category | None
    """The category that the corrected record counts under."""
    unrated_change: int
    """What it adds to the number of records that have a metric without a rate: -1, 0 or 1."""
    reason: str | None = None
    job_id: str | None = None
    """The re-rating that made it."""


class Links(NamedTuple):
    """The ids of what corrects a record."""

    voided_by: str | None = None
    adjusted_by: tuple[str, ...] = ()
    """In the order in which they were made."""


UNCORRECTED: Final = Links()


class UsageRecord(NamedTuple):
    """What is kept of an event for good: the event, when, and its price. Never overwritten.

    A correction is a record of its own, of the day and hour of what it corrects; its lines are differences.
    """

    project: str
    event: UsageEvent
    occurred: Occurrence
    received_at: str
    mode: PricingMode
    rate_id: str | None
    pricing: Pricing
    standing: Standing | None = None
    correction: Correction | None = None
    links: Links = UNCORRECTED

    @property
    def record_id(self) -> str:
        return record_id_of(self.event.idempotency_key)


@lru_cache(maxsize=1024)  # item and answer of each event of a batch
def record_id_of(idempotency_key: str) -> str:
    """The record's id, which the key alone decides: `rec_` and 100 bits of its SHA-256 in base 32."""
    digest = hashlib.sha256(idempotency_key.encode()).digest()
    return "rec_" + b32encode(digest[:15])[:20].decode().lower()
