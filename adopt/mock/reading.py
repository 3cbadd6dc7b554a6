"""Reading nodes and edges: fields, nested fields, filters and pages."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adopt.mock.activities import Activity, activities
from adopt.mock.errors import GraphError, invalid, no_field
from adopt.mock.fieldspec import Field, parse_fields
from adopt.mock.filtering import Filter, filters_of
from adopt.mock.insights import Insights
from adopt.mock.objects import GONE, LEVELS, NODE_TYPES, Node, Objects, effective_status
from adopt.mock.paging import around, page
from adopt.mock.params import Params, flag, text, whole, words
from adopt.mock.properties import FIELDS, read
from adopt.mock.world import World

EDGES = {
    "account": {
        "campaigns": "campaign",
        "adsets": "ad set",
        "ads": "ad",
        "adcreatives": "creative",
        "adlabels": "label",
        "adimages": "image",
        "advideos": "video",
        "adspixels": "pixel",
        "promote_pages": "page",
        "customaudiences": "audience",
        "customconversions": "conversion",
        "instagram_accounts": "instagram",
        "connected_instagram_accounts": "instagram",
        "applications": "app",
    },
    "business": {
        "owned_pages": "page",
        "adspixels": "pixel",
        "owned_pixels": "pixel",
        "instagram_accounts": "instagram",
        "owned_instagram_accounts": "instagram",
        "owned_product_catalogs": "catalog",
    },
    "page": {"instagram_accounts": "instagram"},
    "catalog": {"product_sets": "product set", "product_feeds": "product feed", "products": "product"},
    **{
        kind: {}
        for kind in (
            "pixel",
            "instagram",
            "audience",
            "conversion",
            "product set",
            "product feed",
            "product",
            "app",
            "period",
            "request set",
            "request",
        )
    },
    "campaign": {"adsets": "ad set", "ads": "ad"},
    "ad set": {"ads": "ad", "adcreatives": "creative"},
    "ad": {"adcreatives": "creative"},
    "creative": {},
    "report run": {},
    "image": {},
    "video": {},
    "label": {},
}
_PREFIXES = {"campaign": "campaign", "adset": "ad set", "ad": "ad"}
_DEPTH = 4


class Reader:
    """Reads one world's nodes; links to further pages begin with its base."""

    def __init__(self, world: World, objects: Objects, insights: Insights, log: list[Activity], base: str) -> None:
        self._world, self._objects, self._insights, self._log, self._base = world, objects, insights, log, base

    def node(self, node: Node, params: Params) -> dict[str, Any]:
        """Give a node with the fields asked for, or its id alone."""
        return self._shape(node, wanted(params), params)

    def edge(self, node: Node, name: str, params: Params, depth: int = 0) -> dict[str, Any]:
        """Give a page of a node's children."""
        if name == "insights" and node.kind in LEVELS:
            return self._insights.answer(node, params, f"{self._base}/{node.id}/insights")
        if name == "activities" and node.kind in ("account", "campaign", "ad set", "ad"):
            return activities(self._world, self._log, node, params, f"{self._base}/{node.id}/activities")
        kind = EDGES[node.kind].get(name)
        if kind is None:
            raise no_field(name, NODE_TYPES[node.kind])
        return self.page(node, name, kind, params, depth=depth)

    def page(  # which objects, of what, and how to show them
        self,
        node: Node,
        name: str,
        kind: str,
        params: Params,
        *,
        holds: Callable[[Node], bool] | None = None,
        under: Node | None = None,
        depth: int = 0,
    ) -> dict[str, Any]:
        """Give a page of a node's edge: the objects of a kind under the node, or under another, that hold."""
        fields = wanted(params)
        _check(fields, kind)
        selected = (one for one in self._select(under or node, kind, params) if holds is None or holds(one))
        counted = _counted(params)
        found = list(selected) if counted else around(selected, _place, params)
        url = f"{self._base}/{node.id}/{name}"
        answer = page(found, [*map(_place, found)], params, url, lambda part: self._shapes(part, fields, depth))
        return answer | ({"summary": {"total_count": len(found)}} if counted else {})

    def _shapes(self, nodes: Sequence[Node], fields: tuple[Field, ...], depth: int) -> list[dict[str, Any]]:
        return [self._shape(node, fields, {}, depth) for node in nodes]

    def _select(self, node: Node, kind: str, params: Params) -> Iterator[Node]:
        """Give the objects of a kind that a call asks for, newest first, as Meta lists them."""
        statuses, conditions = words(params, "effective_status"), filters_of(params)
        since = whole(params, "updated_since")
        explicit = (
            statuses is not None or flag(params, "include_deleted") or any(_about_status(one) for one in conditions)
        )
        for condition in conditions:
            _check_condition(condition, kind)
        for one in self._objects.newest(node, kind):
            if statuses is not None and effective_status(one, self._world) not in statuses:
                continue
            if not explicit and _is_gone(one):
                continue
            if since is not None and one.own["updated_time"] < since:
                continue
            if not conditions or all(self._passes(one, condition) for condition in conditions):
                yield one

    def _passes(self, node: Node, condition: Filter) -> bool:
        kind, name = _subject(condition, node.kind)
        value = read(node.above(kind), name, self._world)
        return condition.holds("" if value is None else value)

    def _shape(self, node: Node, fields: tuple[Field, ...], params: Params, depth: int = 0) -> dict[str, Any]:
        if depth > _DEPTH:
            raise GraphError("(#100) The query is nested too deeply.")
        _check(fields, node.kind)
        answer = {}
        for one in fields or (Field("id"),):
            value = self._value(node, one, params, depth)
            if value is not None:
                answer[one.label] = value
        if fields and "id" not in answer:
            answer["id"] = node.id
        return answer

    def _value(self, node: Node, one: Field, params: Params, depth: int) -> Any:
        if one.name in EDGES[node.kind] or (one.name == "insights" and node.kind in LEVELS):
            own = {name: value for name, value in one.params if name != "as"}
            fields = "" if one.inner is None else written(one.inner)
            token = {"access_token": params["access_token"]} if "access_token" in params else {}
            answer = self.edge(node, one.name, {**own, **token, **({"fields": fields} if fields else {})}, depth + 1)
            return answer if answer["data"] else None
        if one.inner is not None and (other := _relation(node, one.name)) is not None:
            return self._shape(other, one.inner, {}, depth + 1)
        return read(node, one.name, self._world)


