"""A service that answers what a test says, and keeps what it was asked."""

import json
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import httpx

from metering_client import AsyncClient, Client, models
from metering_client._wire import camel

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]
_PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    bool: True,
    Decimal: "0.5",
    datetime: "2026-11-24T10:00:00Z",
    date: "2026-11-24",
    Any: {},
}


def example(kind: Any, **fields: Any) -> Any:
    """JSON that a model can be read of, with these fields; whatever may be null is."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return {camel(name): example(hint) for name, hint in hints.items()} | fields
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return parts[0]
    if origin in {list, dict}:
        return origin()
    return None if NoneType in parts else _PLAIN[kind]


RECORDED = example(models.RecordedAnswer, recordId="rec_1", costUsd="0.0177")
SESSION = example(models.SessionAnswer, sessionId="ses_1")
COST = example(models.CostStanding, limitUsd="5", usedUsd="0", heldUsd="0.25", remainingUsd="4.75")
STANDING = example(
    models.StandingAnswer, maxCost=COST, maxComputeMinutes={"limit": 60, "used": 1.5, "held": 0, "remaining": 58.5}
)
HELD = example(models.HoldAnswer, holdId="hold_1", remaining=STANDING)


def answer(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers) if body is not None else httpx.Response(status)


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    body = {"type": f"urn:metering:error:{code}", "title": "T", "status": status, "detail": "D", "code": code, **more}
    headers = {"content-type": "application/problem+json"}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


class Scripted:
    """Answers in order; the last answer is given again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        if not isinstance(found, httpx.Response):
            return found(request)
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]

    def client(self, **options: Any) -> Client:
        http = httpx.Client(transport=httpx.MockTransport(self))
        client = Client("http://metering.test/", "mk_test", http=http, **options)
        client.sleep = self.pauses.append
        return client

    def async_client(self, **options: Any) -> AsyncClient:
        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        client = AsyncClient("http://metering.test", "mk_test", http=http, **options)
        client.sleep = pause
        return client
