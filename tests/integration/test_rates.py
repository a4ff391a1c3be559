"""Rate cards over HTTP: inserted, never edited; listed page by page; and which of them prices an event."""

from itertools import product
from typing import Any

import pytest

from metering.http.pages import write_cursor
from tests.faults import after, answer_is_lost, faults
from tests.integration.api import ADMIN_KEY, SONNET, Api, Project, app_of, forget

CREATE = "POST /v1/rates"
LIST = "GET /v1/rates"
RESOLVE = "GET /v1/rates/resolve"
CARD: dict[str, Any] = {
    "service": "claude_code",
    "modelId": "m",
    "effectiveFrom": "2026-01-01",
    "metrics": {"inputTokens": {"priceUsd": "1"}},
}


def create(api: Api, key: str = ADMIN_KEY, **fields: Any) -> Any:
    body = {name: value for name, value in {**CARD, **fields}.items() if value is not ...}
    return api.call(CREATE, key, body=body)


def listed(api: Api, key: str = ADMIN_KEY, **query: Any) -> list[str]:
    """The ids of all cards, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.call(LIST, key, query={**query, **cursor})
        assert page.status == 200, page.body
        found += [card["rateId"] for card in page.body["items"]]
        assert len(page.body["items"]) <= int(query.get("limit", 100))
        if page.body["nextCursor"] is None:
            return found
        assert page.body["nextCursor"] != cursor.get("cursor"), "the pages do not move on"
        cursor = {"cursor": page.body["nextCursor"]}


def resolved(api: Api, key: str, **query: Any) -> Any:
    answer = api.call(RESOLVE, key, query={"service": "claude_code", **query})
    assert answer.status == 200, answer.body
    return answer.body


# ---------------------------------------------------------------------------- create


def test_a_card_is_answered_as_it_is_kept(api: Api) -> None:
    made = api.call(CREATE, ADMIN_KEY, body=SONNET)
    assert made.status == 201
    assert made.body["rateId"] == "default/provider:anthropic/claude-sonnet-4-5@2025-09-29"
    assert (made.body["scope"], made.body["provider"]) == ("default", "anthropic")
    assert made.body["metrics"]["inputTokens"] == {
        "priceUsd": "3",
        "per": 1000000,
        "category": "modelTokens",
        "tiers": [{"aboveInputTokens": 200000, "priceUsd": "6"}],
    }
    assert api.call(LIST, ADMIN_KEY).body["items"] == [made.body]


def test_the_same_card_twice_is_one_card(api: Api) -> None:
    first = create(api)
    for same in (
        {},
        {"effectiveFrom": "2026-01-01T00:00:00Z"},
        {"effectiveFrom": "2026-01-01T01:00:00+01:00"},
        {"metrics": {"inputTokens": {"priceUsd": 1, "per": 1}}},
        {"metrics": {"inputTokens": {"priceUsd": "1.000", "category": "modelTokens", "tiers": []}}},
        {"provider": None},
    ):
        again = create(api, **same)
        assert (again.status, again.body) == (200, first.body)
    assert len(listed(api)) == 1


@pytest.mark.parametrize(
    "metrics",
    [
        {"inputTokens": {"priceUsd": "1.000000000001"}},
        {"inputTokens": {"priceUsd": "1", "per": 2}},
        {"inputTokens": {"priceUsd": "2", "per": 2}},
        {"inputTokens": {"priceUsd": "1", "category": "compute"}},
        {"inputTokens": {"priceUsd": "1", "tiers": [{"aboveInputTokens": 1, "priceUsd": "1"}]}},
        {"inputTokens": {"priceUsd": "1"}, "outputTokens": {"priceUsd": "1"}},
        {"outputTokens": {"priceUsd": "1"}},
    ],
)
def test_a_card_is_never_edited(api: Api, metrics: dict[str, Any]) -> None:
    first = create(api)
    other = create(api, metrics=metrics)
    assert (other.status, other.code) == (409, "already_exists")
    assert api.call(LIST, ADMIN_KEY).body["items"] == [first.body]


def test_a_change_is_a_card_from_another_moment(api: Api) -> None:
    create(api)
    for effective_from in ("2026-01-02", "2026-01-01T00:00:00.000001Z", "2025-12-31T23:59:59.999999Z"):
        assert create(api, effectiveFrom=effective_from, metrics={"runs": {"priceUsd": "2"}}).status == 201
    assert len(listed(api)) == 4


def test_a_projects_key_makes_cards_of_its_project_and_the_admin_key_defaults(
    api: Api, project: Project, other_project: Project
) -> None:
    assert create(api, project.owner).body["rateId"] == "prj_one/service:claude_code/m@2026-01-01"
    assert create(api, other_project.owner).status == 201
    assert create(api).body["scope"] == "default"
    assert listed(api) == ["default/service:claude_code/m@2026-01-01"]
    assert listed(api, project.owner) == [
        "prj_one/service:claude_code/m@2026-01-01",
        "default/service:claude_code/m@2026-01-01",
    ]


def test_a_metric_that_nobody_knows_needs_a_category(api: Api) -> None:
    unknown = create(api, metrics={"newMetric": {"priceUsd": "1"}, "runs": {"priceUsd": "1"}})
    assert (unknown.status, unknown.paths) == (422, {"metrics.newMetric.category"})
    known = create(api, metrics={"newMetric": {"priceUsd": "1", "category": "storage"}})
    assert known.body["metrics"]["newMetric"]["category"] == "storage"


@pytest.mark.parametrize("model", ["*", "claude", "a/b", "a#b", "a#2026-01-01", "日本", "🜚" * 200, "x" * 200, "a b"])
def test_a_card_is_of_any_model(api: Api, model: str) -> None:
    made = create(api, modelId=model)
    assert made.status == 201
    assert listed(api, modelId=model) == [made.body["rateId"]]
    assert resolved(api, ADMIN_KEY, modelId=model)["card"] == made.body


def test_a_card_that_was_made_though_the_answer_was_lost_is_new(api: Api) -> None:
    with faults(app_of("manage_rates").CLIENT, after(answer_is_lost)):
        assert create(api).status == 201
    assert create(api).status == 200


# ---------------------------------------------------------------------------- resolve

SCOPES, OWNERS, MODELS = ("project", "default"), ("service", "provider"), ("exact", "undated", "any")
PLACES = list(product(SCOPES, OWNERS, MODELS))
"""Where a card may be, in the order of the contract."""
MODEL_OF = {"exact": "claude-sonnet-4-5-20250929", "undated": "claude-sonnet-4-5", "any": "*"}


def put_card(api: Api, project: Project, place: tuple[str, str, str], **fields: Any) -> str:
    scope, owner, model = place
    card = {
        "service": "claude_code" if owner == "service" else ...,
        "provider": "anthropic" if owner == "provider" else ...,
        "modelId": MODEL_OF[model],
    }
    made = create(api, project.owner if scope == "project" else ADMIN_KEY, **{**card, **fields})
    assert made.status == 201
    rate_id: str = made.body["rateId"]
    return rate_id


def test_the_first_place_with_a_card_decides_whatever_is_behind_it(api: Api, project: Project) -> None:
    """From the last place to the first, a card appears, and from then on it decides."""
    query = {"modelId": MODEL_OF["exact"]}
    assert resolved(api, project.owner, **query)["card"] is None
    for number, place in enumerate(reversed(PLACES)):
        rate_id = put_card(api, project, place)
        found = resolved(api, project.owner, **query)
        assert found["card"]["rateId"] == rate_id
        assert len(found["lookedAt"]) == len(PLACES) - number
        assert found["lookedAt"][-1]["rateId"] == rate_id
        assert all(looked["rateId"] is None for looked in found["lookedAt"][:-1])
        assert found["reason"] == found["lookedAt"][-1]["reason"]


def test_recording_takes_the_card_that_resolving_names(api: Api, project: Project) -> None:
    for place in reversed(PLACES):
        rate_id = put_card(api, project, place)
        answer = project.record(idempotencyKey="-".join(place), modelId=MODEL_OF["exact"])
        forget()
        assert answer.status == 201
        again = project.record(idempotencyKey=f"{place}-again", modelId=MODEL_OF["exact"])
        assert [line["rateId"] for line in again.body["lines"]] == [rate_id]


def test_a_card_that_is_not_in_force_yet_does_not_decide(api: Api, project: Project) -> None:
    later = put_card(api, project, PLACES[0], effectiveFrom="2026-06-01T12:00:00Z")
    default = put_card(api, project, PLACES[-1])
    for at, rate_id in (
        ("2025-12-31", None),
        ("2025-12-31T23:59:59.999999Z", None),
        ("2026-01-01", default),
        ("2026-06-01", default),
        ("2026-06-01T11:59:59.999999Z", default),
        ("2026-06-01T12:00:00Z", later),
        ("2026-06-01T14:00:00+02:00", later),
    ):
        card = resolved(api, project.owner, modelId=MODEL_OF["exact"], at=at)["card"]
        assert (card and card["rateId"]) == rate_id, at


def test_a_metric_that_the_deciding_card_lacks_is_unrated_though_others_have_it(api: Api, project: Project) -> None:
    put_card(api, project, PLACES[0], metrics={"outputTokens": {"priceUsd": "1"}})
    put_card(api, project, PLACES[-1])
    answer = project.record(modelId=MODEL_OF["exact"], usage={"inputTokens": 1, "outputTokens": 1})
    assert answer.body["unratedMetrics"] == ["inputTokens"]
    assert answer.body["costUsd"] == "1"


def test_without_a_card_the_places_are_told(api: Api, project: Project) -> None:
    found = resolved(api, project.owner, service="opencode", modelId="anthropic/claude-3-5-haiku-latest")
    assert found["card"] is None
    assert "unrated" in found["reason"]
    assert [(looked["scope"], looked["owner"], looked["modelId"]) for looked in found["lookedAt"]] == [
        (scope, owner, model)
        for scope in ("project", "default")
        for owner in ("service:opencode", "provider:anthropic")
        for model in (
            "anthropic/claude-3-5-haiku-latest",
            "claude-3-5-haiku-latest",
            "anthropic/claude-3-5-haiku",
            "claude-3-5-haiku",
            "*",
        )
    ]


def test_the_platform_resolves_among_the_defaults(api: Api, project: Project) -> None:
    put_card(api, project, PLACES[0])
    default = put_card(api, project, PLACES[-1])
    found = resolved(api, ADMIN_KEY, modelId=MODEL_OF["exact"])
    assert found["card"]["rateId"] == default
    assert {looked["scope"] for looked in found["lookedAt"]} == {"default"}
    assert len(found["lookedAt"]) == len(PLACES) / 2


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"service": ""}, {"service"}),
        ({"service": "a b"}, {"service"}),
        ({"service": "x", "at": "now"}, {"at"}),
        ({"service": "x", "at": "2026-02-29"}, {"at"}),
        ({"service": "x", "limit": "1"}, {"limit"}),
        ({}, {"service"}),
    ],
)
def test_a_question_that_does_not_fit_is_refused(api: Api, query: dict[str, str], where: set[str]) -> None:
    answer = api.call(RESOLVE, ADMIN_KEY, query=query)
    assert (answer.status, answer.paths) == (422, where)


# ---------------------------------------------------------------------------- list


@pytest.fixture
def shelf(api: Api, project: Project) -> list[str]:
    """Cards of two scopes, two owners, three models, two dates; their ids in order."""
    made = []
    for key, owner, model, effective_from in product(
        (project.owner, ADMIN_KEY),
        ({"service": ..., "provider": "acme"}, {"service": "acme"}),
        ("a", "a-b", "b"),
        ("2026-01-01", "2026-07-01T12:00:00Z"),
    ):
        made.append(create(api, key, **owner, modelId=model, effectiveFrom=effective_from).body["rateId"])
    return made


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 24, 1000])
def test_all_cards_are_listed_once_and_in_order_whatever_the_page(
    api: Api, project: Project, shelf: list[str], limit: int
) -> None:
    found = listed(api, project.owner, limit=limit)
    assert found == shelf
    assert listed(api, limit=limit) == [rate_id for rate_id in shelf if rate_id.startswith("default/")]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"service": "acme"}, "/service:acme/"),
        ({"provider": "acme"}, "/provider:acme/"),
        ({"modelId": "a"}, "/a@"),
        ({"modelId": "b", "service": "acme"}, "/service:acme/b@"),
        ({"modelId": "unknown"}, "/unknown@"),
        ({"service": "unknown"}, "/service:unknown/"),
    ],
)
def test_cards_of_one_owner_or_one_model(
    api: Api, project: Project, shelf: list[str], query: dict[str, str], wanted: str
) -> None:
    for limit in (1, 100):
        found = listed(api, project.owner, limit=limit, **query)
        assert found == [rate_id for rate_id in shelf if wanted in rate_id]


@pytest.mark.parametrize(
    ("at", "date"),
    [
        ("2025-12-31T23:59:59.999999Z", None),
        ("2026-01-01", "@2026-01-01"),
        ("2026-07-01T11:59:59Z", "@2026-01-01"),
        ("2026-07-01T12:00:00Z", "@2026-07-01"),
        ("2030-01-01", "@2026-07-01"),
    ],
)
@pytest.mark.parametrize("limit", [1, 100])
def test_of_each_model_the_card_in_force_at_a_moment(  # noqa: PLR0913, PLR0917  # two axes
    api: Api, project: Project, shelf: list[str], at: str, date: str | None, limit: int
) -> None:
    expected = [rate_id for rate_id in shelf if date and date in rate_id]
    assert listed(api, project.owner, at=at, limit=limit) == expected


def test_a_card_has_one_owner_in_a_question_too(api: Api) -> None:
    answer = api.call(LIST, ADMIN_KEY, query={"service": "a", "provider": "b"})
    assert (answer.status, answer.paths) == (422, {"provider"})


def test_a_cursor_of_another_list_is_malformed(api: Api, project: Project, other_project: Project) -> None:
    create(api, project.owner)
    create(api, project.owner, modelId="n")
    cursor = api.call(LIST, project.owner, query={"limit": 1}).body["nextCursor"]
    assert cursor
    for key in (other_project.owner, ADMIN_KEY):
        answer = api.call(LIST, key, query={"cursor": cursor})
        assert (answer.status, answer.code) == (400, "malformed_request")
    answer = project.call("GET /v1/api-keys", query={"cursor": cursor})
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("query", [{"modelId": "a"}, {"service": "acme"}, {"provider": "acme", "modelId": "a-b"}])
def test_a_cursor_with_other_filters_gives_no_defect(
    api: Api, project: Project, shelf: list[str], query: dict[str, str]
) -> None:
    for limit in (1, 11, 13, len(shelf) - 1):
        cursor = api.call(LIST, project.owner, query={"limit": limit}).body["nextCursor"]
        assert api.call(LIST, project.owner, query={**query, "cursor": cursor}).status == 200


@pytest.mark.parametrize(
    "places", [["default", "x" * 1000, "y"], ["default", "~", "~"], ["default", "service:a", "🜚" * 250]]
)
def test_a_forged_cursor_gives_no_defect(api: Api, shelf: list[str], places: list[str]) -> None:
    assert shelf
    for query in ({}, {"service": "acme"}, {"modelId": "a", "provider": "acme"}):
        answer = api.call(LIST, ADMIN_KEY, query={**query, "cursor": write_cursor("rates", places)})
        assert answer.status in {200, 400}


@pytest.mark.parametrize("cursor", ["", "x", "é", "bm90IGpzb24", "[]"])
def test_what_is_no_cursor_is_malformed(api: Api, cursor: str) -> None:
    answer = api.call(LIST, ADMIN_KEY, query={"cursor": cursor})
    assert (answer.status, answer.code) == (400, "malformed_request")
