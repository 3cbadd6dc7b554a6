"""A second opinion on an export: its figures through the engine, worst money first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from msgspec.structs import replace

from adopt.audit.reading import Cell, Export, Item
from adopt.audit.settling import Basis
from adopt.engine import delay
from adopt.engine.judgement import Brief
from adopt.engine.judging import verdicts
from adopt.engine.snapshot import UNDATED, Days, totals
from adopt.engine.standing import STATES, Standings, State
from adopt.engine.statistics import Floats
from adopt.engine.verdicts import Verdicts
from adopt.engine.wilson import judge_wilson
from adopt.model import Verdict
from adopt.policy import Decision, Target

_STATES: Mapping[str, State] = {
    "inactive": "paused by you",
    "off": "paused by you",
    "paused": "paused by you",
    "ad set off": "paused by you",
    "ad off": "paused by you",
    "archived": "paused by you",
    "deleted": "paused by you",
    "completed": "paused by you",
    "recently completed": "paused by you",
    "campaign off": "parent paused",
    "campaign paused": "parent paused",
    "adset paused": "parent paused",
    "": "unknown",
}

# What rates are formed over, as a sentence says it.
_CLICKS: Mapping[Basis, str] = {
    "link clicks": "link clicks",
    "all clicks": "clicks",
    "impressions": "impressions",
    "nothing": "clicks or impressions in the file",
}


def audit(export: Export, target: Target) -> tuple[Verdict, ...]:
    """A verdict for each object of the file, most money at stake first."""
    brief = Brief(target, _decision(export), export.currency, _CLICKS[export.basis])
    sums = totals([item.object for item in export.items], _days(export), _now(export), delay.slow(target.window))
    judged = judge_wilson(sums, target, brief.decision, export.currency)
    made = Verdicts(verdicts(judged, _standings(export.items), brief))
    told = (_told(verdict, item, export) for verdict, item in zip(made, export.items, strict=True))
    return tuple(sorted(told, key=lambda verdict: (-verdict.stake, verdict.object.id)))


def _decision(export: Export) -> Decision:
    """The Wilson method; a guard in clicks means nothing where rates are formed over impressions."""
    return Decision(method="wilson", min_clicks=0 if export.basis == "impressions" else Decision().min_clicks)


def _now(export: Export) -> datetime:
    """The end of the file's last day; any moment does where it names none."""
    return datetime.combine((export.until or date.min) + timedelta(days=1), time(), UTC)


def _standings(items: Sequence[Item]) -> Standings:
    words = (" ".join(item.delivery.casefold().replace("_", " ").split()) for item in items)
    return Standings(
        states=np.array([STATES.index(_STATES.get(word, "running")) for word in words], dtype=np.int8),
        budgets=[item.budget for item in items],
        throttled=np.zeros(len(items), dtype=np.bool_),
        under_campaign_budget=np.array([item.shares_budget for item in items], dtype=np.bool_),
        on_trial=np.zeros(len(items), dtype=np.bool_),
        may_be_tried=np.zeros(len(items), dtype=np.bool_),
    )


def _days(export: Export) -> Days:
    """The cells of all objects as columns."""
    rows = [(place, cell) for place, item in enumerate(export.items) for cell in item.cells]
    bases = [cell.impressions if export.basis == "impressions" else cell.clicks for _, cell in rows]

    def column(values: Iterable[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    return Days(
        object=np.array([place for place, _ in rows], dtype=np.int64),
        date=np.array([_ordinal(cell) for _, cell in rows], dtype=np.int64),
        spend=column(cell.spend for _, cell in rows),
        impressions=column(cell.impressions for _, cell in rows),
        clicks=column(bases),
        results=column(cell.results for _, cell in rows),
        revenue=column(cell.revenue for _, cell in rows),
    )


def _ordinal(cell: Cell) -> int:
    """The day of a daily cell; a longer period counts as complete."""
    return cell.since.toordinal() if cell.since and cell.since == cell.until else UNDATED


def _told(verdict: Verdict, item: Item, export: Export) -> Verdict:
    """The verdict in the terms of the file: its object, its days, its clicks."""
    evidence = replace(
        verdict.evidence,
        since=min((cell.since for cell in item.cells if cell.since), default=None),
        until=max((cell.until for cell in item.cells if cell.until), default=None),
    )
    if export.basis != "link clicks":
        evidence = replace(evidence, flags=(*evidence.flags, f"judged on {export.basis}"))
    if export.basis == "impressions":
        evidence = replace(evidence, clicks=0, matured_clicks=0)
    return replace(verdict, evidence=evidence)
