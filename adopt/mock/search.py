"""Searching for what ads can be aimed at: interests, behaviours, places, languages; a small catalogue of them."""

from collections.abc import Callable
from typing import Any

from adopt.mock.api import Api, Routes
from adopt.mock.call import Call
from adopt.mock.chance import key_of
from adopt.mock.errors import invalid, missing
from adopt.mock.objects import Node
from adopt.mock.paging import page
from adopt.mock.params import Params, structure, text, words

Row = dict[str, Any]

_INTERESTS = {
    "Fitness and wellness": "Yoga;Running;Physical fitness;Weight training;Meditation;Pilates;Hiking;Cycling",
    "Food and drink": "Coffee;Espresso;Cooking;Baking;Organic food;Veganism;Wine;Tea",
    "Shopping and fashion": "Online shopping;Shopping;Fashion accessories;Shoes;Jewellery;Clothing;Cosmetics;Boutiques",
    "Hobbies and activities": "Camping;Gardening;Photography;Travel;Do it yourself (DIY);Pets;Dogs;Interior design",
    "Business and industry": "Entrepreneurship;Small business;Marketing;Online advertising;Personal finance;Investment",
    "Technology": "Smartphones;Computers;Software;Wearable technology;E-commerce",
}
_BEHAVIOURS = ("Engaged Shoppers", "Frequent travellers", "Technology early adopters", "Small business owners")
_DEMOGRAPHICS = ("Parents (All)", "New parents (0-12 months)", "Newly engaged (6 months)", "College grad")
_COUNTRIES = {
    "US": "United States", "CA": "Canada", "GB": "United Kingdom", "DE": "Germany", "FR": "France", "ES": "Spain",
    "IT": "Italy", "NL": "Netherlands", "AT": "Austria", "CH": "Switzerland", "SE": "Sweden", "NO": "Norway",
    "DK": "Denmark", "PL": "Poland", "AU": "Australia", "NZ": "New Zealand", "JP": "Japan", "IN": "India",
    "BR": "Brazil", "MX": "Mexico",
}  # fmt: skip
_CITIES = (
    ("New York", "New York", "US"), ("Los Angeles", "California", "US"), ("Chicago", "Illinois", "US"),
    ("Austin", "Texas", "US"), ("London", "England", "GB"), ("Berlin", "Berlin", "DE"),
    ("Paris", "Ile-de-France", "FR"), ("Toronto", "Ontario", "CA"), ("Sydney", "New South Wales", "AU"),
    ("Tokyo", "Tokyo", "JP"),
)  # fmt: skip
_LOCALES = {
    "English (All)": 1001, "English (US)": 6, "English (UK)": 24, "Spanish (All)": 1002, "French (All)": 1003,
    "German": 5, "Italian": 10, "Japanese": 11, "Portuguese (All)": 1005, "Dutch": 14,
}  # fmt: skip


def _row(name: str, kind: str, path: tuple[str, ...]) -> Row:
    size = 10 ** (5 + key_of(name) % 3) * (2 + key_of(name, "size") % 8)
    return {
        "id": str(6_003_000_000_000 + key_of(name, "id") % 10**9),
        "name": name,
        "type": kind,
        "audience_size_lower_bound": size,
        "audience_size_upper_bound": size * 6 // 5,
        "path": [*path, name],
    }


def _catalogue() -> list[Row]:
    rows = [
        _row(name, "interests", ("Interests", topic)) | {"topic": topic}
        for topic, names in _INTERESTS.items()
        for name in names.split(";")
    ]
    rows += [_row(name, "behaviors", ("Behaviors",)) for name in _BEHAVIOURS]
    return rows + [_row(name, "life_events", ("Demographics",)) for name in _DEMOGRAPHICS]


CATALOGUE = _catalogue()


def _places() -> list[Row]:
    base = {"supports_region": True, "supports_city": True}
    countries = [
        {"key": code, "name": name, "type": "country", "country_code": code, "country_name": name, **base}
        for code, name in _COUNTRIES.items()
    ]
    cities = [
        {
            "key": str(2_000_000 + key_of(city) % 900_000),
            "name": city,
            "type": "city",
            "country_code": code,
            "country_name": _COUNTRIES[code],
            "region": region,
            "region_id": 3_000 + key_of(region) % 900,
            **base,
        }
        for city, region, code in _CITIES
    ]
    regions = [
        {
            "key": str(3_000 + key_of(region) % 900),
            "name": region,
            "type": "region",
            "country_code": code,
            "country_name": _COUNTRIES[code],
            **base,
        }
        for _, region, code in _CITIES
    ]
    return countries + cities + regions


