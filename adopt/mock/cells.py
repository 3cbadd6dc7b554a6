"""The cells rows are broken down into, how delivery spreads over them, and how they differ in price and response."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adopt.mock.breakdowns import ADVERTISERS_HOUR, AUDIENCES_HOUR, FREQUENCY, PEOPLE, PLACES, REGIONS
from adopt.mock.chance import Flags, Floats, Ints, keys_of, normals, uniforms
from adopt.mock.market import SHARE_BY_HOUR

Targeting = dict[str, Any]
TILT, DRIFT, NOISE = 0.25, 0.18, 0.06  # log units: between ad sets, over weeks, from day to day
PERIOD = 45.0  # days of a drift's swing
RATES = 0.12  # log units: how ad sets differ in a cell's click and conversion rates


@dataclass(frozen=True)
class Cell:
    """One cell: its labels, its share of delivery, and its price, click and conversion rates beside the average."""

    labels: dict[str, str]
    share: float
    price: float = 1.0
    clicks: float = 1.0
    buyers: float = 1.0
    targets: tuple[tuple[str, str], ...] = ()  # what a targeting must allow for it to be delivered to
    views: float = 0.0  # impressions a person, where a cell is a frequency


@dataclass(frozen=True)
class Spread:
    """Weights of delivery by day, ad set and cell, and each ad set's rates in each cell."""

    weights: Floats  # d, n, k
    price: Floats  # n, k
    clicks: Floats  # n, k
    buyers: Floats  # n, k


@dataclass(frozen=True)
class Family:
    """Cells that together make up a whole, and whether a person can be in several of them."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    shared: bool = False

    def kept(self, keep: Callable[[dict[str, str]], bool]) -> Flags:
        """Tell which cells have labels that pass."""
        return np.array([keep(cell.labels) for cell in self.cells], bool)

    def spread(self, seed: int, ids: Sequence[str], targetings: Sequence[Targeting], days: Ints) -> Spread:
        """Give how each ad set's delivery spreads over the cells on each day (an ordinal)."""
        k = np.arange(len(self.cells))
        keys = keys_of(seed, ids, "cells " + self.names[0])
        tilt, clicks, buyers, price = normals(keys[:, None], k)
        phase, *_ = uniforms(keys[:, None], k, 1)
        rough = normals(keys[None, :, None], days[:, None, None] * len(k) + k, 2)[0]
        swing = np.sin(2 * np.pi * (days[:, None, None] / PERIOD + phase))
        log = TILT * tilt + DRIFT * swing + NOISE * rough
        base = np.array([cell.share for cell in self.cells]) * self._open(targetings)
        return Spread(
            base * np.exp(log),
            self._rates("price", 0.08 * price),
            self._rates("clicks", RATES * clicks),
            self._rates("buyers", RATES * buyers),
        )

    def _rates(self, name: str, log: Floats) -> Floats:
        rates: Floats = np.array([getattr(cell, name) for cell in self.cells]) * np.exp(log)
        return rates

    def _open(self, targetings: Sequence[Targeting]) -> Floats:
        """Tell which cells an ad set can be delivered to (n, k); one that allows none is taken to allow all."""
        known: dict[str, list[float]] = {}
        rows = []
        for targeting in targetings:
            mark = repr(targeting)
            if mark not in known:
                found = [float(_allows(targeting, cell)) for cell in self.cells]
                known[mark] = found if any(found) else [1.0] * len(found)
            rows.append(known[mark])
        return np.array(rows, np.float64).reshape(len(targetings), len(self.cells))


def family(names: tuple[str, ...]) -> Family:
    """Give the cells of a family of breakdowns."""
    return _FAMILIES[names]


def _allows(targeting: Targeting, cell: Cell) -> bool:
    return all(_TESTS.get(what, _listed)(targeting, what, value) for what, value in cell.targets)


