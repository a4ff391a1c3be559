"""Health, the OpenAPI document, and the answer to routes that do not exist."""

from functools import cache
from typing import Any

from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.guard import guarded
from metering.http.openapi import openapi_document
from metering.http.unknown import refuse_unknown_route

DEFAULT_ROUTE = "$default"


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    if event["routeKey"] == DEFAULT_ROUTE:
        http = event["requestContext"]["http"]
        return guarded(event, lambda: refuse_unknown_route(http["method"], http["path"]))
    return serve(HANDLERS, event, context)


def show_health(_: Request) -> Response:
    return Response(200, {"status": "ok"})


def show_openapi(_: Request) -> Response:
    return Response(200, _document())


@cache
def _document() -> dict[str, Any]:
    return openapi_document()


HANDLERS: Handlers = {"GET /healthz": show_health, "GET /openapi.json": show_openapi}
