"""What answers a call may use: the world, its objects, its reports, and the journal of what was written."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from adopt.mock import errors
from adopt.mock.activities import Activity
from adopt.mock.call import Answer, Call
from adopt.mock.insights import Insights
from adopt.mock.objects import Node, Objects
from adopt.mock.reading import Reader
from adopt.mock.tokens import Tokens
from adopt.mock.world import World


class Written(msgspec.Struct, frozen=True):
    """A write that was made, checked and put in order: enough to make it again."""

    moment: float
    node: str
    edge: str
    fields: dict[str, Any]


@dataclass
class Api:
    """One simulated Graph API, as its handlers see it."""

    world: World
    objects: Objects
    insights: Insights
    activities: list[Activity]
    written: list[Written]
    makers: "Mapping[str, Maker]"
    tokens: Tokens
    answer: Callable[[Call], Answer | None]  # one operation of a batch; None: its answer was lost
    past: deque[tuple[float, Node, dict[str, Any]]] = field(default_factory=lambda: deque(maxlen=1000))  # before writes

    def node(self, method: str, ident: str) -> Node:
        """Give the node of an id, or raise what Meta answers for an unknown one."""
        node = self.objects.find(ident)
        if node is None:
            raise errors.no_object(method, ident)
        return node

    def reader(self, call: Call) -> Reader:
        """Give the reader whose links lead back to where a call came from."""
        return Reader(self.world, self.objects, self.insights, self.activities, f"{call.base}/{call.version}")

    def write(self, node: Node, edge: str, fields: dict[str, Any]) -> Node:
        """Make a checked write now, and remember it; gives the object written or made."""
        one = Written(self.world.now(), node.id, edge, fields)
        made = self.make(one)
        self.insights.forget()
        return made

    def make(self, one: Written) -> Node:
        """Make a write at its own moment, unchecked: it was checked when it was first made."""
        node = self.node("POST", one.node)
        before = dict(node.own)
        made = self.makers[key_of_route("POST", node.kind, one.edge)](self, node, one.fields, one.moment)
        self.written.append(one)
        self.past.append((one.moment, made, before if made is node else {**made.own, "status": "DELETED"}))
        return made

    @contextmanager
    def as_of(self, moment: float) -> Iterator[None]:
        """Let objects be as they were at a moment, those made since it as if deleted."""
        now = {id(node): (node, node.own) for when, node, _ in self.past if when > moment}
        for when, node, before in reversed(self.past):
            if when > moment:
                node.own = before
        try:
            yield
        finally:
            for node, own in now.values():
                node.own = own


Handler = Callable[[Api, Call, Node], Any]  # for a path that names no object, the node is the ad account
Maker = Callable[[Api, Node, dict[str, Any], float], Node]
Routes = dict[str, Handler]  # "GET me/permissions", "POST <ad set>", "POST <account>/campaigns"
Makers = dict[str, Maker]  # by the same keys: what a checked write does


def key_of_route(method: str, kind: str, edge: str) -> str:
    """Give the key of a call on an object of a kind."""
    return f"{method} <{kind}>/{edge}" if edge else f"{method} <{kind}>"
