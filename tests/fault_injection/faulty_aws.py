"""What may become of any call to AWS, by chance and replayable by a seed's number."""

import random
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.emulated_aws import Call, EmulatedAws, Reply

Effect = Callable[[], Reply]
URL = "https://aws.example"


class ProcessDiedError(BaseException):
    """The function's process ends here; nothing after this happens, and nobody hears of what it did."""


def error(code: str, status: int = 400, **members: Any) -> Reply:
    return Reply(status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **members})


class FaultyAws:
    """Stands between the functions and AWS.

    `rate` is how likely a call goes wrong, `outage` for how many none goes right. `bystander`, if there is one, acts
    once before or after some call, as another function at the same time; for it nothing goes wrong.
    """

    def __init__(self, aws: EmulatedAws, chance: random.Random) -> None:
        self.rate = 0.0
        self.outage = 0
        self.bystander: Callable[[], None] | None = None
        self.log: list[str] = []
        """What went wrong, for whoever looks for the reason of a failure."""
        self._aws = aws
        self._chance = chance
        aws.meddler = self._meddle

    def _meddle(self, call: Call, carry_out: Effect) -> Reply:
        self._let_act()
        try:
            return self._answer(call, carry_out)
        finally:
            self._let_act()

    def _let_act(self) -> None:
        if self.bystander and self._chance.random() < 0.2:
            act, self.bystander = self.bystander, None
            before, self.rate, self.outage = (self.rate, self.outage), 0.0, 0
            self.log.append(f"meanwhile {getattr(act, '__name__', act)}")
            act()
            self.rate, self.outage = before

    def _answer(self, call: Call, carry_out: Effect) -> Reply:
        if self.outage:
            self.outage -= 1
            return error("InternalServerError", 500)
        if self._chance.random() >= self.rate:
            return carry_out()
        fault = self._chance.choice(self._faults_of(call))
        self.log.append(f"{call.operation} {fault.__name__}")
        return fault(call, carry_out)

    def _faults_of(self, call: Call) -> list[Callable[[Call, Effect], Reply]]:
        before = [_is_throttled, _never_arrives, _fails_before, _dies_before]
        after = [_fails_after, self._answer_is_lost, _dies_after]
        special: dict[str, list[Callable[[Call, Effect], Reply]]] = {
            "TransactWriteItems": [self._conflicts, _is_in_progress, self._conflicts_in_part, self._answer_is_lost],
            "BatchGetItem": [self._reads_in_part],
            "Query": [_reads_a_short_page],
            "SendMessageBatch": [_sends_in_part],
        }
        return [*before, *after, *special.get(call.operation, [])]

    def _answer_is_lost(self, _: Call, carry_out: Effect) -> Reply:
        carry_out()
        if self._chance.random() < 0.3:
            self._aws.forget_tokens()
        raise self._chance.choice([ReadTimeoutError, ConnectionClosedError])(endpoint_url=URL)

    def _conflicts(self, call: Call, _: Effect) -> Reply:
        codes = [self._chance.choice(["None", "TransactionConflict"]) for _ in call.parameters["TransactItems"]]
        codes[self._chance.randrange(len(codes))] = "TransactionConflict"
        return error("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])

    def _conflicts_in_part(self, _: Call, carry_out: Effect) -> Reply:
        """Of several conditions that do not hold, some are not looked at, since their items are in other hands."""
        reply = carry_out()
        refused = [reason for reason in reply.body.get("CancellationReasons", []) if reason["Code"] != "None"]
        for reason in refused[1:] if self._chance.random() < 0.5 else refused[:-1]:
            reason.pop("Item", None)
            reason["Code"] = "TransactionConflict"
        return reply

    def _reads_in_part(self, call: Call, carry_out: Effect) -> Reply:
        """Some keys are not read, as the answer says."""
        [(table, request)] = call.parameters["RequestItems"].items()
        read = [key for key in request["Keys"] if self._chance.random() < 0.5]
        unread = [key for key in request["Keys"] if key not in read]
        if not read:
            return Reply(200, {"Responses": {table: []}, "UnprocessedKeys": {table: request}})
        call.parameters["RequestItems"] = {table: {**request, "Keys": read}}
        reply = carry_out()
        if unread:
            reply.body["UnprocessedKeys"] = {table: {**request, "Keys": unread}}
        return reply


def _is_throttled(_: Call, __: Effect) -> Reply:
    return error("ThrottlingException")


def _never_arrives(_: Call, __: Effect) -> Reply:
    raise EndpointConnectionError(endpoint_url=URL)


def _fails_before(_: Call, __: Effect) -> Reply:
    return error("InternalServerError", 500)


def _fails_after(_: Call, carry_out: Effect) -> Reply:
    carry_out()
    return error("InternalServerError", 500)


def _dies_before(_: Call, __: Effect) -> Reply:
    raise ProcessDiedError


def _dies_after(_: Call, carry_out: Effect) -> Reply:
    carry_out()
    raise ProcessDiedError


def _is_in_progress(_: Call, __: Effect) -> Reply:
    return error("TransactionInProgressException")


def _reads_a_short_page(call: Call, carry_out: Effect) -> Reply:
    call.parameters["Limit"] = 1
    return carry_out()


def _sends_in_part(call: Call, carry_out: Effect) -> Reply:
    """The queue takes the first message and not the others."""
    entries = call.parameters["Entries"]
    call.parameters["Entries"] = entries[:1]
    reply = carry_out()
    reply.body["Failed"] = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in entries[1:]]
    return reply
