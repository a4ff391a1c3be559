"""Statistics of a large project: records written as callbacks write them, and closed by the product's own function.

Five million records over 60 days would take the local cloud an hour to write and 47 GB to hold, 9.4 KB for each as
Python objects, and it looks through a whole partition for every page. So it gets a hundred for each of 58 days, which
show what a day costs, and a thousand and ten thousand for two more, which show what a record does; `--effort`
multiplies each. The emulator says wrong read units, so they are computed from the items' sizes: half a unit for 4 KB
of a page.
"""

import contextlib
import json
import resource
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import boto3
from boto3.dynamodb.types import TypeDeserializer

from bench.emulated import app_of, emulated_cloud
from bench.figures import Figure, Line, median
from bench.samples import PROJECT, Json, sonnet, usage
from bench.sizes import item_size
from metering.aws import keys
from metering.aws.account_items import project_to_item
from metering.aws.config import read_config
from metering.aws.counted import Counted
from metering.aws.items import record_to_item
from metering.aws.records import Records, all_counted
from metering.aws.tallies import tally_counted
from metering.aws.transaction import Deadline
from metering.domain.accounts import Project
from metering.domain.rating import price_usage
from metering.domain.usage import UsageEvent, UsageRecord

DAYS, FEW, SOME, MANY = 60, 100, 1_000, 10_000
"""Records of most days, of the last but one, and of the last."""
SHARDS, ROUNDS, AT_ONCE = 4, 5, 25
_SECONDS_A_DAY: Final = 86_400
_BYTES_A_UNIT: Final = 4096


def measure(effort: float) -> Iterator[Line]:
    many, some, *others = _past_days(DAYS)
    sizes = {many: int(MANY * effort), some: int(SOME * effort), **dict.fromkeys(others, max(int(FEW * effort), 1))}
    with emulated_cloud():
        writer = _Writer()
        begun = time.perf_counter()
        for day, records in sizes.items():
            writer.write_day(day, records)
        rate = sum(sizes.values()) / (time.perf_counter() - begun)
        yield Figure(f"records over {DAYS} days, {sizes[many]:,} of them in one", sum(sizes.values()), "records")
        yield Figure("  written through the item code in batches of 25", rate, "records/s")
        yield from _closings(sizes, some, many)
        yield from _readings(many, sizes[many])
        units = writer.read_units(many) / sizes[many] * 1000
        yield Figure("read units of reading 1,000 records once, computed from their sizes", units, "units")


def _past_days(number: int) -> list[str]:
    today = datetime.now(UTC).date()
    return [str(today - timedelta(days=1 + back)) for back in range(number)]


