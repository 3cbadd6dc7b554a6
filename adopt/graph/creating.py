"""New objects under a mark: created once, found again after an answer that never came, deleted.

The mark is an ad label of the launch, sent with each create and looked up by its id: Meta has no key that would make
a create repeatable, and names are not unique. Source: docs/marketing-api/reference/ad-label.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from adopt.errors import AdoptError, Invalid, NeedsPerson, Unknown
from adopt.graph.client import Graph
from adopt.graph.errors import is_gone

PARENTS = ("campaign_id", "adset_id")
_PAGE = 200
_LABELS = 1000  # a page
_DELETED = (100, 1487056)


def make_label(graph: Graph, account: str, name: str) -> str:
    """The id of a new label."""
    return _id(graph.post(f"{account}/adlabels", name=name), f"label {name}")


def find_label(graph: Graph, account: str, name: str) -> str | None:
    """The id of the label with a name."""
    rows = graph.pages(f"{account}/adlabels", _LABELS, fields="id,name")
    return next((str(row["id"]) for row in rows if row.get("name") == name), None)


def create(graph: Graph, account: str, edge: str, params: Mapping[str, Any], label: str) -> str:
    """The id of a new object; sent once, Unknown if its fate is not known."""
    return _id(graph.post(f"{account}/{edge}", **params, adlabels=[{"id": label}]), str(params.get("name", edge)))


def find(
    graph: Graph, account: str, edge: str, params: Mapping[str, Any], label: str, known: Collection[str]
) -> str | None:
    """The object that an unanswered create has made: under the label, so named, in its parent, not known otherwise."""
    wanted = {name: str(params[name]) for name in ("name", *PARENTS) if name in params}
    for row in labelled(graph, account, edge, label, tuple(wanted)):
        if row["id"] not in known and all(str(row.get(name)) == value for name, value in wanted.items()):
            return str(row["id"])
    return None


def labelled(
    graph: Graph, account: str, edge: str, label: str, fields: Collection[str] = ("name",)
) -> Iterator[dict[str, Any]]:
    """The objects of an edge that carry a label, without what is deleted."""
    names = ",".join(dict.fromkeys(("id", *fields)))
    yield from graph.pages(f"{account}/{edge}bylabels", _PAGE, ad_label_ids=[label], fields=names)


def activate(graph: Graph, object_id: str) -> str:
    """Set an object ACTIVE; once or twice is the same."""
    graph.upload(object_id, status="ACTIVE")
    return object_id


def delete(graph: Graph, object_id: str) -> str:
    """Delete an object, with all that lies in it; what is gone already is no error."""
    try:
        graph.delete(object_id)
    except AdoptError as error:
        if not is_gone(error) and (error.code, error.subcode) != _DELETED:
            raise
    return object_id


def only_page(graph: Graph, account: str) -> str:
    """The Page that the account can promote; Invalid if there is a choice, NeedsPerson if there is none."""
    pages = list(graph.pages(f"{account}/promote_pages", _PAGE, fields="id,name"))
    if not pages:
        raise NeedsPerson(
            f"{account} can promote no Page", try_next="give the account a Page at https://business.facebook.com"
        )
    if len(pages) > 1:
        several = ", ".join(f"{page['id']} ({page.get('name', '')})" for page in pages)
        raise Invalid(f"{account} can promote several Pages: {several}", try_next="name one in the spec: page = ...")
    return str(pages[0]["id"])


def _id(answer: Mapping[str, Any], what: str) -> str:
    if not answer.get("id"):
        raise Unknown(f"{what} may have been created: the answer has no id", try_next="adopt job list")
    return str(answer["id"])
