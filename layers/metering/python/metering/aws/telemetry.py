"""Logs and metrics. Event names are snake_case; no bodies, keys or secrets are logged; one metric a business event."""

from typing import Final

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

logger: Final = Logger()
metrics: Final = Metrics()


def count(name: str, value: int = 1) -> None:
    """Adds to a business metric; it is written by `flush`."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def flush() -> None:
    """Writes the metrics of this invocation, if it counted any."""
    if metrics.metric_set:
        metrics.flush_metrics()
