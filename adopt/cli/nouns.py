"""What the commands of Meta's nouns share: list and get, pause and start, budget."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from typer import Exit

from adopt.cli.frame import Context, given, screen
from adopt.cli.plans import NOTHING, draw_outcomes, hint_undo, outcome_code, show_outcomes, show_plan
from adopt.cli.session import client
from adopt.cli.table import Column
from adopt.cli.words import STYLES
from adopt.model import Currency

if TYPE_CHECKING:
    from adopt.client import Client

Noun: TypeAlias = Literal["account", "campaign", "adset", "ad", "creative"]
PAGE = 50  # rows shown where no limit is said
MONEY = ("daily_budget", "lifetime_budget", "budget_remaining", "amount_spent", "balance", "spend_cap", "bid_amount")
_WIDE = ("name", "title", "body", "account_name")


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
    out.listing(found, row_columns(found))
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
    if not plan.changes:
        show_plan(out, plan)
        raise Exit(NOTHING if plan.refusals else 0)
    with out.waiting("applying"):
        outcomes = door.apply(plan)
    if out.for_people and not given(ctx).quiet:
        draw_outcomes(out, plan, outcomes)
        hint_undo(out, plan, outcomes)
    else:
        show_outcomes(out, plan, outcomes)
    raise Exit(outcome_code(outcomes))


def split(text: str | None) -> tuple[str, ...]:
    """`a,b` as its parts."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def priced(rows: Sequence[dict[str, Any]], door: "Client") -> Iterator[dict[str, Any]]:
    """The rows with their money as integers of minor units beside the currency."""
    if not any(field in row for row in rows for field in MONEY):
        yield from rows
        return
    known = None if all("currency" in row for row in rows) else _currency(door)
    for row in rows:
        amounts = {field: int(row[field]) for field in MONEY if str(row.get(field, "")).isdecimal()}
        yield {**row, **amounts, **({} if "currency" in row else {"currency": known})}


def row_columns(rows: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    """A column for each field that any row has; the currency is in the amounts."""
    found = list(rows)
    names = list(dict.fromkeys(name for row in found for name in row))
    has_money = any(name in MONEY for name in names)
    return tuple(_column(name) for name in names if name != "currency" or not has_money)


def _column(name: str) -> Column:
    return Column(
        name,
        lambda row: _shown(row, name),
        "right" if name in MONEY else "left",
        gives=name in _WIDE,
        style=lambda row: STYLES.get(str(row.get(name)), "") if name.endswith("status") else "",
    )


def _shown(row: Mapping[str, Any], name: str) -> object:
    value = row.get(name)
    if name in MONEY and isinstance(value, int) and row.get("currency"):
        return Currency(row["currency"]).show(value)
    if isinstance(value, Mapping | list):
        from adopt.cli.formats import encode

        return encode(value).decode()
    return value


def _currency(door: "Client") -> str:
    """The account's currency: remembered, or asked for."""
    known = door.status().currency
    return known or str(door.node("account", door.settings.require_account(), ("currency",))["currency"])
