"""The minutely sweep: what has run out, and what was not relayed, whatever fails meanwhile."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.emulated_aws import Call, Reply
from tests.integration.api import Context, app_of
from tests.session_world import SessionWorld, cents, session_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorld]:
    with session_world(monkeypatch) as world:
        world.create(maxCost=cents(100), thresholds=[])
        yield world


def held(world: SessionWorld, session: str = "ses_1") -> tuple[int, int]:
    """What the meter says is held, in cents, and how many agents."""
    meter = world.meter(scope_id=session)
    return int(meter["costHeld"]["N"]) // 10**10, int(meter["agentsHeld"]["N"])


def nothing_done() -> dict[str, int]:
    return {"LeaseReclaimed": 0, "EventRelayedLate": 0, "DeliveryRequeued": 0}


def test_the_sweep_gives_back_what_has_run_out_and_nothing_else(world: SessionWorld) -> None:
    world.hold(cost=5, holdId="short", ttlSeconds=60)
    world.hold(cost=7, holdId="long", ttlSeconds=61)
    world.start(agent="a1", leaseSeconds=60)
    world.start(agent="a2", leaseSeconds=61)
    world.wait(seconds=60, microseconds=-1)
    assert world.sweep() == nothing_done()
    world.wait(microseconds=1)
    assert world.sweep() == {**nothing_done(), "LeaseReclaimed": 2}
    assert held(world) == (7, 1)
    assert world.sweep() == nothing_done()


def test_a_sweep_reclaims_in_every_session_and_every_budget(world: SessionWorld) -> None:
    for scope in ("user:user_1", "project", "run:r1"):
        world.put_budget(scope, maxCost=cents(1000))
    for number in range(40):
        world.create(f"ses_1{number}", "user_1")
        world.hold(f"ses_1{number}", cost=2, ttlSeconds=1 + number, runId="r1")
    world.wait(hours=1)
    assert world.sweep()["LeaseReclaimed"] == 40
    assert {held(world, f"ses_1{number}") for number in range(40)} == {(0, 0)}
    for scope in ("user:user_1", "project", "run:r1"):
        assert world.budget(scope)["limits"]["maxCost"]["held"]["amount"] == 0


def test_settled_released_and_extended_leases_are_not_swept(world: SessionWorld) -> None:
    for hold in ("settled", "released", "extended"):
        world.hold(cost=5, holdId=hold, ttlSeconds=60)
    world.record(cost=1, holdId="settled")
    world.release("ses_1", "released")
    world.extend("ses_1", "extended", 3600)
    world.wait(minutes=30)
    assert world.sweep() == nothing_done()
    assert held(world) == (5, 0)


def test_events_that_the_stream_did_not_bring_are_relayed_after_two_minutes(world: SessionWorld) -> None:
    world.put_endpoint()
    world.pause()
    world.wait(minutes=2, microseconds=-1)
    assert world.sweep() == nothing_done()
    world.wait(microseconds=1)
    assert world.sweep() == {**nothing_done(), "EventRelayedLate": 1}
    assert world.events() == []
    assert [message["webhook_id"] for message in world.aws.messages] == ["wh_1"]


def test_a_queue_that_is_down_keeps_no_room(world: SessionWorld) -> None:
    world.put_endpoint()
    for number in range(20):
        world.create(f"ses_1{number}")
        world.hold(f"ses_1{number}", cost=5, ttlSeconds=60)
        world.pause(f"ses_1{number}")
    world.wait(minutes=5)
    world.aws.meddler = refusing(lambda call: call.service == "sqs")
    with pytest.raises(ExceptionGroup):
        world.sweep()
    world.aws.meddler = None
    assert {held(world, f"ses_1{number}") for number in range(20)} == {(0, 0)}
    assert world.sweep()["EventRelayedLate"] == 20


def refusing(which: Callable[[Call], bool]) -> Callable[[Call, Callable[[], Reply]], Reply]:
    """Refuses some calls for good, in a way that no retry heals."""

    def meddle(call: Call, carry_out: Callable[[], Reply]) -> Reply:
        if which(call):
            return Reply(400, {"__type": "com.amazonaws#AccessDeniedException", "message": "no"})
        return carry_out()

    return meddle


def test_one_lease_that_fails_keeps_no_other(world: SessionWorld) -> None:
    for number in range(20):
        world.hold(cost=1, holdId=f"h{number}", ttlSeconds=60)
    world.wait(minutes=1)
    closing = '"hold#h7"'
    world.aws.meddler = refusing(
        lambda call: call.operation == "TransactWriteItems" and closing in json.dumps(call.parameters)
    )
    with pytest.raises(ExceptionGroup) as caught:
        world.sweep()
    assert len(caught.value.exceptions) == 1
    world.aws.meddler = None
    assert held(world) == (1, 0)
    assert world.sweep()["LeaseReclaimed"] == 1


def test_a_sweep_that_runs_out_of_time_goes_on_in_the_next_minute(world: SessionWorld) -> None:
    for number in range(12):
        world.hold(cost=1, holdId=f"h{number}", ttlSeconds=60)
    world.wait(minutes=1)
    slow = world.aws.watchers

    def take_long(call: Call, _: Reply) -> None:
        if call.operation == "TransactWriteItems":
            world.wait(seconds=5)

    slow.append(take_long)
    done = 0
    for _ in range(20):
        done += world.sweep()["LeaseReclaimed"]
    assert done == 12
    assert held(world) == (0, 0)


def test_two_sweeps_at_once_give_everything_back_once(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(100))
    for calls in range(1, 60, 11):
        for number in range(5):
            world.hold(cost=2, holdId=f"{calls}-{number}", ttlSeconds=60)
        world.wait(minutes=1)
        with world.meanwhile(calls, world.sweep):
            world.sweep()
        assert held(world) == (0, 0)
        limit = world.budget("project")["limits"]["maxCost"]
        assert (limit["held"]["amount"], limit["remaining"]["amount"]) == (0, 100)


def test_a_callback_that_settles_while_its_hold_is_swept_gives_it_back_once(world: SessionWorld) -> None:
    world.put_budget("project", maxCost=cents(100))
    used = 0
    for calls in range(1, 40, 4):
        hold = f"h{calls}"
        world.hold(cost=5, holdId=hold, ttlSeconds=60)
        world.wait(minutes=1)
        with world.meanwhile(calls, lambda hold=hold: world.record(cost=1, holdId=hold)) as came:
            app_of("sweep").handler({}, Context(55))
        used += len(came)
        shown = world.limits()["maxCost"]
        assert (shown["used"]["amount"], shown["held"]["amount"], shown["remaining"]["amount"]) == (used, 0, 100 - used)
        limit = world.budget("project")["limits"]["maxCost"]
        assert (limit["used"]["amount"], limit["held"]["amount"], limit["remaining"]["amount"]) == (used, 0, 100 - used)
    assert used > 4
