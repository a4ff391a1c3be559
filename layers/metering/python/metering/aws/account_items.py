"""Projects, members and API keys as items, and back."""

from typing import Any, Final

from metering.aws import keys
from metering.aws.transaction import Item, Write
from metering.domain.accounts import ApiKey, Member, Project
from metering.domain.periods import unix_seconds

_KEY_ATTRIBUTES: Final = {
    "keyId": "key_id",
    "project": "project_id",
    "name": "name",
    "role": "role",
    "secretHash": "secret_hash",
    "createdAt": "created_at",
}
_OPTIONAL_ATTRIBUTES: Final = {
    "lastUsedAt": "last_used_at",
    "userId": "user_id",
    "memberSince": "member_since",
    "expiresAt": "expires_at",
}
CHANGEABLE: Final = {
    "name": "name",
    "pricing_mode": "pricingMode",
    "shards": "shards",
    "markup_basis_points": "markup",
}
"""The fields of a project that may change, and their attributes."""


def project_to_item(project: Project) -> dict[str, Any]:
    return {
        **keys.project(project.project_id),
        "projectId": {"S": project.project_id},
        "name": {"S": project.name},
        "pricingMode": {"S": project.pricing_mode},
        "createdAt": {"S": project.created_at},
        "shards": {"N": str(project.shards)},
        "markup": {"N": str(project.markup_basis_points)},
    }


def item_to_project(item: Item) -> Project:
    return Project(
        item["projectId"]["S"],
        item["name"]["S"],
        item["pricingMode"]["S"],
        item["createdAt"]["S"],
        int(item["shards"]["N"]),
        int(item["markup"]["N"]) if "markup" in item else 0,  # projects that are older than markups have none
    )


def api_key_writes(table: str, key: ApiKey) -> list[Write]:
    """A key is kept twice: by its id for the authorizer, and under its project for the list."""
    fields = {**_KEY_ATTRIBUTES, **_OPTIONAL_ATTRIBUTES}
    values = {name: getattr(key, field) for name, field in fields.items()}
    attributes: dict[str, Any] = {name: {"S": value} for name, value in values.items() if value is not None}
    if key.expires_at is not None:
        attributes["expires"] = {"N": str(unix_seconds(key.expires_at))}
    places = (keys.api_key(key.key_id), keys.project_key(key.project_id, key.key_id))
    return [
        Write(
            "Put",
            {
                "TableName": table,
                "Item": {**place, **attributes},
                "ConditionExpression": "attribute_not_exists(account)",
            },
        )
        for place in places
    ]


def item_to_key(item: Item) -> ApiKey:
    fields: dict[str, Any] = {field: item[name]["S"] for name, field in _KEY_ATTRIBUTES.items()}
    optional = {field: item[name]["S"] for name, field in _OPTIONAL_ATTRIBUTES.items() if name in item}
    return ApiKey(**fields, **optional)


def item_to_member(item: Item) -> Member:
    return Member(item["entry"]["S"].removeprefix("member#"), item["role"]["S"], item["createdAt"]["S"])
