"""Sums over records: every grouping adds up to the total exactly."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from metering.domain.statistics import Figures, run_figures
from metering.domain.usage import UsageRecord
from tests.unit.strategies import records


def plus(parts: Iterable[Figures]) -> Figures:
    total = Figures()
    for part in parts:
        total.cost += part.cost
        total.billed += part.billed
        total.records += part.records
        total.unrated += part.unrated
        total.duration_ms += part.duration_ms
        for metric, quantity in part.metrics.items():
            total.metrics[metric] = total.metrics.get(metric, 0) + quantity
    return total


@settings(max_examples=25)
@given(st.lists(records(), max_size=4))
def test_models_and_steps_each_add_up_to_the_total(made: list[UsageRecord]) -> None:
    run = run_figures(made)
    assert plus(run.models.values()) == plus(run.steps.values()) == run.total


@settings(max_examples=25)
@given(st.lists(records(), max_size=4))
def test_the_total_is_the_sum_of_the_lines(made: list[UsageRecord]) -> None:
    total = run_figures(made).total
    lines = [line for record in made for line in record.pricing.lines]
    assert total.cost == sum(line.cost or 0 for line in lines)
    assert total.billed == sum(line.cost or 0 for line in lines if line.billable)
    assert total.records == len(made)
    assert total.unrated == sum(any(line.cost is None for line in record.pricing.lines) for record in made)
    assert total.metrics == {
        metric: sum(line.quantity for line in lines if line.metric == metric)
        for metric in {line.metric for line in lines}
    }


@settings(max_examples=25)
@given(st.lists(records(), max_size=4))
def test_the_order_of_the_records_changes_no_figure(made: list[UsageRecord]) -> None:
    run, reverse = run_figures(made), run_figures(reversed(made))
    assert (run.total, run.models, run.steps) == (reverse.total, reverse.models, reverse.steps)


@settings(max_examples=25)
@given(st.lists(records(), max_size=4))
def test_what_names_no_model_or_step_is_a_group_too(made: list[UsageRecord]) -> None:
    run = run_figures(made)
    assert run.models.keys() == {record.event.model_id for record in made}
    assert run.steps.keys() == {(record.event.step_index, record.event.step_type) for record in made}
