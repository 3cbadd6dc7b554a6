"""What a person says about a file where it does not speak for itself."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from adopt.audit.days import Order
from adopt.audit.numbers import Mark

Depth: TypeAlias = Literal["campaign", "adset", "ad"]


class Choices(Struct, frozen=True, kw_only=True):
    """What is said on the command line; None and empty where the file should speak."""

    goal: Literal["cpa", "roas"] = "cpa"
    level: Depth | None = None
    columns: Mapping[str, str] = {}  # meaning to header, or to `#3`, the third column
    result: str | None = None
    currency: str | None = None
    decimal: Mark | None = None
    dates: Order | None = None
