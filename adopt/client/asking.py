"""What Meta shows now."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from adopt.client.opening import Opens
from adopt.model import Account, Level


class Asking(Opens):
    """Objects and measurements as Meta answers them."""

    def accounts(self) -> tuple[Account, ...]:
        """The ad accounts that the token sees."""
        from adopt.graph import objects

        with self._graph() as graph:
            return objects.accounts(graph)

    def rows(
        self,
        noun: str,
        parent: str | None = None,
        fields: Sequence[str] = (),
        limit: int | None = 25,
        statuses: Sequence[str] = (),
    ) -> Iterator[dict[str, Any]]:
        """The objects of a noun under the account or a parent, as Meta answers them; all without a limit."""
        from adopt.graph import objects

        above = "me" if noun == "account" else parent or self.settings.require_account()
        params = {"effective_status": list(statuses)} if statuses else {}
        with self._graph() as graph:
            yield from objects.rows(graph, f"{above}/{objects.edge_of(noun)}", fields, limit, params)

    def node(self, noun: str, object_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One object as Meta answers it."""
        from adopt.graph import objects

        path = objects.act(object_id) if noun == "account" else object_id
        with self._graph() as graph:
            return objects.node(graph, path, fields or objects.FIELDS[noun])

    def insights(  # noqa: PLR0913 # the parameters of Meta's edge
        self,
        object_id: str,
        *,
        level: Level | None = None,
        fields: Sequence[str] = (),
        date_preset: str | None = None,
        since: date | None = None,
        until: date | None = None,
        time_increment: str | None = None,
        breakdowns: Sequence[str] = (),
        sort: str | None = None,
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Insights rows as Meta answers them; all without a limit."""
        from adopt.graph import insights

        with self._graph() as graph:
            yield from insights.report(
                graph,
                object_id,
                level=level,
                fields=fields or insights.REPORT_FIELDS,
                date_preset=date_preset,
                since=since,
                until=until,
                time_increment=time_increment,
                breakdowns=breakdowns,
                sort=sort,
                limit=limit,
            )
