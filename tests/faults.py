"""Faults under boto3: what AWS may answer, or not answer, to any call, put in by botocore's `before-send` hook."""

import json
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

Request = AWSPreparedRequest
Answer = Callable[[Request], AWSResponse | None]
"""What becomes of a request; None lets it pass."""


class _Raw:
    """The body of an answer as urllib3 has it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self._content


def respond(body: Any = None, status: int = 200) -> Answer:
    """An answer of AWS's."""
    content = json.dumps(body or {}).encode()
    return lambda request: AWSResponse(request.url, status, {}, _Raw(content))


def refuse(code: str, status: int = 400, **members: Any) -> Answer:
    """An error of AWS's, by its code."""
    return respond({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **members}, status)


def cancel(*reasons: str, items: dict[int, Any] | None = None) -> Answer:
    """A cancelled transaction with the code of a reason for each of its items, and what was found there."""
    found = [{"Code": reason} for reason in reasons]
    for position, item in (items or {}).items():
        found[position]["Item"] = item
    return refuse("TransactionCanceledException", CancellationReasons=found)


def let_pass(_: Request) -> None:
    return


def never_arrive(request: Request) -> AWSResponse:
    """The request does not reach AWS."""
    raise EndpointConnectionError(endpoint_url=request.url)


def answer_is_lost(request: Request) -> AWSResponse:
    """Nobody knows whether the request reached AWS."""
    raise ReadTimeoutError(endpoint_url=request.url)


def cut_off(request: Request) -> AWSResponse:
    """The connection closes before the answer."""
    raise ConnectionClosedError(endpoint_url=request.url)


class Script:
    """Answers requests one after another as the script says, then lets them pass; remembers all of them."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = iter(answers)
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, request: Request, **_: Any) -> AWSResponse | None:
        target = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        self.requests.append((target, json.loads(request.body)))
        return next(self._answers, let_pass)(request)


@contextmanager
def faults(client: Any, *answers: Answer) -> Any:
    """Under this, the client's requests meet these answers in turn, and then reach AWS; yields the script."""
    script = Script(answers)
    events = client.meta.events
    events.register_first("before-send.*.*", script)
    try:
        yield script
    finally:
        events.unregister("before-send.*.*", script)
