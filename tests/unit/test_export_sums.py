"""Whatever usage there is, corrections among it: each format adds up to the records, exactly and in cents, and each
group to the views' figures.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import jsonschema
import polars as pl
import pytest
from botocore.response import StreamingBody
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.aws.export_store import Export, WrittenDay
from metering.aws.items import record_to_item
from metering.aws.objects import Objects
from metering.aws.tallies import tally_items
from metering.aws.transaction import Deadline
from metering.domain.corrections import adjustment_of, reprice, standing_pricing, void_of
from metering.domain.days import Day
from metering.domain.exports import ExportRequest
from metering.domain.money import plain
from metering.domain.rates import MetricRate, RateCard
from metering.domain.rating import CostOutOfRangeError
from metering.domain.statistics import TOTAL, Figures
from metering.domain.usage import UsageRecord
from metering.flows import assemble_export, export_usage
from tests.template import ROOT
from tests.unit.strategies import rates, records

NOW = "2026-11-24T10:00:00.000000Z"
DATES = ("2026-11-20", "2026-11-21", "2026-11-22")
SCHEMA = json.loads((ROOT / "tests" / "data" / "stripe_invoiceitem.schema.json").read_text())
GROUPS = {"session": "session", "user": "user", "provider": "provider", "service": "service", "model": "model"}
EXACT = Context(prec=60)
Item = dict[str, Any]


# ---------------------------------------------------------------------------- usage


@st.composite
def corrected(draw: st.DrawFn) -> list[UsageRecord]:
    """A record, and perhaps an adjustment of its price, and perhaps what takes all of that back."""
    record = draw(records())
    adjustments: list[UsageRecord] = []
    if draw(st.booleans()):
        metrics: dict[str, MetricRate] = draw(st.dictionaries(st.sampled_from(sorted(record.event.usage)), rates))
        card = RateCard("default", f"service:{record.event.service}", "*", "2021-01-01", metrics)
        try:
            repriced = reprice(record, standing_pricing(record, []), card)
        except CostOutOfRangeError:
            return [record]
        adjustments = [adjustment_of(record, repriced, "job_1", NOW)]
    voids = [void_of(record, adjustments, "sent twice", NOW)] if draw(st.booleans()) else []
    return [record, *adjustments, *voids]


@st.composite
def usage(draw: st.DrawFn) -> dict[str, list[Item]]:
    """The items of some days by date, in order of time; corrections are of the day of what they correct."""
    found: dict[str, dict[str, Item]] = {date: {} for date in DATES}
    for made in draw(st.lists(corrected(), max_size=5)):
        date = draw(st.sampled_from(DATES))
        for record in made:
            item = record_to_item(record, 4)
            item["day"] = {"S": f"prj_1#{date}#0"}
            found[date][item["recordKey"]["S"]] = item
    return {date: sorted(items.values(), key=lambda item: item["moment"]["S"]) for date, items in found.items()}


# ---------------------------------------------------------------------------- an export in memory


@dataclass
class Bucket:
    """S3, as far as small objects go."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: ARG002, N803  # boto3's names
        self.objects[Key] = Body

    def head_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: ARG002, N803  # boto3's names
        return {"ContentLength": len(self.objects[Key])}

    def get_object(self, *, Bucket: str, Key: str, Range: str = "") -> Any:  # noqa: ARG002, N803  # boto3's names
        body = self.objects[Key]
        if Range:
            start, end = Range.removeprefix("bytes=").split("-")
            body = body[int(start) : int(end) + 1]
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}


@dataclass
class Written:
    """A written export: what it says of itself, and its data."""

    export: Export
    manifest: dict[str, Any]
    data: bytes

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.data.decode(), newline="")))

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.data.decode().split("\n")[:-1]]


