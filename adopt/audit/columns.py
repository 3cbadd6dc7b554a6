"""What a header means: one table of synonyms, and its resolution with ambiguity as values."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

Meaning: TypeAlias = Literal[
    "campaign",
    "campaign_id",
    "adset",
    "adset_id",
    "ad",
    "ad_id",
    "day",
    "since",
    "until",
    "spend",
    "impressions",
    "clicks",
    "results",
    "result_type",
    "revenue",
    "roas",
    "currency",
    "attribution",
    "delivery",
    "budget",
]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)

# One line a meaning: what its headers say, best first; of those after a bar the first that is there is taken, those on
# the same side of a bar are rivals, and two of them in one file are ambiguous.
_TABLE: dict[Meaning, str] = {
    "campaign": "campaign name, campaign, campaignname",
    "campaign_id": "campaign id, xyz campaign id",
    "adset": "ad set name, adset name, ad set, adset, ad group name, ad group, adgroup",
    "adset_id": "ad set id, adset id, ad group id",
    "ad": "ad name, ad",
    "ad_id": "ad id",
    "day": "day | date, reporting date",
    "since": "reporting starts | date start",
    "until": "reporting ends | date stop, date end",
    "spend": "amount spent, spend, spent, cost, total spend, total spent, ad spend, total cost",
    "impressions": "impressions, impression, impr",
    "clicks": "link clicks, inline link clicks, link click | outbound clicks | clicks all, all clicks | clicks",
    "result_type": "result indicator | result type, results type, indicator",
    "revenue": "purchases conversion value, purchase conversion value, omni purchase conversion value"
    " | website purchases conversion value, website purchase conversion value"
    " | revenue, purchase value, purchases value, conversion value, conversions value, total conversion value"
    ", purchase revenue, sales revenue, total revenue, action values",
    "roas": "purchase roas return on ad spend, purchase roas | website purchase roas return on advertising spend"
    ", website purchase roas return on ad spend, website purchase roas | roas, results roas",
    "currency": "currency | account currency",
    "attribution": "attribution setting | attribution window",
    "delivery": "ad set delivery, adset delivery | delivery, delivery status, campaign delivery, ad delivery"
    " | effective status, ad set status, adset status, status",
    "budget": "ad set budget, adset budget | daily budget | budget | campaign budget",
}

# Results by what they count; a file with two kinds of them must say which.
_RESULTS: dict[str, str] = {
    "result": "results, result",
    "purchase": "purchases, purchase | website purchases, website purchase, purchases website | orders, order"
    ", transactions",
    "lead": "leads, lead | website leads, on facebook leads, leads form, meta leads, form leads",
    "conversion": "conversions, conversion, approved conversion, total conversion, total conversions",
    "registration": "registrations completed, complete registrations, registrations, signups, sign ups",
    "install": "app installs, installs, mobile app installs",
    "conversation": "messaging conversations started",
}

# Columns that split an object into several rows of one day.
BREAKDOWNS = frozenset(
    [
        "age",
        "gender",
        "country",
        "region",
        "city",
        "dma region",
        "platform",
        "publisher platform",
        "placement",
        "device platform",
        "impression device",
        "device",
        "time of day ad account time zone",
        "interest",
        "creative format",
        "category",
    ]
)

# Currencies in a header without brackets: spend_eur.
_CODES = frozenset(
    [
        "aed",
        "ars",
        "aud",
        "bgn",
        "brl",
        "cad",
        "chf",
        "clp",
        "cop",
        "czk",
        "dkk",
        "eur",
        "gbp",
        "hkd",
        "huf",
        "idr",
        "ils",
        "inr",
        "jpy",
        "krw",
        "mxn",
        "myr",
        "nok",
        "nzd",
        "pen",
        "php",
        "pln",
        "ron",
        "sar",
        "sek",
        "sgd",
        "thb",
        "try",
        "twd",
        "uah",
        "usd",
        "vnd",
        "zar",
    ]
)
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "R$": "BRL", "A$": "AUD", "C$": "CAD", "US$": "USD"}
_BRACKETS = re.compile(r"\(([^()]*)\)")


class Known(Struct, frozen=True):
    """What a header stands for: its meaning, its rank among rivals, and for results what they count."""

    meaning: Meaning
    rank: int
    kind: str = ""


class Taken(Struct, frozen=True, kw_only=True):
    """A column that was taken for a meaning."""

    meaning: Meaning
    header: str
    place: int
    kind: str = ""  # of results: purchase, lead, ...; of clicks: link, all
    currency: str | None = None  # as the header says it: Amount spent (EUR)
    twins: tuple[int, ...] = ()  # columns of the same name, which must hold the same


class Ambiguous(Struct, frozen=True):
    """Columns between which nothing decides."""

    meaning: Meaning
    headers: tuple[str, ...]


class Resolution(Struct, frozen=True, kw_only=True):
    """The columns of a file by meaning, what is ambiguous, and what was left unused."""

    taken: Mapping[Meaning, Taken]
    ambiguous: tuple[Ambiguous, ...] = ()
    unused: tuple[str, ...] = ()
    breakdowns: tuple[int, ...] = ()  # places of columns that split an object into several rows
    strangers: tuple[str, ...] = ()  # choices that name no column of the file


def phrase(header: str) -> str:
    """A header as the table writes it: `Amount spent (USD)` and `amount_spent` are `amount spent`."""
    text = unicodedata.normalize("NFKC", header).strip().strip("\ufeff")
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    text = _BRACKETS.sub(lambda found: "" if _code(found[1]) else f" {found[1]} ", text)
    words = re.sub(r"[^\w%]+|_", " ", text).casefold().split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _CODES else words)


def currency_of(header: str) -> str | None:
    """The currency that a header names: `Amount spent (USD)`, `spend_eur`, `Cost (€)`."""
    for found in _BRACKETS.findall(header):
        if code := _code(found):
            return code or None
    last = re.split(r"[\s_]+", header.strip())[-1].casefold()
    return last.upper() if last in _CODES and last != header.strip().casefold() else None


def known(header: str) -> tuple[Known, ...]:
    """All that a header may stand for; nothing for one that the table does not have."""
    return _INDEX.get(phrase(header), ())


def resolve(headers: Sequence[str], choices: Mapping[str, str], result: str | None) -> Resolution:
    """Which column is which; choices (meaning to header, or `#3`) win, then the table."""
    chosen, strangers = _chosen(headers, choices)
    taken: dict[Meaning, Taken] = {}
    ambiguous: list[Ambiguous] = []
    for meaning in MEANINGS:
        rivals = [chosen[meaning]] if meaning in chosen else _rivals(headers, meaning, result, set(chosen.values()))
        if len({headers[place].strip() for place in rivals}) > 1:
            ambiguous.append(Ambiguous(meaning, tuple(headers[place] for place in rivals)))
        elif rivals:
            taken[meaning] = _take(headers, meaning, rivals)
    used = {place for column in taken.values() for place in (column.place, *column.twins)}
    left = [place for place in range(len(headers)) if place not in used and headers[place].strip()]
    return Resolution(
        taken=taken,
        ambiguous=tuple(ambiguous),
        unused=tuple(headers[place] for place in left),
        breakdowns=tuple(place for place in left if phrase(headers[place]) in BREAKDOWNS),
        strangers=strangers,
    )


def _chosen(headers: Sequence[str], choices: Mapping[str, str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The places of the columns that a person chose, and the choices that fit none."""
    places = {meaning: _find(headers, choice) for meaning, choice in choices.items()}
    strangers = tuple(choices[meaning] for meaning, place in places.items() if place is None)
    return {meaning: place for meaning, place in places.items() if place is not None}, strangers


