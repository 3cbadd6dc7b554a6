"""What a person should know about how a file was read."""

from datetime import date
from itertools import pairwise

from adopt.audit.columns import Taken
from adopt.audit.gathering import Gathered, Layout, Skip, Skipped, levels
from adopt.audit.opening import Source
from adopt.audit.settling import basis

_LISTED = 12  # columns and values in one note
_NOUNS = {"campaign": "campaign", "adset": "ad set", "ad": "ad"}
_BASIS = {
    "link clicks": "",
    "all clicks": "no column of link clicks: all clicks stand in, which is weaker, as some of them lead nowhere",
    "impressions": "no column of clicks: rates are formed over impressions instead, without the guard of 100 clicks",
    "nothing": "no column of clicks or impressions: figures are added up, but no rate can be formed and nothing judged",
}
_LEFT: dict[Skip, str] = {
    "subtotal": "of a subtotal (All)",
    "undated": "without a day",
    "other result": "of another result",
}


def notes(source: Source, layout: Layout, sums: Gathered) -> tuple[str, ...]:
    """How the file was understood, one line each."""
    found = [
        _columns(list(layout.found.taken.values())),
        _listed("not used: ", layout.found.unused),
        f"the header stands on line {source.header_line}" if source.header_line > 1 else "",
        "the file is no UTF-8: it is read as Windows-1252" if source.encoding == "cp1252" else "",
        *layout.survey.notes,
        _currency(layout),
        _BASIS[basis(layout.found)],
        _revenue(layout),
        _level(layout),
        _days(sums),
        _total(layout, sums),
        *(_left(reason, left, layout) for reason, left in sums.skipped.items() if reason in _LEFT),
        f"{_number(sums.rows, 'row')} counted, {_number(len(sums.objects), _NOUNS[layout.level])}",
    ]
    return tuple(note for note in found if note)


def warnings(layout: Layout, sums: Gathered) -> tuple[str, ...]:
    """What may make the verdicts wrong."""
    found = [
        *layout.survey.warnings,
        *(
            f"several columns for {one.meaning}, none is used: {', '.join(one.headers)}"
            for one in layout.found.ambiguous
        ),
        _attribution(layout),
        _nameless(layout, sums),
        _copies(sums),
        _repeats(layout, sums),
        _overlap(sums),
    ]
    return tuple(warning for warning in found if warning)


def _columns(taken: list[Taken]) -> str:
    dated = any(one.meaning == "day" for one in taken)
    shown = [one for one in taken if not (dated and one.meaning in ("since", "until"))]
    return "columns: " + ", ".join(f"{one.meaning} = {one.header}" for one in shown)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _listed(title: str, names: tuple[str, ...], between: str = ", ") -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{title}{between.join(name.strip() for name in names[:_LISTED])}{more}" if names else ""


def _currency(layout: Layout) -> str:
    if layout.currency.code:
        return ""
    return "no currency is named: amounts are read with two decimals; --currency EUR or JPY says which it is"


def _revenue(layout: Layout) -> str:
    taken = layout.found.taken
    return "no column of revenue: it is spend times ROAS" if "roas" in taken and "revenue" not in taken else ""


def _level(layout: Layout) -> str:
    if layout.level == "adset" or "adset" in levels(layout.found, layout.survey):
        return ""
    return f"the file names no ad sets: each {_NOUNS[layout.level]} is judged"


def _periods(sums: Gathered) -> list[tuple[date, date]]:
    """The different periods of the file, in order; none for a lifetime export."""
    there = {(since, until) for one in sums.objects.values() for since, until in one.days if since and until}
    return sorted(there)


def _days(sums: Gathered) -> str:
    periods = _periods(sums)
    if not periods:
        return "no days: each row is taken as complete, with all results it will get"
    first, last = periods[0][0], max(until for _, until in periods)
    if all(since == until for since, until in periods):
        return (
            f"days {first} to {last}, all of them judged; the end of the last one counts as now, "
            "so results of the last ones may still come in"
        )
    return f"{first} to {last} in periods, each taken as complete, with all results it will get"


def _total(layout: Layout, sums: Gathered) -> str:
    left = sums.skipped.get("total")
    if not left or not _agrees(left, sums):
        return ""
    return f"{_number(left.rows, 'total row')} in agreement with the other rows, not counted: {_money(left, layout)}"


def _nameless(layout: Layout, sums: Gathered) -> str:
    left = sums.skipped.get("total")
    if not left or _agrees(left, sums):
        return ""
    return (
        f"{_number(left.rows, 'row')} without a name left out, first on line {left.line}, with {_money(left, layout)}; "
        f"the rows that count have {layout.currency.show(sums.spend).strip()}"
    )


def _agrees(left: Skipped, sums: Gathered) -> bool:
    """Whether nameless rows are the total of the others, to a minor unit a row, or hold nothing."""
    other = sums.skipped.get("other result")
    full = sums.spend + (other.spend if other else 0)
    return left.spend == 0 or abs(left.spend - full) <= sums.rows


def _left(reason: Skip, left: Skipped, layout: Layout) -> str:
    return f"{_number(left.rows, 'row')} {_LEFT[reason]} left out, first on line {left.line}: {_money(left, layout)}"


def _money(left: Skipped, layout: Layout) -> str:
    return f"{layout.currency.show(left.spend).strip()} of spend"


def _attribution(layout: Layout) -> str:
    said = layout.survey.words.get("attribution", ())
    if len(set(said)) <= 1:
        return ""
    return _listed("attribution settings are mixed, so results do not mean the same everywhere: ", said, "; ")


def _copies(sums: Gathered) -> str:
    if not sums.copies:
        return ""
    return (
        f"{_number(sums.copies, 'row')} repeated figure by figure, and counted every time: was the file joined twice?"
    )


def _repeats(layout: Layout, sums: Gathered) -> str:
    if sums.copies or not sums.repeats or layout.found.breakdowns:
        return ""
    return (
        f"{_number(sums.repeats, 'row')} of a name and period that had one already, added up: "
        "objects of one name cannot be told apart without ids"
    )


def _overlap(sums: Gathered) -> str:
    """Periods that overlap count what lies in both twice."""
    periods = _periods(sums)
    for (since, until), (after, end) in pairwise(periods):
        if after <= until:
            return f"periods overlap, and what lies in both counts twice: {since} to {until} and {after} to {end}"
    return ""
