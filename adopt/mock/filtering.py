"""The `filtering` parameter: fields, operators, values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adopt.mock.errors import invalid
from adopt.mock.params import Params, listing


@dataclass(frozen=True)
class Filter:
    """One condition."""

    field: str
    operator: str
    value: Any

    def holds(self, value: Any) -> bool:
        """Tell whether a value passes."""
        return _OPERATORS[self.operator](value, self.value)


def filters_of(params: Params) -> list[Filter]:
    """Read the conditions of a call."""
    return [_read(item) for item in listing(params, "filtering") or []]


def _read(item: Any) -> Filter:
    if not isinstance(item, dict) or not isinstance(item.get("field"), str):
        raise invalid("Param filtering[0] must be an object with the keys field, operator and value")
    operator = str(item.get("operator", "")).upper()
    if operator not in _OPERATORS:
        raise invalid(f"Param filtering[0][operator] must be one of {{{', '.join(_OPERATORS)}}}")
    if "value" not in item and operator not in ("NONE", "ANY", "ALL"):
        raise invalid("Param filtering[0][value] is required")
    return Filter(item["field"], operator, item.get("value"))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same(left: Any, right: Any) -> bool:
    return str(left).casefold() == str(right).casefold() or _number(left) == _number(right)


def _among(left: Any, right: Any) -> bool:
    return any(_same(left, item) for item in _many(right))


def _contains(left: Any, right: Any) -> bool:
    return str(right).casefold() in str(left).casefold()


def _any_part(left: Any, right: Any) -> bool:
    return any(_contains(left, item) for item in _many(right))


def _in_range(left: Any, right: Any) -> bool:
    ends = [*_many(right), None, None]
    return _number(ends[0]) <= _number(left) <= _number(ends[1])


def _compare(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: test(_amount(left), _amount(right))


def _amount(value: Any) -> float:
    """Give a number, or the second of a written time."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return _second(str(value))


def _second(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return float("nan")


def _not(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: not test(left, right)


_greater, _least = _compare(float.__gt__), _compare(float.__ge__)
_less, _most = _compare(float.__lt__), _compare(float.__le__)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": _same,
    "NOT_EQUAL": _not(_same),
    "GREATER_THAN": _greater,
    "GREATER_THAN_OR_EQUAL": _least,
    "LESS_THAN": _less,
    "LESS_THAN_OR_EQUAL": _most,
    "IN_RANGE": _in_range,
    "NOT_IN_RANGE": _not(_in_range),
    "CONTAIN": _contains,
    "NOT_CONTAIN": _not(_contains),
    "CONTAINS_ANY": _any_part,
    "NOT_CONTAINS_ANY": _not(_any_part),
    "CONTAINS_ALL": lambda left, right: all(_contains(left, item) for item in _many(right)),
    "IN": _among,
    "NOT_IN": _not(_among),
    "STARTS_WITH": lambda left, right: str(left).casefold().startswith(str(right).casefold()),
    "ENDS_WITH": lambda left, right: str(left).casefold().endswith(str(right).casefold()),
    "ANY": _among,
    "ALL": _among,
    "AFTER": _greater,
    "BEFORE": _less,
    "ON_OR_AFTER": _least,
    "ON_OR_BEFORE": _most,
    "NONE": _not(_among),
    "STEM_MATCH": _contains,
    "TOP": lambda _left, _right: True,
}
