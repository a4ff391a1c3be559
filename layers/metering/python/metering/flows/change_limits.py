"""Limits of a live session, its pause and its resume, and the project's emergency stop."""

from collections.abc import Callable

from metering.aws import keys
from metering.aws.audit import traced
from metering.aws.meters import Metered
from metering.aws.tables import get
from metering.aws.transaction import Item, Write, commit
from metering.domain.errors import StillOverLimitError
from metering.domain.limits import Change, Limits, Meter, change_limits, decide_pause, decide_resume
from metering.flows.decisions import Meters, decide, read_meter


def patch_limits(meters: Meters, metered: Metered, patch: Callable[[Limits], Limits]) -> tuple[Item, Meter]:
    """Changes a scope's limits, atomically with what is being counted, and gives back its meter as it is then.

    Raises:
        NotFoundError: there is no such scope.
    """

    def decision(meter: Meter) -> Change:
        return change_limits(meter, patch(meter.limits), meters.now)

    decide(meters, metered, decision)
    return read_meter(meters, metered)


def pause(meters: Meters, metered: Metered, reason: str) -> tuple[Item, Meter]:
    """Pauses a session; its agents hear of it with their next heartbeat."""
    decide(meters, metered, lambda meter: decide_pause(meter, reason, meters.now))
    return read_meter(meters, metered)


def resume(meters: Meters, metered: Metered) -> tuple[Item, Meter]:
    """Resumes a session.

    Raises:
        StillOverLimitError: a limit is passed still.
    """
    decided = decide(meters, metered, lambda meter: decide_resume(meter, meters.now))
    if not isinstance(decided, Change):
        raise StillOverLimitError(
            f"session {metered.scope.id} is over {', '.join(sorted(decided))}: raise it, or wait for its next period",
            extra={"breached": sorted(decided)},
        )
    return read_meter(meters, metered)


def stop_project(meters: Meters, reason: str | None) -> None:
    """The emergency stop: from now on no hold and no agent is granted in any session of the project."""
    stop = {**keys.stop(meters.project), "at": {"S": meters.now}, "reason": {"S": reason or "emergency stop"}}
    put = Write("Put", {"TableName": meters.table, "Item": stop})
    commit(meters.client, [put, *traced(meters.trail)], meters.deadline)


def is_stopped(meters: Meters) -> bool:
    """Whether the emergency stop is on, as of now."""
    return get(meters.client, meters.table, keys.stop(meters.project), meters.deadline) is not None


def restart_project(meters: Meters) -> None:
    """Ends the emergency stop."""
    delete = Write("Delete", {"TableName": meters.table, "Key": keys.stop(meters.project)})
    commit(meters.client, [delete, *traced(meters.trail)], meters.deadline)
