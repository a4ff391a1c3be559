"""Exports equal the records, to the cent and exactly, whatever is in them and wherever they are interrupted."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import polars as pl
import pytest
from pyarrow import parquet

from tests.integration.api import Api, Project
from tests.integration.export_world import (
    NASTY,
    Worker,
    exact,
    export_worker,
    exported,
    exported_bytes,
    exported_rows,
    files,
    killed_after,
    record_some,
    show,
    start,
    void_one,
    without_ids,
)
from tests.template import ROOT

SCHEMA = json.loads((ROOT / "tests" / "data" / "stripe_invoiceitem.schema.json").read_text())


@pytest.fixture
def worker(api: Api, monkeypatch: pytest.MonkeyPatch) -> Worker:  # noqa: ARG001  # moto's account
    return export_worker(monkeypatch)


@pytest.mark.usefixtures("sonnet")
def test_every_format_adds_up_to_the_records(project: Project, worker: Worker) -> None:
    record_some(project)
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    total = exact(records)

    answer, text = exported(project, worker, format="csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["recordId"] for row in rows] == [record["recordId"] for record in records]
    assert sum(Decimal(row["costUsd"]) for row in rows) == total == Decimal(answer["costUsd"])
    assert sum(Decimal(row["usage.inputTokens"]) for row in rows) == sum(r["usage"]["inputTokens"] for r in records)

    _, text = exported(project, worker, format="json")
    document = json.loads(text)
    assert exact(document["records"]) == total == Decimal(document["export"]["costUsd"])
    for ours, theirs in zip(document["records"], records, strict=True):
        shared = ours.keys() & theirs.keys()
        assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}

    _, text = exported(project, worker, format="json", options={"lines": True})
    assert exact([json.loads(line) for line in text.splitlines()]) == total

    for group_by in ("session", "provider", "service"):
        _, text = exported(project, worker, format="csv", groupBy=group_by)
        assert sum(Decimal(row["costUsd"]) for row in csv.DictReader(io.StringIO(text))) == total
    for group_by in ("user", "day", "model"):
        _, text = exported(project, worker, format="json", groupBy=group_by)
        assert exact(json.loads(text)["groups"]) == total


@pytest.mark.usefixtures("sonnet")
def test_voids_are_in_every_format(project: Project, worker: Worker) -> None:
    record_some(project)
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    void_one(project, next(record for record in records if record["costUsd"] != "0"))
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    total = exact(records)
    assert len(records) == 41

    rows = exported_rows(project, worker, format="csv")
    assert sum(Decimal(row["costUsd"]) for row in rows) == total
    assert len([row for row in rows if row["voids"] and row["costUsd"].startswith("-")]) == 1
    assert exact(json.loads(exported(project, worker, format="json")[1])["records"]) == total
    rows = exported_rows(project, worker, format="focus")
    assert sum(Decimal(row["BilledCost"]) for row in rows) == total
    corrections = [row for row in rows if row["ChargeClass"] == "Correction"]
    assert {row["SkuMeter"] for row in corrections} == {"inputTokens", "outputTokens"}
    assert all(Decimal(row["EffectiveCost"]) < 0 for row in corrections)
    _, data = exported_bytes(project, worker, format="parquet")
    assert pl.read_parquet(io.BytesIO(data))["costUsd"].sum() == total


@pytest.mark.usefixtures("sonnet")
def test_focus_rows_are_the_days_usage_by_what_it_was_charged_for(project: Project, worker: Worker) -> None:
    record_some(project)
    rows = exported_rows(project, worker, format="focus", options={"platform": "Acme, Inc."})
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    for row in rows:
        assert len({row[f"{kind}Cost"] for kind in ("Billed", "Effective", "List", "Contracted")}) == 1
        assert (row["ProviderName"], row["InvoiceIssuerName"]) == ("Acme, Inc.", "Acme, Inc.")
        assert (row["SubAccountId"], row["BillingPeriodEnd"]) == (project.id, "2026-12-01T00:00:00Z")
        if row["x_Rated"] == "true":
            due = Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
            assert abs(due - Decimal(row["ListCost"])) < Decimal("1e-9")
    metered = sum(Decimal(str(record["usage"]["inputTokens"])) for record in records)
    assert sum(Decimal(row["ConsumedQuantity"]) for row in rows if row["SkuMeter"] == "inputTokens") == metered
    assert len({(row["ChargePeriodStart"], row["Tags"], row["SkuPriceId"], row["x_Rated"]) for row in rows}) == len(
        rows
    )


@pytest.mark.usefixtures("sonnet")
def test_a_parquet_export_is_read_alike_by_polars_and_duckdb(project: Project, worker: Worker, tmp_path: Path) -> None:
    record_some(project)
    answer, data = exported_bytes(project, worker, format="parquet")
    path = tmp_path / "usage.parquet"
    path.write_bytes(data)
    table = pl.read_parquet(path)
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    assert table.height == sum(len(record["lines"]) for record in records) == answer["files"][0]["rows"]
    assert table.filter(pl.col("line") == 1)["recordId"].to_list() == [record["recordId"] for record in records]
    assert table["costUsd"].dtype == pl.Decimal(38, 12)
    sums = duckdb.read_parquet(str(path)).aggregate("sum(costUsd), sum(quantity), count(DISTINCT recordId)")
    assert sums.fetchall() == [(exact(records), table["quantity"].sum(), len(records))]
    assert parquet.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_empty_parquet_export_has_its_columns(project: Project, worker: Worker) -> None:
    _, data = exported_bytes(project, worker, format="parquet")
    table = pl.read_parquet(io.BytesIO(data))
    assert (table.height, "costUsd" in table.columns) == (0, True)


@pytest.mark.parametrize("export_format", ["stripe", "focus", "parquet"])
def test_what_has_rows_of_its_own_takes_no_group_by(project: Project, export_format: str) -> None:
    period = {"start": "2026-11-20", "end": "2026-11-24"}
    body = {"format": export_format, "period": period, "groupBy": "user"}
    assert project.call("POST /v1/exports", body=body).status == 422


@pytest.mark.usefixtures("sonnet")
def test_no_cell_is_run_as_a_formula_and_texts_survive(project: Project, worker: Worker) -> None:
    record_some(project)
    _, text = exported(project, worker)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        assert not row["runId"].startswith(("=", "+", "-", "@"))
        assert row["runId"].removeprefix("'") in NASTY
        assert json.loads(row["tags"])["note"] in NASTY
    assert text.count("\r\n") == len(rows) + 1


@pytest.mark.usefixtures("sonnet")
def test_invoice_items_fit_stripes_schema_and_leave_nobody_out(project: Project, worker: Worker) -> None:
    record_some(project)
    project.call("PUT /v1/stripe-customers/{userId}", path={"userId": "user_0"}, body={"customerId": "cus_a"})
    options = {"customers": {"user_1": "cus_a"}}
    answer, text = exported(project, worker, format="stripe", options=options)
    items = [json.loads(line) for line in text.splitlines()]
    for item in items:
        jsonschema.validate(item, SCHEMA)
        assert item["metadata"]["export_id"] == answer["exportId"]
    billed = sum((Decimal(item["metadata"]["cost_usd"]) for item in items), Decimal(0))
    skipped = {one["userId"]: Decimal(one["billedUsd"]) for one in answer["skipped"]}
    assert set(skipped) == {"user_2", None}
    assert billed + sum(skipped.values()) == Decimal(answer["billedUsd"])
    assert sum(item["amount"] for item in items) == round(billed * 100)


@pytest.mark.usefixtures("sonnet")
def test_meter_events_are_the_days_quantities_by_customer(project: Project, worker: Worker) -> None:
    record_some(project)
    customers = {f"user_{number}": f"cus_{number % 2}" for number in range(3)}
    old = {"userId": "user_0", "occurredAt": "2026-10-19T00:00:00Z", "modelId": "claude-sonnet-4-5"}
    assert project.record(idempotencyKey="old", **old).status == 201
    ask = {
        "format": "stripe",
        "period": {"start": "2026-10-19", "end": "2026-11-24"},
        "options": {"as": "meter_events", "customers": customers},
    }
    answer, text = exported(project, worker, **ask)
    events = [json.loads(line) for line in text.splitlines()]
    records = project.records(**{"from": "2026-11-20", "to": "2026-11-24", "limit": 1000})
    metered = sum(record["usage"]["inputTokens"] for record in records if record["userId"])
    assert sum(int(event["payload"]["value"]) for event in events if event["event_name"] == "inputTokens") == metered
    assert len({event["identifier"] for event in events}) == len(events)
    assert {(one["userId"], one["reason"]) for one in answer["skipped"]} == {
        ("user_0", "older_than_35_days"),
        (None, "no_customer"),
    }


@pytest.mark.usefixtures("sonnet")
@pytest.mark.parametrize(
    ("options", "points"), [({}, 1250), ({"markupBasisPoints": 0}, 0), ({"markupBasisPoints": 3}, 3)]
)
def test_invoices_have_the_projects_markup_unless_the_request_says_otherwise(
    project: Project, worker: Worker, options: dict[str, Any], points: int
) -> None:
    record_some(project)
    customers = {f"user_{number}": f"cus_{number}" for number in range(3)}
    assert project.call("PATCH /v1/project", body={"markupBasisPoints": 1250}).status == 200
    export_id = start(project, format="stripe", options={"customers": customers, **options})
    project.call("PATCH /v1/project", body={"markupBasisPoints": 9999})  # later than the export
    worker.run()
    answer, found = show(project, export_id), files(project, export_id)
    items, manifest = [json.loads(line) for line in found["data"].splitlines()], json.loads(found["manifest"])
    exactly = sum(Decimal(item["metadata"]["cost_usd"]) for item in items)
    billed = Decimal(answer["billedUsd"]) - sum(Decimal(one["billedUsd"]) for one in answer["skipped"])
    assert abs(exactly - billed * (10_000 + points) / 10_000) <= len(items) * Decimal("5e-13")
    assert {item["metadata"]["markup_basis_points"] for item in items} == {str(points)}
    assert answer["markupBasisPoints"] == manifest["markupBasisPoints"] == points
    assert manifest["invoiced"] == {"amount": sum(item["amount"] for item in items), "currency": "usd"}
    assert manifest["invoiced"]["amount"] == round(exactly * 100)
    assert Decimal(manifest["invoicedUsd"]) == exactly


@pytest.mark.usefixtures("sonnet")
def test_what_is_no_invoice_has_no_markup(project: Project, worker: Worker) -> None:
    record_some(project, 4)
    project.call("PATCH /v1/project", body={"markupBasisPoints": 1250})
    answer, text = exported(project, worker, format="stripe", options={"as": "meter_events"})
    assert answer["markupBasisPoints"] == 0
    answer, text = exported(project, worker, format="csv")
    assert sum(Decimal(row["billedUsd"]) for row in csv.DictReader(io.StringIO(text))) == Decimal(answer["billedUsd"])


@pytest.mark.parametrize(
    ("export_format", "options", "status"),
    [
        ("csv", {"markupBasisPoints": 500}, 422),
        ("csv", {"lines": True}, 422),
        ("focus", {"customers": {"ada": "cus_a"}}, 422),
        ("json", {"as": "meter_events"}, 422),
        ("parquet", {"platform": "Acme"}, 422),
        ("csv", {"lines": False, "as": "invoice_items", "customers": None, "platform": "Meterstone"}, 202),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    project: Project,
    worker: Worker,  # noqa: ARG001  # the queue
    export_format: str,
    options: dict[str, Any],
    status: int,
) -> None:
    body = {"format": export_format, "period": {"start": "2026-11-20", "end": "2026-11-24"}, "options": options}
    assert project.call("POST /v1/exports", body=body).status == status


def test_meter_events_have_no_markup(project: Project) -> None:
    options = {"as": "meter_events", "markupBasisPoints": 1}
    body = {"format": "stripe", "period": {"start": "2026-11-20", "end": "2026-11-24"}, "options": options}
    assert project.call("POST /v1/exports", body=body).status == 422


def test_only_what_the_pricing_mode_bills_is_invoiced(api: Api, worker: Worker) -> None:
    project = Project(api, "prj_byok", mode="byok")
    rates = {
        "service": "mixed",
        "effectiveFrom": "2020-01-01",
        "metrics": {"inputTokens": {"priceUsd": "1"}, "runs": {"priceUsd": "2"}},
    }
    assert project.call("POST /v1/rates", body=rates).status == 201
    project.record(service="mixed", usage={"inputTokens": 1, "runs": 1}, userId="u")
    answer, text = exported(project, worker, format="stripe", options={"customers": {"u": "cus_u"}})
    assert [json.loads(line)["metadata"]["metric"] for line in text.splitlines()] == ["runs"]
    assert (answer["costUsd"], answer["billedUsd"]) == ("3", "2")


@pytest.mark.usefixtures("sonnet")
def test_an_empty_range_is_an_empty_export(project: Project, worker: Worker) -> None:
    period = {"start": "2026-01-01", "end": "2026-01-02"}
    answer, text = exported(project, worker, period=period)
    assert answer["period"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-03T00:00:00Z"}
    assert (answer["costUsd"], text.count("\r\n")) == ("0", 1)
    assert json.loads(exported(project, worker, format="json", period=period)[1])["records"] == []
    assert exported(project, worker, format="stripe", period=period)[1] == ""


@pytest.mark.usefixtures("sonnet")
def test_the_last_day_is_in_up_to_its_last_moment_and_days_are_utcs(project: Project, worker: Worker) -> None:
    moments = {
        "the first moment": "2026-11-20T00:00:00Z",
        "the last moment": "2026-11-20T23:59:59.999999Z",
        "tomorrow in Berlin": "2026-11-21T00:30:00+01:00",
        "yesterday in Honolulu": "2026-11-19T14:00:00-10:00",
        "the moment before": "2026-11-19T23:59:59.999999Z",
        "the moment after": "2026-11-21T00:00:00Z",
        "still that day in New York": "2026-11-20T19:00:00-05:00",
    }
    for key, moment in moments.items():
        assert project.record(idempotencyKey=key, occurredAt=moment, modelId="claude-sonnet-4-5").status == 201
    answer, text = exported(project, worker, format="json", period={"start": "2026-11-20", "end": "2026-11-20"})
    document = json.loads(text)
    assert {record["idempotencyKey"] for record in document["records"]} == set(list(moments)[:4])
    assert {record["date"] for record in document["records"]} == {"2026-11-20"}
    used = {"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"}
    assert answer["period"] == document["export"]["period"] == used


@pytest.mark.usefixtures("sonnet")
def test_a_piece_done_twice_or_in_any_order_doubles_nothing(project: Project, worker: Worker) -> None:
    record_some(project)
    export_id = start(project)
    days = list(worker.messages())
    for message in [*reversed(days), *days]:
        assert worker.do(message) == []
    wholes = list(worker.messages())
    assert wholes
    for message in [*wholes, *wholes, *days]:
        assert worker.do(message) == []
    rows = list(csv.DictReader(io.StringIO(files(project, export_id)["data"].decode(), newline="")))
    assert len(rows) == len({row["recordId"] for row in rows}) == 40


@pytest.mark.usefixtures("sonnet")
@pytest.mark.parametrize("export_format", ["csv", "json", "stripe", "focus", "parquet"])
def test_a_worker_killed_between_any_two_steps_leaves_a_whole_export(
    project: Project, worker: Worker, export_format: str
) -> None:
    record_some(project, 4)
    period = {"start": "2026-11-20", "end": "2026-11-20"}
    _, untouched = exported_bytes(project, worker, format=export_format, period=period)
    kills = 0
    for calls in range(100):
        export_id = start(project, format=export_format, period=period)
        [day] = worker.messages()
        with killed_after(calls) as steps:
            left = worker.do(day)
        messages = [day] if left else []
        for message in [*messages, *worker.messages()]:
            with killed_after(calls):
                if worker.do(message):
                    messages.append(message)
        for message in messages:
            assert worker.do(message) == []
        worker.run()
        data = files(project, export_id)["data"]
        assert without_ids(data, export_format) == without_ids(untouched, export_format)
        if not left and steps.calls < calls:
            break
        kills += 1
    assert kills > 5


@pytest.mark.usefixtures("sonnet")
def test_taken_back_usage_is_not_invoiced(project: Project, worker: Worker) -> None:
    options = {"customers": {"ada": "cus_ada"}}
    event = {"userId": "ada", "modelId": "claude-sonnet-4-5", "usage": {"inputTokens": 10**6, "outputTokens": 0}}
    for key in ("once", "twice"):
        project.record(idempotencyKey=key, **event)
    before = exported(project, worker, format="stripe", options=options)[1]
    void_one(project, project.records(**{"from": "2026-11-24", "to": "2026-11-24"})[0])
    [item] = map(json.loads, exported(project, worker, format="stripe", options=options)[1].splitlines())
    assert (json.loads(before)["amount"], item["amount"]) == (1200, 600)
    assert item["metadata"]["quantity"] == "1000000"


@pytest.mark.usefixtures("sonnet")
def test_the_manifest_says_which_days_are_not_closed_with_what_was_exported(project: Project, worker: Worker) -> None:
    record_some(project, 2)  # the statistics of their days have not heard of them
    export_id = start(project)
    worker.run()
    manifest = json.loads(files(project, export_id)["manifest"])
    assert manifest["final"] is False
    assert [day["date"] for day in manifest["days"]] == [f"2026-11-{day}" for day in range(20, 25)]
    assert [day["final"] for day in manifest["days"]] == [False, False, True, True, False]
    assert sum(day["rows"] for day in manifest["days"]) == 2


@pytest.mark.usefixtures("sonnet")
def test_an_export_whose_pieces_keep_failing_is_marked_failed(project: Project, worker: Worker) -> None:
    export_id = start(project)
    message = next(worker.messages())
    assert worker.do(message, worker.dead_arn) == []
    answer = show(project, export_id)
    assert (answer["status"], answer["files"]) == ("failed", [])
    assert answer["error"]


@pytest.mark.usefixtures("sonnet")
def test_a_retry_is_the_same_export_and_another_body_a_conflict(project: Project, worker: Worker) -> None:  # noqa: ARG001  # the queue
    period = {"start": "2026-11-20", "end": "2026-11-24"}
    ask = {"headers": {"Idempotency-Key": "monthly"}, "body": {"format": "csv", "period": period}}
    first, again = project.call("POST /v1/exports", **ask), project.call("POST /v1/exports", **ask)
    assert first.body["exportId"] == again.body["exportId"]
    other = project.call("POST /v1/exports", **{**ask, "body": {"format": "json", "period": period}})
    assert (other.status, other.body["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ({"start": "2026-11-24", "end": "2026-11-20"}, 400),
        ({"start": "2025-01-01", "end": "2026-01-01"}, 202),
        ({"start": "2025-01-01", "end": "2026-01-02"}, 400),
        ({"start": "2026-02-29", "end": "2026-03-01"}, 422),
    ],
)
def test_ranges_are_checked(project: Project, worker: Worker, period: dict[str, str], status: int) -> None:  # noqa: ARG001  # the queue
    assert project.call("POST /v1/exports", body={"format": "csv", "period": period}).status == status


def test_exports_are_listed_the_newest_first(project: Project, other_project: Project, worker: Worker) -> None:  # noqa: ARG001  # the queue
    ids = [start(project) for _ in range(3)]
    first = project.call("GET /v1/exports", query={"limit": 2})
    rest = project.call("GET /v1/exports", query={"limit": 2, "cursor": first.body["nextCursor"]})
    listed = [export["exportId"] for export in [*first.body["items"], *rest.body["items"]]]
    assert sorted(listed) == sorted(ids)
    assert listed == sorted(listed, reverse=True)
    assert rest.body["nextCursor"] is None
    assert other_project.call("GET /v1/exports/{exportId}", path={"exportId": ids[0]}).status == 404


def test_a_customer_is_set_read_and_forgotten(project: Project) -> None:
    path = {"userId": "ada"}
    assert project.call("GET /v1/stripe-customers/{userId}", path=path).status == 404
    put = project.call("PUT /v1/stripe-customers/{userId}", path=path, body={"customerId": "cus_1"})
    assert put.body == {"userId": "ada", "customerId": "cus_1"}
    assert project.call("GET /v1/stripe-customers/{userId}", path=path).body["customerId"] == "cus_1"
    assert project.call("DELETE /v1/stripe-customers/{userId}", path=path).status == 204
    assert project.call("DELETE /v1/stripe-customers/{userId}", path=path).status == 404
