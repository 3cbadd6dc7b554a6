"""How what a policy would have done looks beside what really came."""

from collections.abc import Sequence
from datetime import datetime

from adopt.cli.render import Screen
from adopt.cli.table import Column
from adopt.model import Currency, Done, Hindsight, Tally, WouldBe
from adopt.wording.words import count, footing, money, style_of, when

_SUPPORT = {"supported": "green", "contradicted": "red", "open": "dim"}
_BY = {"engine": "adopt", "person": "a person", "undo": "an undo"}


def show_hindsight(out: Screen, found: Hindsight, most: int) -> None:
    """Each change beside what was done and what came after, then what they come to together."""
    if out.said.output == "json":
        out.emit(found, ())
        return
    if not out.for_people:
        out.emit(found.changes, _columns(found))
        return
    shown = found.changes[:most]
    out.say(_head(found), "bold")
    out.table(shown, _columns(found), lambda one: one.change.sentence if out.said.verbose else "")
    if len(shown) < len(found.changes):
        out.say(f"and {len(found.changes) - len(shown):,} more; -l {len(found.changes)} shows all", "dim")
    out.say()
    _sum_up(out, found)
    for note in found.notes:
        out.warn(note)
    out.foot(
        "After: what was really spent and reported from then to "
        f"{_moment(found.known_until, found)}, judged by that alone: bad below 10 % chance to meet the target, good "
        "above 90 %. What would have come after a change that was not made, nobody knows; changes marked ~ follow "
        "an earlier one that was not made.",
        footing(found.currency, found.timezone, found.attribution, found.target),
    )


def _head(found: Hindsight) -> str:
    what = "it would have made" if found.kind == "backtest" else "decided in shadow, and not made"
    if not found.passes:
        return "No pass was replayed"
    span = f"{_moment(found.since, found)} to {_moment(found.until, found)}"
    seen = f", {found.backfilled} of them with hindsight" if found.backfilled else ""
    made = count(len(found.changes), "change")
    return f"{made} {what}, in {count(found.passes, 'pass', 'passes')} from {span}{seen}"


def _columns(found: Hindsight) -> tuple[Column, ...]:
    return shadow_columns(found.currency, found.timezone, found.target)


def shadow_columns(code: str, zone: str, target: str) -> tuple[Column, ...]:
    """The columns that show a change that was not made, and what came after."""
    currency = Currency(code)
    metric = "CPA" if target.startswith("CPA") else "ROAS"
    return (
        Column("when", lambda one: f"{'~' if one.counterfactual else ''}{when(one.at, zone)}"),
        Column("rule", lambda one: one.change.rule, spare=True),
        Column("object", lambda one: one.change.object.name, gives=True),
        Column("change", lambda one: one.change.show(currency), style=lambda one: style_of(one.change)),
        Column("spent after", lambda one: money(one.later.spend, currency), "right"),
        Column("results", lambda one: f"{one.later.results:,}", "right", spare=True),
        Column(metric, lambda one: _figure(one, metric, currency), "right"),
        Column("it is", lambda one: one.later.says),
        Column("so", lambda one: one.support, style=lambda one: _SUPPORT[one.support]),
        Column("really done", lambda one: _done(one.done, currency), gives=True, spare=True),
    )


def _figure(one: WouldBe, metric: str, currency: Currency) -> str:
    if one.later.spend == 0:
        return ""
    if metric == "CPA":
        return money(one.later.cpa, currency) or "no result"
    return "" if one.later.roas is None else f"{one.later.roas:.2f}"


def _done(done: Sequence[Done], currency: Currency) -> str:
    """What somebody really did within a week: `PAUSED by a person`."""
    if not done:
        return "nothing"
    last = done[-1]
    value = currency.show(last.after) if isinstance(last.after, int) else str(last.after)
    more = f", after {len(done) - 1} other" if len(done) > 1 else ""
    return f"{value} by {_BY[last.by]}{more}"


def _sum_up(out: Screen, found: Hindsight) -> None:
    currency = Currency(found.currency)
    pauses = found.pauses
    out.say(_answer(found), "bold")
    out.terms(
        [
            ("changes a day", "none" if found.changes_a_day is None else f"{found.changes_a_day:.1f}"),
            ("first pauses", f"{pauses.changes:,}: {_judged(pauses)}" if pauses.changes else "none"),
            ("spent after", f"{currency.show(pauses.spend)} on those, which the pauses would have stopped"),
            *((f"rule {one.name}", f"{count(one.changes, 'change')}: {_judged(one)}") for one in found.rules),
            *([("refused", _refused(found))] if found.refused else []),
            *((f"note {_moment(one.at, found)}", one.text) for one in found.remarks),
        ]
    )


def _answer(found: Hindsight) -> str:
    """In a sentence, how far what came after bears the decisions out."""
    right = sum(one.supported for one in found.rules)
    wrong = sum(one.contradicted for one in found.rules)
    still = sum(one.open for one in found.rules)
    if not found.changes:
        return "Nothing would have been changed."
    if not right + wrong:
        return f"What came after says nothing yet of any of the {count(still, 'change')}: wait for more."
    said = f"Of {count(right + wrong, 'change')} that what came after says something of, {right:,} were right"
    more = f", {wrong:,} wrong; {still:,} are open" if still else f", {wrong:,} wrong"
    return f"{said}{more}{', so give it some more days' if still > right + wrong else ''}."


def _judged(one: Tally) -> str:
    """How many changes what came after speaks for."""
    known = one.supported + one.contradicted
    share = f" ({one.supported / known:.0%} of those that it says something of)".replace("%", " %") if known else ""
    same = f"; a person did the same in {one.by_person:,} of them within a week" if one.by_person else ""
    return (
        f"what came after supports {one.supported:,}{share}, contradicts {one.contradicted:,}, "
        f"leaves {one.open:,} open{same}"
    )


def _refused(found: Hindsight) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in found.refused.items())


def _moment(at: datetime | None, found: Hindsight) -> str:
    return when(at, found.timezone) if at else ""
