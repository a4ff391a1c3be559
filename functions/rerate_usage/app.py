"""One piece of a re-rating, a message each."""

from datetime import UTC, datetime
from typing import Any, Final

from metering.aws import keys
from metering.aws.account_items import item_to_project
from metering.aws.budget_book import BudgetBook
from metering.aws.clients import make_sqs
from metering.aws.config import read_config
from metering.aws.pages import make_reader
from metering.aws.queues import Queue
from metering.aws.rate_book import RateBook
from metering.aws.rerate_jobs import Jobs, Piece, read_piece
from metering.aws.tables import get
from metering.aws.telemetry import count, flush, logger
from metering.aws.transaction import Deadline
from metering.domain.periods import stored
from metering.flows.correct import Corrector
from metering.flows.rerate import Rerater, fail_job, run_piece
from metering.flows.session_users import SessionUsers
from metering.http.guard import deadline_of

CLIENT = make_reader()
SQS = make_sqs()
MOST_RECEIVES: Final = 5
"""After this many the queue gives a message up."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    deadline = deadline_of(context)
    failed = [record["messageId"] for record in event["Records"] if not _done(record, deadline)]
    flush()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _done(record: dict[str, Any], deadline: Deadline) -> bool:
    piece = read_piece(record["body"])
    try:
        job = run_piece(_rerater(piece.project, deadline), piece)
    except Exception:  # noqa: BLE001  # whatever it is, it comes again, and in the end to the dead-letter queue
        logger.exception("rerating_failed", extra={"jobId": piece.job_id})
        _give_up(record, piece, deadline)
        return False
    count("RerateCompleted" if job.is_over else "RerateContinued")
    return True


def _give_up(record: dict[str, Any], piece: Piece, deadline: Deadline) -> None:
    """Tells of a job whose message will not come again."""
    if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_RECEIVES:
        try:
            fail_job(_jobs(deadline), piece)
        except Exception:  # noqa: BLE001  # the alarm on the dead-letter queue tells of it all the same
            logger.exception("rerating_not_marked_failed", extra={"jobId": piece.job_id})


def _jobs(deadline: Deadline) -> Jobs:
    config = read_config()
    return Jobs(CLIENT, config.accounts_table, Queue(SQS, config.rerates_queue), deadline)


def _rerater(project: str, deadline: Deadline) -> Rerater:
    """All of a piece's own: it reads the cards and the budgets afresh."""
    config = read_config()
    budgets = BudgetBook(CLIENT, config.meters_table, config.budget_cache_seconds)
    item = get(CLIENT, config.accounts_table, keys.project(project), deadline)
    shards = item_to_project(item).shards if item else 1
    tables = (config.records_table, config.meters_table)
    corrector = Corrector(CLIENT, *tables, budgets, SessionUsers(), project, shards, deadline)
    rates = RateBook(CLIENT, config.rates_table, 0)
    return Rerater(_jobs(deadline), corrector, rates, lambda: stored(datetime.now(UTC)))
