"""Holds settle, are given back, or run out; agents stop when they are told to, in threads and in tasks."""

import asyncio
import contextlib
from collections.abc import Callable
from decimal import Decimal
from threading import Event
from typing import Any

import httpx
import pytest

from metering_client import (
    AgentLostError,
    AgentPausedError,
    AsyncAgent,
    AsyncSession,
    LimitReachedError,
    Session,
    models,
)
from metering_client._heartbeat import Lease, beat_seconds_of
from metering_client._wire import read
from metering_client.errors import ApiError, NotFoundError, UnreachableError
from metering_client.models import AgentAnswer
from tests.sdk_python.scripted import HELD, RECORDED, Scripted, answer, example, problem

HOLDS = "POST /v1/sessions/ses_1/holds"
HOLD = "DELETE /v1/sessions/ses_1/holds/hold_1"
CALLBACK = "POST /v1/callbacks/usage.computeCostAndRecord"
AGENT = "/v1/sessions/ses_1/agents/designer"
EVENT: dict[str, Any] = {"idempotency_key": "call_1", "service": "claude_code", "usage": {"inputTokens": 1}}
FIGURES = {"dimension": "maxCost", "limit": 1, "used": 1, "held": 0, "remaining": 0, "scope": "session:ses_1"}
BEAT = 0.001


def session_of(service: Scripted) -> Session:
    return service.client().sessions.with_id("ses_1")


def async_session_of(service: Scripted) -> AsyncSession:
    return service.async_client().sessions.with_id("ses_1")


class Service(Scripted):
    """Answers by the method of a request."""

    def __init__(self, **answers: httpx.Response | Callable[[], httpx.Response]) -> None:
        self.by_method = answers
        super().__init__(self.choose)

    def choose(self, request: httpx.Request) -> httpx.Response:
        found = self.by_method[request.method.lower()]
        made = found() if callable(found) else found
        return httpx.Response(made.status_code, headers=made.headers, content=made.content)


# ---------------------------------------------------------------- Holds


def test_what_is_recorded_inside_settles_the_hold() -> None:
    service = Scripted(answer(201, HELD), answer(201, RECORDED))
    with session_of(service).hold(cost_usd=Decimal("0.25"), ttl_seconds=60, hold_id="hold_1") as hold:
        assert hold.record(**EVENT).record_id == "rec_1"
    assert service.asked == [HOLDS, CALLBACK]
    assert service.bodies[0] == {"holdId": "hold_1", "estimate": {"costUsd": "0.25"}, "ttlSeconds": 60}
    assert (service.bodies[1]["holdId"], service.bodies[1]["sessionId"]) == ("hold_1", "ses_1")


def test_what_is_recorded_after_that_counts_in_the_session_alone() -> None:
    service = Scripted(answer(201, HELD), answer(201, RECORDED))
    with session_of(service).hold(cost_usd="0.25") as hold:
        hold.record(**EVENT)
        hold.record(**{**EVENT, "idempotency_key": "call_2"})
    assert "holdId" not in service.bodies[2]
    assert service.bodies[2]["sessionId"] == "ses_1"


def test_an_estimate_of_usage_is_priced_by_the_service() -> None:
    service = Scripted(answer(201, HELD), answer(204))
    usage = {"inputTokens": 1000, "outputTokens": 8000}
    with session_of(service).hold(service="claude_code", model_id="claude-opus-4-5", usage=usage, run_id="run_1"):
        pass
    estimate = {"service": "claude_code", "modelId": "claude-opus-4-5", "usage": usage}
    assert service.bodies[0]["estimate"] == estimate
    assert service.bodies[0]["runId"] == "run_1"


def test_leaving_without_a_record_gives_the_room_back() -> None:
    service = Scripted(answer(201, HELD), answer(204))
    with session_of(service).hold(cost_usd="0.25", hold_id="hold_1"):
        pass
    assert service.asked == [HOLDS, HOLD]


def test_an_exception_gives_the_room_back_and_goes_on() -> None:
    service = Scripted(answer(201, HELD), answer(204))
    with pytest.raises(ZeroDivisionError), session_of(service).hold(cost_usd="0.25", hold_id="hold_1"):
        raise ZeroDivisionError
    assert service.asked == [HOLDS, HOLD]


