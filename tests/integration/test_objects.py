"""Objects of S3 that are written as they come and read anywhere."""

import io
import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from metering.aws.clients import make_s3
from metering.aws.objects import PART_BYTES, Objects, Upload, open_object, read, remove, size_of, write
from metering.aws.transaction import Deadline
from tests.integration.api import REGION, client_of

BUCKET, KEY = "bucket", "folder/object"
CLIENT = make_s3()


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Objects]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        client_of("s3").create_bucket(Bucket=BUCKET)
        yield Objects(CLIENT, BUCKET, Deadline.within(60))


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def uploads(objects: Objects) -> Any:
    return objects.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 1])
def test_an_object_is_what_was_written(objects: Objects, size: int) -> None:
    wanted = content(size)
    with Upload(objects, KEY) as upload:
        for start in range(0, size, 3_000_000):
            upload.write(wanted[start : start + 3_000_000])
            assert size_of(objects, KEY) is None
        assert upload.tell() == size
        upload.finish()
    assert read(objects, KEY) == wanted
    assert size_of(objects, KEY) == size
    assert uploads(objects) == []


def test_a_write_of_several_parts_is_cut_into_them(objects: Objects) -> None:
    wanted = content(2 * PART_BYTES + 5)
    with Upload(objects, KEY) as upload:
        upload.write(wanted)
        upload.finish()
    assert read(objects, KEY) == wanted


@pytest.mark.parametrize("size", [10, PART_BYTES + 10])
def test_an_upload_that_is_not_finished_leaves_what_was_there(objects: Objects, size: int) -> None:
    write(objects, KEY, b"before")
    with Upload(objects, KEY) as upload:
        upload.write(content(size))
    upload.write(b"its writer's end")
    assert read(objects, KEY) == b"before"
    assert uploads(objects) == []


def test_an_object_is_read_anywhere(objects: Objects) -> None:
    wanted = content(3_000_000)
    write(objects, KEY, wanted)
    with open_object(objects, KEY, len(wanted)) as opened:
        assert opened.read() == wanted
        assert opened.read() == b""
        for start, count in ((0, 10), (2_999_990, 10), (2_999_990, 100), (1_500_000, 1_200_000), (3_000_000, 1)):
            opened.seek(start)
            assert opened.read(count) == wanted[start : start + count]
        opened.seek(-8, io.SEEK_END)
        assert opened.read(4) == wanted[-8:-4]
        opened.seek(2, io.SEEK_CUR)
        assert opened.read() == wanted[-2:]


def test_an_object_that_is_not_there_has_no_size_and_cannot_be_read(objects: Objects) -> None:
    assert size_of(objects, KEY) is None
    with pytest.raises(ClientError, match="NoSuchKey"):
        read(objects, KEY)
    remove(objects, KEY)
    write(objects, KEY, b"x")
    remove(objects, KEY)
    assert size_of(objects, KEY) is None


def test_what_is_refused_is_not_taken_for_missing(objects: Objects) -> None:
    with pytest.raises(ClientError, match="403"):
        size_of(Objects(_Refusing(objects.client), BUCKET, objects.deadline), KEY)  # type: ignore[arg-type]


class _Refusing:
    def __init__(self, client: Any) -> None:
        self._client = client

    def head_object(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadObject")  # type: ignore[typeddict-item]