def customers(users: Any) -> dict[str, str]:
    """Every second user has a customer; three customers share them."""
    return {user: f"cus_{len(user) % 3}" for user in users if hash_of(user) % 2}


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def write(days: Mapping[str, Sequence[Item]], markup: int = 0, **request: Any) -> Written:
    """An export of the days, written by what writes them in Lambda; only DynamoDB is not there."""
    bucket, notes, ended = Bucket(), dict[str, WrittenDay](), list[Export]()
    wanted = ExportRequest(first=DATES[0], last=DATES[-1], **request)
    export = Export("exp_1", wanted, "running", NOW, len(DATES), NOW, markup)

    def note(_: Any, writes: Sequence[Any], __: Any) -> None:
        day = json.loads(writes[0].parameters["Item"]["day"]["S"])
        notes[day["date"]] = WrittenDay(**{**day, "metrics": tuple(day["metrics"])})

    def closed(_: Any, __: Any, ___: Any, date: str, ____: Any) -> Any:
        return iter([("", None, figures) for figures in tally_items(days[date])[TOTAL].values()])

    def tell(_: Any, __: Any, after: Export, *___: Any) -> bool:
        ended.append(after)
        return True

    with pytest.MonkeyPatch.context() as patched:
        for module in (export_usage, assemble_export):
            patched.setattr(module, "read_export", lambda *_: export)
            patched.setattr(module, "read_written_days", lambda *_: [notes[date] for date in sorted(notes)])
        patched.setattr(export_usage, "read_days", lambda _, date, __: iter([Day(date, "final", 3)]))
        patched.setattr(export_usage, "read_groups", closed)
        patched.setattr(export_usage, "items_in_order", lambda _, date: iter(days[date]))
        patched.setattr(export_usage, "commit", note)
        patched.setattr(assemble_export, "tell", tell)
        objects: Any = Objects(bucket, "exports", Deadline.within(60))  # type: ignore[arg-type]  # enough of a client
        place: Any = type("Place", (), {"project": "prj_1", "table": "Accounts", "client": None, "deadline": None})
        exporter = export_usage.Exporter(place, place, place, objects, objects, "Meters", "One")
        assert [export_usage.write_day(exporter, "exp_1", date, NOW) for date in DATES] == [False, False, True]
        assert assemble_export.assemble(exporter, "exp_1", NOW, customers)
    [done] = ended
    data, manifest = (bucket.objects[file.key] for file in done.files)
    return Written(done, json.loads(manifest), data)


# ---------------------------------------------------------------------------- what holds


def total(days: Mapping[str, Sequence[Item]]) -> Figures:
    items = [item for of_day in days.values() for item in of_day]
    return tally_items(items)[TOTAL].get(None, Figures())


def pico(amounts: Any) -> int:
    """What exact amounts in USD add up to."""
    found = Decimal(0)
    for amount in amounts:
        found = EXACT.add(found, Decimal(amount))
    return int(found.scaleb(12, EXACT))


def cents(amount: int) -> int:
    return int(Decimal(amount).scaleb(-10, EXACT).quantize(Decimal(1), ROUND_HALF_EVEN, EXACT))


@settings(max_examples=50)
@given(usage())
def test_records_and_their_lines_add_up_in_every_format(days: dict[str, list[Item]]) -> None:
    owed = total(days)
    written = {name: write(days, format=name) for name in ("csv", "json", "focus", "parquet")}
    written["lines"] = write(days, format="json", options={"lines": True})
    for one in written.values():
        said = one.manifest
        assert (one.export.cost, one.export.billed) == (owed.cost, owed.billed)
        assert (said["costUsd"], said["billedUsd"]) == (plain(owed.cost), plain(owed.billed))
        assert (said["cost"]["amount"], said["billed"]["amount"]) == (cents(owed.cost), cents(owed.billed))
        assert (said["records"], said["final"]) == (owed.records, True)
        assert [day["revision"] for day in said["days"]] == [3, 3, 3]
    rows = written["csv"].rows()
    assert (pico(row["costUsd"] for row in rows), pico(row["billedUsd"] for row in rows)) == (owed.cost, owed.billed)
    for documents in (json.loads(written["json"].data)["records"], written["lines"].lines()):
        assert pico(one["costUsd"] for one in documents) == owed.cost
        assert pico(line["costUsd"] or 0 for one in documents for line in one["lines"]) == owed.cost
    rows = written["focus"].rows()
    assert pico(row["BilledCost"] for row in rows) == owed.cost
    assert pico(row["EffectiveCost"] for row in rows if row["x_Billable"] == "true") == owed.billed
    table = pl.read_parquet(io.BytesIO(written["parquet"].data))
    assert pico(cost for cost in table["costUsd"] if cost is not None) == owed.cost
    assert pico(cost for cost in table["billedUsd"] if cost is not None) == owed.billed
    for metric, quantity in owed.metrics.items():
        assert pico(row["ConsumedQuantity"] for row in rows if row["SkuMeter"] == metric) == quantity
        assert pico(table.filter(pl.col("metric") == metric)["quantity"]) == quantity


@settings(max_examples=50)
@given(usage(), st.sampled_from([*GROUPS, "day"]))
def test_groups_are_the_figures_of_the_views(days: dict[str, list[Item]], group_by: str) -> None:
    tally = tally_items([item for of_day in days.values() for item in of_day])
    if group_by == "day":
        expected: dict[Any, Figures] = {date: tally_items(items)[TOTAL][None] for date, items in days.items() if items}
    else:
        expected = dict(tally[GROUPS[group_by]])
    groups = json.loads(write(days, format="json", group_by=group_by).data)["groups"]
    assert {group["key"]: shown(group) for group in groups} == {
        key: (plain(one.cost), plain(one.billed), one.records, one.unrated, quantities(one))
        for key, one in expected.items()
    }
    rows = write(days, format="csv", group_by=group_by).rows()
    assert pico(row["costUsd"] for row in rows) == total(days).cost
    assert len(rows) == len(groups)


