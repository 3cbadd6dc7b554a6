"""What scenarios do to objects: an ad fails its review, an account is closed, a budget is mistyped, and back."""

from collections.abc import Callable
from dataclasses import replace

from adopt.mock.api import Api, key_of_route
from adopt.mock.newcomers import Review
from adopt.mock.objects import Node
from adopt.mock.properties import DISABLED, OPEN, UNSETTLED

Turn = Callable[[Api, Node, float, float], None]  # on an object, with a strength, at a moment


def _reject(api: Api, ad: Node, _: float, moment: float) -> None:
    api.world.reviews[ad.index] = Review(moment, approved=False)
    api.world.change(moment - 1, "ad_passed", ad.index, 0)


def _pass(api: Api, ad: Node, _: float, moment: float) -> None:
    api.world.reviews[ad.index] = Review(moment, approved=True)
    api.world.change(moment - 1, "ad_passed", ad.index, 1)


def _status(status: int) -> Turn:
    def turn(_api: Api, account: Node, _strength: float, _moment: float) -> None:
        account.own["account_status"] = status

    return turn


def _mistype(api: Api, node: Node, factor: float, moment: float) -> None:
    node.own["meant_budget"] = node.own["daily_budget"]
    _budget(api, node, round(node.own["daily_budget"] * factor), moment)


def _correct(api: Api, node: Node, factor: float, moment: float) -> None:
    """Put a mistyped budget right, unless somebody has."""
    meant = node.own.pop("meant_budget")
    if node.own.get("daily_budget") == round(meant * factor):
        _budget(api, node, meant, moment)


def _budget(api: Api, node: Node, amount: int, moment: float) -> None:
    """Let the owner set a budget, as Ads Manager would."""
    known = len(api.activities)
    api.makers[key_of_route("POST", node.kind, "")](api, node, {"daily_budget": amount}, moment - 1)
    api.activities[known:] = [replace(one, by_person=True) for one in api.activities[known:]]


TURNS: dict[str, tuple[Turn, Turn]] = {
    "ad rejected": (_reject, _pass),
    "account disabled": (_status(DISABLED), _status(OPEN)),
    "card declined": (_status(UNSETTLED), _status(OPEN)),
    "balance empty": (_status(UNSETTLED), _status(OPEN)),
    "budget typo": (_mistype, _correct),
}
