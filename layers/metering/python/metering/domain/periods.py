"""Instants and periods, all UTC.

An instant is a string of one fixed form, `2026-11-24T10:00:00.123000Z`, so that the order of strings is the order of
time, in Python and in DynamoDB's keys alike. Periods are `[start, end)`: the start is in, the end is not.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple

EARLIEST: Final = "2020-01-01T00:00:00.000000Z"
MOST_AHEAD: Final = timedelta(minutes=5)
MOST_DAYS: Final = 366

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([+-](?:[01]\d|2[0-3]):[0-5]\d))",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Period(NamedTuple):
    """`[start, end)` as instants."""

    start: str
    end: str

    def days(self) -> list[str]:
        """The dates that the period touches, in order; its bounds are midnights."""
        first, last = date.fromisoformat(self.start[:10]), date.fromisoformat(self.end[:10])
        return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days)]

    def echo(self) -> dict[str, str]:
        """The period as answers state it."""
        return {"start": short(self.start), "end": short(self.end)}


def stored(moment: datetime) -> str:
    """The stored form of an aware datetime."""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def later(instant: str, delay: timedelta) -> str:
    """The instant `delay` after `instant`."""
    return stored(datetime.fromisoformat(instant) + delay)


def short(instant: str) -> str:
    """A stored instant without a fraction of zero, for answers; its milliseconds where those are exact."""
    fraction = instant[20:26]
    if fraction == "000000":
        return f"{instant[:19]}Z"
    return f"{instant[:23]}Z" if fraction.endswith("000") else instant


def unix_seconds(instant: str) -> int:
    """Whole seconds since 1970, for DynamoDB's TTL and Stripe's periods."""
    return int(datetime.fromisoformat(instant).timestamp())


CostPeriod = Literal["hour", "day", "week", "month", "total"]
FOREVER: Final = Period("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z")


def window_of(period: CostPeriod, now: str) -> Period:
    """The window of `period` that the instant `now` lies in; weeks begin on Monday, `total` is one window for ever."""
    if period == "total":
        return FOREVER
    moment = datetime.fromisoformat(now)
    if period == "hour":
        start = moment.replace(minute=0, second=0, microsecond=0)
        return Period(stored(start), stored(start + timedelta(hours=1)))
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return Period(stored(midnight), stored(midnight + timedelta(days=1)))
    if period == "week":
        monday = midnight - timedelta(days=midnight.weekday())
        return Period(stored(monday), stored(monday + timedelta(days=7)))
    first = midnight.replace(day=1)
    return Period(stored(first), stored((first + timedelta(days=31)).replace(day=1)))


def parse_instant(text: str) -> str:
    """The stored form of an RFC 3339 date-time; digits beyond microseconds are cut off.

    Raises:
        ValueError: not RFC 3339, not on the calendar, or a leap second (`:60`), which no UTC day here has.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError("must be an RFC 3339 date-time such as 2026-11-24T10:00:00Z")
    day, clock, fraction, zulu, offset = match.groups()
    if clock.endswith(":60"):
        raise ValueError("must not be a leap second; send :59 or the next second")
    moment = f"{day}T{clock}.{(fraction or '')[:6]:0<6}"
    try:
        parsed = datetime.fromisoformat(f"{moment}{offset or '+00:00'}")
        return f"{moment}Z" if zulu else stored(parsed)
    except (ValueError, OverflowError):
        raise ValueError("must be a time that the calendar has") from None


def parse_date(text: str) -> str:
    """A calendar date `YYYY-MM-DD`, checked.

    Raises:
        ValueError: another form, or not on the calendar.
    """
    if not _DATE.fullmatch(text):
        raise ValueError("must be a date such as 2026-11-24")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("must be a date that the calendar has") from None


def parse_effective(text: str) -> str:
    """From when a card holds: a date, or an instant; an instant at midnight is its date."""
    if _DATE.fullmatch(text):
        return parse_date(text)
    instant = parse_instant(text)
    return instant[:10] if instant.endswith("T00:00:00.000000Z") else instant


def period_of_dates(first: str, last: str) -> Period:
    """The half-open period of two dates, both inclusive.

    Raises:
        ValueError: `last` is before `first`, more than 366 days, or beyond the calendar.
    """
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if end < start:
        raise ValueError("the range's first day must not be after its last")
    if (end - start).days >= MOST_DAYS:
        raise ValueError(f"the range must not be over {MOST_DAYS} days")
    try:
        after = end + timedelta(days=1)
    except OverflowError:
        raise ValueError("the range must end before the year 10000") from None
    return Period(f"{start}T00:00:00.000000Z", f"{after}T00:00:00.000000Z")
