"""The account's objects as Graph nodes: what each is, whose child it is, and what was written to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from adopt.mock.account import Ad, AdSet, Campaign
from adopt.mock.drawing import object_id
from adopt.mock.settings import LONG_PAUSE, SIGNIFICANT
from adopt.mock.world import PAUSED_HOUR, World

LEVELS = ("account", "campaign", "ad set", "ad")
NODE_TYPES = {
    "account": "AdAccount",
    "campaign": "AdCampaignGroup",
    "ad set": "AdCampaign",
    "ad": "Adgroup",
    "creative": "AdCreative",
    "image": "AdImage",
    "video": "AdVideo",
    "label": "AdLabel",
    "user": "User",
    "report run": "AdReportRun",
    "business": "Business",
    "page": "Page",
    "pixel": "AdsPixel",
    "instagram": "IGUser",
    "audience": "CustomAudience",
    "conversion": "CustomConversion",
    "catalog": "ProductCatalog",
    "product set": "ProductSet",
    "product feed": "ProductFeed",
    "product": "ProductItem",
    "app": "Application",
    "period": "HighDemandPeriod",
    "request set": "AdAsyncRequestSet",
    "request": "AdAsyncRequest",
}
GONE = frozenset({"DELETED", "ARCHIVED"})
DAY_HOURS = 24
SESSION = 86400  # seconds an upload may take
_SERIES = {"campaign": 11, "ad set": 12, "ad": 13, "creative": 14, "label": 15, "video": 16}  # in ids of what is new
_SERIES |= {"audience": 17, "conversion": 18, "pixel": 19, "catalog": 20, "product set": 21, "product feed": 22}
_SERIES |= {"product": 23, "period": 24, "request set": 25, "request": 26}


@dataclass(eq=False)
class Node:
    """One object. Its own fields are what was written; the rest is worked out when read."""

    kind: str
    id: str
    index: int  # among the objects of its kind
    parent: "Node | None"
    own: dict[str, Any]
    children: list["Node"] = field(default_factory=list)
    extra: "Node | None" = None  # an ad's creative, a creative's video
    labels: list["Node"] = field(default_factory=list)
    drawn: bool = False  # it was there from the beginning: what was not written is as the owner set it up

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
        account, self._seed = world.account, world.account.options.seed
        self._drawn_media = {ad.creative: ad.video for ad in account.ads}
        born = {"created_time": world.calendar.start, "updated_time": world.calendar.start}
        own = {"name": account.trade.name, **born}
        self.account = Node("account", f"act_{account.id}", 0, None, own, drawn=True)
        self._by_id = {self.account.id: self.account}
        self.kinds: dict[str, list[Node]] = {kind: [] for kind in NODE_TYPES}
        for campaign in account.campaigns:
            self._draw("campaign", campaign.id, self.account, _of_campaign(campaign) | born)
        for ad_set in account.ad_sets:
            self._draw("ad set", ad_set.id, self.campaigns[ad_set.campaign], _of_ad_set(ad_set, world))
        for ad in account.ads:
            self._draw_ad(ad, born, world.moment_of(ad.starts, 0))
        self.report_runs: list[Node] = []

    @property
    def campaigns(self) -> list[Node]:
        """Give the campaigns in order of creation."""
        return self.kinds["campaign"]

    @property
    def ad_sets(self) -> list[Node]:
        """Give the ad sets in order of creation."""
        return self.kinds["ad set"]

    @property
    def ads(self) -> list[Node]:
        """Give the ads in order of creation."""
        return self.kinds["ad"]

    def find(self, ident: str) -> Node | None:
        """Give the node of an id."""
        if ident not in self._by_id and self._drawn_media:
            self._draw_media()
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
        if kind in ("image", "video"):
            self._draw_media()
        if node.kind == "catalog":
            return (one for one in self.kinds[kind] if one.parent is node)
        if node.kind in ("account", "business", "page") and kind != "account":
            return iter(self.kinds[kind])
        if kind == "creative":
            return (ad.extra for ad in node.below("ad") if ad.extra is not None)
        return node.below(kind)

    def newest(self, node: Node, kind: str) -> Iterator[Node]:
        """Give the objects of a kind on or under a node, the last made first."""
        if node.kind == "account" and kind not in ("account", "image", "video"):
            return reversed(self.kinds[kind])
        return iter(sorted(self.of_kind(node, kind), key=lambda one: -one.index))

    def fresh_id(self, kind: str) -> str:
        """Give the id of the object of a kind that is written next."""
        self._draw_media()
        return object_id(self._seed, _SERIES[kind], len(self.kinds[kind]))

    def add(self, kind: str, parent: Node, own: dict[str, Any], ident: str = "") -> Node:
        """Add an object that was written; an image brings its own id."""
        self._draw_media()
        return self._hang(Node(kind, ident or self.fresh_id(kind), len(self.kinds[kind]), parent, own))

    def place(self, kind: str, ident: str, parent: Node, own: dict[str, Any]) -> Node:
        """Add an object that has been there all along, under an id of its own."""
        return self._hang(Node(kind, ident, len(self.kinds[kind]), parent, own))

    def _draw(self, kind: str, ident: str, parent: Node, own: dict[str, Any]) -> Node:
        return self._hang(Node(kind, ident, len(self.kinds[kind]), parent, own, drawn=True))

    def _draw_ad(self, ad: Ad, born: dict[str, Any], joined: int) -> None:
        ad_set = self.ad_sets[ad.ad_set]
        since = max(ad_set.own["created_time"], joined)
        ad_set.own["edited"] = max(ad_set.own["edited"], joined)
        own = {"name": ad.name, "status": "ACTIVE", "created_time": since, "updated_time": since}
        node = self._draw("ad", ad.id, ad_set, own)
        node.extra = self._draw("creative", ad.creative, self.account, {"name": ad.name, "status": "ACTIVE", **born})

    def _draw_media(self) -> None:
        """Let the pictures and videos of the owner's creatives be found: only when one is asked for."""
        drawn, self._drawn_media = self._drawn_media, {}
        born = {"created_time": self.account.own["created_time"], "updated_time": self.account.own["created_time"]}
        for creative, video in drawn.items():
            name = self._by_id[creative].own["name"]
            url = f"https://images.example/{hash_of(creative)}"
            size = {"width": 1080, "height": 1080, "original_width": 1080, "original_height": 1080}
            shown = {"url": f"{url}.jpg", "url_128": f"{url}_128.jpg", "permalink_url": url}
            own = {"hash": hash_of(creative), "name": name, "status": "ACTIVE", **size, **shown, **born}
            self._draw("image", f"{self.account.id.removeprefix('act_')}:{hash_of(creative)}", self.account, own)
            if video:
                own = {"title": name, "name": name, "length": 15.0, "published": True, **born}
                self._draw("video", media_of(creative), self.account, own)

    def _hang(self, node: Node) -> Node:
        if node.parent is not None and node.parent.kind in LEVELS and node.kind in LEVELS:
            node.parent.children.append(node)
        self.kinds[node.kind].append(node)
        self._by_id[node.id] = node
        return node