@pytest.mark.parametrize("failure", [problem(409, "hold_closed"), problem(404, "not_found"), problem(403, "forbidden")])
def test_a_room_that_cannot_be_given_back_runs_out_and_hides_nothing(failure: httpx.Response) -> None:
    service = Service(post=answer(201, HELD), delete=failure)
    with session_of(service).hold(cost_usd="0.25"):
        pass
    with pytest.raises(ZeroDivisionError), session_of(service).hold(cost_usd="0.25"):
        raise ZeroDivisionError


@pytest.mark.parametrize("gone", [problem(409, "hold_closed"), problem(404, "not_found")])
def test_a_hold_that_is_gone_is_released_without_a_word(gone: httpx.Response) -> None:
    service = Service(post=answer(201, HELD), delete=gone)
    hold = session_of(service).hold(cost_usd="0.25")
    hold.open()
    hold.release()
    service = Service(post=answer(201, HELD), delete=problem(403, "forbidden"))
    with pytest.raises(ApiError):
        session_of(service).hold(cost_usd="0.25").release()


def test_a_record_that_fails_leaves_the_hold_to_be_given_back() -> None:
    service = Scripted(answer(201, HELD), problem(422, "invalid_request"), answer(204))
    with pytest.raises(ApiError), session_of(service).hold(cost_usd="0.25", hold_id="hold_1") as hold:
        hold.record(**EVENT)
    assert service.asked == [HOLDS, CALLBACK, HOLD]


def test_a_record_without_an_answer_leaves_the_hold_to_be_settled_by_a_retry() -> None:
    service = Scripted(answer(201, HELD), httpx.ReadTimeout("slow"))
    with pytest.raises(UnreachableError), session_of(service).hold(cost_usd="0.25", hold_id="hold_1") as hold:
        hold.record(**EVENT)
    assert set(service.asked) == {HOLDS, CALLBACK}
    service.answers = [answer(201, RECORDED)]
    hold.record(**EVENT)
    assert service.bodies[-1]["holdId"] == "hold_1"


def test_the_record_that_settled_a_hold_is_the_same_when_it_is_made_again() -> None:
    service = Scripted(answer(201, HELD), answer(201, RECORDED))
    with session_of(service).hold(cost_usd="0.25", hold_id="hold_1") as hold:
        hold.record(**EVENT)
        hold.record(**{**EVENT, "idempotency_key": "call_2"})
        hold.record(**EVENT)
    first, second, again = service.bodies[1:]
    assert first == again
    assert "holdId" not in second


def test_without_room_the_block_is_not_entered() -> None:
    service = Scripted(problem(402, "limit_reached", **FIGURES))
    with pytest.raises(LimitReachedError), session_of(service).hold(cost_usd="0.25"):
        pytest.fail("entered")
    assert service.asked == [HOLDS]


def test_a_hold_has_one_id_however_often_its_request_is_sent() -> None:
    service = Scripted(httpx.ReadTimeout("slow"), answer(201, HELD), answer(204))
    with session_of(service).hold(cost_usd="0.25") as hold:
        assert hold.hold_id.startswith("hold_")
    assert [body["holdId"] for body in service.bodies[:2]] == [hold.hold_id] * 2


def test_holds_of_tasks_do_the_same() -> None:
    async def work(service: Scripted, *, fails: bool) -> None:
        async with async_session_of(service).hold(cost_usd="0.25", hold_id="hold_1") as hold:
            if fails:
                raise ZeroDivisionError
            await hold.extend(60)
            await hold.record(**EVENT)

    extended = example(models.HoldExtendedAnswer)
    service = Scripted(answer(201, HELD), answer(200, extended), answer(201, RECORDED))
    asyncio.run(work(service, fails=False))
    assert service.asked == [HOLDS, "PUT /v1/sessions/ses_1/holds/hold_1", CALLBACK]
    service = Scripted(answer(201, HELD), answer(204))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(work(service, fails=True))
    assert service.asked == [HOLDS, HOLD]


# ---------------------------------------------------------------- Leases


@pytest.mark.parametrize(("lease", "seconds"), [(1, 1 / 3), (30, 10), (45, 15), (300, 15), (86400, 15)])
def test_two_beats_may_be_lost_before_a_lease_runs_out(lease: int, seconds: float) -> None:
    assert beat_seconds_of(lease) == seconds


