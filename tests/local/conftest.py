"""One local cloud a test session, and one a worker under xdist, each on a free port."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.running_cloud import RunningCloud
from tests.local.seen import Seen
from tests.webhook_receiver import Receiver, receiving

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """The whole service. Tests that kill it start it again."""
    with RunningCloud(tmp_path_factory.mktemp("cloud") / "state") as running:
        yield running


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    """The whole service for one test, which may do to it what it likes."""
    with RunningCloud(tmp_path / "state") as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Of webhooks, on a port of its own."""
    with receiving() as running:
        yield running


@pytest.fixture(scope="session")
def small_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """A local cloud with the functions of fixtures/template.yaml."""
    options = ("--template", str(FIXTURES / "template.yaml"))
    with RunningCloud(tmp_path_factory.mktemp("small") / "state", options) as running:
        yield running


@pytest.fixture
def seen(small_cloud: RunningCloud) -> Iterator[Seen]:
    found = Seen(small_cloud)
    yield found
    found.dynamodb.close()


@pytest.fixture
def sqs(small_cloud: RunningCloud) -> Iterator[Any]:
    client = small_cloud.endpoint.client("sqs")
    yield client
    client.close()
