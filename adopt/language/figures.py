"""What a rule may ask about: the figures, their units, and which windows and parts each of them has."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Unit: TypeAlias = Literal["number", "money", "count", "ratio", "days", "text", "truth"]

UNITS: Mapping[Unit, str] = {
    "number": "a number",
    "money": "money",
    "count": "a count",
    "ratio": "a ratio",
    "days": "a length of time",
    "text": "a text",
    "truth": "a yes or no",
}


class Known(NamedTuple):
    """One figure: its unit, and whether it is measured over days (a property is as it is now)."""

    unit: Unit
    measured: bool = False
    is_rate: bool = False  # a quotient of sums, so that it has a mean over a campaign or the account
    low_is_good: bool = False


FIGURES: Mapping[str, Known] = {
    "spend": Known("money", measured=True),
    "impressions": Known("count", measured=True),
    "clicks": Known("count", measured=True),
    "results": Known("count", measured=True),
    "revenue": Known("money", measured=True),
    "actions": Known("count", measured=True),
    "ctr": Known("ratio", measured=True, is_rate=True),
    "cvr": Known("ratio", measured=True, is_rate=True),
    "cpc": Known("money", measured=True, is_rate=True, low_is_good=True),
    "cpm": Known("money", measured=True, is_rate=True, low_is_good=True),
    "cpa": Known("money", measured=True, is_rate=True, low_is_good=True),
    "roas": Known("ratio", measured=True, is_rate=True),
    "aov": Known("money", measured=True, is_rate=True),
    "age": Known("days"),
    "budget": Known("money"),
    "base": Known("money"),
    "target": Known("money"),  # a ratio where the policy's target is a ROAS
    "p_good": Known("ratio"),
    "e_value": Known("ratio"),
    "learning": Known("truth"),
    "status": Known("text"),
    "name": Known("text"),
    "id": Known("text"),
    "campaign": Known("text"),
}
MEASURED = tuple(name for name, known in FIGURES.items() if known.measured)

# Meta has these, and the poll log does not: no row of it could say what they were.
NOT_POLLED: Mapping[str, str] = {
    "reach": "people reached do not add up over days, and adopt polls days",
    "frequency": "it needs reach, which does not add up over days, and adopt polls days",
}
# What the evidence method says of an object's whole epoch, at any number of looks; unknown under another method.
EVIDENT = ("p_good", "e_value")

MEANS = ("campaign", "account")
BOUNDS = ("wilson_low", "wilson_high")
ANYTIME = ("low", "high")  # bounds that hold at any number of looks
BOUNDED = ("cpa", "roas")


def allowed_parts(name: str) -> tuple[str, ...]:
    """What may stand behind a figure's name and a dot."""
    if name in BOUNDED:
        return (*ANYTIME, *BOUNDS, *MEANS)
    return MEANS if FIGURES[name].measured else ()
