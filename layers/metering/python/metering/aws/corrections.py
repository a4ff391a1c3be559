"""Records with what corrects them: read, and written so that a correction holds for the record as it was read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from metering.aws import keys
from metering.aws.items import item_to_record, record_to_item
from metering.aws.records import get_record
from metering.aws.transaction import Write, call
from metering.domain.corrections import standing_pricing
from metering.domain.rating import Pricing
from metering.domain.usage import Links, UsageRecord

if TYPE_CHECKING:
    from metering.aws.records import Records

_MOST_KEYS: Final = 100
"""Items of one BatchGetItem, by DynamoDB's limit."""


class Original(NamedTuple):
    """A record with its adjustments, in the order in which they were made."""

    record: UsageRecord
    adjustments: tuple[UsageRecord, ...] = ()

    @property
    def standing(self) -> Pricing:
        """What it costs by now, apart from its void."""
        return standing_pricing(self.record, self.adjustments)


def read_original(records: "Records", record_id: str) -> Original | None:
    """A record with its adjustments, as of now."""
    record = get_record(records, record_id)
    return with_adjustments(records, [record])[0] if record else None


def with_adjustments(records: "Records", originals: Sequence[UsageRecord]) -> list[Original | None]:
    """Records with their adjustments; None where these have begun to expire, and so the record has."""
    wanted = [record_id for record in originals for record_id in record.links.adjusted_by]
    found = _read_all(records, wanted)
    return [_with(record, found) for record in originals]


def _with(record: UsageRecord, found: Mapping[str, UsageRecord]) -> Original | None:
    links = record.links.adjusted_by
    return Original(record, tuple(found[one] for one in links)) if found.keys() >= set(links) else None


def _read_all(records: "Records", record_ids: Iterable[str]) -> dict[str, UsageRecord]:
    missing: list[Any] = [_key(records.project, record_id) for record_id in record_ids]
    found: dict[str, UsageRecord] = {}
    while missing:
        request: Any = {records.table: {"Keys": missing[:_MOST_KEYS], "ConsistentRead": True}}
        answer = call(lambda: records.client.batch_get_item(RequestItems=request), records.deadline)  # noqa: B023  # called at once
        for item in answer["Responses"].get(records.table, []):
            record = item_to_record(item)
            found[record.record_id] = record
        unread = answer.get("UnprocessedKeys", {}).get(records.table, {"Keys": []})
        missing = [*unread["Keys"], *missing[_MOST_KEYS:]]
    return found


def correction_writes(records: "Records", original: UsageRecord, correction: UsageRecord) -> list[Write]:
    """The put of a correction and the link to it, on the condition that nothing else has corrected the record since."""
    put: dict[str, Any] = {
        "TableName": records.table,
        "Item": record_to_item(correction, records.shards),
        "ConditionExpression": "attribute_not_exists(recordKey)",
    }
    voids = correction.correction is not None and correction.correction.kind == "void"
    link = _void_link(correction) if voids else _adjustment_link(correction)
    condition, values = _as_read(original.links)
    update: dict[str, Any] = {
        "TableName": records.table,
        "Key": _key(records.project, original.record_id),
        "UpdateExpression": link["UpdateExpression"],
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {**link["ExpressionAttributeValues"], **values},
    }
    return [Write("Put", put), Write("Update", update)]


def _void_link(correction: UsageRecord) -> dict[str, Any]:
    return {
        "UpdateExpression": "SET voidedBy = :correction",
        "ExpressionAttributeValues": {":correction": {"S": correction.record_id}},
    }


def _adjustment_link(correction: UsageRecord) -> dict[str, Any]:
    values = {":correction": {"L": [{"S": correction.record_id}]}, ":none": {"L": []}}
    return {
        "UpdateExpression": "SET adjustedBy = list_append(if_not_exists(adjustedBy, :none), :correction)",
        "ExpressionAttributeValues": values,
    }


def _as_read(links: Links) -> tuple[str, dict[str, Any]]:
    """Adjustments are only ever added, so that their number tells whether there are others."""
    standing = "attribute_exists(recordKey) AND attribute_not_exists(voidedBy)"
    if not links.adjusted_by:
        return f"{standing} AND attribute_not_exists(adjustedBy)", {}
    return f"{standing} AND size(adjustedBy) = :count", {":count": {"N": str(len(links.adjusted_by))}}


def _key(project: str, record_id: str) -> dict[str, Any]:
    return {"recordKey": {"S": keys.record(project, record_id)}}
