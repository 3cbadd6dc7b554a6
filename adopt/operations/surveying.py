"""What of an ad account a launch depends on: its money, clock, Pages and pixels, in two requests at most."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adopt.errors import AdoptError, Temporary
from adopt.graph import objects
from adopt.graph.answers import Call
from adopt.graph.client import BatchAnswer, Graph
from adopt.launch import least
from adopt.launch.known import Known
from adopt.model import Money

# AdAccount's fields (SDK: adaccount.py); `promote_pages`, `adspixels` and `minimum_budgets` are its edges.
_FIELDS = ("default_dsa_beneficiary", "default_dsa_payor")
_MOST = 500  # a page


def survey(graph: Graph, account_id: str, bids: Sequence[Decimal] = ()) -> Known:
    """What Meta tells of an ad account; None for what the token may not see. Bids are in major units."""
    path = objects.act(account_id)
    own, parties, pages, pixels, minimum = graph.batch(
        (
            Call("GET", path, {"fields": ",".join(objects.ACCOUNT_FIELDS)}),
            Call("GET", path, {"fields": ",".join(_FIELDS)}),
            Call("GET", f"{path}/promote_pages", {"fields": "id", "limit": _MOST}),
            Call("GET", f"{path}/adspixels", {"fields": "id", "limit": _MOST}),
            Call("GET", f"{path}/minimum_budgets"),
        )
    )
    account = objects.account_of(_required(own, path), path)
    named = parties if isinstance(parties, dict) else None
    money = account.money
    asked = [money.parse(one) for one in bids if not one * money.offset % 1]
    return Known(
        account=account,
        least=account.min_daily_budget,
        minima={0: _classes(minimum), **_minima(graph, path, asked)},
        pages=_ids(graph, f"{path}/promote_pages", pages),
        pixels=_ids(graph, f"{path}/adspixels", pixels),
        beneficiary=None if named is None else bool(named.get("default_dsa_beneficiary")),
        payor=None if named is None else bool(named.get("default_dsa_payor")),
    )


def _minima(graph: Graph, path: str, bids: Sequence[Money]) -> dict[Money, dict[str, Money]]:
    """The least budgets under each bid."""
    answers = graph.batch(Call("GET", f"{path}/minimum_budgets", {"bid_amount": bid}) for bid in bids)
    return {bid: _classes(answer) for bid, answer in zip(bids, answers, strict=True)}


def _required(answer: BatchAnswer, path: str) -> dict[str, Any]:
    if isinstance(answer, AdoptError):
        raise answer
    if answer is None:
        raise Temporary(f"could not read {path}: no answer came", try_next="try again")
    return answer


def _rows(answer: BatchAnswer) -> list[dict[str, Any]] | None:
    """The rows of an edge; None where it was refused, for a permission that the account does not need."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _classes(answer: BatchAnswer) -> dict[str, Money]:
    """The least of each class of events; Meta answers one row, in the account's currency."""
    return least.read(next(iter(_rows(answer) or ()), {}))


def _ids(graph: Graph, edge: str, answer: BatchAnswer) -> tuple[str, ...] | None:
    rows = _rows(answer)
    if rows is not None and isinstance(answer, dict) and (answer.get("paging") or {}).get("next"):
        rows = list(objects.rows(graph, edge, ("id",)))  # more than a page of them
    return None if rows is None else tuple(str(row["id"]) for row in rows if "id" in row)
