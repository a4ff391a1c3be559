"""What the demo sends for the dashboard: the same at every start, and nothing that is still to come."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo_usage import BATCH, LIMITS, send_usage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOST_OF_A_BATCH = 500


class Recorder:
    """Stands in for the client: keeps what is posted."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, Any]]] = []

    def post(self, path: str, body: bytes) -> None:
        self.posted.append((path, json.loads(body)))

    def events(self) -> dict[str, dict[str, Any]]:
        """By their keys."""
        [batch] = [body for path, body in self.posted if path == BATCH]
        return {event["idempotencyKey"]: event for event in batch["events"]}


def sent_at(now: datetime) -> Recorder:
    recorder = Recorder()
    count = send_usage(recorder, now)  # type: ignore[arg-type]  # as much of a client as is used
    assert count == len(recorder.events()) <= MOST_OF_A_BATCH
    return recorder


def test_a_later_start_sends_the_same_again_and_what_came_since() -> None:
    first, later = sent_at(NOON).events(), sent_at(NOON + timedelta(days=2)).events()
    both = first.keys() & later.keys()
    assert len(both) > len(first) * 0.8
    assert all(first[key] == later[key] for key in both)
    assert later.keys() - first.keys()


def test_nothing_is_sent_before_its_time() -> None:
    for now in (NOON, NOON.replace(hour=0, minute=1), NOON.replace(hour=23)):
        assert max(event["occurredAt"] for event in sent_at(now).events().values()) <= f"{now:%Y-%m-%dT%H:%M:%SZ}"


def test_sessions_are_there_before_usage_is_counted_in_them() -> None:
    paths = [path for path, _ in sent_at(NOON).posted]
    assert paths[: len(LIMITS) + 1] == ["/v1/sessions"] * len(LIMITS) + [BATCH]
