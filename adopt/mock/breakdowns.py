"""The `breakdowns` and `action_breakdowns` of an insights call: their names, and which of them go together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import Params, words

PEOPLE = ("age", "gender")
PLACES = ("publisher_platform", "platform_position", "impression_device", "device_platform")
REGIONS = ("country", "region", "comscore_market")
ADVERTISERS_HOUR = "hourly_stats_aggregated_by_advertiser_time_zone"
AUDIENCES_HOUR = "hourly_stats_aggregated_by_audience_time_zone"
HOURS = (ADVERTISERS_HOUR, AUDIENCES_HOUR)
FREQUENCY = ("frequency_value",)
ASSETS = (
    "ad_format_asset",
    "body_asset",
    "call_to_action_asset",
    "description_asset",
    "image_asset",
    "link_url_asset",
    "title_asset",
    "video_asset",
)
# Legal breakdowns this account has no data for: no catalogue, no app, no shops, no places, no postbacks.
_EMPTY = """
ad_extension_domain ad_extension_url affiliate_click_region affiliate_link_url app_id breakdown_ad_objective
breakdown_reporting_ad_id coarse_conversion_value conversion_destination creative_automation_asset_id
creative_fingerprint_details creative_format_classification creative_media_type_breakdown creative_relaxation_asset_type
crm_advertiser_l12_territory_ids crm_advertiser_subvertical_id crm_advertiser_vertical_id crm_ult_advertiser_id
existing_post_id fidelity_type flexible_format_asset_type gen_ai_asset_type hsid
impression_view_time_advertiser_hour_v2 instagram_ads_follow_type instagram_ads_instagram_media_product_type
instagram_ads_time_since_creation_bucket internal_campaign_id is_auto_advance is_conversion_id_modeled
is_rendered_as_delayed_skip_ad landing_destination marketing_messages_btn_name mdsa_landing_destination media_asset_url
media_creator media_destination_url media_format media_id media_origin_url media_text_content media_type mmm
msa_seller_name overlap_segment pa_creator_ig_handle place_page_id placement_path postback_sequence_index
product_brand_breakdown product_category_breakdown product_custom_label_0_breakdown product_custom_label_1_breakdown
product_custom_label_2_breakdown product_custom_label_3_breakdown product_custom_label_4_breakdown
product_group_content_id_breakdown product_id redownload reels_trending_topic rta_ugc_topic rule_set_id rule_set_name
signal_source signal_source_bucket skan_campaign_id skan_conversion_id skan_version sot_attribution_model_type
sot_attribution_window sot_channel sot_event_type sot_source standard_event_content_type user_persona_id
user_persona_name user_segment_key zip
"""
EMPTY = frozenset(_EMPTY.split())
GONE = "dma"  # no longer supported since 2026-06-22; comscore_market took its place
ASYNC_ONLY = "mmm"  # since 2026-01-12
NAMES = frozenset({*PEOPLE, *PLACES, *REGIONS, *HOURS, *FREQUENCY, *ASSETS, *EMPTY})
_ACTIONS = """
action_type action_target_id action_destination action_device action_reaction action_video_sound action_video_type
action_canvas_component_name action_carousel_card_id action_carousel_card_name conversion_destination
is_business_ai_assisted matched_persona_id matched_persona_name signal_source_bucket standard_event_content_type
"""
ACTION_NAMES = tuple(_ACTIONS.split())
_CAROUSEL = frozenset({"action_carousel_card_id", "action_carousel_card_name"})
_FREE = frozenset({"action_type", "action_target_id", "action_destination"})  # they join whatever may be joined
# These cannot even be joined with action_type, which is asked for wherever action_breakdowns is left out.
_WITHOUT_ACTIONS = frozenset(
    [
        "media_asset_url",
        "media_creator",
        "media_destination_url",
        "media_format",
        "media_origin_url",
        "media_text_content",
        "media_type",
        "instagram_ads_follow_type",
    ]
)
# Off-Meta results, web purchases above all, are not told by hour or by region.
_ON_META_ONLY = frozenset({"region", "comscore_market", *HOURS})


@dataclass(frozen=True)
class Breakdowns:
    """What the rows, and what the actions in them, are broken down by."""

    rows: tuple[str, ...] = ()
    actions: tuple[str, ...] = ("action_type",)

    @property
    def off_meta(self) -> bool:
        """Tell whether web conversions are shown at all."""
        return not _ON_META_ONLY & {*self.rows}

    @property
    def hourly(self) -> bool:
        """Tell whether rows are hours of the day, which know no unique people."""
        return not {*HOURS}.isdisjoint(self.rows)

    @property
    def asset(self) -> str | None:
        """Give the part of a creative the rows are broken down by."""
        return next((name for name in self.rows if name in ASSETS), None)

    @property
    def empty(self) -> bool:
        """Tell whether this account has nothing to show under them."""
        return not EMPTY.isdisjoint(self.rows)


def breakdowns_of(params: Params) -> Breakdowns:
    """Read a call's breakdowns; an unknown name or an illegal combination is refused with code 100."""
    rows, actions = words(params, "breakdowns") or [], words(params, "action_breakdowns")
    actions = ["action_type"] if actions is None else actions
    if GONE in rows:
        raise _not_valid(GONE)
    _check_names(rows, "breakdowns", NAMES)
    _check_names(actions, "action_breakdowns", ACTION_NAMES)
    if not _legal(frozenset(rows), frozenset(actions)):
        raise combination({*rows, *actions})
    return Breakdowns(tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(actions)))


