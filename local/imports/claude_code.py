"""Claude Code's transcripts as events: every model call once.

Claude Code writes JSON Lines under `projects/`, a file a session and one a subagent. A model call is an `assistant`
line with `message.usage`, and more often several: one a block of content or a step of the stream, with the same
`message.id` and `requestId`, where only the one with the most output tokens has the final figures. Resumed and forked
sessions copy the calls of the session that they continue.

So calls are told apart by message id and request id (some versions and gateways write no request id), of each call the
line with the most output tokens counts (the last of equals), and a call met in a second file is left out. Files are
read in the order in which they were last written, which puts a session before its copies.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final, NamedTuple

from local.imports.events import Event, Fault, set_fields
from metering.domain.periods import parse_instant, stored

SYNTHETIC: Final = "<synthetic>"
"""The model of lines that Claude Code writes itself, such as messages about errors; no call was made."""

UNSETTLED: Final = timedelta(minutes=1)
"""A call whose last line is younger and has no stop reason may still be streaming; the next import sends it."""

NOT_SETTLED: Final = "calls that may still be streaming; the next import sends them"
NONSTANDARD: Final = frozenset({"speed", "serviceTier"})
"""Tags of calls that were not processed in the standard way."""
NOT_STANDARD: Final = "calls at another speed or service tier (tags), priced as standard ones"

MOST_KEY: Final = 200
MOST_TAG: Final = 256


class NotATranscriptError(Exception):
    """There are no transcripts at a path."""


class LineError(ValueError):
    """A line that is not as Claude Code writes it."""


class Reading(NamedTuple):
    """What one line says of its call."""

    origin: str
    at: str
    output_tokens: int
    payload: dict[str, Any]
    stopped: bool


@dataclass(slots=True)
class Call:
    """A model call as far as its lines have been read. Of the lines, which may be long, only the figures are kept."""

    best: Reading
    first_at: str
    last_at: str
    stopped: bool

    def add(self, reading: Reading) -> None:
        """Another line of the call; the one with the most output tokens counts, the last of equals."""
        self.first_at, self.last_at = min(self.first_at, reading.at), max(self.last_at, reading.at)
        self.stopped = self.stopped or reading.stopped
        if reading.output_tokens >= self.best.output_tokens:
            self.best = reading


@dataclass
class Transcripts:
    """The transcripts at a path: a file, a project's folder, or Claude Code's own (`~/.claude`).

    `now` decides which calls may still be streaming; `fixed` are fields that every event has.

    Raises:
        NotATranscriptError: there are none.
    """

    path: Path
    now: datetime
    fixed: Mapping[str, str]
    files: list[Path] = field(init=False)
    bytes_total: int = field(init=False)
    bytes_read: int = field(init=False, default=0)
    notices: Counter[str] = field(init=False, default_factory=Counter)
    """How many calls there is something to say of, by what it is."""
    _sent: set[bytes] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.files = _find(self.path)
        self.bytes_total = sum(file.stat().st_size for file in self.files)

    def events(self) -> Iterator[Event | Fault]:
        """One event a call, and a fault a line that is not understood. Memory holds the calls of one file."""
        for file in self.files:
            calls: dict[tuple[str, str], Call] = {}
            yield from self._read(file, calls)
            for (message_id, request_id), call in calls.items():
                key = _key(message_id, request_id)
                if not self._is_new(key):
                    continue
                if not self._is_settled(call):
                    self.notices[NOT_SETTLED] += 1
                    continue
                payload = self._payload(call, key, file)
                self.notices[NOT_STANDARD] += not NONSTANDARD.isdisjoint(payload.get("tags", ()))
                yield Event(call.best.origin, payload)

    def _read(self, file: Path, calls: dict[tuple[str, str], Call]) -> Iterator[Fault]:
        try:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, start=1):
                    self.bytes_read += len(line)
                    origin = f"{file}:{number}"
                    try:
                        _add_line(calls, origin, line)
                    except ValueError as error:
                        yield Fault(origin, str(error))
        except OSError as error:
            yield Fault(str(file), error.strerror or str(error))

    def _payload(self, call: Call, key: str, file: Path) -> dict[str, Any]:
        payload = {"idempotencyKey": key, "occurredAt": call.first_at, "runId": file.stem, **call.best.payload}
        set_fields(payload, self.fixed)
        return payload

    def _is_new(self, key: str) -> bool:
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        new = digest not in self._sent
        self._sent.add(digest)
        return new

    def _is_settled(self, call: Call) -> bool:
        return call.stopped or call.last_at <= stored(self.now - UNSETTLED)


def _find(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    root = path / "projects" if (path / "projects").is_dir() else path
    files = [file for file in root.rglob("*.jsonl") if file.is_file()]
    if not files:
        raise NotATranscriptError(f"there is no transcript (*.jsonl) at {path}")
    return sorted(files, key=lambda file: (file.stat().st_mtime_ns, str(file)))


def _add_line(calls: dict[tuple[str, str], Call], origin: str, text: bytes) -> None:
    """Adds a line to the call that it belongs to, if it is of one.

    Raises:
        ValueError: it is no JSON object, or an assistant's line without what a call needs.
    """
    if not text.strip():
        return
    line = _parse(text)
    message = line.get("message")
    if line.get("type") != "assistant" or not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
        return
    if message.get("model") == SYNTHETIC:
        return
    if not isinstance(message.get("model"), str) or not message["model"]:
        raise LineError("the message names no model")
    key = _text(message, "id", line.get("uuid")), str(line.get("requestId") or "")
    reading = _read_call(origin, line)
    if key in calls:
        calls[key].add(reading)
    else:
        calls[key] = Call(reading, reading.at, reading.at, reading.stopped)


def _read_call(origin: str, line: Mapping[str, Any]) -> Reading:
    message = line["message"]
    return Reading(
        origin,
        parse_instant(_text(line, "timestamp")),
        _count(message["usage"], "output_tokens"),
        _payload(line),
        stopped=bool(message.get("stop_reason")),
    )


def _parse(text: bytes) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        raise LineError("the line is not JSON") from None
    if not isinstance(line, dict):
        raise LineError("the line is not a JSON object")
    return line


def _text(container: Mapping[str, Any], name: str, otherwise: Any = None) -> str:  # noqa: ANN401 - whatever JSON has
    value = container.get(name) or otherwise
    if not isinstance(value, str):
        raise LineError(f"the line has no {name}")
    return value


def _count(container: Mapping[str, Any], name: str) -> int:
    value = container.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise LineError(f"{name} is not a count: {value!r}")
    return value


def usage_of(usage: Mapping[str, Any]) -> dict[str, int]:
    """Our metrics of a message's usage, those of zero left out.

    `cache_creation` tells 5-minute from 1-hour writes; what it leaves of `cache_creation_input_tokens`, which is all
    where there is no such split, was written for the 5 minutes that are the default.

    Raises:
        LineError: a figure is no count.
    """
    split = usage.get("cache_creation") or {}
    tools = usage.get("server_tool_use") or {}
    if not isinstance(split, dict) or not isinstance(tools, dict):
        raise LineError("the usage is not as Claude Code writes it")
    long_writes = _count(split, "ephemeral_1h_input_tokens")
    all_writes = max(
        _count(usage, "cache_creation_input_tokens"), _count(split, "ephemeral_5m_input_tokens") + long_writes
    )
    metrics = {
        "inputTokens": _count(usage, "input_tokens"),
        "cachedInputTokens": _count(usage, "cache_read_input_tokens"),
        "cacheWriteTokens": all_writes - long_writes,
        "cacheWrite1hTokens": long_writes,
        "outputTokens": _count(usage, "output_tokens"),
        "webSearches": _count(tools, "web_search_requests"),
    }
    return {metric: count for metric, count in metrics.items() if count} or {"inputTokens": 0}


def _key(message_id: str, request_id: str) -> str:
    key = f"claude-code/{message_id}/{request_id}" if request_id else f"claude-code/{message_id}"
    if len(key) <= MOST_KEY and key.isprintable():
        return key
    return f"claude-code/sha256/{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()}"


def _payload(line: Mapping[str, Any]) -> dict[str, Any]:
    message = line["message"]
    payload: dict[str, Any] = {
        "service": "claude_code",
        "modelId": message["model"],
        "toolId": "claude",
        "usage": usage_of(message["usage"]),
        "stepType": "sidechain" if line.get("isSidechain") else "main",
    }
    if line.get("sessionId"):
        payload["runId"] = str(line["sessionId"])
    duration = line.get("durationMs")
    if isinstance(duration, int) and not isinstance(duration, bool) and duration >= 0:
        payload["durationMs"] = duration
    if tags := _tags(line, message["usage"]):
        payload["tags"] = tags
    return payload


def _tags(line: Mapping[str, Any], usage: Mapping[str, Any]) -> dict[str, str]:
    """What else tells calls apart."""
    candidates = {
        "project": _last_part(line.get("cwd")),
        "branch": line.get("gitBranch"),
        "agent": line.get("agentId"),
        "speed": usage.get("speed"),
        "serviceTier": usage.get("service_tier"),
    }
    texts = {name: _printable(value) for name, value in candidates.items() if isinstance(value, str)}
    return {name: text for name, text in texts.items() if text and text != "standard"}


def _last_part(folder: Any) -> str | None:  # noqa: ANN401 - whatever JSON has
    if not isinstance(folder, str):
        return None
    kind = PureWindowsPath if "\\" in folder else PurePosixPath
    return kind(folder).name


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:MOST_TAG]
