"""Sending events in batches, and what came of them.

Every event has an idempotency key of its own, so a batch is safe to send again: after a lost answer, after a restart,
the whole import from its beginning.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from local.client import Client, Json, UnreachableError
from local.imports.events import Batch, Event, Fault, in_batches
from local.imports.rating import UnratedTally
from metering.domain.money import plain, to_pico

BATCH: Final = "/v1/callbacks/usage.computeCostAndRecord/batch"
MAY_PASS: Final = frozenset({"throttled", "unavailable"})
MOST_ATTEMPTS: Final = 6
"""How often an event is sent that the service says it could not record just now."""

MOST_DETAILS: Final = 10

OnConflict = Literal["differs", "error", "stop"]
"""What it means that a key stands for other usage: the same usage told otherwise, one bad event, or a wrong input."""


class StoppedError(Exception):
    """The import cannot go on, and would do harm if it did."""


def in_usd(cost: Decimal) -> str:
    """As the API writes it: plain, without trailing zeros."""
    return plain(to_pico(cost))


class ModelFigures(NamedTuple):
    """What one model, or a service where events name no model, comes to."""

    events: int = 0
    cost: Decimal = Decimal(0)


@dataclass
class Summary:
    """What came of an import. `malformed` counts places of the input that are no event; the rest counts events."""

    recorded: int = 0
    duplicates: int = 0
    differing: int = 0
    unrated: int | None = None
    """Known at the end."""
    errors: int = 0
    malformed: int = 0
    notices: Counter[str] = field(default_factory=Counter)
    """What the input has to say of how many events."""
    models: defaultdict[tuple[str, str | None], ModelFigures] = field(default_factory=lambda: defaultdict(ModelFigures))
    details: list[str] = field(default_factory=list)
    """The first of the errors and malformed places, in words."""

    @property
    def cost(self) -> Decimal:
        return sum((figures.cost for figures in self.models.values()), Decimal(0))

    @property
    def events(self) -> int:
        """Events that stand in the records, by this import or an earlier one."""
        return self.recorded + self.duplicates

    def to_json(self) -> Json:
        models = [
            {"service": service, "modelId": model, "events": events, "costUsd": in_usd(cost)}
            for (service, model), (events, cost) in sorted(self.models.items(), key=str)
        ]
        return {
            "recorded": self.recorded,
            "duplicates": self.duplicates,
            "differing": self.differing,
            "unrated": self.unrated,
            "errors": self.errors,
            "malformed": self.malformed,
            "notices": +self.notices,
            "costUsd": in_usd(self.cost),
            "models": models,
            "details": self.details,
        }

    def tell(self, origin: str, reason: str) -> None:
        if len(self.details) < MOST_DETAILS:
            self.details.append(f"{origin}: {reason}")


class Importer:
    """One import: `send` until the input ends, then `finish`; `summary` is right at any time but for `unrated`."""

    def __init__(self, client: Client, on_conflict: OnConflict) -> None:
        self.summary = Summary()
        self._client = client
        self._on_conflict = on_conflict
        self._conflicts: list[str] = []
        self._tally = UnratedTally()
        self._today = datetime.now(UTC).date().isoformat()

    def send(self, items: Iterable[Event | Fault]) -> Iterator[Summary]:
        """Sends the events, yielding the summary so far after every batch.

        Raises:
            StoppedError: a key stands for other usage, where that is a reason to stop.
            ClientError: the service cannot be reached or refuses the batch as a whole.
        """
        for batch in in_batches(items):
            self._count_faults(batch.faults)
            self._send_batch(batch)
            yield self.summary

    def finish(self) -> Summary:
        """Asks which events have no rate."""
        self.summary.unrated = self._tally.count(self._client)
        return self.summary

    def _count_faults(self, faults: Sequence[Fault]) -> None:
        self.summary.malformed += len(faults)
        for fault in faults:
            self.summary.tell(*fault)

    def _send_batch(self, batch: Batch) -> None:
        waiting = list(zip(batch.events, batch.bodies, strict=True))
        for attempt in range(MOST_ATTEMPTS):
            if not waiting:
                break
            self._client.pause_before(attempt)
            waiting = self._send_once(waiting)
        if waiting:
            raise UnreachableError(f"the service could not record {len(waiting)} events in {MOST_ATTEMPTS} attempts")
        if self._conflicts:
            # Only now, so that the summary tells all that this batch did.
            raise StoppedError(f"{len(self._conflicts)} keys stand for other usage; the first: {self._conflicts[0]}")

    def _send_once(self, waiting: Sequence[tuple[Event, bytes]]) -> list[tuple[Event, bytes]]:
        """Sends events, counts the outcomes that are final, and returns the events whose are not."""
        answer = self._client.post(BATCH, b'{"events":[' + b",".join(body for _, body in waiting) + b"]}")
        again = []
        for result in answer["results"]:
            if result["status"] == "error" and result["error"]["code"] in MAY_PASS:
                again.append(waiting[result["index"]])
            else:
                self._count(waiting[result["index"]][0], result)
        return again

    def _count(self, event: Event, result: Json) -> None:
        if result["status"] == "error":
            self._count_error(event, result["error"])
            return
        duplicate = result["status"] == "duplicate"
        self.summary.duplicates += duplicate
        self.summary.recorded += not duplicate
        self._count_cost(event, result)

    def _count_cost(self, event: Event, result: Json) -> None:
        model = event.payload["service"], event.payload.get("modelId")
        events, cost = self.summary.models[model]
        self.summary.models[model] = ModelFigures(events + 1, cost + Decimal(result["costUsd"]))
        self._tally.add(event.payload, self._today)

    def _count_error(self, event: Event, problem: Json) -> None:
        conflict = problem["code"] == "idempotency_conflict"
        if conflict and self._on_conflict == "differs":
            self.summary.differing += 1
            return
        if conflict and self._on_conflict == "stop":
            self._conflicts.append(f"{event.origin}, {event.payload['idempotencyKey']}")
        self.summary.errors += 1
        self.summary.tell(event.origin, f"{problem['code']}: {problem['detail']}")
