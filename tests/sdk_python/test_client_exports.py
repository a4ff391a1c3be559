"""Exports are awaited, fetched without the key, and not handed over unless they are whole."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from metering_client import ExportDamagedError, Exported, ExportFailedError, UnreachableError, models
from tests.sdk_python.scripted import Scripted, answer, example

CSV = b'key,costUsd,billedUsd\n"a, b",0.000000000001,0\nc,1.5,1.5\n'
COST, BILLED = "1.500000000001", "1.5"
STRIPE = b"".join(
    json.dumps({"amount": cents, "metadata": {"cost_usd": amount}}).encode() + b"\n"
    for cents, amount in ((40, "0.4"), (100, "1.0"))
)
JSON_DOCUMENT = b'{"export":{},"groups":[\n{"key":"a","costUsd":"1"},\n{"key":"]}","costUsd":"0.500000000001"}\n]}\n'
JSON_LINES = b'{"key":"a","costUsd":"1"}\n{"key":"b","costUsd":"0.500000000001"}\n'


class Store(Scripted):
    """A service with one export and its files."""

    def __init__(
        self, data: bytes, name: str = "usage.csv", invoiced: dict[str, Any] | None = None, **fields: Any
    ) -> None:
        self.invoiced = invoiced or {}
        self.data = data
        self.served = data
        self.fields = {"costUsd": COST, "billedUsd": BILLED, "format": name.rpartition(".")[2], **fields}
        self.manifest = self.manifest_of(self.fields)
        self.statuses = iter(["queued", "running", "ready"])
        self.name = name
        self.failures: list[Callable[[], httpx.Response]] = []
        super().__init__(self.choose)

    def manifest_of(self, fields: dict[str, Any]) -> bytes:
        file = {"sha256": hashlib.sha256(self.data).hexdigest()}
        sums = {"costUsd": fields["costUsd"], "billedUsd": fields["billedUsd"], **self.invoiced}
        return json.dumps({**sums, "files": [file]}).encode()

    def choose(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "s3.test":
            assert "authorization" not in request.headers
            if self.failures:
                return self.failures.pop(0)()
            return httpx.Response(200, content=self.served if "data" in request.url.path else self.manifest)
        if request.method == "POST":
            return answer(202, {"exportId": "exp_1", "status": "queued"})
        return answer(200, self.export())

    def export(self) -> dict[str, Any]:
        status = next(self.statuses)
        files = [self.file("data", self.name, self.data), self.file("manifest", "manifest.json", self.manifest)]
        return example(
            models.ExportAnswer,
            exportId="exp_1",
            status=status,
            files=files if status == "ready" else [],
            **self.fields,
        )  # type: ignore[no-any-return]  # JSON

    def file(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        sha256 = hashlib.sha256(content).hexdigest()
        url = f"https://s3.test/{kind}?signature=x"
        return {"name": name, "kind": kind, "url": url, "bytes": len(content), "sha256": sha256, "rows": 2}


def fetch(store: Store, directory: Path, **request: Any) -> Exported:
    wanted = {"format": store.fields["format"], "start": "2026-11-01", "end": "2026-11-30", "directory": directory}
    return store.client().usage.export(**{**wanted, **request})


def test_an_export_is_awaited_fetched_and_added_up(tmp_path: Path) -> None:
    store = Store(CSV)
    done = fetch(store, tmp_path / "new", group_by="user")
    assert done.data == tmp_path / "new/exp_1-usage.csv"
    assert done.data.read_bytes() == CSV
    assert done.manifest.read_bytes() == store.manifest
    assert (done.export.cost_usd, done.is_summed) == (Decimal(COST), True)
    assert store.bodies[0] == {
        "format": "csv",
        "period": {"start": "2026-11-01", "end": "2026-11-30"},
        "groupBy": "user",
    }
    assert store.requests[0].headers["idempotency-key"]
    assert store.pauses == [0.25, 0.5]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["exp_1-manifest.json", "exp_1-usage.csv"]


def test_tasks_do_the_same(tmp_path: Path) -> None:
    async def work(store: Store) -> Exported:
        usage = store.async_client().usage
        return await usage.export(format="csv", start="2026-11-01", end="2026-11-30", directory=str(tmp_path))

    assert asyncio.run(work(Store(CSV))).data.read_bytes() == CSV


@pytest.mark.parametrize(
    ("name", "data", "fields"),
    [
        ("usage.json", JSON_DOCUMENT, {}),
        ("usage.json", JSON_LINES, {}),
        ("focus.csv", CSV.replace(b"costUsd", b"BilledCost"), {"format": "focus"}),
    ],
)
def test_rows_are_added_up(tmp_path: Path, name: str, data: bytes, fields: Any) -> None:
    assert fetch(Store(data, name, **fields), tmp_path).is_summed
    with pytest.raises(ExportDamagedError, match=r"add up to 1\.500000000001 USD, and not to 9"):
        fetch(Store(data, name, **fields | {"costUsd": "9"}), tmp_path)


def invoiced(exact: str = "1.4", cents: int = 140, markup: int = 0) -> dict[str, Any]:
    return {"invoicedUsd": exact, "invoiced": {"amount": cents, "currency": "usd"}, "markupBasisPoints": markup}


SKIPPED = {"format": "stripe", "skipped": [example(models.SkippedUser, billedUsd="0.1")]}


@pytest.mark.parametrize("right", [invoiced(), invoiced(markup=500)])
def test_invoice_items_are_added_up(tmp_path: Path, right: dict[str, Any]) -> None:
    assert fetch(Store(STRIPE, "items.jsonl", right, **SKIPPED), tmp_path).is_summed


@pytest.mark.parametrize("wrong", [invoiced("1.41"), invoiced(cents=141), invoiced(markup=0)])
def test_invoice_items_that_do_not_add_up_are_told(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ExportDamagedError, match="and not to"):
        fetch(Store(STRIPE, "items.jsonl", wrong, **SKIPPED | {"skipped": []}), tmp_path)


@pytest.mark.parametrize("format_", ["parquet", "stripe"])
def test_what_has_no_sum_is_compared_by_its_checksum_alone(tmp_path: Path, format_: str) -> None:
    assert not fetch(Store(b"PAR1", "data", format=format_), tmp_path, options={"as_": "meter_events"}).is_summed


def test_a_file_that_was_changed_is_not_handed_over(tmp_path: Path) -> None:
    store = Store(CSV)
    store.served = CSV.replace(b"1.5,1.5", b"1.6,1.5")
    with pytest.raises(ExportDamagedError, match="checksum"):
        fetch(store, tmp_path)
    assert not (tmp_path / "exp_1-usage.csv").exists()


def test_the_manifest_of_another_export_is_told(tmp_path: Path) -> None:
    store = Store(CSV)
    store.manifest = store.manifest_of({"costUsd": "7", "billedUsd": BILLED})
    with pytest.raises(ExportDamagedError, match="the manifest is not that of the export"):
        fetch(store, tmp_path)


def test_a_name_cannot_lead_out_of_the_directory(tmp_path: Path) -> None:
    assert fetch(Store(CSV, "../../usage.csv", format="csv"), tmp_path).data == tmp_path / "exp_1-usage.csv"


def test_an_export_that_fails_says_why(tmp_path: Path) -> None:
    store = Store(CSV, error="a day has no records")
    store.statuses = iter(["failed"])
    with pytest.raises(ExportFailedError, match="is failed: a day has no records"):
        fetch(store, tmp_path)


def test_an_export_is_not_awaited_for_ever(tmp_path: Path) -> None:
    with pytest.raises(ExportFailedError, match="is queued: too slow"):
        fetch(Store(CSV), tmp_path, within=-1)


def cut_off() -> httpx.Response:
    raise httpx.ReadError("cut off")


def test_a_download_that_breaks_off_begins_anew(tmp_path: Path) -> None:
    store = Store(CSV)
    store.failures = [cut_off, lambda: httpx.Response(503, headers={"retry-after": "3"})]
    assert fetch(store, tmp_path).is_summed
    assert 3 in store.pauses


@pytest.mark.parametrize("failure", [cut_off, lambda: httpx.Response(403)])
def test_a_download_that_cannot_be_made_is_told(tmp_path: Path, failure: Callable[[], httpx.Response]) -> None:
    store = Store(CSV)
    store.failures = [failure] * 9
    with pytest.raises(UnreachableError, match=r"usage\.csv cannot be reached"):
        fetch(store, tmp_path)
