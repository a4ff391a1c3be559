"""The only place that spells a key.

| access pattern | table, index | key |
|---|---|---|
| record of an idempotency key or a record id | UsageRecords | recordKey = `project#recordId` |
| records of a day or of an hour of it, in order of time | UsageRecords, byDay | day = `project#YYYY-MM-DD#shard`, moment = `HH:MM:SS.ffffff#recordId` |
| records of a run, in order of step and time | UsageRecords, byRun | run = `project#runId`, step = `nnnnnnnnn#instant#recordId` |
| cards of one model of one owner, newest first | UsageCostRates | owner = `scope#service:x` or `scope#provider:x`, card = `model#effectiveFrom` |
| owners that have cards in a scope | UsageCostRates | owner = `scope#`, card = `service:x` or `provider:x` |
| statistics of a project by a dimension, in order of month, day or hour | DailyStats | dimension = `project#month#dimension`, `project#day#dimension` or `project#hour#dimension`, entry = `YYYY-MM#value`, `YYYY-MM-DD#value` or `YYYY-MM-DDTHH#value` |
| standing of a project's days (open or final, revision) and months (version, as of which summed) | DailyStats | dimension = `project#days`, entry = `YYYY-MM-DD` or `YYYY-MM` |
| version of an hour's statistics | DailyStats | dimension = `project#hours`, entry = `YYYY-MM-DDTHH` |
| days that are to be closed and months that are to be summed, of all projects | DailyStats | dimension = `open#shard`, entry = `YYYY-MM-DD#project` or `YYYY-MM~#project` |
| project | Accounts | account = `project#id`, entry = `project` |
| members of a project | Accounts | account = `project#id`, entry = `member#userId` |
| keys of a project | Accounts | account = `project#id`, entry = `key#keyId` |
| exports of a project, in order of time; one by its id | Accounts | account = `project#id`, entry = `export#exportId` |
| the export of an Idempotency-Key | Accounts | account = `project#id`, entry = `export-key#hash` |
| days of an export that are written | Accounts | account = `export#project#exportId`, entry = `YYYY-MM-DD` |
| Stripe customers of a project's users | Accounts | account = `project#id`, entry = `stripe#userId` |
| re-rating job by its id | Accounts | account = `project#id`, entry = `rerate#jobId` |
| key by its id, with what the authorizer needs | Accounts | account = `key#keyId`, entry = `key` |
| audit log of a project, in order of time | Accounts | account = `audit#project`, entry = `instant#auditId` |
| webhook endpoints of a project | Accounts | account = `project#id`, entry = `webhook#webhookId` |
| deliveries to an endpoint, in order of time | Accounts | account = `project#id`, entry = `delivery#webhookId#deliveryId` |
| deliveries whose next attempt is due, or that nobody attends to | Accounts, byDue | due = `shard`, dueAt = `instant#id` |
| meter of a session or a budget | Meters | scope = `project#kind#id`, entry = `meter` |
| a further share of a meter that is split over several items | Meters | scope = `project#kind~share#id`, entry = `meter` |
| a scope's hold or agent | Meters | scope = `project#kind#id`, entry = `hold#id` or `agent#id` |
| a scope's leases that have run out | Meters, byExpiry | scope = `project#kind#id`, dueAt = `instant#id` |
| sessions of a project or of one of its users, in order of creation | Meters | scope = `project#sessions#` or `project#sessions#userId`, entry = `instant#sessionId` |
| the user's latest session, for reuse | Meters | scope = `project#sessions#userId`, entry = `latest` |
| budgets of a project | Meters | scope = `project#budgets#`, entry = `user:id`, `run:id` or `project` |
| a project's emergency stop | Meters | scope = `project#project#project`, entry = `stop` |
| outbox: an event that is still to be relayed | Meters | scope = what it tells of, entry = `event#eventId` |
| what is due, longest overdue first: events not relayed, holds and leases run out | Meters, byDue | due = `shard`, dueAt = `instant#id` |

A record id is a hash of the idempotency key, so both name the same item; a project id holds no `#`, so that a key can
be taken apart whatever a caller's own identifiers hold. In `moment` and `step` only the beginning of the record id
stands: it keeps records of one microsecond apart and the item small, and nothing is looked up by it.

S3 has `records/project=…/date=…/part-0.parquet`, the archived records of a day, under names that query engines read as
columns, and `sealed/project=…/date=…/revision.jsonl.gz`, the statistics of those of them that may have expired.
"""  # noqa: E501  # a table's rows cannot be wrapped

