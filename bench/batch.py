"""Events a second in batches of 500 against single callbacks, on the local cloud."""

from collections.abc import Iterator

from bench.figures import Figure, Line
from bench.samples import CALLBACK, usage_event
from bench.served import Bounds, Request, race, served_cloud

CLIENTS = 8
SINGLES, BATCHES, SECONDS = 4_000, 40, 20
BATCH_SIZE = 500


def measure(effort: float) -> Iterator[Line]:
    with served_cloud() as served:
        key = served.new_project()
        race(served, key, CLIENTS, Bounds(200, SECONDS), _single)  # until every environment has started
        singles = race(served, key, CLIENTS, Bounds(int(SINGLES * effort), SECONDS), _single)
        batches = race(served, key, CLIENTS, Bounds(max(int(BATCHES * effort), CLIENTS), SECONDS), _batch)
    recorded = sum(answer["recorded"] for answer in batches.answers)
    assert recorded == len(batches.answers) * BATCH_SIZE
    in_batches = recorded / batches.seconds
    yield Figure("events a second in batches of 500 ÷ one by one", in_batches / singles.rate, "×", least=5)
    yield Figure(f"  one by one, {CLIENTS} clients", singles.rate, "events/s")
    yield Figure(f"  in batches, {CLIENTS} clients", in_batches, "events/s")


def _single(number: int) -> Request:
    return CALLBACK, usage_event(runId=f"run_{number // 50}")


def _batch(number: int) -> Request:
    return f"{CALLBACK}/batch", {"events": [usage_event(runId=f"run_{number}") for _ in range(BATCH_SIZE)]}
