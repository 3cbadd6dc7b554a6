"""How far one request of a set is: worked out from when it was asked for and its place in the set."""

from typing import Any

from adopt.mock.objects import Node

_WAITS, _TAKES = 0.5, 0.5  # seconds until a set is begun, and for each of its requests


def status(request: Node, now: float) -> str:
    """Give a request's state in Meta's words."""
    own = request.own
    if own.get("called_off"):
        return "USER_CANCELED"
    begins = own["created_time"] + _WAITS + _TAKES * own["place"]
    if now < begins:
        return "INITIAL"
    if now < begins + _TAKES:
        return "IN_PROGRESS"
    return "SUCCESS" if "id" in own["done"] else "ERROR"


def result(request: Node, now: float) -> dict[str, Any] | None:
    """Give what became of a request: the ad's id, or the error; None until it is done."""
    done: dict[str, Any] = request.own["done"]
    return done if status(request, now) in ("SUCCESS", "ERROR") else None
