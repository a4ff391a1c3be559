"""What SAM makes of the template, and what CloudFormation, Lambda and the gateway would say of that."""

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import boto3
import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.template import Resources, Template, target

TEMPLATE: Final = Template()
MOST_RESOURCES: Final = 500
MOST_ROUTES: Final = 300
MOST_INLINE_POLICIES: Final = 10_240
"""Characters of all policies of a role together, blanks aside."""
MOST_ENVIRONMENT: Final = 4096
"""Bytes of a function's variables, names and values."""
LONGEST_REFERENCE: Final = 150
"""Bytes that a name, a URL or an ARN of the stack may come to."""
GATEWAY_SECONDS: Final = 30
PERMISSION: Final = "AWS::Lambda::Permission"
SHARED_NAMES: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SQS::Queue": "QueueName",
}
"""Where a name is taken for the whole account, or for the whole world."""


def translated(change: Callable[[Resources], None] = lambda _: None) -> Resources:
    """The resources that SAM makes of the template, after a change to it."""
    content = copy.deepcopy(TEMPLATE.content)
    for body in content["Resources"].values():
        for place in {"CodeUri", "ContentUri"} & body.get("Properties", {}).keys():
            body["Properties"][place] = f"s3://built/{body['Properties'][place]}"
    change(content["Resources"])
    defaults = {name: str(parameter["Default"]) for name, parameter in content["Parameters"].items()}
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    resources: Resources = translator.translate(content, defaults)["Resources"]
    return resources


@cache
def resources() -> Resources:
    return translated()


def of_type(kind: str, among: Resources) -> Resources:
    return {name: body for name, body in among.items() if body["Type"] == kind}


# ---------------------------------------------------------------- Versions

ALIASED: Final = [name for name, function in TEMPLATE.functions().items() if "AutoPublishAlias" in function]


def versions(name: str, among: Resources) -> Resources:
    return {
        version: body
        for version, body in of_type("AWS::Lambda::Version", among).items()
        if body["Properties"]["FunctionName"] == {"Ref": name}
    }


@pytest.mark.parametrize("name", ALIASED)
def test_a_new_layer_is_a_new_version_for_the_alias(name: str) -> None:
    def change(of: Resources) -> None:
        for layer in TEMPLATE.functions()[name]["Layers"]:
            of[str(target(layer))]["Properties"]["ContentUri"] = "s3://built/another"

    assert not versions(name, translated(change)).keys() & versions(name, resources()).keys()


@pytest.mark.parametrize("name", ALIASED)
def test_another_value_of_a_parameter_is_a_new_version_for_the_alias(name: str) -> None:
    told = {target(value) for value in TEMPLATE.environment(name).values()} & TEMPLATE.content["Parameters"].keys()
    [version] = versions(name, resources()).values()
    described = version["Properties"]["Description"]["Fn::Sub"]
    assert told
    assert all(f"${{{parameter}}}" in described for parameter in told)


@pytest.mark.parametrize("name", ALIASED)
def test_a_version_that_the_alias_has_left_is_paid_for_no_longer(name: str) -> None:
    [version] = versions(name, resources()).values()
    assert version["DeletionPolicy"] == "Delete"
    assert "UpdateReplacePolicy" not in version


# ---------------------------------------------------------------- Names


@pytest.mark.parametrize(("kind", "property_"), SHARED_NAMES.items())
def test_two_stacks_in_an_account_take_no_names_from_each_other(kind: str, property_: str) -> None:
    for name, body in of_type(kind, resources()).items():
        given = body["Properties"].get(property_)
        assert given is None or "${AWS::StackName}" in given["Fn::Sub"], name


def test_the_gateway_may_call_functions_by_patterns_of_paths() -> None:
    sources = [json.dumps(body["Properties"]["SourceArn"]) for body in of_type(PERMISSION, resources()).values()]
    assert sources
    assert not [source for source in sources if "/{" in source]


# ---------------------------------------------------------------- Quotas


def test_the_stack_has_no_more_than_a_stack_may_have() -> None:
    assert len(resources()) <= MOST_RESOURCES
    [api] = of_type("AWS::ApiGatewayV2::Api", resources()).values()
    assert sum(map(len, api["Properties"]["Body"]["paths"].values())) <= MOST_ROUTES


@pytest.mark.parametrize("name", TEMPLATE.functions())
def test_a_role_has_no_more_policies_than_a_role_may_have(name: str) -> None:
    policies = resources()[f"{name}Role"]["Properties"].get("Policies", [])
    text = json.dumps([policy["PolicyDocument"] for policy in policies], separators=(",", ":"))
    assert len(text) <= MOST_INLINE_POLICIES


@pytest.mark.parametrize("name", TEMPLATE.functions())
def test_an_environment_is_no_larger_than_one_may_be(name: str) -> None:
    def size(value: Any) -> int:
        return len(str(value)) if isinstance(value, str | int) else LONGEST_REFERENCE

    variables = TEMPLATE.environment(name)
    assert sum(len(variable) + size(value) for variable, value in variables.items()) <= MOST_ENVIRONMENT


@pytest.mark.parametrize("name", sorted({name for name, _ in TEMPLATE.events("HttpApi")}))
def test_a_function_gives_up_before_the_gateway_does(name: str) -> None:
    assert TEMPLATE.functions()[name]["Timeout"] < GATEWAY_SECONDS


@pytest.mark.parametrize(("name", "source"), TEMPLATE.events("SQS"))
def test_a_queue_leaves_concurrency_to_callbacks(name: str, source: dict[str, Any]) -> None:
    assert "MaximumConcurrency" in source["ScalingConfig"], name


@pytest.mark.parametrize(("name", "source"), TEMPLATE.events("ScheduleV2"))
def test_what_is_done_each_minute_is_not_tried_again_beside_the_next(name: str, source: dict[str, Any]) -> None:
    if source["ScheduleExpression"] == "rate(1 minute)":
        assert source["RetryPolicy"]["MaximumRetryAttempts"] == 0
        assert TEMPLATE.functions()[name]["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
