"""Clients that are spared work send to the addresses, and sign for the regions, that stock clients do."""

import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse

from metering.aws import clients
from tests.faults import respond

MAKERS = {
    "dynamodb": (clients.make_dynamodb, "list_tables", {}),
    "kms": (clients.make_kms, "list_keys", {}),
    "secretsmanager": (clients.make_secrets, "list_secrets", {}),
    "sqs": (clients.make_sqs, "list_queues", {}),
}
REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-5", "cn-north-1", "us-gov-west-1"]


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    """The environment is read anew, and what was read of it here does not stay."""
    clients._session.cache_clear()  # noqa: SLF001  # a process has one
    yield
    clients._session.cache_clear()  # noqa: SLF001  # the same


def where_it_goes(client: Any, operation: str, parameters: dict[str, Any]) -> tuple[str, str]:
    """The address of a request, and the scope it is signed for."""
    seen: list[Any] = []

    def take(request: Any, **_: Any) -> AWSResponse | None:
        seen.append(request)
        return respond({})(request)

    client.meta.events.register_first("before-send.*.*", take)
    getattr(client, operation)(**parameters)
    [request] = seen
    scope = re.search(r"/(\d{8}/[^,]+),", request.headers["Authorization"].decode())
    assert scope
    return request.url, scope[1]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", MAKERS)
@pytest.mark.parametrize("fips", ["false", "true"])
def test_a_request_goes_where_a_stock_client_would_send_it(
    service: str, region: str, fips: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", fips)
    make, operation, parameters = MAKERS[service]
    stock = botocore.session.get_session().create_client(service)
    assert where_it_goes(make(), operation, parameters) == where_it_goes(stock, operation, parameters)


def test_a_custom_endpoint_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    url, _ = where_it_goes(clients.make_dynamodb(), "list_tables", {})
    assert url == "http://127.0.0.1:4566/"


@pytest.mark.parametrize("region", REGIONS)
def test_a_presigned_link_names_the_region_and_says_how_long_it_lasts(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    place = {"Bucket": "bucket", "Key": "key"}
    link = clients.make_s3().generate_presigned_url("get_object", Params=place, ExpiresIn=900)
    assert f"%2F{region}%2Fs3%2Faws4_request" in link
    assert "X-Amz-Expires=900" in link


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "exports.s3.amazonaws.com"),
        ("eu-central-1", "exports.s3.eu-central-1.amazonaws.com"),
        ("ap-southeast-5", "exports.s3.ap-southeast-5.amazonaws.com"),
        ("cn-north-1", "exports.s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_a_signed_link_names_the_buckets_own_region(region: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    place = {"Bucket": "exports", "Key": "a/b.csv"}
    link = clients.make_s3().generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    assert link.startswith(f"https://{host}/a/b.csv?")


def test_a_signed_link_of_a_local_cloud_is_one_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    place = {"Bucket": "exports", "Key": "a/b.csv"}
    link = clients.make_s3().generate_presigned_url("get_object", Params=place, ExpiresIn=60)
    assert link.startswith("http://127.0.0.1:4566/exports/a/b.csv?")
