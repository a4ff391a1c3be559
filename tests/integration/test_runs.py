"""A run's usage by model and by step, up to date with the last answered callback."""

from typing import Any

import pytest

from tests.integration.api import BATCH, Api, Project, usage_event

RUN = "GET /v1/runs/{runId}/usage"
MODEL = "claude-sonnet-4-5"

pytestmark = pytest.mark.usefixtures("sonnet")


def usage_of(project: Project, run_id: str = "run_1") -> Any:
    answer = project.call(RUN, path={"runId": run_id})
    assert answer.status == 200, answer.body
    return answer.body


def step(key: str, index: int | None, **fields: Any) -> dict[str, Any]:
    return usage_event(
        **{"idempotencyKey": key, "runId": "run_1", "modelId": MODEL, "stepIndex": index, "stepType": "designer"}
        | fields
    )


def added(figures: list[dict[str, Any]], name: str) -> int:
    """The sum of a plain decimal over figures, in units of 10^-12."""
    total = 0
    for one in figures:
        whole, _, fraction = one[name].partition(".")
        total += int(whole + fraction.ljust(12, "0"))
    return total


def test_a_run_is_up_to_date_with_the_last_answered_callback(project: Project) -> None:
    for number, usd in ((1, "0.0036"), (2, "0.0072"), (3, "0.0108")):
        project.record(**step(f"call_{number}", 1))
        total = usage_of(project)["total"]
        assert (total["records"], total["costUsd"]) == (number, usd)
        assert total["metrics"] == {"inputTokens": str(1200 * number)}


def test_models_and_steps_have_the_figures_of_their_records(project: Project) -> None:
    events = [
        step("a", 1, durationMs=100),
        step("b", 1, durationMs=50, usage={"outputTokens": 100}),
        step("c", 2, stepType="tester", modelId="unknown", durationMs=7),
        step("d", 10),
        step("e", None, stepType=None, modelId=None, usage={"runs": "0.5"}),
        step("f", 1, runId="run_2"),
        step("g", 1, runId=None),
    ]
    assert project.call(BATCH, body={"events": events}).body["errors"] == 0
    run = usage_of(project)
    assert run["runId"] == "run_1"
    steps = [(one["stepIndex"], one["stepType"], one["records"], one["durationMs"]) for one in run["steps"]]
    assert steps == [(1, "designer", 2, 150), (2, "tester", 1, 7), (10, "designer", 1, 0), (None, None, 1, 0)]
    models = [(one["key"], one["costUsd"], one["unrated"]) for one in run["models"]]
    assert models == [(MODEL, "0.0087", 0), (None, "0", 1), ("unknown", "0", 1)]
    assert run["total"]["costUsd"] == "0.0087"
    assert (run["total"]["records"], run["total"]["unrated"]) == (5, 2)
    assert run["total"]["metrics"] == {"inputTokens": "3600", "outputTokens": "100", "runs": "0.5"}


def test_models_and_steps_each_add_up_to_the_total_exactly(project: Project) -> None:
    events = [
        step(
            f"{number}",
            number % 7,
            modelId=MODEL if number % 3 else "unknown",
            usage={"inputTokens": f"0.{number:012d}"},
        )
        for number in range(1, 60)
    ]
    project.call(BATCH, body={"events": events})
    run = usage_of(project)
    for name in ("costUsd", "billedUsd"):
        assert added(run["models"], name) == added(run["steps"], name) == added([run["total"]], name)
    for name in ("records", "unrated"):
        sums = {sum(one[name] for one in run[part]) for part in ("models", "steps")}
        assert sums == {run["total"][name]}


def test_what_is_billed_follows_the_mode(api: Api) -> None:
    project = Project(api, "prj_byok", "byok")
    project.record(**step("a", 1))
    total = usage_of(project)["total"]
    assert (total["costUsd"], total["billedUsd"]) == ("0.0036", "0")
    assert (total["cost"]["amount"], total["billed"]["amount"]) == (0, 0)


def test_a_retry_counts_once(project: Project) -> None:
    for _ in range(3):
        project.record(**step("a", 1))
    assert usage_of(project)["total"]["records"] == 1


@pytest.mark.parametrize("run_id", ["a#b", "a b", "日本", "🜚" * 200, "a/b?c"])
def test_a_run_may_have_any_name(project: Project, run_id: str) -> None:
    project.record(**step("a", 1, runId=run_id))
    assert usage_of(project, run_id)["runId"] == run_id


@pytest.mark.parametrize("run_id", ["run_9", "run_", "run_1#", "x" * 3000, "🜚" * 600, "a\x00"], ids=ascii)
def test_a_run_that_no_usage_names_is_not_found(project: Project, run_id: str) -> None:
    project.record(**step("a", 1))
    assert project.call(RUN, path={"runId": run_id}).status == 404


def test_another_projects_run_is_not_found(project: Project, other_project: Project) -> None:
    project.record(**step("a", 1))
    assert other_project.call(RUN, path={"runId": "run_1"}).status == 404
