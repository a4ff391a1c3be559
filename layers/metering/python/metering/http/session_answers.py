"""Sessions, limits, holds, agents and budgets as answers, and their limits as callers write them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metering.aws.meters import Scope, item_to_meter
from metering.aws.transaction import Item
from metering.domain.errors import InvalidRequestError
from metering.domain.figures import figures, minutes, number
from metering.domain.leases import Lease
from metering.domain.limits import DEFAULT_THRESHOLDS, DIMENSION, RESOURCES, Limits, Meter, Resource, as_of
from metering.domain.money import PICO_PER_CENT, money, plain
from metering.domain.periods import FOREVER, CostPeriod, short
from metering.flows.hold import Estimate
from metering.flows.take_room import Taken

if TYPE_CHECKING:
    from metering.http.schemas_sessions import CostLimit, EstimateRequest, LimitsRequest

Json = dict[str, Any]


def patched(limits: Limits, patch: "LimitsRequest | None") -> Limits:
    """`limits` with what the request names; what it names as null is removed."""
    if patch is None:
        return limits
    named = patch.model_fields_set
    changes: dict[str, Any] = {}
    if "max_cost" in named:
        cost = patch.max_cost
        changes |= {"cost": cost.amount * PICO_PER_CENT if cost else None, "period": _period(limits, cost)}
    if "max_compute_minutes" in named:
        changes["compute"] = patch.max_compute_minutes
    if "max_model_calls" in named:
        changes["calls"] = patch.max_model_calls
    if "max_agents" in named:
        changes["agents"] = patch.max_agents
    if "on_unrated" in named:
        changes["on_unrated"] = patch.on_unrated or "pause"
    if "thresholds" in named:
        wanted = patch.thresholds
        changes["thresholds"] = DEFAULT_THRESHOLDS if wanted is None else tuple(sorted(set(wanted)))
    return limits._replace(**changes)


def _period(limits: Limits, cost: "CostLimit | None") -> CostPeriod:
    """A cost limit that names no period keeps the one that it has."""
    if cost is None:
        return "total"
    return cost.period if "period" in cost.model_fields_set else limits.period


def limits_answer(limits: Limits) -> Json:
    """Limits as they are set."""
    cost = None if limits.cost is None else {**money(limits.cost), "period": limits.period}
    return {
        "maxCost": cost,
        "maxAgents": limits.agents,
        "maxComputeMinutes": None if limits.compute is None else minutes(limits.compute),
        "maxModelCalls": limits.calls,
        "onUnrated": limits.on_unrated,
        "thresholds": list(limits.thresholds),
    }


def session_answer(item: Item, meter: Meter) -> Json:
    return {
        "sessionId": item["id"]["S"],
        "userId": item["userId"]["S"],
        "status": meter.status,
        "reason": meter.reason if meter.status == "paused" else None,
        "breached": sorted(meter.breached),
        "limits": limits_answer(meter.limits),
        "createdAt": short(meter.created_at),
    }


def meter_usage_answer(meter: Meter) -> Json:
    """What a meter has counted since its beginning."""
    totals = meter.totals
    return {
        "cost": money(totals["cost"]),
        "costUsd": plain(totals["cost"]),
        "computeMinutes": minutes(totals["compute"]),
        "computeSeconds": plain(totals["compute"]),
        "activeAgents": meter.held["agents"],
        "modelCalls": totals["calls"],
        "inputTokens": number(totals["inputTokens"]),
        "outputTokens": number(totals["outputTokens"]),
        "storageGbHours": number(totals["storageGbHours"]),
        "orchestrationEvents": number(totals["orchestration"]),
        "records": totals["records"],
        "unrated": totals["unrated"],
    }


def standing_answer(meter: Meter) -> Json:
    """Each limit with what is used, held and left of it; null where none is set."""
    standing: Json = {DIMENSION[resource]: _standing(meter, resource) for resource in RESOURCES}
    return {**standing, "onUnrated": meter.limits.on_unrated, "thresholds": list(meter.limits.thresholds)}


def _standing(meter: Meter, resource: Resource) -> Json | None:
    limit = getattr(meter.limits, resource)
    if limit is None:
        return None
    held = meter.held[resource]
    used = 0 if resource == "agents" else meter.used(resource)
    if resource == "agents":
        used, held = held, 0
    shown = figures(DIMENSION[resource], limit=limit, used=used, held=held, remaining=max(meter.room[resource], 0))
    if resource == "cost":
        shown["period"] = meter.limits.period
        shown["resetsAt"] = None if meter.window.end == FOREVER.end else short(meter.window.end)
    return shown


def lease_answer(lease: Lease) -> Json:
    """A hold, without what remains."""
    return {
        "holdId": lease.id,
        "heldUsd": plain(lease.amounts.get("cost", 0)),
        "expiresAt": short(lease.expires_at),
    }


def open_hold_answer(lease: Lease) -> Json:
    """A hold, with all that it holds."""
    return {
        **lease_answer(lease),
        "heldModelCalls": lease.amounts.get("calls", 0),
        "heldComputeMinutes": minutes(lease.amounts.get("compute", 0)),
        "createdAt": short(lease.created_at),
    }


def agent_answer(lease: Lease, status: str) -> Json:
    return {
        "agentId": lease.id,
        "status": status,
        "startedAt": short(lease.created_at),
        "expiresAt": short(lease.expires_at),
    }


def budget_answer(scope: Scope, meter: Meter) -> Json:
    return {
        "scope": scope.name(),
        "status": "active" if meter.status == "active" else "limit_reached",
        "breached": sorted(meter.breached),
        "limits": standing_answer(meter),
        "usage": meter_usage_answer(meter),
        "createdAt": short(meter.created_at),
    }


def hold_answer(taken: Taken, now: str) -> Json:
    """A hold, with what remains of each limit of its session once it is held."""
    meter = item_to_meter(taken.session)
    if taken.created:
        room = {name: left - taken.lease.amounts.get(name, 0) for name, left in meter.room.items()}
        held = {name: amount + taken.lease.amounts.get(name, 0) for name, amount in meter.held.items()}
        meter = replace(meter, room=room, held=held)
    return {**lease_answer(taken.lease), "remaining": standing_answer(as_of(meter, now))}


def estimate_of(body: "EstimateRequest") -> Estimate:
    """What a hold is wanted for.

    Raises:
        InvalidRequestError: neither a cost nor usage, or both.
    """
    if (body.cost_usd is None) == (body.usage is None):
        raise InvalidRequestError.at("estimate", "needs either `costUsd`, or `service` and `usage`")
    if body.usage is None:
        beside = body.model_fields_set - {"cost_usd", "usage"}
        if any(getattr(body, name) is not None for name in beside):
            raise InvalidRequestError.at("estimate", "`costUsd` is an estimate by itself: nothing belongs beside it")
        return Estimate(cost=body.cost_usd)
    if body.service is None:
        raise InvalidRequestError.at("estimate.service", "is needed beside `usage`")
    usage = {metric: quantity.pico for metric, quantity in body.usage.items()}
    return Estimate(None, body.service, body.provider, body.model_id, usage)
