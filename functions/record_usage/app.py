"""usage.computeCostAndRecord and its batch."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from metering.aws.budget_book import BudgetBook
from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.rate_book import RateBook
from metering.aws.snapshots import draw_anew
from metering.flows.record_usage import Recorder
from metering.flows.session_users import SessionUsers
from metering.http.callbacks import record_many, record_one
from metering.http.guard import deadline_of, guarded

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    record = record_many if event["rawPath"].endswith("/batch") else record_one
    return guarded(event, lambda: record(_recorder(), event, datetime.now(UTC), deadline_of(context)))


@cache
def _recorder() -> Recorder:
    draw_anew()
    config = read_config()
    rates = RateBook(CLIENT, config.rates_table, config.rate_cache_seconds)
    budgets = BudgetBook(CLIENT, config.meters_table, config.budget_cache_seconds)
    return Recorder(CLIENT, config.records_table, config.meters_table, rates, budgets, SessionUsers())