def _matching(rows: list[Row], asked: str) -> list[Row]:
    return [row for row in rows if asked.lower() in str(row["name"]).lower()]


def _asked(params: Params) -> str:
    asked = text(params, "q")
    if asked is None:
        raise missing("q")
    return asked


def _interests(params: Params) -> list[Row]:
    return [
        {**row, "topic": row["topic"]} for row in _matching(CATALOGUE, _asked(params)) if row["type"] == "interests"
    ]


def _valid(params: Params) -> list[Row]:
    """Tell for each interest asked about, by name, whether there is one."""
    known = {row["name"].lower(): row for row in CATALOGUE if row["type"] == "interests"}
    names = words(params, "interest_list") or []
    return [{**known.get(name.lower(), {"name": name}), "valid": name.lower() in known} for name in names]


def _suggested(params: Params) -> list[Row]:
    """Give the neighbours of interests: those of the same topic."""
    named = {name.lower() for name in words(params, "interest_list") or []}
    topics = {row.get("topic") for row in CATALOGUE if row["name"].lower() in named}
    return [row for row in CATALOGUE if row.get("topic") in topics and row["name"].lower() not in named]


def _geo(params: Params) -> list[Row]:
    kinds = words(params, "location_types")
    country = text(params, "country_code")
    return [
        row
        for row in _matching(_places(), text(params, "q") or "")
        if (not kinds or row["type"] in kinds) and (not country or row["country_code"] == country.upper())
    ]


def _categories(params: Params) -> list[Row]:
    kind = text(params, "class") or "interests"
    return [row for row in _matching(CATALOGUE, text(params, "q") or "") if row["type"] == kind]


def _locales(params: Params) -> list[Row]:
    return _matching([{"key": key, "name": name} for name, key in _LOCALES.items()], text(params, "q") or "")


_KINDS: dict[str, Callable[[Params], list[Row]]] = {
    "adinterest": _interests,
    "adinterestvalid": _valid,
    "adinterestsuggestion": _suggested,
    "adgeolocation": _geo,
    "adcountry": lambda params: _geo({**params, "location_types": ["country"]}),
    "adTargetingCategory": _categories,
    "adlocale": _locales,
}


def _search(_: Api, call: Call, __: Node) -> Row:
    kind = text(call.params, "type") or ""
    if kind not in _KINDS:
        raise invalid(f"Param type must be one of {{{', '.join(_KINDS)}}}")
    return _told(call, "search", _KINDS[kind](call.params))


def _told(call: Call, where: str, rows: list[Row]) -> Row:
    return page(rows, range(len(rows)), call.params, f"{call.base}/{call.version}/{where}", list)


def _targeting_search(_: Api, call: Call, node: Node) -> Row:
    kind = text(call.params, "limit_type")
    rows = [row for row in _matching(CATALOGUE, _asked(call.params)) if kind in (None, row["type"])]
    return _told(call, f"{node.id}/targetingsearch", rows)


def _browse(_: Api, call: Call, node: Node) -> Row:
    kind = text(call.params, "limit_type")
    rows = [row for row in CATALOGUE if kind in (None, row["type"])]
    return _told(call, f"{node.id}/targetingbrowse", rows)


def _suggest(_: Api, call: Call, node: Node) -> Row:
    chosen = structure(call.params, "targeting_list") or []
    ids = {str(one.get("id")) for one in chosen if isinstance(one, dict)} if isinstance(chosen, list) else set()
    topics = {row.get("topic") for row in CATALOGUE if row["id"] in ids}
    rows = [row for row in CATALOGUE if row.get("topic") in topics and row["id"] not in ids]
    return _told(call, f"{node.id}/targetingsuggestions", rows)


def _validate(_: Api, call: Call, node: Node) -> Row:
    by_id = {row["id"]: row for row in CATALOGUE}
    asked = words(call.params, "id_list") or []
    listed = structure(call.params, "targeting_list") or []
    asked += [str(one.get("id")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    rows = [{**by_id.get(ident, {"id": ident}), "valid": ident in by_id} for ident in asked]
    return _told(call, f"{node.id}/targetingvalidation", rows)


ROUTES: Routes = {
    "GET search": _search,
    "GET <account>/targetingsearch": _targeting_search,
    "GET <account>/targetingbrowse": _browse,
    "GET <account>/targetingsuggestions": _suggest,
    "GET <account>/targetingvalidation": _validate,
}
