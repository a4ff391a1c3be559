"""AWS calls and write units of callbacks and holds, counted on the emulator; sizes of items by DynamoDB's rules."""

import os
from collections.abc import Iterator

from bench.emulated import Count, app_of, ask, counted, emulated_cloud
from bench.figures import Figure, Line
from bench.samples import CALLBACK, PROJECT, Json, full_event, usage_event
from bench.sizes import item_size
from metering.aws import keys

MOST_CALLS, MOST_UNITS, KILOBYTE = 1, 6, 1024
# As long as identifiers are: a prefix and 26 characters, keys of several of them.
LONG_ID = "01JDFK3Q8ZB7X5V2M9T4C6R1WE"


def measure(_effort: float) -> Iterator[Line]:
    with emulated_cloud():
        os.environ |= {"RATE_CACHE_SECONDS": "60", "BUDGET_CACHE_SECONDS": "2"}
        for session in ("ses_1", "ses_hold", "ses_threshold", "ses_breach", f"ses_{LONG_ID}"):
            make_session(session)
        yield from _count_usual()
        yield from _count_holds()
        yield from _count_crossings()
        yield from _count_budgets()
        yield from _weigh()


def make_session(session: str, cents: int = 100) -> None:
    limits = {"maxCost": {"amount": cents, "currency": "usd", "period": "day"}, "maxModelCalls": 1000}
    ask("manage_sessions", "POST /v1/sessions", {"sessionId": session, "userId": "user_123", "limits": limits})


def _count_usual() -> Iterator[Line]:
    yield from _callback("bare", usage_event())
    yield from _callback("with a run", usage_event(runId="run_8fk", stepIndex=3))
    yield from _callback("with a session and a run, every attribution", full_event())


def _count_holds() -> Iterator[Line]:
    _open_hold("ses_hold", "hold_0")
    with counted("manage_holds") as count:
        _open_hold("ses_hold", "hold_1")
    yield from _figures("opening a hold", count)
    event = usage_event(sessionId="ses_hold", runId="run_8fk", holdId="hold_1")
    yield from _callback("with a session and a run that settles a hold", event, bounded=False)


def _count_crossings() -> Iterator[Line]:
    half, all_of_it = {"outputTokens": 34_000}, {"outputTokens": 70_000}  # of a dollar, at 15 USD a million
    event = usage_event(sessionId="ses_threshold", usage=half)
    yield from _callback("with a session that crosses a threshold", event, bounded=False)
    event = usage_event(sessionId="ses_breach", usage=all_of_it)
    yield from _callback("with a session that passes three thresholds and the limit", event, bounded=False)


def _count_budgets() -> Iterator[Line]:
    limits = {"maxCost": {"amount": 10_000, "currency": "usd", "period": "month"}}
    user = {"userId": "user_budget", "sessionId": "ses_1", "runId": "run_8fk"}
    for scope, what in ((f"user:{user['userId']}", "whose user has a budget"), ("project", "and a project budget too")):
        ask("manage_budgets", "PUT /v1/budgets/{scope}", {"limits": limits}, {"scope": scope})
        yield from _callback(f"with a session and a run, {what}", usage_event(**user), most_units=None)


def _callback(what: str, event: Json, *, bounded: bool = True, most_units: int | None = MOST_UNITS) -> Iterator[Line]:
    """Counts one callback of a function that remembers rates and budgets."""
    app_of("record_usage")._recorder.cache_clear()  # noqa: SLF001  # so that what it remembers is new
    ask("record_usage", f"POST {CALLBACK}", usage_event())
    with counted("record_usage") as count:
        ask("record_usage", f"POST {CALLBACK}", event)
    bounds = (MOST_CALLS, most_units) if bounded else (None, None)
    yield from _figures(f"a callback {what}", count, *bounds)


def _figures(what: str, count: Count, most_calls: int | None = None, most_units: int | None = None) -> Iterator[Line]:
    yield Figure(f"AWS calls of {what}", count.calls.total(), "calls", most=most_calls)
    yield Figure("  its write units", count.write_units.total(), "units", most=most_units)
    yield "    " + ", ".join(f"{name} {units:g}" for name, units in sorted(count.write_units.items()))


def _weigh() -> Iterator[Line]:
    event = full_event() | {
        "idempotencyKey": f"run_{LONG_ID}/step_12/call_3",
        "modelId": "claude-sonnet-4-5-20250929",
        "toolId": "claude_code_task",
        "runId": f"run_{LONG_ID}",
        "sandboxId": f"sbx_{LONG_ID}",
        "sessionId": f"ses_{LONG_ID}",
        "userId": f"user_{LONG_ID}",
        "personaId": "frontend_designer",
        "stepType": "implementation",
        "holdId": _open_hold(f"ses_{LONG_ID}", f"hold_{LONG_ID}"),
        "tags": {"branch": "feature/usage-metering", "repository": "acme/storefront"},
    }
    record = ask("record_usage", f"POST {CALLBACK}", event)["recordId"]
    what = "size of a record with every field set, ids of 30 characters"
    yield Figure(what, record_size(record), "bytes", most=KILOBYTE)
    meter = keys.meter(keys.scope(PROJECT, "session", f"ses_{LONG_ID}"))
    yield Figure("size of a session's meter with limits", _size_of("METERS_TABLE", meter), "bytes", most=KILOBYTE)


def record_size(record_id: str) -> int:
    """Bytes of a record's item, without its copies in indexes."""
    return _size_of("RECORDS_TABLE", {"recordKey": {"S": keys.record(PROJECT, record_id)}})


def _size_of(table: str, key: Json) -> int:
    return item_size(app_of("record_usage").CLIENT.get_item(TableName=os.environ[table], Key=key)["Item"])


def _open_hold(session: str, hold: str) -> str:
    body = {"holdId": hold, "estimate": {"costUsd": "0.01"}}
    ask("manage_holds", "POST /v1/sessions/{sessionId}/holds", body, {"sessionId": session})
    return hold
