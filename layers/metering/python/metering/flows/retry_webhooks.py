"""What the sweep sees to each minute: deliveries whose next attempt was too far off for a queue, and those that nobody
attends to, since their message was lost or the function died over them.
"""

from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from metering.aws import keys
from metering.aws.due import find_due
from metering.aws.queues import Queue, send
from metering.aws.transaction import Item
from metering.aws.webhook_deliveries import postpone_due
from metering.aws.webhook_items import DeliveryRef
from metering.aws.webhook_store import Webhooks
from metering.domain.periods import later, stored

AGAIN: Final = timedelta(minutes=10)
"""How long the queue has for a message before the sweep sends another."""
_AT_ONCE: Final = 10


def requeue_due(webhooks: Webhooks, queue: Queue, now: datetime) -> int:
    """Queues every delivery that is due at `now`, the longest overdue of a shard first, until the deadline; how many.

    Raises:
        UnavailableError: some are left for the next sweep.
    """
    instant = stored(now)
    items = find_due(webhooks.client, webhooks.table, instant, webhooks.deadline)
    count = 0
    while webhooks.deadline.remaining() > 0 and (chunk := list(islice(items, _AT_ONCE))):
        _requeue(webhooks, queue, chunk, instant)
        count += len(chunk)
    return count


def _requeue(webhooks: Webhooks, queue: Queue, items: list[Item], now: str) -> None:
    refs = [DeliveryRef(*keys.split_delivery(item["account"]["S"], item["entry"]["S"])) for item in items]
    send(queue, [ref.message() for ref in refs], webhooks.deadline)
    for item, ref in zip(items, refs, strict=True):
        key = {"account": item["account"], "entry": item["entry"]}
        postpone_due(webhooks, key, item["dueAt"]["S"], keys.due(later(now, AGAIN), ref.delivery_id))
