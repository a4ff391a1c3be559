"""How the local cloud, its functions and its tests reach the emulator with boto3."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-west-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""They open nothing; but the emulator checks what a presigned link was signed with."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point boto3 at the emulator."""
        return {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
        }

    def client(self, service: str) -> Any:  # noqa: ANN401 - each service has a type of its own
        """A client that may be used by several threads at once."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=50, parameter_validation=False),
        )
