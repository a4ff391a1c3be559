"""From an event to its receiver: relayed once however often, attempted on schedule, and every attempt kept."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from metering.aws.transaction import Deadline
from metering.aws.webhook_deliveries import put_delivery
from metering.aws.webhook_store import Webhooks
from metering.domain.deliveries import DELAYS, Attempt, Delivery
from metering.flows.deliver_webhook import Courier
from tests.integration.api import Api, Clock, Project, app_of
from tests.integration.webhook_world import World, failing_at, message_about, stream_record, webhook_environment
from tests.webhook_receiver import answer, receiving

DELETE = "DELETE /v1/webhooks/{webhookId}"
SHOW = "GET /v1/webhooks/{webhookId}"
DELIVERIES = "GET /v1/webhooks/{webhookId}/deliveries"
RETRY = "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry"
TEST = "POST /v1/webhooks/{webhookId}/test"


@pytest.fixture
def world(api: Api, clock: Clock, project: Project, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(app_of("deliver_webhook"), "Courier", partial(Courier, chance=lambda: 0.0))
    with receiving(punctual=False) as receiver, webhook_environment(monkeypatch) as sent:
        world = World(api, clock, project, receiver, dynamodb)
        world.sent = sent
        yield world


def statuses(world: World, webhook: dict[str, Any]) -> list[str]:
    return [delivery["status"] for delivery in world.deliveries(webhook)]


# ---------------------------------------------------------------------------- the outbox


def test_an_event_goes_to_every_webhook_that_subscribes_to_it_and_to_no_other(world: World) -> None:
    everything, paused, resumed = (
        world.create("/all"),
        world.create("/p", "session.paused"),
        world.create("/r", "session.resumed"),
    )
    world.send("session.paused")
    assert sorted(request.path for request in world.received()) == ["/all", "/p"]
    assert [len(world.deliveries(webhook)) for webhook in (everything, paused, resumed)] == [1, 1, 0]
    assert world.outbox() == []


def test_what_arrives_is_signed_and_says_what_happened_and_when(world: World) -> None:
    world.create()
    world.send("session.limit_reached", userId="Zoë", at="2026-11-24T10:00:00Z")
    [request] = world.received()
    assert request.verified_by == [0]
    assert request.headers["webhook-id"].startswith("evt_")
    body = json.loads(request.body)
    assert (body["type"], body["timestamp"]) == ("session.limit_reached", "2026-11-24T10:00:00.123456Z")
    assert body["data"]["userId"] == "Zoë"
    assert body["data"]["limit"] == "5"


def test_an_event_that_is_relayed_twice_is_delivered_once(world: World) -> None:
    webhook = world.create()
    record = world.emit()
    assert world.relay(record) == world.relay(record) == []
    assert len(world.sent) == 2
    world.deliver()
    assert len(world.received()) == 1
    assert world.relay(record) == []
    world.deliver()
    assert world.received() == []
    assert world.delivery(webhook)["status"] == "succeeded"


def test_a_webhook_made_after_the_event_was_relayed_does_not_get_it(world: World) -> None:
    world.create("/early")
    world.relay(world.emit())
    late = world.create("/late")
    world.deliver()
    assert [request.path for request in world.received()] == ["/early"]
    assert world.deliveries(late) == []


def test_an_event_that_nobody_subscribes_to_leaves_the_outbox_too(world: World) -> None:
    assert world.relay(world.emit()) == []
    assert world.outbox() == []
    assert world.take_sent() == []


def test_an_event_that_cannot_be_relayed_holds_up_none_of_its_batch(world: World) -> None:
    world.create()
    broken = stream_record({"scope": {"S": "prj_one#session#ses_1"}, "entry": {"S": "event#evt_broken"}})
    assert world.relay(world.emit(), broken, world.emit()) == [broken["dynamodb"]["SequenceNumber"]]
    world.deliver()
    assert len(world.received()) == 2


def test_an_event_goes_to_its_own_project_alone(world: World, other_project: Project) -> None:
    world.create("/one")
    other = World(world.api, world.clock, other_project, world.receiver, world.client)
    other.create("/two")
    world.send()
    assert [request.path for request in world.received()] == ["/one"]


def test_an_event_goes_to_more_webhooks_than_one_request_to_the_queue_holds(world: World) -> None:
    paths = sorted(world.create(f"/{number:02d}") and f"/{number:02d}" for number in range(12))
    world.send()
    assert sorted(request.path for request in world.received()) == paths


def test_an_event_whose_messages_the_queue_does_not_take_stays_in_the_outbox(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create()
    record = world.emit()
    with monkeypatch.context() as refusing:
        failed = {"Successful": [], "Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
        refusing.setattr(app_of("relay_outbox").SQS, "send_message_batch", lambda **_: failed)
        assert world.relay(record) == [record["dynamodb"]["SequenceNumber"]]
    assert len(world.outbox()) == 1
    assert world.relay(record) == []
    world.deliver()
    assert len(world.received()) == 1


# ---------------------------------------------------------------------------- attempts


def test_every_attempt_is_kept_with_the_beginning_of_its_answer(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500, b"\x00" + b"x" * 5000), answer(200, b"ok"))
    world.send()
    world.wait(seconds=5)
    world.deliver()
    delivery = world.delivery(webhook)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("succeeded", None)
    first, second = delivery["attempts"]
    assert (first["statusCode"], first["error"], first["answer"]) == (
        500,
        None,
        "\N{REPLACEMENT CHARACTER}" + "x" * 2047,
    )
    assert (second["statusCode"], second["answer"]) == (200, "ok")
    assert first["at"] == "2026-11-24T10:00:00.123456Z"
    assert first["durationMs"] >= 0


def test_a_secret_is_decrypted_once_for_many_deliveries(world: World) -> None:
    world.create()
    decrypted: list[object] = []

    def note(**_: object) -> None:
        decrypted.append(None)

    events = app_of("deliver_webhook").KMS.meta.events
    events.register("before-call.kms.Decrypt", note)
    for _ in range(3):
        world.send()
    events.unregister("before-call.kms.Decrypt", note)
    assert len(world.received()) == 3
    assert len(decrypted) == 1


def test_every_attempt_has_the_same_id_and_body_and_a_signature_of_its_own_time(world: World) -> None:
    world.create()
    world.receiver.behave("/hook", answer(500), answer(500), answer(200))
    world.send()
    for wait in (6, 306):
        world.wait(seconds=wait)
        world.deliver()
    requests = world.received()
    assert len(requests) == 3
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert len({request.body for request in requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in requests}) == 3
    assert [request.verified_by for request in requests] == [[0]] * 3


def test_a_failure_is_tried_again_when_the_schedule_says_and_not_before(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500))
    world.send()
    [second] = world.take_sent()
    assert second.delay == 5
    world.wait(seconds=2)
    world.deliver(second)
    assert len(world.delivery(webhook)["attempts"]) == 1
    world.wait(seconds=4)
    world.deliver(second)
    assert len(world.delivery(webhook)["attempts"]) == 2
    [third] = world.take_sent()
    assert third.delay == 300


def test_a_wait_that_no_queue_can_hold_is_stored_and_the_sweep_queues_it_on_time(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500))
    world.send()
    for wait in (6, 306):
        world.wait(seconds=wait)
        world.deliver()
    assert world.take_sent() == []  # half an hour is too long for a queue
    world.wait(minutes=30)
    assert world.sweep() == 0
    world.wait(seconds=5)
    assert world.sweep() == 1
    assert world.sweep() == 0
    assert world.take_sent()[:1] == [message_about(webhook, world.delivery(webhook), world.project)]


def test_after_ten_attempts_over_three_days_the_delivery_has_failed(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500))
    begun = world.clock.moment
    world.send()
    for delay in DELAYS[1:]:
        world.clock.moment += delay * 1.1
        world.sweep()
        world.deliver(*world.take_sent()[:1])
    delivery = world.delivery(webhook)
    assert (delivery["status"], len(delivery["attempts"])) == ("failed", 10)
    last = datetime.fromisoformat(delivery["attempts"][-1]["at"])
    assert (last - begun).total_seconds() / 3600 == pytest.approx(83, abs=1)
    world.wait(days=2)
    assert world.sweep() == 0
    assert len(world.received()) == 10


def test_retry_after_is_honoured(world: World) -> None:
    world.create()
    world.receiver.behave(
        "/hook", answer(503, headers={"retry-after": "600"}), answer(429, headers={"retry-after": "7200"})
    )
    world.send()
    [again] = world.take_sent()
    assert again.delay == 600
    world.wait(seconds=602)
    world.deliver(again)
    assert world.take_sent() == []
    world.wait(seconds=7199)
    assert world.sweep() == 0
    world.wait(seconds=3)
    assert world.sweep() == 1


def test_a_redirect_is_a_failure_and_is_not_followed(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(307, headers={"location": world.receiver.url("/elsewhere")}))
    world.send()
    assert [request.path for request in world.received()] == ["/hook"]
    assert world.delivery(webhook)["attempts"][0]["statusCode"] == 307
    assert world.delivery(webhook)["status"] == "pending"


def test_an_endpoint_that_cannot_be_reached_is_an_attempt_with_an_error(world: World) -> None:
    webhook = world.create()
    world.receiver.server.shutdown()
    world.receiver.server.server_close()
    world.send()
    [attempt] = world.delivery(webhook)["attempts"]
    assert (attempt["statusCode"], attempt["error"], attempt["answer"]) == (None, "Connection refused", "")


def test_an_address_that_is_no_longer_allowed_is_an_attempt_with_an_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = world.create()
    monkeypatch.setenv("WEBHOOKS_ALLOW_LOOPBACK", "false")
    world.send()
    assert world.received() == []
    assert world.delivery(webhook)["attempts"][0]["error"] == "the URL must begin with https://"


# ---------------------------------------------------------------------------- once, and never lost


def test_a_second_message_that_comes_during_an_attempt_makes_no_other(world: World) -> None:
    webhook = world.create()
    world.relay(world.emit())
    [sent] = world.take_sent()
    in_between(world, lambda: world.deliver(sent))
    assert world.deliver(sent) == []
    assert len(world.received()) == 1
    assert len(world.delivery(webhook)["attempts"]) == 1


def test_a_message_that_the_queue_lost_is_sent_again_by_the_sweep(world: World) -> None:
    webhook = world.create()
    world.relay(world.emit())
    world.take_sent()
    world.wait(seconds=119)
    assert world.sweep() == 0
    world.wait(seconds=2)
    assert world.sweep() == 1
    world.deliver()
    assert world.delivery(webhook)["status"] == "succeeded"
    world.wait(days=1)
    assert world.sweep() == 0


def test_a_delivery_over_which_the_function_died_is_free_again_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = world.create()
    world.relay(world.emit())
    [sent] = world.take_sent()
    with monkeypatch.context() as dying:
        dying.setattr("metering.flows.deliver_webhook.post", die)
        assert world.deliver(sent) == ["0"]
    world.deliver(sent)
    assert world.received() == []
    world.wait(seconds=61)
    assert world.sweep() == 1
    world.deliver()
    assert len(world.received()) == 1
    assert world.delivery(webhook)["status"] == "succeeded"


def die(*_: Any) -> None:
    raise ConnectTimeoutError(endpoint_url="https://dynamodb.example")


def test_a_message_that_cannot_be_read_fails_alone(world: World) -> None:
    world.create()
    world.relay(world.emit())
    [sent] = world.take_sent()
    assert world.deliver(sent._replace(body="{"), sent) == ["0"]
    assert len(world.received()) == 1


def test_deliveries_to_one_webhook_are_of_one_group_so_that_a_fair_queue_tells_them_from_others(world: World) -> None:
    first, second = world.create("/1"), world.create("/2")
    world.relay(world.emit())
    assert {sent.group for sent in world.take_sent()} == {first["webhookId"], second["webhookId"]}


@pytest.mark.parametrize("number", range(1, 14))
def test_whatever_call_fails_before_or_after_it_took_effect_the_event_arrives(world: World, number: int) -> None:
    for effect, how in product(("before", "after"), ("dies", "times out")):
        webhook = world.create()
        world.receiver.behave("/hook", answer(500), answer(200))
        record = world.emit()
        with failing_at(number, effect, how):
            world.relay(record)
            world.deliver_queued()
        for _ in range(3):
            if world.outbox():
                assert world.relay(record) == []
            world.deliver_queued()
            world.wait(minutes=11)
            world.sweep()
        assert world.delivery(webhook)["status"] == "succeeded", (effect, how)
        assert 2 <= len(world.received()) <= 3
        assert world.outbox() == []
        world.call(DELETE, webhook)


# ---------------------------------------------------------------------------- 410 and removal


def test_410_disables_the_webhook_and_its_pending_deliveries_fail(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500), answer(410))
    world.send(first=True)
    retry = world.take_sent()
    world.wait(seconds=1)
    world.send(second=True)
    assert world.call(SHOW, webhook).body["status"] == "disabled"
    assert statuses(world, webhook) == ["failed", "failed"]
    world.wait(seconds=6)
    world.deliver(*retry)
    assert [delivery["attempts"][-1]["error"] for delivery in world.deliveries(webhook)] == [
        None,
        "the endpoint is disabled: it answered 410",
    ]
    assert len(world.received()) == 2
    world.relay(world.emit())
    assert world.take_sent() == []


def test_what_is_still_to_be_delivered_to_a_deleted_webhook_is_not(world: World) -> None:
    webhook = world.create()
    world.relay(world.emit())
    assert world.call(DELETE, webhook).status == 204
    assert world.deliver() == []
    assert world.received() == []
    world.wait(days=1)
    assert world.sweep() == 0


# ---------------------------------------------------------------------------- by hand


def test_a_failed_delivery_can_be_tried_again_by_hand(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(410), answer(200))
    fail_for_good(world, webhook)
    again = world.call(RETRY, webhook, world.delivery(webhook))
    assert (again.status, again.body["status"], len(again.body["attempts"])) == (202, "pending", 10)
    world.receiver.behave("/hook", answer(200))
    world.deliver()
    delivery = world.delivery(webhook)
    assert (delivery["status"], len(delivery["attempts"])) == ("succeeded", 11)


def fail_for_good(world: World, webhook: dict[str, Any]) -> None:
    world.receiver.behave("/hook", answer(500))
    world.send()
    for delay in DELAYS[1:]:
        world.clock.moment += delay * 1.1
        world.sweep()
        world.deliver(*world.take_sent()[:1])
    assert world.delivery(webhook)["status"] == "failed"


def test_a_delivery_that_succeeded_can_be_sent_again_by_hand_with_the_same_id(world: World) -> None:
    webhook = world.create()
    world.send()
    assert world.call(RETRY, webhook, world.delivery(webhook)).status == 202
    world.deliver()
    first, second = world.received()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_retry_that_fails_begins_the_schedule_anew(world: World) -> None:
    webhook = world.create()
    fail_for_good(world, webhook)
    world.call(RETRY, webhook, world.delivery(webhook))
    world.deliver()
    assert world.delivery(webhook)["status"] == "pending"
    assert [sent.delay for sent in world.take_sent()] == [5]


def test_a_delivery_being_attempted_just_now_is_left_alone(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500))
    world.relay(world.emit())
    delivery = world.delivery(webhook)
    answered: list[Any] = []
    in_between(world, lambda: answered.append(world.call(RETRY, webhook, delivery)))
    world.deliver()
    assert answered[0].status == 202
    assert len(world.received()) == 1
    assert len(world.delivery(webhook)["attempts"]) == 1


def in_between(world: World, act: Callable[[], Any]) -> None:
    """Has the receiver do something before it answers."""

    def behave(handler: Any) -> None:
        act()
        answer(500)(handler)

    world.receiver.behave("/hook", behave, answer(500))


def test_a_test_event_goes_to_its_webhook_alone_whatever_it_subscribes_to(world: World) -> None:
    webhook = world.create("/mine", "export.ready")
    world.create("/other")
    asked = world.call(TEST, webhook)
    assert (asked.status, asked.body["type"], asked.body["status"]) == (202, "webhook.test", "pending")
    world.deliver()
    [request] = world.received()
    assert (request.path, request.verified_by) == ("/mine", [0])
    assert json.loads(request.body)["type"] == "webhook.test"
    assert world.delivery(webhook)["eventId"] == request.headers["webhook-id"]


def test_deliveries_are_listed_the_newest_first_page_by_page(world: World) -> None:
    webhook = world.create()
    for number in range(5):
        world.wait(milliseconds=1)
        world.send(number=number)
    sent = [request.headers["webhook-id"] for request in world.received()]
    seen, cursor = [], None
    while True:
        page = world.call(DELIVERIES, webhook, query={"limit": 2} | ({"cursor": cursor} if cursor else {})).body
        assert len(page["items"]) <= 2
        seen += [delivery["eventId"] for delivery in page["items"]]
        cursor = page["nextCursor"]
        if not cursor:
            break
    assert seen == sent[::-1]


def test_a_page_of_deliveries_with_large_answers_ends_early_and_goes_on(world: World) -> None:
    webhook = world.create()
    attempts = (Attempt(world.now, 1, 500, answer="x" * 2048),) * 50
    webhooks = Webhooks(world.client, "Accounts", Deadline.within(30))
    for number in range(15):
        whose = (world.project.id, webhook["webhookId"], f"dlv_{number:024d}")
        put_delivery(
            webhooks,
            Delivery(*whose, "evt_1", "a.b", "{}", world.now, "failed", world.now, attempts=attempts),
            world.now,
        )
    sizes, cursor = [], None
    while True:
        page = world.call(DELIVERIES, webhook, query={"cursor": cursor} if cursor else {}).body
        sizes.append(len(page["items"]))
        cursor = page["nextCursor"]
        if not cursor:
            break
    assert sum(sizes) == 15
    assert len(sizes) == 2


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJkZWxpdmVyaWVzIiwieCJd"])
def test_a_cursor_that_is_not_ours_is_refused(world: World, cursor: str) -> None:
    refused = world.call(DELIVERIES, world.create(), query={"cursor": cursor})
    assert (refused.status, refused.code) == (400, "malformed_request")


# ---------------------------------------------------------------------------- neighbours


def test_an_endpoint_has_five_attempts_under_way_at_most_and_the_next_waits_a_moment(world: World) -> None:
    webhook = world.create()
    for number in range(7):
        world.wait(milliseconds=1)
        world.relay(world.emit(number=number))
    first, *others = world.take_sent()
    under_way: list[int] = []

    def behave(handler: Any) -> None:
        """Has the next delivery begun before this one is answered."""
        under_way.append(len(others))
        if others:
            world.deliver(others.pop(0))
        answer(200)(handler)

    world.receiver.behave("/hook", behave)
    world.deliver(first)
    assert len(under_way) == 5
    bounced = world.take_sent()
    assert [sent.delay for sent in bounced] == [1]
    world.deliver(*bounced, *others)
    assert [one["status"] for one in world.deliveries(webhook)] == ["succeeded"] * 7
    assert all(len(one["attempts"]) == 1 for one in world.deliveries(webhook))


def test_a_slot_that_a_dead_function_held_is_free_again_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.create()
    with monkeypatch.context() as dying:
        dying.setattr("metering.flows.deliver_webhook.claim_delivery", die)
        for _ in range(5):
            world.relay(world.emit())
            assert world.deliver() == ["0"]
    world.relay(world.emit())
    [sent] = world.take_sent()
    world.deliver(sent)
    assert world.received() == []
    world.wait(seconds=61)
    world.deliver(sent)
    assert len(world.received()) == 1


def test_a_webhook_that_failed_five_times_in_a_row_rests_and_one_attempt_finds_out_when_it_is_back(
    world: World,
) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", answer(500))
    for _ in range(5):
        world.send()
    assert len(world.received()) == 5
    world.wait(milliseconds=1)
    world.send()
    assert world.received() == []
    newest = world.deliveries(webhook)[0]
    assert newest["status"] == "pending"
    assert newest["attempts"][0]["error"].startswith("not sent")
    world.wait(seconds=31)
    world.take_sent()
    for _ in range(3):
        world.relay(world.emit())
    for sent in world.take_sent():
        world.deliver(sent)
    assert len(world.received()) == 1  # which fails, so that the others wait on
    world.receiver.behave("/hook", answer(200))
    world.wait(seconds=61)
    for _ in range(3):
        world.send()
    assert len(world.received()) == 6


def test_a_webhook_that_rests_is_tried_all_the_same_when_a_person_asks(world: World) -> None:
    webhook = world.create()
    world.receiver.behave("/hook", *[answer(500)] * 6, answer(200))
    for _ in range(6):
        world.send()
    assert len(world.received()) == 5
    world.call(TEST, webhook)
    world.deliver(world.take_sent()[-1])
    assert len(world.received()) == 1


def test_a_success_ends_the_row_of_failures(world: World) -> None:
    world.create()
    world.receiver.behave("/hook", *[answer(500)] * 4, answer(200), answer(500))
    for _ in range(10):
        world.send()
    assert len(world.received()) == 10
