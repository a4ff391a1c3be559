"""Faults under boto3: what AWS may answer, or not answer, to any call, put in by botocore's `before-send` hook."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

Request = AWSPreparedRequest
Answer = Callable[[Request], AWSResponse | None]
"""What becomes of a request; None: it is sent into the world."""

_EVENT = "before-send"


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
    found: list[dict[str, Any]] = [{"Code": reason} for reason in reasons]
    for position, item in (items or {}).items():
        found[position]["Item"] = item
    return refuse("TransactionCanceledException", CancellationReasons=found)


def let_pass(request: Request) -> AWSResponse | None:
    """The request reaches moto, if it plays the world."""
    return botocore_stubber(_EVENT, request)


def after(fault: Answer) -> Answer:
    """The request takes effect, and then its answer is this one."""

    def take_effect(request: Request) -> AWSResponse | None:
        let_pass(request)
        return fault(request)

    return take_effect


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
    """Answers requests one after another as it says, then lets them pass; remembers all of them."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = iter(answers)
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, request: Request, **_: Any) -> AWSResponse | None:
        target = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        self.requests.append((target, json.loads(request.body)))
        return next(self._answers, let_pass)(request)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.requests]


@contextmanager
def faults(client: Any, *answers: Answer) -> Iterator[Script]:
    """Under this, the client's requests meet these answers in turn, and then pass; yields the script."""
    script = Script(answers)
    # botocore calls every handler of the event, so moto would act whatever the script answers.
    client.meta.events.unregister(_EVENT, botocore_stubber)
    client.meta.events.register(_EVENT, script)
    try:
        yield script
    finally:
        client.meta.events.unregister(_EVENT, script)
        client.meta.events.register(_EVENT, botocore_stubber)
