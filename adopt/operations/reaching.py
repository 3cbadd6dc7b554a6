"""How a job reaches Meta: by the settings of the worker that carries it out, never at another address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from msgspec.structs import replace

from adopt import policy as policies
from adopt.errors import Invalid
from adopt.graph.client import Graph
from adopt.policy import Policy
from adopt.settings import Settings, Token

_PATIENCE_S = 5.0  # a job that has to wait longer gives its worker back


class Reach(NamedTuple):
    """A worker's settings, and where the token for settings comes from."""

    settings: Settings
    token: Callable[[Settings], Token]

    @contextmanager
    def graph(self, graph_url: str, account: str) -> Iterator[Graph]:
        """Meta's API for a job that was queued for a Graph URL; Invalid if this worker's is another."""
        if self.settings.graph_url != graph_url:
            raise Invalid(
                f"this job was queued for {graph_url}, and this worker speaks to {self.settings.graph_url}",
                try_next=f"export ADOPT_GRAPH_URL={graph_url}, then adopt job retry",
            )
        token = self.token(replace(self.settings, account=account)).reveal()
        with Graph(graph_url, token, patience_s=_PATIENCE_S) as graph:
            yield graph

    def policy(self, account: str) -> Policy | None:
        """The policy of an ad account, if it has one."""
        return policy_of(self.settings, account)


def policy_of(settings: Settings, account: str) -> Policy | None:
    """The policy of an ad account, if it has one."""
    path = replace(settings, account=account).policy_path
    return policies.load(path) if path.exists() else None
