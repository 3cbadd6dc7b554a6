"""What of an ad account a launch depends on: its money, clock, Pages and pixels."""

from collections.abc import Callable
from typing import TypeVar

from adopt.errors import NeedsPerson, Rejected
from adopt.graph import objects
from adopt.graph.client import Graph
from adopt.launch.known import Known

T = TypeVar("T")

# AdAccount's fields (SDK: adaccount.py); `promote_pages` and `adspixels` are its edges.
_FIELDS = ("min_daily_budget", "default_dsa_beneficiary", "default_dsa_payor")


def survey(graph: Graph, account_id: str) -> Known:
    """What Meta tells of an ad account; None for what the token may not see."""
    account = objects.account(graph, account_id)
    more = _told(lambda: objects.node(graph, account.id, _FIELDS)) or {}
    least = more.get("min_daily_budget")
    return Known(
        account=account,
        least=int(least) if isinstance(least, int | str) and str(least).isdecimal() else None,
        pages=_told(lambda: _ids(graph, f"{account.id}/promote_pages")),
        pixels=_told(lambda: _ids(graph, f"{account.id}/adspixels")),
        beneficiary=bool(more.get("default_dsa_beneficiary")) if more else None,
        payor=bool(more.get("default_dsa_payor")) if more else None,
    )


def _ids(graph: Graph, edge: str) -> tuple[str, ...]:
    return tuple(str(row["id"]) for row in objects.rows(graph, edge, ("id",)) if "id" in row)


def _told(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (Rejected, NeedsPerson):  # a permission that reading the account does not need
        return None
