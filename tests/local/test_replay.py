"""An hour of real LLM traffic, stretched over a month: four users' sessions, by ordinary callbacks, into every view.

What the views must show is computed from the traces themselves by polars, in whole pico-dollars, with no code of ours.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.statistics_world import VIEWS

pytestmark = pytest.mark.local

TRACES = Path(__file__).parents[1] / "data/azure-llm-inference"
BEGINS = pl.datetime(2023, 11, 16, 18, 15, time_unit="ns")
MONTH = ("2024-02-01", "2024-03-01")  # thirty days, a leap day among them
STRETCH = 30 * 24  # an hour becomes these days
BATCH, SENDERS = 400, 2
PICO = 10**12
MILLION = 10**6
MODES = {"modelTokens": False, "compute": True, "orchestration": True, None: False}
"""Category to whether `byok` bills it."""
COLUMNS = {
    "inputTokens": "modelTokens",
    "cachedInputTokens": "modelTokens",
    "outputTokens": "modelTokens",
    "vcpuSeconds": "compute",
    "runs": "orchestration",
    "rerankUnits": None,  # has no rate
}
"""Metric to its category."""
CARDS = [
    {
        "service": "claude_code",
        "modelId": "code",
        "effectiveFrom": "2023-01-01",
        "metrics": {
            "inputTokens": {"priceUsd": "3", "per": MILLION, "tiers": [{"aboveInputTokens": 4000, "priceUsd": "6"}]},
            "outputTokens": {
                "priceUsd": "15",
                "per": MILLION,
                "tiers": [{"aboveInputTokens": 4000, "priceUsd": "22.5"}],
            },
            "vcpuSeconds": {"priceUsd": "0.000001", "per": 3, "category": "compute"},
        },
    },
    {
        "service": "codex",
        "modelId": "conv",
        "effectiveFrom": "2023-01-01",
        "metrics": {
            "inputTokens": {"priceUsd": "1.25", "per": MILLION},
            "cachedInputTokens": {"priceUsd": "0.125", "per": MILLION},
            "outputTokens": {"priceUsd": "10", "per": MILLION},
            "runs": {"priceUsd": "0.002", "category": "orchestration"},
        },
    },
]

# ---------------------------------------------------------------------------- the traces, and what they cost


def read_trace(name: str) -> pl.DataFrame:
    file = pl.read_csv(TRACES / f"AzureLLMInferenceTrace_{name}.csv").with_row_index("number")
    at = pl.col("TIMESTAMP").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ns")
    passed = (at - BEGINS).dt.total_nanoseconds() * STRETCH // 1000
    stretched = pl.datetime(2024, 2, 1, time_unit="us") + pl.duration(microseconds=passed)
    number, tokens = pl.col("number"), pl.col("ContextTokens")
    return file.select(
        "number",
        pl.lit(name).alias("model"),
        stretched.alias("at"),
        user=pl.lit("user_") + (number % 4).cast(str),
        persona=pl.when(number % 3 > 0).then(pl.lit("designer")),
        stepType=pl.when(number % 5 > 0).then(pl.lit("plan")).otherwise(pl.lit("build")),
        reranked=(number % 97 == 0).cast(pl.Int64),
        tokens=tokens,
        generated=pl.col("GeneratedTokens"),
    )


def price_code(trace: pl.DataFrame) -> pl.DataFrame:
    """A request of the coding service: a tier above 4,000 input tokens, and computing at a third of a price."""
    is_long, halves = pl.col("tokens") > 4000, 2 * pl.col("generated") + 1
    return trace.with_columns(
        service=pl.lit("claude_code"),
        provider=pl.lit("anthropic"),
        tool=pl.lit("claude"),
        inputTokens=pl.col("tokens"),
        cachedInputTokens=pl.lit(None, pl.Int64),
        outputTokens=pl.col("generated"),
        halfSeconds=halves,
        runs=pl.lit(None, pl.Int64),
        inputTokens_cost=pl.col("tokens") * pl.when(is_long).then(6).otherwise(3) * MILLION,
        cachedInputTokens_cost=pl.lit(0, pl.Int64),
        outputTokens_cost=pl.col("generated") * pl.when(is_long).then(225).otherwise(150) * 10**5,
        vcpuSeconds_cost=(2 * halves * (MILLION // 2) + 3) // 6,  # to the nearest; a third is never halfway
        runs_cost=pl.lit(0, pl.Int64),
    )


def price_conversation(trace: pl.DataFrame) -> pl.DataFrame:
    cached = pl.col("tokens") // 2
    return trace.with_columns(
        service=pl.lit("codex"),
        provider=pl.lit("openai"),
        tool=pl.lit(None, pl.String),
        inputTokens=pl.col("tokens") - cached,
        cachedInputTokens=cached,
        outputTokens=pl.col("generated"),
        halfSeconds=pl.lit(None, pl.Int64),
        runs=pl.lit(1, pl.Int64),
        inputTokens_cost=(pl.col("tokens") - cached) * 1_250_000,
        cachedInputTokens_cost=cached * 125_000,
        outputTokens_cost=pl.col("generated") * 10 * MILLION,
        vcpuSeconds_cost=pl.lit(0, pl.Int64),
        runs_cost=pl.lit(2 * 10**9, pl.Int64),
    )


@pytest.fixture(scope="module")
def requests() -> pl.DataFrame:
    """Every request of both traces, priced, in order of time."""
    both = pl.concat([price_code(read_trace("code")), price_conversation(read_trace("conv"))])
    date = pl.col("at").dt.strftime("%Y-%m-%d")
    rerank = pl.when(pl.col("reranked") == 1).then(1).cast(pl.Int64)
    return both.sort("at", "number").with_columns(
        date=date,
        hour=pl.col("at").dt.strftime("%Y-%m-%dT%H:00:00Z"),
        session=pl.lit("ses_") + pl.col("user") + "_" + date,
        run=pl.lit("run_") + pl.col("user") + "_" + pl.col("model") + "_" + date,
        durationMs=pl.col("generated") * 20,
        rerankUnits=rerank,
        rerankUnits_cost=pl.lit(0, pl.Int64),
        unrated=pl.col("reranked"),
        # Every seventh conversation names its run first, so that it counts under orchestration.
        first=pl.when((pl.col("model") == "conv") & (pl.col("number") % 7 == 0))
        .then(pl.lit("orchestration"))
        .otherwise(pl.lit("modelTokens")),
    )


def event_of(row: dict[str, Any]) -> dict[str, Any]:
    """The callback of a request."""
    usage = {metric: row[metric] for metric in COLUMNS if metric in row and row[metric] is not None}
    if row["halfSeconds"] is not None:
        usage["vcpuSeconds"] = f"{row['halfSeconds'] // 2}.5"
    if row["first"] == "orchestration":
        usage = {"runs": usage.pop("runs"), **usage}
    event = {
        "idempotencyKey": f"{row['model']}/{row['number']}",
        "occurredAt": f"{row['at'].isoformat(timespec='microseconds')}Z",
        "service": row["service"],
        "modelId": row["model"],
        "toolId": row["tool"],
        "usage": usage,
        "runId": row["run"],
        "sessionId": row["session"],
        "userId": row["user"],
        "personaId": row["persona"],
        "stepType": row["stepType"],
        "durationMs": row["durationMs"],
    }
    return {name: value for name, value in event.items() if value is not None}


def lines_of(requests: pl.DataFrame) -> pl.DataFrame:
    """A row for each metric of each request, under its category; the request counts in the category named first."""
    parts = []
    for metric, category in COLUMNS.items():
        column = "halfSeconds" if metric == "vcpuSeconds" else metric
        others = [pl.lit(None, pl.Int64).alias(other) for other in _amounts() if other != column]
        is_first = (pl.col("first") == category if category else pl.lit(value=False)) & (
            pl.lit(metric in {"inputTokens", "runs"})
        )
        parts.append(
            requests.filter(pl.col(column).is_not_null()).select(
                "date",
                "hour",
                pl.lit(category, pl.String).alias("category"),
                column,
                *others,
                cost=pl.col(f"{metric}_cost"),
                billed=pl.col(f"{metric}_cost") * MODES[category],
                records=is_first.cast(pl.Int64),
                unrated=pl.col("unrated") * is_first.cast(pl.Int64),
            )
        )
    return pl.concat([part.select(sorted(part.columns)) for part in parts])


def wholes_of(requests: pl.DataFrame) -> pl.DataFrame:
    """A row for each request."""
    cost = pl.sum_horizontal(f"{metric}_cost" for metric in COLUMNS)
    billed = pl.sum_horizontal(f"{metric}_cost" for metric, category in COLUMNS.items() if MODES[category])
    return requests.with_columns(cost=cost, billed=billed, records=pl.lit(1, pl.Int64))


def _amounts() -> list[str]:
    return ["halfSeconds" if metric == "vcpuSeconds" else metric for metric in COLUMNS]


Figures = tuple[Decimal, Decimal, int, int, dict[str, Decimal]]


def expected(frame: pl.DataFrame, *by: str) -> dict[Any, Figures]:
    """Sums by the columns; the key is a value, or several."""
    sums = [pl.col(name).sum() for name in ("cost", "billed", "records", "unrated", *_amounts())]
    rows = (frame.group_by(by) if by else frame.group_by(pl.lit(1).alias("all"))).agg(*sums).to_dicts()
    return {
        (tuple(row[name] for name in by) if len(by) > 1 else row[by[0]] if by else None): _sums(row) for row in rows
    }


def _sums(row: dict[str, Any]) -> Figures:
    metrics = {metric: Decimal(row[metric]) for metric in COLUMNS if row.get(metric)}
    if row["halfSeconds"]:
        metrics["vcpuSeconds"] = Decimal(row["halfSeconds"]) / 2
    cost, billed = (Decimal(row[name]) / PICO for name in ("cost", "billed"))
    return cost, billed, row["records"], row["unrated"], metrics


# ---------------------------------------------------------------------------- the service


def shown(item: dict[str, Any]) -> Figures:
    metrics = {metric: Decimal(amount) for metric, amount in item["metrics"].items()}
    return Decimal(item["costUsd"]), Decimal(item["billedUsd"]), item["records"], item["unrated"], metrics


ZERO: Figures = (Decimal(0), Decimal(0), 0, 0, {})


def ask(project: ProjectClient, path: str, first: str = MONTH[0], last: str = MONTH[1], **query: Any) -> Any:
    """A view, all of its pages put together."""
    wanted = {"from": first, "to": last, **query}
    answer = project.get(f"/v1/{path}", params=wanted).raise_for_status().json()
    cursor = answer.get("nextCursor")
    while cursor:
        page = project.get(f"/v1/{path}", params={**wanted, "cursor": cursor}).raise_for_status().json()
        answer["items"] += page["items"]
        cursor = page["nextCursor"]
    return answer


def send(project: ProjectClient, events: Sequence[dict[str, Any]]) -> int:
    answer = project.post("/v1/callbacks/usage.computeCostAndRecord/batch", json={"events": list(events)})
    body = answer.raise_for_status().json()
    assert body["errors"] == body["duplicates"] == 0, body
    recorded: int = body["recorded"]
    return recorded


@pytest.fixture(scope="module")
def project(cloud: RunningCloud, requests: pl.DataFrame) -> ProjectClient:
    """A project that has had all the traffic, and whose days are closed."""
    found = cloud.new_project("byok")
    for card in CARDS:
        found.post("/v1/rates", json=card).raise_for_status()
    for session, user in requests.select("session", "user").unique(maintain_order=True).iter_rows():
        found.post("/v1/sessions", json={"sessionId": session, "userId": user}).raise_for_status()
    events = [event_of(row) for row in requests.iter_rows(named=True)]
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    with ThreadPoolExecutor(SENDERS) as senders:
        assert sum(senders.map(lambda batch: send(found, batch), batches)) == len(requests)

    def is_closed(first: str, wanted: int) -> bool:
        view = ask(found, "usage/daily", first)
        return bool(view["final"] and view["total"]["records"] == wanted)

    # The last day is looked at until it is closed, and then the whole month: a look at all of it is no small thing.
    of_last_day = len(requests.filter(pl.col("date") == MONTH[1]))
    eventually(lambda: is_closed(MONTH[1], of_last_day), within=300)
    eventually(lambda: is_closed(MONTH[0], len(requests)), within=300)
    return found


def test_the_traces_are_whole(requests: pl.DataFrame) -> None:
    assert requests.group_by("model").len().sort("model").rows() == [("code", 8819), ("conv", 19366)]
    assert requests["user"].n_unique() == 4
    assert requests["date"].n_unique() == 30
    assert (requests["at"].min(), requests["at"].max()) == (requests["at"][0], requests["at"][-1])


@pytest.mark.parametrize("dimension", VIEWS)
def test_every_grouped_view_is_what_the_traces_add_up_to(
    project: ProjectClient, requests: pl.DataFrame, dimension: str
) -> None:
    frame = lines_of(requests) if dimension == "category" else wholes_of(requests)
    [total] = expected(wholes_of(requests)).values()
    view = ask(project, f"usage/{VIEWS[dimension]}", limit=50)
    assert {item["key"]: shown(item) for item in view["items"]} == expected(frame, dimension)
    assert shown(view["total"]) == total
    daily = ask(project, "usage/daily", groupBy=dimension)
    groups = {(item["date"], group["key"]): shown(group) for item in daily["items"] for group in item["groups"]}
    assert groups == expected(frame, "date", dimension)
    assert shown(daily["total"]) == total
    assert view["final"]
    assert daily["final"]


def test_days_and_hours_are_what_the_traces_add_up_to(project: ProjectClient, requests: pl.DataFrame) -> None:
    frame = wholes_of(requests)
    days = ask(project, "usage/daily", "2024-01-31", "2024-03-02")["items"]
    by_date = expected(frame, "date")
    assert len(days) == 32
    assert {item["date"]: shown(item) for item in days} == {
        item["date"]: by_date.get(item["date"], ZERO) for item in days
    }
    by_hour = expected(frame, "hour")
    hours = [
        item
        for first, last in (("2024-02-01", "2024-02-14"), ("2024-02-15", "2024-02-28"), ("2024-02-29", "2024-03-01"))
        for item in ask(project, "usage/daily", first, last, granularity="hour")["items"]
    ]
    assert len(hours) == 30 * 24
    assert {item["hour"]: shown(item) for item in hours} == {
        item["hour"]: by_hour.get(item["hour"], ZERO) for item in hours
    }


def test_runs_are_what_the_traces_add_up_to(project: ProjectClient, requests: pl.DataFrame) -> None:
    runs = ask(project, "runs", limit=100)["items"]
    figures = expected(wholes_of(requests), "run")
    assert {item["runId"]: shown(item) for item in runs} == figures
    assert [Decimal(item["costUsd"]) for item in runs] == sorted((cost for cost, *_ in figures.values()), reverse=True)
    rest = {
        run: (ms, at)
        for run, ms, at in requests.group_by("run").agg(pl.col("durationMs").sum(), pl.col("at").max()).rows()
    }
    for item in runs:
        duration, last = rest[item["runId"]]
        assert item["durationMs"] == duration
        assert item["lastAt"].rstrip("Z").ljust(26, "0") == last.isoformat(timespec="microseconds")
    for run in (runs[0]["runId"], runs[-1]["runId"]):
        assert shown(project.get(f"/v1/runs/{run}/usage").raise_for_status().json()["total"]) == figures[run]


def test_sessions_meters_agree_with_their_view(project: ProjectClient, requests: pl.DataFrame) -> None:
    figures = expected(wholes_of(requests), "session")
    for session in requests["session"].unique().sort()[::17]:
        cost, _, records, unrated, metrics = figures[session]
        usage = project.get(f"/v1/sessions/{session}/usage").raise_for_status().json()
        assert Decimal(usage["costUsd"]) == cost
        assert (usage["records"], usage["unrated"], usage["modelCalls"]) == (records, unrated, records)
        assert Decimal(usage["outputTokens"]) == metrics["outputTokens"]
