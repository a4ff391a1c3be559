"""What requests about meters have in common."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metering.aws.config import read_config
from metering.aws.meters import Scope
from metering.domain.periods import stored
from metering.flows.decisions import Meters, session_scope
from metering.http.dispatch import Request

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def meters_of(client: "DynamoDBClient", request: Request) -> Meters:
    """The meters of the caller's project, now."""
    now = stored(datetime.now(UTC))
    return Meters(client, read_config().meters_table, request.caller.project, now, request.deadline)


def session_of(request: Request) -> Scope:
    """The session that the path names."""
    return session_scope(request.path["sessionId"])
