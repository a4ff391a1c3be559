"""Finds functions, routes, event sources and schedules among resources whose expressions are resolved."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from local.template.blueprint import (
    ENVIRONMENTS,
    Authorizer,
    Blueprint,
    EventSource,
    Function,
    Route,
    Schedule,
    ScheduleKind,
    TokenAuthorizer,
)

Properties: TypeAlias = dict[str, Any]
Resources: TypeAlias = dict[str, dict[str, Any]]

_FUNCTION_IN_ARN = re.compile(r":function:([A-Za-z0-9]+)")
ASYNCHRONOUS_RETRIES = 2
STREAM_BATCH, QUEUE_BATCH = 100, 10


def read_blueprint(resources: Resources, code: dict[str, Path], physical_ids: dict[str, str]) -> Blueprint:
    retries = {
        _function(properties["FunctionName"]): int(properties.get("MaximumRetryAttempts", ASYNCHRONOUS_RETRIES))
        for _, properties in _of_type(resources, "AWS::Lambda::EventInvokeConfig")
    }
    sources = tuple(
        _read_source(name, properties)
        for name, properties in _of_type(resources, "AWS::Lambda::EventSourceMapping")
        if properties.get("Enabled", True)
    )
    return Blueprint(
        functions={
            name: _read_function(name, properties, code[name], retries.get(name, ASYNCHRONOUS_RETRIES), sources)
            for name, properties in _of_type(resources, "AWS::Lambda::Function")
        },
        routes=tuple(
            route
            for _, properties in _of_type(resources, "AWS::ApiGatewayV2::Api")
            for route in _read_routes(properties["Body"])
        ),
        sources=sources,
        schedules=tuple(_read_schedules(resources)),
        resources=physical_ids,
    )


def _of_type(resources: Resources, kind: str) -> Iterator[tuple[str, Properties]]:
    return ((name, resource["Properties"]) for name, resource in resources.items() if resource["Type"] == kind)


def _function(name_or_arn: str) -> str:
    """The function's name in an ARN of it, its alias, or API Gateway's address of it."""
    found = _FUNCTION_IN_ARN.search(name_or_arn)
    return found[1] if found else name_or_arn


def _read_function(
    name: str, properties: Properties, code: Path, retries: int, sources: tuple[EventSource, ...]
) -> Function:
    variables = properties.get("Environment", {}).get("Variables", {})
    return Function(
        name=name,
        code=code,
        handler=properties["Handler"],
        environment={key: str(value) for key, value in variables.items()},
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        dead_letters=properties.get("DeadLetterConfig", {}).get("TargetArn"),
        retries=retries,
        environments=max([ENVIRONMENTS, *(source.batches for source in sources if source.function == name)]),
    )


def _read_routes(api: Properties) -> Iterator[Route]:
    schemes = api.get("components", {}).get("securitySchemes", {})
    authorizers = {name: _read_authorizer(scheme) for name, scheme in schemes.items()}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            names = [name for requirement in operation.get("security", []) for name in requirement]
            yield Route(
                method="ANY" if method == "x-amazon-apigateway-any-method" else method.upper(),
                path="$default" if path == "/$default" else path,
                function=_function(operation["x-amazon-apigateway-integration"]["uri"]),
                authorizer=next((authorizers[name] for name in names if name in authorizers), None),
            )


def _read_authorizer(scheme: Properties) -> Authorizer | TokenAuthorizer:
    authorizer = scheme["x-amazon-apigateway-authorizer"]
    source = authorizer["identitySource"]
    header = (source if isinstance(source, str) else source[0]).removeprefix("$request.header.").lower()
    if authorizer["type"] == "jwt":
        tokens = authorizer["jwtConfiguration"]
        return TokenAuthorizer(issuer=tokens["issuer"], audience=tuple(tokens["audience"]), header=header)
    return Authorizer(
        function=_function(authorizer["authorizerUri"]),
        header=header,
        cache_seconds=int(authorizer.get("authorizerResultTtlInSeconds", 0)),
    )


def _read_source(name: str, properties: Properties) -> EventSource:
    arn = properties["EventSourceArn"]
    retries = int(properties.get("MaximumRetryAttempts", -1))
    filters = properties.get("FilterCriteria", {}).get("Filters", [])
    return EventSource(
        name=name,
        arn=arn,
        function=_function(properties["FunctionName"]),
        batch_size=int(properties.get("BatchSize", STREAM_BATCH if ":dynamodb:" in arn else QUEUE_BATCH)),
        window_seconds=int(properties.get("MaximumBatchingWindowInSeconds", 0)),
        filters=tuple(json.loads(each["Pattern"]) for each in filters),
        reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        retries=None if retries < 0 else retries,
        bisects=bool(properties.get("BisectBatchOnFunctionError", False)),
        on_failure=properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        batches=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", ENVIRONMENTS)),
    )


def _read_schedules(resources: Resources) -> Iterator[Schedule]:
    for name, properties in _of_type(resources, "AWS::Events::Rule"):
        if "ScheduleExpression" in properties:
            for target in properties["Targets"]:
                yield _read_schedule(name, "rule", properties, target)
    for name, properties in _of_type(resources, "AWS::Scheduler::Schedule"):
        yield _read_schedule(name, "scheduler", properties, properties["Target"])


def _read_schedule(name: str, kind: ScheduleKind, properties: Properties, target: Properties) -> Schedule:
    return Schedule(
        name=name,
        kind=kind,
        expression=properties["ScheduleExpression"],
        timezone=properties.get("ScheduleExpressionTimezone", "UTC"),
        function=_function(target["Arn"]),
        input=target.get("Input"),
    )
