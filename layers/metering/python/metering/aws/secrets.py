"""Secrets Manager."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

REMEMBERED_SECONDS: Final = 1
"""Long enough that whoever floods the service with made-up keys does not ask, and pay, Secrets Manager for each; a
rotated secret holds after that."""


class SecretReader:
    """Reads secrets. One instance a function, as long as the function lives."""

    def __init__(self, client: "SecretsManagerClient", clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._read: dict[str, tuple[float, str]] = {}

    def read(self, secret_id: str, deadline: Deadline) -> str:
        """The text that a secret has, or had up to a second ago.

        Raises:
            UnavailableError: no answer before the deadline.
        """
        now = self._clock()
        known = self._read.get(secret_id)
        if known is not None and now - known[0] < REMEMBERED_SECONDS:
            return known[1]
        text = call(lambda: self._client.get_secret_value(SecretId=secret_id), deadline)["SecretString"]
        self._read[secret_id] = now, text
        return text
