"""What the recorder takes is counted once and never lost: outages, crashes, full batches, forks, refusals."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import httpx
import pytest

from metering_client import Client, Rejected, UsageRecorder
from metering_client._spool import LOCK, SEGMENT, Lock, Writer, keep, lines_of
from metering_client._wire import dumps
from metering_client.recorder import MOST_BYTES, MOST_EVENTS, REJECTED
from tests.sdk_python.scripted import answer, problem

WAIT = 30
EVENT: dict[str, Any] = {"service": "claude_code", "usage": {"inputTokens": 1}}


class Ledger:
    """A service that counts an event once, and may be away."""

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []
        self.sizes: list[int] = []
        self.attempts = 0
        self.asked = Event()
        self.failure: Callable[[], httpx.Response] | None = None
        self.refuse: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        self.asked.set()
        if self.failure:
            return self.failure()
        events = json.loads(request.content)["events"]
        self.batches.append(len(events))
        self.sizes.append(len(request.content))
        results = [self.judge(index, event) for index, event in enumerate(events)]
        statuses = Counter(result["status"] for result in results)
        totals = {"recorded": statuses["recorded"], "duplicates": statuses["duplicate"], "errors": statuses["error"]}
        return answer(200, {"results": results, **totals})

    def judge(self, index: int, event: dict[str, Any]) -> dict[str, Any]:
        key = event["idempotencyKey"]
        if code := self.refuse.get(key):
            error = {"type": f"urn:metering:error:{code}", "title": "T", "status": 400, "detail": "D", "code": code}
            return {"index": index, "status": "error", "error": error}
        status = "duplicate" if key in self.events else "recorded"
        self.events.setdefault(key, event)
        return {"index": index, "status": status, "recordId": "rec", "costUsd": "0"}

    def client(self) -> Client:
        return Client("http://metering.test", "mk", http=httpx.Client(transport=httpx.MockTransport(self)))


def away() -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@contextmanager
def recording(ledger: Ledger, spool: Path, **options: Any) -> Iterator[UsageRecorder]:
    recorder = UsageRecorder(ledger.client(), spool, **{"flush_seconds": 0.01, "close_seconds": WAIT, **options})
    with recorder:
        yield recorder


def left(spool: Path) -> list[str]:
    return sorted(path.suffix for path in spool.iterdir() if path.name != REJECTED)


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metering_client.recorder._FIRST_PAUSE", 0.001)


# ---------------------------------------------------------------- Taking and sending


def test_events_are_sent_with_a_key_and_the_time_at_which_they_were_taken(ledger: Ledger, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    with recording(ledger, tmp_path) as recorder:
        key = recorder.record(**EVENT, model_id="claude-sonnet-4-5")
        mine = recorder.record(**EVENT, idempotency_key="mine", occurred_at="2026-11-24T10:00:00Z")
        assert recorder.flush(WAIT)
    assert mine == "mine"
    assert ledger.events.keys() == {key, "mine"}
    assert ledger.events["mine"]["occurredAt"] == "2026-11-24T10:00:00Z"
    assert before <= datetime.fromisoformat(ledger.events[key]["occurredAt"]) <= datetime.now(UTC)
    assert ledger.events[key]["modelId"] == "claude-sonnet-4-5"
    assert left(tmp_path) == []


def test_leaving_sends_what_is_left(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path, flush_seconds=3600) as recorder:
        recorder.record(**EVENT)
    assert len(ledger.events) == 1
    assert left(tmp_path) == []
    with pytest.raises(ValueError, match="closed"):
        recorder.record(**EVENT)


def test_time_sends_as_well(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path) as recorder:
        recorder.record(**EVENT)
        assert ledger.asked.wait(WAIT)


def test_batches_hold_at_most_500_events(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path, flush_seconds=3600) as recorder:
        for _ in range(2 * MOST_EVENTS + 1):
            recorder.record(**EVENT)
    assert sorted(ledger.batches) == [1, MOST_EVENTS, MOST_EVENTS]


def test_batches_have_at_most_256_kib(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path, flush_seconds=3600) as recorder:
        for _ in range(40):
            recorder.record(**EVENT, tags={"note": "ü" * 10_000})
    assert max(ledger.sizes) <= 256 * 1024
    assert len(ledger.events) == 40


def test_one_event_may_be_as_large_as_a_request_and_no_larger(ledger: Ledger, tmp_path: Path) -> None:
    def event(size: int) -> dict[str, Any]:
        empty = {"idempotency_key": "k", "occurred_at": "2026-11-24T10:00:00Z", **EVENT, "tags": {"note": ""}}
        return {**empty, "tags": {"note": "x" * (size - len(dumps(empty)))}}

    with recording(ledger, tmp_path) as recorder:
        with pytest.raises(ValueError, match="bytes"):
            recorder.record(**event(MOST_BYTES))
        recorder.record(**event(MOST_BYTES - 1))
    assert ledger.sizes == [256 * 1024 - 1]


@pytest.mark.parametrize("wrong", [{"usage": {"runs": object()}}, {"tags": {"x": "\ud800"}}])
def test_what_cannot_be_sent_is_refused_at_once(ledger: Ledger, tmp_path: Path, wrong: dict[str, Any]) -> None:
    with recording(ledger, tmp_path) as recorder:
        with pytest.raises((TypeError, ValueError)):
            recorder.record(**{**EVENT, **wrong})
        recorder.record(**EVENT, tags={"after": "it"})
    assert len(ledger.events) == 1


def test_quantities_stay_exact_on_the_disk(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path) as recorder:
        usage = {"vcpuSeconds": Decimal("0.000000000001"), "sandboxSeconds": 1.1}
        recorder.record(service="e2b", usage=usage, idempotency_key="k")
    assert ledger.events["k"]["usage"] == {"vcpuSeconds": "0.000000000001", "sandboxSeconds": "1.1"}


def test_many_threads_may_record(ledger: Ledger, tmp_path: Path) -> None:
    def work(number: int) -> None:
        barrier.wait()
        for call in range(50):
            recorder.record(**EVENT, idempotency_key=f"{number}/{call}")

    barrier = Barrier(8)
    with recording(ledger, tmp_path) as recorder:
        threads = [Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(ledger.events) == 400


# ---------------------------------------------------------------- Away


@pytest.mark.parametrize(
    "failure",
    [away, lambda: problem(503, "unavailable"), lambda: problem(401, "unauthenticated"), lambda: httpx.Response(500)],
    ids=["unreachable", "503", "401", "500"],
)
def test_events_wait_on_the_disk_while_the_service_is_away(
    ledger: Ledger, tmp_path: Path, failure: Callable[[], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pauses(monkeypatch)
    ledger.failure = failure
    with recording(ledger, tmp_path) as recorder:
        for _ in range(3):
            recorder.record(**EVENT)
        assert ledger.asked.wait(WAIT)
        assert not recorder.flush(0.01)
        ledger.failure = None
        assert recorder.flush(WAIT)
    assert len(ledger.events) == 3
    assert left(tmp_path) == []


def test_what_is_left_at_the_end_is_sent_by_whoever_comes_next(ledger: Ledger, tmp_path: Path) -> None:
    ledger.failure = away
    with recording(ledger, tmp_path) as recorder:
        keys = {recorder.record(**EVENT) for _ in range(3)}
        assert ledger.asked.wait(WAIT)
        lines = [json.loads(line) for path in tmp_path.glob(f"*{SEGMENT}") for line in lines_of(path)]
    assert left(tmp_path).count(LOCK) == 1
    ledger.failure = None
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == keys
    assert sorted(ledger.events.values(), key=str) == sorted(lines, key=str)
    assert left(tmp_path) == []


def test_an_answer_that_was_lost_counts_nothing_twice(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pauses(monkeypatch)
    recorded = Ledger.__call__

    def lose(self: Ledger, request: httpx.Request) -> httpx.Response:
        answered = recorded(self, request)
        if self.attempts == 1:
            raise httpx.ReadTimeout("slow")
        return answered

    monkeypatch.setattr(Ledger, "__call__", lose)
    with recording(ledger, tmp_path) as recorder:
        recorder.record(**EVENT)
        assert recorder.flush(WAIT)
    assert (ledger.attempts, len(ledger.events)) == (2, 1)


def test_an_answer_that_makes_no_sense_stops_nothing(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pauses(monkeypatch)
    senseless = {"results": [], "recorded": 0, "duplicates": 0, "errors": 0}
    ledger.failure = lambda: answer(200, senseless)
    with recording(ledger, tmp_path) as recorder:
        recorder.record(**EVENT)
        assert not recorder.flush(0.05)
        ledger.failure = None
        assert recorder.flush(WAIT)
    assert len(ledger.events) == 1


# ---------------------------------------------------------------- Refused


@pytest.mark.parametrize("code", ["invalid_request", "idempotency_conflict", "not_found", "hold_closed"])
def test_what_is_refused_for_good_is_put_aside_and_told_once(ledger: Ledger, tmp_path: Path, code: str) -> None:
    told: list[Rejected] = []
    ledger.refuse = {"bad": code}
    with recording(ledger, tmp_path, on_rejected=told.append) as recorder:
        recorder.record(**EVENT, idempotency_key="good")
        recorder.record(**EVENT, idempotency_key="bad")
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {"good"}
    [(event, why)] = told
    assert (event["idempotencyKey"], why["code"]) == ("bad", code)
    [line] = lines_of(tmp_path / REJECTED)
    assert json.loads(line)["event"]["idempotencyKey"] == "bad"
    assert json.loads(line)["problem"]["code"] == code
    assert left(tmp_path) == []


def test_what_may_pass_of_a_batch_is_sent_again_alone(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pauses(monkeypatch)
    ledger.refuse = {"later": "unavailable", "never": "not_found"}
    told: list[Rejected] = []
    with recording(ledger, tmp_path, flush_seconds=3600, on_rejected=told.append) as recorder:
        for key in ("now", "later", "never"):
            recorder.record(**EVENT, idempotency_key=key)
        assert not recorder.flush(0.1)
        del ledger.refuse["later"]
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {"now", "later"}
    assert (ledger.batches[0], set(ledger.batches[1:]), len(told)) == (3, {1}, 1)


def test_a_fault_in_on_rejected_stops_nothing(ledger: Ledger, tmp_path: Path) -> None:
    def fail(_: Rejected) -> None:
        raise ZeroDivisionError

    ledger.refuse = {"bad": "invalid_request"}
    with recording(ledger, tmp_path, flush_seconds=3600, on_rejected=fail) as recorder:
        recorder.record(**EVENT, idempotency_key="bad")
        recorder.record(**EVENT, idempotency_key="good")
    assert ledger.events.keys() == {"good"}


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_batch_that_is_refused_is_halved_until_what_is_wrong_stands_alone(
    ledger: Ledger, tmp_path: Path, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Ledger.__call__

    def refuse(self: Ledger, request: httpx.Request) -> httpx.Response:
        return problem(status, "malformed_request") if b'"bad"' in request.content else recorded(self, request)

    monkeypatch.setattr(Ledger, "__call__", refuse)
    told: list[Rejected] = []
    with recording(ledger, tmp_path, flush_seconds=3600, on_rejected=told.append) as recorder:
        for key in ("a", "b", "bad", "c", "d"):
            recorder.record(**EVENT, idempotency_key=key)
    assert ledger.events.keys() == {"a", "b", "c", "d"}
    assert [one.event["idempotencyKey"] for one in told] == ["bad"]


# ---------------------------------------------------------------- Crashes

CHILD = """
import sys
from metering_client import Client
from metering_client._wire import dumps
from metering_client.recorder import UsageRecorder
spool, count, url, *waits = sys.argv[1:]
recorder = UsageRecorder(Client(url, "mk"), spool, flush_seconds=0.001)
for number in range(int(count)):
    print(recorder.record(service="s", usage={"runs": 1}), flush=True)
