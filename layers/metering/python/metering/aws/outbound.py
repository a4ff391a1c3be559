"""POST to an endpoint that a customer named: to public addresses alone, within one time limit for everything.

The standard library's HTTP client on a socket of our own, since it must be connected to exactly the address that was
checked, while the certificate and the Host header are those of the name. No redirects, no proxies, no pooled
connections. Every fault of the receiver's is a result, not an exception.
"""

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import ip_address
from typing import Any, Final, NamedTuple

from metering.aws.transaction import Deadline
from metering.domain.addresses import Address, Target, refusal_of
from metering.domain.deliveries import MOST_ANSWER_BYTES

Resolve = Callable[[str, int], list[str]]
_USER_AGENT: Final = "Meterstone-Webhooks/1"
_MOST_RECEIVED: Final = 256 * 1024
"""Bytes of an answer with its headers that are taken at all: a chunk of the size -1 has no end for the HTTP client."""


class Result(NamedTuple):
    """What came back, or the error why nothing did."""

    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: bytes = b""
    """At most 2 KiB of the body."""
    retry_after: str | None = None


class RefusedAddressError(OSError):
    """The name resolves to an address that nothing is sent to."""


class Sender(NamedTuple):
    """How requests leave: the limit of each in seconds, and what tests and the local cloud change."""

    seconds: float = 15
    allow_loopback: bool = False
    resolve: Resolve | None = None
    trust: ssl.SSLContext | None = None


def post(sender: Sender, target: Target, headers: Mapping[str, str], body: str) -> Result:
    """Sends one request and reads the beginning of its answer, all within `sender.seconds`."""
    begun = time.monotonic()
    deadline = Deadline.within(sender.seconds)
    try:
        status, answer, retry_after = _exchange(sender, target, headers, body.encode(), deadline)
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a chunk of a negative size
        return Result(_since(begun), error=_describe(error))
    return Result(_since(begun), status, answer=answer, retry_after=retry_after)


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _describe(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return str(error.strerror or error) if isinstance(error, OSError) else "the answer is not HTTP"


def _exchange(
    sender: Sender, target: Target, headers: Mapping[str, str], body: bytes, deadline: Deadline
) -> tuple[int, bytes, str | None]:
    connection = http.client.HTTPConnection(target.host, target.port)
    try:
        connection.sock = _open(sender, target, deadline)
        connection.request("POST", target.path, body, {**headers, **_FIXED_HEADERS})
        response = connection.getresponse()
        return response.status, response.read(MOST_ANSWER_BYTES), response.getheader("retry-after")
    finally:
        connection.close()


_FIXED_HEADERS: Final = {"content-type": "application/json", "user-agent": _USER_AGENT, "connection": "close"}


class _LimitedSocket(socket.socket):
    """A socket whose every operation has what is left of one limit, so that a trickle of bytes cannot stretch it; nor
    can a flood of them fill the memory.
    """

    deadline: Deadline
    received = 0

    def recv_into(self, buffer: Any, nbytes: int | None = 0, flags: int = 0) -> int:  # noqa: ANN401  # a buffer
        self.settimeout(_left(self.deadline))
        size = super().recv_into(buffer, nbytes or 0, flags)
        self.received += size
        if self.received > _MOST_RECEIVED:
            raise OSError("the answer is too large")
        return size

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ANN401  # a buffer
        self.settimeout(_left(self.deadline))
        return super().send(data, flags)


class _LimitedTlsSocket(_LimitedSocket, ssl.SSLSocket):
    """The same, encrypted."""


def _left(deadline: Deadline) -> float:
    remaining = deadline.remaining()
    if remaining <= 0:
        raise TimeoutError
    return remaining


def _open(sender: Sender, target: Target, deadline: Deadline) -> socket.socket:
    addresses = _addresses(sender, target, deadline)
    plain = _connect(addresses, target.port, deadline)
    if target.scheme == "http":
        return plain
    with plain:  # wrapping takes the descriptor over; a handshake that fails leaves it to be closed here
        plain.settimeout(_left(deadline))
        secure = (sender.trust or _system_trust()).wrap_socket(plain, server_hostname=target.host)
    secure.deadline = deadline  # type: ignore[attr-defined]  # the context makes _LimitedTlsSocket
    return secure


def limited(context: ssl.SSLContext) -> ssl.SSLContext:
    """A context whose connections obey the limit."""
    context.sslsocket_class = _LimitedTlsSocket
    context.set_alpn_protocols(["http/1.1"])
    return context


@cache
def _system_trust() -> ssl.SSLContext:
    return limited(ssl.create_default_context())


def _addresses(sender: Sender, target: Target, deadline: Deadline) -> list[Address]:
    """Every address of the target, all of them public."""
    found = _within(deadline, lambda: (sender.resolve or _resolve)(target.host, target.port))
    addresses = [ip_address(text) for text in found]
    for address in addresses:
        reason = refusal_of(address, allow_loopback=sender.allow_loopback)
        if reason:
            raise RefusedAddressError(reason)
    return addresses


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _within(deadline: Deadline, ask: Callable[[], list[str]]) -> list[str]:
    """`ask()` in a thread that is left alone when time is up: a resolver takes no time limit."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def put_answer() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(OSError(f"the host name does not resolve: {error}"))

    threading.Thread(target=put_answer, daemon=True).start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _connect(addresses: list[Address], port: int, deadline: Deadline) -> socket.socket:
    """A connection to the first of the addresses that answers; each has its share of the time left."""
    failure: OSError = OSError("the host name has no address")
    for position, address in enumerate(addresses):
        try:
            return _connect_to(address, port, deadline, share=len(addresses) - position)
        except OSError as error:
            failure = error
    raise failure


def _connect_to(address: Address, port: int, deadline: Deadline, share: int) -> socket.socket:
    family: Any = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004  # IPv4
    connection = _LimitedSocket(family, socket.SOCK_STREAM)
    connection.deadline = deadline
    try:
        connection.settimeout(_left(deadline) / share)
        connection.connect((str(address), port))
    except OSError:
        connection.close()
        raise
    return connection