class _Writer:
    """Records of a platform of a few hundred users, spread evenly over their day."""

    def __init__(self) -> None:
        config = read_config()
        self._client = app_of("record_usage").CLIENT
        self._table = config.records_table
        self._numbers = count()
        self._bytes: Counter[str] = Counter()
        """Of the items of each partition of the index byDay."""
        project = Project(PROJECT, "bench", "managed", "2026-01-01T00:00:00.000000Z", SHARDS)
        self._client.put_item(TableName=config.accounts_table, Item=project_to_item(project))

    def write_day(self, day: str, records: int) -> None:
        items = [self._item(day, number * _SECONDS_A_DAY / records) for number in range(records)]
        for start in range(0, records, AT_ONCE):
            requests: list[Any] = [{"PutRequest": {"Item": item}} for item in items[start : start + AT_ONCE]]
            while requests:
                answer = self._client.batch_write_item(RequestItems={self._table: requests})
                requests = answer["UnprocessedItems"].get(self._table, [])

    def _item(self, day: str, second: float) -> Json:
        number = next(self._numbers)
        moment = datetime.fromisoformat(f"{day}T00:00:00Z") + timedelta(seconds=second)
        event = UsageEvent.model_validate(_event(number, moment.isoformat()))
        assert event.occurred_at
        in_pico = {metric: quantity.pico for metric, quantity in event.usage.items()}
        priced = price_usage(in_pico, _CARD, "managed")
        received = event.occurred_at.instant
        record = UsageRecord(PROJECT, event, event.occurred_at, received, "managed", _CARD.rate_id, priced)
        item = record_to_item(record, SHARDS)
        self._bytes[item["day"]["S"]] += item_size(item)
        return item

    def read_units(self, day: str) -> float:
        """What reading a day takes, eventually consistent."""
        partitions = (self._bytes[keys.day(PROJECT, day, shard)] for shard in range(SHARDS))
        return sum(-(-size // _BYTES_A_UNIT) / 2 for size in partitions)


_CARD: Final = sonnet()


def _event(number: int, occurred_at: str) -> Json:
    """A model call of an agent: 20 calls make a run of four kinds of steps, five runs a session, ten at a time run."""
    wave, place = divmod(number, 200)
    run, step = wave * 10 + place % 10, place // 10
    return {
        "idempotencyKey": f"run_{run}/step_{step}/call_{number}",
        "occurredAt": occurred_at,
        "service": "claude_code",
        "provider": "anthropic",
        "modelId": "claude-sonnet-4-5",
        "toolId": "claude",
        "usage": usage(),
        "runId": f"run_{run:08d}",
        "sandboxId": f"sbx_{run:08d}",
        "sessionId": f"ses_{run // 5:08d}",
        "userId": f"user_{run // 5 % 200:06d}",
        "personaId": "designer",
        "stepType": ["plan", "design", "build", "test"][step // 5],
        "stepIndex": step,
        "durationMs": 1000 + number % 90_000,
        "tags": {"branch": "main"},
    }


class _Context:
    """Time enough for a day."""

    function_name = "RollUp"

    def get_remaining_time_in_millis(self) -> int:
        return 3_600_000


def _closings(sizes: dict[str, int], some: str, many: str) -> Iterator[Line]:
    """Closing every day: its records once, and once more for its hours, since none was rolled up."""
    others = [day for day in sizes if day not in {some, many}]
    peaks = [_peak_megabytes()]
    times = []
    for days in (others, [some], [many]):
        times.append(_timed(lambda days=days: _close(*days)))  # type: ignore[misc]  # its default is what it is called with
        peaks.append(_peak_megabytes())
    (few_cpu, _), (some_cpu, _), (many_cpu, _) = times
    yield Figure(
        f"CPU of closing a day of {sizes[others[0]]:,} records and its hours", few_cpu / len(others) * 1000, "ms"
    )
    yield Figure(f"  of {sizes[some]:,}", some_cpu * 1000, "ms")
    yield Figure(f"  of {sizes[many]:,}", many_cpu * 1000, "ms")
    yield Figure("  of ten times the records ÷", many_cpu / some_cpu, "×", most=10)
    yield Figure(f"  seconds for all {DAYS}, the emulator's among them", sum(wall for _, wall in times), "s")
    when = ["before", *(f"after a day of {sizes[day]:,}" for day in (others[0], some, many))]
    for moment, peak in zip(when, peaks, strict=True):
        yield Figure(f"peak memory {moment}", peak, "MB")


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of this process's CPU, and of the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - wall


def _close(*days: str) -> None:
    records = [{"messageId": day, "body": json.dumps({"project": PROJECT, "slot": day})} for day in days]
    with Path("/dev/null").open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        answer = app_of("roll_up").handler({"Records": records}, _Context())
    assert answer == {"batchItemFailures": []}, answer


def _peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _readings(day: str, records: int) -> Iterator[Line]:
    """The same pages by both, in turns: into items, and into statistics as well."""
    stock = _Stock(day)
    reads, tallies, theirs = [], [], []
    for _ in range(ROUNDS):
        reads.append(_timed(lambda: deque(_records(day), maxlen=0))[0] / records * 1e6)
        tallies.append(_timed(lambda: tally_counted(_records(day), day))[0] / records * 1e6)
        theirs.append(_timed(stock.read)[0] / records * 1e6)
    assert stock.found == records * ROUNDS
    yield Figure("CPU a record read: boto3's Query and TypeDeserializer ÷ ours", _ratio(theirs, reads), "×", least=5)
    yield Figure("  ours, added up by eleven dimensions as well", _ratio(theirs, tallies), "×")
    yield Figure("  of reading it", median(reads), "µs")
    yield Figure("  of reading it and adding it up", median(tallies), "µs")
    yield Figure("  of boto3's Query and TypeDeserializer on the same pages", median(theirs), "µs")


def _ratio(theirs: list[float], ours: list[float]) -> float:
    return median([other / mine for mine, other in zip(ours, theirs, strict=True)])


def _records(day: str) -> Iterator[Counted]:
    """As a rollup reads them."""
    client = app_of("roll_up").COUNTING_READER
    return all_counted(Records(client, read_config().records_table, PROJECT, SHARDS, Deadline.within(3600)), day)


class _Stock:
    """What boto3 does with the pages that a tally reads."""

    def __init__(self, day: str) -> None:
        self._client = boto3.client("dynamodb")
        self._deserialize = TypeDeserializer().deserialize
        self._queries = _queries_of(day)
        self.found = 0

    def read(self) -> None:
        for query in self._queries:
            for item in self._client.query(**query)["Items"]:
                self.found += 1
                {name: self._deserialize(value) for name, value in item.items()}


def _queries_of(day: str) -> list[Json]:
    """The parameters of every Query that a tally of the day makes."""
    seen: list[Json] = []
    events = app_of("roll_up").COUNTING_READER.meta.events

    def look(params: Json, **_: object) -> None:
        seen.append(dict(params))

    events.register_first("provide-client-params.dynamodb.Query", look)
    tally_counted(_records(day), day)
    events.unregister("provide-client-params.dynamodb.Query", look)
    return seen
