"""What has to be settled before a file can be read: its columns, level, result and currency; or why it cannot be."""

import re
from collections.abc import Sequence
from shlex import quote
from typing import Literal, TypeAlias

from adopt.audit.choices import Choices, Depth
from adopt.audit.columns import MEANINGS, Meaning, Resolution, known, phrase, resolve
from adopt.audit.gathering import levels
from adopt.audit.opening import Source
from adopt.audit.survey import Survey
from adopt.errors import Invalid
from adopt.model import Currency
from adopt.policy import Window

Basis: TypeAlias = Literal["link clicks", "all clicks", "impressions", "nothing"]

# Without these, or with two of them, no verdict would be right; two of any other column are left alone.
_LEVELS: frozenset[Meaning] = frozenset(["campaign", "campaign_id", "adset", "adset_id", "ad", "ad_id"])
_NEEDED: frozenset[Meaning] = _LEVELS | {"day", "since", "until", "spend", "clicks", "results"}
_PREFERRED: tuple[Depth, ...] = ("adset", "ad", "campaign")
_LISTED = 40  # headers in a message
_WINDOWS: dict[str, Window] = {"1": "1d_click", "7": "7d_click", "28": "28d_click"}


def columns(source: Source, choices: Choices) -> Resolution:
    """Which column is which; Invalid if that is not clear, with what was found and how to say it."""
    for meaning in choices.columns:
        if meaning not in MEANINGS:
            raise Invalid(
                f"--column {meaning}=...: columns can be {', '.join(MEANINGS)}", try_next="--column spend=Cost"
            )
    found = resolve(source.header, choices.columns, choices.result or ("purchase" if choices.goal == "roas" else None))
    if found.strangers:
        raise Invalid(f"{source.path} has no column {found.strangers[0]!r}; {_found(source)}")
    needed = _NEEDED | ({"revenue"} if choices.goal == "roas" else set())
    for doubt in found.ambiguous:
        if doubt.meaning in needed:
            raise Invalid(
                f"{source.path} has several columns for {doubt.meaning}: {', '.join(doubt.headers)}",
                try_next=" or ".join(_option(doubt.meaning, header) for header in doubt.headers),
            )
    if missing := _missing(found, choices):
        raise Invalid(
            f"{source.path} has no column for {', '.join(missing)}; {_found(source)}",
            try_next=" ".join(f"--column {meaning}=HEADER" for meaning in missing),
        )
    return found


def level(source: Source, found: Resolution, survey: Survey, choices: Choices) -> Depth:
    """What is judged: ad sets, or what the file names instead."""
    there = levels(found, survey)
    if not there:
        raise Invalid(
            f"{source.path} names no campaign, ad set or ad; {_found(source)}", try_next="--column adset=HEADER"
        )
    if choices.level and choices.level not in there:
        raise Invalid(
            f"{source.path} has no column for {choices.level}; {_found(source)}",
            try_next=f"--level {there[-1]}, or --column {choices.level}=HEADER",
        )
    if choices.level:
        return choices.level
    return next(one for one in _PREFERRED if one in there)


def currency(source: Source, found: Resolution, survey: Survey, choices: Choices) -> Currency:
    """The currency of the file; an empty code where nothing names one."""
    if choices.currency:
        return Currency(_code(choices.currency))
    named = survey.words.get("currency") or [
        column.currency for meaning in ("spend", "revenue") if (column := found.taken.get(meaning)) and column.currency
    ]
    codes = sorted({text.strip().upper() for text in named})
    if len(codes) > 1:
        raise Invalid(
            f"{source.path} mixes currencies: {', '.join(codes)}; amounts in them cannot be added",
            try_next="export one ad account at a time",
        )
    return Currency(_code(codes[0]) if codes else "")


def types(source: Source, found: Resolution, survey: Survey, choices: Choices) -> tuple[str, ...]:
    """The result types that count; empty where the file's results are of one kind."""
    there = survey.words.get("result_type", ())
    if found.taken["results"].kind != "result" or not there:
        return ()
    wanted = choices.result or ("purchase" if choices.goal == "roas" else "")
    fitting = _fitting(there, wanted) if wanted else there
    if not fitting and choices.result:
        raise Invalid(
            f"{source.path} has no result {choices.result!r}; it has {', '.join(there)}", try_next=_results(there)
        )
    fitting = fitting or there
    if len(fitting) > 1:
        raise Invalid(f"{source.path} counts several results: {', '.join(fitting)}", try_next=_results(fitting))
    return tuple(fitting)


def noun(source: Source, found: Resolution, counted: Sequence[str], choices: Choices) -> str:
    """What the results are, in one word: purchase, lead, result."""
    kind = found.taken["results"].kind
    said = choices.result and _noun(choices.result)
    if kind in ("", "result", "conversion"):
        return said or (_noun(counted[0]) if counted else kind or "result")
    if said and said != kind:
        raise Invalid(
            f"{source.path}: {found.taken['results'].header!r} counts {kind}s, not {choices.result}; {_found(source)}",
            try_next="--column results=HEADER",
        )
    return kind


def attribution(survey: Survey) -> Window:
    """The attribution window of the file, where it names one."""
    said = survey.words.get("attribution", ())
    match = re.match(r"(\d+)[ -]?d(?:ay)?[ _-]*click", said[0], re.IGNORECASE) if len(said) == 1 else None
    return _WINDOWS.get(match[1], "default") if match else "default"


def basis(found: Resolution) -> Basis:
    """What a conversion rate can be formed over."""
    if clicks := found.taken.get("clicks"):
        return "all clicks" if clicks.kind == "all" else "link clicks"
    return "impressions" if "impressions" in found.taken else "nothing"


def _missing(found: Resolution, choices: Choices) -> list[Meaning]:
    """The columns without which nothing can be judged."""
    missing: list[Meaning] = [] if _LEVELS & found.taken.keys() else ["adset"]
    missing += [meaning for meaning in ("spend", "results") if meaning not in found.taken]
    if choices.goal == "roas" and not {"revenue", "roas"} & found.taken.keys():
        missing.append("revenue")
    return missing


def _found(source: Source) -> str:
    names = [header.strip() for header in source.header if header.strip()]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"found: {', '.join(names[:_LISTED])}{more}"


def _option(meaning: str, header: str) -> str:
    return f"--column {quote(f'{meaning}={header.strip()}')}"


def _results(names: Sequence[str]) -> str:
    return " or ".join(f"--result {quote(name)}" for name in names[:4])


def _fitting(there: Sequence[str], wanted: str) -> Sequence[str]:
    """The result types that are meant: of that very name, else those that hold it."""
    exact = [one for one in there if phrase(one) == phrase(wanted)]
    return exact or [one for one in there if wanted.casefold() in one.casefold()]


def _noun(text: str) -> str:
    for kind in (one.kind for one in known(text) if one.kind):
        return kind
    for kind in ("purchase", "lead", "registration", "install", "conversation"):
        if kind in text.casefold():
            return kind
    return text.casefold() if re.fullmatch(r"[A-Za-z][A-Za-z _-]{0,30}", text) else "result"


def _code(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise Invalid(f"{text!r} is no currency code", try_next="--currency USD")
    return code
