"""Many at once: what is sent by 64 threads in the same instant is recorded, made or priced once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud, authorization

CROWD = 64
RECORDS = "/v1/usage/records"
BATCH = "/v1/callbacks/usage.computeCostAndRecord/batch"

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CROWD) as threads:
        yield threads


@pytest.fixture
def project(cloud: RunningCloud) -> ProjectClient:
    return cloud.new_project()


def at_once(crowd: ThreadPoolExecutor, send: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """The answers to what all threads send in the same instant, each with its number."""
    barrier = Barrier(CROWD)

    def wait_and_send(number: int) -> httpx.Response:
        barrier.wait()
        return send(number)

    return list(crowd.map(wait_and_send, range(CROWD)))


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def records(project: ProjectClient, **query: Any) -> list[dict[str, Any]]:
    answer = project.get(RECORDS, params={"limit": 1000, **query})
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_one_key_sent_by_all_is_one_record_with_exactly_one_201(
    project: ProjectClient, crowd: ThreadPoolExecutor
) -> None:
    answers = at_once(crowd, lambda _: project.record(idempotencyKey="the same", runId="run_1"))
    assert statuses(answers) == {201: 1, 200: CROWD - 1}
    bodies = [answer.json() for answer in answers]
    assert Counter(body.pop("status") for body in bodies) == {"recorded": 1, "duplicate": CROWD - 1}
    assert all(body == bodies[0] for body in bodies)
    [record] = records(project)
    assert record["recordId"] == bodies[0]["recordId"]
    run = project.get("/v1/runs/run_1/usage").json()
    assert (run["total"]["records"], run["total"]["costUsd"]) == (1, bodies[0]["costUsd"])


def test_one_key_sent_with_two_payloads_is_one_of_them(project: ProjectClient, crowd: ThreadPoolExecutor) -> None:
    answers = at_once(crowd, lambda number: project.record(idempotencyKey="k", usage={"inputTokens": 1 + number % 2}))
    assert statuses(answers) == {201: 1, 200: CROWD // 2 - 1, 409: CROWD // 2}
    [record] = records(project)
    for number, answer in enumerate(answers):
        assert (answer.status_code == 409) == (record["usage"]["inputTokens"] != 1 + number % 2)


def test_keys_of_their_own_are_records_of_their_own(project: ProjectClient, crowd: ThreadPoolExecutor) -> None:
    answers = at_once(crowd, lambda number: project.record(idempotencyKey=f"key {number}"))
    assert statuses(answers) == {201: CROWD}
    assert {record["idempotencyKey"] for record in records(project)} == {f"key {number}" for number in range(CROWD)}


def test_one_batch_sent_by_all_is_recorded_once_event_by_event(
    project: ProjectClient, crowd: ThreadPoolExecutor
) -> None:
    """Each thread sends the events in another order, so that their transactions cross."""
    events = [
        {"idempotencyKey": f"{number}", "service": "claude_code", "usage": {"inputTokens": number}}
        for number in range(20)
    ]
    answers = at_once(
        crowd, lambda number: project.post(BATCH, json={"events": events[number % 20 :] + events[: number % 20]})
    )
    assert statuses(answers) == {200: CROWD}
    totals = [answer.json() for answer in answers]
    assert sum(total["recorded"] for total in totals) == 20
    assert sum(total["duplicates"] for total in totals) == 20 * (CROWD - 1)
    assert len(records(project)) == 20


def test_singles_and_a_batch_of_the_same_keys_are_recorded_once(
    project: ProjectClient, crowd: ThreadPoolExecutor
) -> None:
    def send(number: int) -> httpx.Response:
        if number % 2:
            return project.record(idempotencyKey=f"{number % 16}")
        usual = {"service": "claude_code", "modelId": "claude-sonnet-4-5", "usage": {"inputTokens": 1000}}
        return project.post(BATCH, json={"events": [{**usual, "idempotencyKey": f"{key}"} for key in range(16)]})

    answers = at_once(crowd, send)
    recorded = sum(answer.status_code == 201 for answer in answers)
    recorded += sum(answer.json().get("recorded", 0) for answer in answers)
    assert recorded == 16
    assert len(records(project)) == 16


def test_one_project_id_asked_for_by_all_is_given_to_one(cloud: RunningCloud, crowd: ThreadPoolExecutor) -> None:
    body = {"projectId": "prj_race", "name": "Race", "ownerId": "owner"}
    with httpx.Client(base_url=cloud.url, headers=authorization(cloud.admin_key), timeout=30) as platform:
        answers = at_once(crowd, lambda _: platform.post("/v1/projects", json=body))
    assert statuses(answers) == {201: 1, 409: CROWD - 1}
    [made] = [answer.json() for answer in answers if answer.status_code == 201]
    keys = httpx.get(f"{cloud.url}/v1/api-keys", headers=authorization(made["apiKey"]), timeout=30).json()
    assert len(keys["items"]) == 1


def test_one_card_made_by_all_is_made_once_and_its_price_is_one_of_theirs(
    project: ProjectClient, crowd: ThreadPoolExecutor
) -> None:
    def create(number: int) -> httpx.Response:
        metrics = {"runs": {"priceUsd": f"{1 + number % 2}"}}
        body = {"service": "race", "effectiveFrom": "2026-01-01", "metrics": metrics}
        return project.post("/v1/rates", json=body)

    answers = at_once(crowd, create)
    assert statuses(answers) == {201: 1, 200: CROWD // 2 - 1, 409: CROWD // 2}
    [card] = project.get("/v1/rates", params={"service": "race"}).json()["items"]
    [first] = [answer.json() for answer in answers if answer.status_code == 201]
    assert card == first


def test_fields_of_a_project_changed_at_once_all_change(project: ProjectClient, crowd: ThreadPoolExecutor) -> None:
    changes: list[dict[str, Any]] = [{"name": "Renamed"}, {"pricingMode": "byok"}, {"recordShards": 8}]
    answers = at_once(crowd, lambda number: project.patch("/v1/project", json=changes[number % 3]))
    assert statuses(answers) == {200: CROWD}
    found = project.get("/v1/project").json()
    assert {name: found[name] for change in changes for name in change} == {
        name: value for change in changes for name, value in change.items()
    }


def test_a_key_revoked_by_all_is_revoked_by_one(project: ProjectClient, crowd: ThreadPoolExecutor) -> None:
    key_id = project.post("/v1/api-keys", json={"name": "ci", "role": "ingest"}).json()["keyId"]
    answers = at_once(crowd, lambda _: project.delete(f"/v1/api-keys/{key_id}"))
    assert statuses(answers) == {204: 1, 404: CROWD - 1}
