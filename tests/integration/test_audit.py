"""The audit log: every change by a request leaves one entry, in the transaction of the change; nothing else does."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from metering.domain.accounts import read_key
from metering.http import meter_requests
from metering.http.operations import OPERATIONS
from tests.integration.api import ADMIN_KEY, NOW, SONNET, TODAY, Api, Clock, Project, app_of
from tests.integration.conftest import client_of

AUDIT = "GET /v1/audit"
MEMBER = "/v1/project/members/{userId}"
SESSION = "/v1/sessions/{sessionId}"
LIMITS = {"maxModelCalls": 5}
QUEUES = ("RERATES_QUEUE", "EXPORTS_QUEUE", "DELIVERIES_QUEUE")


@pytest.fixture(autouse=True)
def _ticking(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes with every look at it, in functions that handle meters too, so that entries have an order."""

    def tick(zone: Any) -> datetime:
        clock.moment += timedelta(milliseconds=1)
        return clock.moment.astimezone(zone)

    monkeypatch.setattr(clock, "now", tick)
    monkeypatch.setattr(meter_requests, "datetime", clock)


@pytest.fixture
def queues(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  # it is there first
    for name in QUEUES:
        monkeypatch.setenv(name, client_of("sqs").create_queue(QueueName=name)["QueueUrl"])
    monkeypatch.setenv("WEBHOOK_KEY", client_of("kms").create_key()["KeyMetadata"]["KeyId"])
    monkeypatch.setenv("BUDGET_CACHE_SECONDS", "0")  # making a budget takes as long
    monkeypatch.setenv("EXPORT_EXPIRY_DAYS", "30")
    app_of("manage_webhooks")._box.cache_clear()  # it is of another test's key  # noqa: SLF001


def entries(project: Project, **query: Any) -> list[dict[str, Any]]:
    answer = project.call(AUDIT, query=query)
    assert answer.status == 200, answer
    items: list[dict[str, Any]] = answer.body["items"]
    return items


def actions(project: Project, **query: Any) -> list[str]:
    return [entry["action"] for entry in entries(project, **query)]


# ---------------------------------------------------------------------------- every operation that changes something


def _session(project: Project) -> dict[str, str]:
    body = {"sessionId": "ses_1", "userId": "ada"}
    assert project.call("POST /v1/sessions", body=body).status in {200, 201}
    return {"sessionId": "ses_1"}


def _webhook(project: Project) -> dict[str, str]:
    answer = project.call("POST /v1/webhooks", body={"url": "https://example.com/hook", "events": ["*"]})
    assert answer.status == 201, answer
    return {"webhookId": answer.body["webhookId"]}


def _delivery(project: Project) -> dict[str, str]:
    webhook = _webhook(project)
    return {
        **webhook,
        "deliveryId": project.call("POST /v1/webhooks/{webhookId}/test", path=webhook).body["deliveryId"],
    }


def _key(project: Project) -> dict[str, str]:
    presented = read_key(project.key("ingest"))
    assert presented
    return {"keyId": presented.key_id}


def _member(project: Project) -> dict[str, str]:
    project.call(f"PUT {MEMBER}", path={"userId": "ada"}, body={"role": "member"})
    return {"userId": "ada"}


def _budget(project: Project) -> dict[str, str]:
    project.call("PUT /v1/budgets/{scope}", path={"scope": "user:ada"}, body={"limits": LIMITS})
    return {"scope": "user:ada"}


def _customer(project: Project) -> dict[str, str]:
    project.call("PUT /v1/stripe-customers/{userId}", path={"userId": "ada"}, body={"customerId": "cus_1"})
    return {"userId": "ada"}


def _record(project: Project) -> dict[str, str]:
    return {"recordId": project.record().body["recordId"]}


def _nothing(_: Project) -> dict[str, str]:
    return {}


DAY = {"from": TODAY, "to": TODAY}
CHANGES: dict[str, tuple[Callable[[Project], dict[str, str]], Any]] = {
    "createRateCard": (_nothing, SONNET),
    "changeProject": (_nothing, {"name": "Other"}),
    "putMember": (lambda _: {"userId": "ada"}, {"role": "admin"}),
    "removeMember": (_member, None),
    "createApiKey": (_nothing, {"name": "ci", "role": "ingest"}),
    "revokeApiKey": (_key, None),
    "voidRecord": (_record, {"reason": "twice"}),
    "startRerating": (_nothing, {**DAY, "only": "all", "dryRun": True}),
    "createWebhook": (_nothing, {"url": "https://example.com/hook", "events": ["*"]}),
    "deleteWebhook": (_webhook, None),
    "rotateWebhookSecret": (_webhook, None),
    "retryWebhookDelivery": (_delivery, None),
    "testWebhook": (_webhook, None),
    "createSession": (_nothing, {"userId": "ada", "limits": LIMITS}),
    "updateSessionLimits": (_session, LIMITS),
    "pauseSession": (_session, {"reason": "lunch"}),
    "resumeSession": (_session, None),
    "pauseProject": (_nothing, {"reason": "fire"}),
    "resumeProject": (_nothing, None),
    "putBudget": (lambda _: {"scope": "user:ada"}, {"limits": LIMITS}),
    "deleteBudget": (_budget, None),
    "createExport": (_nothing, {"format": "csv", "period": {"start": TODAY, "end": TODAY}}),
    "putStripeCustomer": (lambda _: {"userId": "ada"}, {"customerId": "cus_1"}),
    "deleteStripeCustomer": (_customer, None),
}
"""What each changing operation needs to be there, which gives its path, and its body."""
ELSEWHERE = {"createProject", "signIn"}
"""The first entry of every project; and what test_sign_in.py tries."""
WORK = {
    "recordUsage",
    "recordUsageBatch",
    "openHold",
    "extendHold",
    "releaseHold",
    "startAgent",
    "beatAgent",
    "endAgent",
}


def route_of(action: str) -> str:
    [route] = [operation.route for operation in OPERATIONS if operation.name == action]
    return route


def test_every_operation_but_agents_own_work_is_audited_and_tried_here() -> None:
    changing = {operation.name for operation in OPERATIONS if operation.method != "GET"}
    assert changing == CHANGES.keys() | ELSEWHERE | WORK
    assert {operation.name for operation in OPERATIONS if operation.audited} == changing - WORK


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize("action", CHANGES)
def test_a_change_leaves_an_entry_that_tells_of_it(project: Project, action: str) -> None:
    prepare, body = CHANGES[action]
    path = prepare(project)
    earlier = len(entries(project))
    request = {} if body is None else {"body": body}
    answer = project.call(route_of(action), path=path, **request)
    assert answer.status < 300, answer
    entry, *others = entries(project)
    assert len(others) == earlier
    presented = read_key(project.owner)
    assert presented
    assert entry["target"].items() >= path.items()
    assert {name: entry[name] for name in entry if name not in {"auditId", "at", "target", "before"}} == {
        "action": action,
        "change": body,
        "keyId": presented.key_id,
        "userId": None,
        "role": "owner",
        "requestId": "request-1",
        "sourceIp": "192.0.2.1",
    }


@pytest.mark.usefixtures("queues")
@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("createApiKey", "keyId"),
        ("createWebhook", "webhookId"),
        ("testWebhook", "deliveryId"),
        ("createSession", "sessionId"),
        ("createExport", "exportId"),
        ("startRerating", "jobId"),
        ("createRateCard", "rateId"),
    ],
)
def test_the_entry_of_something_new_names_it(project: Project, action: str, name: str) -> None:
    prepare, body = CHANGES[action]
    request = {} if body is None else {"body": body}
    answer = project.call(route_of(action), path=prepare(project), **request)
    assert entries(project)[0]["target"][name] == answer.body[name]


