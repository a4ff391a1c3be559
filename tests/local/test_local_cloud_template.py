"""template.yaml is the truth: a changed one changes the cloud, and no data is lost by it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.local.conftest import FIXTURES
from tests.local.running_cloud import RunningCloud
from tests.local.seen import Seen
from tests.local.waiting import eventually

pytestmark = pytest.mark.local


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that the test may change."""
    shutil.copytree(FIXTURES, tmp_path / "project")
    return tmp_path / "project/template.yaml"


@pytest.fixture
def own_cloud(tmp_path: Path, template: Path) -> Iterator[RunningCloud]:
    with RunningCloud(tmp_path / "state", ("--template", str(template))) as running:
        yield running


def change(template: Path, old: str, new: str) -> None:
    text = template.read_text()
    assert old in text
    template.write_text(text.replace(old, new))


def test_time_to_live_is_switched_on_where_the_template_has_it(seen: Seen) -> None:
    description = seen.dynamodb.describe_time_to_live(TableName=seen.things)["TimeToLiveDescription"]
    assert (description["TimeToLiveStatus"], description["AttributeName"]) == ("ENABLED", "expires")


def test_a_changed_template_changes_tables_and_functions_and_keeps_the_data(
    own_cloud: RunningCloud, template: Path
) -> None:
    before = Seen(own_cloud)
    before.put("kept", "good")
    before.dynamodb.close()
    own_cloud.stop()
    change(template, "SEEN_TABLE: !Ref Seen", "SEEN_TABLE: !Ref Seen\n        NEW_VARIABLE: !Sub 'for ${Things}'")
    change(
        template,
        "AttributeDefinitions: [{ AttributeName: thing, AttributeType: S }]",
        "AttributeDefinitions:"
        " [{ AttributeName: thing, AttributeType: S }, { AttributeName: kind, AttributeType: S }]\n"
        "      GlobalSecondaryIndexes:\n"
        "        - IndexName: byKind\n"
        "          KeySchema: [{ AttributeName: kind, KeyType: HASH }]\n"
        "          Projection: { ProjectionType: ALL }",
    )
    own_cloud.start()
    after = Seen(own_cloud)
    found = after.dynamodb.query(
        TableName=after.things,
        IndexName="byKind",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "good"}},
    )
    after.dynamodb.close()
    assert [item["thing"]["S"] for item in found["Items"]] == ["kept"]
    variables = httpx.get(f"{own_cloud.url}/process").json()["variables"]
    assert variables["NEW_VARIABLE"] == f"for {after.things}"


def refusal(cloud: RunningCloud) -> str:
    """What is said by one that cannot start."""
    process = cloud.launch()
    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 1
    complaint = cloud.state.with_suffix(".log").read_text()
    assert "Traceback" not in complaint
    return complaint


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Resources:", "Resources: [", "while parsing"),
        ("FunctionArn: !GetAtt Authorize.Arn", "", "must define 'FunctionArn'"),
    ],
)
def test_a_template_that_is_none_is_refused_with_the_reason(
    tmp_path: Path, template: Path, old: str, new: str, reason: str
) -> None:
    change(template, old, new)
    assert reason in refusal(RunningCloud(tmp_path / "state", ("--template", str(template))))


def test_a_change_that_would_lose_data_is_refused_and_loses_none(own_cloud: RunningCloud, template: Path) -> None:
    seen = Seen(own_cloud)
    seen.put("kept")
    eventually(lambda: "kept" in seen.by("CollectChanges"))
    seen.dynamodb.close()
    own_cloud.stop()
    good = template.read_text()
    change(template, ", { AttributeName: what, KeyType: RANGE }]", "]")
    assert "requires replacing" in refusal(own_cloud)
    template.write_text(good)
    own_cloud.start()
    seen = Seen(own_cloud)
    assert "kept" in seen.by("CollectChanges")
    seen.dynamodb.close()
