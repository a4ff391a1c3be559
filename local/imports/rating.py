"""Which events have no rate, found with few questions.

A batch's answer has no word of it, so the events are tallied by what decides it: service, provider, model, day and the
metrics used; and `GET /v1/rates/resolve` tells which card is in force. Cards are never withdrawn, so if one card holds
on two days it holds on every day between them, and halving the days finds each change with few questions, usually two a
model. (By the day: a card that begins within a day counts from the next one.)
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from local.client import Client, Json

RESOLVE: Final = "/v1/rates/resolve"

Metrics = frozenset[str]


class Subject(NamedTuple):
    """What decides the card of an event, but for its time."""

    service: str
    provider: str | None
    model_id: str | None


class UnratedTally:
    """Counts of events by what decides whether they have a rate."""

    def __init__(self) -> None:
        self._days: defaultdict[Subject, defaultdict[str, Counter[Metrics]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, payload: Mapping[str, Any], today: str) -> None:
        """Counts an event; one without a time happened `today`."""
        subject = Subject(payload["service"], payload.get("provider"), payload.get("modelId"))
        used = frozenset(metric for metric, quantity in payload["usage"].items() if _is_some(quantity))
        self._days[subject][payload.get("occurredAt", today)[:10]][used] += 1

    def count(self, client: Client) -> int:
        """How many events use a metric for which no card in force has a rate."""
        return sum(self._count_of(client, subject) for subject in self._days)

    def _count_of(self, client: Client, subject: Subject) -> int:
        tallies = self._days[subject]
        rated = _rated_metrics(client, subject, sorted(tallies))
        return sum(events for day, tally in tallies.items() for used, events in tally.items() if not used <= rated[day])


def _rated_metrics(client: Client, subject: Subject, days: Sequence[str]) -> dict[str, Metrics]:
    """By day, the metrics of the card in force."""
    cards: dict[str, Json] = {}

    def card_on(day: str) -> Json:
        if day not in cards:
            query = {"service": subject.service, "provider": subject.provider, "modelId": subject.model_id, "at": day}
            cards[day] = client.get(RESOLVE, query)["card"] or {"rateId": None, "metrics": {}}
        return cards[day]

    rated: dict[str, Metrics] = {}
    spans = [days]
    while spans:
        span = spans.pop()
        first = card_on(span[0])
        if first["rateId"] == card_on(span[-1])["rateId"]:
            rated.update(dict.fromkeys(span, frozenset(first["metrics"])))
        else:
            middle = len(span) // 2
            spans += [span[:middle], span[middle:]]
    return rated


def _is_some(quantity: Any) -> bool:  # noqa: ANN401 - a number or a decimal string
    try:
        return Decimal(quantity) != 0
    except InvalidOperation:
        return True  # the service has refused it