def test_a_new_project_begins_its_log(project: Project) -> None:
    [entry] = entries(project)
    presented = read_key(project.owner)
    assert presented
    assert (entry["action"], entry["role"], entry["keyId"]) == ("createProject", "platform", "platform")
    assert entry["target"] == {"projectId": "prj_one", "keyId": presented.key_id}


def test_what_was_replaced_is_told(project: Project) -> None:
    project.call(f"PUT {MEMBER}", path={"userId": "ada"}, body={"role": "admin"})
    project.call(f"PUT {MEMBER}", path={"userId": "ada"}, body={"role": "member"})
    project.call(f"DELETE {MEMBER}", path={"userId": "ada"})
    project.call("PATCH /v1/project", body={"name": "Other", "recordShards": 5})
    before = [entry["before"] for entry in entries(project)]
    assert before[:4] == [{"name": "prj_one", "recordShards": 4}, {"role": "member"}, {"role": "admin"}, None]


# ---------------------------------------------------------------------------- and nothing else


@pytest.mark.usefixtures("sonnet")
def test_agents_work_leaves_nothing(project: Project) -> None:
    session = _session(project)
    earlier = actions(project)
    agent = {**session, "agentId": "a"}
    hold = {**session, "holdId": "h"}
    project.record(sessionId="ses_1", modelId="claude-sonnet-4-5")
    project.call(f"POST {SESSION}/agents", path=session, body={"agentId": "a"})
    project.call(f"PUT {SESSION}/agents/{{agentId}}", path=agent)
    project.call(f"DELETE {SESSION}/agents/{{agentId}}", path=agent)
    opened = project.call(f"POST {SESSION}/holds", path=session, body={"holdId": "h", "estimate": {"costUsd": "1"}})
    assert opened.status == 201
    project.call(f"PUT {SESSION}/holds/{{holdId}}", path=hold, body={"ttlSeconds": 60})
    project.call(f"DELETE {SESSION}/holds/{{holdId}}", path=hold)
    assert actions(project) == earlier


