"""S3: whole objects, an object that is written as it comes, and one that is read piece by piece."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from metering.aws.transaction import Deadline, call

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

PART_BYTES: Final = 8 * 1024 * 1024
"""S3 takes 10,000 parts, so an object may have 78 GiB."""
AHEAD_BYTES: Final = 1024 * 1024
"""How much more than was asked for is read, since what follows is asked for next."""


@dataclass(frozen=True)
class Objects:
    """The objects of one bucket."""

    client: "S3Client"
    bucket: str
    deadline: Deadline


def read(objects: Objects, key: str) -> bytes:
    """A whole object.

    Raises:
        ClientError: there is none.
    """
    return _get(objects, Key=key)


def _get(objects: Objects, **what: str) -> bytes:
    def attempt() -> bytes:
        return objects.client.get_object(Bucket=objects.bucket, **what)["Body"].read()  # type: ignore[arg-type]  # texts

    return call(attempt, objects.deadline)


def write(objects: Objects, key: str, body: bytes) -> None:
    """Puts an object in the place of what was there."""
    call(lambda: objects.client.put_object(Bucket=objects.bucket, Key=key, Body=body), objects.deadline)


def remove(objects: Objects, key: str) -> None:
    """Removes an object, if there is one."""
    call(lambda: objects.client.delete_object(Bucket=objects.bucket, Key=key), objects.deadline)


def size_of(objects: Objects, key: str) -> int | None:
    """How many bytes an object has; None if there is none."""
    head = _head(objects, key)
    return None if head is None else head["ContentLength"]


def _head(objects: Objects, key: str) -> "HeadObjectOutputTypeDef | None":
    try:
        return call(lambda: objects.client.head_object(Bucket=objects.bucket, Key=key), objects.deadline)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
            return None
        raise


def open_object(objects: Objects, key: str, size: int) -> io.BufferedReader:
    """An object to be read anywhere, a megabyte at a time."""
    return io.BufferedReader(_Ranges(objects, {"Key": key}, size), AHEAD_BYTES)


def open_version(objects: Objects, key: str) -> io.BufferedReader | None:
    """An object as it is now, to be read anywhere; None if there is none.

    Once another has taken its place, reading on is an error of the client's: what was read would not fit what follows.
    """
    head = _head(objects, key)
    if head is None:
        return None
    which = {"Key": key, "IfMatch": head["ETag"]}
    return io.BufferedReader(_Ranges(objects, which, head["ContentLength"]), AHEAD_BYTES)


class _Ranges(io.RawIOBase):
    """An object, each read of which is a request."""

    def __init__(self, objects: Objects, which: dict[str, str], size: int) -> None:
        self._objects, self._which, self._size, self._place = objects, which, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        end = min(self._place + len(view), self._size)
        count = max(0, end - self._place)
        if count:
            view[:count] = _get(self._objects, **self._which, Range=f"bytes={self._place}-{end - 1}")
        self._place += count
        return count


class Upload(io.RawIOBase):
    """An object that is written as it comes, eight megabytes in memory at most. It is there once it is finished, all at
    once and in the place of what was there; left unfinished, it is not.
    """

    def __init__(self, objects: Objects, key: str) -> None:
        self._objects, self._key = objects, key
        self._waiting = bytearray()
        self._written = 0
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []
        self._ended = False

    def __exit__(self, *error: object) -> None:
        if not self._ended:
            self.abandon()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, data: "ReadableBuffer", /) -> int:
        view = memoryview(data).cast("B")
        size = len(view)
        if self._ended:  # a writer that is thrown away still writes its end
            return size
        self._written += size
        while view:
            room = PART_BYTES - len(self._waiting)
            self._waiting += view[:room]
            view = view[room:]
            if len(self._waiting) == PART_BYTES:
                self._send_part()
        return size

    def finish(self) -> None:
        """Makes the object what was written."""
        if not self._upload_id:
            write(self._objects, self._key, bytes(self._waiting))
        else:
            if self._waiting:
                self._send_part()
            self._ask("complete_multipart_upload", MultipartUpload={"Parts": self._parts})
        self._ended = True

    def abandon(self) -> None:
        """Leaves what was there."""
        self._ended = True
        if self._upload_id:
            self._ask("abort_multipart_upload")

    def _send_part(self) -> None:
        if not self._upload_id:
            begun = call(
                lambda: self._objects.client.create_multipart_upload(Bucket=self._objects.bucket, Key=self._key),
                self._objects.deadline,
            )
            self._upload_id = begun["UploadId"]
        number = len(self._parts) + 1
        sent = self._ask("upload_part", PartNumber=number, Body=self._waiting)
        self._waiting = bytearray()
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    def _ask(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401  # boto3's
        attempt = getattr(self._objects.client, operation)
        place = {"Bucket": self._objects.bucket, "Key": self._key, "UploadId": self._upload_id}
        return call(lambda: attempt(**place, **parameters), self._objects.deadline)


def read_lines(objects: Objects, key: str) -> Iterator[bytes]:
    """The lines of an object, without their ends, as they come."""
    body = call(lambda: objects.client.get_object(Bucket=objects.bucket, Key=key), objects.deadline)["Body"]
    return (line for line in body.iter_lines(chunk_size=AHEAD_BYTES) if line)