def _listed(targeting: Targeting, what: str, value: str) -> bool:
    wanted = targeting.get(what)
    return not isinstance(wanted, list) or not wanted or value in wanted


def _of_age(targeting: Targeting, _: str, value: str) -> bool:
    low, high = (int(part) for part in value.split("-"))
    least, most = targeting.get("age_min") or 18, targeting.get("age_max") or 65
    return _suggests(targeting) or (int(least) <= high and low <= (int(most) if int(most) < 65 else 120))  # noqa: PLR2004 - 65 is open


def _of_gender(targeting: Targeting, _: str, value: str) -> bool:
    wanted = targeting.get("genders")
    return _suggests(targeting) or not isinstance(wanted, list) or not wanted or value in map(str, wanted)


def _suggests(targeting: Targeting) -> bool:
    automation = targeting.get("targeting_automation")
    return isinstance(automation, dict) and str(automation.get("advantage_audience")) == "1"


def _in_country(targeting: Targeting, _: str, value: str) -> bool:
    places = targeting.get("geo_locations")
    countries = places.get("countries") if isinstance(places, dict) else None
    return value in countries if isinstance(countries, list) and countries else value == "US"


_TESTS: dict[str, Callable[[Targeting, str, str], bool]] = {
    "age": _of_age,
    "gender": _of_gender,
    "country": _in_country,
}

# label, years, share, price, clicks, buyers
_AGES = (
    ("18-24", "18-24", 0.13, 0.85, 0.85, 0.55),
    ("25-34", "25-34", 0.27, 1.00, 0.95, 1.00),
    ("35-44", "35-44", 0.24, 1.05, 1.00, 1.20),
    ("45-54", "45-54", 0.17, 1.05, 1.10, 1.15),
    ("55-64", "55-64", 0.12, 1.00, 1.25, 0.95),
    ("65+", "65-120", 0.07, 0.95, 1.40, 0.75),
)
_GENDERS = (("female", "2", 0.55, 1.03, 1.08, 1.15), ("male", "1", 0.43, 0.97, 0.92, 0.85))


def _people() -> Iterable[Cell]:
    for age, years, share, price, clicks, buyers in _AGES:
        for gender, code, part, dear, keen, ready in _GENDERS:
            yield Cell(
                {"age": age, "gender": gender},
                share * part,
                price * dear,
                clicks * keen,
                buyers * ready,
                (("age", years), ("gender", code)),
            )
        yield Cell({"age": age, "gender": "unknown"}, share * 0.02, price, clicks, buyers, (("age", years),))


# platform, position as reported, position as targeted, share, price, clicks, buyers
_POSITIONS = (
    ("facebook", "feed", "feed", 0.285, 1.10, 1.30, 1.15),
    ("facebook", "facebook_reels", "facebook_reels", 0.075, 0.70, 0.70, 0.75),
    ("facebook", "facebook_stories", "story", 0.030, 0.75, 0.70, 0.90),
    ("facebook", "marketplace", "marketplace", 0.035, 0.80, 1.10, 0.60),
    ("facebook", "instream_video", "instream_video", 0.020, 0.75, 0.45, 0.60),
    ("facebook", "facebook_profile_feed", "profile_feed", 0.010, 0.95, 1.05, 0.95),
    ("facebook", "right_hand_column", "right_hand_column", 0.012, 0.45, 0.25, 1.00),
    ("facebook", "search", "search", 0.004, 0.95, 1.20, 1.10),
    ("instagram", "feed", "stream", 0.205, 1.20, 0.85, 1.15),
    ("instagram", "instagram_stories", "story", 0.115, 0.95, 0.80, 0.95),
    ("instagram", "instagram_reels", "reels", 0.145, 0.85, 0.60, 0.85),
    ("instagram", "instagram_explore_grid_home", "explore_home", 0.012, 0.95, 0.55, 0.90),
    ("instagram", "instagram_profile_feed", "profile_feed", 0.008, 1.00, 0.75, 0.95),
    ("audience_network", "an_classic", "classic", 0.022, 0.40, 2.20, 0.15),
    ("audience_network", "rewarded_video", "rewarded_video", 0.012, 0.55, 1.60, 0.10),
    ("messenger", "messenger_stories", "story", 0.004, 0.70, 0.60, 0.70),
    ("threads", "threads_feed", "threads_stream", 0.006, 0.80, 0.55, 0.80),
)
# device, platform, share on facebook and on all others, clicks, buyers
_DEVICES = (
    ("android_smartphone", "mobile_app", 0.44, 0.37, 1.02, 0.80),
    ("android_smartphone", "mobile_web", 0.03, 0.01, 0.90, 0.75),
    ("iphone", "mobile_app", 0.36, 0.56, 1.00, 1.20),
    ("ipad", "mobile_app", 0.03, 0.03, 1.10, 1.10),
    ("android_tablet", "mobile_app", 0.02, 0.01, 1.15, 0.70),
    ("desktop", "desktop", 0.12, 0.02, 0.80, 1.35),
)


