"""What each field of each node reads as: the ones written, and the ones worked out."""

import json
from collections.abc import Callable
from functools import partial
from importlib import resources
from typing import Any

from adopt.mock import requests, runs
from adopt.mock.account import CURRENCIES
from adopt.mock.businesses import FORM_LEAD, INSTALL, Outcome
from adopt.mock.objects import Node, effective_status, hash_of, media_of, video_state
from adopt.mock.world import World

FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in json.loads(resources.files("adopt.mock").joinpath("fields.json").read_text()).items()
}
TIMEZONE_IDS = {"America/Los_Angeles": 1, "America/New_York": 7, "Europe/London": 47, "Asia/Tokyo": 75}
MINIMUM_DOLLARS = 1
WEEK = 7 * 86400
LEARNING_EVENTS = 50
OPEN, DISABLED, UNSETTLED = 1, 2, 3  # Marketing API, AdAccount.account_status

Reader = Callable[[Node, World], Any]
TIMES = frozenset(
    [
        "created_time", "updated_time", "creation_time", "start_time", "stop_time", "end_time",
        "time_end", "last_budget_toggling_time", "ad_schedule_start_time", "ad_schedule_end_time",
    ]
)  # fmt: skip
MONEYS = frozenset(
    [
        "daily_budget", "lifetime_budget", "spend_cap", "daily_spend_cap", "daily_min_spend_target",
        "lifetime_spend_cap", "lifetime_min_spend_target",
    ]
)  # fmt: skip
_AROUND = (
    "business",
    "page",
    "pixel",
    "instagram",
    "audience",
    "conversion",
    "catalog",
    "product set",
    "product feed",
    "product",
    "app",
)
_THUMB = {"width": 1080, "height": 1080, "scale": 1}
_OTHER = {"daily_budget": "lifetime_budget", "lifetime_budget": "daily_budget"}


def read(node: Node, name: str, world: World) -> Any:
    """Give a field's value as Meta writes it, None where it is unset."""
    reader = _COMPUTED[node.kind].get(name)
    if reader is not None:
        return reader(node, world)
    value = raw(node, name, world)
    if value is None:
        return "0" if name in _OTHER and node.kind == "ad set" and node.own.get(_OTHER[name]) is not None else None
    if name in TIMES:
        return stamp(value, world)
    return str(value) if name in MONEYS else value


def raw(node: Node, name: str, world: World) -> Any:
    """Give a field as it was written, else as the owner set it up; times and money are integers."""
    if name in node.own or not node.drawn:
        return node.own.get(name)
    reader = _DRAWN.get(node.kind, {}).get(name)
    return reader(node, world) if reader else None


def is_field(node: Node, name: str) -> bool:
    """Tell whether a node has such a field, set or not."""
    return name in FIELDS[node.kind]


def minimum_budget(world: World) -> int:
    """Give the least daily budget, in minor units."""
    money = world.account.money
    return round(MINIMUM_DOLLARS * CURRENCIES[money.code] * money.offset)


def stamp(moment: float, world: World) -> str:
    """Write a moment as Meta does: local time, an offset without a colon."""
    return world.calendar.local(moment).strftime("%Y-%m-%dT%H:%M:%S%z")


def link(node: Node) -> dict[str, str]:
    """Give a reference to a node."""
    return {"id": node.id}


def _spent_today(ads: list[int], world: World) -> int:
    table = world.report()
    return int(table.counts["spend"][world.calendar.today(world.now()), ads].sum())


def _spent(ads: list[int], world: World) -> int:
    return int(world.report().counts["spend"][:, ads].sum())


def _remaining(node: Node, world: World) -> str:
    daily, lifetime = node.own.get("daily_budget") or 0, node.own.get("lifetime_budget") or 0
    if not daily and not lifetime:
        return "0"
    ads = [ad.index for ad in node.below("ad")]
    return str(max(0, daily - _spent_today(ads, world) if daily else lifetime - _spent(ads, world)))


def _learning(node: Node, world: World) -> dict[str, Any]:
    since, now = node.own["edited"], world.now()
    done = world.report().sold[node.index]
    count = int(((done >= since) & (done < since + WEEK)).sum())
    status = "SUCCESS" if count >= LEARNING_EVENTS else "LEARNING" if now - since < WEEK else "FAIL"
    return {
        "status": status,
        "conversions": count,
        "last_sig_edit_ts": int(since),
        "attribution_windows": _windows_of(raw(node, "attribution_spec", world) or []),
    }


