"""Exports of any size: peak memory, and rows a second against boto3's Query and csv.writer, on the same pages.

Pages of records are made once and answered where botocore would send the Query; objects are files of a folder.
So a million records need neither a table nor a network, and all that is measured is what an export does.
"""

import contextlib
import csv
import io
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.awsrequest import AWSResponse
from botocore.response import StreamingBody

from bench.figures import Figure, Line, median
from bench.samples import PROJECT, Json, full_event, sonnet
from bench.unconnected import set_variables

FEW, MANY, OTHERS = 12_000, 1_000_000, 60_000
"""Records of an export whose memory is measured as csv; of those in other formats."""
TIMED, ROUNDS = 20_000, 3
SHARDS, PAGE = 4, 1_000
DATE: Final = "2026-11-24"
NOW: Final = "2026-11-25T01:00:00.000000Z"
EXPORT: Final = "exp_bench"


def measure(effort: float) -> Iterator[Line]:
    set_variables()
    few = _alone("csv", FEW)
    many = _alone("csv", max(int(MANY * effort), FEW))
    yield Figure(f"peak memory of an export of {few.records:,} records as csv", few.megabytes, "MB")
    yield Figure(f"  of {many.records:,}", many.megabytes, "MB")
    yield Figure("  ÷", many.megabytes / few.megabytes, "×", most=1.15)
    yield Figure(f"  rows a second of the {many.records:,}, written and put together", many.rate, "rows/s")
    for name in ("json", "parquet"):
        small, large = _alone(name, FEW), _alone(name, max(int(OTHERS * effort), FEW))
        growth = large.megabytes / small.megabytes
        yield Figure(f"peak memory as {name} of {large.records:,} ÷ of {small.records:,}", growth, "×", most=1.15)
        yield Figure(f"  rows a second of the {large.records:,}", large.rate, "rows/s")
    yield from _against_boto3(max(int(ROUNDS * effort), 1))


class Run(NamedTuple):
    """One export in a process of its own. Seconds are CPU's."""

    records: int
    megabytes: float
    seconds: float

    @property
    def rate(self) -> float:
        return self.records / self.seconds


def _alone(name: str, records: int) -> Run:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_export, name, records).result()


def _export(name: str, records: int) -> Run:
    set_variables()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        pages = _Pages(records)
        begun = time.process_time()
        _write(name, pages, Path(folder))
        seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Run(pages.records, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), seconds)


def _write(name: str, pages: "_Pages", folder: Path) -> None:
    """The day and the whole of an export, by the product's own code."""
    from metering.aws.export_store import Exports  # noqa: PLC0415  # reads the environment
    from metering.aws.objects import Objects  # noqa: PLC0415  # the same
    from metering.aws.pages import make_reader  # noqa: PLC0415  # the same
    from metering.aws.records import Records  # noqa: PLC0415  # the same
    from metering.aws.statistics import Statistics  # noqa: PLC0415  # the same
    from metering.aws.transaction import Deadline  # noqa: PLC0415  # the same
    from metering.flows.assemble_export import assemble  # noqa: PLC0415  # the same
    from metering.flows.export_usage import Exporter, write_day  # noqa: PLC0415  # the same

    client, deadline = make_reader(), Deadline.within(3600)
    _Table(name, pages).answer_for(client)
    objects = Objects(_Disk(folder), "exports", deadline)  # type: ignore[arg-type]  # as much of S3 as is needed
    exporter = Exporter(
        Exports(client, "Accounts", PROJECT, deadline),
        Records(client, "Records", PROJECT, SHARDS, deadline),
        Statistics(client, "Statistics", PROJECT, deadline),
        objects,
        objects,
        "Meters",
        "bench",
    )
    assert write_day(exporter, EXPORT, DATE, NOW)
    assert assemble(exporter, EXPORT, NOW, lambda _: {})


# ---------------------------------------------------------------------------- AWS without a network


