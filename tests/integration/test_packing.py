"""Long answers are packed for whoever takes them so, and say the same."""

import pytest

from tests.integration.api import Project

DAILY = "GET /v1/usage/daily"
YEAR = {"from": "2025-11-25", "to": "2026-11-24"}
DAY = {"from": "2026-11-24", "to": "2026-11-24"}


def test_a_long_answer_is_packed_for_whoever_takes_gzip(project: Project) -> None:
    plain = project.call(DAILY, query=YEAR)
    packed = project.call(DAILY, query=YEAR, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "content-encoding" not in plain.headers
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert (packed.status, packed.body["items"]) == (200, plain.body["items"])


@pytest.mark.parametrize(("query", "takes"), [(YEAR, "br"), (YEAR, ""), (DAY, "gzip")], ids=["br", "nothing", "short"])
def test_others_get_it_as_it_is(project: Project, query: dict[str, str], takes: str) -> None:
    answer = project.call(DAILY, query=query, headers={"Accept-Encoding": takes})
    assert answer.status == 200
    assert "content-encoding" not in answer.headers
