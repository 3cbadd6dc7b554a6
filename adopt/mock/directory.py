"""What lies around an ad account: its business, page, pixel, Instagram account, audiences, conversions and catalogs."""

from dataclasses import dataclass
from typing import Any

from adopt.mock import errors
from adopt.mock.api import Api, Handler, Maker, Makers, Routes, key_of_route
from adopt.mock.blocks import CODES, block
from adopt.mock.businesses import FORM_LEAD
from adopt.mock.call import Call
from adopt.mock.chance import key_of
from adopt.mock.drawing import object_id
from adopt.mock.objects import Node, Objects, effective_status
from adopt.mock.params import Params, flag, structure, text
from adopt.mock.properties import FIELDS, form_of
from adopt.mock.tokens import page_token
from adopt.mock.world import World

MOST_ADS = 250  # of a page that spends little (Marketing API, limits on the number of ads)
AUDIENCES = ("All visitors 30d", "Purchasers 180d", "Add to cart 14d", "Lookalike (US, 1%) - Purchasers")
_PICTURES = "https://images.example"
_JSON = frozenset({"filter", "schedule", "rule", "lookalike_spec", "customer_file_source_spec", "advanced_rule"})


@dataclass(frozen=True)
class Sort:
    """A kind of object that can be made here: under what, by which edge, and what it needs."""

    kind: str
    above: str
    edge: str
    needs: tuple[str, ...] = ("name",)


SORTS = (
    Sort("audience", "account", "customaudiences"),
    Sort("conversion", "account", "customconversions", ("name", "rule")),
    Sort("pixel", "account", "adspixels"),
    Sort("pixel", "business", "adspixels"),
    Sort("catalog", "business", "owned_product_catalogs"),
    Sort("product set", "catalog", "product_sets"),
    Sort("product feed", "catalog", "product_feeds"),
    Sort("product", "catalog", "products", ("name", "retailer_id", "url", "image_url", "currency", "price")),
)
EDITABLE = tuple(dict.fromkeys(sort.kind for sort in SORTS))
EMPTY = (
    ("account", "recommendations"),
    ("account", "impacting_ad_studies"),
    ("account", "ad_studies"),
    ("account", "saved_audiences"),
    ("account", "publisher_block_lists"),
    ("business", "client_pages"),
    ("business", "client_ad_accounts"),
    ("business", "client_product_catalogs"),
    ("ad", "leads"),
)


def draw_directory(objects: Objects, world: World) -> None:
    """Let what is around the account be found by its id."""
    account, born = world.account, world.calendar.start
    times = {"created_time": born, "updated_time": born, "creation_time": born}
    name = str(objects.account.own["name"])
    business = objects.place("business", account.business, objects.account, {"name": name, **times})
    user = str(10**16 + key_of(account.options.seed, "instagram") % 10**15)
    page: dict[str, Any] = {
        "name": name,
        "category": account.trade.category,
        "link": f"https://www.facebook.com/{account.page}",
        "username": account.trade.username.replace(".", ""),
        "fan_count": 18_240,
        "is_published": True,
        "tasks": ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE"],
        "verification_status": "not_verified",
        "picture": {"data": {"height": 50, "is_silhouette": False, "url": f"{_PICTURES}/page.jpg", "width": 50}},
        "access_token": page_token(account),
    }
    app = {
        "name": "Simulator",
        "namespace": "simulator",
        "category": "Business",
        "link": f"https://{account.trade.site}/",
    }
    objects.place("app", account.app, business, app)
    objects.place("page", account.page, business, {**page, "instagram_business_account": {"id": user}})
    profile: dict[str, Any] = {
        "username": account.trade.username,
        "name": name,
        "followers_count": 9_310,
        "media_count": 412,
    }
    objects.place("instagram", user, business, profile)
    pixel: dict[str, Any] = {
        "name": f"{name} pixel",
        "is_created_by_business": True,
        "can_proxy": False,
        "data_use_setting": "EMPTY",
    }
    objects.place("pixel", account.pixel, business, {**pixel, **times, "owner_business": {"id": business.id}})
    for number, title in enumerate(AUDIENCES):
        size = 4_000 * 6 ** (number % 3) * (1 + number)
        own: dict[str, Any] = {
            "name": title,
            "subtype": "LOOKALIKE" if "Lookalike" in title else "WEBSITE",
            "approximate_count_lower_bound": size,
            "approximate_count_upper_bound": size * 6 // 5,
            "delivery_status": {"code": 200, "description": "This audience is ready for use."},
            "operation_status": {"code": 200, "description": "Normal"},
            "time_created": int(born),
            "time_updated": int(born),
        }
        ident = object_id(account.options.seed, 17, number)
        objects.place("audience", ident, objects.account, {**own, "account_id": account.id})