def _windows_of(spec: list[dict[str, Any]]) -> list[str]:
    """Give an attribution setting in the words of learning: 7d_click, 1d_view."""
    words = {"CLICK_THROUGH": "click", "VIEW_THROUGH": "view", "ENGAGED_VIDEO_VIEW": "ev"}
    days = {one.get("event_type"): one.get("window_days") for one in spec}
    return [f"{count}d_{words[kind]}" for kind, count in days.items() if kind in words and count]


def _plain(value: Any) -> Reader:
    return lambda _node, _world: value


def _targeting(node: Node, world: World) -> dict[str, Any]:
    countries = ["US", "CA"] if "US+CA" in str(node.own["name"]) else ["US"]
    return {
        "age_min": 18,
        "age_max": 65,
        "geo_locations": {"countries": countries, "location_types": ["home", "recent"]},
        "targeting_automation": {"advantage_audience": int("Adv+ audience" in world.account.ad_sets[node.index].name)},
    }


def _outcome(node: Node, world: World) -> Outcome:
    """Give what the owner set a drawn campaign, or what lies in it, up for."""
    outcomes = world.account.trade.outcomes
    return outcomes[node.above("campaign").index % len(outcomes)]


def _promoted(node: Node, world: World) -> dict[str, Any]:
    account, outcome = world.account, _outcome(node, world)
    if outcome is FORM_LEAD:
        return {"page_id": account.page}
    if outcome is INSTALL:
        return {"application_id": account.app, "object_store_url": account.trade.store}
    return {"pixel_id": account.pixel, "custom_event_type": outcome.event}


def _tracking(node: Node, world: World) -> list[dict[str, Any]]:
    account, outcome = world.account, _outcome(node, world)
    if outcome is FORM_LEAD:
        return [{"action.type": ["onsite_conversion"]}]
    if outcome is INSTALL:
        return [{"action.type": ["mobile_app_install"], "application": [account.app]}]
    return [{"action.type": ["offsite_conversion"], "fb_pixel": [account.pixel]}]


def _call(node: Node, world: World) -> dict[str, Any]:
    """Give the call to action of a drawn creative: to the site, to the form, or to the app's store."""
    account, ad = world.account, world.account.ads[node.index]
    outcomes = account.trade.outcomes
    outcome = outcomes[account.ad_sets[ad.ad_set].campaign % len(outcomes)]
    if outcome is FORM_LEAD:
        return {"type": "SIGN_UP", "value": {"link": "http://fb.me/", "lead_gen_form_id": form_of(account.page)}}
    link = account.trade.store or f"https://{account.trade.site}/"
    return {"type": account.trade.call, "value": {"link": link}}


def form_of(page: str) -> str:
    """Give the id of the instant form of a page."""
    return media_of(page)[::-1]


def _story(node: Node, world: World) -> dict[str, Any]:
    ad = world.account.ads[node.index]
    call = _call(node, world)
    link_ = {"link": call["value"]["link"], "message": ad.name, "name": ad.name.split(" - ")[1]}
    if ad.video:
        video = {"video_id": media_of(ad.creative), "title": link_["name"], "message": ad.name, "call_to_action": call}
        return {"page_id": world.account.page, "video_data": video}
    return {
        "page_id": world.account.page,
        "link_data": {**link_, "image_hash": hash_of(ad.creative), "call_to_action": call},
    }


def _only(*, video: bool, give: Callable[[str], str]) -> Reader:
    return lambda node, world: give(node.id) if world.account.ads[node.index].video is video else None


def _reference(kind: str) -> Reader:
    return lambda node, _world: link(node.above(kind))


def _ident(kind: str) -> Reader:
    return lambda node, _world: node.above(kind).id


def _offset_hours(_: Node, world: World) -> float:
    offset = world.calendar.local(world.now()).utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def _amount_spent(node: Node, world: World) -> str:
    """Give what the account spent: since its spending limit was set, where it has one."""
    spent = int(world.report().counts["spend"].sum())
    if not node.own.get("spend_cap"):
        return str(spent)
    heeded = world.delivery.hour > node.own["capped_from"]
    return str(max(0, spent - world.delivery.before_cap) if heeded else 0)


def _age(node: Node, world: World) -> float:
    return round(float(world.now() - node.own["created_time"]) / 86400, 6)


def _labels(node: Node, world: World) -> list[dict[str, Any]] | None:
    times = ("created_time", "updated_time")
    found = [
        {"id": one.id, "name": one.own["name"], **{name: stamp(one.own[name], world) for name in times}}
        for one in node.labels
    ]
    return found or None


def _source(name: str) -> Reader:
    return lambda node, _: {"id": node.own[name]} if node.own.get(name) else None


