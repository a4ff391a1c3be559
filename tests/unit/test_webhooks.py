"""Signing, secrets and endpoints; Standard Webhooks' own package judges the signatures."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from metering.domain.webhooks import (
    EVENT_TYPES,
    MOST_RETIRED,
    Endpoint,
    event_id_of,
    new_event_id,
    new_secret,
    rest_after,
    sign,
    signed_headers,
    webhook_id_of,
)

NOW = "2026-11-24T10:00:00.000000Z"
BODY = '{"type":"session.limit_reached","timestamp":"2026-11-24T10:00:00Z","data":{"name":"Zoë"}}'
ENDPOINT = Endpoint(
    "prj_1", "wh_1", "https://hooks.example/", ("session.paused",), enabled=True, created_at=NOW, secret=b"first"
)


def test_a_signature_is_what_the_standards_own_package_makes() -> None:
    secret = new_secret()
    moment = datetime(2026, 11, 24, 10, tzinfo=UTC)
    ours = sign(secret, "evt_1", int(moment.timestamp()), BODY)
    assert ours == Webhook(secret).sign("evt_1", moment, BODY)


def test_the_standards_published_example_is_signed_as_published() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_with_two_secrets_either_verifies_and_no_third_does() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = dict(signed_headers([new, old], "evt_1", int(datetime.now(UTC).timestamp()), BODY))
    assert headers["webhook-signature"].count("v1,") == 2
    assert Webhook(new).verify(BODY, headers)["data"] == {"name": "Zoë"}
    assert Webhook(old).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)


def test_a_secret_has_256_random_bits_behind_its_prefix() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert first.startswith("whsec_")
    assert len(b64decode(first.removeprefix("whsec_"), validate=True)) == 32


def test_a_replaced_secret_signs_for_24_hours_and_not_a_moment_longer() -> None:
    rotated = ENDPOINT.with_secret(b"second", NOW)
    assert rotated.signing(NOW) == [b"second", b"first"]
    assert rotated.signing("2026-11-25T09:59:59.999999Z") == [b"second", b"first"]
    assert rotated.signing("2026-11-25T10:00:00.000000Z") == [b"second"]


def test_a_second_rotation_within_24_hours_shortens_nobodys_overlap() -> None:
    later = "2026-11-24T22:00:00.000000Z"
    rotated = ENDPOINT.with_secret(b"second", NOW).with_secret(b"third", later)
    assert rotated.signing("2026-11-25T09:59:59.999999Z") == [b"third", b"second", b"first"]
    assert rotated.signing("2026-11-25T10:00:00.000000Z") == [b"third", b"second"]
    assert rotated.signing("2026-11-25T22:00:00.000000Z") == [b"third"]


def test_secrets_past_their_time_are_forgotten_and_never_more_than_a_few_are_kept() -> None:
    assert ENDPOINT.with_secret(b"2", NOW).with_secret(b"3", "2026-11-26T00:00:00.000000Z").retired[0].encrypted == b"2"
    assert len(ENDPOINT.with_secret(b"2", NOW).with_secret(b"3", "2026-11-26T00:00:00.000000Z").retired) == 1
    endpoint = ENDPOINT
    for number in range(MOST_RETIRED + 3):
        endpoint = endpoint.with_secret(b"%d" % number, NOW)
    assert len(endpoint.retired) == MOST_RETIRED


def test_an_endpoint_wants_what_it_subscribes_to_while_it_is_enabled() -> None:
    assert ENDPOINT.wants("session.paused")
    assert not ENDPOINT.wants("session.resumed")
    everything = ENDPOINT._replace(events=("*",))
    assert all(everything.wants(event_type) for event_type in EVENT_TYPES)
    assert not everything._replace(enabled=False).wants("session.paused")


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (8, 240), (9, 300), (10_000, 300)])
def test_an_endpoint_rests_longer_the_more_attempts_in_a_row_failed(failures: int, seconds: int) -> None:
    assert rest_after(failures).total_seconds() == seconds
    assert ENDPOINT._replace(failures=failures).failing == (seconds > 0)


def test_ids_made_of_the_same_parts_are_the_same_and_parts_do_not_run_together() -> None:
    assert event_id_of("a", "b") == event_id_of("a", "b")
    assert event_id_of("a", "b") != event_id_of("ab", "")
    assert event_id_of("a", "b") != event_id_of('a", "b')
    assert webhook_id_of("key") == webhook_id_of("key") != webhook_id_of("other")


def test_an_event_id_has_24_digits_and_no_full_stop_that_could_move_a_signatures_seams() -> None:
    for event_id in (new_event_id(), event_id_of("a")):
        assert event_id.startswith("evt_")
        assert len(event_id) == 28
        assert "." not in event_id
