"""Claude Code's transcripts become one event a model call, whatever version wrote them."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.imports.claude_code import NOT_SETTLED, NOT_STANDARD, LineError, NotATranscriptError, Transcripts, usage_of
from local.imports.events import Event, Fault
from metering.domain.usage import UsageEvent

SAMPLES = Path(__file__).parents[1] / "data" / "claude-code"
FIRST = "11111111-aaaa-4aaa-8aaa-111111111111"
RESUMED = "22222222-bbbb-4bbb-8bbb-222222222222"
OLD = "33333333-cccc-4ccc-8ccc-333333333333"
CALL = '{"type":"assistant","timestamp":"2026-01-01T00:00:00Z","message":{"model":"m","id":"x","usage":%s}}'
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def claude(tmp_path: Path) -> Path:
    """The samples as Claude Code's own folder, the resumed session written last."""
    folder = Path(shutil.copytree(SAMPLES, tmp_path / ".claude"))
    for file in folder.rglob("*.jsonl"):
        written = 2_000 if file.stem == RESUMED else 1_000
        os.utime(file, (written, written))
    return folder


def test_every_call_of_the_folder_is_read_once(claude: Path) -> None:
    events = _events(claude)

    assert {event["idempotencyKey"] for event in events} == {
        "claude-code/msg_01A/req_01A",
        "claude-code/msg_01B/req_01B",
        "claude-code/msg_01S/req_01S",
        "claude-code/msg_02A",
        "claude-code/msg_02B/req_02B",
        "claude-code/msg_02C/req_02C",
        "claude-code/msg_03A",
    }
    assert len(events) == 7


def test_a_call_on_several_lines_has_the_figures_of_the_line_with_the_most_output(claude: Path) -> None:
    event = _event(claude, "msg_01A/req_01A")

    assert event["usage"] == {
        "inputTokens": 3,
        "cachedInputTokens": 15030,
        "cacheWriteTokens": 8655,
        "outputTokens": 260,
    }


def test_a_call_happened_when_its_first_line_was_written(claude: Path) -> None:
    assert _event(claude, "msg_01A/req_01A")["occurredAt"] == "2025-11-03T09:00:02.100000Z"


def test_the_run_of_a_call_is_its_session_also_for_a_subagent(claude: Path) -> None:
    assert _event(claude, "msg_01A/req_01A")["runId"] == FIRST
    assert _event(claude, "msg_01S/req_01S")["runId"] == FIRST
    assert _event(claude, "msg_02A")["runId"] == RESUMED


def test_a_call_that_a_resumed_session_copied_stays_with_the_session_that_made_it(claude: Path) -> None:
    assert [event["runId"] for event in _events(claude) if "msg_01A" in event["idempotencyKey"]] == [FIRST]


def test_a_subagents_call_is_told_apart(claude: Path) -> None:
    event = _event(claude, "msg_01S/req_01S")

    assert event["stepType"] == "sidechain"
    assert event["tags"] == {"project": "shop", "branch": "main", "agent": "a1b2c3"}
    assert event["usage"]["outputTokens"] == 77


def test_cache_writes_are_split_by_how_long_they_last_and_searches_are_counted(claude: Path) -> None:
    assert _event(claude, "msg_01B/req_01B")["usage"] == {
        "inputTokens": 12,
        "cachedInputTokens": 24000,
        "cacheWriteTokens": 100,
        "cacheWrite1hTokens": 2000,
        "outputTokens": 340,
        "webSearches": 2,
    }


def test_cache_writes_without_a_split_are_five_minute_ones(claude: Path) -> None:
    assert _event(claude, "msg_02A")["usage"]["cacheWriteTokens"] == 700


def test_an_old_version_and_windows_are_understood(claude: Path) -> None:
    event = _event(claude, "msg_03A")

    assert event["durationMs"] == 5321
    assert event["tags"] == {"project": "tools"}
    assert event["modelId"] == "claude-3-7-sonnet-20250219"


def test_a_speed_that_no_card_can_price_is_tagged_and_told(claude: Path) -> None:
    transcripts = Transcripts(claude, NOW, {})
    events = {item.payload["idempotencyKey"]: item.payload for item in transcripts.events() if isinstance(item, Event)}

    assert events["claude-code/msg_02B/req_02B"]["tags"]["speed"] == "fast"
    assert transcripts.notices[NOT_STANDARD] == 1


def test_lines_that_are_not_understood_are_told_with_their_place(claude: Path) -> None:
    faults = [item for item in Transcripts(claude, NOW, {}).events() if isinstance(item, Fault)]

    places = {(Path(fault.origin.rpartition(":")[0]).stem, fault.origin.rpartition(":")[2]) for fault in faults}
    assert places == {(FIRST, "8"), (FIRST, "12"), (RESUMED, "7")}


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("projects/-home-ada-shop", 6),
        (f"projects/-home-ada-shop/{FIRST}.jsonl", 2),
        (f"projects/-home-ada-shop/{FIRST}", 1),
        ("projects", 7),
    ],
)
def test_a_file_or_a_projects_folder_will_do(claude: Path, path: str, calls: int) -> None:
    assert len(_events(claude / path)) == calls


def test_a_folder_without_transcripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotATranscriptError):
        Transcripts(tmp_path, NOW, {})