def _issues(node: Node, world: World) -> list[dict[str, Any]] | None:
    """Give what stops a node, or something in it: of ad sets first, then of ads."""
    above = node.kind in ("account", "campaign", "ad set")
    blocked = [ad_set.own["blocked"] for ad_set in (node.below("ad set") if above else ()) if ad_set.own.get("blocked")]
    broken = [ad for ad in node.below("ad") if effective_status(ad, world) == "WITH_ISSUES"]
    found = [_issue("AD_SET", code) for code in blocked] + [_issue("AD", 1487713) for _ in broken]
    return found or None


_ISSUES = {
    1487713: ("Video processing failed", "The video in this ad could not be processed. Upload it again."),
    2460003: ("Custom audience isn't available", "The ad set uses a custom audience that was deleted. Choose another."),
    2460004: ("Custom conversion isn't available", "The ad set uses a custom conversion that is gone. Choose another."),
}


def _issue(level: str, code: int) -> dict[str, Any]:
    summary, message = _ISSUES[code]
    told = {"error_summary": summary, "error_message": message, "error_type": "HARD_ERROR"}
    return {"level": level, "error_code": code, **told}


def _feedback(node: Node, world: World) -> dict[str, Any] | None:
    if effective_status(node, world) != "DISAPPROVED":
        return None
    return {"global": {"Unacceptable Business Practices": "This ad does not comply with the Advertising Standards."}}


def _video_page(_: Node, world: World) -> dict[str, str]:
    return {"id": world.account.page, "name": world.account.trade.name}


def _video_status(node: Node, world: World) -> dict[str, Any]:
    state, own = video_state(node, world.now()), node.own
    size, moved = own.get("file_size", 0), own.get("received", 0)
    done = {"ready": "complete", "error": "error"}.get(state, "in_progress")
    uploaded = {"status": "in_progress" if state in ("uploading", "expired") else "complete"}
    errors = {"errors": [{"code": 1363008, "message": own["error"]}]} if state == "error" else {}
    return {
        "video_status": "processing" if state == "uploading" else state,
        "processing_progress": 100 if state == "ready" else 0,
        "uploading_phase": uploaded | {"bytes_transferred": moved, "source_file_size": size},
        "processing_phase": {"status": "not_started" if state in ("uploading", "expired") else done} | errors,
        "publishing_phase": {
            "status": "complete" if state == "ready" else "not_started",
            "publish_status": "published",
        },
    }


def thumbnails(video: Node, world: World) -> dict[str, Any]:
    """Give the still pictures of a video, once it is ready."""
    if video_state(video, world.now()) != "ready":
        return {"data": []}
    rows = [
        {"id": f"{video.id}{n}", "uri": f"https://images.example/{video.id}_{n}.jpg", **_THUMB, "is_preferred": n == 0}
        for n in range(3)
    ]
    return {"data": rows}


