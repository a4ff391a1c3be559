"""Files of exports are checked before anyone bills by them."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.client import Client
from local.exports import DamagedError, check_sum, fetch, follow

CSV = "recordId,costUsd\r\na,0.005\r\nb,-0.000000000001\r\n"


def export(**fields: Any) -> dict[str, Any]:
    return {"format": "csv", "costUsd": "0.004999999999", "billedUsd": "0", "skipped": [], **fields}


def written(folder: Path, text: str) -> Path:
    path = folder / "data"
    path.write_bytes(text.encode())
    return path


def served(body: bytes, status: int = 200) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=body)))


def file(body: bytes) -> dict[str, Any]:
    return {"name": "x.csv", "url": "http://s3/x", "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_a_file_is_there_once_it_is_whole(tmp_path: Path) -> None:
    fetch(served(b"abc"), file(b"abc"), tmp_path / "x.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("body", [b"abd", b"ab", b""])
def test_a_file_that_is_not_what_was_written_is_damaged(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(DamagedError, match="checksum"):
        fetch(served(body), file(b"abc"), tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_nothing_is_left_of_a_file_that_the_disk_has_no_room_for(tmp_path: Path) -> None:
    (tmp_path / "x.csv.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        fetch(served(b"abc"), file(b"abc"), tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_has_run_out_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        fetch(served(b"<Error/>", 403), file(b"<Error/>"), tmp_path / "x.csv")


def test_rows_are_added_up_exactly(tmp_path: Path) -> None:
    assert check_sum(export(), {}, written(tmp_path, CSV))
    with pytest.raises(DamagedError, match=r"add up to 0\.004999999999 USD, and not to 0\.005"):
        check_sum(export(costUsd="0.005"), {}, written(tmp_path, CSV))


def test_a_json_document_and_json_lines_are_added_up(tmp_path: Path) -> None:
    rows = ['{"costUsd":"1"}', '{"costUsd":"2"}']
    document = '{"export":{},"records":[\n' + ",\n".join(rows) + "\n]}\n"
    for text in (document, "\n".join(rows) + "\n"):
        assert check_sum(export(format="json", costUsd="3"), {}, written(tmp_path, text))
    assert check_sum(export(format="json", costUsd="0"), {}, written(tmp_path, '{"export":{},"records":[\n]}\n'))


ITEMS = '{"amount":100,"metadata":{"cost_usd":"1.004"}}\n{"amount":50,"metadata":{"cost_usd":"0.496"}}\n'
MANIFEST = {"invoicedUsd": "1.5", "invoiced": {"amount": 150, "currency": "usd"}, "markupBasisPoints": 0}


def test_invoice_items_and_what_was_left_out_are_what_is_billed(tmp_path: Path) -> None:
    path = written(tmp_path, ITEMS)
    told = export(format="stripe", billedUsd="2", skipped=[{"billedUsd": "0.5"}])
    assert check_sum(told, MANIFEST, path)
    with pytest.raises(DamagedError):
        check_sum({**told, "skipped": []}, MANIFEST, path)


@pytest.mark.parametrize("other", [{"invoicedUsd": "1.6"}, {"invoiced": {"amount": 151, "currency": "usd"}}])
def test_invoice_items_are_added_up_exactly_and_in_cents(tmp_path: Path, other: dict[str, Any]) -> None:
    told = export(format="stripe", billedUsd="1")
    assert check_sum(told, {**MANIFEST, "markupBasisPoints": 5000}, written(tmp_path, ITEMS))
    with pytest.raises(DamagedError):
        check_sum(told, {**MANIFEST, "markupBasisPoints": 5000, **other}, written(tmp_path, ITEMS))


def test_what_has_no_amounts_of_its_own_is_not_added_up(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert not check_sum(export(format="parquet"), {}, path)
    assert not check_sum(export(format="stripe"), {}, path)


def test_an_export_is_followed_until_it_ends() -> None:
    states = iter([("queued", 0), ("running", 1), ("running", 1), ("failed", 1)])

    def answer(_: httpx.Request) -> httpx.Response:
        status, done = next(states)
        return httpx.Response(200, json={"status": status, "progress": {"done": done, "total": 2}})

    pauses: list[float] = []
    with Client("http://service", "mk", transport=httpx.MockTransport(answer), sleep=pauses.append) as client:
        assert [one["status"] for one in follow(client, "exp_1")] == ["queued", "running", "running", "failed"]
    assert len(pauses) == 3