def media_of(creative: str) -> str:
    """Give the number that goes with a drawn creative: of its video, its post."""
    return str(10**15 + int(creative) % 10**14)


def hash_of(creative: str) -> str:
    """Give the hash of a drawn creative's picture."""
    return f"{int(creative):032x}"


def _of_campaign(campaign: Campaign) -> dict[str, Any]:
    own = {"name": campaign.name, "status": "ACTIVE"}
    return own | ({"daily_budget": campaign.budget} if campaign.budget else {})


def _taught(ad_set: AdSet, world: World) -> int:
    """Give when learning last began anew in the history: by a budget moved far, a long rest, or an ad that joined."""
    edits = [
        world.moment_of(one.day, one.hour) for one in ad_set.edits if abs(one.after / one.before - 1) > SIGNIFICANT
    ]
    rests = [
        world.moment_of(last, PAUSED_HOUR) for first, last in ad_set.rests if (last - first) * DAY_HOURS >= LONG_PAUSE
    ]
    return max([world.moment_of(ad_set.starts, 0), *edits, *rests])


def _of_ad_set(ad_set: AdSet, world: World) -> dict[str, Any]:
    born = world.moment_of(ad_set.starts, 0)
    edited = _taught(ad_set, world)
    own = {"name": ad_set.name, "status": "ACTIVE", "created_time": born, "updated_time": born, "edited": edited}
    if ad_set.budget:
        own["daily_budget"] = ad_set.budget
    if ad_set.paused is not None:
        own |= {"status": "PAUSED", "updated_time": world.moment_of(ad_set.paused, PAUSED_HOUR)}
    return own


def effective_status(node: Node, world: World) -> str:
    """Give a node's status with its parents', its review and its media taken into account."""
    if node.kind not in LEVELS or node.kind == "account":
        return node.status
    above = [node.above(kind) for kind in LEVELS[1 : LEVELS.index(node.kind)]]
    for one in (node, *above):
        if one.status in GONE:
            return one.status
    own = _of_review(node, world) if node.kind == "ad" else None
    if node.status == "ACTIVE" and node.own.get("blocked"):
        return "WITH_ISSUES"
    if own or node.status != "ACTIVE":
        return own or node.status
    for parent, word in zip(above, ("CAMPAIGN_PAUSED", "ADSET_PAUSED"), strict=False):
        if parent.status != "ACTIVE":
            return word
    return "ACTIVE"


def _of_review(ad: Node, world: World) -> str | None:
    """Give the status of an ad that may not be shown yet, or never."""
    review, now = world.reviews.get(ad.index), world.now()
    state = video_state(ad.extra.extra, now) if ad.extra and ad.extra.extra else "ready"
    if state != "ready":
        return "WITH_ISSUES" if state in ("error", "expired") else "IN_PROCESS"
    if review is None:
        return None
    if now < review.over:
        return "PENDING_REVIEW"
    return None if review.approved else "DISAPPROVED"


def video_state(video: Node, now: float) -> str:
    """Give how far a video is: uploading, expired, processing, ready, or in error."""
    ready = video.own.get("ready_time", 0)
    if ready is None:
        return "expired" if now - video.own["session_time"] > SESSION else "uploading"
    if now < ready:
        return "processing"
    return "error" if "error" in video.own else "ready"