if waits:
    sys.stdin.read()
"""
NOWHERE = "http://127.0.0.1:9"


def child(spool: Path, count: int, url: str = NOWHERE, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(spool), str(count), url, *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def taken_until_killed(process: subprocess.Popen[str], count: int) -> list[str]:
    """The keys of the events that a process said it took, until it was killed after so many."""
    assert process.stdout
    taken = [process.stdout.readline().strip() for _ in range(count)]
    process.kill()
    return taken + [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]


@contextmanager
def served(ledger: Ledger) -> Iterator[str]:
    """The ledger's address; every third request has no answer, whether or not it was taken."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                answered = ledger(httpx.Request("POST", "http://metering.test", content=content))
                is_lost = ledger.attempts % 3 == 0
            if is_lost:
                self.close_connection = True
                return
            self.send_response(answered.status_code)
            self.send_header("content-length", str(len(answered.content)))
            self.end_headers()
            self.wfile.write(answered.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
            """Nothing."""

    lock = threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_processes_that_share_a_spool_and_are_killed_lose_nothing(ledger: Ledger, tmp_path: Path) -> None:
    with served(ledger) as url, ExitStack() as processes:
        running = [processes.enter_context(child(tmp_path, 10**9, url)) for _ in range(3)]
        taken = [key for number, process in enumerate(running) for key in taken_until_killed(process, 300 + number)]
    assert len(ledger.events) > 0
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() >= set(taken)
    assert len(ledger.events) <= len(taken) + 3
    assert left(tmp_path) == []


def test_a_process_that_is_killed_loses_nothing_that_it_took(ledger: Ledger, tmp_path: Path) -> None:
    with child(tmp_path, 10**9) as process:
        taken = taken_until_killed(process, 700)
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() >= set(taken)
    assert len(ledger.events) <= len(taken) + 1  # one may have been taken and not told of
    assert set(left(tmp_path)) == set()


def test_a_process_that_ends_leaves_what_it_could_not_send(ledger: Ledger, tmp_path: Path) -> None:
    with child(tmp_path, 3) as process:
        assert process.stdout
        taken = process.stdout.read().split()
    assert process.returncode == 0
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == set(taken)


def test_what_a_living_process_has_is_its_own(ledger: Ledger, tmp_path: Path) -> None:
    with child(tmp_path, 1, NOWHERE, "and wait") as process:
        assert process.stdout
        taken = process.stdout.readline().strip()
        with recording(ledger, tmp_path) as recorder:
            mine = recorder.record(**EVENT)
        assert ledger.events.keys() == {mine}
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT)
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {mine, taken}


