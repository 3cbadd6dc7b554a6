"""How the value of a key is read: what it may look like, and what is said when it does not."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

from adopt.launch import allowed
from adopt.launch.problems import Wrong, listed

Moment: TypeAlias = datetime | date | time | str  # a string is "now" or "midnight"; without a zone, in the account's
YOUNGEST, OLDEST = 13, 65
_LONGEST = 4000  # characters of a text; what Meta takes is checked later
_SPLIT = re.compile(r"[;|]")
_PLAIN = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


class Ages(NamedTuple):
    """From and to, both included; 65 is 65 and above."""

    youngest: int = 18
    oldest: int = OLDEST


def kind_of(raw: object) -> str:
    """What a value is, for a person."""
    return _PLAIN.get(type(raw), "a date or time")


def text(raw: object) -> str:
    """A text."""
    if not isinstance(raw, str):
        raise Wrong(f"{kind_of(raw)} where a text is wanted", "a text in quotes")
    if not raw.strip():
        raise Wrong("it is empty", "a text, or leave the key out")
    if len(raw) > _LONGEST:
        raise Wrong(f"{len(raw):,} characters", f"at most {_LONGEST:,}")
    if not raw.isprintable() and re.search("[\ud800-\udfff\0]", raw):
        raise Wrong("it has half a character in it", "whole characters of Unicode")
    return raw


def ident(raw: object) -> str:
    """An id: digits, in quotes or without."""
    said = str(raw) if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    if not re.fullmatch(r"[0-9]{1,30}", said):
        raise Wrong(f"{_shown(raw)} is no id", 'digits, such as "102938475610293"')
    return said


def account(raw: object) -> str:
    """An ad account's id, with its act_."""
    return f"act_{ident(raw.removeprefix('act_') if isinstance(raw, str) else raw)}"


def post(raw: object) -> str:
    """The id of a post: the Page's, _ and its own."""
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9]+_[0-9]+", raw):
        raise Wrong(f"{_shown(raw)} is no id of a post", "the Page's id, _ and the post's, such as \"1029_3847\"")
    return raw


def amount(raw: object) -> Decimal:
    """An amount above 0 in major units, exact."""
    if isinstance(raw, float):
        raise Wrong(f"{raw} is a binary fraction, and money is exact", f'an amount in quotes, such as "{raw:.2f}"')
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise Wrong(f"{kind_of(raw)} where an amount is wanted", 'an amount in quotes, such as "30.00"')
    said = str(raw).strip()
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", said) or not Decimal(said):
        raise Wrong(f"{_shown(raw)} is no amount above 0", 'major units without a sign, such as "30.00"')
    return Decimal(said)


def ratio(raw: object) -> Decimal:
    """A return on ad spend, above 0; Meta keeps four decimals."""
    try:
        return amount(raw)
    except Wrong:
        raise Wrong(f"{_shown(raw)} is no return on ad spend", 'a ratio in quotes, such as "1.5"') from None


def flag(raw: object) -> bool:
    """True or false; in a CSV as a word."""
    said = {"true": True, "yes": True, "false": False, "no": False}.get(raw.lower()) if isinstance(raw, str) else raw
    if not isinstance(said, bool):
        raise Wrong(f"{_shown(raw)} is neither", "true or false, without quotes")
    return said


def ages(raw: object) -> Ages:
    """`25-44`, `25-65+`, `25+`."""
    match = re.fullmatch(r"([0-9]{2})\s*(?:-\s*([0-9]{2})\+?|\+)", raw.strip()) if isinstance(raw, str) else None
    found = Ages(int(match[1]), int(match[2] or OLDEST)) if match else None
    if found is None or not YOUNGEST <= found.youngest <= found.oldest <= OLDEST:
        raise Wrong(f"{_shown(raw)} is no range of ages", f'"25-44" or "25+", within {YOUNGEST} and {OLDEST}')
    return found


