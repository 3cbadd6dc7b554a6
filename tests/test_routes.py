"""The table of routes says what `Client` says, and the OpenAPI document says what the table says."""

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from adopt import routes
from adopt.client import Client
from adopt.daemon.openapi import document
from adopt.routes import PREFIX, ROUTES, Route

# Named in the table's docstring: the files and secrets of the caller, and what the daemon itself is made of.
LOCAL = {
    "init", "policy", "policy_of", "find_rule", "check_rules", "backtest", "launch", "check_launch", "room_for",
    "doctor", "mend", "working_off", "daemon", "is_anyone_at_work", "worker", "kinds", "enqueue_pass",
    "gather_messages", "follow", "review_of", "make_rounds", "keep_small", "digest",
}  # fmt: skip


def plain(type_: Any) -> Any:
    """A type as it is on the wire: what is iterated or indexed is a tuple."""
    if get_origin(type_) in (Iterator, Sequence):
        return tuple[get_args(type_)[0], ...]
    return type_


def fits(ours: Any, theirs: Any) -> bool:
    """Whether a parameter of a route is one of the method: the same, or some of its texts."""
    narrower = get_origin(ours) is Literal and theirs is str
    return narrower or plain(ours) == plain(theirs)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.method)
def test_a_route_is_a_method_with_its_parameters_and_result(route: Route) -> None:
    method = getattr(Client, route.method)
    hints = get_type_hints(method)
    known = {name: one for name, one in inspect.signature(method).parameters.items() if name != "self"}
    assert list(route.params) == list(known)
    assert {name for name, one in known.items() if one.default is one.empty} == set(route.needs)
    assert all(fits(type_, hints[name]) for name, type_ in route.params.items())
    assert plain(hints["return"]) in (route.result, type(route.result))


def test_what_is_no_route_is_named_as_done_by_the_caller() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, callable) if not name.startswith("_")}
    assert methods == {route.method for route in ROUTES} | LOCAL


def test_each_route_is_there_once_and_names_its_path() -> None:
    assert len({(route.verb, route.path) for route in ROUTES}) == len(ROUTES) == len({r.method for r in ROUTES})
    for route in ROUTES:
        assert set(re.findall(r"{(\w+)}", route.path)) <= set(route.needs)


def test_a_path_hides_no_other() -> None:
    for place, route in enumerate(ROUTES):
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", route.path))
        later = [one.path for one in ROUTES[place + 1 :] if one.verb == route.verb]
        assert [path for path in later if pattern.fullmatch(path)] == []


def test_the_document_names_every_route_and_resolves() -> None:
    told = json.loads(document())
    operations = {op["operationId"] for path in told["paths"].values() for op in path.values() if "operationId" in op}
    assert operations == {route.method for route in ROUTES} | {"follow"}
    assert set(told["paths"]) == {PREFIX + route.path for route in ROUTES} | {routes.EVENTS, routes.HEALTH}
    references = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', document().decode()))
    assert references
    assert references <= set(told["components"]["schemas"])
