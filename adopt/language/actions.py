"""What a rule does: `pause`, `budget +20%`, `budget = 40.00`, `tag 'probation'`."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from adopt.language.syntax import Unreadable

Deed: TypeAlias = Literal["pause", "throttle", "revive", "budget", "notify", "tag"]

ALLOWED = "pause, throttle, revive, budget +20%, budget -20%, budget +5.00, budget = 40.00, notify, tag 'name'"

_STATUS: dict[str, Deed] = {"pause": "pause", "throttle": "throttle", "revive": "revive", "notify": "notify"}
_WORD = re.compile(r"\s*([A-Za-z]*)\s*")
_BUDGET = re.compile(r"([+\-=])\s*(\d{1,9}(?:\.\d{1,4})?)\s*(%?)\s*", re.ASCII)
_TAG = re.compile(r"(['\"])([^'\"\n]{1,80})\1\s*")
_WHOLE = 100


class Action(NamedTuple):
    """One thing to do; a budget's sign is +, - or =, its amount in major units or, as a share, in percent."""

    deed: Deed
    sign: str = ""
    amount: Decimal = Decimal(0)
    is_share: bool = False
    tag: str = ""

    def show(self) -> str:
        """The action as a policy writes it."""
        if self.deed == "tag":
            return f"tag '{self.tag}'"
        if self.deed != "budget":
            return self.deed
        gap = " " if self.sign == "=" else ""
        return f"budget {self.sign}{gap}{self.amount}{'%' if self.is_share else ''}"


@lru_cache(maxsize=256)
def parse_action(text: str) -> Action:
    """The action that a text names; Unreadable with the column and what would be allowed."""
    match = _WORD.match(text)
    word, rest = (match[1], match.end()) if match else ("", 0)
    if word in _STATUS and rest == len(text):
        return Action(_STATUS[word])
    if word == "budget":
        return _budget(text, rest)
    if word == "tag":
        return _tag(text, rest)
    where = rest if word in _STATUS else match.start(1) if match else 0
    raise _unreadable(text, where, f"allowed: {ALLOWED}")


def _budget(text: str, at: int) -> Action:
    match = _BUDGET.fullmatch(text, at)
    if not match:
        raise _unreadable(text, at, "a budget takes +20%, -20%, +5.00, -5.00, = 40.00 or = 50% (of its base)")
    amount, is_share = Decimal(match[2]), bool(match[3])
    if amount == 0 or (is_share and match[1] == "-" and amount >= _WHOLE):
        raise _unreadable(text, match.start(2), "a budget cannot become nothing, and 0 is no change; pause stops it")
    return Action("budget", match[1], amount, is_share)


def _tag(text: str, at: int) -> Action:
    match = _TAG.fullmatch(text, at)
    if not match:
        raise _unreadable(text, at, "a tag takes its name in quotes: tag 'probation'")
    return Action("tag", tag=match[2])


def _unreadable(text: str, at: int, why: str) -> Unreadable:
    said = text[at:].strip()[:40] or "the end"
    return Unreadable(f"{said}: {why}", max(min(at + 1, len(text)), 1))
