"""What a function's role lets it do: every call of its clients is held against the policies that the template gives it.

No emulator asks for permissions, so that one which is missing would first be missed on AWS.
"""

import importlib.resources
import json
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final, NamedTuple

from botocore.client import BaseClient

from tests.integration.api import FUNCTIONS, app_of, snake_case
from tests.template import Template, target

_TEMPLATE: Final = Template()
_LOGICAL: Final = {snake_case(name): name for name in _TEMPLATE.functions()}

_OF_AN_ITEM: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_OF_A_TABLE: Final = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"}
_OF_TABLES: Final = {"BatchGetItem", "BatchWriteItem"}
# Of a bucket that may not be listed, S3 says 403 and not 404 for an object that is not there.
_OF_AN_OBJECT: Final = {
    "GetObject": ("s3:GetObject", "s3:ListBucket"),
    "HeadObject": ("s3:GetObject", "s3:ListBucket"),
    "PutObject": ("s3:PutObject",),
    "CreateMultipartUpload": ("s3:PutObject",),
    "UploadPart": ("s3:PutObject",),
    "CompleteMultipartUpload": ("s3:PutObject",),
    "AbortMultipartUpload": ("s3:AbortMultipartUpload",),
    "DeleteObject": ("s3:DeleteObject",),
}
_OF_OTHERS: Final = {
    "SendMessage": ("QueueUrl", "sqs:SendMessage"),
    "SendMessageBatch": ("QueueUrl", "sqs:SendMessage"),
    "ChangeMessageVisibility": ("QueueUrl", "sqs:ChangeMessageVisibility"),
    "Encrypt": ("KeyId", "kms:Encrypt"),
    "Decrypt": ("KeyId", "kms:Decrypt"),
    "GetSecretValue": ("SecretId", "secretsmanager:GetSecretValue"),
}


class Permission(NamedTuple):
    """An action, or a pattern of actions, on a resource of the template."""

    action: str
    resource: str


def needed(function: str, operation: str, parameters: dict[str, Any]) -> Iterator[Permission]:
    """What IAM asks for before it lets a call through.

    Raises:
        KeyError: nobody has said yet what the operation needs.
    """
    if operation in _OF_A_TABLE:
        yield Permission(f"dynamodb:{operation}", _resource(function, parameters["TableName"]))
    elif operation in _OF_TABLES:
        for table in parameters["RequestItems"]:
            yield Permission(f"dynamodb:{operation}", _resource(function, table))
    elif operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            [(action, write)] = item.items()
            yield Permission(f"dynamodb:{_OF_AN_ITEM[action]}", _resource(function, write["TableName"]))
    elif operation in _OF_AN_OBJECT:
        for action in _OF_AN_OBJECT[operation]:
            yield Permission(action, _resource(function, parameters["Bucket"]))
    else:
        parameter, action = _OF_OTHERS[operation]
        yield Permission(action, _resource(function, parameters[parameter]))


def _resource(function: str, name: str) -> str:
    """The logical id of what the function knows by this name from its environment; else the name."""
    variables = _TEMPLATE.environment(_LOGICAL[function])
    found = [target(value) for variable, value in variables.items() if os.environ.get(variable) == name]
    return found[0] or name if found else name


@cache
def granted(function: str) -> frozenset[Permission]:
    """What the template's policies grant; those that SAM adds for events and logs are for Lambda itself."""
    policies = _TEMPLATE.functions()[_LOGICAL[function]].get("Policies", [])
    return frozenset(permission for policy in policies for permission in _read_policy(policy))


def _read_policy(policy: dict[str, Any]) -> Iterator[Permission]:
    if "Statement" in policy:
        for statement in policy["Statement"]:
            assert statement["Effect"] == "Allow"
            yield from _permissions(statement["Action"], statement["Resource"]["Fn::Sub"].split(".")[0].strip("${"))
        return
    [(template, parameters)] = policy.items()
    [resource] = parameters.values()
    for statement in _policy_templates()[template]["Definition"]["Statement"]:
        yield from _permissions(statement["Action"], target(resource) or "")


def _permissions(actions: str | list[str], resource: str) -> Iterator[Permission]:
    return (Permission(action, resource) for action in ([actions] if isinstance(actions, str) else actions))


@cache
def _policy_templates() -> dict[str, Any]:
    """SAM's own."""
    folder = importlib.resources.files("samtranslator.policy_templates_data")
    templates: dict[str, Any] = json.loads((folder / "policy_templates.json").read_text())["Templates"]
    return templates


def allows(function: str, permission: Permission) -> bool:
    return any(
        fnmatchcase(permission.action, grant.action) and permission.resource == grant.resource
        for grant in granted(function)
    )


class Role:
    """The role of one function: notes what it refuses, of whatever its clients ask or sign."""

    def __init__(self, function: str, refused: set[str]) -> None:
        self._function = function
        self._refused = refused

    def watch(self) -> None:
        for value in vars(app_of(self._function)).values():
            if isinstance(value, BaseClient):
                value.meta.events.register_first("provide-client-params", self._ask)

    def _ask(self, params: dict[str, Any], model: Any, **_: object) -> None:
        for permission in needed(self._function, model.name, params):
            if not allows(self._function, permission):
                name = _LOGICAL[self._function]
                self._refused.add(f"{name} may not {permission.action} on {permission.resource}")


def watch_all() -> set[str]:
    """Has every function's clients ask its role from now on; what is refused appears in the set."""
    refused: set[str] = set()
    for function in FUNCTIONS:
        Role(function, refused).watch()
    return refused
