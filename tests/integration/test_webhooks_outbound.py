"""What leaves for a customer's server, against a receiver that behaves badly in every way it can."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from metering.aws.outbound import Result, Sender, limited, post
from metering.domain.addresses import parse_target
from tests.webhook_receiver import (
    PATIENCE,
    Behaviour,
    Receiver,
    answer,
    chunk,
    drip_body,
    drip_headers,
    flood_headers,
    hang,
    hang_up,
    receiving,
    speak_no_http,
)

LOOPBACK = Sender(allow_loopback=True, seconds=PATIENCE)
IMPATIENT = LOOPBACK._replace(seconds=0.3)
NAME = "hooks.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def send(url: str, sender: Sender = LOOPBACK, body: str = '{"a":"ë"}') -> Result:
    return post(sender, parse_target(url, allow_loopback=True), {"webhook-id": "evt_1"}, body)


def test_the_body_arrives_as_it_is_with_the_headers_of_json(receiver: Receiver) -> None:
    result = send(receiver.url("/in?tenant=1"))
    assert (result.status, result.error, result.answer) == (204, None, b"")
    request = receiver.take()
    assert (request.path, request.body) == ("/in?tenant=1", '{"a":"ë"}')
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == "10"
    assert request.headers["webhook-id"] == "evt_1"
    assert request.headers["user-agent"] == "Meterstone-Webhooks/1"


def test_the_first_2_kib_of_the_answer_come_back(receiver: Receiver) -> None:
    receiver.behave("/hook", answer(500, b"x" * 2048), answer(500, b"y" * 100_000))
    assert send(receiver.url()).answer == b"x" * 2048
    assert send(receiver.url()).answer == b"y" * 2048


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.behave("/hook", answer(302, headers={"location": receiver.url("/elsewhere")}))
    assert send(receiver.url()).status == 302
    assert receiver.take().path == "/hook"
    assert receiver.received.empty()


def test_retry_after_comes_back(receiver: Receiver) -> None:
    receiver.behave("/hook", answer(503, headers={"retry-after": "120"}))
    assert send(receiver.url()).retry_after == "120"


@pytest.mark.parametrize("behaviour", [hang, drip_body, drip_headers])
def test_time_is_up_in_total_however_the_bytes_trickle(receiver: Receiver, behaviour: object) -> None:
    receiver.behave("/hook", behaviour)  # type: ignore[arg-type]  # a behaviour
    result = send(receiver.url(), IMPATIENT)
    assert (result.status, result.error) == (None, "timeout")
    assert result.duration_ms >= 300


def test_a_server_that_speaks_no_http_or_hangs_up_is_an_error_and_no_exception(receiver: Receiver) -> None:
    receiver.behave("/hook", speak_no_http, hang_up)
    assert send(receiver.url()).error == "the answer is not HTTP"
    assert "closed connection" in (send(receiver.url()).error or "")


def test_a_chunk_of_a_negative_size_is_an_error_and_no_exception(receiver: Receiver) -> None:
    receiver.behave("/hook", chunk("-5"))
    assert send(receiver.url()).error == "the answer is not HTTP"


@pytest.mark.parametrize("flood", [chunk("-1", for_ever=True), flood_headers])
def test_no_more_is_taken_of_a_flood_than_fits_into_memory(receiver: Receiver, flood: Behaviour) -> None:
    receiver.behave("/hook", flood)
    assert send(receiver.url()).error == "the answer is too large"


def test_a_port_where_nobody_listens_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").error == "Connection refused"


def test_a_server_that_accepts_no_connection_takes_no_longer_than_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.create_connection(full.getsockname(), timeout=PATIENCE)]
        result = send(f"http://127.0.0.1:{full.getsockname()[1]}/", IMPATIENT)
        assert result.error == "timeout"
        waiting[0].close()


def test_a_name_is_resolved_again_each_time_and_only_a_public_address_is_connected_to(receiver: Receiver) -> None:
    asked: list[tuple[str, int]] = []

    def rebind(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    sender = LOOPBACK._replace(resolve=rebind)
    url = f"http://{NAME}:{receiver.port}/hook"
    assert send(url, sender).status == 204
    assert receiver.take().headers["host"] == f"{NAME}:{receiver.port}"
    assert send(url, sender).error == "169.254.169.254 is not a public address"
    assert asked == [(NAME, receiver.port)] * 2
    assert receiver.received.empty()


def test_one_address_that_is_not_public_among_several_refuses_all(receiver: Receiver) -> None:
    sender = LOOPBACK._replace(resolve=lambda _host, _port: ["127.0.0.1", "10.0.0.1"])
    assert send(f"http://{NAME}:{receiver.port}/", sender).error == "10.0.0.1 is not a public address"
    assert receiver.received.empty()


def test_loopback_is_refused_where_the_setting_does_not_allow_it(receiver: Receiver) -> None:
    sender = LOOPBACK._replace(allow_loopback=False)
    assert send(receiver.url(), sender).error == "127.0.0.1 is not a public address"
    numbers = sender._replace(resolve=None)
    assert send(f"http://localhost:{receiver.port}/", numbers).error in {
        "127.0.0.1 is not a public address",
        "::1 is not a public address",
    }
    assert receiver.received.empty()


def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    sender = LOOPBACK._replace(resolve=lambda _host, _port: ["::1", "127.0.0.1"])
    assert send(f"http://{NAME}:{receiver.port}/hook", sender).status == 204


def test_a_name_that_does_not_resolve_is_an_error() -> None:
    def fail(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    error = send("https://nowhere.example/", LOOPBACK._replace(resolve=fail)).error or ""
    assert error.startswith("the host name does not resolve")
    assert send("https://nowhere.example/", LOOPBACK._replace(resolve=lambda _host, _port: [])).error


def test_a_resolver_that_hangs_takes_no_longer_than_the_limit() -> None:
    released = threading.Event()

    def hang_resolver(_host: str, _port: int) -> list[str]:
        released.wait(PATIENCE)
        return []

    assert send("https://slow.example/", IMPATIENT._replace(resolve=hang_resolver)).error == "timeout"
    released.set()


class Identity:
    """A certificate that signs itself, for one name."""

    def __init__(self, name: str, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "server.pem"
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM).decode()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.file.write_text(private.decode() + self.certificate)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context

    def trust(self) -> ssl.SSLContext:
        return limited(ssl.create_default_context(cadata=self.certificate))


@pytest.fixture
def secure(receiver: Receiver, tmp_path: Path) -> Sender:
    """A sender whose names all lead to the receiver, now speaking TLS as `hooks.example`."""
    identity = Identity(NAME, tmp_path)
    receiver.server.socket = identity.server_context().wrap_socket(receiver.server.socket, server_side=True)
    return LOOPBACK._replace(resolve=lambda _host, _port: ["127.0.0.1"], trust=identity.trust())


def test_https_is_to_the_checked_address_with_the_names_certificate(receiver: Receiver, secure: Sender) -> None:
    assert send(f"https://{NAME}:{receiver.port}/hook", secure).status == 204
    assert receiver.take().headers["host"] == f"{NAME}:{receiver.port}"


def test_a_certificate_of_another_name_is_refused(receiver: Receiver, secure: Sender) -> None:
    error = send(f"https://other.example:{receiver.port}/hook", secure).error or ""
    assert error.startswith("certificate: Hostname mismatch")
    assert receiver.received.empty()


def test_a_certificate_that_nobody_vouches_for_is_refused(receiver: Receiver, secure: Sender) -> None:
    error = send(f"https://{NAME}:{receiver.port}/hook", secure._replace(trust=None)).error or ""
    assert error.startswith("certificate: self-signed certificate")


@pytest.mark.parametrize("behaviour", [hang, drip_body, drip_headers])
def test_the_limit_holds_for_https_too(receiver: Receiver, secure: Sender, behaviour: object) -> None:
    receiver.behave("/hook", behaviour)  # type: ignore[arg-type]  # a behaviour
    assert send(f"https://{NAME}:{receiver.port}/hook", secure._replace(seconds=0.5)).error == "timeout"


def test_a_server_that_never_shakes_hands_takes_no_longer_than_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = IMPATIENT._replace(resolve=lambda _host, _port: ["127.0.0.1"])
        assert send(f"https://{NAME}:{silent.getsockname()[1]}/", sender).error == "timeout"
