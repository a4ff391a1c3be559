"""Several meters changed in one transaction: each as usual at first, and by a decision where its condition refuses."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from metering.aws.meters import Metered, Scope, item_to_meter, update
from metering.aws.transaction import Item, Write
from metering.domain.errors import NotFoundError
from metering.domain.limits import Change, Meter, Notice, holds
from metering.flows.decisions import Meters, notice_writes, read_shares, spread_over


class Part(NamedTuple):
    """One meter's part of a plan."""

    metered: Metered
    usual: Callable[[], Change]
    """The change that needs no read."""
    decide: Callable[[Meter], Change | None]
    """The change of the meter as it was read; None: it is not concerned after all."""


def _highest(notices: Sequence[Notice]) -> list[Notice]:
    """Without the thresholds below another of their dimension."""
    highest = {notice.dimension: notice.percent for notice in notices if notice.percent is not None}
    return [notice for notice in notices if notice.percent in {None, highest.get(notice.dimension)}]


class Plan:
    """What a transaction does to meters. One that is gone, or not concerned, drops out."""

    def __init__(self, meters: Meters, parts: Sequence[Part]) -> None:
        self._meters = meters
        self._parts = list(parts)
        self._changes: list[dict[Scope, Change]] = [{part.metered.any_share(): part.usual()} for part in parts]
        self._read: dict[Scope, Item] = {}

    def __len__(self) -> int:
        """How many writes there are."""
        return sum(map(len, self._changes))

    def change_of(self, scope: Scope) -> Change:
        """The change that is planned for the meter of a scope that is not split."""
        return next(changes[scope] for changes in self._changes if scope in changes)

    def writes(self) -> list[Write]:
        """The updates of the meters, in the order in which `learn` counts them."""
        table, project = self._meters.table, self._meters.project
        return [update(table, project, scope, change) for changes in self._changes for scope, change in changes.items()]

    def notices(self, most: int) -> list[Write]:
        """The events of what has been decided. Where they are more than `most`, a transaction has no room for them all:
        then of the thresholds of a dimension only the highest is told.
        """
        told = [(scope, change) for changes in self._changes for scope, change in changes.items() if change.notices]
        if sum(len(change.notices) for _, change in told) > most:
            told = [(scope, replace(change, notices=_highest(change.notices))) for scope, change in told]
        return [
            write for scope, change in told for write in notice_writes(self._meters, scope, self._read[scope], change)
        ]

    def learn(self, found: Mapping[int, Item | None]) -> list[Scope]:
        """Decides anew for the meters whose writes were refused; the scopes of those that dropped out."""
        owners = [index for index, changes in enumerate(self._changes) for _ in changes]
        refused = {owners[position]: item for position, item in found.items()}
        dropped = [index for index, item in sorted(refused.items()) if not self._decide(index, item)]
        scopes = [self._parts[index].metered.scope for index in dropped]
        for index in reversed(dropped):
            del self._parts[index], self._changes[index]
        return scopes

    def decide_again(self) -> None:
        """Makes every decision again, since what they all hang on has changed."""
        for index, part in enumerate(self._parts):
            item = self._read.get(part.metered.scope)
            if part.metered.pieces > 1 or item is None or not self._decide(index, item):
                self._changes[index] = {part.metered.any_share(): part.usual()}

    def _decide(self, index: int, found: Item | None) -> bool:
        """Whether a meter stays in the plan, a new decision on it made."""
        part = self._parts[index]
        if part.metered.pieces > 1:
            return self._decide_on_sum(index, part)
        change = part.decide(item_to_meter(found)) if found is not None else None
        if found is None or change is None:
            return False
        self._read[part.metered.scope] = found
        self._changes[index] = {part.metered.scope: change}
        return True

    def _decide_on_sum(self, index: int, part: Part) -> bool:
        try:
            items, meter = read_shares(self._meters, part.metered)
        except NotFoundError:
            return False
        if meter is None:  # read amid another's change of all shares: the next refusal reads them again
            self._changes[index] = {part.metered.any_share(): part.usual()}
            return True
        change = part.decide(meter)
        if change is None:
            return False
        places = part.metered.shares()
        self._read.update(zip(places, items, strict=True))
        # Another share may have the room and the distance that the one tried first lacked: no need to level them all.
        fitting = [place for place in places if holds(part.usual(), item_to_meter(self._read[place]))]
        if fitting:
            self._changes[index] = {random.choice(fitting): part.usual()}  # noqa: S311  # balance is no secret
        else:
            self._changes[index] = spread_over(part.metered, items, change, part.metered.any_share())
        return True
