"""The way from a record to the views, step by step: the records' stream, the queue of rollups, the night's closing.

Nothing moves by itself. What a callback records waits in the stream until a test delivers it, in any order and as often
as it likes; what is sent to the queue waits until a test has it worked on, which is after its delay.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from threading import Semaphore, local
from typing import Any

import pytest

from metering.aws import keys
from metering.domain.days import span_of
from metering.http import meter_requests
from tests.answers import Answer
from tests.emulated_aws import PROJECT, Call, EmulatedAws, Item, KnownCallers, Reply, TestClock, emulated_aws
from tests.integration.api import BATCH, FUNCTIONS, RECORD, Context, app_of

ROLLUP_SECONDS = 60
DEDUPLICATION = timedelta(minutes=5)
VIEWS = {
    "service": "by-service",
    "model": "by-model",
    "provider": "by-provider",
    "category": "by-category",
    "user": "by-user",
    "session": "by-session",
    "persona": "by-persona",
    "tool": "by-tool",
    "stepType": "by-step-type",
}
"""Dimension to the path of its view."""
CARDS = {
    "codex": {"inputTokens": ("modelTokens", 3), "runs": ("orchestration", 7 * 10**9), "vcpuSeconds": ("compute", 1)},
    "claude_code": {"inputTokens": ("modelTokens", 10**6 + 1), "storageGbHours": ("storage", 10**10)},
}
"""Service to the metrics of its card: category, and pico-USD each."""


class KilledError(BaseException):
    """The process ends here; nothing that handles errors sees it."""


@dataclass
class Message:
    """A message of the queue of rollups."""

    body: str
    visible: datetime
    receipt: int

    @property
    def slot(self) -> str:
        slot: str = json.loads(self.body)["slot"]
        return slot


@dataclass
class RollupQueue:
    """A FIFO queue as SQS keeps it: a message is taken once in five minutes, and comes after the delay."""

    clock: TestClock
    messages: list[Message] = field(default_factory=list)
    refused: bool = False
    """Whether it takes no message for now."""

    def __post_init__(self) -> None:
        self._taken: dict[str, datetime] = {}
        self._receipts = count()

    def take(self, entries: Iterable[dict[str, Any]]) -> None:
        for entry in entries:
            name = entry["MessageDeduplicationId"]
            if name in self._taken and self.clock.moment < self._taken[name] + DEDUPLICATION:
                continue
            self._taken[name] = self.clock.moment
            visible = self.clock.moment + timedelta(seconds=ROLLUP_SECONDS)
            self.messages.append(Message(entry["MessageBody"], visible, next(self._receipts)))


class Callers(KnownCallers):
    """A key is a role, of the one project or of another: `owner`, `ingest@prj_two`."""

    mode = "managed"
    shards = 1

    def authorize(self, event: dict[str, Any]) -> dict[str, Any]:
        known = super().authorize(event)
        role, _, project = known["role"].partition("@")
        return {**known, "role": role, "projectId": project or PROJECT, "pricingMode": self.mode, "shards": self.shards}


class StatisticsWorld:
    """A project, its records on their way into the statistics, and the AWS that they live in."""

    def __init__(self, aws: EmulatedAws, clock: TestClock) -> None:
        self.aws = aws
        self.clock = clock
        self.api = Callers()
        self.stream: list[Item] = []
        """The images of records that nobody has delivered yet."""
        self.queue = RollupQueue(clock)
        self._keys = (f"call_{number}" for number in count(1))
        aws.watchers.append(self._watch)
        for service, metrics in CARDS.items():
            self.put_card(service, "2020-01-01", metrics)

    def _watch(self, call: Call, _reply: Reply) -> None:
        if call.service == "sqs":
            self.queue.take(call.parameters["Entries"])
        self.stream += [put["Item"] for put in _puts(call) if put["TableName"] == "UsageRecords"]

    def put_card(self, service: str, since: str, metrics: dict[str, tuple[str, int]]) -> None:
        rates = {
            metric: {"M": {"price": {"N": str(price)}, "per": {"N": "1"}, "category": {"S": category}}}
            for metric, (category, price) in metrics.items()
        }
        card = {"owner": {"S": f"default#service:{service}"}, "card": {"S": f"*#{since}"}, "metrics": {"M": rates}}
        self.aws.put("UsageCostRates", {**card, "createdAt": {"S": "2020-01-01T00:00:00.000000Z"}})
        self.aws.put("UsageCostRates", {"owner": {"S": "default#"}, "card": {"S": f"service:{service}"}})

    # ------------------------------------------------------------ time

    def at(self, text: str) -> None:
        self.clock.moment = datetime.fromisoformat(text)

    def wait(self, **duration: float) -> None:
        self.clock.moment += timedelta(**duration)

    # ------------------------------------------------------------ what callers do

    def call(self, route: str, key: str = "owner", **request: Any) -> Answer:
        return self.api.call(route, key, **request)

    def event(self, occurred_at: str | None = None, tokens: int = 1, **fields: Any) -> dict[str, Any]:
        """A usage event, now unless a time is named."""
        usual = {"idempotencyKey": next(self._keys), "service": "codex", "usage": {"inputTokens": tokens}}
        found = {**usual, "occurredAt": occurred_at, **fields}
        return {name: value for name, value in found.items() if value is not None}

    def record(self, occurred_at: str | None = None, tokens: int = 1, **fields: Any) -> None:
        answer = self.call(RECORD, body=self.event(occurred_at, tokens, **fields))
        assert answer.status == 201, answer.body

    def record_all(self, events: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(events), 500):
            answer = self.call(BATCH, body={"events": events[start : start + 500]})
            assert answer.body["errors"] == 0, answer.body

    # ------------------------------------------------------------ what happens by itself on AWS

    def deliver(self, images: Iterable[Item]) -> bool:
        """A batch of the stream; False if it comes again."""
        records = [
            {"eventName": "INSERT", "dynamodb": {"NewImage": image, "SequenceNumber": str(number)}}
            for number, image in enumerate(images)
        ]
        failed = app_of("mark_stale_hours").handler({"Records": records}, Context(60))["batchItemFailures"]
        assert failed in ([], [{"itemIdentifier": "0"}])  # all of it, or from the first on
        return not failed

    def deliver_all(self) -> None:
        images, self.stream = self.stream, []
        assert not images or self.deliver(images)

    def work(self, message: Message) -> bool:
        """Has a message worked on, as soon as it may be; False if it comes again."""
        self.clock.moment = max(self.clock.moment, message.visible)
        event = {"Records": [{"messageId": str(message.receipt), "body": message.body}]}
        failed = app_of("roll_up").handler(event, Context(300))["batchItemFailures"]
        if failed:
            message.visible = self.clock.moment + timedelta(seconds=330)
        elif message in self.queue.messages:
            self.queue.messages.remove(message)
        return not failed

    def settle(self) -> None:
        """Delivers what is in the stream, and has the queue worked on until it is empty; time passes meanwhile."""
        self.deliver_all()
        while self.queue.messages:
            message = min(self.queue.messages, key=lambda one: one.visible)
            assert self.work(message)
            self.deliver_all()

    def ask_for_closing(self) -> int:
        """The nightly function, at whatever time it is; how many days it asked for."""
        days: int = app_of("close_day").handler({}, Context(120))["days"]
        return days

    def close(self, project: str = PROJECT, date: str = "2026-11-23") -> None:
        """A message that asks for the closing of a day, worked on at once."""
        assert self.work(self.message(date, project))

    def message(self, slot: str, project: str = PROJECT) -> Message:
        """A message that is in no queue."""
        return Message(json.dumps({"project": project, "slot": slot}), self.clock.moment, -1)

    # ------------------------------------------------------------ faults and races

    @contextmanager
    def at_call(self, number: int, act: Callable[[], object]) -> Iterator[list[str]]:
        """Under this, `act` is done just before the call to AWS of this number; yields the operations of all calls."""
        operations: list[str] = []

        def meddle(call: Call, carry_out: Callable[[], Reply]) -> Reply:
            operations.append(call.operation)
            if len(operations) == number + 1:
                self.aws.meddler = None
                act()
                self.aws.meddler = meddle
            return carry_out()

        self.aws.meddler = meddle
        try:
            yield operations
        finally:
            self.aws.meddler = None

    def kill_at(self, number: int, act: Callable[[], object], *, after: bool) -> bool:
        """Does `act`, whose process ends at its call of this number, before or after it took effect; whether it did."""
        left = number

        def meddle(_: Call, carry_out: Callable[[], Reply]) -> Reply:
            nonlocal left
            left -= 1
            if left >= 0:
                return carry_out()
            if after:
                carry_out()
            raise KilledError

        self.aws.meddler = meddle
        try:
            act()
        except KilledError:
            return True
        finally:
            self.aws.meddler = None
        return False

    def interleave(self, turns: Iterator[int], *tasks: Callable[[], object]) -> None:
        """Does the tasks at once, a call to AWS at a time; `turns` says whose is next, and then the first goes on."""
        gates = [Semaphore(0) for _ in tasks]
        waiting = Semaphore(0)
        alive = list(range(len(tasks)))
        mine = local()

        def meddle(_: Call, carry_out: Callable[[], Reply]) -> Reply:
            waiting.release()
            gates[mine.number].acquire()
            return carry_out()

        def run(number: int) -> None:
            mine.number = number
            gates[number].acquire()
            try:
                tasks[number]()
            finally:
                alive.remove(number)
                waiting.release()

        self.aws.meddler = meddle
        with ThreadPoolExecutor(len(tasks)) as threads:
            jobs = [threads.submit(run, number) for number in alive]
            while alive:
                gates[alive[next(turns, 0) % len(alive)]].release()
                waiting.acquire()
        self.aws.meddler = None
        for job in jobs:
            job.result()

    # ------------------------------------------------------------ what is seen

    def view(self, path: str, first: str, last: str, **query: Any) -> dict[str, Any]:
        """A view, all of its pages put together."""
        wanted = {"from": first, "to": last, **query}
        answer = self._found(f"GET /v1/{path}", wanted)
        cursor = answer.get("nextCursor")
        while cursor is not None:
            page = self._found(f"GET /v1/{path}", {**wanted, "cursor": cursor})
            answer["items"] += page["items"]
            cursor = page["nextCursor"]
        return answer

    def _found(self, route: str, query: dict[str, Any]) -> dict[str, Any]:
        answer = self.call(route, query=query)
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    def daily(self, first: str, last: str, **query: Any) -> dict[str, Any]:
        return self.view("usage/daily", first, last, **query)

    def day(self, date: str) -> dict[str, Any]:
        """The only item of a day's view, with the view's `final` and `asOf`."""
        answer = self.daily(date, date)
        [item] = answer["items"]
        return {**item, "final": answer["final"], "asOf": answer["asOf"]}

    def records(self, first: str, last: str) -> list[dict[str, Any]]:
        """All records of a range, page by page."""
        items: list[dict[str, Any]] = self.view("usage/records", first, last, limit=1000)["items"]
        return items

    def standing(self, date: str, project: str = PROJECT) -> Item:
        """How a day stands."""
        return self.aws.item("DailyStats", dimension=f"{project}#days", entry=date) or {}

    def told(self) -> list[dict[str, Any]]:
        """The data of every `usage.day_closed`, in order of day and revision."""
        items = [item for item in self.aws.items("Meters", "event#") if item["type"]["S"] == "usage.day_closed"]
        return sorted(
            (json.loads(item["data"]["S"]) for item in items), key=lambda data: (data["date"], data["revision"])
        )

    def to_close(self) -> list[str]:
        """The days that are listed as to be closed."""
        return [slot for slot in self._listed() if span_of(slot) == "day"]

    def to_sum(self) -> list[str]:
        """The months that are listed as to be summed."""
        return [slot for slot in self._listed() if span_of(slot) == "month"]

    def _listed(self) -> list[str]:
        items = [item for item in self.aws.items("DailyStats") if item["dimension"]["S"].startswith("open#")]
        return sorted(keys.split_open(item["entry"]["S"])[1] for item in items)


def _puts(call: Call) -> Iterator[dict[str, Any]]:
    if call.operation == "PutItem":
        yield call.parameters
    if call.operation == "TransactWriteItems":
        yield from (item["Put"] for item in call.parameters["TransactItems"] if "Put" in item)


@contextmanager
def statistics_world(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Iterator[StatisticsWorld]:
    """A world in which only the test moves time and messages."""
    clock = TestClock()
    for module in (meter_requests, *(app_of(name) for name in FUNCTIONS)):
        if hasattr(module, "datetime"):
            monkeypatch.setattr(module, "datetime", clock)
    app_of("mark_stale_hours").LISTED.clear()
    settings = {"ROLLUP_SECONDS": str(ROLLUP_SECONDS), "ARCHIVE_RECORDS": "false", **settings}
    with emulated_aws(monkeypatch, clock, **settings) as aws:
        yield StatisticsWorld(aws, clock)
