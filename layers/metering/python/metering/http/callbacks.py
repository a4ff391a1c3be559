"""The callback's edge, apart from dispatch: it is the hot path and imports neither operations nor their schemas."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from metering.aws.telemetry import count
from metering.aws.transaction import Deadline
from metering.domain.accounts import RECORDERS
from metering.domain.errors import Fault, InvalidRequestError, MeteringError
from metering.domain.money import plain
from metering.domain.usage import UsageEvent
from metering.flows.record_batch import record_batch
from metering.flows.record_usage import Account, Recorded, Recorder, record_event
from metering.http.problems import problem, respond
from metering.http.record_answers import Json, recorded_answer
from metering.http.requests import Caller, Event, caller_of, json_body, parse, require

MOST_EVENTS = 500
_MOST_FAULTS = 100  # of each event, so that those of all fit into one answer
_CREATED, _OK = 201, 200


def record_one(recorder: Recorder, event: Event, now: datetime, deadline: Deadline) -> Json:
    """Answers `POST /v1/callbacks/usage.computeCostAndRecord`."""
    account = _account(event)
    recorder.rates.begin()
    body = _with_header_key(json_body(event), event.get("headers") or {})
    recorded = record_event(recorder, account, parse(UsageEvent, body), now, deadline)
    count("UsageDuplicate" if recorded.duplicate else "UsageRecorded")
    answer = recorded_answer(recorded.record, duplicate=recorded.duplicate)
    return respond(_OK if recorded.duplicate else _CREATED, answer)


def record_many(recorder: Recorder, event: Event, now: datetime, deadline: Deadline) -> Json:
    """Answers `POST /v1/callbacks/usage.computeCostAndRecord/batch`."""
    account = _account(event)
    recorder.rates.begin()
    results: dict[int, Json] = {}
    valid: dict[int, UsageEvent] = {}
    for index, sent in enumerate(_events(json_body(event))):
        try:
            valid[index] = parse(UsageEvent, sent)
        except InvalidRequestError as error:
            results[index] = _result(index, error)
    outcomes = record_batch(recorder, account, list(valid.values()), now, deadline)
    results.update({index: _result(index, outcome) for index, outcome in zip(valid, outcomes, strict=True)})
    totals = Counter(result["status"] for result in results.values())
    count("UsageRecorded", totals["recorded"])
    count("UsageDuplicate", totals["duplicate"])
    return respond(
        _OK,
        {
            "results": [results[index] for index in sorted(results)],
            "recorded": totals["recorded"],
            "duplicates": totals["duplicate"],
            "errors": totals["error"],
        },
    )


def _account(event: Event) -> Account:
    caller: Caller = caller_of(event)
    require(caller, RECORDERS)
    return Account(caller.project, caller.mode, caller.shards)


def _with_header_key(body: Any, headers: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON
    """The body, its idempotency key taken from the header where the body has none."""
    key = headers.get("idempotency-key")
    if key is None or not isinstance(body, dict):
        return body
    if body.get("idempotencyKey", key) != key:
        raise InvalidRequestError.at("idempotencyKey", "must be the same as the Idempotency-Key header")
    return {**body, "idempotencyKey": key}


def _events(body: Any) -> list[Any]:  # noqa: ANN401  # JSON
    faults = []
    if not isinstance(body, dict):
        faults.append(Fault("", "must be an object"))
    else:
        events = body.get("events")
        if not isinstance(events, list) or not 1 <= len(events) <= MOST_EVENTS:
            faults.append(Fault("events", f"must be a list of 1 to {MOST_EVENTS} events"))
        faults.extend(Fault(_legible(name), "is not a field of this request") for name in body if name != "events")
    if faults:
        raise InvalidRequestError(f"{faults[0].path or 'body'}: {faults[0].message}", faults=faults)
    return list(body["events"])


def _legible(name: str) -> str:
    """A name that can be answered: half of a surrogate pair is JSON, but no UTF-8."""
    return name.encode(errors="backslashreplace").decode()


def _result(index: int, outcome: Recorded | MeteringError) -> Json:
    if isinstance(outcome, MeteringError):
        return {"index": index, "status": "error", "error": problem(outcome, _MOST_FAULTS)}
    return {
        "index": index,
        "status": "duplicate" if outcome.duplicate else "recorded",
        "recordId": outcome.record.record_id,
        "costUsd": plain(outcome.record.pricing.cost),
    }
