"""What goes with what: objectives, optimisation goals, billing events, destinations and promoted objects."""

from typing import Any

from adopt.mock.errors import GraphError, invalid, refused

OBJECTIVES = (
    "OUTCOME_LEADS", "OUTCOME_SALES", "OUTCOME_ENGAGEMENT", "OUTCOME_AWARENESS", "OUTCOME_TRAFFIC",
    "OUTCOME_APP_PROMOTION",
)  # fmt: skip
_VIDEO = ("THRUPLAY", "TWO_SECOND_CONTINUOUS_VIDEO_VIEWS")
_SITE = ("LINK_CLICKS", "LANDING_PAGE_VIEWS", "REACH", "IMPRESSIONS")
GOALS: dict[str, frozenset[str]] = {
    "OUTCOME_AWARENESS": frozenset(["REACH", "IMPRESSIONS", "AD_RECALL_LIFT", *_VIDEO]),
    "OUTCOME_TRAFFIC": frozenset(["QUALITY_CALL", "CONVERSATIONS", "PROFILE_VISIT", "VISIT_INSTAGRAM_PROFILE", *_SITE]),
    "OUTCOME_ENGAGEMENT": frozenset(
        [
            "POST_ENGAGEMENT", "PAGE_LIKES", "EVENT_RESPONSES", "CONVERSATIONS", "OFFSITE_CONVERSIONS", "QUALITY_CALL",
            "LEAD_GENERATION", "REMINDERS_SET", "PROFILE_AND_PAGE_ENGAGEMENT", "SUBSCRIBERS", *_VIDEO, *_SITE,
        ]
    ),
    "OUTCOME_LEADS": frozenset(
        [
            "LEAD_GENERATION", "QUALITY_LEAD", "QUALITY_CALL", "OFFSITE_CONVERSIONS", "LINK_CLICKS",
            "LANDING_PAGE_VIEWS", "CONVERSATIONS", "MEANINGFUL_CALL_ATTEMPT",
        ]
    ),
    "OUTCOME_APP_PROMOTION": frozenset(
        ["APP_INSTALLS", "OFFSITE_CONVERSIONS", "LINK_CLICKS", "VALUE", "APP_INSTALLS_AND_OFFSITE_CONVERSIONS"]
    ),
    "OUTCOME_SALES": frozenset(
        [
            "OFFSITE_CONVERSIONS", "VALUE", "CONVERSATIONS", "QUALITY_CALL", "MESSAGING_PURCHASE_CONVERSION",
            "ADVERTISER_SILOED_VALUE", *_SITE,
        ]
    ),
}  # fmt: skip
BILLED = {goal: frozenset(["IMPRESSIONS", goal]) for goal in ("LINK_CLICKS", *_VIDEO)}
_ONLY_SHOWN = frozenset(["IMPRESSIONS"])
_MESSAGES = (
    "MESSENGER", "WHATSAPP", "INSTAGRAM_DIRECT", "MESSAGING_INSTAGRAM_DIRECT_MESSENGER",
    "MESSAGING_INSTAGRAM_DIRECT_MESSENGER_WHATSAPP", "MESSAGING_INSTAGRAM_DIRECT_WHATSAPP",
    "MESSAGING_MESSENGER_WHATSAPP",
)  # fmt: skip
DESTINATIONS: dict[str, frozenset[str]] = {
    "OUTCOME_AWARENESS": frozenset(["WEBSITE", *_MESSAGES]),
    "OUTCOME_TRAFFIC": frozenset(["MESSENGER", "WHATSAPP", "PHONE_CALL", "INSTAGRAM_PROFILE", "APP", "WEBSITE"]),
    "OUTCOME_ENGAGEMENT": frozenset(
        ["PHONE_CALL", "ON_POST", "ON_EVENT", "ON_VIDEO", "ON_PAGE", "WEBSITE", "APP", *_MESSAGES]
    ),
    "OUTCOME_LEADS": frozenset(
        ["ON_AD", "LEAD_FROM_MESSENGER", "LEAD_FROM_IG_DIRECT", "PHONE_CALL", "WEBSITE", "APP", *_MESSAGES]
    ),
    "OUTCOME_APP_PROMOTION": frozenset(["APP"]),
    "OUTCOME_SALES": frozenset(["WEBSITE", "PHONE_CALL", "APP", "SHOP_AUTOMATIC", *_MESSAGES]),
}
_PIXEL = frozenset(["OFFSITE_CONVERSIONS", "VALUE"])
_PAGE = frozenset(["LEAD_GENERATION", "QUALITY_LEAD", "PAGE_LIKES", "CONVERSATIONS", "EVENT_RESPONSES"])
_APP = frozenset(["APP_INSTALLS", "APP_INSTALLS_AND_OFFSITE_CONVERSIONS"])


def check_objective(objective: str) -> None:
    """Refuse an objective that new campaigns may no longer have."""
    if objective not in OBJECTIVES:
        raise invalid(f"Objective {objective} is invalid. Use one of: {', '.join(OBJECTIVES)}.")


def check_goal(objective: str, goal: str, billing: str) -> None:
    """Refuse a goal its objective does not have, and a billing event its goal does not have."""
    allowed = GOALS.get(objective)
    if allowed is not None and goal not in allowed:
        advice = f"{goal} is not available for {objective}. Choose one of: {', '.join(sorted(allowed))}."
        raise refused(2490408, "Performance goal isn't available", advice, "optimization_goal")
    billed = BILLED.get(goal, _ONLY_SHOWN)
    if billing not in billed:
        advice = f"{billing} cannot be billed for {goal}. Choose one of: {', '.join(sorted(billed))}."
        raise refused(None, "Billing event isn't available", advice, "billing_event")


def check_destination(objective: str, destination: str | None) -> None:
    """Refuse a destination its objective does not have."""
    allowed = DESTINATIONS.get(objective)
    if destination not in (None, "UNDEFINED") and allowed is not None and destination not in allowed:
        advice = f"{destination} is not available for {objective}. Choose one of: {', '.join(sorted(allowed))}."
        raise refused(1815715, "Destination isn't available", advice, "destination_type")


def check_promoted(objective: str, goal: str, destination: str | None, promoted: dict[str, Any], pixel: str) -> None:
    """Refuse a goal without what it is to promote."""
    app = objective == "OUTCOME_APP_PROMOTION" or destination == "APP"
    if goal in _APP or (app and goal in _PIXEL):
        if not promoted.get("application_id") or not promoted.get("object_store_url"):
            raise _lacks(None, "application_id", "An app and its store address are required for this goal.")
    elif goal in _PIXEL and not promoted.get("product_set_id"):
        _check_pixel(promoted, pixel)
    elif (goal in _PAGE or destination == "ON_POST") and not promoted.get("page_id"):
        subcode = 1885154 if destination == "ON_POST" else None
        raise _lacks(subcode, "page_id", "A Facebook Page is required for this goal.")


def _check_pixel(promoted: dict[str, Any], pixel: str) -> None:
    given = promoted.get("pixel_id")
    if not given and not promoted.get("custom_conversion_id"):
        raise _lacks(1487888, "pixel_id", "Choose a pixel to track conversions with.")
    if given and str(given) != pixel:
        raise _lacks(1487888, "pixel_id", f"The pixel {given} cannot be used with this ad account.")
    if given and not promoted.get("custom_event_type") and not promoted.get("custom_conversion_id"):
        raise _lacks(None, "custom_event_type", "Choose the conversion event to optimise for.")


def _lacks(subcode: int | None, name: str, advice: str) -> GraphError:
    return refused(subcode, f"Promoted object is missing {name}", advice, "promoted_object")