def test_what_is_refused_or_there_already_leaves_nothing(project: Project) -> None:
    _session(project)
    earlier = actions(project)
    refused = [
        project.call(f"DELETE {MEMBER}", path={"userId": "user_1"}),
        project.call(f"DELETE {MEMBER}", path={"userId": "nobody"}),
        project.call("DELETE /v1/api-keys/{keyId}", path={"keyId": "nothing"}),
        project.call("POST /v1/api-keys", body={"name": "", "role": "ingest"}),
        project.call(f"PATCH {SESSION}/limits", path={"sessionId": "ses_2"}, body=LIMITS),
        project.call("POST /v1/sessions", body={"sessionId": "ses_1", "userId": "bob"}),
    ]
    assert [answer.status for answer in refused] == [409, 404, 404, 422, 404, 409]
    assert project.call("POST /v1/sessions", body={"sessionId": "ses_1", "userId": "ada"}).status == 200
    assert actions(project) == earlier


@pytest.mark.usefixtures("queues")
def test_no_secret_is_in_the_log(project: Project, dynamodb: Any) -> None:
    keys = [project.key("ingest"), project.owner]
    shown = project.call("POST /v1/webhooks", body={"url": "https://example.com/hook", "events": ["*"]})
    secrets = [shown.body["secret"], *(presented.secret for presented in map(read_key, keys) if presented)]
    log = json.dumps([i for i in dynamodb.scan(TableName="Accounts")["Items"] if i["account"]["S"].startswith("audit")])
    assert "createWebhook" in log
    assert not [secret for secret in secrets if secret in log]


@pytest.mark.usefixtures("queues")
def test_a_field_that_is_too_large_is_told_of_by_its_size(project: Project) -> None:
    options = {"customers": {f"user_{number}": f"cus_{number}" for number in range(500)}}
    body = {"format": "stripe", "period": {"start": TODAY, "end": TODAY}, "options": options}
    assert project.call("POST /v1/exports", body=body).status == 202
    told = {"format": "stripe", "period": body["period"], "options": f"({len(json.dumps(options))} characters)"}
    assert entries(project)[0]["change"] == told


