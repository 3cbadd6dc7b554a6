"""How a plan and what became of it look."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from adopt.cli.render import Screen
from adopt.cli.table import Column
from adopt.model import Change, Currency, Outcome, Plan
from adopt.wording.words import REASONS, STYLES, count, plan_footing, refused, style_of, why

WAITING = 6
PARTLY = 7
NOTHING = 8
REJECTED = 4
COMEBACK = "paused_by_you"  # the guardrail that leaves an ad set's comeback to its owner


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A change as a row for programs."""

    plan: str
    place: int
    change: Change
    currency: str


def show_plan(screen: Screen, plan: Plan, *, hint: str = "") -> None:
    """A plan: its changes, what was refused, what is left alone, and what to type next."""
    if screen.said.output == "json":
        screen.emit(plan, ())
    elif not screen.for_people:
        screen.emit(_rows(plan), _columns(Currency(plan.currency)))
    else:
        _draw(screen, plan)
    _warn_of(screen, plan)
    if plan.changes and hint:
        screen.hint(hint)


def show_outcomes(screen: Screen, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """What became of each change of a plan, then what the plan refused and left alone."""
    if screen.said.output == "json":
        screen.emit({"plan": plan, "outcomes": outcomes}, ())
    elif not screen.for_people:
        screen.emit(list(outcomes), outcome_columns(Currency(plan.currency)))
    else:
        draw_outcomes(screen, plan, outcomes)
        _draw_rest(screen, plan)
    _warn_of(screen, plan)
    _warn(screen, outcomes)


def draw_outcomes(screen: Screen, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """What became of each change, for a person."""
    states = Counter(outcome.state for outcome in outcomes)
    said = ", ".join(f"{number} {state}" for state, number in states.items())
    screen.say(f"Plan {plan.id}: {said}", "bold")
    screen.table(outcomes, _made_columns(Currency(plan.currency)), lambda outcome: outcome.sentence)


def hint_undo(screen: Screen, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """How to take back what was done, if anything was."""
    done = [outcome for outcome in outcomes if outcome.state == "applied"]
    if done:
        one = f" ({done[0].id} for one change alone)" if len(outcomes) > 1 else ""
        screen.hint(f"adopt log, or adopt undo {plan.id}{one}")


def outcome_code(outcomes: Sequence[Outcome]) -> int:
    """The exit code of what was done: 7 partly or unknown, 4 refused by Meta, 8 all stale."""
    states = {outcome.state for outcome in outcomes}
    done, bad = states & {"applied", "already"}, states - {"applied", "already"}
    if not bad:
        return 0
    if done or bad & {"unknown", "intended"}:
        return PARTLY
    return REJECTED if "failed" in bad else NOTHING


def _draw(screen: Screen, plan: Plan) -> None:
    currency = Currency(plan.currency)
    number = count(len(plan.changes), "change") if plan.changes else "no changes"
    screen.say(f"{'Shadow plan' if plan.is_shadow else 'Plan'} {plan.id}: {number}", "bold")
    if plan.is_shadow:
        screen.say("Nothing was written to Meta: the policy's autonomy is shadow.", "yellow")
    if plan.changes:
        screen.table(list(enumerate(plan.changes, 1)), _columns_numbered(currency), lambda row: why(row[1]))
    _draw_rest(screen, plan)


def _draw_rest(screen: Screen, plan: Plan) -> None:
    currency = Currency(plan.currency)
    comebacks = [refusal for refusal in plan.refusals if refusal.guardrail == COMEBACK]
    refusals = [refusal for refusal in plan.refusals if refusal.guardrail != COMEBACK]
    _list(screen, "Good again, but paused by you", [f"{r.change.object.name}: {r.change.sentence}" for r in comebacks])
    _list(screen, "Refused by a guardrail", [refused(refusal, currency) for refusal in refusals])
    _draw_holds(screen, plan)
    screen.say()
    screen.foot(*(line for line in (plan.promise, plan.delay, plan_footing(plan)) if line))


def _list(screen: Screen, title: str, lines: Sequence[str]) -> None:
    """Some lines under a heading with their number; the first few unless all are wanted."""
    if not lines:
        return
    screen.say()
    screen.say(f"{title}: {len(lines)}", "bold")
    shown = lines if screen.said.verbose else lines[:5]
    for line in shown:
        screen.say(line, indent="    ")
    _more(screen, len(lines) - len(shown))


def _draw_holds(screen: Screen, plan: Plan) -> None:
    holds = [verdict for verdict in plan.verdicts if verdict.kind == "hold"]
    if not holds:
        return
    screen.say()
    screen.say(f"Left alone: {len(holds)}", "bold")
    if screen.said.verbose:
        for verdict in holds:
            screen.say(f"{verdict.object.name}: {verdict.sentence}", indent="    ")
        return
    for reason, number in Counter(verdict.reason for verdict in holds).most_common():
        screen.say(f"{number:>4}  {REASONS.get(reason, reason.replace('_', ' '))}")


def _more(screen: Screen, number: int) -> None:
    if number > 0:
        screen.say(f"and {number} more; -v shows all", indent="    ")


def _warn_of(screen: Screen, plan: Plan) -> None:
    """What a plan has to warn of; json has it among its keys."""
    for note in plan.notes:
        if screen.said.output != "json":
            screen.warn(note)


def _warn(screen: Screen, outcomes: Sequence[Outcome]) -> None:
    """What went wrong is said on stderr where the table is not shown."""
    if screen.for_people and not screen.said.quiet:
        return
    for outcome in outcomes:
        if outcome.state not in ("applied", "already"):
            screen.warn(f"{outcome.id} {outcome.change.object.name}: {outcome.state}: {outcome.sentence}")


def _columns(currency: Currency) -> tuple[Column, ...]:
    return (
        Column("#", lambda row: row.place, "right"),
        Column("object", lambda row: row.change.object.name),
        Column("change", lambda row: row.change.show(currency)),
        Column("at stake", lambda row: currency.show(row.change.stake)),
        Column("why", lambda row: why(row.change)),
    )


def _columns_numbered(currency: Currency) -> tuple[Column, ...]:
    return (
        Column("#", lambda row: row[0], "right"),
        Column("object", lambda row: row[1].object.name, gives=True),
        Column("change", lambda row: row[1].show(currency), style=lambda row: style_of(row[1])),
        Column("at stake", lambda row: currency.show(row[1].stake), "right"),
    )


def outcome_columns(currency: Currency) -> tuple[Column, ...]:
    """The columns that show what became of a change."""
    return (
        Column("outcome", lambda outcome: outcome.state, style=lambda outcome: STYLES[outcome.state]),
        Column("object", lambda outcome: outcome.change.object.name, gives=True),
        Column("change", lambda outcome: outcome.change.show(currency)),
        Column("id", lambda outcome: outcome.id),
    )


def _made_columns(currency: Currency) -> tuple[Column, ...]:
    """The same for one plan, whose id stands above."""
    outcome, *rest, _ = outcome_columns(currency)
    return (Column("#", lambda made: made.id.rpartition(".")[2], "right"), outcome, *rest)


def _rows(plan: Plan) -> list[_Row]:
    return [
        _Row(plan=plan.id, place=place, change=change, currency=plan.currency)
        for place, change in enumerate(plan.changes, 1)
    ]
