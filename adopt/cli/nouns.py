"""What the commands of Meta's nouns share: list and get, pause and start, budget."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from typer import Exit

from adopt.cli.frame import Context, given, screen
from adopt.cli.plans import draw_outcomes, hint_undo, outcome_code, show_outcomes
from adopt.cli.render import Screen
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.errors import Refused
from adopt.model import Currency, Plan
from adopt.wording.words import STYLES, refused

if TYPE_CHECKING:
    from adopt.client import Client

Noun: TypeAlias = Literal["account", "campaign", "adset", "ad", "creative"]
PAGE = 50  # rows shown where no limit is said
MONEY = ("daily_budget", "lifetime_budget", "budget_remaining", "amount_spent", "balance", "spend_cap", "bid_amount")
_WIDE = ("name", "title", "body", "account_name", "campaign_name", "adset_name", "ad_name", "actions", "action_values")
_SPARE = ("campaign_id", "adset_id", "status", "objective", "object_type", "reach", "date_start", "date_stop")
_FIGURES = ("spend", "impressions", "clicks", "ctr", "cpc", "cpm", "reach", "frequency")
_RATES = ("ctr", "cpc", "cpm", "frequency")
_REPEATED = re.compile(r"omni_|offsite_|onsite_|app_custom_event|post_|page_|landing_page")  # the same events again


def show_rows(
    ctx: Context,
    noun: Noun,
    fields: str | None,
    *,
    limit: int | None,
    everything: bool,
    parent: str | None = None,
    statuses: str | None = None,
) -> None:
    """The objects of a noun under the account or a parent, as many as asked for."""
    out, door = screen(ctx), client(ctx)
    most = None if everything else limit or PAGE
    with out.waiting("asking Meta"):
        rows = list(door.rows(noun, parent, split(fields), most, split((statuses or "").upper())))
        found = list(priced(rows, door))
    out.listing(found, row_columns(found, whole=bool(fields)))
    if len(found) == most and limit is None:
        out.note(f"{most} shown; -l N or --all shows more")


def show_node(ctx: Context, noun: Noun, object_id: str, fields: str | None) -> None:
    """One object with all its fields."""
    out, door = screen(ctx), client(ctx)
    with out.waiting("asking Meta"):
        found = next(priced([door.node(noun, object_id, split(fields))], door))
    columns = row_columns([found])
    out.single(found, [(column.title, column.cell(found)) for column in columns])


def change_by_hand(ctx: Context, level: Literal["campaign", "adset"], object_id: str, field: str, value: str) -> None:
    """Make one change that a person asked for: same guardrails, same log; nothing to ask, since it was asked for."""
    out, door = screen(ctx), client(ctx)
    with out.waiting("looking"):
        plan = door.hand_plan(level, object_id, field, value)
    for refusal in plan.refusals:
        said = refused(refusal, Currency(plan.currency))
        raise Refused(said, try_next=f"another value, or edit {door.settings.policy_path}")
    if not plan.changes:
        _show_nothing(out, plan)
        return
    with out.waiting("applying"):
        outcomes = door.apply(plan)
    if out.for_people and not given(ctx).quiet:
        draw_outcomes(out, plan, outcomes)
        hint_undo(out, plan, outcomes)
    else:
        show_outcomes(out, plan, outcomes)
    raise Exit(outcome_code(outcomes))


def _show_nothing(out: Screen, plan: Plan) -> None:
    """The object was as asked for already."""
    if not out.for_people:
        show_outcomes(out, plan, ())
    for note in plan.notes:
        out.say(note)


def split(text: str | None) -> tuple[str, ...]:
    """`a,b` as its parts."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def priced(rows: Sequence[dict[str, Any]], door: "Client") -> Iterator[dict[str, Any]]:
    """The rows with their money as integers of minor units beside the currency."""
    if not any(field in row for row in rows for field in MONEY):
        yield from rows
        return
    known = None if all("currency" in row for row in rows) else account_facts(door)[0]
    for row in rows:
        amounts = {field: int(row[field]) for field in MONEY if str(row.get(field, "")).isdecimal()}
        yield {**row, **amounts, **({} if "currency" in row else {"currency": known})}


def row_columns(rows: Iterable[Mapping[str, Any]], *, whole: bool = False) -> tuple[Column, ...]:
    """A column for each field that says something in any row; `whole` leaves none out on a narrow screen."""
    found = list(rows)
    names = list(dict.fromkeys(name for row in found for name in row))
    hidden = {"currency"} if any(name in MONEY for name in names) else set()
    shown = [name for name in names if name not in hidden and any(_shown(row, name) not in (None, "") for row in found)]
    return tuple(_column(name, spare=not whole and name in _SPARE) for name in shown or names)


def _column(name: str, *, spare: bool) -> Column:
    return Column(
        name,
        lambda row: _shown(row, name),
        "right" if name in MONEY or name in _FIGURES else "left",
        gives=name in _WIDE,
        style=lambda row: STYLES.get(str(row.get(name)), "") if name.endswith("status") else "",
        spare=spare,
    )


def _shown(row: Mapping[str, Any], name: str) -> object:
    value = row.get(name)
    if name in MONEY and isinstance(value, int) and row.get("currency"):
        return Currency(row["currency"]).show(value) if value or not name.endswith("budget") else None
    if name in ("actions", "action_values") and isinstance(value, list):
        return _events(value)
    if name in _RATES and isinstance(value, str):
        return f"{float(value):.2f}"
    if isinstance(value, Mapping | list):
        from adopt.cli.formats import encode

        return encode(value).decode()
    return value


def _events(entries: Sequence[Mapping[str, Any]]) -> str:
    """The results by their short names, the deepest first; programs get all that Meta names."""
    named = [(str(entry.get("action_type")), entry.get("value")) for entry in entries]
    return ", ".join(f"{name} {value}" for name, value in reversed(named) if not _REPEATED.match(name))


def account_facts(door: "Client") -> tuple[str, str]:
    """The account's currency and time zone: remembered, or asked for."""
    known = door.status()
    if known.currency and known.timezone:
        return known.currency, known.timezone
    asked = door.node("account", door.settings.require_account(), ("currency", "timezone_name"))
    return str(asked["currency"]), str(asked["timezone_name"])
