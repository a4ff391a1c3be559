"""Calls that no other test here has a function make: those of mishaps, and of objects larger than a test's."""

import pytest

from tests.integration.permissions import Permission, allows


@pytest.mark.parametrize(
    ("function", "action", "resource"),
    [
        ("record_usage", "dynamodb:ConditionCheckItem", "Meters"),  # a piece of a budget that has nothing to count
        ("roll_up", "sqs:ChangeMessageVisibility", "Rollups"),
        ("archive_day", "sqs:ChangeMessageVisibility", "Archives"),
        ("write_export", "sqs:ChangeMessageVisibility", "Exports"),
        ("archive_day", "s3:AbortMultipartUpload", "Archive"),
        ("write_export", "s3:AbortMultipartUpload", "ExportBucket"),
        ("archive_day", "s3:DeleteObject", "Archive"),
        ("write_export", "s3:DeleteObject", "ExportBucket"),
    ],
)
def test_a_function_may_do_what_it_seldom_does(function: str, action: str, resource: str) -> None:
    assert allows(function, Permission(action, resource))


@pytest.mark.parametrize(
    ("function", "action", "resource"),
    [
        ("record_usage", "dynamodb:DeleteItem", "UsageRecords"),
        ("query_usage", "dynamodb:PutItem", "UsageRecords"),
        ("authorize_request", "secretsmanager:PutSecretValue", "AdminKey"),
        ("deliver_webhook", "kms:Encrypt", "WebhookKey"),
        ("roll_up", "s3:PutObject", "Archive"),
        ("describe_service", "dynamodb:GetItem", "Accounts"),
    ],
)
def test_a_function_may_do_no_more(function: str, action: str, resource: str) -> None:
    assert not allows(function, Permission(action, resource))
