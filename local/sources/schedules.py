"""EventBridge's schedules: each calls its function at its minutes, or once a period after the start."""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.endpoint import ACCOUNT, REGION
from local.sources.cron import Cron, parse_rate
from local.template.blueprint import Schedule

MINUTE = timedelta(minutes=1)
LOOK_BACK = timedelta(days=31)  # within which every schedule of a day, a week or a month was due

_logger = logging.getLogger("local.sources")


class Scheduler:
    """Calls `invoke(function, event)` for every schedule that is due.

    However many of its minutes were slept through, or passed since the last run, they count once.
    """

    def __init__(
        self,
        schedules: tuple[Schedule, ...],
        invoke: Callable[[str, Any], Awaitable[object]],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        since: datetime | None = None,
    ) -> None:
        """`since` is when one of the same schedules last ran, and None if none did."""
        self._invoke = invoke
        self._now = now
        self._sleep = sleep
        start = now()
        self._seen = _minute(min(max(since or start, start - LOOK_BACK), start))
        self._due = [(schedule, _due(schedule, start)) for schedule in schedules]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as calls:
            while self._due:
                await self._sleep(max(0, (self._seen + MINUTE - self._now()).total_seconds()))
                for schedule, minute in self._take_due():
                    calls.create_task(self._call(schedule, minute))

    def _take_due(self) -> list[tuple[Schedule, datetime]]:
        """The schedules that became due since the last look, each with the minute it became due."""
        taken: dict[Schedule, datetime] = {}
        while self._seen + MINUTE <= self._now():
            self._seen += MINUTE
            taken |= {schedule: self._seen for schedule, is_due in self._due if is_due(self._seen)}
        return list(taken.items())

    async def _call(self, schedule: Schedule, minute: datetime) -> None:
        _logger.info("%s is due", schedule.name)
        await self._invoke(schedule.function, scheduled_event(schedule, minute))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _due(schedule: Schedule, start: datetime) -> Callable[[datetime], bool]:
    """Whether a minute of UTC is one of the schedule's."""
    period = parse_rate(schedule.expression)
    if period:
        first = _minute(start)
        return lambda minute: (minute - first) % period == timedelta(0)
    cron, zone = Cron.parse(schedule.expression), ZoneInfo(schedule.timezone)
    return lambda minute: cron.matches(minute.astimezone(zone))


def scheduled_event(schedule: Schedule, minute: datetime) -> Any:  # noqa: ANN401 - any JSON
    """The schedule's input if it has one, else EventBridge's own event."""
    time = minute.strftime("%Y-%m-%dT%H:%M:%SZ")
    if schedule.input is not None:
        return json.loads(schedule.input.replace("<aws.scheduler.scheduled-time>", time))
    is_rule = schedule.kind == "rule"
    service, resource = ("events", "rule") if is_rule else ("scheduler", "schedule/default")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": f"aws.{service}",
        "account": ACCOUNT,
        "time": time,
        "region": REGION,
        "resources": [f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}/{schedule.name}"],
        "detail": {} if is_rule else "{}",
    }
