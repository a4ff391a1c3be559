"""Schedules fire at their minutes, once each: the clock is the test's."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sources.asynchronous import AsynchronousInvoker
from local.sources.cron import Cron, parse_rate
from local.sources.schedules import Scheduler, scheduled_event
from local.template.blueprint import Schedule
from local.workers.errors import HandlerError
from tests.local.functions import function


@pytest.mark.parametrize(
    ("expression", "moment", "is_due"),
    [
        ("cron(30 0 * * ? *)", "2026-11-24T00:30", True),
        ("cron(30 0 * * ? *)", "2026-11-24T00:29", False),
        ("cron(30 0 * * ? *)", "2026-11-24T00:31", False),
        ("cron(*/15 * * * ? *)", "2026-11-24T07:45", True),
        ("cron(*/15 * * * ? *)", "2026-11-24T07:46", False),
        ("cron(5/20 * * * ? *)", "2026-11-24T07:45", True),
        ("cron(0 8-10,20 * * ? *)", "2026-11-24T10:00", True),
        ("cron(0 8-10,20 * * ? *)", "2026-11-24T11:00", False),
        ("cron(0 0 1 JAN,JUL ? *)", "2026-07-01T00:00", True),
        ("cron(0 0 1 JAN,JUL ? *)", "2026-08-01T00:00", False),
        ("cron(0 0 L * ? *)", "2028-02-29T00:00", True),
        ("cron(0 0 L * ? *)", "2028-02-28T00:00", False),
        ("cron(0 0 L * ? *)", "2026-02-28T00:00", True),
        ("cron(0 0 15W * ? *)", "2026-11-16T00:00", True),  # the 15th is a Sunday
        ("cron(0 0 1W * ? *)", "2026-08-03T00:00", True),  # the 1st is a Saturday, and the month is not left
        ("cron(0 0 LW * ? *)", "2026-10-30T00:00", True),  # the 31st is a Saturday
        ("cron(0 0 ? * MON-FRI *)", "2026-11-27T00:00", True),
        ("cron(0 0 ? * MON-FRI *)", "2026-11-28T00:00", False),
        ("cron(0 0 ? * 1 *)", "2026-11-29T00:00", True),  # Sunday
        ("cron(0 0 ? * TUE#4 *)", "2026-11-24T00:00", True),
        ("cron(0 0 ? * TUE#4 *)", "2026-11-17T00:00", False),
        ("cron(0 0 ? * 6L *)", "2026-11-27T00:00", True),  # the last Friday
        ("cron(0 0 ? * 6L *)", "2026-11-20T00:00", False),
        ("cron(0 0 1 1 ? 2027)", "2027-01-01T00:00", True),
        ("cron(0 0 1 1 ? 2027)", "2028-01-01T00:00", False),
    ],
)
def test_a_cron_expression_stands_for_its_minutes(expression: str, moment: str, *, is_due: bool) -> None:
    assert Cron.parse(expression).matches(datetime.fromisoformat(moment)) is is_due


@pytest.mark.parametrize("expression", ["cron(0 0 * * ?)", "every minute", "at(2026-11-24T00:00:00)"])
def test_an_expression_that_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="neither rate"):
        Cron.parse(expression)


def test_a_rate_is_a_period() -> None:
    assert parse_rate("rate(1 minute)") == timedelta(minutes=1)
    assert parse_rate("rate(12 hours)") == timedelta(hours=12)
    assert parse_rate("rate(2 days)") == timedelta(days=2)
    assert parse_rate("cron(0 0 * * ? *)") is None


class Clock:
    """Time that passes when someone sleeps, up to an end."""

    def __init__(self, now: str, end: str) -> None:
        self._now, self._end = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (now, end))

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)  # what was started before goes first
        self._now += timedelta(seconds=seconds)
        if self._now > self._end:
            raise asyncio.CancelledError


def schedule(expression: str, timezone: str = "UTC", event: str | None = None) -> Schedule:
    return Schedule("Night", "scheduler", expression, timezone, "Tick", event)


def calls(clock: Clock, *schedules: Schedule, since: str | None = None) -> list[str]:
    """The times of the events that functions get until the clock's end, where the last run ended at `since`."""
    ended = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    times: list[str] = []

    async def invoke(name: str, event: Any) -> None:
        assert name == "Tick"
        times.append(event["time"])

    async def run() -> None:
        await Scheduler(schedules, invoke, clock.now, clock.sleep, ended).run()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    return times


