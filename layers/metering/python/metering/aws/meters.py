"""Meters as items, and changes of meters as conditional updates."""

import random
from typing import Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.transaction import Item, Write
from metering.domain.limits import (
    COUNTED,
    RESOURCES,
    TOTALS,
    UNLIMITED,
    Change,
    Kind,
    Limits,
    Meter,
    Resource,
    alert,
    held,
    limits_put,
    room,
)
from metering.domain.periods import Period

_SEPARATOR: Final = ","
_TIMES: Final = "*"


class Scope(NamedTuple):
    """What a meter's item measures: a session, or the usage of a user, a run or a whole project, or a share of it."""

    kind: Kind
    id: str
    """The project's own meter has the project's id."""
    share: int = 0

    def name(self) -> str:
        """As budgets are named: `user:u1`, `run:r1`, `project`."""
        return self.kind if self.kind == "project" else f"{self.kind}:{self.id}"


class Metered(NamedTuple):
    """What one meter measures, and over how many items it is split."""

    scope: Scope
    pieces: int = 1

    def shares(self) -> list[Scope]:
        return [self.scope._replace(share=share) for share in range(self.pieces)]

    def any_share(self) -> Scope:
        """A share by chance, so that they are used alike."""
        if self.pieces == 1:
            return self.scope
        return self.scope._replace(share=random.randrange(self.pieces))  # noqa: S311  # balance is no secret

    def reference(self) -> str:
        """As leases remember it: the number of shares and the scope's name."""
        return f"{self.pieces}{_TIMES}{self.scope.name()}"


def metered_of(reference: str, project: str) -> Metered:
    """What `Metered.reference` has written."""
    count, _, name = reference.partition(_TIMES)
    return Metered(scope_of(name, project), int(count))


def scope_of(name: str, project: str) -> Scope:
    """The scope of a name as `Scope.name` gives it."""
    kind, _, scope_id = name.partition(":")
    return Scope(kind, scope_id) if scope_id else Scope("project", project)  # type: ignore[arg-type]  # our own name


def meter_key(project: str, scope: Scope) -> keys.Key:
    return keys.meter(keys.scope(project, *scope))


def meter_to_item(project: str, scope: Scope, meter: Meter, user_id: str | None = None) -> dict[str, Any]:
    """The item of a new meter."""
    fields: dict[str, Any] = {
        "status": meter.status,
        "windowStart": meter.window.start,
        "windowEnd": meter.window.end,
        "createdAt": meter.created_at,
        "revision": meter.revision,
        "breached": meter.breached,
        "notified": meter.notified,
        "kind": meter.kind,
        "id": scope.id,
        **limits_put(meter.limits),
        **meter.totals,
        **{held(resource): meter.held[resource] for resource in RESOURCES},
        **{room(resource): meter.room[resource] for resource in RESOURCES},
        **{alert(resource): meter.alert[resource] for resource in COUNTED},
    }
    if user_id is not None:
        fields["userId"] = user_id
    return {**meter_key(project, scope), **{name: _value(value) for name, value in fields.items()}}


def item_to_meter(item: Item) -> Meter:
    return Meter(
        kind=item["kind"]["S"],
        status=item["status"]["S"],
        limits=_limits(item),
        window=Period(item["windowStart"]["S"], item["windowEnd"]["S"]),
        created_at=item["createdAt"]["S"],
        revision=int(item["revision"]["N"]),
        totals={name: int(item[name]["N"]) for name in TOTALS},
        held={resource: int(item[held(resource)]["N"]) for resource in RESOURCES},
        room={resource: int(item[room(resource)]["N"]) for resource in RESOURCES},
        alert={resource: int(item[alert(resource)]["N"]) for resource in COUNTED},
        breached=_set(item["breached"]["S"]),
        notified=_set(item["notified"]["S"]),
        reason=item["reason"]["S"] if "reason" in item else None,
    )


def _limits(item: Item) -> Limits:
    return Limits(
        cost=_limit(item, "cost"),
        period=item["period"]["S"],
        compute=_limit(item, "compute"),
        calls=_limit(item, "calls"),
        agents=_limit(item, "agents"),
        on_unrated=item["onUnrated"]["S"],
        thresholds=tuple(int(percent) for percent in item["thresholds"]["S"].split(_SEPARATOR) if percent),
    )


def _limit(item: Item, resource: Resource) -> int | None:
    limit = int(item[f"{resource}Limit"]["N"])
    return None if limit == UNLIMITED else limit


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split(_SEPARATOR)) if text else frozenset()


def _value(value: int | str | frozenset[str]) -> dict[str, str]:
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": value if isinstance(value, str) else _SEPARATOR.join(sorted(value))}


def update(table: str, project: str, scope: Scope, change: Change) -> Write:
    """The update that makes a change, if its conditions hold; refused, it comes with the meter as it is.

    A change that changes nothing is a check of its conditions, since DynamoDB refuses an update that is empty.
    """
    values: dict[str, Any] = {}
    names: dict[str, str] = {}
    conditions = []
    for number, condition in enumerate(change.require):
        names[f"#{condition.field}"] = condition.field
        if isinstance(condition.value, tuple):
            values[f":r{number}"], values[f":s{number}"] = map(_value, condition.value)
            conditions.append(f"(NOT #{condition.field} BETWEEN :r{number} AND :s{number})")
        else:
            values[f":r{number}"] = _value(condition.value)
            conditions.append(f"#{condition.field} {condition.operator} :r{number}")
    additions = []
    for name, amount in change.add.items():
        names[f"#{name}"] = name
        values[f":a{name}"] = {"N": str(amount)}
        additions.append(f"#{name} :a{name}")
    sets = []
    for name, value in change.put.items():
        names[f"#{name}"] = name
        values[f":p{name}"] = _value(value)
        sets.append(f"#{name} = :p{name}")
    parts = [f"ADD {', '.join(additions)}" if additions else "", f"SET {', '.join(sets)}" if sets else ""]
    parameters: dict[str, Any] = {
        "TableName": table,
        "Key": meter_key(project, scope),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    expression = " ".join(part for part in parts if part)
    if not expression:
        return Write("ConditionCheck", parameters)
    return Write("Update", {**parameters, "UpdateExpression": expression})
