"""Files to the simulator: pictures by their hash, videos in pieces that are resumed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flight import Flight, flight
from launches import drawn, filmed

from adopt.errors import Invalid, Rejected, Temporary, Unknown
from adopt.graph import creating, uploads
from adopt.graph.client import Graph

PIECES = 4  # of the video: a window of the simulator is a MiB


@pytest.fixture(scope="module")
def fly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    with flight(tmp_path_factory.mktemp("uploads"), "--seed", "1", "--ad-sets", "2", "--days", "2") as flown:
        yield flown


@pytest.fixture
def graph(fly: Flight) -> Iterator[Graph]:
    fly.heal()
    with Graph(fly.door["base_url"], fly.door["access_token"], sleep=lambda _: None, patience_s=600) as opened:
        fly.forget_calls()
        yield opened


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return Path(filmed(tmp_path, size=(PIECES - 1) << 20).path)


def began(graph: Graph, fly: Flight, clip: Path) -> uploads.Session:
    return uploads.start_video(graph, fly.account, clip.stat().st_size)


def test_a_picture_has_the_hash_that_can_be_told_before_and_is_there_once(
    graph: Graph, fly: Flight, tmp_path: Path
) -> None:
    path, told = Path(drawn(tmp_path).path), [0.0]
    read = uploads.digests(path)
    assert not uploads.has_image(graph, fly.account, read.md5)
    assert uploads.upload_image(graph, fly.account, path, told.append) == read.md5
    assert uploads.upload_image(graph, fly.account, path, told.append) == read.md5
    assert uploads.has_image(graph, fly.account, read.md5)
    assert told[-1] == 1.0
    assert read.length == path.stat().st_size


@pytest.mark.parametrize("kind", ["drop", "drop_after", "http", "truncate"])
def test_a_picture_whose_upload_breaks_is_sent_again(graph: Graph, fly: Flight, tmp_path: Path, kind: str) -> None:
    path = Path(drawn(tmp_path, f"{kind}.png").path)
    fly.fault(kind, method="POST", path="adimages", status=503)
    assert uploads.upload_image(graph, fly.account, path, lambda _: None) == uploads.digests(path).md5
    assert len(fly.calls("POST")) == 2


def test_a_video_goes_up_in_the_pieces_that_the_server_asks_for_and_is_processed(
    graph: Graph, fly: Flight, clip: Path
) -> None:
    session, told = began(graph, fly, clip), [0.0]
    assert uploads.video(graph, session.video).state == "uploading"
    uploads.send_video(graph, fly.account, session, clip, told.append)
    assert uploads.finish_video(graph, fly.account, session, clip.name) == session.video
    assert len(fly.calls("POST")) == PIECES + 2
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert uploads.video(graph, session.video).state == "processing"
    with pytest.raises(Temporary, match="no thumbnail yet"):
        uploads.thumbnail(graph, session.video)
    fly.advance("1m")
    assert uploads.video(graph, session.video).state == "ready"
    assert session.video in uploads.thumbnail(graph, session.video)


@pytest.mark.parametrize("kind", ["drop", "drop_after", "http", "truncate"])
@pytest.mark.parametrize("piece", [1, 2, PIECES])
def test_a_piece_that_breaks_is_resumed_where_the_server_stands(
    graph: Graph, fly: Flight, clip: Path, kind: str, piece: int
) -> None:
    session = began(graph, fly, clip)
    fly.forget_calls()
    fly.fault(kind, method="POST", path="advideos", nth=piece, status=503)
    uploads.send_video(graph, fly.account, session, clip, lambda _: None)
    uploads.finish_video(graph, fly.account, session, clip.name)
    assert len(fly.calls("POST")) == PIECES + 2
    assert uploads.video(graph, session.video).state == "processing"


def test_an_upload_that_was_left_goes_on_with_the_bytes_that_are_missing(graph: Graph, fly: Flight, clip: Path) -> None:
    session = began(graph, fly, clip)
    fly.fault("error", method="POST", path="advideos", nth=3, code=190, status=400)
    with pytest.raises(Exception, match="token"):
        uploads.send_video(graph, fly.account, session, clip, lambda _: None)
    fly.forget_calls()
    uploads.send_video(graph, fly.account, session, clip, lambda _: None)
    assert len(fly.calls("POST")) == PIECES - 2


def test_finishing_again_does_no_harm_and_finishing_too_early_is_refused(graph: Graph, fly: Flight, clip: Path) -> None:
    session = began(graph, fly, clip)
    with pytest.raises(Rejected, match="out of step"):
        uploads.finish_video(graph, fly.account, session, clip.name)
    uploads.send_video(graph, fly.account, session, clip, lambda _: None)
    fly.fault("drop_after", method="POST", path="advideos")
    assert uploads.finish_video(graph, fly.account, session, clip.name) == session.video
    assert uploads.finish_video(graph, fly.account, session, clip.name) == session.video


def test_a_session_that_is_over_says_so(graph: Graph, fly: Flight, clip: Path) -> None:
    session = began(graph, fly, clip)
    fly.advance("2d")
    with pytest.raises(Rejected, match="expired") as raised:
        uploads.send_video(graph, fly.account, session, clip, lambda _: None)
    assert uploads.is_expired(raised.value)


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        uploads.digests(tmp_path / "gone.png")


def test_a_create_whose_answer_never_came_is_found_by_label_name_and_parent(graph: Graph, fly: Flight) -> None:
    label = creating.make_label(graph, fly.account, "adopt 12345678")
    assert creating.find_label(graph, fly.account, "adopt 12345678") == label
    params = {
        "name": "Found",
        "objective": "OUTCOME_TRAFFIC",
        "special_ad_categories": [],
        "is_adset_budget_sharing_enabled": False,
        "status": "PAUSED",
    }
    where = (graph, fly.account, "campaigns", params, label)
    assert creating.find(*where, ()) is None
    first = creating.create(*where)
    fly.fault("drop_after", method="POST", path="campaigns")
    with pytest.raises(Unknown):
        creating.create(*where)
    second = creating.find(*where, (first,))
    assert second not in (None, first)
    assert creating.find(graph, fly.account, "campaigns", {**params, "name": "Other"}, label, ()) is None
    for one in (first, second):
        assert creating.delete(graph, str(one)) == one
        assert creating.delete(graph, str(one)) == one
    assert creating.find(*where, ()) is None


def test_deleting_what_never_was_is_no_error(graph: Graph) -> None:
    assert creating.delete(graph, "404") == "404"


def test_the_only_page_that_can_be_promoted_is_found(graph: Graph, fly: Flight) -> None:
    assert creating.only_page(graph, fly.account).isdecimal()