def combination(columns: Iterable[str]) -> GraphError:
    """Give the error for breakdowns that do not go together."""
    return invalid(f"Current combination of data breakdown columns ({', '.join(sorted(columns))}) is invalid")


def family_of(names: Iterable[str]) -> tuple[str, ...] | None:
    """Give the family whose cells tell all these breakdowns apart; None where they are of several."""
    asked = {*names}
    families = (PEOPLE, PLACES, REGIONS, (ADVERTISERS_HOUR,), (AUDIENCES_HOUR,), FREQUENCY)
    return next((family for family in families if asked <= {*family}), None)


def _check_names(asked: list[str], param: str, known: Iterable[str]) -> None:
    for place, name in enumerate(asked):
        if name not in known:
            allowed = ", ".join(sorted(known))
            raise invalid(f"{param}[{place}] must be one of the following values: {allowed}")


def _not_valid(name: str) -> GraphError:
    page = "https://developers.facebook.com/docs/marketing-api/insights/breakdowns/"
    return invalid(f"{name} is not valid for breakdowns param. please check {page} for all valid values")


def _legal(rows: frozenset[str], actions: frozenset[str]) -> bool:
    """Tell whether Meta stores such a combination: its published list, and what its answers showed beyond it."""
    more = actions - _FREE
    if len(more - _CAROUSEL) + bool(more & _CAROUSEL) > 1:
        return False
    if not rows:
        return True
    for names, test in _JOINS:
        if rows <= names:
            return test(rows, more)
    return len(rows) == 1 and not more and ("action_type" not in actions or rows.isdisjoint(_WITHOUT_ACTIONS))


def _legal_places(rows: frozenset[str], more: frozenset[str]) -> bool:
    paired = "platform_position" not in rows or "publisher_platform" in rows
    return paired and (more <= {"action_device"} or (more <= _CAROUSEL and rows == {"impression_device"}))


def _legal_regions(rows: frozenset[str], more: frozenset[str]) -> bool:
    return more <= _CAROUSEL if rows == {"country"} else not more and (len(rows) == 1 or "comscore_market" not in rows)


_Test = Callable[[frozenset[str], frozenset[str]], bool]
# For breakdowns all of these names: whether they go together, and with actions broken down further.
_JOINS: tuple[tuple[frozenset[str], _Test], ...] = (
    (frozenset(PEOPLE), lambda _, more: more <= _CAROUSEL),
    (frozenset(PLACES), _legal_places),
    (frozenset(REGIONS), _legal_regions),
    (frozenset({*ASSETS, *PEOPLE}), lambda rows, more: len(rows & {*ASSETS}) == 1 and not more),
    (frozenset({"app_id", "skan_conversion_id"}), lambda _, more: not more),
)
