"""One local cloud a test session, and one a worker under xdist, each on a free port."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.running_cloud import RunningCloud
from tests.local.seen import Seen
from tests.webhook_receiver import Receiver, receiving

FIXTURES = Path(__file__).parent / "fixtures"
LONGEST = (
    "test_replay.py",
    "test_local_cloud_lifecycle.py",
    "test_statistics.py",
    "test_sdk_typescript.py",
    "test_hold_storm.py",
    "test_archive.py",
    "test_local_cloud_demo.py",
    "test_corrections.py",
    "test_webhooks.py",
    "test_limit_races.py",
    "test_readme.py",
    "test_command_line.py",
    "test_limit_crash.py",
)
"""Files that take longest come first, so that the workers of xdist end together; the others in order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        return LONGEST.index(item.path.name) if item.path.parent == here and item.path.name in LONGEST else len(LONGEST)

    items.sort(key=place)


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
