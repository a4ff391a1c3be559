"""Pushed to a stand-in for Stripe: run twice, killed, at odds, or with late usage, nothing is billed twice."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from local.billing.account import MOST_ATTEMPTS, Account, check_key
from local.billing.errors import KeyRefusedError, RefusedError
from local.billing.meter_events import how_many_are_there
from local.billing.outcomes import Outcome
from local.billing.pushing import groups_of, push, read_lines
from metering.aws.export_store import Export
from metering.domain.exports import ExportRequest
from metering.domain.money import PICO
from metering.flows.bill_customers import Billing, invoice_rows, meter_event_rows
from tests.stripe_stand_in import KEY, Fault, StandIn, stripe_stand_in

NOW = "2026-11-26T00:00:00.000000Z"
USAGE = [("ada", "inputTokens", 3), ("ada", "outputTokens", 5), ("bob", "inputTokens", 7), ("cid", "outputTokens", 11)]
Json = dict[str, Any]


@pytest.fixture
def stripe() -> Iterator[StandIn]:
    with stripe_stand_in() as stand_in:
        yield stand_in


def exported(
    usage: Sequence[tuple[str, str, int | Decimal]], export_id: str = "exp_1", last: str = "2026-11-30", **options: Any
) -> list[Json]:
    """The lines of an export of usage: user, metric and what it costs in USD, which is its quantity as well."""
    request = ExportRequest("stripe", "2026-11-01", last, None, options)
    export = Export(export_id, request, "running", NOW, 30, NOW)
    billing = Billing(export, "prj_one", lambda users: {user: f"cus_{user}" for user in users}, NOW)
    chunk = [
        msgspec.json.encode(["2026-11-24", user, "acme", None, metric, str(int(usd * PICO)), str(int(usd * PICO))])
        for user, metric, usd in usage
    ]
    if options.get("as") == "meter_events":
        return list(meter_event_rows(billing, chunk))
    return invoice_rows(billing, chunk)


def events(usage: list[tuple[str, str, int]]) -> list[Json]:
    return exported(usage, **{"as": "meter_events"})


def account(stripe: StandIn) -> Account:
    return Account(KEY, stripe.url, sleep=lambda _: None)


def pushed(stripe: StandIn, lines: list[Json], *, dry_run: bool = False) -> list[Outcome]:
    return [one for group in push(account(stripe), groups_of(lines), dry_run=dry_run) for one in group]


def verdicts(outcomes: list[Outcome]) -> Json:
    return dict(Counter(outcome.verdict for outcome in outcomes))


# ---------------------------------------------------------------------------- invoice items


def test_a_dry_run_creates_nothing_and_says_what_would_be(stripe: StandIn) -> None:
    outcomes = pushed(stripe, exported(USAGE), dry_run=True)
    assert verdicts(outcomes) == {"new": 4}
    assert sum(outcome.amount for outcome in outcomes) == Decimal(26)
    assert stripe.items == []
    assert not [asked for asked in stripe.asked if asked.startswith("POST")]


def test_what_is_created_is_the_lines_of_the_export(stripe: StandIn) -> None:
    lines = exported(USAGE)
    assert verdicts(pushed(stripe, lines)) == {"created": 4}
    made = [{name: item[name] for name in lines[0]} for item in stripe.items]
    assert sorted(made, key=str) == sorted(lines, key=str)


@pytest.mark.parametrize("forgotten", [False, True])
def test_twice_bills_once_also_from_another_export_and_after_stripe_forgot_the_keys(
    stripe: StandIn, *, forgotten: bool
) -> None:
    pushed(stripe, exported(USAGE))
    for export_id in ("exp_1", "exp_2"):
        if forgotten:
            stripe.forget()
        assert verdicts(pushed(stripe, exported(USAGE, export_id))) == {"present": 4}
    assert (len(stripe.items), stripe.billed()) == (4, 2600)


@pytest.mark.parametrize("fault", ["429", "500", "lost before", "lost after"])
def test_what_may_pass_is_tried_again_and_bills_once(stripe: StandIn, fault: Fault) -> None:
    stripe.faults = [fault, None, fault, fault]
    assert verdicts(pushed(stripe, exported(USAGE))) == {"created": 4}
    assert stripe.billed() == 2600


def test_an_error_that_had_an_effect_is_found_out(stripe: StandIn) -> None:
    stripe.faults = ["500 after"]
    assert verdicts(pushed(stripe, exported(USAGE))) == {"created": 3, "present": 1}
    assert stripe.billed() == 2600


def test_an_error_that_stripe_keeps_is_told_and_the_next_day_makes_up_for_it(stripe: StandIn) -> None:
    stripe.faults = ["500 kept"]
    assert verdicts(pushed(stripe, exported(USAGE))) == {"created": 3, "failed": 1}
    assert verdicts(pushed(stripe, exported(USAGE))) == {"present": 3, "failed": 1}
    stripe.forget()
    assert verdicts(pushed(stripe, exported(USAGE))) == {"present": 3, "created": 1}
    assert stripe.billed() == 2600


def test_an_outage_fails_lines_and_the_next_run_makes_up_for_it(stripe: StandIn) -> None:
    stripe.faults = ["500"] * MOST_ATTEMPTS
    assert verdicts(pushed(stripe, exported(USAGE[:1]))) == {"failed": 1}
    assert verdicts(pushed(stripe, exported(USAGE))) == {"created": 4}


@pytest.mark.parametrize("forgotten", [False, True])
def test_late_usage_is_told_and_not_billed_on_top(stripe: StandIn, *, forgotten: bool) -> None:
    pushed(stripe, exported(USAGE))
    if forgotten:
        stripe.forget()
    late = [*USAGE, ("ada", "inputTokens", 1), ("bob", "outputTokens", 2)]
    outcomes = pushed(stripe, exported(late, "exp_2"))
    assert verdicts(outcomes) == {"differs": 1, "present": 3, "created": 1}
    [differing] = [outcome for outcome in outcomes if outcome.verdict == "differs"]
    assert differing.reason == "Stripe has 3.00 USD and the export 4.00"
    assert stripe.billed() == 2800


def test_a_cent_that_went_to_another_customer_since_is_no_other_amount(stripe: StandIn) -> None:
    usage = [("ada", "inputTokens", Decimal("0.014")), ("bob", "inputTokens", Decimal("0.014"))]
    pushed(stripe, exported(usage))
    assert [line["amount"] for line in exported(usage)] == [2, 1]
    usage.append(("abe", "inputTokens", Decimal("0.0145")))
    assert [line["amount"] for line in exported(usage)] == [2, 1, 1]
    assert verdicts(pushed(stripe, exported(usage, "exp_2"))) == {"created": 1, "present": 2}
    usage[-1] = ("abe", "inputTokens", Decimal("0.0245"))
    assert verdicts(pushed(stripe, exported(usage, "exp_3"))) == {"differs": 1, "present": 2}


def test_what_was_taken_back_since_is_told(stripe: StandIn) -> None:
    pushed(stripe, exported(USAGE))
    outcomes = pushed(stripe, exported(USAGE[1:], "exp_2"))
    [left] = [outcome for outcome in outcomes if outcome.verdict == "differs"]
    assert (left.group, left.reason) == ("cus_ada", "Stripe has 3.00 USD, and the export nothing")


def test_usage_that_an_export_of_other_days_has_billed_is_not_billed_again(stripe: StandIn) -> None:
    pushed(stripe, exported(USAGE, last="2026-11-25"))
    outcomes = pushed(stripe, exported(USAGE, "exp_2"))
    assert verdicts(outcomes) == {"differs": 4}
    assert outcomes[0].reason == "Stripe has items of the same usage for 2026-11-01 to 2026-11-25"
    assert stripe.billed() == 2600


def test_items_of_others_are_nothing_to_us(stripe: StandIn) -> None:
    lines = exported(USAGE)
    pushed(stripe, lines)
    for item in stripe.items:
        item["metadata"] = {**item["metadata"], "project_id": "prj_other"} if item["customer"] == "cus_ada" else {}
    stripe.forget()
    assert verdicts(pushed(stripe, exported(USAGE, "exp_2"))) == {"created": 4}


def test_a_customer_that_stripe_does_not_know_holds_up_nobody_else(stripe: StandIn) -> None:
    stripe.customers_gone = {"cus_ada"}
    outcomes = pushed(stripe, exported(USAGE))
    assert verdicts(outcomes) == {"failed": 2, "created": 2}
    assert {outcome.reason for outcome in outcomes} == {None, "No such customer: 'cus_ada'"}


def test_an_item_that_was_removed_is_not_made_again_while_its_key_is_known(stripe: StandIn) -> None:
    pushed(stripe, exported(USAGE))
    stripe.items.pop(0)
    outcomes = pushed(stripe, exported(USAGE, "exp_2"))
    assert verdicts(outcomes) == {"present": 3, "failed": 1}
    [failed] = [outcome for outcome in outcomes if outcome.verdict == "failed"]
    assert (failed.reason or "").startswith("it was created a short time ago")


def test_a_customer_with_hundreds_of_lines_is_compared_page_by_page(stripe: StandIn) -> None:
    many = [("ada", f"metric{number}", 1) for number in range(260)]
    assert verdicts(pushed(stripe, exported(many))) == {"created": 260}
    stripe.forget()
    assert verdicts(pushed(stripe, exported(many))) == {"present": 260}
    assert Counter(item["metadata"]["invoice"] for item in stripe.items) == {"1": 250, "2": 10}


def test_without_an_account_all_is_new() -> None:
    outcomes = [
        one for group in push(None, groups_of([*exported(USAGE), *events(USAGE)]), dry_run=True) for one in group
    ]
    assert verdicts(outcomes) == {"new": 8}


def test_a_key_that_stripe_does_not_take_ends_it(stripe: StandIn) -> None:
    with pytest.raises(RefusedError, match="Invalid API Key"):
        list(push(Account("sk_test_other", stripe.url), groups_of(exported(USAGE)), dry_run=False))


KILLED = """
import sys
from pathlib import Path
from local.billing.account import Account
from local.billing.pushing import groups_of, push, read_lines
list(push(Account(sys.argv[1], sys.argv[2]), groups_of(read_lines(Path(sys.argv[3]))), dry_run=False))
"""


@pytest.mark.parametrize("kind", ["invoice items", "meter events"])
def test_killed_in_the_middle_and_run_again_bills_once(stripe: StandIn, tmp_path: Path, kind: str) -> None:
    stripe.meters = {f"metric{number}": "sum" for number in range(200)}
    usage = [(user, f"metric{number}", 1) for number in range(200) for user in ("ada", "bob")]
    lines = exported(usage) if kind == "invoice items" else events(usage)
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert read_lines(path) == lines
    with subprocess.Popen([sys.executable, "-c", KILLED, KEY, stripe.url, str(path)], env=dict(os.environ)) as process:
        stripe.await_writes(20)
        process.kill()
    assert process.returncode == -9
    found = verdicts(pushed(stripe, lines))
    assert found["present"] >= 20
    assert found["present"] + found["created"] == len(stripe.items) + len(stripe.events) == 400
    assert verdicts(pushed(stripe, lines)) == {"present": 400}


# ---------------------------------------------------------------------------- meter events


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("counted", [True, False])
def test_events_sent_twice_are_counted_once(stripe: StandIn, *, forgotten: bool, counted: bool) -> None:
    assert verdicts(pushed(stripe, events(USAGE))) == {"created": 4}
    stripe.counts_at_once = counted or forgotten  # Stripe counts within minutes, and forgets after a day
    if forgotten:
        stripe.forget()
    assert verdicts(pushed(stripe, events(USAGE))) == {"present": 4}
    assert [stripe.counted(name) for name in ("inputTokens", "outputTokens")] == [Decimal(10), Decimal(16)]


@pytest.mark.parametrize("counted", [True, False])
def test_a_day_with_late_usage_is_told_and_not_counted_on_top(stripe: StandIn, *, counted: bool) -> None:
    pushed(stripe, events(USAGE))
    stripe.counts_at_once = counted
    outcomes = pushed(stripe, events([*USAGE, ("ada", "inputTokens", 1)]))
    assert verdicts(outcomes) == {"differs": 1, "present": 3}
    assert stripe.counted("inputTokens") == 10


@pytest.mark.parametrize("fault", ["429", "500", "lost before", "lost after"])
def test_events_that_may_pass_are_tried_again(stripe: StandIn, fault: Fault) -> None:
    stripe.faults = [fault, None, fault]
    assert set(verdicts(pushed(stripe, events(USAGE)))) <= {"created", "present"}
    assert [stripe.counted(name) for name in ("inputTokens", "outputTokens")] == [Decimal(10), Decimal(16)]


def models(count: int) -> list[Json]:
    """Events of one day, customer and meter that differ by model."""
    [event] = events([("ada", "inputTokens", 2)])
    return [
        {**event, "identifier": f"usage_{number}", "payload": {**event["payload"], "model": f"m{number}"}}
        for number in range(count)
    ]


def test_a_day_goes_on_behind_what_was_sent_though_identifiers_are_forgotten(stripe: StandIn) -> None:
    stripe.faults = [None, "500 kept"]
    assert [outcome.verdict for outcome in pushed(stripe, models(4))] == ["created", "failed", "failed", "failed"]
    stripe.forget()
    assert [outcome.verdict for outcome in pushed(stripe, models(4))] == ["present", "created", "created", "created"]
    assert stripe.counted("inputTokens") == 8


def test_a_dry_run_sends_no_event(stripe: StandIn) -> None:
    pushed(stripe, models(1))
    assert [outcome.verdict for outcome in pushed(stripe, models(2), dry_run=True)] == ["present", "new"]
    assert len(stripe.events) == 1


def test_events_without_a_meter_that_adds_up_fail(stripe: StandIn) -> None:
    stripe.meters = {"inputTokens": "count"}
    reasons = {outcome.reason for outcome in pushed(stripe, events(USAGE))}
    assert reasons == {"the meter adds up no inputTokens", "Stripe has no active meter for outputTokens"}
    assert stripe.events == []


@pytest.mark.parametrize(
    ("values", "counted", "there"),
    [
        ("1 2 3", "0", 0),
        ("1 2 3", "1", 1),
        ("1 2 3", "6", 3),
        ("1 2 3", "2", None),
        ("1 2 3", "7", None),
        ("0.1 0.2", "0.30000000000000004", 2),
        ("123456789012345 1", "123456789012346", 2),
        ("1000000 0.001", "1000000", 1),
    ],
)
def test_what_was_counted_tells_how_many_are_there(values: str, counted: str, there: int | None) -> None:
    assert how_many_are_there([Decimal(value) for value in values.split()], Decimal(counted)) == there


# ---------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("key", "live", "taken"),
    [
        ("sk_test_1", False, True),
        ("rk_test_1", False, True),
        ("sk_live_1", False, False),
        ("pk_test_1", False, False),
        ("", False, False),
        ("sk_live_1", True, True),
        ("rk_live_1", True, True),
        ("sk_test_1", True, False),
    ],
)
def test_live_keys_are_used_only_when_that_is_meant(key: str, *, live: bool, taken: bool) -> None:
    if taken:
        check_key(key, live=live)
        return
    with pytest.raises(KeyRefusedError) as refused:
        check_key(key, live=live)
    assert not key or key not in str(refused.value)
