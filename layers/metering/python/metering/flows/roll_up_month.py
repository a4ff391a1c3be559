"""Sums of a month from the statistics of its days, so that a long range need not be read day by day.

They are made once all days of the month are closed, and made anew the night after one of them was closed again; until
then views read the days. Only dimensions whose values come again are summed: of sessions that last a day a month has as
many as its days have together, and adding them up would spare nobody anything.
"""

from itertools import islice
from typing import Final

from metering.aws.statistics import (
    Statistics,
    next_version_of_month,
    read_groups,
    read_standing,
    summing_writes,
    write_tally,
)
from metering.aws.transaction import RefusedError, commit
from metering.domain.days import days_of, unknown_day
from metering.domain.statistics import DIMENSIONS, Figures, Groups

LEAST_SHARE: Final = 2
"""How many days' figures a sum must stand for on average, for a dimension to be summed."""
MOST_SUMS: Final = 50_000
"""Values of a dimension beyond which it is left to the days: they are summed in memory."""
LEAST_SECONDS: Final = 10
"""With less time left, what remains is left to the days."""
_MANY: Final = frozenset({"user", "session", "run"})
_FEW_FIRST: Final = sorted(DIMENSIONS, key=_MANY.__contains__)
_AT_ONCE: Final = 1000


def roll_up_month(statistics: Statistics, month: str, now: str) -> bool:
    """Sums a month (`2026-11`) anew; whether its sums stand for its days now.

    They do not while a day of it is open, or where one was closed meanwhile: then it is asked for again.
    """
    version = next_version_of_month(statistics, month)
    if not _is_closed(statistics, month, now):
        return False
    summed = [dimension for dimension in _FEW_FIRST if _sum(statistics, month, dimension)]
    try:
        commit(statistics.client, summing_writes(statistics, month, version, summed), statistics.deadline)
    except RefusedError:
        return False
    return True


def _is_closed(statistics: Statistics, month: str, now: str) -> bool:
    dates = days_of(month)
    known = read_standing(statistics, dates[0], dates[-1]).days
    return all((known.get(date) or unknown_day(date, now)).status == "final" for date in dates)


def _sum(statistics: Statistics, month: str, dimension: str) -> bool:
    """Overwrites the month's sums by a dimension, if that is worth it and there is the time."""
    dates = days_of(month)
    sums: Groups = {}
    parts = 0
    for _, value, figures in read_groups(statistics, "day", dimension, dates[0], dates[-1]):
        sums.setdefault(value, Figures()).merge(figures)
        parts += 1
        if len(sums) > MOST_SUMS or _is_late(statistics):
            return False
    return LEAST_SHARE * len(sums) <= parts and _write(statistics, month, dimension, sums)


def _write(statistics: Statistics, month: str, dimension: str, sums: Groups) -> bool:
    waiting = iter(sums.items())
    while chunk := dict(islice(waiting, _AT_ONCE)):
        if _is_late(statistics):
            return False
        write_tally(statistics, "month", month, {dimension: chunk})
    return True


def _is_late(statistics: Statistics) -> bool:
    return statistics.deadline.remaining() < LEAST_SECONDS
