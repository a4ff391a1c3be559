"""The range of a request: `from` and `to`, dates, both inclusive."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from metering.domain.errors import MalformedRequestError
from metering.domain.periods import EARLIEST, Period, period_of_dates, stored

if TYPE_CHECKING:
    from metering.http.schemas import RangeQuery

DEFAULT_DAYS: Final = 31


def period_of(query: "RangeQuery", now: datetime, days: int = DEFAULT_DAYS) -> Period:
    """The half-open period asked for; by default it ends today and has so many days.

    Raises:
        MalformedRequestError: the wrong way round, or over 366 days.
    """
    today = now.astimezone(UTC).date().isoformat()
    try:
        last = query.to or max(today, query.from_ or today)
        first = query.from_ or (date.fromisoformat(last) - timedelta(days=days - 1)).isoformat()
        return period_of_dates(first, last)
    except (ValueError, OverflowError) as error:
        raise MalformedRequestError(str(error)) from None


def whole_period(now: datetime) -> Period:
    """All that usage may have happened in: since 2020, until the end of tomorrow."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(EARLIEST, stored(midnight + timedelta(days=2)))
