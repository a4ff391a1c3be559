"""A recorder that takes events at once, keeps them on the disk, and sends them in batches in the background."""

import atexit
import json
import logging
import os
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, Unpack
from uuid import uuid4
from weakref import WeakSet

from metering_client import inputs, models, operations
from metering_client._batches import MOST_BYTES, MOST_EVENTS
from metering_client._spool import Lock, Writer, append_for_good, keep, lines_of
from metering_client._sync.transport import Transport
from metering_client._wire import dumps
from metering_client.errors import ApiError, MeteringError

REJECTED: Final = "rejected.jsonl"
"""What the service refused for good, one event a line with the problem."""

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_BATCH_IS_WRONG: Final = frozenset({400, 413, 422})
_MAY_PASS: Final = frozenset({"throttled", "unavailable", "internal"})
_LOG: Final = logging.getLogger("metering_client")


class Rejected(NamedTuple):
    """An event that the service will never take, as it was sent, and why."""

    event: Mapping[str, Any]
    problem: Mapping[str, Any]


class UsageRecorder:
    """Records usage without waiting for the service, and without losing any of it.

    An event is on the disk when `record` returns: in `spool`, a directory that any number of processes may share. It is
    sent within `flush_seconds`, 500 events or 256 KiB at a time. While the service is away, events stay there, and
    whoever opens the directory next sends what a process left behind. An event has its idempotency key and its time
    from the beginning, so that it counts once however often it is sent.

    What the service refuses for good goes to `rejected.jsonl` in the directory and to `on_rejected`, which is called in
    the recorder's own thread. Works in forked processes; each has a thread and segments of its own.
    """

    def __init__(
        self,
        client: Transport,
        spool: Path | str,
        *,
        flush_seconds: float = 1.0,
        close_seconds: float = 5.0,
        on_rejected: Callable[[Rejected], None] | None = None,
    ) -> None:
        self._client = client
        self._spool = Path(spool)
        self._flush_seconds = flush_seconds
        self._close_seconds = close_seconds
        self._on_rejected = on_rejected
        self._spool.mkdir(parents=True, exist_ok=True)
        self._begin()
        self._start()
        _RECORDERS.add(self)
        atexit.register(self.close)

    def _begin(self) -> None:
        self._changed = Condition()
        self._waiting: deque[Path] = deque()
        self._writer: Writer | None = None
        self._since = 0.0
        self._is_sending = False
        self._is_flushing = False
        self._is_closing = False
        self._is_done = False
        self._thread: Thread | None = None

    def _start(self) -> None:
        self._lock = Lock.make(self._spool)
        self._waiting.extend(self._lock.adopt())
        self._written = len(self._waiting)
        self._thread = Thread(target=self._send_until_closed, name="metering recorder", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------------ Taking events

    def record(self, **event: Unpack[inputs.BufferedEvent]) -> str:
        """Takes an event; its idempotency key, which is made up if there is none.

        Raises:
            TypeError, ValueError: it cannot be sent, or is over 256 KiB.
            OSError: it could not be written to the disk.
        """
        key = event.get("idempotency_key") or uuid4().hex
        moment = event.get("occurred_at") or datetime.now(UTC)
        line = dumps({**event, "idempotency_key": key, "occurred_at": moment})
        if len(line) >= MOST_BYTES:
            raise ValueError(f"the event {key} has {len(line)} bytes, and a request at most {MOST_BYTES}")
        with self._changed:
            if self._is_closing:
                raise ValueError("the recorder is closed")
            if self._thread is None:  # in a process that was forked off
                self._start()
            self._append(line)
        return key

    def _append(self, line: bytes) -> None:
        if self._writer and (self._writer.count == MOST_EVENTS or self._writer.size + len(line) + 1 > MOST_BYTES):
            self._seal()
        if self._writer is None:
            self._written += 1
            self._writer = Writer(self._lock.new_segment(self._written))
            self._since = time.monotonic()
            self._changed.notify_all()
        self._writer.append(line)

    def _seal(self) -> None:
        if self._writer:
            self._writer.close()
            self._waiting.append(self._writer.path)
            self._writer = None
            self._changed.notify_all()

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until the service has everything that was taken; whether it has it before `timeout` seconds are up."""
        with self._changed:
            self._is_flushing = not self._is_empty()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_empty() or self._is_done, timeout)
            return self._is_empty()

    def _is_empty(self) -> bool:
        return not (self._waiting or self._writer or self._is_sending)

    def close(self) -> None:
        """Sends what there is, for up to `close_seconds`; what is left stays on the disk for the next recorder."""
        atexit.unregister(self.close)
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(self._close_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------ Sending them

    def _send_until_closed(self) -> None:
        failures = 0
        while (segment := self._next_segment(failures)) is not None:
            is_sent = self._send(segment)
            failures = 0 if is_sent else failures + 1
            self._settle(segment, is_sent=is_sent)
        with self._changed:
            if self._writer:
                self._writer.close()
            self._lock.give_up()
            self._is_done = True
            self._changed.notify_all()

    def _next_segment(self, failures: int) -> Path | None:
        """The next segment to send, as soon as there is one; None at the end."""
        with self._changed:
            if failures:
                pause = random.uniform(0.5, 1) * min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE)  # noqa: S311  # jitter is no secret
                self._changed.wait_for(lambda: self._is_closing, pause)
                if self._is_closing:
                    return None  # it is away; the next recorder sends it
            while True:
                if self._writer and (self._is_closing or self._is_flushing or self._age() >= self._flush_seconds):
                    self._seal()
                if self._waiting:
                    self._is_sending = True
                    return self._waiting.popleft()
                if self._is_closing:
                    return None
                self._changed.wait(self._flush_seconds - self._age() if self._writer else None)

    def _age(self) -> float:
        return time.monotonic() - self._since

    def _settle(self, segment: Path, *, is_sent: bool) -> None:
        with self._changed:
            self._is_sending = False
            if not is_sent:
                self._waiting.append(segment)
            self._is_flushing = self._is_flushing and not self._is_empty()
            self._changed.notify_all()

    def _send(self, segment: Path) -> bool:
        """Whether nothing of a segment is left to send."""
        try:
            left = self._deliver(lines_of(segment))
            keep(segment, left)
            if left and (writer := self._writer):
                writer.sync()
        except Exception:  # noqa: BLE001  # whatever it is, the events are on the disk, and the next attempt may succeed
            _LOG.exception("the events of %s wait on the disk", segment)
            return False
        return not left

    def _deliver(self, lines: Sequence[bytes]) -> list[bytes]:
        """Sends lines, and returns those that are to be sent again."""
        read = [(line, event) for line in lines if (event := self._event_of(line)) is not None]
        if not read:
            return []
        try:
            body = {"events": [event for _, event in read]}
            answer = self._client.request(operations.RECORD_USAGE_BATCH, body=body, max_retries=0)
        except MeteringError as failure:
            return self._refused(read, failure)
        judged = zip(read, answer.results, strict=True)
        return [line for (line, event), result in judged if self._may_pass(event, result)]

    def _refused(self, read: Sequence[tuple[bytes, Mapping[str, Any]]], failure: MeteringError) -> list[bytes]:
        lines = [line for line, _ in read]
        if not isinstance(failure, ApiError) or failure.status not in _BATCH_IS_WRONG:
            _LOG.warning("%d events wait on the disk: %s", len(lines), failure)
            return lines
        if len(lines) > 1:
            half = len(lines) // 2
            return [*self._deliver(lines[:half]), *self._deliver(lines[half:])]
        self._reject(read[0][1], failure.problem)
        return []

    def _event_of(self, line: bytes) -> Mapping[str, Any] | None:
        try:
            event: Mapping[str, Any] = json.loads(line)
        except ValueError as error:
            detail = f"written in part, when its process or the disk failed: {error}"
            self._reject({"line": line.decode(errors="replace")}, {"code": "unreadable", "detail": detail})
            return None
        return event

    def _may_pass(self, event: Mapping[str, Any], result: models.BatchResult) -> bool:
        if result.error is None:
            return False
        if result.error.code in _MAY_PASS:
            return True
        problem = {"code": result.error.code, "status": result.error.status, "detail": result.error.detail}
        self._reject(event, problem)
        return False

    def _reject(self, event: Mapping[str, Any], problem: Mapping[str, Any]) -> None:
        _LOG.error("usage is refused for good: %s: %s", problem.get("code"), problem.get("detail"))
        line = json.dumps({"event": event, "problem": problem}, default=str, ensure_ascii=False).encode()
        append_for_good(self._spool / REJECTED, line)
        if self._on_rejected:
            try:
                self._on_rejected(Rejected(event, problem))
            except Exception:  # noqa: BLE001  # the caller's code, whose faults must not end the sending
                _LOG.exception("on_rejected failed; the event stands in %s", REJECTED)

    # ------------------------------------------------------------------------ Forking

    def _after_fork(self) -> None:
        """In the new process: what was taken before is the parent's to send, whose thread is not here."""
        if self._writer:
            self._writer.close()
        if self._thread:
            self._lock.forget()
        self._begin()


_RECORDERS: Final[WeakSet[UsageRecorder]] = WeakSet()


def _after_fork_in_child() -> None:
    for recorder in _RECORDERS:
        recorder._after_fork()  # noqa: SLF001  # its own module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
