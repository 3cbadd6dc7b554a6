"""Measurements added up by object and span of days: what the rows of an insights answer are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from adopt.mock.account import Money
from adopt.mock.chance import Floats, Ints, keys_of, normals
from adopt.mock.equations import ACTIVE
from adopt.mock.objects import Node
from adopt.mock.pacing import sums
from adopt.mock.spans import Span
from adopt.mock.world import World

OVERLAP = 0.7  # of the audiences of several ad sets, the people counted once
ATTRIBUTED = ("7d_click", "1d_view")  # the ad sets' own attribution setting


@dataclass(frozen=True)
class Rows:
    """Rows of an answer as columns."""

    world: World
    groups: Sequence[Node]
    spans: Sequence[Span]
    group: Ints
    span: Ints
    counts: dict[str, Ints]
    purchases: dict[str, Ints]
    values: dict[str, Ints]
    audience: Floats

    def __len__(self) -> int:
        return len(self.group)

    @property
    def money(self) -> Money:
        """Give the account's currency."""
        return self.world.account.money

    @property
    def nodes(self) -> list[Node]:
        """Give each row's object."""
        return [self.groups[g] for g in self.group.tolist()]

    def take(self, places: Ints) -> "Rows":
        """Give some rows, in the order of their places."""

        def pick(columns: dict[str, Ints]) -> dict[str, Ints]:
            return {name: column[places] for name, column in columns.items()}

        return replace(
            self,
            group=self.group[places],
            span=self.span[places],
            counts=pick(self.counts),
            purchases=pick(self.purchases),
            values=pick(self.values),
            audience=self.audience[places],
        )

    def attributed(self, table: dict[str, Ints]) -> Ints:
        """Give purchases, or their value, as the ad sets attribute them."""
        return table[ATTRIBUTED[0]] + table[ATTRIBUTED[1]]

    @cached_property
    def reach(self) -> Ints:
        """Give the people reached."""
        days = np.array([(one.until - one.since).days + 1 for one in self.spans], np.float64)[self.span]
        online = self.audience * (1 - (1 - ACTIVE) ** days)
        shown = self.counts["impressions"]
        reached = -online * np.expm1(-shown / online) * np.exp(0.02 * self._chance())
        return np.minimum(np.maximum(np.rint(reached), shown > 0), shown).astype(np.int64)

    def _chance(self) -> Floats:
        keys = keys_of(self.world.account.options.seed, (node.id for node in self.groups), "reach")
        when = np.array([one.since.toordinal() for one in self.spans], np.int64)[self.span]
        width = np.array([(one.until - one.since).days for one in self.spans], np.int64)[self.span]
        return normals(keys[self.group], when, width)[0] if len(self) else np.zeros(0)


def gather(world: World, groups: Sequence[Node], ads: Sequence[Sequence[Node]], spans: Sequence[Span]) -> Rows:
    """Add up each group's ads over each span; give the rows in which anything happened."""
    table, calendar = world.report(), world.calendar
    columns = np.array([ad.index for part in ads for ad in part], np.int64)
    owner = np.repeat(np.arange(len(groups)), [len(part) for part in ads])
    height = next(iter(table.counts.values())).shape[0]
    starts = np.array([min(max(calendar.number(one.since), 0), height) for one in spans], np.int64)
    ends = np.array([min(max(calendar.number(one.until) + 1, 0), height) for one in spans], np.int64)

    def added(column: Ints) -> Ints:
        daily = sums(column[:, columns], owner, len(groups))
        running = np.vstack([np.zeros((1, len(groups)), np.int64), np.cumsum(daily, axis=0)])
        total: Ints = running[np.maximum(starts, ends)] - running[starts]
        return total

    parts = [
        {name: added(column) for name, column in part.items()} for part in (table.counts, table.purchases, table.values)
    ]
    happened = parts[0]["impressions"] > 0
    for column in parts[1].values():
        happened |= column > 0
    span, group = np.nonzero(happened)
    counts, purchases, values = ({name: column[span, group] for name, column in part.items()} for part in parts)
    return Rows(world, groups, spans, group, span, counts, purchases, values, _audiences(world, ads)[group])


def _audiences(world: World, ads: Sequence[Sequence[Node]]) -> Floats:
    people = np.array([one.audience for one in world.account.ad_sets])
    found = []
    for part in ads:
        sets = {ad.parent.index for ad in part if ad.parent is not None}
        found.append(people[sorted(sets)].sum() * (OVERLAP if len(sets) > 1 else 1.0))
    return np.array(found, np.float64)
