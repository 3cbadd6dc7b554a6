"""The account's objects as Graph nodes: what each is, whose child it is, and what was written to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adopt.mock.account import AdSet, Campaign
from adopt.mock.world import PAUSED_HOUR, World

LEVELS = ("account", "campaign", "ad set", "ad")
NODE_TYPES = {
    "account": "AdAccount",
    "campaign": "AdCampaignGroup",
    "ad set": "AdCampaign",
    "ad": "Adgroup",
    "creative": "AdCreative",
    "user": "User",
    "report run": "AdReportRun",
}
GONE = frozenset({"DELETED", "ARCHIVED"})


@dataclass(eq=False)
class Node:
    """One object. Its own fields are what can be written; the rest is worked out when read."""

    kind: str
    id: str
    index: int
    parent: "Node | None"
    own: dict[str, Any]
    children: list["Node"] = field(default_factory=list)
    extra: "Node | None" = None  # an ad's creative

    def above(self, kind: str) -> "Node":
        """Give the object of a kind that this one is, or lies in."""
        node: Node | None = self
        while node is not None and node.kind != kind:
            node = node.parent
        if node is None:
            raise LookupError(kind)
        return node

    def below(self, kind: str) -> Iterator["Node"]:
        """Give the objects of a kind under this one, in order of creation."""
        if self.kind == kind:
            yield self
        else:
            for child in self.children:
                yield from child.below(kind)

    @property
    def status(self) -> str:
        """Give the configured status."""
        return str(self.own.get("status", "ACTIVE"))


class Objects:
    """Every node of one account, by id."""

    def __init__(self, world: World) -> None:
        account = world.account
        born = {"created_time": world.calendar.start, "updated_time": world.calendar.start}
        self.account = Node("account", f"act_{account.id}", 0, None, {"name": "Fernhill Outfitters", **born})
        self.campaigns = [self._campaign(n, c, born) for n, c in enumerate(account.campaigns)]
        self.ad_sets = [self._ad_set(n, a, world) for n, a in enumerate(account.ad_sets)]
        self.ads, self.creatives = [], []
        for n, ad in enumerate(account.ads):
            node = self._ad(n, ad.id, ad.name, self.ad_sets[ad.ad_set])
            node.extra = Node("creative", ad.creative, n, self.account, {"name": ad.name, "status": "ACTIVE", **born})
            self.ads.append(node)
            self.creatives.append(node.extra)
        self._by_id = {
            node.id: node for group in (self.campaigns, self.ad_sets, self.ads, self.creatives) for node in group
        }
        self._by_id |= {self.account.id: self.account}
        self.report_runs: list[Node] = []

    def find(self, ident: str) -> Node | None:
        """Give the node of an id."""
        return self._by_id.get(ident)

    def keep_run(self, run: Node) -> None:
        """Let a report run be found by its id."""
        self.report_runs.append(run)
        self._by_id[run.id] = run

    def forget_run(self, run: Node) -> None:
        """Let a report run be found no longer."""
        self._by_id.pop(run.id, None)

    def of_kind(self, node: Node, kind: str) -> Iterator[Node]:
        """Give the objects of a kind on or under a node."""
        if kind != "creative":
            return node.below(kind)
        if node.kind == "account":
            return iter(self.creatives)
        return (ad.extra for ad in node.below("ad") if ad.extra is not None)

    def _campaign(self, index: int, campaign: Campaign, born: dict[str, Any]) -> Node:
        own = {"name": campaign.name, "status": "ACTIVE", **born}
        if campaign.budget:
            own["daily_budget"] = campaign.budget
        return self._hang(Node("campaign", campaign.id, index, self.account, own))

    def _ad_set(self, index: int, ad_set: AdSet, world: World) -> Node:
        born = world.moment_of(ad_set.starts, 0)
        own = {"name": ad_set.name, "status": "ACTIVE", "created_time": born, "updated_time": born, "edited": born}
        if ad_set.budget:
            own["daily_budget"] = ad_set.budget
        if ad_set.paused is not None:
            own |= {"status": "PAUSED", "updated_time": world.moment_of(ad_set.paused, PAUSED_HOUR)}
        return self._hang(Node("ad set", ad_set.id, index, self.campaigns[ad_set.campaign], own))

    def _ad(self, index: int, ident: str, name: str, ad_set: Node) -> Node:
        born = ad_set.own["created_time"]
        own = {"name": name, "status": "ACTIVE", "created_time": born, "updated_time": born}
        return self._hang(Node("ad", ident, index, ad_set, own))

    def _hang(self, node: Node) -> Node:
        if node.parent is not None:
            node.parent.children.append(node)
        return node


def effective_status(node: Node) -> str:
    """Give a node's status with its parents' taken into account."""
    if node.kind in ("account", "creative"):
        return node.status
    above = [node.above("campaign"), *([node.above("ad set")] if node.kind == "ad" else [])]
    for parent in above if node.kind != "campaign" else ():
        if parent.status in GONE and node.status not in GONE:
            return parent.status
    if node.kind == "campaign" or node.status != "ACTIVE":
        return node.status
    for parent, word in zip(above, ("CAMPAIGN_PAUSED", "ADSET_PAUSED"), strict=False):
        if parent.status != "ACTIVE":
            return word
    return "ACTIVE"