_COMMON: dict[str, Reader] = {
    "id": lambda node, _: node.id,
    "account_id": lambda _, world: world.account.id,
}
_DELIVERS: dict[str, Reader] = _COMMON | {
    "account_name": lambda node, _: node.above("account").own["name"],
    "configured_status": lambda node, _: node.status,
    "status": lambda node, _: node.status,
    "effective_status": effective_status,
    "budget_remaining": _remaining,
    "adlabels": _labels,
    "issues_info": _issues,
}
_COMPUTED: dict[str, dict[str, Reader]] = {
    "user": {},
    "report run": {name: partial(runs.field, name) for name in FIELDS["report run"]},
    "account": _COMMON,
    "campaign": _DELIVERS
    | {
        "special_ad_category": lambda node, world: next(iter(raw(node, "special_ad_categories", world) or ()), "NONE"),
        "source_campaign": _source("source_campaign_id"),
    },
    "ad set": _DELIVERS
    | {
        "campaign_id": _ident("campaign"),
        "campaign": _reference("campaign"),
        "learning_stage_info": _learning,
        "source_adset": _source("source_adset_id"),
    },
    "ad": _DELIVERS
    | {
        "campaign_id": _ident("campaign"),
        "campaign": _reference("campaign"),
        "adset_id": _ident("ad set"),
        "adset": _reference("ad set"),
        "creative": lambda node, _: link(node.extra) if node.extra else None,
        "source_ad": _source("source_ad_id"),
        "ad_review_feedback": _feedback,
        "targeting": lambda node, world: raw(node.above("ad set"), "targeting", world),
    },
    "creative": _COMMON | {"adlabels": _labels},
    "image": _COMMON,
    "video": _COMMON | {"status": _video_status, "from": _video_page, "thumbnails": thumbnails},
    **{kind: {"id": lambda node, _: node.id} for kind in _AROUND},
    "label": _COMMON | {"account": _reference("account")},
    "request set": {"id": lambda node, _: node.id},
    "request": {
        "id": lambda node, _: node.id,
        "async_request_set": lambda node, _: link(node.parent) if node.parent else None,
        "scope_object_id": lambda _, world: world.account.id,
        "type": _plain("adgroup"),
        "status": lambda node, world: requests.status(node, world.now()),
        "result": lambda node, world: requests.result(node, world.now()),
    },
    "period": {"id": lambda node, _: node.id, "ad_object_id": lambda node, _: node.parent.id if node.parent else None},
}
_DRAWN: dict[str, dict[str, Reader]] = {
    "account": {
        "account_status": _plain(OPEN),
        "age": _age,
        "amount_spent": _amount_spent,
        "balance": _plain("0"),
        "business": lambda _, world: {"id": world.account.business, "name": world.account.trade.name},
        "business_name": lambda _, world: world.account.trade.name,
        "capabilities": _plain(["CAN_USE_REACH_AND_FREQUENCY"]),
        "currency": lambda _, world: world.account.money.code,
        "disable_reason": lambda node, _: int(node.own.get("account_status") == DISABLED),
        "has_migrated_permissions": _plain(value=True),
        "is_personal": _plain(0),
        "is_prepay_account": _plain(value=False),
        "min_campaign_group_spend_cap": lambda _, world: str(minimum_budget(world) * 100),
        "min_daily_budget": lambda _, world: minimum_budget(world),
        "owner": lambda _, world: world.account.business,
        "funding_source": lambda _, world: media_of(world.account.page),
        "spend_cap": _plain("0"),
        "timezone_id": lambda _, world: TIMEZONE_IDS.get(str(world.calendar.zone), 0),
        "timezone_name": lambda _, world: str(world.calendar.zone),
        "timezone_offset_hours_utc": _offset_hours,
        "user_tasks": _plain(["DRAFT", "ANALYZE", "ADVERTISE", "MANAGE"]),
    },
    "campaign": {
        "objective": lambda node, world: _outcome(node, world).objective,
        "buying_type": _plain("AUCTION"),
        "bid_strategy": lambda node, _: "LOWEST_COST_WITHOUT_CAP" if "daily_budget" in node.own else None,
        "special_ad_categories": _plain([]),
        "budget_rebalance_flag": _plain(value=False),
        "can_use_spend_cap": _plain(value=True),
        "is_adset_budget_sharing_enabled": lambda node, _: None if "daily_budget" in node.own else False,
        "is_skadnetwork_attribution": _plain(value=False),
        "smart_promotion_type": _plain("GUIDED_CREATION"),
        "pacing_type": _plain(["standard"]),
        "start_time": lambda node, _: node.own["created_time"],
    },
    "ad set": {
        "optimization_goal": lambda node, world: _outcome(node, world).goal,
        "billing_event": _plain("IMPRESSIONS"),
        "bid_strategy": _plain("LOWEST_COST_WITHOUT_CAP"),
        "destination_type": lambda node, world: _outcome(node, world).destination,
        "is_dynamic_creative": _plain(value=False),
        "promoted_object": _promoted,
        "attribution_spec": _plain(
            [{"event_type": "CLICK_THROUGH", "window_days": 7}, {"event_type": "VIEW_THROUGH", "window_days": 1}]
        ),
        "targeting": _targeting,
        "pacing_type": _plain(["standard"]),
        "start_time": lambda node, _: node.own["created_time"],
    },
    "ad": {
        "conversion_domain": lambda node, world: world.account.trade.site if _outcome(node, world).on_site else None,
        "tracking_specs": _tracking,
    },
    "creative": {
        "object_type": lambda node, world: "VIDEO" if world.account.ads[node.index].video else "SHARE",
        "object_story_spec": _story,
        "actor_id": lambda _, world: world.account.page,
        "object_id": lambda _, world: world.account.page,
        "effective_object_story_id": lambda node, world: f"{world.account.page}_{media_of(node.id)}",
        "title": lambda node, world: world.account.ads[node.index].name.split(" - ")[1],
        "body": lambda node, world: world.account.ads[node.index].name,
        "call_to_action_type": lambda node, world: _call(node, world)["type"],
        "image_hash": _only(video=False, give=hash_of),
        "image_url": _only(video=False, give=lambda ident: f"https://images.example/{hash_of(ident)}.jpg"),
        "thumbnail_url": lambda node, _: f"https://images.example/{hash_of(node.id)}_64.jpg",
        "video_id": _only(video=True, give=media_of),
    },
}
