"""Targeting: what Meta requires of it, what it fills in, and how many people it reaches."""

from typing import Any

from adopt.mock.errors import invalid, refused
from adopt.mock.values import object_of

YOUNGEST, ADULT, OLDEST = 13, 18, 65
_PLACES = (
    "countries", "country_groups", "regions", "cities", "zips", "places", "custom_locations", "geo_markets",
    "electoral_districts", "neighborhoods", "subcities", "metro_areas", "small_geo_areas", "medium_geo_areas",
    "large_geo_areas",
)  # fmt: skip
_EUROPE = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE AX GF GP MF MQ RE YT"
EUROPE = frozenset(_EUROPE.split())
_GROUPS = ("worldwide", "europe", "eea", "eu", "emerging_markets", "global")
_PEOPLE = {"US": 180e6, "GB": 42e6, "DE": 35e6, "FR": 36e6, "CA": 24e6, "AU": 17e6, "IN": 300e6, "BR": 110e6}
_OTHERS = 12e6
_NARROWING = ("interests", "behaviors", "flexible_spec", "custom_audiences")
_HOUSING = frozenset(["HOUSING", "EMPLOYMENT", "CREDIT", "FINANCIAL_PRODUCTS_SERVICES"])


def normalised(given: Any, categories: list[str]) -> dict[str, Any]:
    """Check a targeting spec, and give it as Meta keeps it: with its defaults written out."""
    spec = dict(object_of(given, "targeting"))
    spec["geo_locations"] = _geography(spec)
    youngest, oldest = _age(spec, "age_min", ADULT), _age(spec, "age_max", OLDEST)
    if youngest > oldest:
        raise refused(None, "Invalid age range", "The minimum age is above the maximum age.", "targeting")
    automation = dict(object_of(spec.get("targeting_automation", {}), "targeting_automation"))
    constrained = oldest < OLDEST or bool(_HOUSING & set(categories))
    if "advantage_audience" not in automation and constrained:
        advice = "Set advantage_audience to 1 or 0 within targeting_automation in the targeting spec."
        raise refused(1870227, "Advantage audience flag required", advice, "targeting")
    flag = str(automation.get("advantage_audience", 1))
    if flag not in ("0", "1"):
        raise invalid("Param targeting[targeting_automation][advantage_audience] must be 0 or 1")
    if flag == "1" and oldest < OLDEST:
        advice = "With Advantage+ audience the maximum age cannot be below 65. Suggest ages with age_range instead."
        raise refused(1870189, "Maximum age isn't allowed", advice, "targeting")
    if _HOUSING & set(categories) and (youngest, oldest, spec.get("genders")) != (ADULT, OLDEST, None):
        advice = "Ads about housing, employment or credit reach all ages from 18 to 65+ and all genders."
        raise refused(None, "Targeting isn't allowed for this special ad category", advice, "targeting")
    automation["advantage_audience"] = int(flag)
    _check_lists(spec)
    return {**spec, "age_min": youngest, "age_max": oldest, "targeting_automation": automation}


def _check_lists(spec: dict[str, Any]) -> None:
    for name in ("genders", *_NARROWING):
        if not isinstance(spec.get(name) or [], list):
            raise invalid(f"Param targeting[{name}] must be an array")


def is_european(spec: dict[str, Any]) -> bool:
    """Tell whether a normalised spec reaches people the Digital Services Act protects."""
    places = spec["geo_locations"]
    if any(str(one).lower() in _GROUPS for one in places.get("country_groups", ())):
        return True
    return bool(EUROPE & countries_of(spec))


def countries_of(spec: dict[str, Any]) -> set[str]:
    """Give the countries a normalised spec names, for itself or for a place in it."""
    found = set()
    for value in spec["geo_locations"].values():
        for one in value if isinstance(value, list) else ():
            found.add(str(one.get("country", "")).upper() if isinstance(one, dict) else str(one).upper())
    return found


def people_of(spec: dict[str, Any]) -> float:
    """Give roughly how many people a normalised spec reaches."""
    people = sum(_PEOPLE.get(country, _OTHERS) for country in countries_of(spec) if len(country) == 2)  # noqa: PLR2004
    if not spec["targeting_automation"]["advantage_audience"]:
        people *= (spec["age_max"] - spec["age_min"] + 1) / (OLDEST - YOUNGEST + 1)
        people *= 0.5 if len(spec.get("genders") or ()) == 1 else 1.0
    narrow = sum(bool(spec.get(name)) for name in _NARROWING)
    return float(max(people, _OTHERS) * 0.1**narrow)


def _geography(spec: dict[str, Any]) -> dict[str, Any]:
    places = dict(object_of(spec.get("geo_locations", {}), "geo_locations"))
    named = [name for name in _PLACES if places.get(name)]
    if not named and not spec.get("custom_audiences"):
        advice = "Choose at least one country, region, city or other location to advertise in."
        raise refused(1885364, "Your ad must target at least one location", advice, "targeting")
    for name in named:
        if not isinstance(places[name], list):
            raise invalid(f"Param targeting[geo_locations][{name}] must be an array")
    for country in places.get("countries") or ():
        if not isinstance(country, str) or len(country) != 2 or not country.isalpha():  # noqa: PLR2004 - ISO 3166
            advice = f"{country!r} is not a country code of two letters."
            raise refused(1487079, "Invalid location", advice, "targeting")
    return {**places, "location_types": places.get("location_types") or ["home", "recent"]}


def _age(spec: dict[str, Any], name: str, usual: int) -> int:
    given = str(spec.get(name, usual))
    if not given.isdecimal() or len(given) > 2 or not YOUNGEST <= int(given) <= OLDEST:  # noqa: PLR2004 - digits
        raise invalid(f"Param targeting[{name}] must be an integer between {YOUNGEST} and {OLDEST}")
    return int(given)
