"""What a million callbacks cost on AWS: units and bytes counted here, times AWS's list prices.

Prices are those of us-east-1, on demand, in US dollars, without free tiers, as AWS's price pages of API Gateway,
Lambda, DynamoDB, CloudWatch and X-Ray showed them in 2025 and 2026. What depends on AWS and not on this code (how long
DynamoDB takes, how long Lambda's own log lines are) is assumed, and stands below with its reason.
"""

import contextlib
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from bench.emulated import app_of, ask, counted, emulated_cloud
from bench.figures import Figure, Line
from bench.samples import CALLBACK, Context, full_event, gateway_event
from bench.writes import make_session, record_size

MILLION: Final = 1_000_000
GIGABYTE: Final = 1024**3
BATCH: Final = 100

PRICES: Final = {
    "HTTP API, a million requests": 1.00,
    "Lambda, a million requests": 0.20,
    "Lambda on arm64, a GB-second": 0.0000133334,
    "DynamoDB, a million write units": 0.625,
    "DynamoDB, a million read units": 0.125,
    "DynamoDB, a GB and month": 0.25,
    "DynamoDB's point-in-time recovery, a GB and month": 0.20,
    "CloudWatch Logs, a GB": 0.50,
    "X-Ray, a million traces": 5.00,
}
MEMORY_GB: Final = 1769 / 1024
"""RecordUsage's MemorySize, which is one vCPU."""
SECONDS: Final = 0.012
"""Of a callback in Lambda: 1 to 2 ms of CPU, and the rest is DynamoDB's answer to a transaction."""
SECONDS_OF_A_BATCH: Final = 0.25
"""Of a batch of 100 on one session, whose transactions follow each other."""
LAMBDAS_LINES: Final = 900
"""Bytes of `platform.start` and `platform.report` in JSON."""
TRACED: Final = 0.05
"""X-Ray's share of requests by default."""
READS: Final = 30 + 1 + 1
"""How often a record is read later: by its hour's rollups (each minute for half an hour on average, when usage goes on
all the time), by the closing of its day, by the archive."""
READ_UNIT_BYTES: Final = 2 * 4096
"""Bytes for one read unit, eventually consistent."""
COPIES: Final = 3
"""The record itself, and its copies in byDay and byRun."""


class Measured(NamedTuple):
    """What one request took: the write units of its records and meters, and the bytes that it logged."""

    events: int
    write_units: float
    logged: int
    record_bytes: int


def dollars(taken: Measured) -> dict[str, float]:
    """US dollars for a million events, by what they are paid for; storage is for each month that records are kept."""
    requests = 1 / taken.events
    seconds = SECONDS if taken.events == 1 else SECONDS_OF_A_BATCH * taken.events / BATCH
    stored = MILLION * taken.record_bytes / GIGABYTE
    read_units = READS * taken.record_bytes / READ_UNIT_BYTES
    logged = MILLION * requests * (taken.logged + LAMBDAS_LINES) / GIGABYTE
    return {
        "API Gateway": requests * PRICES["HTTP API, a million requests"],
        "Lambda": requests * PRICES["Lambda, a million requests"]
        + MILLION * requests * seconds * MEMORY_GB * PRICES["Lambda on arm64, a GB-second"],
        "DynamoDB, writing": taken.write_units / taken.events * PRICES["DynamoDB, a million write units"],
        "DynamoDB, rollups and archive": read_units * PRICES["DynamoDB, a million read units"],
        "CloudWatch Logs": logged * PRICES["CloudWatch Logs, a GB"],
        "X-Ray": requests * TRACED * PRICES["X-Ray, a million traces"],
        "DynamoDB, storage, a month": COPIES * stored * PRICES["DynamoDB, a GB and month"],
        "recovery of the last 35 days, a month": stored * PRICES["DynamoDB's point-in-time recovery, a GB and month"],
    }


def measure(_effort: float) -> Iterator[Line]:
    with emulated_cloud():
        make_session("ses_1", cents=1_000_000)  # far from its thresholds, as most sessions are most of the time
        ask("record_usage", f"POST {CALLBACK}", full_event())  # so that rates and budgets are remembered
        size = record_size(ask("record_usage", f"POST {CALLBACK}", full_event())["recordId"])
        single = _measured(f"POST {CALLBACK}", full_event(), 1, size)
        batch = _measured(f"POST {CALLBACK}/batch", {"events": [full_event() for _ in range(BATCH)]}, BATCH, size)
    for what, taken in (("one by one", single), (f"in batches of {BATCH}", batch)):
        yield f"A million callbacks with session and run, {what}: {taken.write_units:g} write units a request,"
        yield f"  {taken.logged:,} bytes logged, records of {taken.record_bytes:,} bytes"
        costs = dollars(taken)
        for paid_for, amount in costs.items():
            yield Figure(f"  {paid_for}", amount, "USD")
        yield Figure("  all", sum(costs.values()), "USD")


def _measured(route: str, body: object, events: int, record_bytes: int) -> Measured:
    out = io.StringIO()
    with counted("record_usage") as count, contextlib.redirect_stdout(out):
        answer = app_of("record_usage").handler(gateway_event(route, body), Context())
    assert answer["statusCode"] < 300, answer  # noqa: PLR2004  # successes are below
    return Measured(events, float(count.write_units.total()), len(out.getvalue().encode()), record_bytes)
