"""AWS clients, made once a function at import and never by a flow.

botocore's session does without boto3's resource layer, which would double the time of a cold start. Parameters are not
validated again: our own types have checked them, and the check is a quarter of a call's CPU (a contract test runs with
validation on). botocore does not retry either, since a second attempt whose first took effect must be recognised:
`transaction.call` retries.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

VALIDATE_PARAMETERS = os.environ.get("METERING_VALIDATE_PARAMETERS") == "1"


CONNECT_SECONDS, READ_SECONDS = 2, 3
"""How long one attempt waits for a connection, and then for each part of an answer."""


def _config() -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        parameter_validation=VALIDATE_PARAMETERS,
        tcp_keepalive=True,
        max_pool_connections=16,
    )


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def make_dynamodb() -> "DynamoDBClient":
    return _session().create_client("dynamodb", config=_config())  # type: ignore[return-value]  # named by a string


def make_secrets() -> "SecretsManagerClient":
    return _session().create_client("secretsmanager", config=_config())  # type: ignore[return-value]  # the same


def make_kms() -> "KMSClient":
    return _session().create_client("kms", config=_config())  # type: ignore[return-value]  # the same


def make_sqs() -> "SQSClient":
    return _session().create_client("sqs", config=_config())  # type: ignore[return-value]  # the same
