"""Accounts, campaigns and ad sets: what is read of them, in the fewest calls, and how one field is written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from adopt.errors import AdoptError, Temporary
from adopt.graph.answers import Call
from adopt.graph.client import BatchAnswer, Graph
from adopt.graph.errors import is_gone
from adopt.model import Account, AdSet, Campaign, Change, Money, Ref

T = TypeVar("T")

# Default fields of the list and get commands, by noun. Names: the SDK's Field tables.
FIELDS: dict[str, tuple[str, ...]] = {
    "account": ("id", "name", "account_status", "currency", "timezone_name", "amount_spent"),
    "campaign": ("id", "name", "status", "effective_status", "objective", "daily_budget", "lifetime_budget"),
    "adset": ("id", "name", "campaign_id", "status", "effective_status", "daily_budget", "lifetime_budget"),
    "ad": ("id", "name", "adset_id", "campaign_id", "status", "effective_status"),
    "creative": ("id", "name", "status", "object_type", "title", "body"),
}

# The edges that list a noun.
EDGES = {
    "adaccounts": "account",
    "campaigns": "campaign",
    "adsets": "adset",
    "ads": "ad",
    "adcreatives": "creative",
}

ACCOUNT_FIELDS = ("id", "name", "currency", "timezone_name", "account_status", "min_daily_budget")
CAMPAIGN_FIELDS = FIELDS["campaign"]
AD_SET_FIELDS = (*FIELDS["adset"], "created_time", "learning_stage_info", "attribution_spec")

_GONE = ("DELETED", "ARCHIVED")
_STRUCTURE_PAGE = 1000  # no limit is published; what is too large for Meta is halved
_PAGE = 100

# AdSet.attribution_spec: docs/marketing-api/reference/ad-campaign, as the window names of insights.
_EVENTS = {"CLICK_THROUGH": "click", "VIEW_THROUGH": "view", "ENGAGED_VIDEO_VIEW": "ev"}


class Seen(Struct, frozen=True, kw_only=True):
    """One object as Meta has it now; `values` is None when it is gone."""

    ref: Ref
    values: dict[str, str | int] | None


class _AccountRow(Struct):
    id: str
    currency: str
    timezone_name: str
    name: str = ""
    account_status: int = 1
    min_daily_budget: int | None = None


class _CampaignRow(Struct):
    id: str
    name: str = ""
    status: str = ""
    effective_status: str = ""
    objective: str | None = None
    daily_budget: int | None = None
    lifetime_budget: int | None = None


class _Learning(Struct):
    status: str | None = None


class _Attribution(Struct):
    event_type: str = ""
    window_days: int = 0


class _AdSetRow(Struct):
    id: str
    campaign_id: str
    name: str = ""
    status: str = ""
    effective_status: str = ""
    daily_budget: int | None = None
    lifetime_budget: int | None = None
    created_time: str | None = None
    learning_stage_info: _Learning | None = None
    attribution_spec: list[_Attribution] = []
    campaign: _CampaignRow | None = None


def edge_of(noun: str) -> str:
    """The edge that lists a noun."""
    return next(edge for edge, listed in EDGES.items() if listed == noun)


class _NowRow(Struct):
    status: str
    effective_status: str
    daily_budget: int | None = None
    lifetime_budget: int | None = None


def act(account_id: str) -> str:
    """The account's id with its `act_`, however it was typed."""
    return account_id if account_id.startswith("act_") else f"act_{account_id}"


def account(graph: Graph, account_id: str) -> Account:
    """One ad account."""
    path = act(account_id)
    return account_of(graph.get(path, fields=",".join(ACCOUNT_FIELDS)), path)


def account_of(row: dict[str, Any], path: str) -> Account:
    """The ad account that Meta's answer tells of."""
    found = convert(row, _AccountRow, path)
    return Account(
        id=act(found.id),
        name=found.name,
        currency=found.currency,
        timezone=found.timezone_name,
        status=found.account_status,
        min_daily_budget=_budget(found.min_daily_budget),
    )


def permissions(graph: Graph) -> frozenset[str]:
    """What the token's owner has granted: docs/graph-api/reference/user/permissions."""
    rows = graph.get("me/permissions").get("data")
    found = rows if isinstance(rows, list) else []
    return frozenset(str(row.get("permission")) for row in found if row.get("status") == "granted")


def try_write(graph: Graph, ref: Ref) -> None:
    """Let Meta check a write that keeps the object's name, and make none: docs/marketing-api/reference/ad-campaign."""
    graph.post(ref.id, name=ref.name, execution_options=["validate_only"])


def accounts(graph: Graph) -> tuple[Account, ...]:
    """The ad accounts that the token may see."""
    path = "me/adaccounts"
    return tuple(account_of(row, path) for row in graph.pages(path, _PAGE, fields=",".join(ACCOUNT_FIELDS)))