def shown(group: dict[str, Any]) -> tuple[Any, ...]:
    return (group["costUsd"], group["billedUsd"], group["records"], group["unrated"], group["metrics"])


def quantities(figures: Figures) -> dict[str, str]:
    return {metric: plain(quantity) for metric, quantity in figures.metrics.items()}


@settings(max_examples=40)
@given(usage(), st.integers(0, 5000))
def test_invoices_and_what_nobody_pays_for_are_what_is_billed(days: dict[str, list[Item]], markup: int) -> None:
    written = write(days, markup, format="stripe")
    items = written.lines()
    by_customer: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        jsonschema.validate(item, SCHEMA)
        by_customer[item["customer"]].append(item)
    for theirs in by_customer.values():
        exactly = pico(item["metadata"]["cost_usd"] for item in theirs)
        assert sum(item["amount"] for item in theirs) == cents(exactly)
    exactly, skipped = written.manifest["invoicedUsd"], pico(one["billedUsd"] for one in written.manifest["skipped"])
    assert pico([exactly]) == pico(item["metadata"]["cost_usd"] for item in items)
    assert written.manifest["invoiced"]["amount"] == sum(item["amount"] for item in items)
    billed = total(days).billed - skipped
    assert abs(pico([exactly]) - Decimal(billed) * (10_000 + markup) / 10_000) <= (len(items) if markup else 0)


@settings(max_examples=50)
@given(usage())
def test_meter_events_are_the_billable_quantities(days: dict[str, list[Item]]) -> None:
    events = write(days, format="stripe", options={"as": "meter_events"}).lines()
    items = write(days, format="stripe").lines()
    counted: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for event in events:
        counted[event["payload"]["stripe_customer_id"], event["event_name"]] += Decimal(event["payload"]["value"])
    for item in items:
        key = item["customer"], item["metadata"]["metric"]
        counted[key] -= Decimal(item["metadata"]["quantity"])
    assert all(abs(left) < Decimal("0.0001") for left in counted.values())  # a value has 15 digits


ODD_NAMES = [
    "a,b",
    'say "hi"',
    "two\nlines",
    "\r\nthree",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@x",
    "\ttab",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "😀",
    "'quoted",
    ";",
]


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("group_by", [None, "user"])
def test_odd_names_survive_and_run_nowhere(name: str, group_by: str | None) -> None:
    item = {**COUNTED, "user": {"S": name}, "tags": {"M": {name: {"S": name}}}}
    [row] = write({DATES[0]: [item], DATES[1]: [], DATES[2]: []}, format="csv", group_by=group_by).rows()
    cell = row[group_by or "userId"]
    assert cell.removeprefix("'") == name.removeprefix("'")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    [focus] = write({DATES[0]: [item], DATES[1]: [], DATES[2]: []}, format="focus").rows()
    assert json.loads(focus["Tags"]) == {"userId": name}


@pytest.mark.parametrize("group_by", [None, "day"])
def test_more_metrics_than_a_file_may_have_columns_are_exported_as_json(group_by: str | None) -> None:
    def made(letter: str) -> Item:
        lines = [[f"{letter}{number}", None, "1", None, None, None] for number in range(600)]
        return {**COUNTED, "lines": {"S": json.dumps(lines)}, "cost": {"N": "0"}, "billed": {"N": "0"}}

    few, many = ({DATES[0]: [made("m")], DATES[1]: [], DATES[2]: [made(letter)]} for letter in "mn")
    assert write(few, format="csv", group_by=group_by).manifest["records"] == 2
    with pytest.raises(export_usage.UnexportableError, match="1000 metrics"):
        write(many, format="csv", group_by=group_by)
    assert write(many, format="json", group_by=group_by).manifest["records"] == 2


COUNTED: Item = {
    "recordKey": {"S": "prj_1#rec_aaaaaaaaaaaaaaaaaaaa"},
    "day": {"S": f"prj_1#{DATES[0]}#0"},
    "moment": {"S": "10:00:00.000000#aaaaaaaa"},
    "key": {"S": "k"},
    "received": {"S": NOW},
    "mode": {"S": "managed"},
    "service": {"S": "acme"},
    "lines": {"S": '[["runs","o","1","0.5",1,500000000000]]'},
    "cost": {"N": "500000000000"},
    "billed": {"N": "500000000000"},
}


@pytest.mark.parametrize(
    "request_of", [{"format": "csv"}, {"format": "json"}, {"format": "focus"}, {"format": "stripe"}]
)
def test_an_empty_range_adds_up_to_nothing(request_of: dict[str, Any]) -> None:
    written = write({date: [] for date in DATES}, **request_of)
    assert (written.manifest["costUsd"], written.manifest["records"], written.export.rows) == ("0", 0, 0)
    assert written.manifest["period"] == {"start": "2026-11-20T00:00:00Z", "end": "2026-11-23T00:00:00Z"}