def wanted(params: Params) -> tuple[Field, ...]:
    """Give the fields a call asks for; they may come as a comma list or as JSON."""
    given = text(params, "fields")
    if given and given.lstrip().startswith("["):
        given = ",".join(words(params, "fields") or [])
    return parse_fields(given) if given else ()


def _check(fields: tuple[Field, ...], kind: str) -> None:
    for one in fields:
        edge = one.name in EDGES[kind] or (one.name == "insights" and kind in LEVELS)
        if one.name not in FIELDS[kind] and not edge:
            raise no_field(one.name, NODE_TYPES[kind])


def _is_gone(node: Node) -> bool:
    """Tell whether a node, or one it lies in, is deleted or archived."""
    at: Node | None = node
    while at is not None:
        if at.own.get("status") in GONE:
            return True
        at = at.parent
    return False


def _subject(condition: Filter, kind: str) -> tuple[str, str]:
    """Give the kind and the field that a condition on objects of a kind looks at."""
    prefix, dot, name = condition.field.partition(".")
    kind, name = (_PREFIXES.get(prefix, ""), name) if dot else (kind, prefix)
    return kind, "effective_status" if name == "delivery_info" else name


def _check_condition(condition: Filter, kind: str) -> None:
    subject, name = _subject(condition, kind)
    lies_in = subject == kind or (kind in LEVELS and subject in LEVELS[: LEVELS.index(kind)])
    if not lies_in or name not in FIELDS[subject]:
        raise invalid(f"Filtering field {condition.field} is invalid.")


def _place(node: Node) -> int:
    return -node.index


def _counted(params: Params) -> bool:
    return flag(params, "summary") or text(params, "summary") == "total_count"


def _about_status(condition: Filter) -> bool:
    return condition.field.endswith(("effective_status", "delivery_info", "configured_status"))


def _relative(node: Node, prefix: str) -> Node | None:
    kind = _PREFIXES.get(prefix)
    try:
        return node.above(kind) if kind else None
    except LookupError:
        return None


def _relation(node: Node, name: str) -> Node | None:
    if name == "creative":
        return node.extra
    return _relative(node, name)


def written(fields: tuple[Field, ...]) -> str:
    """Write fields back as text, for the links of a nested edge."""
    parts = []
    for one in fields:
        modifiers = "".join(f".{name}({value})" for name, value in one.params)
        parts.append(one.name + modifiers + ("" if one.inner is None else "{" + written(one.inner) + "}"))
    return ",".join(parts)