def structure(graph: Graph, account: Account) -> tuple[tuple[Campaign, ...], tuple[AdSet, ...]]:
    """The account's ad sets and their campaigns, by id, from one listing; without what is deleted or archived."""
    path = f"{account.id}/adsets"
    fields = f"{','.join(AD_SET_FIELDS)},campaign{{{','.join(CAMPAIGN_FIELDS)}}}"
    found = [convert(row, _AdSetRow, path) for row in graph.pages(path, _STRUCTURE_PAGE, fields=fields)]
    kept = {row.id: row for row in found if not _is_away(row.status, row.effective_status)}
    campaigns = {row.campaign.id: row.campaign for row in kept.values() if row.campaign}
    return (
        tuple(_campaign(campaigns[key]) for key in sorted(campaigns)),
        tuple(_ad_set(kept[key]) for key in sorted(kept)),
    )


def look(graph: Graph, wanted: Sequence[tuple[Ref, str]]) -> list[Seen]:
    """Status, effective status and the named field of many objects, in the order asked, fifty a request."""
    answers = graph.batch(Call("GET", ref.id, {"fields": _look_fields(field)}) for ref, field in wanted)
    return [_seen(ref, field, answer) for (ref, field), answer in zip(wanted, answers, strict=True)]


def without_ads(graph: Graph, ad_sets: Sequence[str]) -> frozenset[str]:
    """The ad sets that show no ad of theirs: all are deleted or archived, or nothing was answered; fifty a request."""
    answers = graph.batch(Call("GET", f"{id_}/ads", {"fields": "id", "limit": 1}) for id_ in ad_sets)
    return frozenset(
        id_
        for id_, answer in zip(ad_sets, answers, strict=True)
        if answer is None or isinstance(answer, AdoptError) or not answer.get("data")
    )


def write(graph: Graph, change: Change) -> None:
    """Make one change; it is sent once, and Unknown says that nobody knows whether it was made."""
    graph.post(change.object.id, **dict(zip(change.fields, change.afters, strict=True)))


def rows(
    graph: Graph,
    edge_path: str,
    fields: Sequence[str] = (),
    limit: int | None = None,
    params: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows of an edge as Meta answers them, `limit` at most (all for None), with the noun's default fields."""
    if limit is not None and limit < 1:
        return
    noun = EDGES.get(edge_path.rsplit("/", 1)[-1], "")
    asked = {"fields": ",".join(fields or FIELDS.get(noun, ())) or None, **(params or {})}
    for count, row in enumerate(graph.pages(edge_path, min(limit or _PAGE, _PAGE), **asked), start=1):
        yield row
        if count == limit:
            return


def node(graph: Graph, node_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
    """One object as Meta answers it; pass the `FIELDS` of its noun, or others."""
    return graph.get(node_id, fields=",".join(fields) or None)


def convert(value: object, kind: type[T], path: str) -> T:
    """An answer as the struct it is documented to be; Temporary with the place where it is not."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        text = f"could not read {path}: Meta's answer is not as documented: {error}"
        raise Temporary(text, try_next="try again; if it stays, upgrade adopt to its latest release") from error


def _campaign(row: _CampaignRow) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        status=row.status,
        effective_status=row.effective_status,
        objective=row.objective,
        daily_budget=_budget(row.daily_budget),
        lifetime_budget=_budget(row.lifetime_budget),
    )


def _ad_set(row: _AdSetRow) -> AdSet:
    return AdSet(
        id=row.id,
        name=row.name,
        campaign_id=row.campaign_id,
        status=row.status,
        effective_status=row.effective_status,
        daily_budget=_budget(row.daily_budget),
        lifetime_budget=_budget(row.lifetime_budget),
        created=_moment(row.created_time),
        learning=row.learning_stage_info.status if row.learning_stage_info else None,
        attribution=_setting(row.attribution_spec),
    )


def _budget(amount: int | None) -> Money | None:
    """A budget that is not set is missing or reads as 0."""
    return amount or None


def _moment(text: str | None) -> datetime | None:
    """Meta's `2026-11-22T09:30:00+0000`; None for what is no aware time."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _setting(spec: list[_Attribution]) -> str | None:
    """An attribution setting in the words of insights: `7d_click+1d_view`."""
    parts = [f"{part.window_days}d_{_EVENTS.get(part.event_type, part.event_type.lower())}" for part in spec]
    return "+".join(parts) or None


def _is_away(*statuses: str) -> bool:
    return any(status in _GONE for status in statuses)


def _look_fields(field: str) -> str:
    return ",".join(dict.fromkeys(("status", "effective_status", field)))


def _seen(ref: Ref, field: str, answer: BatchAnswer) -> Seen:
    if is_gone(answer):
        return Seen(ref=ref, values=None)
    if isinstance(answer, AdoptError):
        raise answer
    if answer is None:
        raise Temporary(f"could not read {ref.id}: no answer came", try_next="try again")
    return Seen(ref=ref, values=_values(answer, field, ref.id))


def _values(answer: dict[str, Any], field: str, path: str) -> dict[str, str | int] | None:
    """The values that are set, budgets as Money; None for what is deleted or archived."""
    found = convert(answer, _NowRow, path)
    if _is_away(found.status, found.effective_status):
        return None
    named = {key: getattr(found, key) for key in ("status", "effective_status", field)}
    return {key: value for key, value in named.items() if value}
