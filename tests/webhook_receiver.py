"""A receiver of webhooks on loopback that behaves as badly as it is told, and checks every signature."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

PATIENCE = 30
"""Seconds after which a test that awaits a request gives up."""


class Received(NamedTuple):
    """One request; `verified_by` are the positions of the known secrets whose signature it carries."""

    path: str
    headers: Mapping[str, str]
    body: str
    verified_by: list[int]


Behaviour = Callable[["_Handler"], None]


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    def behave(handler: "_Handler") -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def hang(handler: "_Handler") -> None:
    """Answers nothing for as long as the receiver lives."""
    handler.receiver.closing.wait()


def drip_body(handler: "_Handler") -> None:
    """Says 200 at once and then a byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.receiver.closing.wait(0.02):
        handler.wfile.write(b".")


def drip_headers(handler: "_Handler") -> None:
    """Never comes to the end of its first line."""
    handler.wfile.write(b"HTTP/1.1 200 ")
    while not handler.receiver.closing.wait(0.02):
        handler.wfile.write(b"O")


def chunk(size: str, *, for_ever: bool = False) -> Behaviour:
    """Answers with a chunk that says to be of a size in hexadecimal digits, and may have no end."""

    def behave(handler: "_Handler") -> None:
        handler.send_response(200)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(f"{size}\r\n".encode() + b"." * 8)
        while for_ever and not handler.receiver.closing.is_set():
            handler.wfile.write(b"." * 65_536)

    return behave


def flood_headers(handler: "_Handler") -> None:
    """Answers that there will be an answer, for ever."""
    while not handler.receiver.closing.is_set():
        handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def speak_no_http(handler: "_Handler") -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


def hang_up(handler: "_Handler") -> None:
    handler.close_connection = True


class _Handler(BaseHTTPRequestHandler):
    receiver: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.receiver.note(self.path, dict(self.headers), body)
        try:
            self.receiver.next_behaviour(self.path)(self)
        except OSError:  # the sender has had enough
            self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Nothing: tests read what was received."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


class Receiver:
    """Answers 204 unless told otherwise; a path's behaviours are taken one a request, the last for ever.

    One that is not `punctual` takes signatures of any time, for tests that move time.
    """

    def __init__(self, *, punctual: bool) -> None:
        self._verifies = _verifies if punctual else _signed_with
        self.closing = threading.Event()
        self.received: queue.Queue[Received] = queue.Queue()
        self._behaviours: dict[str, list[Behaviour]] = {}
        self._secrets: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        self.port: int = self.server.server_address[1]

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def behave(self, path: str, *behaviours: Behaviour) -> None:
        with self._lock:
            self._behaviours[path] = list(behaviours)

    def know(self, path: str, *secrets: str) -> None:
        """The secrets that requests to a path may be signed with."""
        with self._lock:
            self._secrets[path] = list(secrets)

    def take(self) -> Received:
        """The next request, when it comes."""
        return self.received.get(timeout=PATIENCE)

    def next_behaviour(self, path: str) -> Behaviour:
        with self._lock:
            left = self._behaviours.get(path) or [answer(204)]
            return left.pop(0) if len(left) > 1 else left[0]

    def note(self, path: str, headers: Mapping[str, str], body: str) -> None:
        verified = [n for n, secret in enumerate(self._secrets.get(path, [])) if self._verifies(secret, headers, body)]
        self.received.put(Received(path, {name.lower(): value for name, value in headers.items()}, body, verified))


def _verifies(secret: str, headers: Mapping[str, str], body: str) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except WebhookVerificationError:
        return False
    return True


def _signed_with(secret: str, headers: Mapping[str, str], body: str) -> bool:
    """Whether the standard's own package would sign so, at the time that the request names."""
    named = {name.lower(): value for name, value in headers.items()}
    moment = datetime.fromtimestamp(int(named["webhook-timestamp"]), UTC)
    return Webhook(secret).sign(named["webhook-id"], moment, body) in named["webhook-signature"].split(" ")


@contextmanager
def receiving(*, punctual: bool = True) -> Iterator[Receiver]:
    """A receiver that runs while the context lasts."""
    receiver = Receiver(punctual=punctual)
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
