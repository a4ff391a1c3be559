"""Streams and queues reach their functions as Lambda's pollers bring them."""

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.running_cloud import RunningCloud
from tests.local.seen import Noted, Seen
from tests.local.waiting import eventually

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

pytestmark = pytest.mark.local


def names(count: int = 1) -> list[str]:
    run = uuid.uuid4().hex[:8]
    return [f"{run}-{number:03}" for number in range(count)]


def queue(sqs: "SQSClient", name: str) -> str:
    return next(url for url in sqs.list_queues()["QueueUrls"] if name in url)


def send(sqs: "SQSClient", name: str, what: str, kind: str = "good", **more: str) -> None:
    body = json.dumps({"what": what, "kind": kind})
    sqs.send_message(QueueUrl=queue(sqs, name), MessageBody=body, **more)  # type: ignore[arg-type]  # they are texts


def receive(sqs: "SQSClient", name: str) -> list[Any]:
    url = queue(sqs, name)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def test_changes_reach_a_function_once_and_in_order(seen: Seen) -> None:
    things = names(25)
    for thing in things:
        seen.put(thing)
    noted = eventually(lambda: (found := seen.by("CollectChanges")).keys() >= set(things) and found)
    assert isinstance(noted, dict)
    assert [noted[thing].times for thing in things] == [1] * len(things)
    assert sorted(things, key=lambda thing: noted[thing].at) == things


def test_changes_that_no_filter_lets_through_do_not_reach_a_function(seen: Seen) -> None:
    [hidden, removed, last] = names(3)
    seen.put(hidden, "other")
    seen.put(removed)
    seen.delete(removed)
    seen.put(last)
    eventually(lambda: last in seen.by("CollectChanges"))
    noted = seen.by("CollectChanges")
    assert hidden not in noted
    assert noted[removed].times == 1
    eventually(lambda: seen.by("CollectSome").get(removed, Noted()).times == 2)  # it has no filter


def test_a_change_that_fails_is_tried_again_with_what_follows_it(seen: Seen) -> None:
    [before, failing, after] = names(3)
    seen.put(before)
    seen.put(failing, "bad")
    seen.put(after)
    eventually(lambda: seen.by("CollectChanges").get(failing, Noted()).times == 4)
    noted = eventually(lambda: (found := seen.by("CollectChanges")).keys() >= {after} and found)
    assert isinstance(noted, dict)
    assert noted[before].times == 1
    assert noted[failing].at <= noted[after].at


def test_a_batch_that_fails_is_halved_and_what_fails_alone_is_given_up(seen: Seen, sqs: "SQSClient") -> None:
    [good, failing, last] = names(3)
    for thing, kind in ((good, "good"), (failing, "bad"), (last, "good")):
        seen.put(thing, kind)
    eventually(lambda: last in seen.by("CollectSome"))
    eventually(lambda: seen.by("CollectSome")[failing].times >= 2)
    given_up = eventually(lambda: receive(sqs, "GivenUp"))
    assert {each["requestContext"]["condition"] for each in given_up} == {"RetryAttemptsExhausted"}
    assert {each["DDBStreamBatchInfo"]["batchSize"] for each in given_up} == {1}


def test_messages_that_fail_come_again_and_end_as_dead_letters(seen: Seen, sqs: "SQSClient") -> None:
    [good, failing, ignored] = names(3)
    send(sqs, "Work", good)
    send(sqs, "Work", failing, "bad")
    send(sqs, "Work", ignored, "ignored")
    [dead] = eventually(lambda: receive(sqs, "DeadLetters"))
    assert dead == {"what": failing, "kind": "bad"}
    noted = seen.by("CollectMessages")
    assert noted[failing].times == 2
    assert noted[good].times == 1
    assert ignored not in noted


def test_messages_of_a_group_are_processed_in_order(seen: Seen, sqs: "SQSClient") -> None:
    things = names(12)
    for thing in things:
        send(sqs, "Ordered", thing, MessageGroupId="one", MessageDeduplicationId=thing)
    noted = eventually(lambda: (found := seen.by("CollectInOrder")).keys() >= set(things) and found)
    assert isinstance(noted, dict)
    assert sorted(things, key=lambda thing: noted[thing].at) == things
    assert {noted[thing].times for thing in things} == {1}


@pytest.mark.parametrize("end", [RunningCloud.stop, RunningCloud.kill])
def test_what_a_function_has_not_done_yet_reaches_it_after_a_restart(
    small_cloud: RunningCloud, seen: Seen, sqs: "SQSClient", end: Any
) -> None:
    [changed, removed, sent] = names(3)
    seen.close_to("CollectSome")
    seen.close_to("CollectChanges")
    seen.close_to("CollectMessages")
    seen.put(changed)
    send(sqs, "Work", sent)
    end(small_cloud)
    small_cloud.restart()
    seen.put(removed)
    seen.open_to("CollectChanges")
    seen.open_to("CollectMessages")
    eventually(lambda: {changed, removed} <= seen.by("CollectChanges").keys())
    eventually(lambda: sent in seen.by("CollectMessages") or receive(sqs, "DeadLetters"))
    seen.open_to("CollectSome")
    assert seen.by("CollectChanges")[changed].times == 1