def lease_at(clock: list[float]) -> Lease:
    lease = Lease("designer", 30, lambda: clock[0])
    lease.start(agent("running"))
    return lease


def agent(status: str) -> AgentAnswer:
    return read(AgentAnswer, example(AgentAnswer, status=status))


def told(status: str) -> httpx.Response:
    return answer(200, example(AgentAnswer, status=status))


@pytest.mark.parametrize(("at", "is_lost"), [(29.9, False), (30, True)])
def test_an_agent_without_answers_goes_on_as_long_as_its_lease(at: float, is_lost: bool) -> None:  # noqa: FBT001  # pytest gives it
    clock = [0.0]
    lease = lease_at(clock)
    clock[0] = at
    lease.miss(UnreachableError("away"))
    assert isinstance(lease.stopped, AgentLostError) == is_lost


def test_a_beat_renews_the_lease_from_when_it_was_sent() -> None:
    clock = [0.0]
    lease = lease_at(clock)
    clock[0] = 25
    lease.take(agent("running"), asked_at=20)
    clock[0] = 49.9
    lease.miss(UnreachableError("away"))
    assert lease.stopped is None
    clock[0] = 50
    lease.miss(UnreachableError("away"))
    assert isinstance(lease.stopped, AgentLostError)


@pytest.mark.parametrize("failure", [NotFoundError(404, {}), ApiError(401, {}), ApiError(403, {})])
def test_an_agent_that_is_not_known_or_not_allowed_is_lost_at_once(failure: ApiError) -> None:
    lease = lease_at([0.0])
    lease.miss(failure)
    assert isinstance(lease.stopped, AgentLostError)


def test_a_lease_that_runs_out_while_no_heartbeat_says_so_is_noticed() -> None:
    clock = [0.0]
    lease = lease_at(clock)
    assert lease.left() == 30
    clock[0] = 29.9
    assert lease.left() == 0.5
    lease.look()
    assert lease.stopped is None
    clock[0] = 30
    lease.look()
    assert isinstance(lease.stopped, AgentLostError)


def test_a_lease_that_is_taken_again_forgets_that_it_was_stopped() -> None:
    clock = [0.0]
    lease = lease_at(clock)
    lease.take(agent("paused"), asked_at=0)
    lease.start(agent("running"))
    assert lease.stopped is None


# ---------------------------------------------------------------- Agents in threads


def test_an_agent_that_was_paused_can_be_entered_again() -> None:
    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    one = session_of(service).agent("designer", beat_seconds=BEAT)
    for _ in range(2):
        with pytest.raises(AgentPausedError), one:
            assert one.stopped.wait(30)


def test_an_agent_takes_its_slot_beats_and_ends() -> None:
    beaten = Event()

    def beat() -> httpx.Response:
        beaten.set()
        return told("running")

    service = Service(post=told("running"), put=beat, delete=answer(204))
    with session_of(service).agent("designer", lease_seconds=60, run_id="run_1", beat_seconds=BEAT) as agent:
        assert beaten.wait(30)
        agent.check()
        assert not agent.stopped.is_set()
    assert service.asked[0] == "POST /v1/sessions/ses_1/agents"
    assert service.bodies[0] == {"agentId": "designer", "leaseSeconds": 60, "runId": "run_1"}
    assert f"PUT {AGENT}" in service.asked
    assert service.asked[-1] == f"DELETE {AGENT}"


def test_a_paused_agent_learns_it_when_it_asks_and_once() -> None:
    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    with session_of(service).agent("designer", beat_seconds=BEAT) as agent:
        assert agent.stopped.wait(30)
        with pytest.raises(AgentPausedError):
            agent.check()
    assert service.asked[-1] == f"DELETE {AGENT}"


def test_a_paused_agent_that_never_asks_learns_it_at_the_end() -> None:
    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    with pytest.raises(AgentPausedError), session_of(service).agent("designer", beat_seconds=BEAT) as agent:
        assert agent.stopped.wait(30)


def test_what_went_wrong_in_the_block_goes_before_a_pause() -> None:
    service = Service(post=told("running"), put=told("paused"), delete=problem(404, "not_found"))

    def work() -> None:
        with session_of(service).agent("designer", beat_seconds=BEAT) as agent:
            assert agent.stopped.wait(30)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()


