"""Meter events: exact up to what Stripe can read, and the same however often they are made."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.domain.meter_events import MOST_DIGITS, Metered, is_too_old, meter_event, significant
from metering.domain.money import PICO, plain

METERED = Metered("2026-11-24", "cus_a", "claude_code", "claude-sonnet-4-5", "inputTokens")


def test_an_event_is_the_body_that_stripe_takes() -> None:
    event = meter_event("prj_one", METERED, 1200 * PICO)
    assert event["event_name"] == "inputTokens"
    assert event["timestamp"] == 1_795_478_400
    assert event["payload"] == {
        "stripe_customer_id": "cus_a",
        "value": "1200",
        "service": "claude_code",
        "model": "claude-sonnet-4-5",
    }
    assert len(event["identifier"]) <= 100
    assert "model" not in meter_event("prj_one", METERED._replace(model=None), PICO)["payload"]


def test_an_identifier_says_what_is_counted_and_not_how_much() -> None:
    first = meter_event("prj_one", METERED, PICO)["identifier"]
    assert meter_event("prj_one", METERED, 2 * PICO)["identifier"] == first
    others = [METERED._replace(**{field: "2026-01-01"}) for field in Metered._fields]
    assert first not in {meter_event("prj_one", other, PICO)["identifier"] for other in others}
    assert meter_event("prj_two", METERED, PICO)["identifier"] != first


@pytest.mark.parametrize(
    ("now", "too_old"),
    [("2026-12-29T00:00:00.000000Z", False), ("2026-12-29T00:00:00.000001Z", True)],
)
def test_stripe_takes_35_days(now: str, too_old: bool) -> None:  # noqa: FBT001  # what is expected
    assert is_too_old("2026-11-24", now) == too_old


@given(st.integers(0, 10**40))
def test_a_value_has_the_digits_that_a_double_keeps(value: int) -> None:
    rounded = significant(value)
    assert len(str(rounded).rstrip("0")) <= MOST_DIGITS
    assert abs(rounded - value) * 2 * 10**MOST_DIGITS <= 10 * max(value, rounded)
    text = plain(rounded)
    assert Decimal(repr(float(text))) == Decimal(json.loads(f'"{text}"'))


def test_what_has_few_digits_is_exact() -> None:
    assert significant(123_456_789_012_345) == 123_456_789_012_345
    assert significant(1_234_567_890_123_445) == 1_234_567_890_123_440
    assert significant(1_234_567_890_123_455) == 1_234_567_890_123_460
