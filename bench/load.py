"""Holds and callbacks a second on one session and on many, with more and more clients, and whether all adds up after.

Each run has a project of its own. When its clients are done, every session's meter is compared with what its clients
were granted or told, and with its records: a difference in any of them is a mismatch.
"""

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from bench.figures import Figure, Line, median, percentile
from bench.samples import CALLBACK, Json, usage_event
from bench.served import Bounds, Connection, Race, Request, Served, race, served_cloud

CLIENTS = (1, 10, 50, 200)
SESSIONS = (1, 64)
REQUESTS, SECONDS = 1_500, 8
HOLD = "0.0125"
PAGE = 1_000


def measure(effort: float) -> Iterator[Line]:
    yield "Cycles publishes 999 reserves a second with 50 clients, p99 114 ms, 0 mismatches, on 64 cores."
    yield f"Here {os.cpu_count()} cores hold the clients, the gateway, the functions and the emulated DynamoDB:"
    bounds = Bounds(int(REQUESTS * effort), SECONDS)
    with served_cloud() as served:
        for sessions in SESSIONS:
            for clients in CLIENTS:
                yield from _run(served, "hold", sessions, clients, bounds)
            for clients in CLIENTS:
                yield from _run(served, "callback", sessions, clients, bounds)


def _run(served: Served, kind: str, sessions: int, clients: int, bounds: Bounds) -> Iterator[Line]:
    key = served.new_project()
    with served.connect(key) as connection:
        names = [_make_session(connection, number) for number in range(sessions)]

        def hold(number: int) -> Request:
            body = {"holdId": str(number), "estimate": {"costUsd": HOLD}}
            return f"/v1/sessions/{names[number % sessions]}/holds", body

        def callback(number: int) -> Request:
            return CALLBACK, usage_event(sessionId=names[number % sessions])

        ran = race(served, key, clients, bounds, hold if kind == "hold" else callback)
        wrong = _compare_holds(connection, names, ran) if kind == "hold" else _compare_records(connection, names, ran)
    where = f"{sessions} session{'s' * (sessions > 1)}, {clients} client{'s' * (clients > 1)}"
    yield Figure(f"{kind}s a second, {where}", ran.rate, f"{kind}s/s")
    yield Figure("  p50", median(ran.milliseconds), "ms")
    yield Figure("  p99", percentile(ran.milliseconds, 99), "ms")
    yield Figure("  told to come again", ran.refused, "requests")
    yield Figure("  mismatches", wrong, "sessions", most=0)


def _make_session(connection: Connection, number: int) -> str:
    limits = {"maxCost": {"amount": 10_000_000, "currency": "usd", "period": "day"}, "maxModelCalls": 1_000_000}
    body = {"sessionId": f"ses_{number}", "userId": f"user_{number}", "limits": limits}
    return str(connection.post("/v1/sessions", body)["sessionId"])


def _compare_holds(connection: Connection, names: list[str], ran: Race) -> int:
    """Sessions whose held money is not that of the holds granted in them."""
    granted = Counter(names[int(answer["holdId"]) % len(names)] for answer in ran.answers)
    wrong = 0
    for name in names:
        held = connection.get(f"/v1/sessions/{name}/limits")["maxCost"]["heldUsd"]
        wrong += Decimal(held) != Decimal(HOLD) * granted[name]
    return wrong


def _compare_records(connection: Connection, names: list[str], ran: Race) -> int:
    """Sessions whose meter differs from their records, or whose records differ from what clients were answered."""
    answered = Counter(answer["session"]["sessionId"] for answer in ran.answers)
    records: dict[str, list[Decimal]] = {name: [] for name in names}
    for record in _records(connection):
        records[record["sessionId"]].append(Decimal(record["costUsd"]))
    wrong = 0
    for name, costs in records.items():
        usage = connection.get(f"/v1/sessions/{name}/usage")
        metered = (usage["records"], Decimal(usage["costUsd"]))
        wrong += metered != (len(costs), sum(costs)) or len(costs) != answered[name]
    return wrong


def _records(connection: Connection) -> Iterator[Json]:
    """Every record of the project."""
    cursor = ""
    while True:
        page = connection.get(f"/v1/usage/records?limit={PAGE}{cursor}")
        yield from page["items"]
        if page["nextCursor"] is None:
            return
        cursor = f"&cursor={page['nextCursor']}"
