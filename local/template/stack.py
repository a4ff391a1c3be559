"""The stack of what holds state, in the emulator: created or updated, never deleted and created again.

Every expression that the local cloud needs to know is an output of the stack, so that the emulator resolves them all.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.endpoint import Endpoint
from local.errors import CloudError
from local.template.blueprint import Blueprint
from local.template.reading import read_blueprint
from local.template.translate import FUNCTION, KEPT, Tree, translate

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient

NAME = "meterstone"
DEPLOY_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.02
# What the local cloud itself stands for.
DESCRIBING = frozenset(
    {
        FUNCTION,
        "AWS::ApiGatewayV2::Api",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Events::Rule",
        "AWS::Scheduler::Schedule",
    }
)


class Stack:
    """What a template says. To read it takes as long as the emulator's start, and asks nothing of it."""

    def __init__(self, path: Path, parameters: Mapping[str, str]) -> None:
        """CloudError if the template is none."""
        translated, self._code = translate(path, parameters)
        resources = translated["Resources"]
        self._kept = {name: each for name, each in resources.items() if each["Type"] in KEPT}
        described = {name: each for name, each in resources.items() if each["Type"] in DESCRIBING}
        self._wanted = {"described": described, "ids": {name: {"Ref": name} for name in self._kept}}
        self._template = _stack_template(translated, self._kept, list(_expressions(self._wanted)))

    def deploy(self, endpoint: Endpoint) -> Blueprint:
        """Bring the emulator's resources to it."""
        cloudformation = endpoint.client("cloudformation")
        _create_or_update(cloudformation, self._template)
        resolved = _resolve(self._wanted, _outputs(cloudformation))
        _set_time_to_live(endpoint.client("dynamodb"), self._kept, resolved["ids"])
        return read_blueprint(resolved["described"], self._code, resolved["ids"])


def _is_expression(tree: Tree) -> bool:
    return isinstance(tree, dict) and len(tree) == 1 and next(iter(tree)).startswith(("Ref", "Fn::"))


def _expressions(tree: Tree) -> Iterator[Tree]:
    if _is_expression(tree):
        yield tree
    elif isinstance(tree, dict | list):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _expressions(each)


def _output_name(expression: Tree) -> str:
    return "E" + hashlib.sha256(json.dumps(expression, sort_keys=True).encode()).hexdigest()[:32]


def _stack_template(translated: Tree, kept: Tree, expressions: list[Tree]) -> str:
    template = {part: translated[part] for part in ("Parameters", "Mappings", "Conditions") if part in translated}
    template["Resources"] = {name: _without_absent(each, kept) for name, each in kept.items()}
    template["Outputs"] = {_output_name(each): {"Value": each} for each in expressions}
    return json.dumps(template, default=str)


def _without_absent(resource: Tree, kept: Tree) -> Tree:
    """The resource, waiting for no other than those that are created."""
    needed = resource.get("DependsOn", [])
    needed = [name for name in ([needed] if isinstance(needed, str) else needed) if name in kept]
    rest = {key: value for key, value in resource.items() if key != "DependsOn"}
    return rest | ({"DependsOn": needed} if needed else {})


def _resolve(tree: Tree, outputs: Mapping[str, str]) -> Tree:
    if _is_expression(tree):
        return outputs[_output_name(tree)]
    if isinstance(tree, dict):
        return {key: _resolve(value, outputs) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_resolve(value, outputs) for value in tree]
    return tree


def _create_or_update(cloudformation: "CloudFormationClient", template: str) -> None:
    try:
        if _exists(cloudformation):
            cloudformation.update_stack(StackName=NAME, TemplateBody=template)
        else:
            cloudformation.create_stack(StackName=NAME, TemplateBody=template)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return
        raise CloudError(f"The emulator refused the template: {error}") from error
    _wait(cloudformation)


def _exists(cloudformation: "CloudFormationClient") -> bool:
    return any(stack["StackName"] == NAME for stack in cloudformation.describe_stacks()["Stacks"])


def _wait(cloudformation: "CloudFormationClient") -> None:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while (status := cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"]).endswith("PROGRESS"):
        if time.monotonic() > deadline:
            raise CloudError(f"The emulator's resources were not ready within {DEPLOY_SECONDS:.0f} seconds.")
        time.sleep(LOOK_AGAIN_SECONDS)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        events = cloudformation.describe_stack_events(StackName=NAME)["StackEvents"]
        reasons = [event.get("ResourceStatusReason", "") for event in events if "FAILED" in event["ResourceStatus"]]
        raise CloudError(f"The emulator's resources could not be brought to what the template says: {reasons[:1]}")


def _outputs(cloudformation: "CloudFormationClient") -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _set_time_to_live(dynamodb: "DynamoDBClient", kept: Tree, ids: Mapping[str, str]) -> None:
    """Switch on the expiry of items where the template has it: the emulator's CloudFormation does not."""
    for name, resource in kept.items():
        wanted = resource["Properties"].get("TimeToLiveSpecification") if "Properties" in resource else None
        if wanted and wanted["Enabled"]:
            now = dynamodb.describe_time_to_live(TableName=ids[name])["TimeToLiveDescription"]
            if now["TimeToLiveStatus"] != "ENABLED":
                dynamodb.update_time_to_live(TableName=ids[name], TimeToLiveSpecification=wanted)
