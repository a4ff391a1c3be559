"""The outbox: an event is an item, written in the transaction that caused it, and deleted once it is on its way.

The stream of Meters carries it to `relay_outbox`. What the stream lost, the sweep finds by `byDue`.
"""

import json
from datetime import timedelta
from typing import Any, Final

from metering.aws import keys
from metering.aws.transaction import Write
from metering.domain.periods import later
from metering.domain.webhooks import new_event_id

GRACE: Final = timedelta(minutes=2)
"""How long the stream has for an event before the sweep relays it."""
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def event_write(  # noqa: PLR0913, PLR0917  # what an event consists of
    table: str,
    scope_key: str,
    project: str,
    event_type: str,
    data: dict[str, Any],
    now: str,
    event_id: str | None = None,
) -> Write:
    """The write that sends an event when the transaction it joins is made.

    `scope_key` is the key of what the event tells of, `data` the body's `data` (JSON, its decimals as strings), `now`
    an instant. An `event_id` of the caller's (`webhooks.event_id_of`) is refused while its event waits to be relayed,
    and no longer: what makes an event happen once is the condition on the meter beside it.
    """
    event_id = event_id or new_event_id()
    item = {
        **keys.event(scope_key, event_id),
        **keys.due(later(now, GRACE), event_id),
        "project": {"S": project},
        "type": {"S": event_type},
        "data": {"S": _encode(data)},
        "at": {"S": now},
    }
    return Write("Put", {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(entry)"})
