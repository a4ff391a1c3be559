"""A year of a large project in the dashboard: what its chart asks for, of 200 users, every day of them with usage.

Statistics are written as closings and nights write them, without their records. The emulator looks through a whole
partition for every page of a Query, so the clock says nothing here: calls and CPU are counted. What the browser adds
(0.1 to 0.2 s from the last answer until all is drawn, in Chromium without a GPU) is not measured here.
"""

import base64
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bench.emulated import app_of, counted, emulated_cloud, unpacked
from bench.figures import Figure, Line, median
from bench.samples import PROJECT, Context, Json, gateway_event
from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.statistics import Statistics, closing_writes, write_tally
from metering.aws.transaction import Deadline, commit
from metering.domain.days import Day
from metering.domain.money import PICO
from metering.domain.periods import stored
from metering.domain.statistics import TOTAL, Figures, Groups, Tally
from metering.flows.roll_up_month import roll_up_month
from metering.flows.view import total_of

DAYS, USERS, TOP, ROUNDS = 365, 200, 8, 3
_DAILY = "GET /v1/usage/daily"
_LEAST_COST = 10**5
"""Prices have as many decimals: a token at 0.1 dollars a million."""
_chance = Random(4)


def measure(effort: float) -> Iterator[Line]:
    users = max(int(USERS * effort), TOP + 1)
    with emulated_cloud():
        _write_year(users)
        answers = [_ask() for _ in range(ROUNDS)]
    calls, _, packed, plain = answers[-1]
    yield Figure(f"AWS calls for a year by the {TOP} largest of {users} users", sum(calls.values()), "calls")
    yield Figure("  CPU", median([cpu for _, cpu, _, _ in answers]) * 1000, "ms", most=1000)
    yield Figure("  the answer, as it is sent", packed / 1024, "KB")
    yield Figure("  as it is ÷", plain / packed, "×")


def _write_year(users: int) -> None:
    """Closed days, and sums of the months that are whole."""
    now = datetime.now(UTC)
    statistics = Statistics(make_dynamodb(), read_config().statistics_table, PROJECT, Deadline.within(3600))
    dates = [str(now.date() - timedelta(days=1 + back)) for back in range(DAYS)]
    for date in dates:
        write_tally(statistics, "day", date, _tally(users))
        commit(statistics.client, closing_writes(statistics, Day(date, "open"), stored(now)), statistics.deadline)
    for month in sorted({date[:7] for date in dates})[1:-1]:
        assert roll_up_month(statistics, month, stored(now))


def _tally(users: int) -> Tally:
    groups: Groups = {f"user_{number:06d}": _figures() for number in range(users)}
    return {"user": groups, TOTAL: {None: total_of(groups)}}


def _figures() -> Figures:
    cost = _chance.randrange(10**5, 10**8) * _LEAST_COST
    metrics = ("inputTokens", "cachedInputTokens", "cacheWriteTokens", "outputTokens")
    return Figures(cost, cost, 10, metrics={metric: _chance.randrange(10**3, 10**5) * PICO for metric in metrics})


def _ask() -> tuple[Counter[str], float, int, int]:
    """The calls, the seconds of CPU and the bytes of an answer, packed and as it is."""
    today = datetime.now(UTC).date()
    event = gateway_event(_DAILY, None)
    event["queryStringParameters"] = {
        "from": str(today - timedelta(days=DAYS - 1)),
        "to": str(today),
        "groupBy": "user",
        "top": str(TOP),
    }
    with counted("query_statistics") as count, Path(os.devnull).open("w") as nowhere:
        begun = time.process_time()
        with contextlib.redirect_stdout(nowhere):
            result: Json = app_of("query_statistics").handler(event, Context())
        cpu = time.process_time() - begun
    assert result["statusCode"] == 200, result  # noqa: PLR2004  # OK
    answer = unpacked(result)
    assert len(json.loads(answer)["items"]) == DAYS
    return count.calls, cpu, len(base64.b64decode(result["body"])), len(answer)
