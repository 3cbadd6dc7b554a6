"""How many people a targeting reaches, what a budget must be at least, and how an ad would look."""

from html import escape
from typing import Any

from adopt.mock.api import Api, Routes
from adopt.mock.call import Call
from adopt.mock.chance import key_of
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.objects import Node
from adopt.mock.params import Params, structure, text
from adopt.mock.properties import minimum_budget, raw

# Adults Meta reaches a month, in millions, roughly.
REACH = {
    "US": 190.0, "CA": 24.0, "GB": 39.0, "DE": 31.0, "FR": 33.0, "ES": 24.0, "IT": 30.0, "NL": 10.0, "AT": 4.2,
    "CH": 4.1, "SE": 5.6, "NO": 3.3, "DK": 3.4, "PL": 17.0, "AU": 17.0, "NZ": 3.3, "JP": 25.0, "IN": 370.0,
    "BR": 112.0, "MX": 90.0,
}  # fmt: skip
_REST = 5.0
_YEARS = 48  # from 18 to 65 and more
FORMATS = {
    "DESKTOP_FEED_STANDARD": (500, 690), "MOBILE_FEED_STANDARD": (335, 450), "MOBILE_FEED_BASIC": (335, 450),
    "MOBILE_FULLWIDTH": (335, 450), "RIGHT_COLUMN_STANDARD": (300, 220), "INSTAGRAM_STANDARD": (335, 570),
    "INSTAGRAM_STORY": (320, 570), "INSTAGRAM_REELS": (320, 570), "INSTAGRAM_EXPLORE_GRID_HOME": (335, 570),
    "FACEBOOK_STORY_MOBILE": (320, 570), "FACEBOOK_REELS_MOBILE": (320, 570), "MARKETPLACE_MOBILE": (335, 450),
    "MESSENGER_MOBILE_INBOX_MEDIA": (335, 450), "AUDIENCE_NETWORK_OUTSTREAM_VIDEO": (335, 450),
    "SEARCH_MOBILE": (335, 450), "INSTREAM_VIDEO_MOBILE": (335, 450),
}  # fmt: skip


def _people(spec: dict[str, Any]) -> int:
    """Give about how many people a targeting reaches."""
    places = spec.get("geo_locations")
    if not isinstance(places, dict) or not any(places.values()):
        raise refused(
            1885364, "Location is missing", "Choose at least one location for this audience.", "geo_locations"
        )
    countries = places.get("countries")
    codes = [str(code).upper() for code in countries] if isinstance(countries, list) else []
    found = sum(REACH.get(code, _REST) for code in dict.fromkeys(codes)) or 0.4 * _REST
    low, high = (_age(spec.get(name), usual) for name, usual in (("age_min", 18), ("age_max", 65)))
    found *= max(1, high - low + 1) / _YEARS
    if isinstance(spec.get("genders"), list) and len(spec["genders"]) == 1:
        found *= 0.5
    narrowed = [name for name in ("interests", "behaviors", "flexible_spec", "custom_audiences") if spec.get(name)]
    return max(1000, int(found * 1e6 * 0.12 ** len(narrowed)))


def _age(given: Any, usual: int) -> int:
    return min(65, max(13, given)) if isinstance(given, int) else usual


def _spec(params: Params, node: Node, api: Api) -> dict[str, Any]:
    spec = structure(params, "targeting_spec")
    if spec is None and node.kind == "ad set":
        spec = raw(node, "targeting", api.world)
    if spec is None:
        raise missing("targeting_spec")
    if not isinstance(spec, dict):
        raise invalid("Param targeting_spec must be a targeting spec object")
    return spec


def _bounds(api: Api, call: Call, node: Node) -> tuple[int, int]:
    people = _people(_spec(call.params, node, api))
    return _round(people * 0.92), _round(people * 1.08)


def _round(people: float) -> int:
    step = 10 ** max(2, len(str(int(people))) - 2)
    return int(round(people / step) * step)


def _delivery(api: Api, call: Call, node: Node) -> dict[str, Any]:
    low, high = _bounds(api, call, node)
    found: dict[str, Any] = {
        "estimate_mau_lower_bound": low,
        "estimate_mau_upper_bound": high,
        "estimate_ready": True,
        "targeting_optimization_types": [],
    }
    if call.version != "v26.0":  # these went with v26
        curve = [{"spend": spend * 100, "reach": min(low, spend * 90)} for spend in (0, 10, 50, 100, 500)]
        found |= {"estimate_dau": _round(high * 0.62), "daily_outcomes_curve": curve}
    return {"data": [found]}


def _reach(api: Api, call: Call, node: Node) -> dict[str, Any]:
    low, high = _bounds(api, call, node)
    return {"data": {"users_lower_bound": low, "users_upper_bound": high, "estimate_ready": True}}


def _minimum_budgets(api: Api, _: Call, __: Node) -> dict[str, Any]:
    least = minimum_budget(api.world)
    names = {"imp": 1, "high_freq": 5, "low_freq": 40, "video_views": 1}
    row = {f"min_daily_budget_{name}": least * factor for name, factor in names.items()}
    return {"data": [{"currency": api.world.account.money.code, **row}]}


def _preview(api: Api, call: Call, node: Node) -> dict[str, Any]:
    kind = text(call.params, "ad_format")
    if kind not in FORMATS:
        raise invalid(f"Param ad_format must be one of {{{', '.join(FORMATS)}}}")
    subject = node.id
    if node.kind == "account":
        creative = structure(call.params, "creative")
        if not isinstance(creative, dict):
            raise missing("creative")
        ident = creative.get("creative_id") or creative.get("id")
        if ident is not None:
            subject = api.node("GET", str(ident)).id
    width, height = FORMATS[kind]
    mark = f"{key_of(subject, kind):016x}"
    source = escape(f"https://www.facebook.com/ads/api/preview_iframe.php?d={mark}&t={subject}", quote=True)
    frame = f'<iframe src="{source}" width="{width}" height="{height}" scrolling="yes" style="border: none;"></iframe>'
    return {"data": [{"body": frame}]}


ROUTES: Routes = {
    "GET <account>/delivery_estimate": _delivery,
    "GET <ad set>/delivery_estimate": _delivery,
    "GET <account>/reachestimate": _reach,
    "GET <account>/minimum_budgets": _minimum_budgets,
    "GET <account>/generatepreviews": _preview,
    "GET <ad>/previews": _preview,
    "GET <creative>/previews": _preview,
}