def test_a_line_that_was_torn_is_put_aside_and_the_others_are_sent(ledger: Ledger, tmp_path: Path) -> None:
    lock = Lock.make(tmp_path)
    writer = Writer(lock.new_segment(1))
    for key in ("a", "b"):
        writer.append(json.dumps({"idempotencyKey": key, "service": "s", "usage": {"runs": 1}}).encode())
    os.write(writer._descriptor, b'{"idempotencyKey": "c", "serv')  # noqa: SLF001  # as a crash leaves it
    writer.close()
    lock.give_up()
    told: list[Rejected] = []
    with recording(ledger, tmp_path, on_rejected=told.append) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {"a", "b"}
    assert [(one.problem["code"], one.event["line"][:10]) for one in told] == [("unreadable", '{"idempote')]
    assert left(tmp_path) == []


def test_a_line_that_lacks_only_its_end_is_sent(ledger: Ledger, tmp_path: Path) -> None:
    lock = Lock.make(tmp_path)
    path = lock.new_segment(1)
    path.write_bytes(b'{"idempotencyKey": "a", "service": "s", "usage": {"runs": 1}}')
    path.with_suffix(".part").touch()  # as a crash leaves it while a segment is made shorter
    lock.give_up()
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {"a"}
    assert left(tmp_path) == []


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_sends_its_own_and_its_parent_the_rest(ledger: Ledger, tmp_path: Path) -> None:
    with recording(ledger, tmp_path, flush_seconds=3600) as recorder:
        recorder.record(**EVENT, idempotency_key="parent")
        lock = recorder._lock._descriptor  # noqa: SLF001  # the kernel's
        process = os.fork()
        if process == 0:
            if is_open(lock):  # it would keep the parent's lock after the parent's end
                os._exit(1)
            recorder._flush_seconds = 3600  # noqa: SLF001  # it is to leave it on the disk
            recorder.record(**EVENT, idempotency_key="child")
            os._exit(0)
        _, status = os.waitpid(process, 0)
        assert status == 0
        assert recorder.flush(WAIT)
        assert ledger.events.keys() == {"parent"}
    with recording(ledger, tmp_path) as recorder:
        assert recorder.flush(WAIT)
    assert ledger.events.keys() == {"parent", "child"}
    assert left(tmp_path) == []