def several(one: Callable[[object], Any]) -> Callable[[object], tuple[Any, ...]]:
    """A list of such values; a single one, or in a CSV several with ; or | between them, will do."""

    def read(raw: object) -> tuple[Any, ...]:
        parts = [part.strip() for part in _SPLIT.split(raw)] if isinstance(raw, str) else raw
        found = tuple(one(part) for part in (parts if isinstance(parts, list) else [parts]))
        if len(set(found)) < len(found):
            twice = next(part for part in found if found.count(part) > 1)
            raise Wrong(f"{twice} is listed twice", "each once")
        return found

    return read


def choice(names: Mapping[str, str] | Iterable[str]) -> Callable[[object], str]:
    """One of these names, in any case; gives Meta's."""
    known = dict(names) if isinstance(names, Mapping) else {name.lower(): name for name in names}
    as_meta_says = {value.lower(): value for value in known.values()}

    def read(raw: object) -> str:
        said = raw.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(raw, str) else ""
        found = known.get(said) or as_meta_says.get(said)
        if found is None:
            raise Wrong(f"{_shown(raw)} is not known here", listed(known, said))
        return found

    return read


def country(raw: object) -> str:
    """A country by its code of two letters."""
    said = raw.strip().upper() if isinstance(raw, str) else ""
    if said not in allowed.COUNTRIES:
        meant = {"UK": "GB", "EL": "GR", "EN": "GB", "USA": "US"}.get(said)
        close = f"{meant}? A" if meant else "a"
        raise Wrong(f"{_shown(raw)} is no country", f"{close} code of two letters (ISO 3166), such as US")
    return said


def gender(raw: object) -> int:
    """Women or men, as Meta numbers them."""
    found = {"men": 1, "women": 2}.get(raw.strip().lower()) if isinstance(raw, str) else None
    if found is None:
        raise Wrong(f"{_shown(raw)} is not known here", "women, men; both where the key is left out")
    return found


def link(raw: object) -> str:
    """An address on the web."""
    said = text(raw)
    try:
        parts = urlsplit(said)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not re.search(r"\s", said)
    except ValueError:  # such as an open bracket
        good = False
    if not good:
        raise Wrong(f"{_shown(said)} is no address of a page", "https:// and so on, such as https://shop.example/blue")
    return said


def attribution(raw: object) -> tuple[str, ...]:
    """`7d_click+1d_view`: windows, at most one of clicks."""
    parts = raw.split("+") if isinstance(raw, str) else ()
    clicks = [part for part in parts if part.endswith("_click")]
    if (
        not parts
        or any(part not in allowed.WINDOWS for part in parts)
        or len(clicks) > 1
        or len(set(parts)) < len(parts)
    ):
        raise Wrong(
            f"{_shown(raw)} is no attribution setting",
            f"{', '.join(allowed.WINDOWS)}, or some with +: 7d_click+1d_view",
        )
    return tuple(parts)


def moment(raw: object) -> Moment:
    """Now, midnight, a time of day, a date, or both."""
    if isinstance(raw, datetime | date | time):
        return raw
    said = raw.strip() if isinstance(raw, str) else ""
    if said in ("now", "midnight"):
        return said
    for read in (time.fromisoformat, date.fromisoformat, datetime.fromisoformat):
        try:
            if re.match(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}", said):
                return read(said)
        except ValueError:
            continue
    raise Wrong(
        f"{_shown(raw)} is no moment",
        '"now", "midnight", "09:00", "2026-12-01" or "2026-12-01 09:00", in the account\'s zone',
    )


def structure(raw: object) -> dict[str, Any]:
    """A table as Meta takes it, such as interests."""
    if not isinstance(raw, dict):
        raise Wrong(
            f"{kind_of(raw)} where a table is wanted", "Meta's own names: { interests = [{ id = 6003139266461 }] }"
        )
    try:
        made: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(raw))
    except (TypeError, ValueError, RecursionError) as no_json:
        raise Wrong("it cannot be written as JSON", "texts, numbers, lists and tables") from no_json
    return made


def _shown(raw: object) -> str:
    if not isinstance(raw, str | int | float):
        return kind_of(raw)
    said = str(raw)[:60] if isinstance(raw, str) or abs(raw) < 10**60 else "that number"
    return repr(said) if isinstance(raw, str) else said