def _make(sort: Sort) -> Maker:
    def make(api: Api, above: Node, fields: dict[str, Any], moment: float) -> Node:
        times: dict[str, Any] = {"created_time": moment, "updated_time": moment, "creation_time": moment}
        extra: dict[str, Any] = {"account_id": api.world.account.id} if above.kind == "account" else {}
        if sort.kind == "audience":
            extra |= {"time_created": int(moment), "time_updated": int(moment)}
        return api.objects.add(sort.kind, above, {**times, **extra, **fields})

    return make


def _edit(api: Api, node: Node, fields: dict[str, Any], moment: float) -> Node:
    node.own |= {**fields, "updated_time": moment}
    if node.kind in CODES and node.status == "DELETED":
        block(api.objects, api.world, node, moment)
    return node


def _create(sort: Sort) -> Handler:
    def create(api: Api, call: Call, above: Node) -> dict[str, Any]:
        for name in sort.needs:
            if not call.params.get(name):
                raise errors.missing(name)
        made = api.write(above, sort.edge, _given(call.params, sort.kind))
        return {"id": made.id}

    return create


def _given(params: Params, kind: str) -> dict[str, Any]:
    """Give the parameters that are fields of a kind; those that are JSON are decoded."""
    names = (FIELDS[kind] | {"subtype", "filter"}) & set(params) - {"id", "access_token"}
    return {name: structure(params, name) if name in _JSON else params[name] for name in sorted(names)}


def _update(api: Api, call: Call, node: Node) -> dict[str, Any]:
    api.write(node, "", _given(call.params, node.kind))
    return {"success": True}


def _delete(api: Api, _: Call, node: Node) -> dict[str, Any]:
    api.write(node, "", {"status": "DELETED"})
    return {"success": True}


def _nothing(_: Api, call: Call, __: Node) -> dict[str, Any]:
    return {"data": []} | ({"summary": {"total_count": 0}} if flag(call.params, "summary") else {})


def _agree(_: Api, __: Call, ___: Node) -> dict[str, Any]:
    return {"success": True}


def _of_business(api: Api, call: Call, _: Node) -> dict[str, Any]:
    params = call.params if call.params.get("fields") else {**call.params, "fields": "account_id,id"}
    shown = api.reader(call).node(api.objects.account, params)
    answer: dict[str, Any] = {"data": [shown], "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}}
    return answer | ({"summary": {"total_count": 1}} if flag(call.params, "summary") else {})


def _users(api: Api, _: Call, __: Node) -> dict[str, Any]:
    user = {"id": api.world.account.user, "name": "Simulated system user", "tasks": ["MANAGE", "ADVERTISE", "ANALYZE"]}
    return {"data": [user]}


def _business_users(api: Api, _: Call, __: Node) -> dict[str, Any]:
    business = {"id": api.world.account.business, "name": str(api.objects.account.own["name"])}
    return {"data": [{"id": api.world.account.user, "name": "Simulated system user", "business": business}]}


def _ads_volume(api: Api, _: Call, __: Node) -> dict[str, Any]:
    running = sum(effective_status(ad, api.world) in ("ACTIVE", "PENDING_REVIEW") for ad in api.objects.ads)
    return {"data": [{"ads_running_or_in_review_count": running, "limit_on_ads_running_or_in_review": MOST_ADS}]}


def _forms(api: Api, _: Call, page: Node) -> dict[str, Any]:
    """List the page's instant forms: one, where the account's ads ask for leads by it."""
    if FORM_LEAD not in api.world.account.trade.outcomes:
        return {"data": []}
    form = {"id": form_of(page.id), "locale": "en_US", "name": "Quote in five questions", "status": "ACTIVE"}
    return {"data": [form]}


def _statistics(_: Api, call: Call, __: Node) -> dict[str, Any]:
    return {"data": [], "aggregation": text(call.params, "aggregation") or "event"}


ROUTES: Routes = {
    "GET me/business_users": _business_users,
    "GET <business>/business_users": _business_users,
    "GET <business>/owned_ad_accounts": _of_business,
    "GET <account>/ads_volume": _ads_volume,
    "GET <account>/users": _users,
    "GET <account>/assigned_users": _users,
    "GET <pixel>/assigned_users": _users,
    "GET <page>/leadgen_forms": _forms,
    "GET <pixel>/stats": _statistics,
    "POST <pixel>/assigned_users": _agree,
    "POST <pixel>/shared_accounts": _agree,
    "DELETE <pixel>/shared_accounts": _agree,
    "POST <catalog>/external_event_sources": _agree,
    "POST <audience>/users": _agree,
    **{key_of_route("POST", sort.above, sort.edge): _create(sort) for sort in SORTS},
    **{key_of_route("POST", kind, ""): _update for kind in EDITABLE},
    **{key_of_route("DELETE", kind, ""): _delete for kind in EDITABLE},
    **{key_of_route("GET", kind, edge): _nothing for kind, edge in EMPTY},
}
MAKERS: Makers = {
    **{key_of_route("POST", sort.above, sort.edge): _make(sort) for sort in SORTS},
    **{key_of_route("POST", kind, ""): _edit for kind in EDITABLE},
}