# ---------------------------------------------------------------- The spool


def test_a_lock_is_one_recorders_until_it_is_given_up(tmp_path: Path) -> None:
    lock, other = Lock.make(tmp_path), Lock.make(tmp_path)
    for number in (1, 2):
        lock.new_segment(number).write_text(f"{number}\n")
    assert other.adopt() == []
    lock.give_up()
    assert other.adopt() == other.segments() == [other.new_segment(1), other.new_segment(2)]
    assert [lines_of(path) for path in other.segments()] == [[b"1"], [b"2"]]
    assert list(tmp_path.glob(f"*{LOCK}")) == [other.path]
    for path in other.segments():
        keep(path, [])
    other.give_up()
    assert left(tmp_path) == []


def test_a_recorder_that_is_closed_is_not_waited_for(ledger: Ledger, tmp_path: Path) -> None:
    ledger.failure = away
    with recording(ledger, tmp_path) as recorder:
        recorder.record(**EVENT)
        assert ledger.asked.wait(WAIT)
    assert not recorder.flush()


@pytest.mark.parametrize("made_anew", [False, True])
def test_a_lock_that_is_removed_in_this_moment_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, made_anew: bool
) -> None:
    def remove_first(descriptor: int, how: int) -> None:
        path.unlink()
        if made_anew:
            path.touch()
        locked(descriptor, how)

    locked = fcntl.flock
    path = tmp_path / f"x{LOCK}"
    assert Lock.take(path) is None
    path.touch()
    monkeypatch.setattr(fcntl, "flock", remove_first)
    assert Lock.take(path) is None


