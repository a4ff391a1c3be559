"""The template, the handlers and what they read of their environment agree."""

import ast
import re
from typing import Any

import pytest

from metering.http.operations import OPERATIONS, PAGES
from tests.template import ROOT, Template, target

TEMPLATE = Template()
FUNCTIONS = TEMPLATE.functions()
TABLES = TEMPLATE.of_type("AWS::DynamoDB::Table")
QUEUES = TEMPLATE.of_type("AWS::SQS::Queue")
ALARMS = TEMPLATE.of_type("AWS::CloudWatch::Alarm")
DEAD_LETTERS = {
    target(queue["RedrivePolicy"]["deadLetterTargetArn"]) for queue in QUEUES.values() if "RedrivePolicy" in queue
} | {target(source["DestinationConfig"]["OnFailure"]["Destination"]) for _, source in TEMPLATE.events("DynamoDB")}
SIX_RECEIVES = 6
FOURTEEN_DAYS = 14 * 24 * 3600

each_function = pytest.mark.parametrize("name", FUNCTIONS)
each_table = pytest.mark.parametrize("name", TABLES)
each_queue = pytest.mark.parametrize("name", QUEUES)
each_alarm = pytest.mark.parametrize("name", ALARMS)


def source_of(name: str) -> ast.Module:
    module, _ = FUNCTIONS[name]["Handler"].split(".")
    return ast.parse((ROOT / FUNCTIONS[name]["CodeUri"] / f"{module}.py").read_text())


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# ---------------------------------------------------------------- Functions


@each_function
def test_a_function_lives_in_the_folder_of_its_name_and_has_its_handler(name: str) -> None:
    assert FUNCTIONS[name]["CodeUri"] == f"functions/{snake_case(name)}"
    _, handler = FUNCTIONS[name]["Handler"].split(".")
    found = [node for node in source_of(name).body if isinstance(node, ast.FunctionDef) and node.name == handler]
    assert [[argument.arg.lstrip("_") for argument in node.args.args] for node in found] == [["event", "context"]]


def test_every_folder_of_functions_is_deployed() -> None:
    folders = {f"functions/{app.parent.name}" for app in (ROOT / "functions").glob("*/app.py")}
    assert folders == {function["CodeUri"] for function in FUNCTIONS.values()}


@each_function
def test_a_function_has_a_sample_event(name: str) -> None:
    assert list((ROOT / "events" / snake_case(name)).glob("*.json"))


@each_function
def test_a_function_is_traced_and_logs_json_to_a_group_with_a_retention(name: str) -> None:
    assert FUNCTIONS[name]["Tracing"] == "Active"
    logging = FUNCTIONS[name]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    group = TEMPLATE.of_type("AWS::Logs::LogGroup")[target(logging["LogGroup"]) or ""]
    assert target(group["RetentionInDays"]) == "LogRetentionDays"


@each_function
def test_a_function_runs_where_the_layers_wheels_were_picked_for(name: str) -> None:
    function = FUNCTIONS[name]
    layer = TEMPLATE.of_type("AWS::Serverless::LayerVersion")["MeteringLayer"]
    makefile = dict(re.findall(r"^(\w+) \?= (.*)$", (ROOT / "layers/metering/Makefile").read_text(), re.MULTILINE))
    assert function["Architectures"] == ["arm64"]
    assert makefile["ARCHITECTURE"] == "aarch64"
    assert [function["Runtime"]] == layer["CompatibleRuntimes"] == [f"python{makefile['RUNTIME']}"]
    assert {"Ref": "MeteringLayer"} in function["Layers"]


# ---------------------------------------------------------------- Environment


def names_read_by_config() -> set[str]:
    tree = ast.parse((ROOT / "layers/metering/python/metering/aws/config.py").read_text())
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {constant for constant in constants if re.fullmatch(r"[A-Z][A-Z0-9_]+", constant)}


def test_what_config_reads_is_what_the_template_declares() -> None:
    declared = {variable for name in FUNCTIONS for variable in TEMPLATE.environment(name)}
    assert {variable for variable in declared if not variable.startswith("POWERTOOLS_")} == names_read_by_config()


@each_function
def test_a_function_is_told_all_that_it_asks_of_config(name: str) -> None:
    asked = {node.attr.upper() for node in ast.walk(source_of(name)) if isinstance(node, ast.Attribute)}
    assert asked & names_read_by_config() <= TEMPLATE.environment(name).keys()


# ---------------------------------------------------------------- Permissions


def granted(name: str) -> dict[str, set[str]]:
    """What a function may use, by the parameter that names it: {"TableName": {"Meters"}, …}."""
    found: dict[str, set[str]] = {}
    for policy in FUNCTIONS[name].get("Policies", []):
        if "Statement" in policy:
            continue
        [parameters] = policy.values()
        for parameter, value in parameters.items():
            found.setdefault(parameter, set()).add(target(value) or repr(value))
    return found


@each_function
def test_policies_are_sam_policy_templates_on_single_resources_of_the_stack(name: str) -> None:
    for resources in granted(name).values():
        assert resources <= TEMPLATE.resources.keys()


