"""The doctor's rounds: what a daemon finds when it looks by itself, told in the log when it changes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias

from adopt.model import Finding
from adopt.store import activity
from adopt.store.database import Store, transaction

KIND: Final = "doctor"
_LEVELS: Final = ("ok", "note", "warning", "error")
_REMEMBERED: Final = 1000  # entries of the log: a check that has said nothing for so long was well
# What the log tells already when it happens: the button, plans, and what a refused or ageing token keeps from working.
_TOLD_ELSEWHERE: Final = frozenset({"hold", "autonomy", "plans", "connection", "token"})

_Level: TypeAlias = Literal["info", "warning", "error"]


def tell(store: Store, account: str, found: Iterable[Finding], at: datetime) -> int:
    """The checks that turned out worse or better than at the last round, into the log; how many."""
    with transaction(store):
        before = {
            one.data["check"]: one.data["level"]
            for one in activity.tail(store, account, limit=_REMEMBERED, kinds=(KIND,))
        }
        news = [one for check, one in _worst(found).items() if _rank(one.level) != _rank(before.get(check, "ok"))]
        for one in news:
            activity.append(store, at, account, KIND, *_said(one), data={"check": one.check, "level": one.level})
        return len(news)


def _worst(found: Iterable[Finding]) -> dict[str, Finding]:
    """The worst finding of each check."""
    worst: dict[str, Finding] = {}
    for one in found:
        known = worst.get(one.check)
        if one.check not in _TOLD_ELSEWHERE and (known is None or _rank(one.level) > _rank(known.level)):
            worst[one.check] = one
    return worst


def _rank(level: str) -> int:
    """How bad it is; a note is as well as nothing."""
    return max(_LEVELS.index(level) - 1, 0)


def _said(one: Finding) -> tuple[_Level, str]:
    if _rank(one.level) == 0:
        return "info", f"{one.check} is well again: {one.what}"
    level: _Level = "error" if one.level == "error" else "warning"
    return level, "; ".join(part for part in (f"{one.check}: {one.what}", one.why, one.do and f"try: {one.do}") if part)