def test_a_disk_that_is_full_takes_a_line_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_half(descriptor: int, data: bytes) -> int:
        if monkeypatched:
            written(descriptor, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        return written(descriptor, data)

    written = os.write
    writer = Writer(tmp_path / "segment")
    writer.append(b"one")
    monkeypatched = [True]
    monkeypatch.setattr(os, "write", write_half)
    with pytest.raises(OSError, match="No space"):
        writer.append(b"two")
    monkeypatched.clear()
    writer.append(b"three")
    writer.sync()
    writer.close()
    assert lines_of(tmp_path / "segment") == [b"one", b"three"]


def test_events_are_private_to_their_user(ledger: Ledger, tmp_path: Path) -> None:
    ledger.failure = away
    with recording(ledger, tmp_path) as recorder:
        recorder.record(**EVENT)
        assert ledger.asked.wait(WAIT)
        assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.suffix == SEGMENT} <= {0}


def test_closing_does_not_wait_for_a_service_that_hangs(ledger: Ledger, tmp_path: Path) -> None:
    def hang() -> httpx.Response:
        released.wait(WAIT)
        return httpx.Response(503)

    released = Event()
    ledger.failure = hang
    with recording(ledger, tmp_path, close_seconds=0.01) as recorder:
        recorder.record(**EVENT)
        assert ledger.asked.wait(WAIT)
    thread = recorder._thread  # noqa: SLF001  # so that the test leaves none behind
    assert thread is not None
    assert thread.is_alive()
    released.set()
    thread.join(WAIT)
    assert left(tmp_path) == [SEGMENT, LOCK]


def test_what_is_kept_for_another_attempt_is_as_private(tmp_path: Path) -> None:
    keep(tmp_path / f"segment{SEGMENT}", [b"one"])
    assert (tmp_path / f"segment{SEGMENT}").stat().st_mode & 0o777 == 0o600
