"""Secrets that belong to customers, encrypted by a KMS key for one project and webhook each."""

from typing import TYPE_CHECKING, Final

from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_MOST_REMEMBERED: Final = 1000


class SecretBox:
    """Encrypts and decrypts. One instance a function; what it decrypted it remembers as long as the function lives."""

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._remembered: dict[tuple[str, str, bytes], str] = {}

    def encrypt(self, secret: str, project: str, webhook_id: str, deadline: Deadline) -> bytes:
        context = {"project": project, "webhook": webhook_id}
        answer = call(
            lambda: self._client.encrypt(KeyId=self._key_id, Plaintext=secret.encode(), EncryptionContext=context),
            deadline,
        )
        return answer["CiphertextBlob"]

    def decrypt(self, encrypted: bytes, project: str, webhook_id: str, deadline: Deadline) -> str:
        """The secret; KMS refuses what was encrypted for another project or webhook."""
        known = (project, webhook_id, encrypted)
        if known not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[known] = self._decrypt(*known, deadline)
        return self._remembered[known]

    def _decrypt(self, project: str, webhook_id: str, encrypted: bytes, deadline: Deadline) -> str:
        context = {"project": project, "webhook": webhook_id}
        answer = call(
            lambda: self._client.decrypt(KeyId=self._key_id, CiphertextBlob=encrypted, EncryptionContext=context),
            deadline,
        )
        return answer["Plaintext"].decode()