import zlib
from typing import Final

Key = dict[str, dict[str, str]]

BY_DAY: Final = "byDay"
BY_RUN: Final = "byRun"
BY_DUE: Final = "byDue"
BY_EXPIRY: Final = "byExpiry"
DUE_SHARDS: Final = 16
_NO_STEP: Final = "~"  # sorts after every number
_ID_PREFIX: Final = slice(4, 12)


def record(project: str, record_id: str) -> str:
    return f"{project}#{record_id}"


def record_id_of(record_key: str) -> str:
    return record_key.partition("#")[2]


def day(project: str, date: str, shard: int) -> str:
    return f"{project}#{date}#{shard}"


def shard_of(record_id: str, shards: int) -> int:
    """Which of a day's `shards` partitions a record lies in: two base-32 digits of its hash, modulo."""
    return int(record_id[-2:].translate(_BASE32), 32) % shards


_BASE32: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdefghijklmnopqrstuv")


def moment(instant: str, record_id: str) -> str:
    return f"{instant[11:26]}#{record_id[_ID_PREFIX]}"


def instant_of(day_key: str, moment_key: str) -> str:
    """The instant that a record's keys of the index `byDay` say."""
    return instant_on(day_key.split("#")[1], moment_key)


def instant_on(date: str, moment_key: str) -> str:
    """The same, of a record whose day is known."""
    return f"{date}T{moment_key[:15]}Z"


def run(project: str, run_id: str) -> str:
    return f"{project}#{run_id}"


def run_id_of(run_key: str) -> str:
    return run_key.partition("#")[2]


def step(index: int | None, instant: str, record_id: str) -> str:
    number = _NO_STEP if index is None else f"{index:09d}"
    return f"{number}#{instant}#{record_id[_ID_PREFIX]}"


def rate_owner(scope: str, owner: str) -> str:
    return f"{scope}#{owner}"


def rate_card(model: str, effective_from: str) -> str:
    return f"{model}#{effective_from}"


def rate_owners(scope: str) -> str:
    return f"{scope}#"


def split_rate_owner(owner_key: str) -> tuple[str, str]:
    """Scope and owner."""
    scope, _, owner = owner_key.partition("#")
    return scope, owner


def split_rate_card(card_key: str) -> tuple[str, str]:
    """Model and effective date."""
    model, _, effective_from = card_key.rpartition("#")
    return model, effective_from


def project(project_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": "project"}}


def project_key(project_id: str, key_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"key#{key_id}"}}


def member(project_id: str, user_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"member#{user_id}"}}


def api_key(key_id: str) -> Key:
    return {"account": {"S": f"key#{key_id}"}, "entry": {"S": "key"}}


def audit(project_id: str, instant: str, audit_id: str) -> Key:
    return {"account": {"S": f"audit#{project_id}"}, "entry": {"S": f"{instant}#{audit_id}"}}


def webhook(project_id: str, webhook_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"webhook#{webhook_id}"}}


def delivery(project_id: str, webhook_id: str, delivery_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"delivery#{webhook_id}#{delivery_id}"}}


def split_delivery(account: str, entry: str) -> tuple[str, str, str]:
    """Project, webhook and delivery."""
    _, webhook_id, delivery_id = entry.split("#")
    return account.removeprefix("project#"), webhook_id, delivery_id


def rerate_job(project_id: str, job_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"rerate#{job_id}"}}


def split_rerate_job(account: str, entry: str) -> tuple[str, str]:
    """Project and job."""
    return account.removeprefix("project#"), entry.removeprefix("rerate#")


