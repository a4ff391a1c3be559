"""The gateway as an ASGI application."""

import logging
from typing import Any

from local.asgi import DisconnectedError, Receive, Scope, Send, TooLargeError, answer, read_body
from local.gateway import answers
from local.gateway.answers import Answer, MalformedAnswerError
from local.gateway.authorization import Authorization
from local.gateway.events import Event, Request, authorizer_event, common_event, function_event, read_request
from local.gateway.routes import RouteTable
from local.gateway.tokens import Tokens
from local.template.blueprint import Authorizer, Blueprint, Route, TokenAuthorizer
from local.workers.errors import ExitedError, InvocationError, ThrottledError, TimedOutError
from local.workers.pool import Workers

BODY_LIMIT = 256 * 1024  # bytes
# A body that is too large is read to its end up to here, so that its sender, who listens only then, hears the answer.
READ_AWAY_LIMIT = 8 * 1024 * 1024

_logger = logging.getLogger("local.gateway")


class Gateway:
    def __init__(self, blueprint: Blueprint, workers: Workers) -> None:
        self._routes = RouteTable(blueprint.routes)
        self._workers = workers
        self._authorization = Authorization(workers)
        self._tokens = Tokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = read_request(scope)
        try:
            reply = await self._answer(request, receive)
        except DisconnectedError:
            return
        await answer(send, reply.status, reply.headers, reply.body)
        _logger.info("%s %s %d", request.method, request.path, reply.status)

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        route, variables = self._routes.find(request.method, request.path)
        if route is None:
            return answers.not_found(request.method, request.path)
        try:
            body = await _read_body(request, receive)
            return await self._invoke(request, route, variables, body)
        except _RefusedError as refused:
            return refused.answer
        except ThrottledError:
            return answers.throttled()
        except (TimedOutError, ExitedError):
            return answers.unavailable()
        except (InvocationError, MalformedAnswerError):
            return answers.internal_error()

    async def _invoke(self, request: Request, route: Route, variables: dict[str, str], body: bytes) -> Answer:
        common = common_event(request, route, variables)
        context = await self._authorize(request, route.authorizer, common) if route.authorizer else None
        result = await self._workers.invoke(route.function, function_event(common, body, context))
        return answers.function_answer(result)

    async def _authorize(
        self, request: Request, authorizer: Authorizer | TokenAuthorizer, common: Event
    ) -> dict[str, Any]:
        identity = request.headers.get(authorizer.header)
        if not identity:
            raise _RefusedError(answers.unauthenticated())
        if isinstance(authorizer, TokenAuthorizer):
            claims = await self._tokens.claims(authorizer, identity)
            if claims is None:
                raise _RefusedError(answers.untrusted())
            return {"jwt": {"claims": claims, "scopes": None}}
        context = await self._authorization.ask(authorizer, identity, authorizer_event(common, identity))
        if context is None:
            raise _RefusedError(answers.forbidden())
        return {"lambda": context}


class _RefusedError(Exception):
    def __init__(self, reply: Answer) -> None:
        self.answer = reply


async def _read_body(request: Request, receive: Receive) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > READ_AWAY_LIMIT:
        raise _RefusedError(_closing(answers.too_large(BODY_LIMIT)))
    try:
        return await read_body(receive, BODY_LIMIT)
    except TooLargeError as error:
        ended = not error.more or await _read_away(receive)
        reply = answers.too_large(BODY_LIMIT)
        raise _RefusedError(reply if ended else _closing(reply)) from None


async def _read_away(receive: Receive) -> bool:
    """Read the rest of a body without keeping it. Answers whether its end was reached within the limit."""
    size, more = 0, True
    while more and size < READ_AWAY_LIMIT:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return not more


def _closing(reply: Answer) -> Answer:
    return Answer(reply.status, reply.body, [*reply.headers, (b"connection", b"close")])
