"""The minutely sweep: leases that have run out give their room back, events that were not relayed go out.

Leases come first: events may have to wait for a queue, and no room has to wait with them. What fails holds up nothing
else, and is still due in the next minute.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from metering.aws import keys
from metering.aws.due import DueLease, due_lease, find_due
from metering.aws.transaction import Deadline
from metering.flows.decisions import Meters
from metering.flows.take_room import find_lease, reclaim

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MARGIN_SECONDS = 5.0
"""What is left of the function's time when the sweep stops; the next minute's goes on where it was."""


class Swept(NamedTuple):
    """How much there was to do, and why some of it could not be done."""

    reclaimed: int
    relayed: int
    failures: tuple[Exception, ...]


def sweep(
    client: "DynamoDBClient", table: str, now: str, deadline: Deadline, relay: Callable[[keys.Key], object]
) -> Swept:
    """Deals with all that is due in the table of meters, the longest overdue of each shard first.

    `relay` gets the key of each event that the stream has not brought on its way.
    """
    work = _Work(deadline)
    events: list[keys.Key] = []
    reclaimed = relayed = 0
    for row in find_due(client, table, now, deadline):
        found = due_lease(row)
        if found is None:
            events.append({"scope": row["scope"], "entry": row["entry"]})
            continue
        meters = Meters(client, table, found.project, now, deadline)
        reclaimed += work.done(_reclaim, meters, found)
    for key in events:
        relayed += work.done(_relay, relay, key)
    return Swept(reclaimed, relayed, tuple(work.failures))


class _Work:
    """Does one thing after another while there is time; what fails is noted."""

    def __init__(self, deadline: Deadline) -> None:
        self.failures: list[Exception] = []
        self._deadline = deadline

    def done(self, step: Callable[..., bool], *arguments: object) -> bool:
        """Whether there was something to do, and it is done."""
        if self._deadline.remaining() < MARGIN_SECONDS:
            return False
        try:
            return step(*arguments)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next one is not to blame
            self.failures.append(error)
            return False


def _reclaim(meters: Meters, due: DueLease) -> bool:
    lease = find_lease(meters, due)
    return lease is not None and reclaim(meters, lease, due.session)


def _relay(relay: Callable[[keys.Key], object], key: keys.Key) -> bool:
    relay(key)
    return True