def _find(headers: Sequence[str], choice: str) -> int | None:
    if re.fullmatch(r"#\d{1,5}", choice):
        place = int(choice[1:]) - 1
        return place if 0 <= place < len(headers) else None
    exact = [place for place, header in enumerate(headers) if header.strip() == choice.strip()]
    alike = [place for place, header in enumerate(headers) if phrase(header) == phrase(choice)]
    return next(iter(exact or alike), None)


def _rivals(headers: Sequence[str], meaning: Meaning, result: str | None, taken: set[int]) -> list[int]:
    """The places of the best columns for a meaning; more than one if nothing decides."""
    found = [
        (place, what)
        for place, header in enumerate(headers)
        if place not in taken
        for what in known(header)
        if what.meaning == meaning
    ]
    if meaning == "results":
        found = _of_kind(found, result)
        if len({what.kind for _, what in found}) > 1:
            return [place for place, _ in found]
    best = min((what.rank for _, what in found), default=0)
    return [place for place, what in found if what.rank == best]


def _of_kind(found: list[tuple[int, Known]], result: str | None) -> list[tuple[int, Known]]:
    """The columns of the result that is wanted; else Meta's own Results; else all there are."""
    for kind in (result and _kind(result), "result"):
        if kind and (wanted := [pair for pair in found if pair[1].kind == kind]):
            return wanted
    return found


def _kind(result: str) -> str:
    return next((what.kind for what in known(result) if what.kind), result)


def _take(headers: Sequence[str], meaning: Meaning, places: Sequence[int]) -> Taken:
    header = headers[places[0]]
    return Taken(
        meaning=meaning,
        header=header.strip(),
        place=places[0],
        kind=next((what.kind for what in known(header) if what.meaning == meaning), ""),
        currency=currency_of(header),
        twins=tuple(places[1:]),
    )


def _code(text: str) -> str | None:
    """The currency code that a bracket in a header holds; empty for a bare $, which is several."""
    inside = text.strip()
    if re.fullmatch("[A-Z]{3}", inside) and inside != "ALL":  # Clicks (ALL)
        return inside
    return "" if inside in {"$", "¥"} else _SIGNS.get(inside)


def _index() -> dict[str, tuple[Known, ...]]:
    index: dict[str, tuple[Known, ...]] = {}
    lines = [(meaning, "", line) for meaning, line in _TABLE.items()]
    lines += [("results", kind, line) for kind, line in _RESULTS.items()]
    for meaning, kind, line in lines:
        for rank, side in enumerate(line.split("|")):
            for synonym in (words.strip() for words in side.split(",")):
                entry = Known(meaning, rank, kind or _clicks_of(meaning, synonym))
                index[synonym] = (*index.get(synonym, ()), entry)
    return index


def _clicks_of(meaning: Meaning, synonym: str) -> str:
    """Which clicks a header counts: those on the link, or all."""
    if meaning != "clicks":
        return ""
    return "all" if synonym in {"clicks", "clicks all", "all clicks"} else "link"


_INDEX = _index()
