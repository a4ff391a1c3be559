"""Re-rating jobs as items of Accounts, and the messages that ask for their pieces."""

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from metering.aws import keys
from metering.aws.audit import Trail, traced
from metering.aws.queues import Message, Queue, send
from metering.aws.tables import get
from metering.aws.transaction import Deadline, Item, RefusedError, Write, commit
from metering.domain.errors import IdempotencyConflictError
from metering.domain.rerating import Job, Order, Progress

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_COUNTS = ("seen", "changed", "failed", "before", "after")


class Jobs(NamedTuple):
    """Where jobs are kept, and the queue of their pieces."""

    client: "DynamoDBClient"
    table: str
    queue: Queue
    deadline: Deadline
    trail: Trail | None = None


class Piece(NamedTuple):
    """A message: one piece of a job."""

    project: str
    job_id: str
    number: int


def read_piece(body: str) -> Piece:
    return Piece(**json.loads(body))


def job_to_item(job: Job) -> dict[str, Any]:
    return {
        **keys.rerate_job(job.project, job.job_id),
        "order": {"S": json.dumps(job.order._asdict())},
        "print": {"S": job.order.fingerprint()},
        "createdAt": {"S": job.created_at},
        **_standing(job),
        "queued": {"N": str(job.queued)},
    }


def _standing(job: Job) -> dict[str, Any]:
    """The attributes that change as the job goes on."""
    standing: dict[str, Any] = {
        "status": {"S": job.status},
        "piece": {"N": str(job.piece)},
        **{name: {"N": str(getattr(job.progress, name))} for name in _COUNTS},
    }
    if job.progress.place is not None:
        standing["place"] = {"S": job.progress.place}
    if job.finished_at is not None:
        standing["finishedAt"] = {"S": job.finished_at}
    return standing


def item_to_job(item: Item) -> Job:
    project, job_id = keys.split_rerate_job(item["account"]["S"], item["entry"]["S"])
    place = item["place"]["S"] if "place" in item else None
    return Job(
        project,
        job_id,
        Order(**json.loads(item["order"]["S"])),
        item["createdAt"]["S"],
        item["status"]["S"],
        int(item["piece"]["N"]),
        int(item["queued"]["N"]),
        Progress(place, *(int(item[name]["N"]) for name in _COUNTS)),
        item["finishedAt"]["S"] if "finishedAt" in item else None,
    )


def read_job(jobs: Jobs, project: str, job_id: str) -> Job | None:
    """A job as of now."""
    item = get(jobs.client, jobs.table, keys.rerate_job(project, job_id), jobs.deadline)
    return item_to_job(item) if item else None


def put_job(jobs: Jobs, job: Job) -> Job:
    """Makes a job, or finds the one that an earlier sending made.

    Raises:
        IdempotencyConflictError: that one has another order.
    """
    item = job_to_item(job)
    put = {
        "TableName": jobs.table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(account)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        commit(jobs.client, [Write("Put", put), *traced(jobs.trail, jobId=job.job_id)], jobs.deadline)
    except RefusedError as refused:
        found = refused.found[0]
        if found is None:
            raise RuntimeError("the refused put came without the item that refused it") from refused
        if found["print"] != item["print"]:
            raise IdempotencyConflictError("the Idempotency-Key was used before with another body") from None
        return item_to_job(found)
    return job


def save_job(jobs: Jobs, job: Job, piece: int) -> bool:
    """Keeps what a job has come to, if `piece` is still its next; whether it was.

    A refused attempt may have been ours with its answer lost: what stands tells.
    """
    standing = _standing(job)
    update = {
        "TableName": jobs.table,
        "Key": keys.rerate_job(job.project, job.job_id),
        "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in standing)}",
        "ConditionExpression": "#piece = :expected AND #status <> :completed",
        "ExpressionAttributeNames": {f"#{name}": name for name in standing},
        "ExpressionAttributeValues": {
            **{f":{name}": value for name, value in standing.items()},
            ":expected": {"N": str(piece)},
            ":completed": {"S": "completed"},
        },
    }
    return _update(jobs, update)


def ask_for_piece(jobs: Jobs, job: Job) -> None:
    """Sends the message of a job's next piece, unless it is known to have been sent."""
    if job.is_over or job.queued >= job.piece:
        return
    piece = Piece(job.project, job.job_id, job.piece)
    send(jobs.queue, [Message(json.dumps(piece._asdict()), job.project)], jobs.deadline)
    update = {
        "TableName": jobs.table,
        "Key": keys.rerate_job(job.project, job.job_id),
        "UpdateExpression": "SET queued = :piece",
        "ConditionExpression": "queued < :piece",
        "ExpressionAttributeValues": {":piece": {"N": str(job.piece)}},
    }
    _update(jobs, update)


def _update(jobs: Jobs, update: dict[str, Any]) -> bool:
    try:
        commit(jobs.client, [Write("Update", update)], jobs.deadline)
    except RefusedError:
        return False
    return True
