"""Leases: when they run, and how they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metering.aws import keys
from metering.aws.due import due_lease, end_of_due
from metering.aws.leases import close_lease, extend_lease, item_to_lease, lease_to_item, open_lease
from metering.aws.meters import Metered, Scope, metered_of
from metering.domain.leases import REMEMBERED_SECONDS, Lease

NOW, LATER = "2026-11-24T10:00:00.000000Z", "2026-11-24T10:10:00.000000Z"
ids = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200)
leases = st.builds(
    Lease,
    kind=st.sampled_from(["hold", "agent"]),
    id=ids,
    state=st.sampled_from(["open", "settled", "released", "expired"]),
    amounts=st.dictionaries(st.sampled_from(["cost", "compute", "calls", "agents"]), st.integers(0, 10**27)),
    scopes=st.dictionaries(ids, st.just(NOW), max_size=4),
    expires_at=st.just(LATER),
    created_at=st.just(NOW),
    fingerprint=st.text("0123456789abcdef", max_size=16),
)
LEASE = Lease("hold", "h1", "open", {"cost": 5}, {"1*session:s": NOW}, LATER, NOW, "print")


@pytest.mark.parametrize(
    ("now", "runs"),
    [
        (NOW, True),
        ("2026-11-24T10:09:59.999999Z", True),
        (LATER, False),
        ("2026-11-24T10:10:00.000001Z", False),
    ],
)
def test_a_lease_runs_until_its_end_and_not_at_it(now: str, *, runs: bool) -> None:
    assert LEASE.runs(now) == runs


@pytest.mark.parametrize("state", ["settled", "released", "expired"])
def test_a_closed_lease_does_not_run(state: str) -> None:
    assert not LEASE._replace(state=state).runs(NOW)


@given(leases)
def test_a_lease_is_read_as_it_was_kept(lease: Lease) -> None:
    item = lease_to_item("prj#session#s", lease)
    assert item_to_lease(item) == lease
    assert list(item_to_lease(item).scopes) == list(lease.scopes)


@given(ids, ids, st.sampled_from(["hold", "agent"]))
def test_a_due_lease_is_found_again_by_its_key_whatever_signs_the_ids_hold(
    session: str, lease_id: str, kind: str
) -> None:
    scope_key = keys.scope("prj", "session", session)
    found = due_lease(keys.lease(scope_key, kind, lease_id))
    assert found is not None
    assert (found.project, found.session, found.kind, found.lease_id) == (
        "prj",
        Scope("session", session),
        kind,
        lease_id,
    )


def test_other_entries_are_no_leases() -> None:
    assert due_lease(keys.event("prj#session#s", "evt_1")) is None


@given(ids)
def test_what_is_due_at_this_very_instant_is_found_and_what_is_due_after_it_is_not(lease_id: str) -> None:
    assert keys.due(LATER, lease_id)["dueAt"]["S"] < end_of_due(LATER)
    assert keys.due("2026-11-24T10:10:00.000001Z", lease_id)["dueAt"]["S"] > end_of_due(LATER)


@given(ids, st.sampled_from(["session", "user", "run"]), st.integers(1, 64))
def test_what_a_lease_took_room_from_is_found_again(scope_id: str, kind: str, pieces: int) -> None:
    for scope in (Scope(kind, scope_id), Scope("project", "prj")):  # type: ignore[arg-type]  # sampled
        metered = Metered(scope, pieces)
        assert metered_of(metered.reference(), "prj") == metered


def test_a_hold_is_opened_once_and_an_agent_again_when_it_has_ended() -> None:
    hold = open_lease("Meters", "prj#session#s", LEASE).parameters
    agent = open_lease("Meters", "prj#session#s", LEASE._replace(kind="agent")).parameters
    assert hold["ConditionExpression"] == "attribute_not_exists(entry)"
    assert agent["ConditionExpression"] == "(attribute_not_exists(entry) OR #state <> :open)"


def test_a_lease_that_is_closed_is_due_no_more_and_remembered_for_a_while() -> None:
    parameters = close_lease("Meters", "prj#session#s", LEASE, "settled", NOW).parameters
    assert parameters["UpdateExpression"] == "SET #state = :state, #ttl = :ttl REMOVE due, dueAt"
    assert parameters["ConditionExpression"] == "#state = :before AND expires = :expires"
    values = parameters["ExpressionAttributeValues"]
    assert values[":expires"] == {"S": LATER}
    assert int(values[":ttl"]["N"]) == 1_795_514_400 + REMEMBERED_SECONDS


def test_a_lease_that_is_extended_is_due_later() -> None:
    parameters = extend_lease("Meters", "prj#session#s", LEASE, "2026-11-24T11:00:00.000000Z").parameters
    values = parameters["ExpressionAttributeValues"]
    assert values[":before"] == {"S": LATER}
    assert values[":dueAt"] == {"S": "2026-11-24T11:00:00.000000Z#h1"}
    assert values[":due"] == keys.due(LATER, "h1")["due"]
