"""Webhook endpoints over HTTP: made, shown, rotated, removed, and whose they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from metering.aws.transaction import Deadline
from metering.aws.webhook_endpoints import get_endpoint
from metering.aws.webhook_store import Webhooks
from tests.integration.api import ADMIN_KEY, Api, Clock, Context, Project, app_of, client_of
from tests.integration.webhook_world import QUEUE_APPS, World, webhook_environment
from tests.template import ROOT
from tests.webhook_receiver import receiving

CREATE = "POST /v1/webhooks"
LIST = "GET /v1/webhooks"
SHOW = "GET /v1/webhooks/{webhookId}"
DELETE = "DELETE /v1/webhooks/{webhookId}"
ROTATE = "POST /v1/webhooks/{webhookId}/rotate-secret"
DELIVERIES = "GET /v1/webhooks/{webhookId}/deliveries"
RETRY = "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/retry"
TEST = "POST /v1/webhooks/{webhookId}/test"
PUBLIC = {"url": "https://hooks.example/in", "events": ["session.limit_reached"]}
KEY = {"idempotency-key": "key_1"}


SAMPLES = [path for name in QUEUE_APPS for path in sorted((ROOT / "events" / name).glob("*.json"))]


@pytest.fixture
def world(api: Api, clock: Clock, project: Project, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with receiving(punctual=False) as receiver, webhook_environment(monkeypatch) as sent:
        world = World(api, clock, project, receiver, dynamodb)
        world.sent = sent
        yield world


def create(world: World, **request: Any) -> Any:
    return world.api.call(CREATE, world.project.owner, **{"body": PUBLIC, **request})


def test_a_webhooks_secret_is_shown_when_it_is_made_and_never_again(world: World) -> None:
    made = create(world)
    assert made.status == 201
    assert made.body["secret"].startswith("whsec_")
    shown = {name: value for name, value in made.body.items() if name != "secret"}
    assert shown == {
        **PUBLIC,
        "webhookId": made.body["webhookId"],
        "status": "enabled",
        "createdAt": "2026-11-24T10:00:00.123456Z",
    }
    assert world.call(SHOW, made.body).body == shown
    listed = world.api.call(LIST, world.project.owner)
    assert listed.body == {"items": [shown], "nextCursor": None}


def test_a_secret_lies_encrypted_for_its_project_and_webhook(world: World) -> None:
    made = create(world).body
    endpoint = get_endpoint(Webhooks(world.client, "Accounts", Deadline.within(5)), "prj_one", made["webhookId"])
    assert endpoint
    assert made["secret"].encode() not in endpoint.secret
    kms = client_of("kms")
    whose = {"project": "prj_one", "webhook": made["webhookId"]}
    assert kms.decrypt(CiphertextBlob=endpoint.secret, EncryptionContext=whose)["Plaintext"].decode() == made["secret"]
    for other in ({**whose, "project": "prj_two"}, {**whose, "webhook": "wh_other"}, {}):
        with pytest.raises(ClientError):
            kms.decrypt(CiphertextBlob=endpoint.secret, EncryptionContext=other)


@pytest.mark.parametrize(("role", "status"), [("ingest", 403), ("member", 403), ("admin", 200), ("owner", 200)])
def test_webhooks_are_for_admins_and_owners(world: World, role: str, status: int) -> None:
    webhook = world.create()
    key = world.project.key(role)
    assert world.api.call(LIST, key).status == status
    for route in (SHOW, DELIVERIES, ROTATE):
        assert world.call(route, webhook, key=key).status == status
    assert world.call(TEST, webhook, key=key).status == (202 if status == 200 else 403)
    assert world.call(DELETE, webhook, key=key).status == (204 if status == 200 else 403)
    assert world.api.call(CREATE, key, body=PUBLIC).status == (201 if status == 200 else 403)


def test_the_platforms_key_has_no_webhooks(world: World) -> None:
    assert world.api.call(LIST, ADMIN_KEY).status == 403
    assert world.api.call(LIST, None).status == 401


def test_another_projects_webhook_does_not_exist(world: World, other_project: Project) -> None:
    webhook = world.create()
    world.send()
    delivery = world.delivery(webhook)
    for route in (SHOW, DELETE, ROTATE, DELIVERIES, TEST):
        assert world.call(route, webhook, key=other_project.owner).status == 404
    assert world.call(RETRY, webhook, delivery, key=other_project.owner).status == 404
    assert world.api.call(LIST, other_project.owner).body["items"] == []
    assert world.call(SHOW, webhook).status == 200


@pytest.mark.parametrize("webhook_id", ["wh_none", "x" * 3000, "wh_#", "ë", "wh_" + "a" * 24])
def test_a_webhook_that_there_is_not_is_404_whatever_its_id(world: World, webhook_id: str) -> None:
    for route in (SHOW, DELETE, ROTATE, DELIVERIES, TEST):
        assert world.call(route, {"webhookId": webhook_id}).status == 404
    assert world.call(RETRY, {"webhookId": webhook_id}, {"deliveryId": "dlv_1"}).status == 404


@pytest.mark.parametrize("delivery_id", ["dlv_none", "x" * 3000, "dlv_" + "a" * 24])
def test_a_delivery_that_there_is_not_is_404_whatever_its_id(world: World, delivery_id: str) -> None:
    assert world.call(RETRY, world.create(), {"deliveryId": delivery_id}).status == 404


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"url": "https://hooks.example/"}, "events"),
        ({"events": ["*"]}, "url"),
        ({**PUBLIC, "events": []}, "events"),
        ({**PUBLIC, "events": ["session.exploded"]}, "events.0"),
        ({**PUBLIC, "events": ["webhook.test"]}, "events.0"),
        ({**PUBLIC, "events": "*"}, "events"),
        ({**PUBLIC, "secret": "whsec_mine"}, "secret"),
        ({**PUBLIC, "url": "http://10.0.0.1/"}, "url"),
        ({**PUBLIC, "url": "https://169.254.169.254/latest/meta-data/"}, "url"),
        ({**PUBLIC, "url": "https://user:pass@hooks.example/"}, "url"),
        ({**PUBLIC, "url": "https://hooks.example/" + "x" * 2048}, "url"),
        ({**PUBLIC, "url": 5}, "url"),
        ({**PUBLIC, "url": ""}, "url"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_and_says_where(world: World, body: Any, path: str) -> None:
    answer = create(world, body=body)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.paths == {path}
    assert world.api.call(LIST, world.project.owner).body["items"] == []


@pytest.mark.parametrize(
    "url", ["http://hooks.example/", "http://127.0.0.1:8080/", "https://localhost/", "https://[::1]/"]
)
def test_deployed_only_https_to_public_hosts_is_taken(world: World, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("WEBHOOKS_ALLOW_LOOPBACK", "false")
    assert create(world, body={**PUBLIC, "url": url}).status == 422
    assert create(world).status == 201


def test_a_retry_with_the_same_key_is_the_same_webhook_with_its_secret(world: World) -> None:
    first, again = create(world, headers=KEY), create(world, headers=KEY)
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert len(world.api.call(LIST, world.project.owner).body["items"]) == 1


def test_a_day_later_a_retry_still_finds_the_webhook_but_not_its_secret(world: World) -> None:
    first = create(world, headers=KEY).body
    world.wait(hours=24, microseconds=-1)
    assert create(world, headers=KEY).body == first
    world.wait(microseconds=1)
    assert create(world, headers=KEY).body == {**first, "secret": None}


def test_a_rotated_secret_is_not_shown_to_a_retry_of_the_first_request(world: World) -> None:
    first = create(world, headers=KEY).body
    world.call(ROTATE, first)
    assert create(world, headers=KEY).body["secret"] is None


def test_the_same_key_with_other_wishes_is_a_conflict(world: World, other_project: Project) -> None:
    create(world, headers=KEY)
    for other in ({**PUBLIC, "url": "https://other.example/"}, {**PUBLIC, "events": ["*"]}):
        answer = create(world, headers=KEY, body=other)
        assert (answer.status, answer.code) == (409, "idempotency_conflict")
    assert world.api.call(CREATE, other_project.owner, body=PUBLIC, headers=KEY).status == 201


def test_two_requests_without_a_key_are_two_webhooks(world: World) -> None:
    assert create(world).body["webhookId"] != create(world).body["webhookId"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x07b"])
def test_an_idempotency_key_that_does_not_print_is_refused(world: World, key: str) -> None:
    assert create(world, headers={"idempotency-key": key}).status == 422
    assert create(world, headers={"idempotency-key": "x" * 200}).status == 201


def test_a_project_has_at_most_50_webhooks(world: World) -> None:
    webhooks = [create(world).body for _ in range(50)]
    assert create(world).status == 422
    assert world.call(DELETE, webhooks[0]).status == 204
    assert create(world).status == 201


def test_webhooks_are_listed_page_by_page(world: World) -> None:
    made = sorted(create(world).body["webhookId"] for _ in range(5))
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = world.api.call(LIST, world.project.owner, query=query).body
        seen += [webhook["webhookId"] for webhook in page["items"]]
        cursor = page["nextCursor"]
        if not cursor:
            break
    assert seen == made


def test_a_deleted_webhook_is_gone(world: World) -> None:
    webhook = create(world).body
    assert world.call(DELETE, webhook).status == 204
    assert world.call(DELETE, webhook).status == 404
    assert world.call(SHOW, webhook).status == 404


def test_after_a_rotation_both_secrets_sign_for_24_hours(world: World) -> None:
    webhook = world.create()
    rotated = world.call(ROTATE, webhook)
    assert rotated.status == 200
    world.receiver.know("/hook", webhook["secret"], rotated.body["secret"])
    world.wait(hours=24, microseconds=-1)
    world.send()
    world.wait(microseconds=1)
    world.send()
    assert [request.verified_by for request in world.received()] == [[0, 1], [1]]


def test_a_rotation_that_is_retried_with_its_key_rotates_once(world: World) -> None:
    webhook = create(world).body
    first = world.call(ROTATE, webhook, headers=KEY).body
    assert world.call(ROTATE, webhook, headers=KEY).body == first
    third = world.call(ROTATE, webhook, headers={"idempotency-key": "key_2"}).body
    assert len({webhook["secret"], first["secret"], third["secret"]}) == 3


def test_a_day_later_a_retry_of_a_rotation_is_not_shown_the_secret(world: World) -> None:
    webhook = create(world).body
    first = world.call(ROTATE, webhook, headers=KEY).body
    world.wait(hours=24, microseconds=-1)
    assert world.call(ROTATE, webhook, headers=KEY).body == first
    world.wait(microseconds=1)
    assert world.call(ROTATE, webhook, headers=KEY).body == {**first, "secret": None}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_sample_events_run(world: World, path: Path) -> None:
    result = app_of(path.parent.name).handler(json.loads(path.read_text()), Context(30))
    expected = {"create": 201, "list": 200, "not_found": 404}.get(path.stem)
    assert result.get("statusCode") == expected
    assert result.get("batchItemFailures", []) == []
    assert world.take_sent() == []
