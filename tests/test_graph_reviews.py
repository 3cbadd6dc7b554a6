"""What is read of Meta's review: its end, its verdict, its words."""

import pytest
from scripted import TOKEN, Reply, Scripted

from adopt.graph import reviews
from adopt.graph.client import Graph
from adopt.graph.reviews import Reviewed

FEEDBACK = {"global": {"Unacceptable Business Practices": "Not allowed."}}
ISSUES = [{"error_summary": "Video processing failed", "error_message": "Upload it again."}]
ROWS = [
    {"id": "1", "name": "New", "effective_status": "PENDING_REVIEW"},
    {"id": "2", "name": "Paused", "effective_status": "PAUSED"},
    {"id": "3", "name": "Bad", "effective_status": "DISAPPROVED", "ad_review_feedback": FEEDBACK},
    {"id": "4", "name": "Broken", "effective_status": "WITH_ISSUES", "issues_info": ISSUES},
]


def test_each_ad_says_how_its_review_ended() -> None:
    server = Scripted([Reply({"data": ROWS})])
    with Graph(server.url, TOKEN) as graph:
        found = reviews.ads(graph, "238")
    assert [(ad.is_over, ad.is_approved, ad.verdict) for ad in found] == [
        (False, True, "approved"),
        (True, True, "approved"),
        (True, False, "disapproved"),
        (True, False, "with_issues"),
    ]
    assert [ad.sentence for ad in found[1:]] == [
        "Meta has approved it",
        "Meta has disapproved it: Unacceptable Business Practices: Not allowed.",
        "Meta has an issue with it: Video processing failed: Upload it again.",
    ]


@pytest.mark.parametrize("status", ["ACTIVE", "ADSET_PAUSED", "CAMPAIGN_PAUSED"])
def test_an_approved_ad_stays_approved_however_it_is_paused(status: str) -> None:
    assert Reviewed(id="1", name="Ad", status=status).verdict == "approved"


@pytest.mark.parametrize(
    ("rows", "shown"), [([], False), ([{"impressions": "0"}], False), ([{"impressions": "7"}], True)]
)
def test_a_campaign_delivers_from_its_first_impression(rows: list[object], shown: bool) -> None:  # noqa: FBT001 # the fact
    server = Scripted([Reply({"data": rows})])
    with Graph(server.url, TOKEN) as graph:
        assert reviews.delivers(graph, "238") is shown
