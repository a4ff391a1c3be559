"""What requests about meters have in common."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metering.aws.config import read_config
from metering.aws.meters import Scope
from metering.domain.periods import stored
from metering.flows.decisions import Meters, session_scope
from metering.http.auditing import trail_of
from metering.http.dispatch import Request

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def meters_of(client: "DynamoDBClient", request: Request, audit_table: str | None = None) -> Meters:
    """The meters of the caller's project, now; with the table of the audit log, changes leave an entry there."""
    now = stored(datetime.now(UTC))
    trail = trail_of(request, audit_table, now) if audit_table else None
    return Meters(client, read_config().meters_table, request.caller.project, now, request.deadline, trail)


def session_of(request: Request) -> Scope:
    """The session that the path names."""
    return session_scope(request.path["sessionId"])
