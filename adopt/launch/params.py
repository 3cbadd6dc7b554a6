"""The parameters of Meta's calls, from what a spec says.

Source: docs/marketing-api/reference (campaign group, ad campaign, ad creative) and the SDK's create calls.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from adopt.launch import allowed, timing
from adopt.launch.known import Setting
from adopt.launch.spec import Account, AdSet, Campaign, Card, Creative
from adopt.launch.tree import PAGE, Params, made
from adopt.launch.values import Ages

MediaKey = Callable[[str], str]  # the key of the file that a spec names


def goal_of(adset: AdSet, objective: str) -> str:
    """What an ad set optimises for."""
    return adset.goal or allowed.GOALS[objective][0]


def is_shared(campaign: Campaign) -> bool:
    """Whether the campaign carries the budget of its ad sets."""
    return campaign.daily_budget is not None or campaign.lifetime_budget is not None


def of_campaign(said: Campaign, name: str, setting: Setting) -> Params:
    """The parameters of a campaign."""
    shared = is_shared(said)
    categories = [one for one in said.special_ad_categories or () if one != "NONE"]
    return _given(
        name=name,
        objective=said.objective,
        status="PAUSED",
        buying_type="AUCTION",
        special_ad_categories=categories,
        special_ad_category_country=list(said.special_ad_category_countries or ()) or None,
        is_adset_budget_sharing_enabled=None if shared else False,
        bid_strategy=(said.bid_strategy or "LOWEST_COST_WITHOUT_CAP") if shared else None,
        spend_cap=_minor(said.spend_cap, setting),
        daily_budget=_minor(said.daily_budget, setting),
        lifetime_budget=_minor(said.lifetime_budget, setting),
    )


def of_adset(said: AdSet, name: str, campaign: Campaign, account: Account, setting: Setting, now: datetime) -> Params:
    """The parameters of an ad set."""
    objective = campaign.objective or ""
    goal = goal_of(said, objective)
    strategy = None if is_shared(campaign) else said.bid_strategy or "LOWEST_COST_WITHOUT_CAP"
    roas = {"roas_average_floor": int(said.min_roas * 10_000)} if said.min_roas else None
    windows = [_window(one) for one in said.attribution or ()]
    return _given(
        name=name,
        campaign_id=made("campaign"),
        status="PAUSED",
        optimization_goal=goal,
        billing_event=said.billing_event or "IMPRESSIONS",
        bid_strategy=strategy,
        bid_amount=_minor(said.bid_amount, setting),
        bid_constraints=roas,
        daily_budget=_minor(said.daily_budget, setting),
        lifetime_budget=_minor(said.lifetime_budget, setting),
        destination_type=said.destination or _destination(objective, goal),
        promoted_object=_promoted(said, objective, goal, account) or None,
        attribution_spec=windows or None,
        targeting=_targeting(said),
        start_time=_moment(timing.starts(said.start, now, setting.zone)),
        end_time=_moment(timing.ends(said.end, setting.zone)),
        dsa_beneficiary=said.dsa_beneficiary or account.dsa_beneficiary,
        dsa_payor=said.dsa_payor or account.dsa_payor,
    )


def of_creative(said: Creative, name: str, account: Account, media: MediaKey) -> Params:
    """The parameters of a creative."""
    if said.post:
        call = _call(said, with_link=True) if said.call_to_action else None
        return _given(name=name, object_story_id=said.post, call_to_action=call, url_tags=said.url_tags)
    identity = _given(page_id=account.page or made(PAGE), instagram_user_id=account.instagram)
    if is_dynamic(said):
        feed = _feed(said, media)
        return _given(name=name, object_story_spec=identity, asset_feed_spec=feed, url_tags=said.url_tags)
    return _given(name=name, object_story_spec=identity | _content(said, media), url_tags=said.url_tags)


def of_ad(name: str, adset: str, creative: str, said: Creative) -> Params:
    """The parameters of an ad."""
    return _given(
        name=name,
        adset_id=made(adset),
        creative={"creative_id": made(creative)},
        status="PAUSED",
        conversion_domain=said.domain,
    )


def is_dynamic(said: Creative) -> bool:
    """Whether Meta puts the ad together from lists."""
    return said.images is not None


def is_automatic(said: AdSet) -> bool:
    """Whether Meta may go beyond the audience: as said, else where nobody but a country is named."""
    narrowed = (said.ages, said.genders, said.interests, said.custom_audiences)
    return said.advantage_audience if said.advantage_audience is not None else not any(narrowed)


def _given(**params: Any) -> Params:
    return {name: value for name, value in params.items() if value is not None}


def _minor(amount: Decimal | None, setting: Setting) -> int | None:
    return None if amount is None else setting.currency.parse(amount)


def _moment(found: datetime | None) -> str | None:
    return found.strftime("%Y-%m-%dT%H:%M:%S%z") if found else None


def _window(name: str) -> dict[str, Any]:
    event, days = allowed.WINDOWS[name]
    return {"event_type": event, "window_days": days}


def _destination(objective: str, goal: str) -> str | None:
    if objective == "OUTCOME_LEADS" and goal in allowed.OF_FORMS:
        return "ON_AD"
    return "WEBSITE" if objective in ("OUTCOME_SALES", "OUTCOME_LEADS") and goal in allowed.CONVERSIONS else None


def is_of_app(said: AdSet, objective: str, goal: str) -> bool:
    """Whether an ad set promotes an app."""
    of_app = objective == "OUTCOME_APP_PROMOTION" or said.destination == "APP"
    return goal in allowed.OF_APPS or (of_app and goal in allowed.CONVERSIONS)


def is_of_page(said: AdSet, goal: str) -> bool:
    """Whether an ad set promotes a Page."""
    return goal in allowed.OF_PAGES or said.destination == "ON_POST"


def _promoted(said: AdSet, objective: str, goal: str, account: Account) -> Params:
    if is_of_app(said, objective, goal):
        event = said.event if goal in allowed.CONVERSIONS else None
        return _given(application_id=said.app, object_store_url=said.app_store, custom_event_type=event)
    if goal in allowed.CONVERSIONS:
        event = said.event or allowed.EVENT_OF.get(objective)
        return _given(pixel_id=said.pixel or account.pixel, custom_event_type=event)
    return {"page_id": said.page or account.page or made(PAGE)} if is_of_page(said, goal) else {}


def _targeting(said: AdSet) -> Params:
    ages, own = said.ages or Ages(), dict(said.targeting or {})
    places = {"countries": list(said.countries)} if said.countries else {}
    interests = [{"interests": [{"id": one} for one in said.interests]}] if said.interests else []
    spec = _given(
        geo_locations={**places, **own.pop("geo_locations", {})} or None,
        age_min=ages.youngest if said.ages else None,
        age_max=ages.oldest if said.ages else None,
        genders=list(said.genders) if said.genders else None,
        flexible_spec=interests or None,
        custom_audiences=[{"id": one} for one in said.custom_audiences] if said.custom_audiences else None,
        excluded_custom_audiences=[{"id": one} for one in said.excluded_audiences] if said.excluded_audiences else None,
        targeting_automation={"advantage_audience": int(is_automatic(said))},
    )
    return {**spec, **positions(said.placements, said.platforms), **own}


def positions(placements: tuple[str, ...] | None, platforms: tuple[str, ...] | None) -> Params:
    """Where ads are shown; nothing where Meta may choose."""
    if not placements:
        return {"publisher_platforms": list(platforms)} if platforms else {}
    found: dict[str, list[str]] = {}
    for name in placements:
        for platform, places in allowed.POSITIONS[name].items():
            if not platforms or platform in platforms:
                found.setdefault(platform, []).extend(places)
    return {"publisher_platforms": list(found), **{f"{name}_positions": places for name, places in found.items()}}


def _call(said: Creative, *, with_link: bool, link: str | None = None) -> Params | None:
    kind = said.call_to_action or ("SIGN_UP" if said.lead_form else "LEARN_MORE")
    value = _given(link=(link or said.link) if with_link else None, lead_gen_form_id=said.lead_form)
    return {"type": kind, **({"value": value} if value else {})}


def _content(said: Creative, media: MediaKey) -> Params:
    link = said.link or ("https://fb.me/" if said.lead_form else None)  # what Meta wants for its own forms
    if said.video:
        thumbnail = {"image_hash": made(media(said.thumbnail))} if said.thumbnail else {}
        key = media(said.video)
        shown = thumbnail or {"image_url": made(key.replace("video.", "thumbnail.", 1))}
        words = _given(message=said.text, title=said.headline, link_description=said.description)
        return {
            "video_data": {
                "video_id": made(key),
                **shown,
                **words,
                "call_to_action": _call(said, with_link=True, link=link),
            }
        }
    words = _given(link=link, message=said.text, name=said.headline, description=said.description, caption=said.caption)
    if said.cards:
        cards = [_card(one.said, said, media) for one in said.cards]
        return {"link_data": {**words, "call_to_action": _call(said, with_link=True), "child_attachments": cards}}
    picture = {"image_hash": made(media(said.image))} if said.image else {}
    return {"link_data": {**words, **picture, "call_to_action": _call(said, with_link=True, link=link)}}


def _feed(said: Creative, media: MediaKey) -> Params:
    """What Meta chooses from, for each person: docs/marketing-api/ad-creative/asset-feed-spec."""

    def texts(many: tuple[str, ...] | None, one: str | None) -> list[Params] | None:
        return [{"text": text} for text in many or ((one,) if one else ())] or None

    return _given(
        ad_formats=["SINGLE_IMAGE"],
        images=[{"hash": made(media(name))} for name in said.images or ()],
        bodies=texts(said.texts, said.text),
        titles=texts(said.headlines, said.headline),
        descriptions=texts(said.descriptions, said.description),
        call_to_action_types=[said.call_to_action or "LEARN_MORE"],
        link_urls=[{"website_url": said.link}],
    )


def _card(card: Card, of: Creative, media: MediaKey) -> Params:
    link = card.link or of.link
    shown: Mapping[str, Any] = {"image_hash": made(media(card.image))} if card.image else {}
    if card.video:
        key = media(card.video)
        shown = {"video_id": made(key), "picture": made(key.replace("video.", "thumbnail.", 1))}
    call = _call(of, with_link=True, link=link)
    return {**_given(link=link, name=card.headline, description=card.description), **shown, "call_to_action": call}
