"""Projects: made with their owner's key or not at all, changed field by field."""

from typing import Any

import pytest

from tests.faults import after, answer_is_lost, cancel, faults, let_pass
from tests.integration.api import ADMIN_KEY, Api, Clock, Project, app_of

CREATE = "POST /v1/projects"
GET = "GET /v1/project"
PATCH = "PATCH /v1/project"
BODY = {"projectId": "prj_new", "name": "New", "ownerId": "user_1"}


def create(api: Api, **fields: Any) -> Any:
    return api.call(CREATE, ADMIN_KEY, body={**BODY, **fields})


def test_a_project_is_made_with_its_owners_key(api: Api) -> None:
    made = create(api, pricingMode="byok")
    assert made.status == 201
    assert made.body["apiKey"].startswith("mk_")
    expected = {
        "projectId": "prj_new",
        "name": "New",
        "pricingMode": "byok",
        "recordShards": 4,
        "markupBasisPoints": 0,
        "createdAt": "2026-11-24T10:00:00.123456Z",
    }
    assert {name: made.body[name] for name in expected} == expected
    assert api.call(GET, made.body["apiKey"]).body == expected


def test_a_project_without_an_id_gets_one_and_is_managed(api: Api) -> None:
    ids = set()
    for _ in range(3):
        made = create(api, projectId=None)
        assert made.body["pricingMode"] == "managed"
        ids.add(made.body["projectId"])
    assert len(ids) == 3


def test_an_id_is_given_once_and_the_first_owner_keeps_the_project(api: Api) -> None:
    first = create(api)
    again = create(api, name="Other")
    assert (again.status, again.code) == (409, "already_exists")
    assert api.call(GET, first.body["apiKey"]).body["name"] == "New"
    assert len(api.call("GET /v1/api-keys", first.body["apiKey"]).body["items"]) == 1


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"projectId": "default"}, "projectId"),
        ({"projectId": ""}, "projectId"),
        ({"projectId": "a#b"}, "projectId"),
        ({"projectId": "a/b"}, "projectId"),
        ({"projectId": "_a"}, "projectId"),
        ({"projectId": "é"}, "projectId"),
        ({"projectId": "a" * 64}, "projectId"),
        ({"projectId": "a\n"}, "projectId"),
        ({"name": ""}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": None}, "name"),
        ({"ownerId": None}, "ownerId"),
        ({"ownerId": ""}, "ownerId"),
        ({"pricingMode": "free"}, "pricingMode"),
        ({"pricingMode": None}, "pricingMode"),
        ({"apiKey": "mk_mine"}, "apiKey"),
        ({"recordShards": 8}, "recordShards"),
    ],
)
def test_what_does_not_fit_is_named_and_makes_nothing(api: Api, fields: dict[str, Any], where: str) -> None:
    answer = create(api, **fields)
    assert (answer.status, answer.paths) == (422, {where})


@pytest.mark.parametrize("project_id", ["a", "A-1_b", "a" * 63, "defaults", "Default"])
def test_any_plain_id_will_do(api: Api, project_id: str) -> None:
    assert create(api, projectId=project_id).body["projectId"] == project_id


# ---------------------------------------------------------------------------- change


def test_only_the_named_fields_change(api: Api, project: Project) -> None:
    before = project.call(GET).body
    assert project.call(PATCH, body={}).body == before
    assert project.call(PATCH, body={"name": None, "pricingMode": None, "recordShards": None}).body == before
    assert project.call(PATCH, body={"name": "Renamed"}).body == {**before, "name": "Renamed"}
    assert project.call(PATCH, body={"pricingMode": "byoi"}).body == {
        **before,
        "name": "Renamed",
        "pricingMode": "byoi",
    }
    after_all = {**before, "name": "Renamed", "pricingMode": "byoi", "recordShards": 8}
    assert project.call(PATCH, body={"recordShards": 8}).body == after_all
    assert project.call(GET).body == after_all
    assert Project(api, "prj_two").call(GET).body["name"] == "prj_two"


