"""Measurements added up by object and span of days: what the rows of an insights answer are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from adopt.mock.account import Money
from adopt.mock.chance import Flags, Floats, Ints, keys_of, normals
from adopt.mock.objects import Node
from adopt.mock.spans import Span
from adopt.mock.world import World

OVERLAP = 0.7  # of the audiences of several ad sets, the people counted once
SHARED = 0.6  # how slowly the people reached shrink with a cell's share, where people are in several cells
OWN = "own"  # purchases as the ad sets' own attribution settings count them
Labels = dict[str, object]


@dataclass(frozen=True)
class Group:
    """What one row a span is about: an object, its ads, and the part of their creatives that they share."""

    node: Node
    ads: Sequence[Node]
    labels: Labels = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """What the cells of rows are: their labels, and how people are counted in them."""

    labels: Sequence[Labels] = ({},)
    shared: bool = False  # a person may be in several of them
    people: bool = True  # unique people are known
    views: Sequence[float] = ()  # impressions a person, where a cell is a frequency


@dataclass(frozen=True)
class Rows:
    """Rows of an answer as columns."""

    world: World
    groups: Sequence[Group]
    spans: Sequence[Span]
    kind: Kind
    group: Ints
    span: Ints
    cell: Ints
    counts: dict[str, Ints]
    purchases: dict[str, Ints]
    values: dict[str, Ints]
    audience: Floats
    part: Floats  # of the impressions of the row's object in its span, those in its cell

    def __len__(self) -> int:
        return len(self.group)

    @property
    def money(self) -> Money:
        """Give the account's currency."""
        return self.world.account.money

    @property
    def nodes(self) -> list[Node]:
        """Give each row's object."""
        return [self.groups[g].node for g in self.group.tolist()]

    def labels(self, name: str) -> list[object]:
        """Give each row's label of one breakdown."""
        cells = [labels.get(name) for labels in self.kind.labels]
        return [
            self.groups[g].labels.get(name, cells[c])
            for g, c in zip(self.group.tolist(), self.cell.tolist(), strict=True)
        ]

    def take(self, places: Ints) -> "Rows":
        """Give some rows, in the order of their places."""

        def pick(columns: dict[str, Ints]) -> dict[str, Ints]:
            return {name: column[places] for name, column in columns.items()}

        return replace(
            self,
            group=self.group[places],
            span=self.span[places],
            cell=self.cell[places],
            counts=pick(self.counts),
            purchases=pick(self.purchases),
            values=pick(self.values),
            audience=self.audience[places],
            part=self.part[places],
        )

    def total(self, group: Group, span: Span) -> "Rows":
        """Give one row that adds up all of them, about an object and a span of days."""

        def add(columns: dict[str, Ints]) -> dict[str, Ints]:
            return {name: column.sum(keepdims=True) for name, column in columns.items()}

        zero, one = np.zeros(1, np.int64), np.ones(1)
        people = audiences(self.world, [group.ads])
        return Rows(
            self.world, [group], [span], Kind(people=self.kind.people), zero, zero, zero,
            add(self.counts), add(self.purchases), add(self.values), people, one,
        )  # fmt: skip

    @cached_property
    def reach(self) -> Ints:
        """Give the people reached; 0 where unique people are not known."""
        shown = self.counts["impressions"]
        if not self.kind.people:
            return np.zeros_like(shown)
        if self.kind.views:
            views = np.array(self.kind.views)[self.cell]
            by_views: Ints = np.maximum(np.rint(shown / views), shown > 0).astype(np.int64)
            return by_views
        days = np.array([(one.until - one.since).days + 1 for one in self.spans], np.float64)[self.span]
        online = self.audience * (1 - (1 - self.world.account.parameters.active) ** days)
        online = online * self.part ** (SHARED if self.kind.shared else 1.0)
        reached = -online * np.expm1(-shown / np.maximum(online, 1.0)) * np.exp(0.02 * self.chance("reach"))
        found: Ints = np.minimum(np.maximum(np.rint(reached), shown > 0), shown).astype(np.int64)
        return found

    def chance(self, stream: str) -> Floats:
        """Give a standard normal number of each row's own, the same whenever it is asked for."""
        about, of_row = np.unique(self.group, return_inverse=True)
        keys = keys_of(self.world.account.options.seed, (self.groups[g].node.id for g in about.tolist()), stream)
        when = np.array([one.since.toordinal() for one in self.spans], np.int64)[self.span]
        width = np.array([(one.until - one.since).days for one in self.spans], np.int64)[self.span]
        lane = width + 4096 * self.cell
        return normals(keys[of_row], when, lane)[0] if len(self) else np.zeros(0)


