"""Secrets Manager."""

from typing import TYPE_CHECKING

from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(client: "SecretsManagerClient", secret_id: str, deadline: Deadline) -> str:
    """The secret's current text. Not kept: the authorizer's cache spares the call, and a rotated key holds at once.

    Raises:
        UnavailableError: no answer before the deadline.
    """
    return call(lambda: client.get_secret_value(SecretId=secret_id), deadline)["SecretString"]
