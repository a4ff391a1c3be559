"""Whatever becomes of the calls to AWS: every answered callback is recorded once, nothing is held that nobody holds,
no limit is passed by holds, and every event goes out.

Each seed is a world of its own, replayed by its number: FAULT_SEED=123. FAULT_SEEDS says how many there are.
"""

import os
import random
from collections import Counter
from typing import Any

import pytest

from tests.emulated_aws import PROJECT, EmulatedAws, Item
from tests.fault_injection.faulty_aws import FaultyAws
from tests.fault_injection.scenario import USERS, Scenario
from tests.meter_rules import Ledger, added_up
from tests.session_world import session_world

STEPS = 14


def seeds() -> list[int]:
    if "FAULT_SEED" in os.environ:
        return [int(os.environ["FAULT_SEED"])]
    return list(range(int(os.environ.get("FAULT_SEEDS", "200"))))


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: f"FAULT_SEED={seed}")
def test_whatever_fails_nothing_is_lost_doubled_or_leaked(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    random.seed(seed)  # what the functions leave to chance
    settings = {"BUDGET_CACHE_SECONDS": chance.choice(["0", "2"]), "PROJECT_BUDGET_SHARES": chance.choice(["1", "3"])}
    with session_world(monkeypatch, **settings) as world:
        ledger, faults = Ledger(world.aws), FaultyAws(world.aws, chance)
        scenario = Scenario(world, chance, faults)
        scenario.prepare()
        scenario.run(STEPS)
        print(*faults.log, sep="\n")  # noqa: T201  # pytest shows it where the test fails
        # All leases run out, and nobody does anything but the sweep.
        world.wait(days=2)
        world.sweep()
        ledger.check()
        assert_answered_callbacks_are_recorded_once(scenario)
        assert_meters_are_the_sums_of_their_records(scenario)
        assert_nothing_is_held(world.aws)
        assert_every_event_is_delivered(scenario)


def assert_answered_callbacks_are_recorded_once(scenario: Scenario) -> None:
    recorded = [record["key"]["S"] for record in scenario.world.aws.items("UsageRecords")]
    assert Counter(recorded) == Counter(scenario.answered)
    assert not scenario.answered & scenario.refused


def assert_meters_are_the_sums_of_their_records(scenario: Scenario) -> None:
    records = scenario.world.aws.items("UsageRecords")
    for session in USERS:
        assert_counts(scenario, "session", session, [one for one in records if one["session"]["S"] == session])
    if scenario.budgets_are_kept:
        assert_counts(scenario, "user", "ada", [one for one in records if user_of(one) == "ada"])
        assert_counts(scenario, "project", PROJECT, records)


def user_of(record: Item) -> str:
    return str(record["user"]["S"]) if "user" in record else USERS[record["session"]["S"]]


def assert_counts(scenario: Scenario, kind: str, scope_id: str, records: list[Item]) -> None:
    """A meter counts these records, if there is one."""
    meters = scenario.world.aws.items("Meters", "meter")
    shares = [item for item in meters if (item["kind"]["S"], item["id"]["S"]) == (kind, scope_id)]
    if shares:
        meter = added_up(shares)
        cost = sum(int(record["cost"]["N"]) for record in records)
        assert (meter["records"], meter["cost"]) == (len(records), cost), (kind, scope_id)


def assert_nothing_is_held(aws: EmulatedAws) -> None:
    shares: dict[str, list[Item]] = {}
    for item in aws.items("Meters", "meter"):
        shares.setdefault(f"{item['kind']['S']}:{item['id']['S']}", []).append(item)
    for name, items in shares.items():
        meter = added_up(items)
        assert {field: meter[field] for field in meter.fields if field.endswith("Held") and meter[field]} == {}, name
    leases = [*aws.items("Meters", "hold#"), *aws.items("Meters", "agent#")]
    assert [lease for lease in leases if lease["state"]["S"] == "open" or "due" in lease] == []


def assert_every_event_is_delivered(scenario: Scenario) -> None:
    """To each webhook that wants it, by one delivery, of which the queue has heard."""
    aws = scenario.world.aws
    assert aws.items("Meters", "event#") == []
    wanted = Counter(
        (webhook["entry"]["S"].partition("#")[2], entry.partition("#")[2])
        for entry, event in scenario.events.items()
        for webhook in aws.items("Accounts", "webhook#")
        if {"S": "*"} in webhook["events"]["L"] or event["type"] in webhook["events"]["L"]
    )
    deliveries: list[Any] = aws.items("Accounts", "delivery#")
    assert Counter((one["entry"]["S"].split("#")[1], one["event"]["S"]) for one in deliveries) == wanted
    queued = {(message["webhook_id"], message["delivery_id"]) for message in aws.messages}
    assert queued == {tuple(one["entry"]["S"].split("#")[1:]) for one in deliveries}
