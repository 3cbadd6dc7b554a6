"""What Meta's review makes of new ads, and whether a campaign is shown."""

from typing import Any

from msgspec import Struct

from adopt.graph.client import Graph
from adopt.graph.objects import convert

_WAITS = ("PENDING_REVIEW", "IN_PROCESS", "PREAPPROVED")
_PAGE = 200


class Reviewed(Struct, frozen=True, kw_only=True):
    """One ad: its effective status, and Meta's words where it was refused."""

    id: str
    name: str
    status: str
    why: str = ""

    @property
    def is_over(self) -> bool:
        """Whether its review has ended."""
        return self.status not in _WAITS

    @property
    def is_approved(self) -> bool:
        """Whether Meta shows it as soon as it may run."""
        return self.status not in ("DISAPPROVED", "WITH_ISSUES", "PENDING_BILLING_INFO")

    @property
    def verdict(self) -> str:
        """The end of its review in a word, however often it is paused and started since."""
        return "approved" if self.is_approved else self.status.lower()

    @property
    def sentence(self) -> str:
        """What became of it."""
        if self.is_approved:
            return "Meta has approved it"
        said = {"DISAPPROVED": "Meta has disapproved it", "WITH_ISSUES": "Meta has an issue with it"}
        return said.get(self.status, "it waits for billing information") + (f": {self.why}" if self.why else "")


class _Issue(Struct):
    error_summary: str = ""
    error_message: str = ""


class _Row(Struct):
    id: str
    name: str = ""
    effective_status: str = ""
    ad_review_feedback: dict[str, Any] = {}
    issues_info: list[_Issue] = []


def ads(graph: Graph, campaign: str) -> tuple[Reviewed, ...]:
    """The ads of a campaign as Meta's review left them: docs/marketing-api/reference/adgroup."""
    path = f"{campaign}/ads"
    fields = "id,name,effective_status,ad_review_feedback,issues_info"
    return tuple(_reviewed(convert(row, _Row, path)) for row in graph.pages(path, _PAGE, fields=fields))


def delivers(graph: Graph, campaign: str) -> bool:
    """Whether a campaign was shown to anybody."""
    rows = graph.get(f"{campaign}/insights", fields="impressions", date_preset="maximum").get("data") or ()
    return any(int(row.get("impressions") or 0) > 0 for row in rows)


def _reviewed(row: _Row) -> Reviewed:
    feedback = row.ad_review_feedback.get("global") or {}
    words = [f"{name}: {text}" for name, text in feedback.items()] if isinstance(feedback, dict) else [str(feedback)]
    issues = [": ".join(filter(None, (one.error_summary, one.error_message))) for one in row.issues_info]
    return Reviewed(id=row.id, name=row.name, status=row.effective_status, why="; ".join((*words, *issues)))