def test_changes_of_two_fields_at_once_both_stand(project: Project) -> None:
    """The second is made between the first's read and its write."""

    def rename(request: Any) -> Any:
        assert project.call(PATCH, body={"name": "Renamed"}).status == 200
        return let_pass(request)

    with faults(app_of("manage_projects").CLIENT, let_pass, rename):
        assert project.call(PATCH, body={"pricingMode": "byok"}).status == 200
    found = project.call(GET).body
    assert (found["name"], found["pricingMode"]) == ("Renamed", "byok")


def test_a_markup_is_set_and_taken_away_again(project: Project) -> None:
    for points in (1_000_000, 0):
        assert project.call(PATCH, body={"markupBasisPoints": points}).body["markupBasisPoints"] == points
        assert project.call(GET).body["markupBasisPoints"] == points
    for impossible in (-1, 1_000_001, "8", 8.5, True):
        assert project.call(PATCH, body={"markupBasisPoints": impossible}).paths == {"markupBasisPoints"}


def test_only_owners_set_the_markup(api: Api, project: Project) -> None:
    assert api.call(PATCH, project.key("admin"), body={"markupBasisPoints": 1}).status == 403


def test_shards_only_grow(project: Project) -> None:
    assert project.call(PATCH, body={"recordShards": 4}).status == 200
    assert project.call(PATCH, body={"recordShards": 64}).status == 200
    for fewer in (1, 63):
        answer = project.call(PATCH, body={"recordShards": fewer})
        assert (answer.status, answer.paths) == (422, {"recordShards"})
    for impossible in (0, 65, "8", 8.5, True):
        assert project.call(PATCH, body={"recordShards": impossible}).paths == {"recordShards"}


def test_records_of_before_and_after_more_shards_are_all_found(project: Project, clock: Clock) -> None:
    for number in range(8):
        project.record(idempotencyKey=f"before_{number}")
    project.call(PATCH, body={"recordShards": 16})
    clock.set("2026-11-24T10:00:01Z")
    for number in range(8):
        project.record(idempotencyKey=f"after_{number}")
    keys = [record["idempotencyKey"] for record in project.records()]
    assert len(keys) == 16
    assert all(key.startswith("before") for key in keys[:8])


@pytest.mark.parametrize("mode", ["managed", "byok", "byoi"])
@pytest.mark.usefixtures("sonnet")
def test_the_mode_says_what_is_billable_and_never_what_it_costs(api: Api, mode: str) -> None:
    project = Project(api, "prj_mode", mode)
    answer = project.record(modelId="claude-sonnet-4-5")
    assert answer.body["costUsd"] == "0.0036"
    assert [line["billable"] for line in answer.body["lines"]] == [mode == "managed"]


@pytest.mark.usefixtures("sonnet")
def test_a_record_keeps_the_mode_that_it_was_recorded_in(project: Project) -> None:
    project.record(modelId="claude-sonnet-4-5")
    project.call(PATCH, body={"pricingMode": "byok"})
    [record] = project.records()
    assert record["pricingMode"] == "managed"
    assert record["lines"][0]["billable"] is True


# ---------------------------------------------------------------------------- faults below


def test_a_project_that_was_made_though_the_answer_was_lost_is_answered_with_its_key(api: Api) -> None:
    with faults(app_of("manage_projects").CLIENT, after(answer_is_lost)):
        made = create(api)
    assert made.status == 201
    assert api.call(GET, made.body["apiKey"]).status == 200


def test_a_lost_answer_does_not_make_anothers_project_ours(api: Api) -> None:
    first = create(api)
    with faults(app_of("manage_projects").CLIENT, answer_is_lost):
        assert create(api, name="Other").status == 409
    assert api.call(GET, first.body["apiKey"]).body["name"] == "New"


def test_a_key_that_was_revoked_though_the_answer_was_lost_is_revoked(api: Api, project: Project) -> None:
    key = project.key("ingest")
    key_id = key.split("_")[1]
    with faults(app_of("manage_projects").CLIENT, after(answer_is_lost)):
        assert project.call("DELETE /v1/api-keys/{keyId}", path={"keyId": key_id}).status == 204
    assert api.call(GET, key).status == 401


def test_a_conflict_is_not_noticed(api: Api) -> None:
    with faults(app_of("manage_projects").CLIENT, cancel("TransactionConflict", "None", "None", "None")):
        assert create(api).status == 201