@each_function
def test_what_no_policy_template_has_is_named_action_by_action(name: str) -> None:
    """`tests.integration.permissions` holds every call against these and the templates."""
    for policy in FUNCTIONS[name].get("Policies", []):
        for statement in policy.get("Statement", []):
            assert statement.keys() == {"Effect", "Action", "Resource"}
            assert "*" not in statement["Action"]
            [resource] = re.findall(r"^\$\{(\w+)\.Arn\}/\*$", statement["Resource"]["Fn::Sub"])
            assert resource in TEMPLATE.resources


@each_function
def test_a_function_may_use_the_tables_that_it_asks_config_for_and_no_others(name: str) -> None:
    attributes = {node.attr for node in ast.walk(source_of(name)) if isinstance(node, ast.Attribute)}
    names = {node.id for node in ast.walk(source_of(name)) if isinstance(node, ast.Name)}
    if "meters_of" in names:  # which asks config for the function
        attributes.add("meters_table")
    asked = {variable for variable in TEMPLATE.environment(name) if variable.lower() in attributes}
    tables = {target(TEMPLATE.environment(name)[variable]) for variable in asked} & TABLES.keys()
    assert granted(name).get("TableName", set()) == tables


# ---------------------------------------------------------------- State


@each_table
def test_a_table_survives_mistakes_and_is_paid_by_request(name: str) -> None:
    table = TABLES[name]
    assert TEMPLATE.resources[name]["DeletionPolicy"] == TEMPLATE.resources[name]["UpdateReplacePolicy"] == "Retain"
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@each_table
def test_a_table_has_an_alarm_on_throttling(name: str) -> None:
    throttled = [alarm for alarm in ALARMS.values() if str(alarm.get("MetricName")).endswith("ThrottleEvents")]
    assert name in {target(dimension["Value"]) for alarm in throttled for dimension in alarm["Dimensions"]}


@each_queue
def test_a_queue_has_a_dead_letter_queue_or_is_one(name: str) -> None:
    queue = QUEUES[name]
    assert ("RedrivePolicy" in queue) != (name in DEAD_LETTERS)
    assert queue["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", [name for name in QUEUES if name in DEAD_LETTERS])
def test_a_dead_letter_queue_keeps_for_two_weeks_and_has_an_alarm(name: str) -> None:
    assert QUEUES[name]["MessageRetentionPeriod"] == FOURTEEN_DAYS
    watched = [alarm for alarm in ALARMS.values() if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"]
    assert name in {target(dimension["Value"]) for alarm in watched for dimension in alarm["Dimensions"]}


@pytest.mark.parametrize(("name", "source"), TEMPLATE.events("SQS"))
def test_a_message_is_hidden_for_six_times_as_long_as_its_function_may_take(name: str, source: dict[str, Any]) -> None:
    queue = QUEUES[target(source["Queue"]) or ""]
    assert queue["VisibilityTimeout"] >= SIX_RECEIVES * FUNCTIONS[name]["Timeout"]


@pytest.mark.parametrize(("name", "source"), [*TEMPLATE.events("SQS"), *TEMPLATE.events("DynamoDB")])
def test_a_batch_reports_which_of_its_messages_failed(name: str, source: dict[str, Any]) -> None:
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


@pytest.mark.parametrize(("name", "source"), TEMPLATE.events("DynamoDB"))
def test_what_a_stream_cannot_deliver_ends_in_a_queue_and_blocks_nothing(name: str, source: dict[str, Any]) -> None:
    assert target(source["DestinationConfig"]["OnFailure"]["Destination"]) in QUEUES, name
    assert source["MaximumRetryAttempts"] >= 0
    assert source["BisectBatchOnFunctionError"] is True


# ---------------------------------------------------------------- Alarms


@each_alarm
def test_an_alarm_goes_to_the_topic_if_there_is_one_and_says_what_it_means(name: str) -> None:
    alarm = ALARMS[name]
    topic = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["AlarmActions"] == topic
    assert alarm["AlarmDescription"].endswith(".")
    assert alarm["TreatMissingData"] == "notBreaching"


# ---------------------------------------------------------------- API


def test_the_routes_are_those_of_the_operations() -> None:
    operations = {operation.route: operation.roles is not None for operation in OPERATIONS}
    assert TEMPLATE.routes() == operations | dict.fromkeys(PAGES, False)


def test_no_route_has_two_functions() -> None:
    routes = len(TEMPLATE.events("HttpApi")) + len(TEMPLATE.conditional_routes())
    assert routes == len(TEMPLATE.routes()) + 1


def test_the_routes_that_take_an_identity_token_are_the_conditional_ones() -> None:
    assert set(TEMPLATE.conditional_routes()) == {operation.route for operation in OPERATIONS if operation.token}


def test_what_has_no_route_is_answered_without_a_key() -> None:
    [unknown] = [source for _, source in TEMPLATE.events("HttpApi") if source["Path"] == "$default"]
    assert unknown["Method"] == "ANY"
    assert unknown["Auth"] == {"Authorizer": "NONE"}


# ---------------------------------------------------------------- Parameters


@pytest.mark.parametrize("name", TEMPLATE.content["Parameters"])
def test_a_parameter_has_a_default_and_says_what_it_does(name: str) -> None:
    parameter = TEMPLATE.content["Parameters"][name]
    assert "Default" in parameter
    assert parameter["Description"].endswith(".")


@pytest.mark.parametrize("name", TEMPLATE.content["Outputs"])
def test_an_output_says_what_it_is(name: str) -> None:
    assert TEMPLATE.content["Outputs"][name]["Description"].endswith(".")