def test_fractions_are_told_as_they_were_sent(project: Project) -> None:
    raw = json.dumps({**SONNET, "metrics": {"inputTokens": {"priceUsd": 0.1, "per": 1000}}})
    assert project.call("POST /v1/rates", raw=raw).status == 201
    assert entries(project)[0]["change"]["metrics"]["inputTokens"]["priceUsd"] == "0.1"


# ---------------------------------------------------------------------------- reading it


def test_a_bound_keys_entries_name_the_member(api: Api, project: Project) -> None:
    body = {"name": "n", "role": "admin", "userId": "user_1"}
    made = project.call("POST /v1/api-keys", body=body).body
    api.call("POST /v1/api-keys", made["apiKey"], body={"name": "ci", "role": "ingest"})
    [entry] = entries(project, actor="user_1")
    assert (entry["keyId"], entry["userId"], entry["role"]) == (made["keyId"], "user_1", "admin")
    assert entries(project, actor=made["keyId"]) == [entry]
    assert entries(project, actor="user_2") == []


def test_entries_are_of_a_range_and_of_one_action(project: Project, clock: Clock) -> None:
    clock.moment = NOW - timedelta(days=1)
    project.key("ingest")
    clock.set("2026-11-25T00:00:00+00:00")
    _member(project)
    assert actions(project, **{"from": "2026-11-23", "to": "2026-11-24"}) == ["createProject", "createApiKey"]
    assert actions(project, **{"from": "2026-11-25", "to": "2026-11-25"}) == ["putMember"]
    assert actions(project, action="createApiKey") == ["createApiKey"]
    assert actions(project, action="createWebhook") == []


def pages(project: Project, **query: Any) -> Iterator[list[dict[str, Any]]]:
    page = project.call(AUDIT, query=query).body
    yield page["items"]
    while page["nextCursor"]:
        page = project.call(AUDIT, query={**query, "cursor": page["nextCursor"]}).body
        yield page["items"]


def test_the_log_is_read_page_by_page_the_newest_first(project: Project, clock: Clock) -> None:
    for seconds in (3, 1, 2, 2, 4):
        clock.moment = NOW + timedelta(seconds=seconds)
        project.key("ingest")
    found = [entry for page in pages(project, limit=2) for entry in page]
    assert [len(page) for page in pages(project, limit=2)] == [2, 2, 2]
    assert found == entries(project)
    assert [entry["at"] for entry in found] == sorted((entry["at"] for entry in found), reverse=True)
    assert len({entry["auditId"] for entry in found}) == 6


def test_a_project_reads_its_own_log_and_the_platform_its_own(
    api: Api, project: Project, other_project: Project
) -> None:
    project.key("ingest")
    assert actions(other_project) == ["createProject"]
    assert api.call(AUDIT, ADMIN_KEY).body["items"] == []
    assert api.call("POST /v1/rates", ADMIN_KEY, body=SONNET).status == 201
    [entry] = api.call(AUDIT, ADMIN_KEY).body["items"]
    assert (entry["action"], entry["role"]) == ("createRateCard", "platform")
    assert actions(project) == ["createApiKey", "createProject"]


def test_a_log_cannot_be_written_without_its_change_nor_the_change_without_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    client = app_of("manage_projects").CLIENT
    transact = client.transact_write_items

    def note(**call: Any) -> Any:
        sent.append(call)
        return transact(**call)

    monkeypatch.setattr(client, "transact_write_items", note)
    project.call(f"PUT {MEMBER}", path={"userId": "ada"}, body={"role": "owner"})
    [call] = sent
    kinds = [next(iter(item.values())) for item in call["TransactItems"]]
    accounts = [kind.get("Item", kind.get("Key"))["account"]["S"] for kind in kinds]
    assert accounts == ["project#prj_one", "project#prj_one", "audit#prj_one"]
