"""The archive's file: every line of every record, each value as the record has it, in groups of any size."""

import io
import tracemalloc
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from metering.aws import archive_file
from metering.aws.archive_file import SCHEMA, DayFile, Identity, read_summary, rows_until
from metering.aws.items import record_to_item
from metering.domain.corrections import shown_key, void_of
from metering.domain.money import PICO, plain
from metering.domain.rates import MetricRate, RateCard, provider_of
from metering.domain.rating import price_usage
from metering.domain.statistics import TOTAL, Figures, tally
from metering.domain.usage import Occurrence, UsageEvent, UsageRecord
from tests.template import Template
from tests.unit.strategies import records

NOW = "2026-11-24T10:00:00.000000Z"


@st.composite
def voided(draw: st.DrawFn) -> list[UsageRecord]:
    """A record and, perhaps, what takes it back."""
    record = draw(records())
    return [record, void_of(record, [], "sent twice", NOW)] if draw(st.booleans()) else [record]


days = st.lists(voided(), min_size=1, max_size=4).map(lambda made: [record for each in made for record in each])


def write(made: Sequence[UsageRecord], revision: int = 1, former: bytes = b"") -> tuple[bytes, DayFile]:
    sink = io.BytesIO()
    file = DayFile(sink, revision)
    for rows in rows_until(io.BytesIO(former), revision - 1) if former else ():
        file.take_over(rows)
    items = [record_to_item(record, 4) for record in made]
    assert list(file.passing(items)) == items
    file.finish()
    return sink.getvalue(), file


def read(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(content)).to_pylist()
    return rows


def exact(pico: int | None) -> Decimal | None:
    return None if pico is None else Decimal(plain(pico))


def expected_rows(record: UsageRecord, revision: int) -> Iterator[dict[str, Any]]:
    event, correction = record.event, record.correction
    of_record = {
        "revision": revision,
        "recordId": record.record_id,
        "kind": correction.kind if correction else "usage",
        "corrects": correction.corrects if correction else None,
        "reason": correction.reason if correction else None,
        "jobId": correction.job_id if correction else None,
        "idempotencyKey": shown_key(event.idempotency_key),
        "occurredAt": datetime.fromisoformat(record.occurred.instant),
        "receivedAt": datetime.fromisoformat(record.received_at),
        "service": event.service,
        "provider": event.provider,
        "effectiveProvider": provider_of(event.service, event.provider, event.model_id),
        "modelId": event.model_id,
        "toolId": event.tool_id,
        "runId": event.run_id,
        "sandboxId": event.sandbox_id,
        "sessionId": event.session_id,
        "userId": event.user_id,
        "personaId": event.persona_id,
        "stepType": event.step_type,
        "stepIndex": event.step_index,
        "durationMs": event.duration_ms,
        "holdId": event.hold_id,
        "tags": list(event.tags.items()) if event.tags else None,
        "pricingMode": record.mode,
        "rateId": record.rate_id,
        "recordCostUsd": exact(record.pricing.cost),
        "recordBilledUsd": exact(record.pricing.billed),
        "records": -1 if correction else 1,
        "unrated": correction.unrated_change if correction else int(bool(record.pricing.unrated)),
        "recordCategory": correction.category if correction else record.pricing.lines[0].category,
    }
    for number, line in enumerate(record.pricing.lines, 1):
        yield {
            **of_record,
            "line": number,
            "metric": line.metric,
            "category": line.category,
            "quantity": exact(line.quantity),
            "priceUsd": exact(line.price),
            "per": line.per,
            "tierAboveInputTokens": line.tier_above,
            "costUsd": exact(line.cost),
            "billable": line.billable,
            "billedUsd": exact(line.cost and (line.cost if line.billable else 0)),
        }


@settings(max_examples=30)
@given(days)
def test_a_row_has_what_its_record_and_line_have(made: list[UsageRecord]) -> None:
    content, _ = write(made)
    assert read(content) == [row for record in made for row in expected_rows(record, 1)]


@settings(max_examples=15)
@given(days)
def test_the_sums_are_those_of_the_statistics(made: list[UsageRecord]) -> None:
    total = tally(made)[TOTAL].get(None, Figures())
    content, file = write(made)
    assert vars(file.sums) == {
        "cost": total.cost,
        "billed": total.billed,
        "records": total.records,
        "unrated": total.unrated,
    }
    firsts = [row for row in read(content) if row["line"] == 1]
    assert sum(row["recordCostUsd"] for row in firsts) == exact(total.cost)
    assert sum(row["costUsd"] or 0 for row in read(content)) == exact(total.cost)
    assert sum(row["billedUsd"] or 0 for row in read(content)) == exact(total.billed)
    assert sum(row["records"] for row in firsts) == total.records