class _Pages:
    """Bodies of a Query's answers: the same thousand records, page after page of each shard."""

    def __init__(self, records: int) -> None:
        self.each = max(records // (SHARDS * PAGE), 1)
        """Pages of a shard."""
        self.records = self.each * SHARDS * PAGE
        items = json.dumps([_item(number) for number in range(PAGE)])
        self._start = f'{{"Count":{PAGE},"ScannedCount":{PAGE},"Items":{items}'

    def body(self, asked: Json) -> bytes:
        number = 1 + int(asked.get("ExclusiveStartKey", {"page": {"S": "0"}})["page"]["S"])
        more = f',"LastEvaluatedKey":{{"page":{{"S":"{number}"}}}}' if number < self.each else ""
        return f"{self._start}{more}}}".encode()


def _item(number: int) -> Json:
    from metering.aws.items import record_to_item  # noqa: PLC0415  # reads the environment
    from metering.domain.rating import price_usage  # noqa: PLC0415  # the same
    from metering.domain.usage import UsageEvent, UsageRecord  # noqa: PLC0415  # the same

    card = sonnet()
    event = UsageEvent.model_validate(full_event())
    assert event.occurred_at
    instant = f"{DATE}T{number * 86 // 3600:02d}:{number * 86 // 60 % 60:02d}:{number * 86 % 60:02d}.000000Z"
    usage = {metric: quantity.pico for metric, quantity in event.usage.items()}
    occurred = event.occurred_at._replace(instant=instant)
    priced = price_usage(usage, card, "managed")
    item = record_to_item(UsageRecord(PROJECT, event, occurred, instant, "managed", card.rate_id, priced), SHARDS)
    return {name: value for name, value in item.items() if name != "print"}  # bytes, which no export reads


class _Table:
    """DynamoDB as an export asks it: its job, the days that it has written, and pages of records."""

    def __init__(self, name: str, pages: _Pages) -> None:
        from metering.aws.export_store import Export, export_to_item  # noqa: PLC0415  # reads the environment
        from metering.domain.exports import ExportRequest  # noqa: PLC0415  # the same

        request = ExportRequest(name, DATE, DATE)  # type: ignore[arg-type]  # a format
        self._export = export_to_item(PROJECT, Export(EXPORT, request, "running", NOW, 1, NOW))
        self._pages = pages
        self._days: list[Json] = []

    def answer_for(self, client: Any) -> None:  # noqa: ANN401  # a client of DynamoDB, ours or boto3's
        client.meta.events.register_first("before-send.dynamodb", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:  # noqa: ANN401  # botocore's
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        return AWSResponse(request.url, 200, {}, _Raw(self._body(operation, json.loads(request.body))))  # type: ignore[arg-type]  # no headers

    def _body(self, operation: str, asked: Json) -> bytes:
        if operation == "Query" and asked["TableName"] == "Records":
            return self._pages.body(asked)
        if operation == "Query":
            return json.dumps({"Items": self._days if asked["TableName"] == "Accounts" else []}).encode()
        if operation == "PutItem":
            self._days = [asked["Item"]]
        return json.dumps({"Item": self._export} if operation == "GetItem" else {}).encode()


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._content


class _Disk:
    """S3 as an export uses it; objects are files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key.replace("/", "-")

    def put_object(self, *, Key: str, Body: bytes, **_: object) -> None:  # noqa: N803  # boto3's names
        self._path(Key).write_bytes(Body)

    def create_multipart_upload(self, *, Key: str, **_: object) -> Json:  # noqa: N803  # boto3's names
        self._path(Key).write_bytes(b"")
        return {"UploadId": Key}

    def upload_part(self, *, Key: str, Body: bytes, **_: object) -> Json:  # noqa: N803  # boto3's names
        with self._path(Key).open("ab") as file:
            file.write(Body)
        return {"ETag": "part"}

    def complete_multipart_upload(self, **_: object) -> None:
        """Nothing: the parts are in the file already."""

    def head_object(self, *, Key: str, **_: object) -> Json:  # noqa: N803  # boto3's names
        return {"ContentLength": self._path(Key).stat().st_size}

    def get_object(self, *, Key: str, Range: str = "", **_: object) -> Json:  # noqa: N803  # boto3's names
        path = self._path(Key)
        if not Range:
            return {"Body": StreamingBody(path.open("rb"), path.stat().st_size)}
        start, end = map(int, Range.removeprefix("bytes=").split("-"))
        with path.open("rb") as file:
            file.seek(start)
            return {"Body": StreamingBody(io.BytesIO(file.read(end + 1 - start)), end + 1 - start)}


# ---------------------------------------------------------------------------- against boto3


def _against_boto3(rounds: int) -> Iterator[Line]:
    """Both in turns, in this process; the first turn, which imports and makes what it needs, is left out."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        pages = _Pages(TIMED)
        for _ in range(rounds + 1):
            ours.append(_seconds(lambda: _write("csv", pages, Path(folder))))
            theirs.append(_seconds(lambda: _write_with_boto3(pages, Path(folder) / "stock.csv")))
    ours, theirs = ours[1:], theirs[1:]
    ratio = median([other / mine for mine, other in zip(ours, theirs, strict=True)])
    yield Figure(f"rows a second of {pages.records:,} as csv ÷ of boto3's Query and csv.writer", ratio, "×")
    yield Figure("  ours, read, written, added up, put together", pages.records / median(ours), "rows/s")
    yield Figure("  boto3's Query, TypeDeserializer and csv.writer", pages.records / median(theirs), "rows/s")


def _seconds(act: Any) -> float:  # noqa: ANN401  # a call without arguments
    begun = time.process_time()
    act()
    return time.process_time() - begun


def _write_with_boto3(pages: _Pages, path: Path) -> None:
    """What a script would do: a row a record, its attributes as they are."""
    client = boto3.client("dynamodb", region_name="eu-west-1")
    _Table("csv", pages).answer_for(client)
    deserialize = TypeDeserializer().deserialize
    with path.open("w", newline="") as file, contextlib.closing(client):
        writer: Any = None
        for shard in range(SHARDS):
            pages_of_shard = client.get_paginator("query").paginate(
                TableName="Records",
                IndexName="byDay",
                KeyConditionExpression="#day = :day",
                ExpressionAttributeNames={"#day": "day"},
                ExpressionAttributeValues={":day": {"S": f"{PROJECT}#{DATE}#{shard}"}},
            )
            for page in pages_of_shard:
                for item in page["Items"]:
                    row = {name: deserialize(value) for name, value in item.items()}
                    if writer is None:
                        writer = csv.DictWriter(file, list(row))
                        writer.writeheader()
                    writer.writerow(row)
