"""Labels: made by name, hung on objects, and found again by them."""

from typing import Any

from adopt.mock.api import Api, Handler, Makers, Routes, key_of_route
from adopt.mock.call import Call
from adopt.mock.errors import invalid, missing, refused
from adopt.mock.objects import GONE, Node
from adopt.mock.params import listing, text, words
from adopt.mock.values import objects_of

MOST_ON_OBJECT = 50
LABELLED = {"campaigns": "campaign", "adsets": "ad set", "ads": "ad", "adcreatives": "creative"}


def labels_of(api: Api, given: list[dict[str, Any]], moment: float) -> list[Node]:
    """Give the labels that were asked for by id or name; an unknown name makes one."""
    found: list[Node] = []
    for one in given:
        node = api.objects.find(str(one["id"])) if one.get("id") else _named(api, one["name"])
        node = node or make_label(api, api.objects.account, {"name": one["name"]}, moment)
        if node not in found:
            found.append(node)
    return found


def check_labels(api: Api, given: Any) -> list[dict[str, Any]]:
    """Refuse labels that are neither known ids nor names."""
    specs = objects_of(given, "adlabels")
    if len(specs) > MOST_ON_OBJECT:
        raise invalid(f"An object can have at most {MOST_ON_OBJECT} labels")
    for one in specs:
        node = api.objects.find(str(one.get("id", "")))
        if one.get("id") and (node is None or node.kind != "label"):
            raise refused(None, "Label not found", f"The label {one['id']} does not exist.", "adlabels")
        if not one.get("id") and not (isinstance(one.get("name"), str) and one["name"].strip()):
            raise invalid("Param adlabels must give an id or a name for each label")
    return [{"id": str(one["id"])} if one.get("id") else {"name": one["name"]} for one in specs]


def make_label(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let a label join."""
    return api.objects.add("label", account, {**fields, "created_time": moment, "updated_time": moment})


def _named(api: Api, name: str) -> Node | None:
    return next((one for one in api.objects.kinds["label"] if one.own["name"] == name and one.status not in GONE), None)


def _create(api: Api, call: Call, account: Node) -> dict[str, Any]:
    name = text(call.params, "name")
    if not name or not name.strip():
        raise missing("name")
    return {"id": (_named(api, name) or api.write(account, "adlabels", {"name": name})).id}


def _hang(api: Api, call: Call, node: Node) -> dict[str, Any]:
    """Add labels to an object, beside those it has."""
    given = check_labels(api, listing(call.params, "adlabels") or [])
    if not given:
        raise missing("adlabels")
    api.write(node, "", {"adlabels": [*({"id": one.id} for one in node.labels), *given]})
    return {"success": True}


def _take(api: Api, call: Call, node: Node) -> dict[str, Any]:
    """Take labels off an object; all of them where none is named."""
    given = check_labels(api, listing(call.params, "adlabels") or [])
    ids, names = {one.get("id") for one in given}, {one.get("name") for one in given}
    kept = [one for one in node.labels if given and one.id not in ids and one.own["name"] not in names]
    api.write(node, "", {"adlabels": [{"id": one.id} for one in kept]})
    return {"success": True}


def _by_labels(edge: str) -> Handler:
    def answer(api: Api, call: Call, node: Node) -> dict[str, Any]:
        wanted = set(words(call.params, "ad_label_ids") or ())
        if not wanted:
            raise missing("ad_label_ids")
        operator = text(call.params, "operator") or "ALL"
        if operator not in ("ALL", "ANY"):
            raise invalid("Param operator must be one of {ALL, ANY}")

        def holds(one: Node) -> bool:
            own = {label.id for label in one.labels}
            return wanted <= own if operator == "ALL" else bool(wanted & own)

        return api.reader(call).page(node, edge + "bylabels", LABELLED[edge], call.params, holds=holds)

    return answer


def _of_label(edge: str) -> Handler:
    def answer(api: Api, call: Call, label: Node) -> dict[str, Any]:
        def holds(one: Node) -> bool:
            return label in one.labels

        return api.reader(call).page(label, edge, LABELLED[edge], call.params, holds=holds, under=api.objects.account)

    return answer


_KINDS = tuple(LABELLED.values())
ROUTES: Routes = {
    "POST <account>/adlabels": _create,
    **{key_of_route("POST", kind, "adlabels"): _hang for kind in _KINDS},
    **{key_of_route("DELETE", kind, "adlabels"): _take for kind in _KINDS},
    **{key_of_route("GET", "account", f"{edge}bylabels"): _by_labels(edge) for edge in LABELLED},
    **{key_of_route("GET", "label", edge): _of_label(edge) for edge in LABELLED},
}
MAKERS: Makers = {"POST <account>/adlabels": make_label}
