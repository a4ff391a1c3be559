"""What is sent in measurements: the callback of the API's own example, never twice with the same figures."""

import json
import random
from datetime import UTC, datetime
from itertools import count
from typing import Any

from metering.domain.money import to_pico
from metering.domain.rates import MetricRate, RateCard

CALLBACK = "/v1/callbacks/usage.computeCostAndRecord"
PROJECT = "prj_7k2m9x4qw1bz"
Json = dict[str, Any]

_numbers = count(1)
_chance = random.Random(4)


def sonnet() -> RateCard:
    """The rate card that prices the example."""
    prices = {"inputTokens": "3", "cachedInputTokens": "0.3", "cacheWriteTokens": "3.75", "outputTokens": "15"}
    return RateCard(
        "default",
        "provider:anthropic",
        "claude-sonnet-4-5",
        "2025-09-29",
        {metric: MetricRate(_pico(price), 1_000_000, "modelTokens") for metric, price in prices.items()},
    )


def _pico(price: str) -> int:
    from decimal import Decimal  # noqa: PLC0415  # only a card needs it

    return to_pico(Decimal(price))


def usage_event(**fields: Any) -> Json:  # noqa: ANN401  # JSON
    """A model call without run, session or user."""
    number = next(_numbers)
    return {
        "idempotencyKey": f"run_8fk/step_3/call_{number}",
        "service": "claude_code",
        "provider": "anthropic",
        "modelId": "claude-sonnet-4-5",
        "usage": usage(),
        **fields,
    }


def usage() -> Json:
    """Four metrics of a model call, in the sizes that coding agents have."""
    return {
        "inputTokens": _chance.randrange(1, 4_000),
        "cachedInputTokens": _chance.randrange(5_000, 120_000),
        "cacheWriteTokens": _chance.randrange(0, 8_000),
        "outputTokens": _chance.randrange(1, 2_000),
    }


def full_event(**fields: Any) -> Json:  # noqa: ANN401  # JSON
    """The API's example, as it happens: every attribution but a hold."""
    return usage_event(
        occurredAt=f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        toolId="claude",
        runId="run_8fk",
        sandboxId="sbx_1",
        sessionId="ses_1",
        userId="user_123",
        personaId="designer",
        stepType="designer",
        stepIndex=3,
        durationMs=48211,
        holdId=None,
        tags={"branch": "main"},
        **fields,
    )


def gateway_event(route: str, body: Any, path: dict[str, str] | None = None, *, role: str = "owner") -> Json:  # noqa: ANN401  # JSON
    """The event that API Gateway makes of a request, with what the authorizer found."""
    method, _, pattern = route.partition(" ")
    raw_path = pattern.format_map(path) if path else pattern
    context = {"projectId": PROJECT, "role": role, "keyId": "k2h5n8w1x4z7", "pricingMode": "managed", "shards": 1}
    text = json.dumps(body)
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": raw_path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "authorization": "Bearer mk_k2h5n8w1x4z7_6lJ3Zb0nY1Qe8Xv5Rk2Tm9Wc4Hs7Dg0Fp3Ua6Nj1Ib8",
            "content-length": str(len(text)),
            "content-type": "application/json",
            "host": "abcdefghij.execute-api.eu-west-1.amazonaws.com",
            "user-agent": "python-httpx/0.28.1",
            "x-amzn-trace-id": "Root=1-674301a0-2d5f8a0c1b3e4f6a7b8c9d0e",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "authorizer": {"lambda": context},
            "domainName": "abcdefghij.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abcdefghij",
            "http": {
                "method": method,
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "python-httpx/0.28.1",
            },
            "requestId": "B7pZ2gq4joEEMeA=",
            "routeKey": route,
            "stage": "$default",
            "time": "24/Nov/2026:10:00:01 +0000",
            "timeEpoch": 1795514401000,
        },
        "body": text,
        "isBase64Encoded": False,
    }
    return event | ({"pathParameters": path} if path else {})


class Context:
    """What handlers use of Lambda's context."""

    function_name = "RecordUsage"

    def get_remaining_time_in_millis(self) -> int:
        return 15_000