def test_an_agent_that_is_paused_from_the_beginning_does_not_begin() -> None:
    service = Service(post=told("paused"))
    with pytest.raises(AgentPausedError), session_of(service).agent("designer"):
        pytest.fail("entered")


def test_an_agent_survives_an_outage_shorter_than_its_lease() -> None:
    answers = iter([httpx.Response(503), httpx.Response(500), told("paused")])
    service = Service(post=told("running"), put=lambda: next(answers), delete=answer(204))
    with pytest.raises(AgentPausedError), session_of(service).agent("designer", beat_seconds=BEAT) as agent:
        assert agent.stopped.wait(30)


def test_an_agent_that_nobody_knows_is_lost() -> None:
    service = Service(post=told("running"), put=problem(404, "not_found"), delete=problem(404, "not_found"))
    with pytest.raises(AgentLostError), session_of(service).agent("designer", beat_seconds=BEAT) as agent:
        assert agent.stopped.wait(30)


# ---------------------------------------------------------------- Agents in tasks


def test_a_paused_task_is_cancelled_where_it_waits() -> None:
    async def work(service: Scripted) -> str:
        try:
            async with async_session_of(service).agent("designer", beat_seconds=BEAT):
                await asyncio.sleep(3600)
        except AgentPausedError:
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0
            await asyncio.sleep(0)  # it is not cancelled any more
            return "told"
        return "not told"

    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    assert asyncio.run(work(service)) == "told"
    assert service.asked[-1] == f"DELETE {AGENT}"


def test_a_paused_task_that_does_not_wait_is_told_when_it_asks_or_at_the_end() -> None:
    async def work(service: Scripted, *, asks: bool) -> None:
        async with async_session_of(service).agent("designer", beat_seconds=BEAT) as agent:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            if asks:
                with pytest.raises(AgentPausedError):
                    agent.check()

    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    asyncio.run(work(service, asks=True))
    with pytest.raises(AgentPausedError):
        asyncio.run(work(service, asks=False))


def test_a_pause_that_comes_as_the_block_ends_cancels_nothing_after_it() -> None:
    async def end_as_the_pause_comes(agent: AsyncAgent) -> None:
        async with agent:
            await agent._beat()  # noqa: SLF001  # the pause is learnt
            agent._is_cancelling = True  # noqa: SLF001  # and told, without a wait in between
            agent._task.cancel()  # noqa: SLF001  # the same

    async def work(service: Scripted) -> None:
        agent = async_session_of(service).agent("designer", beat_seconds=3600)
        with pytest.raises(AgentPausedError):
            await end_as_the_pause_comes(agent)
        assert agent._task.cancelling() == 0  # noqa: SLF001  # what callers see as asyncio.current_task()
        await asyncio.sleep(0)

    service = Service(post=told("running"), put=told("paused"), delete=answer(204))
    asyncio.run(work(service))
    assert service.asked[-1] == f"DELETE {AGENT}"


def test_a_cancellation_from_outside_stays_one() -> None:
    async def work(service: Scripted) -> None:
        async with async_session_of(service).agent("designer", beat_seconds=3600):
            entered.set()
            await asyncio.sleep(3600)

    async def cancel(service: Scripted) -> None:
        task = asyncio.create_task(work(service))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    entered = asyncio.Event()
    service = Service(post=told("running"), put=told("running"), delete=answer(204))
    asyncio.run(cancel(service))
    assert service.asked[-1] == f"DELETE {AGENT}"


def test_an_error_in_a_task_ends_its_agent_and_goes_on() -> None:
    async def work(service: Scripted) -> None:
        async with async_session_of(service).agent("designer", beat_seconds=3600):
            raise ZeroDivisionError

    service = Service(post=told("running"), delete=problem(403, "forbidden"))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(work(service))


def test_an_agent_works_beside_a_time_out() -> None:
    async def work(service: Scripted) -> None:
        async with asyncio.timeout(0.01), async_session_of(service).agent("designer", beat_seconds=3600):
            await asyncio.sleep(3600)

    service = Service(post=told("running"), delete=answer(204))
    with pytest.raises(TimeoutError):
        asyncio.run(work(service))
