"""Agents: each takes a slot of its session (and of budgets) under a lease that its heartbeats renew."""

from datetime import timedelta
from typing import Literal, NamedTuple

from metering.aws import keys
from metering.aws.budget_book import BudgetBook
from metering.aws.meters import Scope, meter_key
from metering.domain.errors import NotFoundError
from metering.domain.leases import Lease
from metering.domain.periods import later
from metering.flows.decisions import Attempts, Meters, read_items
from metering.flows.take_room import Taken, Taking, change_lease, close, extend, take

AgentStatus = Literal["running", "paused"]


class Agent(NamedTuple):
    """An agent that runs, or is paused because its session is."""

    lease: Lease
    status: AgentStatus


def start_agent(  # noqa: PLR0913  # who, where, for how long
    meters: Meters, budgets: BudgetBook, session: Scope, agent_id: str, seconds: int, *, run_id: str | None = None
) -> Taken:
    """Takes a slot for an agent; the same agent again keeps its slot and renews its lease.

    Raises:
        NotFoundError: no such session.
        SessionPausedError: it is paused.
        LimitReachedError: no slot is free.
    """
    expires_at = later(meters.now, timedelta(seconds=seconds))
    lease = Lease("agent", agent_id, "open", {"agents": 1}, {}, expires_at, meters.now)
    attempts = Attempts(meters.deadline)
    while True:
        taken = take(meters, budgets, Taking(session, lease, run_id))
        if taken.created:
            return taken
        if extend(meters, session, taken.lease, expires_at):
            return taken._replace(lease=taken.lease._replace(expires_at=expires_at))
        attempts.next()


def beat(meters: Meters, session: Scope, agent_id: str, seconds: int) -> Agent:
    """Renews an agent's lease and tells it whether to go on.

    Raises:
        NotFoundError: it never started, has ended, or its lease has been given to others.
    """
    expires_at = later(meters.now, timedelta(seconds=seconds))

    def renew(lease: Lease) -> bool:
        if lease.state != "open":
            raise NotFoundError(f"the agent {agent_id} does not run; start it again")
        return extend(meters, session, lease, expires_at)

    lease = change_lease(meters, session, "agent", agent_id, renew)._replace(expires_at=expires_at)
    return Agent(lease, agents_status(meters, session))


def end_agent(meters: Meters, session: Scope, agent_id: str) -> None:
    """Frees an agent's slot; ending it again does nothing.

    Raises:
        NotFoundError: it never started.
    """
    change_lease(
        meters,
        session,
        "agent",
        agent_id,
        lambda lease: lease.state != "open" or close(meters, session, lease, "released"),
    )


def agents_status(meters: Meters, session: Scope) -> AgentStatus:
    """What the agents of a session are to do, which is the same for all: a pause reaches every one of them at once.

    Raises:
        NotFoundError: no such session.
    """
    meter, stop = meter_key(meters.project, session), keys.stop(meters.project)
    found = read_items(meters, [meter, stop])
    item = found.get((meter["scope"]["S"], meter["entry"]["S"]))
    if item is None:
        raise NotFoundError(f"there is no session {session.id}")
    stopped = (stop["scope"]["S"], stop["entry"]["S"]) in found
    return "paused" if stopped or item["status"]["S"] == "paused" else "running"
