"""Where events go that failed for good: queues, named by their ARN."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def send_to_queue(sqs: "SQSClient", arn: str, message: Any) -> None:  # noqa: ANN401 - any JSON
    sqs.send_message(QueueUrl=queue_url(sqs, arn), MessageBody=json.dumps(message))


def queue_url(sqs: "SQSClient", arn: str) -> str:
    return sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