def _places() -> Iterable[Cell]:
    for platform, position, target, share, price, clicks, buyers in _POSITIONS:
        for device, kind, facebook, elsewhere, keen, ready in _DEVICES:
            part = facebook if platform == "facebook" else elsewhere
            if position == "right_hand_column":
                part = float(device == "desktop")
            elif platform in ("audience_network", "messenger") and device == "desktop":
                part = 0.0
            labels = (platform, position, device, kind)
            known = f"{platform}_positions"
            if part:
                yield Cell(
                    dict(zip(PLACES, labels, strict=True)),
                    share * part,
                    price,
                    clicks * keen,
                    buyers * ready,
                    (("publisher_platforms", platform), (known, target)),
                )


# people by region, in millions
_STATES = """
Alabama 5.1|Alaska .7|Arizona 7.4|Arkansas 3.1|California 39|Colorado 5.9|Connecticut 3.6|Delaware 1|Florida 22.6|
Georgia 11|Hawaii 1.4|Idaho 2|Illinois 12.5|Indiana 6.9|Iowa 3.2|Kansas 2.9|Kentucky 4.5|Louisiana 4.6|Maine 1.4|
Maryland 6.2|Massachusetts 7|Michigan 10|Minnesota 5.7|Mississippi 2.9|Missouri 6.2|Montana 1.1|Nebraska 2|Nevada 3.2|
New Hampshire 1.4|New Jersey 9.3|New Mexico 2.1|New York 19.6|North Carolina 10.8|North Dakota .8|Ohio 11.8|
Oklahoma 4.1|Oregon 4.2|Pennsylvania 13|Rhode Island 1.1|South Carolina 5.4|South Dakota .9|Tennessee 7.1|Texas 30.5|
Utah 3.4|Vermont .6|Virginia 8.7|Washington, District of Columbia .7|Washington 7.8|West Virginia 1.8|Wisconsin 5.9|
Wyoming .6
"""
_PROVINCES = (
    "Alberta 4.7|British Columbia 5.5|Manitoba 1.4|New Brunswick .8|Newfoundland and Labrador .5|Nova Scotia 1.1|"
    "Ontario 15.6|Prince Edward Island .2|Quebec 8.9|Saskatchewan 1.2"
)
_BRITAIN = "England 57|Northern Ireland 1.9|Scotland 5.4|Wales 3.1"
_GERMANY = (
    "Baden-Württemberg 11.3|Bayern 13.4|Berlin 3.8|Brandenburg 2.6|Bremen .7|Hamburg 1.9|Hessen 6.4|"
    "Mecklenburg-Vorpommern 1.6|Niedersachsen 8.1|Nordrhein-Westfalen 18.1|Rheinland-Pfalz 4.2|Saarland 1|Sachsen 4.1|"
    "Sachsen-Anhalt 2.2|Schleswig-Holstein 3|Thüringen 2.1"
)
_COUNTRIES = (
    "AE 9|AT 9|AU 26|BE 12|BR 203|CH 9|CL 20|CO 52|CZ 11|DK 6|ES 48|FI 6|FR 68|GR 10|HK 7|HU 10|ID 277|IE 5|IL 10|"
    "IN 1430|IT 59|JP 124|KR 52|MX 129|MY 34|NL 18|NO 5|NZ 5|PH 115|PL 37|PT 10|RO 19|SA 36|SE 11|SG 6|TH 70|TR 85|"
    "TW 23|VN 99|ZA 60"
)
_REGIONS = {"US": _STATES, "CA": _PROVINCES, "GB": _BRITAIN, "DE": _GERMANY}
# television markets as Comscore names them, with the state each lies in and its share of that state
_MARKETS = {
    "New York": ("New York, NY", 0.75),
    "California": ("Los Angeles, CA", 0.46),
    "Illinois": ("Chicago, IL", 0.72),
    "Pennsylvania": ("Philadelphia, PA", 0.5),
    "Texas": ("Dallas-Ft. Worth, TX", 0.27),
    "Georgia": ("Atlanta, GA", 0.62),
    "Massachusetts": ("Boston, MA-Manchester, NH", 0.85),
    "Florida": ("Miami-Ft. Lauderdale, FL", 0.21),
    "Arizona": ("Phoenix, AZ", 0.75),
    "Washington": ("Seattle-Tacoma, WA", 0.65),
    "Michigan": ("Detroit, MI", 0.48),
    "Minnesota": ("Minneapolis-St. Paul, MN", 0.76),
    "Colorado": ("Denver, CO", 0.73),
    "Ohio": ("Cleveland-Akron, OH", 0.31),
    "Oregon": ("Portland, OR", 0.68),
}


