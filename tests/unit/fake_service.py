"""The service as importers see it, in memory."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from local.client import Client
from local.imports.rating import RESOLVE
from local.imports.sending import BATCH

Respond = Callable[[httpx.Request], httpx.Response]


class Service:
    """Records events as the service does, prices each input token at a dollar, and can be told to fail."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.asleep = 0.0
        self.failures: list[Respond | Exception] = []
        self.refused: dict[str, list[str]] = {}
        """By key, codes with which the event is refused, one after the other."""
        self.cards: dict[str, tuple[str, list[str]]] = {"2020-01-01": ("card", ["inputTokens"])}
        """By date, id and metrics of the card from then on."""

    def client(self) -> Client:
        return Client(
            "http://service",
            "mk_key",
            transport=httpx.MockTransport(self.answer),
            sleep=self.sleep,
            clock=lambda: self.asleep,
        )

    def sleep(self, seconds: float) -> None:
        self.asleep += seconds

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return failure(request)
        if request.url.path == RESOLVE:
            return httpx.Response(200, json={"card": self._card(request.url.params["at"])})
        assert request.url.path == BATCH
        events = json.loads(request.content)["events"]
        return httpx.Response(200, json={"results": [self.record(*item) for item in enumerate(events)]})

    def _card(self, at: str) -> dict[str, Any] | None:
        dates = [date for date in self.cards if date <= at]
        if not dates:
            return None
        rate_id, metrics = self.cards[max(dates)]
        return {"rateId": rate_id, "metrics": {metric: {} for metric in metrics}}

    def record(self, index: int, event: dict[str, Any]) -> dict[str, Any]:
        key = event["idempotencyKey"]
        if codes := self.refused.get(key):
            return {"index": index, "status": "error", "error": {"code": codes.pop(0), "detail": "so it is"}}
        status = "duplicate" if key in self.records else "recorded"
        if self.records.setdefault(key, event) != event:
            error = {"code": "idempotency_conflict", "detail": "other usage"}
            return {"index": index, "status": "error", "error": error}
        return {"index": index, "status": status, "costUsd": str(event["usage"].get("inputTokens", 0))}
