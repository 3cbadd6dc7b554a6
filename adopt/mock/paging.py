"""Pages: limit, cursors, and the links to the next and the previous page."""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from adopt.mock.errors import GraphError, invalid
from adopt.mock.params import Params, text, whole

PAGE, MOST = 25, 5000

T = TypeVar("T")


def around(items: Iterable[T], place: Callable[[T], int], params: Params) -> list[T]:
    """Give those of some items that a page and its links need: its own, and one on either side."""
    after = text(params, "after")
    if text(params, "before") or text(params, "offset"):
        return list(items)
    start, size, found = _place(after) if after else None, _size(params), list[T]()
    for item in items:
        if start is not None and place(item) <= start:
            found = [item]
            continue
        found.append(item)
        if len(found) > size + 1:
            break
    return found


def page(
    items: Sequence[T], places: Sequence[int], params: Params, url: str, show: Callable[[Sequence[T]], list[Any]]
) -> dict[str, Any]:
    """Give one page of items; a place is an item's rank among all there ever were, and its cursor.

    Places rise along the items, so that a cursor keeps its meaning while objects come and go.
    """
    first, last = _bounds(places, params, _size(params))
    answer: dict[str, Any] = {"data": show(items[first:last])}
    if first < last:
        before, after = _cursor(places[first]), _cursor(places[last - 1])
        answer["paging"] = {"cursors": {"before": before, "after": after}}
        if last < len(items):
            answer["paging"]["next"] = _link(url, params, "after", after)
        if first > 0:
            answer["paging"]["previous"] = _link(url, params, "before", before)
    return answer


def _size(params: Params) -> int:
    size = whole(params, "limit")
    if size is not None and size < 0:
        raise invalid("Param limit must be an integer greater than or equal to 0")
    return min(MOST, PAGE if size is None else size)


def _bounds(places: Sequence[int], params: Params, size: int) -> tuple[int, int]:
    after, before = text(params, "after"), text(params, "before")
    if after:
        first = bisect_right(places, _place(after))
        return first, min(first + size, len(places))
    if before:
        last = bisect_left(places, _place(before))
        return max(0, last - size), last
    first = min(max(whole(params, "offset") or 0, 0), len(places))
    return first, min(first + size, len(places))


def _cursor(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode().replace("=", "ZD")


def _place(cursor: str) -> int:
    try:
        place = int(base64.b64decode(cursor.replace("ZD", "="), validate=True))
    except (ValueError, binascii.Error):
        raise GraphError("(#2642) Invalid cursors values", 2642) from None
    return place


def _link(url: str, params: Params, side: str, cursor: str) -> str:
    kept = {name: text(params, name) for name in params if name not in ("after", "before", "offset")}
    return f"{url}?{urlencode({**kept, side: cursor})}"
