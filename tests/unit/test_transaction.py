"""Calls to DynamoDB: what may pass is tried again until the deadline, what is refused says what was found."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from metering.aws import transaction
from metering.aws.transaction import Deadline, RefusedError, Write, call, commit
from metering.domain.errors import UnavailableError
from tests.faults import answer_is_lost, cancel, cut_off, faults, never_arrive, refuse, respond

PUT = Write("Put", {"TableName": "T", "Item": {"k": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(k)"})
OTHER = Write("Put", {"TableName": "T", "Item": {"k": {"S": "2"}}})
FOUND = {"k": {"S": "1"}, "v": {"S": "earlier"}}
PASSING = [
    refuse("ThrottlingException"),
    refuse("ProvisionedThroughputExceededException"),
    refuse("RequestLimitExceeded"),
    refuse("LimitExceededException"),
    refuse("TransactionConflictException"),
    refuse("TransactionInProgressException"),
    refuse("InternalServerError", 500),
    refuse("ServiceUnavailable", 503),
    refuse("SomethingNew", 502),
    never_arrive,
    answer_is_lost,
    cut_off,
]
UNSURE = [refuse("InternalServerError", 500), refuse("SomethingNew", 502), never_arrive, answer_is_lost, cut_off]
SURE = [refuse("ThrottlingException"), refuse("TransactionConflictException")]


class Time:
    """Stands in for the module `time`: sleeping is what makes it pass."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    stands_in = Time()
    monkeypatch.setattr(transaction, "time", stands_in)
    return stands_in


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    config = Config(region_name="us-east-1", retries={"mode": "standard", "total_max_attempts": 1})
    made = botocore.session.get_session().create_client("dynamodb", config=config)
    yield made
    made.close()


# ---------------------------------------------------------------------------- what may pass


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_tried_again(client: Any, time: Time, fault: Any) -> None:
    with faults(client, fault, fault, respond({"Item": FOUND})) as script:
        answer = call(lambda: client.get_item(TableName="T", Key={"k": {"S": "1"}}), Deadline.within(10))
    assert answer["Item"] == FOUND
    assert len(script.requests) == 3
    assert len(time.pauses) == 2


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_before_the_deadline_is_unavailable(client: Any, time: Time, fault: Any) -> None:
    with faults(client, *[fault] * 1000) as script, pytest.raises(UnavailableError):
        commit(client, [PUT, OTHER], Deadline.within(10))
    assert 10 < len(script.requests) < 1000
    assert time.now <= 1010


def test_pauses_grow_and_are_jittered_up_to_half_a_second(client: Any, time: Time) -> None:
    with faults(client, *[refuse("ThrottlingException")] * 1000), pytest.raises(UnavailableError):
        commit(client, [PUT], Deadline.within(60))
    for number, pause in enumerate(time.pauses):
        longest = min(0.01 * 2**number, 0.5)
        assert longest / 2 <= pause <= longest
    assert len(set(time.pauses)) == len(time.pauses)


def test_when_no_time_is_left_nothing_is_tried(client: Any) -> None:
    with faults(client, respond()) as script, pytest.raises(UnavailableError):
        commit(client, [PUT], Deadline.within(0))
    assert script.requests == []


@pytest.mark.parametrize("code", ["ValidationException", "ResourceNotFoundException", "AccessDeniedException"])
def test_what_time_does_not_heal_is_raised_at_once(client: Any, code: str) -> None:
    for writes in ([PUT], [PUT, OTHER]):
        with faults(client, refuse(code)) as script, pytest.raises(ClientError, match=code):
            commit(client, writes, Deadline.within(10))
        assert len(script.requests) == 1


# ---------------------------------------------------------------------------- one item


def test_a_single_put_is_a_put_item(client: Any) -> None:
    with faults(client, respond()) as script:
        commit(client, [PUT], Deadline.within(10))
    [(operation, parameters)] = script.requests
    assert operation == "PutItem"
    assert parameters == PUT.parameters


def test_a_refused_put_says_what_was_found(client: Any) -> None:
    with faults(client, refuse("ConditionalCheckFailedException", Item=FOUND)), pytest.raises(RefusedError) as raised:
        commit(client, [PUT], Deadline.within(10))
    assert raised.value.found == {0: FOUND}
    assert raised.value.unsure is False


@pytest.mark.parametrize(
    ("fault", "unsure"), [*((fault, True) for fault in UNSURE), *((fault, False) for fault in SURE)]
)
def test_a_put_refused_after_a_lost_answer_may_have_been_refused_by_itself(
    client: Any, fault: Any, *, unsure: bool
) -> None:
    refusal = refuse("ConditionalCheckFailedException", Item=FOUND)
    with faults(client, fault, refuse("ThrottlingException"), refusal), pytest.raises(RefusedError) as raised:
        commit(client, [PUT], Deadline.within(10))
    assert raised.value.unsure is unsure


# ---------------------------------------------------------------------------- transactions


def test_a_transaction_that_is_tried_again_keeps_its_token_and_another_has_another(client: Any) -> None:
    with faults(client, answer_is_lost, refuse("TransactionInProgressException"), respond(), respond()) as script:
        commit(client, [PUT, OTHER], Deadline.within(10))
        commit(client, [PUT, OTHER], Deadline.within(10))
    tokens = [parameters["ClientRequestToken"] for _, parameters in script.requests]
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


def test_a_lone_update_is_a_transaction_too(client: Any) -> None:
    update = Write("Update", {"TableName": "T", "Key": {"k": {"S": "1"}}, "UpdateExpression": "REMOVE v"})
    with faults(client, respond()) as script:
        commit(client, [update], Deadline.within(10))
    [(operation, parameters)] = script.requests
    assert operation == "TransactWriteItems"
    assert parameters["TransactItems"] == [{"Update": update.parameters}]


@pytest.mark.parametrize(
    "reasons",
    [
        ("TransactionConflict", "None"),
        ("None", "ThrottlingError"),
        ("ProvisionedThroughputExceeded", "TransactionConflict"),
    ],
)
def test_a_transaction_cancelled_for_what_may_pass_is_tried_again(client: Any, reasons: tuple[str, ...]) -> None:
    with faults(client, cancel(*reasons), respond()) as script:
        commit(client, [PUT, OTHER], Deadline.within(10))
    assert len(script.requests) == 2


def test_failed_conditions_are_told_by_position_with_what_was_found(client: Any) -> None:
    cancelled = cancel("ConditionalCheckFailed", "None", "ConditionalCheckFailed", items={0: FOUND})
    with faults(client, cancelled) as script, pytest.raises(RefusedError) as raised:
        commit(client, [PUT, OTHER, PUT], Deadline.within(10))
    assert raised.value.found == {0: FOUND, 2: None}
    assert len(script.requests) == 1


def test_a_failed_condition_decides_even_beside_a_conflict(client: Any) -> None:
    cancelled = cancel("TransactionConflict", "ConditionalCheckFailed", items={1: FOUND})
    with faults(client, cancelled), pytest.raises(RefusedError) as raised:
        commit(client, [PUT, OTHER], Deadline.within(10))
    assert raised.value.found == {1: FOUND}


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied"])
def test_a_transaction_cancelled_for_good_is_raised(client: Any, reason: str) -> None:
    with faults(client, cancel(reason, "None")) as script, pytest.raises(ClientError, match="TransactionCanceled"):
        commit(client, [PUT, OTHER], Deadline.within(10))
    assert len(script.requests) == 1