@dataclass(frozen=True)
class Daily:
    """Counts by day (from the first asked about) and by ad column, and where the ads and the days belong."""

    days: slice  # of the world's calendar
    owner: Ints  # by ad column: its group
    counts: dict[str, Ints]
    purchases: dict[str, Ints]
    values: dict[str, Ints]

    def tables(self) -> tuple[dict[str, Ints], dict[str, Ints], dict[str, Ints]]:
        """Give the three tables."""
        return self.counts, self.purchases, self.values


def daily(world: World, groups: Sequence[Group], spans: Sequence[Span]) -> Daily:
    """Give what reports know of the groups' ads on the days that the spans cover."""
    table = world.report()
    columns = np.array([ad.index for one in groups for ad in one.ads], np.int64)
    owner = np.repeat(np.arange(len(groups)), [len(one.ads) for one in groups])
    height = next(iter(table.counts.values())).shape[0]
    ends = [edge for one in spans for edge in _days(world, one, height)]
    days = slice(min(ends, default=0), max(ends, default=0))
    every = len(columns) == table.counts["impressions"].shape[1] and bool((np.diff(columns) == 1).all())

    def pick(part: dict[str, Ints]) -> dict[str, Ints]:
        cut = {name: column[days] for name, column in part.items()}
        return cut if every else {name: column[:, columns] for name, column in cut.items()}

    return Daily(days, owner, pick(table.counts), pick(table.purchases), pick(table.values))


def over_spans(world: World, by_day: Ints, first: int, spans: Sequence[Span]) -> Ints:
    """Add up days (rows) over each span."""
    running = np.concatenate([np.zeros((1, *by_day.shape[1:]), np.int64), np.cumsum(by_day, axis=0)])
    last = len(by_day)
    edges = [_days(world, one, first + last) for one in spans]
    starts = np.array([min(max(begin - first, 0), last) for begin, _ in edges], np.int64)
    stops = np.array([min(max(end - first, 0), last) for _, end in edges], np.int64)
    total: Ints = running[np.maximum(starts, stops)] - running[starts]
    return total


@dataclass(frozen=True)
class Credit:
    """Which purchases each ad (column) is credited with: its ad set's click window, and whether views count."""

    clicks: Sequence[str]
    views: Flags
    engaged: Flags

    def own(self, table: dict[str, Ints]) -> dict[str, Ints]:
        """Add to a table by day and ad (and cell) what the ads' own settings count, of each event in it."""
        shape = (1, -1, *(1,) * (table["1d_view"].ndim - 2))
        found = dict(table)
        for event in events(table):
            own = table[event + "1d_view"] * self.views.reshape(shape) + table[event + "1d_ev"] * self.engaged.reshape(
                shape
            )
            for window in set(self.clicks) - {""}:
                own = own + table[event + window] * np.array([one == window for one in self.clicks]).reshape(shape)
            found[event + OWN] = np.asarray(own, np.int64)
        return found


def events(table: dict[str, Ints]) -> list[str]:
    """Give what names in a table of windows begin with: nothing for purchases, an event and a space for others."""
    return [name.removesuffix("1d_view") for name in table if name.endswith("1d_view")]


def _days(world: World, span: Span, height: int) -> tuple[int, int]:
    """Give the days of a span that reports can know, as the first and the one after the last."""
    number = world.calendar.number
    return min(max(number(span.since), 0), height), min(max(number(span.until) + 1, 0), height)


def audiences(world: World, ads: Sequence[Sequence[Node]]) -> Floats:
    """Give how many people the ad sets of some ads aim at, together."""
    people = np.array([one.audience for one in world.account.ad_sets])
    found = []
    for part in ads:
        sets = {ad.parent.index for ad in part if ad.parent is not None}
        found.append(people[sorted(sets)].sum() * (OVERLAP if len(sets) > 1 else 1.0))
    return np.array(found, np.float64)
