"""EventBridge's schedule expressions: rate(5 minutes) and cron(minutes hours day-of-month month day-of-week year).

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\(([^)]+)\)")
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


def parse_rate(expression: str) -> timedelta | None:
    """The period of a rate(...) expression, or None for another kind."""
    match = _RATE.fullmatch(expression)
    return timedelta(**{f"{match[2]}s": int(match[1])}) if match else None


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron(...) expression. A minute matches when all six fields do."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str  # of the month
    months: frozenset[int]
    weekdays: str  # Sunday is 1
    years: frozenset[int]

    @classmethod
    def parse(cls, expression: str) -> "Cron":
        match = _CRON.fullmatch(expression)
        fields = match[1].split() if match else []
        if len(fields) != 6:  # noqa: PLR2004 - six fields
            raise ValueError(f"{expression} is neither rate(...) nor cron(...) with six fields.")
        minutes, hours, days, months, weekdays, years = fields
        return cls(
            minutes=_numbers(minutes, 0, 59),
            hours=_numbers(hours, 0, 23),
            days=days,
            months=_numbers(_named(months, _MONTHS), 1, 12),
            weekdays=_named(weekdays, _DAYS),
            years=_numbers(years, 1970, 2199),
        )

    def matches(self, minute: datetime) -> bool:
        return (
            minute.minute in self.minutes
            and minute.hour in self.hours
            and minute.month in self.months
            and minute.year in self.years
            and _day_matches(self.days, minute)
            and _weekday_matches(self.weekdays, minute)
        )


def _named(field: str, names: dict[str, int]) -> str:
    return re.sub(r"[A-Za-z]{3}", lambda match: str(names[match[0].upper()]), field)


def _numbers(field: str, low: int, high: int) -> frozenset[int]:
    """What a field of numbers stands for: *, 5, 1-5, */10, 0/15 and lists of these."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first, last = int(start), int(end) if end else (high if step else int(start))
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _day_matches(field: str, day: datetime) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field.endswith("W"):
        return day.day == _nearest_weekday(day, last if field == "LW" else int(field[:-1]), last)
    return day.day in _numbers(field, 1, 31)


def _nearest_weekday(month: datetime, wanted: int, last: int) -> int:
    """The day of Monday to Friday that is nearest to a day of the month, within the month."""
    weekday = month.replace(day=min(wanted, last)).weekday()
    saturday, sunday = 5, 6
    if weekday == saturday:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == sunday:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted


def _weekday_matches(field: str, day: datetime) -> bool:
    weekday = day.isoweekday() % 7 + 1
    if "#" in field:
        wanted, _, nth = field.partition("#")
        return weekday == int(wanted) and (day.day - 1) // 7 + 1 == int(nth)
    if field.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return weekday == int(field[:-1] or 7) and day.day > last - 7
    return weekday in _numbers(field, 1, 7)
