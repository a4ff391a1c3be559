"""`sam deploy` of what was built, against the emulator. `make template` builds first and then runs this."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from tests.template import ROOT, Template

SAM = ROOT / ".venv-sam/bin/sam"
STACK = "contract"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
START_SECONDS = 60
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "contract",
    "AWS_SECRET_ACCESS_KEY": "contract",
    "AWS_DEFAULT_REGION": "us-east-1",
    "SAM_CLI_TELEMETRY": "0",
}
TEMPLATE = Template()

pytestmark = [
    pytest.mark.skipif(not SAM.exists(), reason="no SAM command line: make template"),
    pytest.mark.skipif(not (ROOT / ".aws-sam/build/template.yaml").exists(), reason="nothing is built: make template"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running emulator, as the environment that sends the AWS command line tools to it."""
    port, folder = free_port(), tmp_path_factory.mktemp("emulator")
    settings = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "STATE_DIR": str(folder),
        "S3_DATA_DIR": str(folder),
        "TMPDIR": str(folder),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    endpoint = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        emulator = subprocess.Popen([sys.executable, "-m", "ministack"], env=settings, stdout=log, stderr=log)
        try:
            wait_until_ready(f"{endpoint}/_ministack/health", emulator, folder / "log")
            yield {**settings, "AWS_ENDPOINT_URL": endpoint, **CREDENTIALS}
        finally:
            emulator.terminate()
            emulator.wait(START_SECONDS)


def wait_until_ready(url: str, emulator: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert emulator.poll() is None, log.read_text()
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the emulator did not start:\n{log.read_text()}")


def deploy(environment: dict[str, str], *options: str) -> str:
    command = [SAM, "deploy", "--stack-name", STACK, "--no-confirm-changeset", "--no-progressbar", *options]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def client(environment: dict[str, str], service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="contract",
        aws_secret_access_key="contract",
    )


@pytest.fixture(scope="module")
def stack(environment: dict[str, str]) -> dict[str, Any]:
    deploy(environment)
    [found] = client(environment, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return dict(found)


def test_the_stack_is_made_with_its_outputs(stack: dict[str, Any]) -> None:
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert outputs.keys() == TEMPLATE.content["Outputs"].keys()
    assert all(outputs.values())


def test_every_resource_of_the_template_is_in_the_stack(stack: dict[str, Any], environment: dict[str, str]) -> None:
    pages = (
        client(environment, "cloudformation")
        .get_paginator("list_stack_resources")
        .paginate(StackName=stack["StackName"])
    )
    made = {resource["LogicalResourceId"] for page in pages for resource in page["StackResourceSummaries"]}
    wanted = {name for name, body in TEMPLATE.resources.items() if "Condition" not in body}
    assert wanted - TEMPLATE.of_type("AWS::Serverless::LayerVersion").keys() <= made


@pytest.mark.usefixtures("stack")
def test_a_topic_that_is_named_later_gets_every_alarm(environment: dict[str, str]) -> None:
    deploy(environment, "--parameter-overrides", f"AlarmTopicArn={TOPIC}")
    pages = client(environment, "cloudwatch").get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
    assert len(alarms) == len(TEMPLATE.of_type("AWS::CloudWatch::Alarm"))
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(TOPIC,)}


@pytest.mark.usefixtures("stack")
def test_an_identity_provider_that_is_named_later_may_call_the_function_of_sign_in(environment: dict[str, str]) -> None:
    issuer = ["OidcIssuer=https://login.example.com", "OidcAudience=meterstone"]
    deploy(environment, "--parameter-overrides", *issuer)
    pages = client(environment, "cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    made = {resource["LogicalResourceId"] for page in pages for resource in page["StackResourceSummaries"]}
    assert "SignInPermission" in made
