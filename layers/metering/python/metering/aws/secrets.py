"""Secrets Manager."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def read_secret(client: "SecretsManagerClient", secret_id: str) -> str:
    """The secret's current text. Not kept: the authorizer's cache spares the call, and a rotated key holds at once."""
    return client.get_secret_value(SecretId=secret_id)["SecretString"]
