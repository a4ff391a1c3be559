"""AWS clients, made once a function at import and never by a flow.

botocore's session does without boto3's resource layer, which would double the time of a cold start. Parameters are not
validated again: our own types have checked them, and the check is a quarter of a call's CPU (a contract test runs with
validation on). botocore does not retry either, since a second attempt whose first took effect must be recognised:
`transaction.call` retries.

What botocore does at length and always with the same result, it is spared. Its own user agent is put together from a
dozen parts, twice a request. A client's model is looked for among the folders of 400 services, and beside the rules
that say a service's address it reads the list of all addresses from before there were rules, a fifth of a cold start.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from botocore.parsers import ResponseParserFactory

from metering.aws.wire import encode_directly

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

VALIDATE_PARAMETERS = os.environ.get("METERING_VALIDATE_PARAMETERS") == "1"
CONNECT_SECONDS, READ_SECONDS = 2, 3
"""How long one attempt waits for a connection, and then for each part of an answer."""
OBJECT_SECONDS: Final = 20
"""The same for S3, which answers when a part of some megabytes has come."""

_SERVICES: Final = ("dynamodb", "kms", "secretsmanager", "sqs", "sso", "sso-oidc", "sts")
"""Those used here, and those that credentials may come of."""


class _Loader(Loader):
    """Looks for no more than is needed."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # botocore's
        return list(_SERVICES)

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        return (
            ({"partitions": []}, self.BUILTIN_DATA_PATH) if name == "endpoints" else super().load_data_with_path(name)
        )


def _config(read_seconds: int = READ_SECONDS) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": 1},
        parameter_validation=VALIDATE_PARAMETERS,
        user_agent=f"Botocore/{botocore.__version__} meterstone",
        tcp_keepalive=True,
        max_pool_connections=16,
    )


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _Loader())
    return session


def make_dynamodb(parsers: ResponseParserFactory | None = None) -> "DynamoDBClient":
    """A DynamoDB client; `parsers` make of its answers something else than botocore does."""
    session = _session()
    if parsers:
        session.register_component("response_parser_factory", parsers)
    client: DynamoDBClient = session.create_client("dynamodb", config=_config())  # type: ignore[assignment]  # named by a string
    if parsers:  # clients made after this one are to parse as ever
        session.register_component("response_parser_factory", ResponseParserFactory())
    if not VALIDATE_PARAMETERS:
        encode_directly(client)
    return client


def make_secrets() -> "SecretsManagerClient":
    return _session().create_client("secretsmanager", config=_config())  # type: ignore[return-value]  # the same


def make_kms() -> "KMSClient":
    return _session().create_client("kms", config=_config())  # type: ignore[return-value]  # the same


def make_sqs() -> "SQSClient":
    return _session().create_client("sqs", config=_config())  # type: ignore[return-value]  # the same


def make_s3() -> "S3Client":
    """An S3 client, whose region botocore finds by the list of all addresses that the others are spared.

    Links that it signs name the bucket's region, as they do by this style alone. At the address of all regions, a
    bucket elsewhere than in us-east-1 is not found for its first day, and in younger regions never.
    """
    config = _config(OBJECT_SECONDS).merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    return botocore.session.get_session().create_client("s3", config=config)  # type: ignore[return-value]  # the same
