"""What README.md and docs/ say can be done can be done, and what they name is there."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from jsonschema import Draft202012Validator

from metering.aws import keys
from metering.http.operations import BY_ROUTE
from tests.commands import accept
from tests.documents import (
    DOCUMENTS,
    PACKAGE,
    Block,
    Request,
    anchors,
    blocks,
    body_schema,
    prose,
    requests,
)
from tests.template import ROOT, Template

TEMPLATE = Template()
OPERATIONS_PAGE = ROOT / "docs/operations.md"
DEPLOYMENT_PAGE = ROOT / "docs/deployment.md"
REQUESTS = [request for block in blocks() if block.language == "bash" for request in requests(block)]
ALARMS = TEMPLATE.of_type("AWS::CloudWatch::Alarm")
DEAD_LETTERS = {name for name, queue in TEMPLATE.of_type("AWS::SQS::Queue").items() if "RedrivePolicy" not in queue}
NO_OPERATIONS = {("logs", "tail"), ("dynamodb", "wait"), ("acm", "wait")}
"""What the AWS command line adds to the services' own operations."""
EVERYWHERE = {"query", "output", "region"}
RENAMED = {("sns", "subscribe"): {"notification-endpoint": "endpoint"}}
"""Options that the AWS command line has another name for, since it has `--endpoint-url` itself."""
SUFFIXES = "Seconds|Shares|Loopback|Concurrency|Days|LogLevel|TopicArn"


def named(path: Path) -> str:
    return path.name


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=named)


def spans(document: Path) -> list[str]:
    """What stands in backticks in the prose."""
    return re.findall(r"`([^`\n]+)`", prose(document))


# ---------------------------------------------------------------- Requests


def test_the_tour_makes_requests() -> None:
    assert len(REQUESTS) > 10


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.path}")
def test_a_request_of_the_tour_is_one_that_the_api_takes(request_: Request) -> None:
    operation = request_.operation
    assert operation is not None
    assert (request_.body is not None) <= (operation.body is not None)
    if request_.body is not None:
        Draft202012Validator(body_schema(operation)).validate(json.loads(request_.body))
    elif operation.body is not None:
        assert operation.body_optional
    if request_.query:
        assert operation.query is not None
        assert set(request_.query) <= {field.alias or name for name, field in operation.query.model_fields.items()}


@each_document
def test_a_route_that_is_named_exists(document: Path) -> None:
    routes = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s?]*)", prose(document))
    assert not [route for route in routes if route not in BY_ROUTE]


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "json"], ids=lambda block: block[1])
def test_an_answer_that_is_shown_is_json(block: Block) -> None:
    assert json.loads(block.text)


# ---------------------------------------------------------------- Python


@pytest.mark.parametrize("block", [block for block in blocks() if block.language == "python"])
def test_python_in_the_tour_compiles(block: Block) -> None:
    assert ast.parse(block.text)


# ---------------------------------------------------------------- Commands


@each_document
def test_a_make_target_that_is_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join([*spans(document), *(block.text for block in blocks(document) if block.language == "bash")])
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= targets


STANDING_IN = {
    "~/.claude": "tests/data/claude-code",
    "trace.csv": "tests/data/azure-llm-inference/AzureLLMInferenceTrace_code.csv",
}
"""Files of the reader's own."""


def metering_commands(document: Path) -> Iterator[list[str]]:
    for block in blocks(document):
        if block.language == "bash":
            yield from (words[1:] for words in block.commands() if words[0].endswith("metering"))
    for span in spans(document):
        if span.startswith("metering "):
            yield shlex.split(span)[1:]


@each_document
def test_a_metering_command_that_is_shown_can_be_given(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("METERING_API_KEY", "mk_example")
    for words in metering_commands(document):
        arguments = [STANDING_IN.get(word.partition("/projects")[0], word) for word in words]
        accept(arguments)


def aws_commands(document: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Service, command and options of each call of the AWS command line."""
    text = "\n".join(block.text for block in blocks(document)).replace("\\\n", " ")
    for service, command, rest in re.findall(r"\baws ([a-z]+) ([a-z-]+)(.*?)(?=\baws |$)", text, re.MULTILINE):
        renamed = RENAMED.get((service, command), {})
        yield service, command, {renamed.get(option, option) for option in re.findall(r"--(?:no-)?([a-z-]+)", rest)}


@each_document
def test_a_call_of_the_aws_command_line_is_one_that_aws_describes(document: Path) -> None:
    loader = Loader()
    for service, command, options in aws_commands(document):
        if (service, command) in NO_OPERATIONS:
            continue
        operations = loader.load_service_model(service, "service-2")["operations"]
        shapes = loader.load_service_model(service, "service-2")["shapes"]
        [operation] = [one for name, one in operations.items() if xform_name(name, "-") == command]
        members = shapes[operation["input"]["shape"]]["members"]
        assert options <= {xform_name(name, "-") for name in members} | EVERYWHERE, command


# ---------------------------------------------------------------- Names


@each_document
def test_a_parameter_that_is_named_exists(document: Path) -> None:
    found = set(re.findall(rf"`([A-Z][A-Za-z]*(?:{SUFFIXES}))`", prose(document)))
    assert found <= TEMPLATE.content["Parameters"].keys()


def test_deployment_lists_every_parameter_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", DEPLOYMENT_PAGE.read_text(), re.MULTILINE)
    assert {name: default.strip() for name, default in rows} == {
        name: str(parameter["Default"]) for name, parameter in TEMPLATE.content["Parameters"].items()
    }


@each_document
def test_a_file_that_is_named_or_linked_exists(document: Path) -> None:
    links = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", prose(document))]
    relative = [target for target in links if target and not target.startswith("https://")]
    assert not [target for target in relative if not (document.parent / target).exists()]
    files = [span for span in spans(document) if re.fullmatch(r"[\w./-]+\.(py|yaml|toml|md|jsonl?|lock)", span)]
    missing = [name for name in files if not any((root / name).exists() for root in (ROOT, PACKAGE))]
    assert not [name for name in missing if not name.startswith((".metering/", "metering/"))]


@each_document
def test_a_heading_that_is_linked_exists(document: Path) -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#\s]*)#([^)\s]+)\)", prose(document))
    found = [(target, anchor, document.parent / target if target else document) for target, anchor in links]
    assert not [(target, anchor) for target, anchor, path in found if anchor not in anchors(path)]


def test_operations_explains_every_alarm() -> None:
    [section] = re.findall(r"^## Alarms\n(.*?)^## ", OPERATIONS_PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert sorted(re.findall(r"^### (\w+)$", section, re.MULTILINE)) == sorted(ALARMS)


def test_operations_names_every_dead_letter_queue() -> None:
    assert DEAD_LETTERS
    assert {f"`{name}`" for name in DEAD_LETTERS} <= set(re.findall(r"`\w+`", OPERATIONS_PAGE.read_text()))


def test_the_data_model_is_the_table_of_keys() -> None:
    rows = [line for line in (keys.__doc__ or "").splitlines() if line.startswith("| ")]
    assert [line for line in (ROOT / "docs/data-model.md").read_text().splitlines() if line in rows] == rows