def test_fixed_fields_are_on_every_event(claude: Path) -> None:
    events = list(Transcripts(claude, NOW, {"userId": "ada", "tags.team": "shop"}).events())

    payloads = [event.payload for event in events if isinstance(event, Event)]
    assert {payload["userId"] for payload in payloads} == {"ada"}
    assert {payload["tags"]["team"] for payload in payloads} == {"shop"}


def test_every_event_is_one_that_the_service_takes(claude: Path) -> None:
    for event in _events(claude):
        UsageEvent.model_validate(event)


def test_progress_counts_every_byte(claude: Path) -> None:
    transcripts = Transcripts(claude, NOW, {})
    list(transcripts.events())

    assert transcripts.bytes_read == transcripts.bytes_total > 0


@pytest.mark.parametrize(
    ("age", "stop_reason", "sent"),
    [
        (timedelta(seconds=59), None, 0),
        (timedelta(seconds=60), None, 1),
        (timedelta(seconds=0), "end_turn", 1),
    ],
)
def test_a_call_that_may_still_be_streaming_is_left_for_the_next_import(
    tmp_path: Path, age: timedelta, stop_reason: str | None, sent: int
) -> None:
    line = _line(timestamp=(NOW - age).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), stop_reason=stop_reason)
    transcripts = Transcripts(_file(tmp_path, line), NOW, {})

    assert len(list(transcripts.events())) == sent
    assert transcripts.notices[NOT_SETTLED] == 1 - sent


@pytest.mark.parametrize("first", [1, 5])
def test_of_equal_lines_the_last_counts_and_of_unequal_ones_the_larger(tmp_path: Path, first: int) -> None:
    before = _line(model="first", output_tokens=first)
    after = _line(model="last", output_tokens=5)

    (event,) = _events(_file(tmp_path, before, after))
    (reverse,) = _events(_file(tmp_path, after, _line(model="smaller", output_tokens=4)))

    assert event["modelId"] == reverse["modelId"] == "last"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        (json.dumps({"type": "assistant", "message": {"usage": {}}}), "no model"),
        ('{"type":"assistant","message":{"model":"m","usage":{}}}', "no id"),
        ('{"type":"assistant","message":{"model":"m","id":"x","usage":{}}}', "no timestamp"),
        ('{"type":"assistant","timestamp":"yesterday","message":{"model":"m","id":"x","usage":{}}}', "RFC 3339"),
        (CALL % '{"input_tokens":-1}', "not a count"),
        (CALL % '{"cache_creation":7}', "not as Claude Code"),
    ],
)
def test_a_malformed_line_is_a_fault_and_spoils_no_other(tmp_path: Path, line: str, reason: str) -> None:
    fault, event = Transcripts(_file(tmp_path, line, _line()), NOW, {}).events()

    assert isinstance(fault, Fault)
    assert reason in fault.reason
    assert isinstance(event, Event)


@pytest.mark.parametrize("line", ["", "   ", '{"type":"user"}', '{"type":"assistant","message":"text"}', "{}"])
def test_a_line_of_another_kind_is_nothing(tmp_path: Path, line: str) -> None:
    assert list(Transcripts(_file(tmp_path, line), NOW, {}).events()) == []


def test_an_overlong_or_unprintable_id_still_makes_a_key_and_the_same_each_time(tmp_path: Path) -> None:
    file = _file(tmp_path, _line(id="x" * 300), _line(id="a\u0000b"), _line(id="lone \ud800"))

    keys = [event["idempotencyKey"] for event in _events(file)]

    assert len(set(keys)) == 3
    assert keys == [event["idempotencyKey"] for event in _events(file)]
    assert all(len(key) <= 200 and key.isprintable() for key in keys)


counts = st.integers(min_value=0, max_value=10**9)


@given(counts, counts, counts)
def test_all_cache_writes_are_counted_however_they_are_split(short: int, long: int, unsplit: int) -> None:
    usage = {
        "cache_creation_input_tokens": short + long + unsplit,
        "cache_creation": {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long},
    }

    metrics = usage_of(usage)

    assert metrics.get("cacheWriteTokens", 0) == short + unsplit
    assert metrics.get("cacheWrite1hTokens", 0) == long


@pytest.mark.parametrize("value", [True, 1.5, "7", -1])
def test_a_figure_that_is_no_count_is_refused(value: object) -> None:
    with pytest.raises(LineError):
        usage_of({"input_tokens": value})


def _events(path: Path) -> list[dict[str, Any]]:
    return [item.payload for item in Transcripts(path, NOW, {}).events() if isinstance(item, Event)]


def _event(path: Path, key: str) -> dict[str, Any]:
    return next(event for event in _events(path) if event["idempotencyKey"] == f"claude-code/{key}")


def _file(folder: Path, *lines: object) -> Path:
    file = folder / "session.jsonl"
    file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return file


def _line(
    *,
    id: str = "msg",  # noqa: A002 - Claude Code's name for it
    model: str = "claude-sonnet-4-5",
    output_tokens: int = 5,
    timestamp: str = "2026-01-01T00:00:00Z",
    stop_reason: str | None = "end_turn",
) -> dict[str, Any]:
    message = {"id": id, "model": model, "usage": {"output_tokens": output_tokens}, "stop_reason": stop_reason}
    return {"type": "assistant", "timestamp": timestamp, "message": message}
