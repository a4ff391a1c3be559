"""A usage event as it is read: quantities without loss, text that can be printed, and what makes two sendings one."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from metering.domain.money import PICO, plain
from metering.domain.usage import MOST_QUANTITY, UsageEvent, parse_quantity, record_id_of

EVENT = {"idempotencyKey": "call_1", "service": "claude_code", "usage": {"inputTokens": 1}}
ATTRIBUTES = (
    "provider",
    "modelId",
    "toolId",
    "runId",
    "sandboxId",
    "sessionId",
    "userId",
    "personaId",
    "stepType",
    "holdId",
)

quantities = st.integers(0, int(MOST_QUANTITY) * PICO)


def event(**fields: Any) -> UsageEvent:
    return UsageEvent.model_validate({**EVENT, **fields})


def faults(**fields: Any) -> set[str]:
    """Where an event does not fit."""
    with pytest.raises(ValidationError) as raised:
        event(**fields)
    return {".".join(map(str, fault["loc"])) for fault in raised.value.errors()}


# ---------------------------------------------------------------------------- quantities


@given(quantities)
def test_a_number_and_a_string_of_the_same_quantity_are_equal(pico: int) -> None:
    text = plain(pico)
    number = json.loads(text, parse_float=Decimal)
    assert parse_quantity(text).pico == parse_quantity(number).pico == pico
    assert parse_quantity(text).text == text
    assert parse_quantity(number).text is None


@pytest.mark.parametrize(
    ("value", "pico"),
    [
        (0, 0),
        ("0", 0),
        (Decimal("-0.0"), 0),
        ("0.000000000001", 1),
        (Decimal("1e-12"), 1),
        (Decimal("1.50"), 3 * PICO // 2),
        ("007", 7 * PICO),
        (10**15, 10**27),
        ("1000000000000000", 10**27),
        ("999999999999999.999999999999", 10**27 - 1),
    ],
)
def test_a_quantity_is_taken_without_loss(value: Any, pico: int) -> None:
    assert parse_quantity(value).pico == pico


@pytest.mark.parametrize(
    "value",
    [
        -1,
        "-1",
        Decimal("-0.000000000001"),
        10**15 + 1,
        Decimal("1000000000000000.000000000001"),
        "1000000000000000.000000000001",
        "99999999999999999",
        Decimal("1e400"),
        10**4000,
        "0.0000000000001",
        Decimal("1e-13"),
        Decimal("1e-1999999999"),
        "0.1234567890120000000000000000000001",
        "1.0000000000000",
        "",
        ".",
        "1.",
        ".5",
        "1e3",
        "+1",
        " 1",
        "1 ",
        "1_000",
        "1,000",
        "0x10",
        "٣",
        "½",
        "NaN",
        "Infinity",
        True,
        False,
        None,
        1.5,
        [1],
        {},
    ],
)
def test_what_is_no_quantity_is_refused(value: Any) -> None:
    assert faults(usage={"inputTokens": value}) == {"usage.inputTokens"}


def test_an_event_has_one_to_twenty_metrics() -> None:
    assert faults(usage={}) == {"usage"}
    twenty = {f"metric{number}": 1 for number in range(20)}
    assert len(event(usage=twenty).usage) == 20
    assert "usage" in faults(usage={**twenty, "metric20": 1})


@pytest.mark.parametrize("name", ["", "Tokens", "1tokens", "in-tokens", "in_tokens", "a" * 65, "tokens\n", "tökens"])
def test_a_metrics_name_is_camel_case_ascii(name: str) -> None:
    assert {where.split(".")[0] for where in faults(usage={name: 1})} == {"usage"}


# ---------------------------------------------------------------------------- texts


@pytest.mark.parametrize("field", ["idempotencyKey", *ATTRIBUTES])
def test_a_text_has_1_to_200_printable_characters(field: str) -> None:
    longest = 64 if field == "provider" else 200
    assert event(**{field: "x"})
    assert event(**{field: "x" * longest})
    for text in (
        "",
        "x" * (longest + 1),
        "line\nbreak",
        "nul\0",
        "tab\t",
        "bell\a",
        "half \ud800 pair",
        "zero\u200bwide",
    ):
        assert faults(**{field: text}) == {field}
    for value in (1, True, ["x"], {"x": 1}):
        assert faults(**{field: value}) == {field}


@pytest.mark.parametrize("text", ["naïve", "日本語", "🜚" * 200, "a b", "a#b/c?d", '"quoted"', "\\", "{curly}"])
def test_any_script_is_printable(text: str) -> None:
    assert event(idempotencyKey=text, runId=text).run_id == text


@pytest.mark.parametrize("name", ["", "-x", ".x", "x" * 65, "a b", "a/b", "a#b", "a:b", "é", "x\n"])
def test_a_service_has_a_plain_name(name: str) -> None:
    assert faults(service=name) == {"service"}


def test_step_index_and_duration_are_whole_numbers_in_bounds() -> None:
    assert event(stepIndex=0, durationMs=0).step_index == 0
    assert event(stepIndex=10**9 - 1, durationMs=10**12).duration_ms == 10**12
    for value in (-1, 10**9, "1", True, Decimal("1.5")):
        assert faults(stepIndex=value) == {"stepIndex"}
    for value in (-1, 10**12 + 1, "1", True, Decimal("1.5")):
        assert faults(durationMs=value) == {"durationMs"}


def test_tags_are_at_most_twenty_short_texts() -> None:
    twenty = {f"{number}": "" for number in range(20)}
    assert event(tags=twenty).tags == twenty
    assert event(tags={"k" * 64: "v" * 256}).tags
    assert faults(tags={**twenty, "20": ""}) == {"tags"}
    assert faults(tags={"k" * 65: "v"}) == {f"tags.{'k' * 65}.[key]"}
    assert faults(tags={"": "v"}) == {"tags..[key]"}
    assert faults(tags={"k": "v" * 257}) == {"tags.k"}
    assert faults(tags={"k": "a\nb"}) == {"tags.k"}
    assert faults(tags={"k": 1}) == {"tags.k"}
    assert faults(tags=["k"]) == {"tags"}


@pytest.mark.parametrize("field", ["idempotency_key", "model_id", "cost", "projectId", "recordId"])
def test_unknown_fields_are_refused(field: str) -> None:
    assert faults(**{field: "x"}) == {field}


@pytest.mark.parametrize("value", ["2026-11-24", "yesterday", 1795514400, "2026-11-24T10:00:60Z", True, ""])
def test_when_it_happened_is_an_rfc_3339_date_time(value: Any) -> None:
    assert faults(occurredAt=value) == {"occurredAt"}


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"),
        ("2026-11-24T10:00:00.123456789Z", "2026-11-24T10:00:00.123456789Z"),
        ("2026-11-24T10:00:00+00:00", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24T11:00:00+01:00", "2026-11-24T10:00:00Z"),
        ("2026-11-24T11:00:00.5+01:00", "2026-11-24T10:00:00.500Z"),
        ("2026-11-24t10:00:00z", "2026-11-24T10:00:00Z"),
    ],
)
def test_when_it_happened_reads_as_it_was_sent_and_always_in_utc(sent: str, text: str) -> None:
    occurred = event(occurredAt=sent).occurred_at
    assert occurred
    assert occurred.text == text


# ---------------------------------------------------------------------------- sendings of one event


def test_the_fingerprint_needs_neither_key_nor_time() -> None:
    assert event().fingerprint() == event(idempotencyKey="call_2", occurredAt="2026-01-01T00:00:00Z").fingerprint()


@pytest.mark.parametrize("field", [*ATTRIBUTES, "stepIndex", "durationMs", "tags"])
def test_null_and_absent_are_the_same_and_a_value_is_not(field: str) -> None:
    value: Any = {"stepIndex": 0, "durationMs": 0, "tags": {"k": ""}}.get(field, "x")
    assert event(**{field: None}).fingerprint() == event().fingerprint()
    assert event(**{field: value}).fingerprint() != event().fingerprint()


def test_no_tags_and_empty_tags_are_the_same() -> None:
    assert event(tags={}).fingerprint() == event().fingerprint()


def test_every_attribute_has_its_place_in_the_fingerprint() -> None:
    swapped = {event(**{field: "x"}).fingerprint() for field in (*ATTRIBUTES, "service")}
    assert len(swapped) == len(ATTRIBUTES) + 1


@given(st.dictionaries(st.sampled_from(["inputTokens", "outputTokens", "runs"]), quantities, min_size=1))
def test_the_fingerprint_is_of_quantities_and_not_of_how_they_are_written(usage: dict[str, int]) -> None:
    texts = {metric: plain(pico) for metric, pico in usage.items()}
    numbers = {metric: Decimal(text) for metric, text in reversed(texts.items())}
    padded = {metric: f"0{text}" if len(text.partition(".")[0]) < 16 else text for metric, text in texts.items()}
    assert event(usage=texts).fingerprint() == event(usage=numbers).fingerprint() == event(usage=padded).fingerprint()


@given(quantities, quantities)
def test_other_quantities_have_another_fingerprint(one: int, other: int) -> None:
    prints = {event(usage={"runs": plain(pico)}).fingerprint() for pico in (one, other)}
    assert len(prints) == len({one, other})


@given(st.dictionaries(st.text("ab", min_size=1), st.text("ab,:\"'"), max_size=3))
def test_tags_cannot_be_written_so_that_others_look_the_same(tags: dict[str, str]) -> None:
    joined = {"a": ",".join(f'{name}":"{value}' for name, value in tags.items())}
    assert (event(tags=tags).fingerprint() == event(tags=joined).fingerprint()) == (tags == joined)


def test_a_record_id_comes_of_the_key_alone() -> None:
    assert record_id_of("call_1") == record_id_of("call_1")
    assert record_id_of("call_1") != record_id_of("call_2")
    assert record_id_of("é").startswith("rec_")
    assert len({record_id_of(str(number)) for number in range(1000)}) == 1000