def test_a_schedule_calls_its_function_at_each_of_its_minutes() -> None:
    clock = Clock("2026-11-24T00:29:59", "2026-11-26T00:30:30")
    assert calls(clock, schedule("cron(30 0 * * ? *)")) == [f"2026-11-{day}T00:30:00Z" for day in (24, 25, 26)]


def test_a_rate_counts_from_the_start() -> None:
    clock = Clock("2026-11-24T00:01:30", "2026-11-24T00:16:30")
    assert calls(clock, schedule("rate(5 minutes)")) == [f"2026-11-24T00:{minute}:00Z" for minute in ("06", "11", "16")]


def test_a_schedule_may_be_in_local_time() -> None:
    clock = Clock("2026-07-01T00:00:00", "2026-07-01T12:00:00")
    assert calls(clock, schedule("cron(0 8 * * ? *)", "Europe/Berlin")) == ["2026-07-01T06:00:00Z"]


def test_minutes_that_were_slept_through_count_once() -> None:
    class Sleeper(Clock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds + 3600)

    clock = Sleeper("2026-11-24T00:00:00", "2026-11-24T02:30:00")
    assert calls(clock, schedule("rate(1 minute)")) == ["2026-11-24T01:01:00Z", "2026-11-24T02:02:00Z"]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, []),
        ("2026-11-24T00:30:00", []),
        ("2026-11-24T00:29:59", ["2026-11-24T00:30:00Z"]),
        ("2026-11-20T12:00:00", ["2026-11-24T00:30:00Z"]),
        ("2020-01-01T00:00:00", ["2026-11-24T00:30:00Z"]),
        ("2026-11-25T00:00:00", []),  # the clock was put back
    ],
)
def test_what_was_due_since_the_last_run_is_called_once_and_at_once(since: str | None, expected: list[str]) -> None:
    clock = Clock("2026-11-24T09:00:00", "2026-11-24T09:05:00")
    assert calls(clock, schedule("cron(30 0 * * ? *)"), since=since) == expected


def test_an_input_takes_the_place_of_the_usual_event() -> None:
    minute = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert scheduled_event(schedule("rate(1 minute)", event='{"night": true}'), minute) == {"night": True}
    usual = scheduled_event(schedule("rate(1 minute)"), minute)
    assert (usual["detail-type"], usual["source"]) == ("Scheduled Event", "aws.scheduler")


def attempts(*, failures: int, retries: int) -> tuple[int, list[float]]:
    """How often a function is tried that fails so often at first, and the pauses between."""
    tried, pauses = 0, []

    async def invoke(_name: str, _event: object) -> None:
        nonlocal tried
        tried += 1
        if tried <= failures:
            raise HandlerError("ValueError", "as asked")

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    functions = {"Tick": function("Tick", retries=retries)}
    asyncio.run(AsynchronousInvoker(functions, invoke, None, sleep).invoke("Tick", {}))  # type: ignore[arg-type]
    return tried, pauses


def test_an_event_that_fails_is_tried_again_after_a_minute_and_after_two() -> None:
    assert attempts(failures=0, retries=2) == (1, [])
    assert attempts(failures=2, retries=2) == (3, [60, 120])
    assert attempts(failures=9, retries=2) == (3, [60, 120])
    assert attempts(failures=9, retries=0) == (1, [])
