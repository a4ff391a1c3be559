"""The gateway's authorizer: which project and role an API key stands for."""

from datetime import UTC, datetime
from typing import Any

from metering.aws.clients import make_dynamodb, make_secrets
from metering.aws.config import read_config
from metering.aws.secrets import SecretReader
from metering.aws.telemetry import logger
from metering.domain.errors import UnavailableError
from metering.flows.authorize_request import Authority, authorize
from metering.flows.manage_projects import Accounts
from metering.http.guard import deadline_of

CLIENT = make_dynamodb()
SECRETS = SecretReader(make_secrets())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    """Always authorised, with a context that names the caller or says why there is none: an HTTP API cannot shape its
    own 401 or 503, so the function behind it answers.
    """
    config, deadline = read_config(), deadline_of(context)
    authority = Authority(
        Accounts(CLIENT, config.accounts_table, deadline),
        lambda: SECRETS.read(config.admin_key_secret, deadline),
    )
    try:
        found = authorize(authority, event["headers"].get("authorization", ""), datetime.now(UTC))
    except UnavailableError as error:
        found = {"unavailable": error.detail}
    if "denied" in found:
        logger.info("api_key_denied", extra={"source_ip": event["requestContext"]["http"]["sourceIp"]})
    return {"isAuthorized": True, "context": found}