def scope(project_id: str, kind: str, scope_id: str, share: int = 0) -> str:
    return f"{project_id}#{kind}~{share}#{scope_id}" if share else f"{project_id}#{kind}#{scope_id}"


def meter(scope_key: str) -> Key:
    return {"scope": {"S": scope_key}, "entry": {"S": "meter"}}


def lease(scope_key: str, kind: str, lease_id: str) -> Key:
    return {"scope": {"S": scope_key}, "entry": {"S": f"{kind}#{lease_id}"}}


def sessions(project_id: str, user_id: str | None = None) -> str:
    return f"{project_id}#sessions#{user_id or ''}"


def latest_session(project_id: str, user_id: str) -> Key:
    return {"scope": {"S": sessions(project_id, user_id)}, "entry": {"S": "latest"}}


def budgets(project_id: str) -> str:
    return f"{project_id}#budgets#"


def budget(project_id: str, name: str) -> Key:
    return {"scope": {"S": budgets(project_id)}, "entry": {"S": name}}


def stop(project_id: str) -> Key:
    return {"scope": {"S": scope(project_id, "project", project_id)}, "entry": {"S": "stop"}}


def event(scope_key: str, event_id: str) -> Key:
    return {"scope": {"S": scope_key}, "entry": {"S": f"event#{event_id}"}}


def due(instant: str, item_id: str) -> Key:
    """The attributes that put an item into `byDue` until it is dealt with; it is found from `instant` on."""
    shard = zlib.crc32(item_id.encode()) % DUE_SHARDS
    return {"due": {"S": due_shard(shard)}, "dueAt": {"S": f"{instant}#{item_id}"}}


def due_shard(shard: int) -> str:
    return f"{shard:02d}"


def statistics(project_id: str, span: str, dimension: str) -> str:
    """`span` is `month`, `day` or `hour`."""
    return f"{project_id}#{span}#{dimension}"


def statistic(slot: str, value: str | None) -> str:
    """A dimension's value in a month, a day or an hour; values are never empty, so the empty one is that of none."""
    return f"{slot}#{value or ''}"


def split_statistic(entry: str) -> tuple[str, str | None]:
    slot, _, value = entry.partition("#")
    return slot, value or None


def standing_day(project_id: str, date: str) -> Key:
    return {"dimension": {"S": f"{project_id}#days"}, "entry": {"S": date}}


def standing_month(project_id: str, month: str) -> Key:
    """It sorts right before the month's days."""
    return {"dimension": {"S": f"{project_id}#days"}, "entry": {"S": month}}


def hour_version(project_id: str, hour: str) -> Key:
    return {"dimension": {"S": f"{project_id}#hours"}, "entry": {"S": hour}}


def open_days(shard: int) -> str:
    return f"open#{due_shard(shard)}"


def open_day(project_id: str, date: str) -> Key:
    shard = zlib.crc32(project_id.encode()) % DUE_SHARDS
    return {"dimension": {"S": open_days(shard)}, "entry": {"S": f"{date}#{project_id}"}}


def open_month(project_id: str, month: str) -> Key:
    """It sorts behind every day of the month, and so comes before a date just when the month is over."""
    return open_day(project_id, f"{month}~")


def split_open(entry: str) -> tuple[str, str]:
    """Project, and the day or the month."""
    slot, _, project_id = entry.partition("#")
    return project_id, slot.removesuffix("~")


def archive_object(project_id: str, date: str) -> str:
    return f"records/project={project_id}/date={date}/part-0.parquet"


def sealed_object(project_id: str, date: str, revision: int) -> str:
    return f"sealed/project={project_id}/date={date}/{revision}.jsonl.gz"


def export(project_id: str, export_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"export#{export_id}"}}


def export_key(project_id: str, key_hash: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"export-key#{key_hash}"}}


def export_day(project_id: str, export_id: str, date: str) -> Key:
    return {"account": {"S": f"export#{project_id}#{export_id}"}, "entry": {"S": date}}


def stripe_customer(project_id: str, user_id: str) -> Key:
    return {"account": {"S": f"project#{project_id}"}, "entry": {"S": f"stripe#{user_id}"}}