def _regions() -> Iterable[Cell]:
    found = []
    for country, text in _REGIONS.items():
        found += [(country, *_counted(part)) for part in text.replace("\n", " ").split("|")]
    found += [(code, "Unknown", people) for code, people in map(_counted, _COUNTRIES.split("|"))]
    whole = sum(people for *_, people in found)
    for country, region, people in found:
        market, part = _MARKETS.get(region, ("Unknown", 1.0))
        for name, share in ((market, part), ("Unknown", 1 - part)):
            labels = {"country": country, "region": region, "comscore_market": name}
            if share:
                yield Cell(labels, share * people / whole, targets=(("country", country),))


def _counted(text: str) -> tuple[str, float]:
    name, _, people = text.strip().rpartition(" ")
    return name, float(people)


def _hours(name: str) -> Family:
    shares = (SHARE_BY_HOUR / SHARE_BY_HOUR.sum()).tolist()
    labels = [{name: f"{hour:02d}:00:00 - {hour:02d}:59:59"} for hour in range(24)]
    return Family((name,), tuple(map(Cell, labels, shares)), shared=True)


# impressions a person, and the share of all impressions shown to such people
_FREQUENCIES = (
    ("1", 1, 0.42),
    ("2", 2, 0.22),
    ("3", 3, 0.12),
    ("4", 4, 0.075),
    ("5", 5, 0.05),
    ("6-10", 7.2, 0.085),
    ("11+", 14, 0.03),
)
_FAMILIES = {
    PEOPLE: Family(PEOPLE, tuple(_people())),
    PLACES: Family(PLACES, tuple(_places()), shared=True),
    REGIONS: Family(REGIONS, tuple(_regions())),
    (ADVERTISERS_HOUR,): _hours(ADVERTISERS_HOUR),
    (AUDIENCES_HOUR,): _hours(AUDIENCES_HOUR),
    FREQUENCY: Family(FREQUENCY, tuple(Cell({FREQUENCY[0]: x}, share, views=v) for x, v, share in _FREQUENCIES)),
}
