"""SAM template -> CloudFormation template in which nothing refers to a resource that the emulator does not create."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse
from yaml import YAMLError

from local.endpoint import ACCOUNT, REGION
from local.errors import CloudError
from local.template.conditions import Conditions

Tree: TypeAlias = Any  # JSON, with CloudFormation's intrinsic functions in it

KEPT = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::KMS::Key",
        "AWS::KMS::Alias",
    }
)
FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
API = "AWS::ApiGatewayV2::Api"
_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
_NAME_IN_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")


def translate(path: Path, parameters: Mapping[str, str]) -> tuple[Tree, dict[str, Path]]:
    """The CloudFormation template, and the folder of each function's code.

    `parameters` take the place of the defaults of those parameters that the template declares. CloudError if the
    template is none.
    """
    with _usable(path):
        return _translate(yaml_parse(path.read_text()), path.parent, parameters)


def declared_parameters(path: Path) -> tuple[str, ...]:
    """The names of a template's parameters. CloudError if the template is none."""
    with _usable(path):
        return tuple(yaml_parse(path.read_text()).get("Parameters", {}))


@contextlib.contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, YAMLError, InvalidDocumentException) as error:
        raise CloudError(f"{path} cannot be used: {error}") from error


def _translate(template: Tree, folder: Path, parameters: Mapping[str, str]) -> tuple[Tree, dict[str, Path]]:
    for name, value in parameters.items():
        if name in template.get("Parameters", {}):
            template["Parameters"][name]["Default"] = value
    code = _take_code(template, folder)
    defaults = {name: parameter.get("Default", "") for name, parameter in template.get("Parameters", {}).items()}
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    translated = translator.translate(template, defaults)
    conditions = Conditions(translated.get("Conditions", {}), defaults)
    for resource in translated["Resources"].values():
        if resource["Type"] == API:  # its branches are trees, which no output of a stack can be
            resource["Properties"] = conditions.choose(resource["Properties"])
    return _without_references(translated), code


def _take_code(template: Tree, folder: Path) -> dict[str, Path]:
    """Take the code's folders out of the template: SAM wants places in S3 there."""
    common = template.get("Globals", {}).get("Function", {}).get("CodeUri", ".")
    found = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            found[name] = (folder / properties.get("CodeUri", common)).resolve()
            properties["CodeUri"] = "s3://local/code"
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = "s3://local/code"
    return found


def _without_references(template: Tree) -> Tree:
    """Put a stand-in where an expression refers to a resource that is not created: a function's ARN, or just a name."""
    types = {name: resource["Type"] for name, resource in template["Resources"].items()}
    absent = {name for name, kind in types.items() if kind not in KEPT}

    def stand_in(name: str, attribute: str | None) -> str:
        resource = template["Resources"][name]
        if resource["Type"] == ALIAS:
            return f"{_ARN}{resource['Properties']['FunctionName']['Ref']}:{resource['Properties']['Name']}"
        if resource["Type"] == FUNCTION and attribute == "Arn":
            return _ARN + name
        return name if attribute is None else f"{name}.{attribute}"

    return {**template, "Resources": _replace(template["Resources"], absent, stand_in)}


def _replace(tree: Tree, absent: set[str], stand_in: Callable[[str, str | None], str]) -> Tree:
    match tree:
        case {"Ref": str(name)} if name in absent:
            return stand_in(name, None)
        case {"Fn::GetAtt": [str(name), str(attribute)]} if name in absent:
            return stand_in(name, attribute)
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _replace_in_text(text, absent, stand_in)}
        case dict():
            return {key: _replace(value, absent, stand_in) for key, value in tree.items()}
        case list():
            return [_replace(value, absent, stand_in) for value in tree]
        case _:
            return tree


def _replace_in_text(text: str, absent: set[str], stand_in: Callable[[str, str | None], str]) -> str:
    return _NAME_IN_SUB.sub(lambda m: stand_in(m[1], m[2]) if m[1] in absent else m[0], text)