@settings(max_examples=15)
@given(days, days)
def test_rows_of_an_earlier_revision_are_taken_over_as_they_are(
    before: list[UsageRecord], now: list[UsageRecord]
) -> None:
    former, old = write(before)
    content, file = write(now, 2, former)
    assert read(content) == [*read(former), *read(write(now, 2)[0])]
    assert file.sums.cost == old.sums.cost + sum(record.pricing.cost for record in now)
    assert file.sums.records == old.sums.records + write(now)[1].sums.records
    assert file.rows == len(read(content))


def example(key: str) -> UsageRecord:
    """A record of two lines, one of which has no rate."""
    usage = {"inputTokens": 3, "outputTokens": "0.5"}
    event = UsageEvent.model_validate({"idempotencyKey": key, "service": "claude_code", "usage": usage})
    card = RateCard("default", "service:a", "*", "2020-01-01", {"inputTokens": MetricRate(PICO, 7, "modelTokens")})
    pricing = price_usage({"inputTokens": 3 * PICO, "outputTokens": PICO // 2}, card, "managed")
    return UsageRecord("prj_1", event, Occurrence(NOW, NOW), NOW, "managed", card.rate_id, pricing)


def test_rows_that_were_written_after_sealing_are_not_taken_over() -> None:
    third, _ = write([example("c")], 3, write([example("b")], 2, write([example("a")])[0])[0])
    for revision, ids in ((1, "a"), (2, "ab"), (3, "abc")):
        kept = [row for rows in rows_until(io.BytesIO(third), revision) for row in rows.to_pylist()]
        assert [row["idempotencyKey"] for row in kept if row["line"] == 1] == list(ids)


@pytest.mark.parametrize(("number", "groups"), [(2, 1), (3, 2), (4, 2), (5, 3)])
def test_rows_are_written_in_groups(number: int, groups: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_file, "ROWS_AT_ONCE", 3)  # two records of two lines fill it
    content, file = write([example(str(key)) for key in range(number)])
    assert parquet.ParquetFile(io.BytesIO(content)).num_row_groups == groups
    assert (len(read(content)), file.rows) == (2 * number, 2 * number)


def test_money_is_a_decimal_of_twelve_places_and_packed_with_zstd() -> None:
    content, _ = write([example("a")])
    file = parquet.ParquetFile(io.BytesIO(content))
    assert str(file.schema_arrow.field("costUsd").type) == "decimal128(38, 12)"
    columns = file.metadata.row_group(0)
    assert {columns.column(number).compression for number in range(columns.num_columns)} == {"ZSTD"}


@given(st.lists(st.text("abcdef", min_size=1), unique=True, max_size=6), st.randoms(use_true_random=False))
def test_a_set_of_records_is_recognised_in_any_order(keys: list[str], chance: Random) -> None:
    def identity_of(some: list[str]) -> Identity:
        found = Identity()
        for key in some:
            found.add(record_to_item(example(key), 1))
        return found

    shuffled = chance.sample(keys, len(keys))
    assert identity_of(shuffled) == identity_of(keys)
    if keys:
        assert identity_of(keys[1:]) != identity_of(keys)
        assert identity_of([*keys[1:], "other"]) != identity_of(keys)


def test_a_file_says_of_itself_what_it_was_made_of() -> None:
    content, file = write([example("a"), example("b")], 7)
    assert read_summary(io.BytesIO(content)) == (7, file.identity)
    assert file.identity.count == 2
    empty, file = write([], 3)
    assert read_summary(io.BytesIO(empty)) == (3, Identity())
    assert file.rows == 0


def test_athena_has_the_columns_of_the_file() -> None:
    types = {"int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "bool": "boolean"}
    types |= {"timestamp[us, tz=UTC]": "timestamp", "decimal128(38, 12)": "decimal(38,12)"}
    types |= {"map<string, string>": "map<string,string>", "string": "string"}
    table = Template().resources["ArchiveTable"]["Properties"]["TableInput"]
    columns = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert columns == [(field.name.lower(), types[str(field.type)]) for field in SCHEMA]


def test_memory_does_not_grow_with_the_number_of_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_file, "ROWS_AT_ONCE", 200)
    item = record_to_item(example("a"), 1)

    def peak(number: int) -> int:
        file = DayFile(Void(), 1)
        tracemalloc.start()
        deque(file.passing(repeat(item, number)), maxlen=0)
        file.finish()
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(200)  # what is made once
    assert peak(4000) < 2 * peak(400)


class Void(io.RawIOBase):
    """A sink that keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)
