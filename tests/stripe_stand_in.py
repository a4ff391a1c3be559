"""Stripe as far as exports are sent to it: invoice items, meters and their events, and what it remembers of requests.

It answers as Stripe documents: a key's first answer is given again, errors of the server's included; a key with another
body is refused; keys and identifiers may be forgotten.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_test_stand_in"
Fault = Literal["429", "500", "500 kept", "lost before", "lost after", "500 after"]
"""`429` and `500` have no effect; `500 kept` is remembered under the key, `500 after` as well, though it had an effect;
`lost` requests get no answer, before or after they took effect.
"""
Json = dict[str, Any]


class _Answer(NamedTuple):
    status: int
    body: Json
    headers: tuple[tuple[str, str], ...] = ()


class _Kept(NamedTuple):
    parameters: Json
    answer: _Answer


class StandIn:
    """An account. `faults` happen to the next requests that write, one each."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.items: list[Json] = []
        self.events: list[Json] = []
        self.meters = {"inputTokens": "sum", "outputTokens": "sum"}
        """Active meters by the name of their events, and how they aggregate."""
        self.customers_gone: set[str] = set()
        self.now = 1_795_600_000
        self.faults: list[Fault | None] = []
        self.asked: list[str] = []
        self.counts_at_once = True
        self.wrote = threading.Condition()
        """Notified after each request that wrote something."""
        self._kept: dict[str, _Kept] = {}
        self._identifiers: set[str] = set()
        self._lock = threading.Lock()

    def forget(self) -> None:
        """A day or more goes by."""
        self._kept.clear()
        self._identifiers.clear()

    def billed(self) -> int:
        """Cents."""
        return sum(item["amount"] for item in self.items)

    def counted(self, name: str) -> Decimal:
        return sum(
            (Decimal(event["payload"]["value"]) for event in self.events if event["event_name"] == name), Decimal(0)
        )

    def await_writes(self, count: int) -> None:
        with self.wrote:
            assert self.wrote.wait_for(lambda: len(self.items) + len(self.events) >= count, timeout=30)

    # ------------------------------------------------------------------------ requests

    def answer(self, method: str, path: str, parameters: Json, key: str | None) -> _Answer | None:
        """None: the connection is lost."""
        with self._lock:
            self.asked.append(f"{method} {path}")
            return self._read(path, parameters) if method == "GET" else self._write(path, parameters, key or "")

    def _read(self, path: str, parameters: Json) -> _Answer:
        if path == "/v1/invoiceitems":
            since = int(parameters["created"]["gte"])
            found = [item for item in reversed(self.items) if item["customer"] == parameters["customer"]]
            return self._page([item for item in found if item["date"] >= since], parameters)
        if path == "/v1/billing/meters":
            return self._page([_meter(name, formula) for name, formula in self.meters.items()], parameters)
        return self._page(self._summaries(path.split("/")[4].removeprefix("mtr_"), parameters), parameters)

    def _page(self, found: list[Json], parameters: Json) -> _Answer:
        after, limit = parameters.get("starting_after"), int(parameters["limit"])
        start = 1 + [one["id"] for one in found].index(after) if after else 0
        body = {"object": "list", "data": found[start : start + limit], "has_more": len(found) > start + limit}
        return _Answer(200, body)

    def _summaries(self, name: str, parameters: Json) -> list[Json]:
        start, end = int(parameters["start_time"]), int(parameters["end_time"])
        assert start % 86_400 == end % 86_400 == 0
        days: dict[int, Decimal] = {}
        for event in self.events if self.counts_at_once else []:
            at, payload = int(event["timestamp"]), event["payload"]
            if (
                event["event_name"] == name
                and start <= at < end
                and payload["stripe_customer_id"] == parameters["customer"]
            ):
                day = at - at % 86_400
                days[day] = days.get(day, Decimal(0)) + Decimal(payload["value"])
        return [
            {
                "id": f"mtrusg_{day}",
                "object": "billing.meter_event_summary",
                "start_time": day,
                "aggregated_value": float(total),
            }
            for day, total in days.items()
        ]

    def _write(self, path: str, parameters: Json, key: str) -> _Answer | None:
        fault = self.faults.pop(0) if self.faults else None
        if fault == "lost before":
            return None
        if fault in {"429", "500"}:
            return _error(int(fault), "rate_limit_error" if fault == "429" else "api_error", "not now")
        kept = self._kept.get(key)
        if kept is not None:
            if kept.parameters != parameters:
                return _error(
                    400,
                    "idempotency_error",
                    f"Keys for idempotent requests can only be used with the same parameters ({key})",
                )
            return kept.answer._replace(headers=(("Idempotent-Replayed", "true"),))
        failed = _error(500, "api_error", "an error of ours", headers=(("Stripe-Should-Retry", "false"),))
        answer = failed if fault == "500 kept" else self._do(path, parameters)
        if fault == "500 after":
            answer = failed
        if answer.status != 400:
            self._kept[key] = _Kept(parameters, answer)
        return None if fault == "lost after" else answer

    def _do(self, path: str, parameters: Json) -> _Answer:
        answer = self._add_item(parameters) if path == "/v1/invoiceitems" else self._add_event(parameters)
        with self.wrote:
            self.wrote.notify_all()
        return answer

    def _add_item(self, parameters: Json) -> _Answer:
        if parameters["customer"] in self.customers_gone:
            return _error(
                400, "invalid_request_error", f"No such customer: '{parameters['customer']}'", code="resource_missing"
            )
        item = {
            "id": f"ii_{len(self.items)}",
            "object": "invoiceitem",
            **parameters,
            "amount": int(parameters["amount"]),
            "period": {name: int(value) for name, value in parameters["period"].items()},
            "date": self.now,
        }
        self.items.append(item)
        return _Answer(200, item)

    def _add_event(self, parameters: Json) -> _Answer:
        identifier = parameters["identifier"]
        if identifier in self._identifiers:
            return _error(400, "invalid_request_error", f"An event already exists with identifier {identifier}.")
        self._identifiers.add(identifier)
        self.events.append(parameters)
        return _Answer(200, {"object": "billing.meter_event", **parameters})


def _meter(name: str, formula: str) -> Json:
    return {
        "id": f"mtr_{name}",
        "object": "billing.meter",
        "event_name": name,
        "default_aggregation": {"formula": formula},
    }


def _error(
    status: int, kind: str, message: str, *, code: str | None = None, headers: tuple[tuple[str, str], ...] = ()
) -> _Answer:
    return _Answer(status, {"error": {"type": kind, "message": message, "code": code}}, headers)


def _nested(pairs: list[tuple[str, str]]) -> Json:
    """`metadata[model]=x` as Stripe reads it."""
    found: Json = {}
    for name, value in pairs:
        *outer, last = name.replace("]", "").split("[")
        place = found
        for part in outer:
            place = place.setdefault(part, {})
        place[last] = value
    return found


class _Server(ThreadingHTTPServer):
    stand_in: StandIn


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer("GET", _nested(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        self._answer("POST", _nested(parse_qsl(text, keep_blank_values=True)))

    def _answer(self, method: str, parameters: Json) -> None:
        path = urlsplit(self.path).path
        if self.headers["authorization"] != f"Bearer {KEY}":
            answer: _Answer | None = _error(401, "invalid_request_error", "Invalid API Key provided")
        else:
            answer = self.server.stand_in.answer(method, path, parameters, self.headers["idempotency-key"])
        if answer is None:
            self.close_connection = True
            return
        body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in (("content-length", str(len(body))), *answer.headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def stripe_stand_in() -> Iterator[StandIn]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.stand_in = StandIn(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
