"""The rows of a CSV file become events, the same ones every time."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from local.imports.csv_rows import CsvError, CsvFile, to_instant
from local.imports.events import MOST_BYTES, MOST_EVENTS, Event, Fault, FieldError, check_field, in_batches, set_field
from metering.catalogue import read_catalogue
from metering.domain.money import plain
from metering.domain.rating import price_usage
from metering.domain.usage import UsageEvent

TRACES = Path(__file__).parents[1] / "data" / "azure-llm-inference"
COLUMNS = {
    "occurredAt": "TIMESTAMP",
    "usage.inputTokens": "ContextTokens",
    "usage.outputTokens": "GeneratedTokens",
}
FIXED = {"service": "opencode", "modelId": "openai/gpt-4o"}
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-11-16 18:17:03.9799600", "2023-11-16T18:17:03.979960Z"),
        ("2023-11-16 18:17:03.9799609", "2023-11-16T18:17:03.979960Z"),
        ("2023-11-16T18:17:03", "2023-11-16T18:17:03.000000Z"),
        ("2023-11-16T18:17:03Z", "2023-11-16T18:17:03.000000Z"),
        ("2023-11-16 18:17", "2023-11-16T18:17:00.000000Z"),
        ("2023-11-16 18:17:03,5", "2023-11-16T18:17:03.500000Z"),
        ("2023-11-16 00:17:03+02:00", "2023-11-15T22:17:03.000000Z"),
        ("2023-11-16 18:17:03 -0130", "2023-11-16T19:47:03.000000Z"),
        ("2023-11-16 18:17:03 UTC", "2023-11-16T18:17:03.000000Z"),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise_and_keeps_six_decimals(text: str, instant: str) -> None:
    assert to_instant(text) == instant


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2023-13-01 00:00:00", "1700158623", "2023-11-16", "2023-11-16 25:00:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        to_instant(text)


@pytest.mark.parametrize("file", sorted(TRACES.glob("*.csv")), ids=lambda file: file.stem)
def test_every_request_of_the_traces_is_an_event_that_the_service_takes(file: Path) -> None:
    events = list(CsvFile(file, COLUMNS, FIXED).events())

    with file.open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(events) == len(rows)
    for number, (event, row) in enumerate(zip(events, rows, strict=True), start=1):
        assert isinstance(event, Event)
        usage = UsageEvent.model_validate(event.payload)
        assert usage.idempotency_key == f"csv/{file.name}/{number}"
        assert usage.occurred_at
        assert usage.occurred_at.instant == f"{row['TIMESTAMP'][:10]}T{row['TIMESTAMP'][11:26]}Z"
        assert event.payload["usage"] == {"inputTokens": row["ContextTokens"], "outputTokens": row["GeneratedTokens"]}


@pytest.mark.parametrize(("name", "cost"), [("code", "47.608895"), ("conv", "96.791325")])
def test_a_trace_costs_what_the_readme_says_computed_in_two_ways(name: str, cost: str) -> None:
    file = TRACES / f"AzureLLMInferenceTrace_{name}.csv"
    cards = [entry.card for entry in read_catalogue() if entry.card.owner == "provider:openai"]
    [card] = [card for card in cards if card.model == "gpt-4o"]
    ours = 0
    for event in CsvFile(file, COLUMNS, FIXED).events():
        assert isinstance(event, Event)
        usage = UsageEvent.model_validate(event.payload).usage
        ours += price_usage({metric: quantity.pico for metric, quantity in usage.items()}, card, "managed").cost
    with file.open() as lines:
        tokens = [(int(row["ContextTokens"]), int(row["GeneratedTokens"])) for row in csv.DictReader(lines)]
    theirs = sum(Decimal(put_in) * Decimal("2.5") + Decimal(got) * 10 for put_in, got in tokens) / 10**6
    assert Decimal(plain(ours)) == theirs == Decimal(cost)


def test_a_file_that_grew_gives_its_old_rows_the_same_keys(tmp_path: Path) -> None:
    row = "2026-01-01 00:00:00,1,2\n"
    before = _payloads(_file(tmp_path, HEADER + row))
    after = _payloads(_file(tmp_path, HEADER + row + row))

    assert after[0] == before[0]
    assert after[1]["idempotencyKey"] == "csv/rows.csv/2"


def test_a_name_of_its_own_keeps_another_file_of_the_same_name_apart(tmp_path: Path) -> None:
    file = _file(tmp_path, HEADER + "2026-01-01 00:00:00,1,2\n")

    (payload,) = _payloads(file, name="december")

    assert payload["idempotencyKey"] == "csv/december/1"


def test_a_key_column_gives_the_key_as_it_is(tmp_path: Path) -> None:
    file = _file(tmp_path, "id,n\nreq-7,5\n")

    (payload,) = _payloads(file, {"usage.runs": "n"}, {"service": "x"}, key_column="id")

    assert payload["idempotencyKey"] == "req-7"


def test_columns_and_fixed_values_set_any_field(tmp_path: Path) -> None:
    file = _file(tmp_path, "n,step,team,who\n 5 ,3,shop,\n")
    columns = {"usage.runs": "n", "stepIndex": "step", "tags.team": "team", "userId": "who"}

    (payload,) = _payloads(file, columns, {"service": "x", "tags.env": "test", "usage.fleetItems": "2"})

    assert payload == {
        "idempotencyKey": "csv/rows.csv/1",
        "service": "x",
        "usage": {"runs": "5", "fleetItems": "2"},
        "stepIndex": 3,
        "tags": {"team": "shop", "env": "test"},
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-01-01 00:00:00,1,2,3", "more cells"),
        ("noon,1,2", "is not a time"),
        (",1,2", "is not a time"),
        ("2026-01-01 00:00:00,,", "no usage"),
        ("2026-01-01 00:00:00", "no usage"),
    ],
)
def test_a_row_that_is_no_event_is_a_fault_and_keeps_its_number(tmp_path: Path, row: str, reason: str) -> None:
    good = "2026-01-01 00:00:00,1,2"

    first, fault, last = CsvFile(_file(tmp_path, f"{HEADER}{good}\n{row}\n{good}\n"), COLUMNS, FIXED).events()

    assert isinstance(first, Event)
    assert isinstance(fault, Fault)
    assert reason in fault.reason
    assert fault.origin.endswith("rows.csv:3")
    assert isinstance(last, Event)
    assert last.payload["idempotencyKey"] == "csv/rows.csv/3"


@pytest.mark.parametrize(
    ("columns", "fixed", "reason"),
    [
        (COLUMNS, {}, "needs a service"),
        ({"service": "TIMESTAMP"}, {}, "needs usage"),
        ({**COLUMNS, "userId": "Nobody"}, FIXED, "no column Nobody"),
        ({**COLUMNS, "modelId": "TIMESTAMP"}, FIXED, "not both"),
    ],
)
def test_columns_that_do_not_make_events_are_refused_before_anything_is_sent(
    tmp_path: Path, columns: dict[str, str], fixed: dict[str, str], reason: str
) -> None:
    with pytest.raises(CsvError, match=reason):
        CsvFile(_file(tmp_path, HEADER), columns, fixed)


def test_a_header_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CsvError, match="two columns n"):
        CsvFile(_file(tmp_path, "n,n\n1,2\n"), {"usage.runs": "n"}, {"service": "x"})


def test_a_byte_order_mark_another_delimiter_and_quoted_lines_are_understood(tmp_path: Path) -> None:
    file = _file(tmp_path, '\ufeffn;note\n5;"two\nlines"\n6;\n')

    payloads = _payloads(file, {"usage.runs": "n"}, {"service": "x"}, delimiter=";")

    assert [payload["usage"] for payload in payloads] == [{"runs": "5"}, {"runs": "6"}]


@pytest.mark.parametrize("rows", [0, 100_000])
def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path, rows: int) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(b"n\n" + b"1\n" * rows + b"\xff\n")

    with pytest.raises(CsvError, match="utf-8"):
        list(CsvFile(file, {"usage.runs": "n"}, {"service": "x"}).events())


@pytest.mark.parametrize("name", ["service", "usage.anything", "tags.team", "stepIndex", "occurredAt"])
def test_a_field_that_events_have_is_accepted(name: str) -> None:
    check_field(name)


@pytest.mark.parametrize("name", ["usage", "usage.", "tags", "model", "idempotencyKey", ""])
def test_a_field_that_no_event_has_or_that_is_not_the_callers_is_refused(name: str) -> None:
    with pytest.raises(FieldError):
        check_field(name)


def test_a_text_where_an_integer_is_needed_is_refused() -> None:
    with pytest.raises(FieldError, match="durationMs"):
        set_field({}, "durationMs", "long")


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1]), (MOST_EVENTS, [MOST_EVENTS]), (MOST_EVENTS + 1, [MOST_EVENTS, 1])]
)
def test_a_batch_has_as_many_events_as_the_service_takes(count: int, sizes: list[int]) -> None:
    events = [Event("", {"n": number}) for number in range(count)]

    assert [len(batch.events) for batch in in_batches(events)] == sizes


def test_a_batch_fits_the_largest_body_that_the_service_takes() -> None:
    events = [Event("", {"tags": "x" * 1000}) for _ in range(MOST_EVENTS)]

    batches = list(in_batches(events))

    assert sum(len(batch.events) for batch in batches) == MOST_EVENTS
    assert len(batches) > 1
    assert all(sum(len(body) + 1 for body in batch.bodies) <= MOST_BYTES for batch in batches)


@pytest.mark.parametrize(("bytes_over", "sent"), [(-1, 1), (0, 0)])
def test_an_event_that_no_request_can_hold_is_a_fault(bytes_over: int, sent: int) -> None:
    frame = len('{"n":""}')
    (batch,) = in_batches([Event("here", {"n": "x" * (MOST_BYTES + bytes_over - frame)})])

    assert (len(batch.events), len(batch.faults)) == (sent, 1 - sent)


def test_faults_after_the_last_event_are_told_too() -> None:
    fault = Fault("here", "why")

    assert [batch.faults for batch in in_batches([Event("", {}), fault])] == [[fault]]
    assert [batch.faults for batch in in_batches([fault])] == [[fault]]


def _file(folder: Path, text: str) -> Path:
    file = folder / "rows.csv"
    file.write_text(text, encoding="utf-8")
    return file


def _payloads(
    file: Path, columns: dict[str, str] = COLUMNS, fixed: dict[str, str] = FIXED, **options: Any
) -> list[dict[str, Any]]:
    items = list(CsvFile(file, columns, fixed, **options).events())
    assert all(isinstance(item, Event) for item in items), items
    return [item.payload for item in items if isinstance(item, Event)]
