"""When a delivery is tried again, and what ends it."""

from datetime import datetime, timedelta

import pytest

from metering.domain.deliveries import (
    DELAYS,
    MOST_ATTEMPTS_KEPT,
    Attempt,
    Delivery,
    Waiting,
    begin,
    body_of,
    delivery_id_of,
    give_up,
    readable,
    settle,
)

NOW = "2026-11-24T10:00:00.000000Z"
DELIVERY = Delivery("prj_1", "wh_1", "dlv_1", "evt_1", "session.paused", "{}", NOW, "pending", NOW)
FAILED = Attempt(NOW, 0, 500)
PROMPT = Waiting(chance=0)


def wait(delivery: Delivery, waiting: Waiting = PROMPT) -> timedelta:
    after = settle(delivery, FAILED, waiting)
    return datetime.fromisoformat(after.next_at) - datetime.fromisoformat(NOW)


def test_the_waits_are_those_that_the_standard_publishes() -> None:
    since_start = timedelta(0)
    published = ["0:00:00", "0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05"]
    published += ["1 day, 7:35:05", "2 days, 3:35:05", "3 days, 3:35:05"]
    for delay, expected in zip(DELAYS, published, strict=True):
        since_start += delay
        assert str(since_start) == expected


def test_each_failure_waits_for_the_next_step_and_the_tenth_is_the_last() -> None:
    delivery = DELIVERY
    for delay in DELAYS[1:]:
        assert wait(delivery) == delay
        delivery = settle(delivery, FAILED, PROMPT)
        assert delivery.status == "pending"
    ended = settle(delivery, FAILED, PROMPT)
    assert ended.status == "failed"
    assert len(ended.attempts) == len(DELAYS) == 10


@pytest.mark.parametrize("chance", [0, 0.5, 0.999999])
def test_jitter_makes_a_wait_up_to_a_tenth_longer_and_never_shorter(chance: float) -> None:
    waited = wait(DELIVERY._replace(step=1), Waiting(chance))
    assert timedelta(minutes=5) <= waited < timedelta(minutes=5, seconds=30)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (199, "pending"),
        (200, "succeeded"),
        (204, "succeeded"),
        (299, "succeeded"),
        (300, "pending"),
        (307, "pending"),
        (400, "pending"),
        (404, "pending"),
        (410, "failed"),
        (429, "pending"),
        (500, "pending"),
        (999, "pending"),
        (None, "pending"),
    ],
)
def test_only_2xx_is_success_and_410_ends_at_once(status: int | None, expected: str) -> None:
    assert settle(DELIVERY, Attempt(NOW, 1, status), PROMPT).status == expected


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("2", 5),
        ("5", 5),
        ("6", 6),
        (" 120 ", 120),
        ("86399", 86_399),
        ("86400", 86_400),
        ("86401", 86_400),
        ("99999999999999999999", 86_400),
        ("Tue, 24 Nov 2026 10:01:00 GMT", 60),
        ("Tue, 24 Nov 2026 10:01:00 -0000", 60),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 5),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        (f"Fri, 31 Dec {'9' * 30} 23:59:59 GMT", 5),
        ("Tue, 24 Nov 2026 99999999999:00:00 GMT", 5),
        (f"Tue, 24 Nov 2026 10:01:00 -{'9' * 30}", 5),
        ("soon", 5),
        ("-60", 5),
        ("٣٠", 5),
        ("", 5),
        (None, 5),
    ],
)
def test_retry_after_makes_a_wait_longer_by_a_day_at_most_and_never_shorter(
    retry_after: str | None, seconds: int
) -> None:
    assert wait(DELIVERY, Waiting(0, retry_after)) == timedelta(seconds=seconds)


def test_a_retry_by_hand_begins_the_schedule_anew_and_keeps_the_attempts() -> None:
    ended = settle(DELIVERY._replace(step=9), FAILED, PROMPT)
    again = begin(ended, "2026-11-29T00:00:00.000000Z", manual=True)
    assert (again.status, again.step, again.next_at, again.manual) == (
        "pending",
        0,
        "2026-11-29T00:00:00.000000Z",
        True,
    )
    assert again.attempts == (FAILED,)


def test_a_delivery_that_is_given_up_says_why() -> None:
    ended = give_up(DELIVERY._replace(attempts=(FAILED,)), NOW, "the endpoint is disabled")
    assert ended.status == "failed"
    assert [attempt.error for attempt in ended.attempts] == [None, "the endpoint is disabled"]


def test_the_latest_attempts_are_kept_when_there_are_many() -> None:
    delivery = DELIVERY._replace(attempts=tuple(Attempt(NOW, number) for number in range(MOST_ATTEMPTS_KEPT)))
    kept = settle(delivery, FAILED, PROMPT).attempts
    assert len(kept) == MOST_ATTEMPTS_KEPT
    assert (kept[0].duration_ms, kept[-1]) == (1, FAILED)


def test_delivery_ids_are_one_for_an_event_and_an_endpoint_and_lie_in_order_of_time() -> None:
    first = delivery_id_of(NOW, "evt_1", "wh_1")
    assert first == delivery_id_of(NOW, "evt_1", "wh_1")
    assert len({first, delivery_id_of(NOW, "evt_1", "wh_2"), delivery_id_of(NOW, "evt_2", "wh_1")}) == 3
    moments = ["2020-01-01T00:00:00.000000Z", NOW, "2026-11-24T10:00:00.001000Z", "2199-12-31T23:59:59.999000Z"]
    ids = [delivery_id_of(moment, "evt_1", "wh_1") for moment in moments]
    assert ids == sorted(ids)


def test_2_kib_of_an_answer_are_kept_and_what_is_no_text_is_replaced() -> None:
    assert readable(b"x" * 2048) == "x" * 2048
    assert readable(b"x" * 2049) == "x" * 2048
    assert readable("Zoë\n".encode()) == "Zoë\n"
    assert (
        readable(b"a\x00\xff\x1b[31m")
        == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m"
    )


def test_the_data_of_a_body_is_the_text_that_was_decided() -> None:
    body = body_of("export.ready", NOW, '{"costUsd":"0.10"}')
    assert body == '{"type":"export.ready","timestamp":"2026-11-24T10:00:00Z","data":{"costUsd":"0.10"}}'
