"""Pictures and videos: what is taken, what is refused, and when a video is ready."""

import base64
import io
import zipfile
from typing import Any

import pytest
from making import Maker
from PIL import Image
from test_mock_ground import Ground

from adopt.mock.call import Call, File

BOX = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
HEADER = b"\x00\x00\x00\x6cmvhd" + bytes(12) + (1000).to_bytes(4) + (6500).to_bytes(4) + bytes(80)
MOVIE = BOX + b"\x00\x00\x00\x74moov" + HEADER


@pytest.fixture
def ground() -> Ground:
    return Ground(days=1)


def picture(width: int = 600, height: int = 400, color: str = "navy", form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, form)
    return file.getvalue()


def movie(size: int = 5000) -> bytes:
    return MOVIE + bytes(size - len(MOVIE))


def send(ground: Ground, edge: str, files: dict[str, tuple[str, bytes]], **params: Any) -> tuple[int, Any]:
    parts = {part: File(*file) for part, file in files.items()}
    path = (ground.account, edge)
    answer = ground.graph.answer(Call("POST", path, params, ground.token, files=parts))
    return answer.status, answer.body


def failure(answer: tuple[int, Any]) -> tuple[int, int, int | None]:
    status, body = answer
    return status, body["error"]["code"], body["error"].get("error_subcode")


def test_a_picture_is_measured_and_known_by_its_bytes(ground: Ground) -> None:
    status, body = send(ground, "adimages", {"filename": ("blue.png", picture())})
    one = body["images"]["filename"]
    assert (status, one["width"], one["height"], one["name"]) == (200, 600, 400, "blue.png")
    assert (one["url_256_width"], len(one["hash"])) == ("260", 32)
    text = ground.post(f"{ground.account}/adimages", bytes=base64.b64encode(picture()).decode(), name="again")
    assert text["images"]["bytes"]["hash"] == one["hash"]
    found = ground.get(f"{ground.account}/adimages", hashes=[one["hash"]], fields="name,width,status,id")["data"]
    assert [(row["width"], row["status"]) for row in found] == [(600, "ACTIVE")]
    assert found[0]["id"] == f"{ground.account[4:]}:{one['hash']}"
    assert ground.get(found[0]["id"], fields="height")["height"] == 400
    assert len(ground.graph.written) == 1


def test_an_archive_brings_many_pictures(ground: Ground) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/red.png", picture(color="red"))
        file.writestr("green.jpg", picture(color="green", form="JPEG"))
    _, body = send(ground, "adimages", {"many.zip": ("many.zip", archive.getvalue())})
    assert set(body["images"]) == {"a/red.png", "green.jpg"}


def test_what_is_no_picture_is_refused(ground: Ground) -> None:
    for content in (b"", b"GIF", b"<svg/>", picture()[:40], movie(), b"PK\x05\x06" + bytes(18)):
        assert failure(send(ground, "adimages", {"filename": ("a.png", content)})) == (400, 100, None)
    assert ground.error("POST", f"{ground.account}/adimages", bytes="@@") == (400, 100, None)
    assert ground.error("POST", f"{ground.account}/adimages") == (400, 100, None)
    assert ground.graph.written == []


def test_a_deleted_picture_cannot_be_shown_until_it_comes_again(ground: Ground) -> None:
    maker, files = Maker(ground), {"filename": ("blue.png", picture())}
    hash_ = send(ground, "adimages", files)[1]["images"]["filename"]["hash"]
    story = {"page_id": maker.page, "link_data": {"link": "https://shop.example", "image_hash": hash_}}
    assert ground.get(maker.creative(object_story_spec=story), fields="image_hash")["image_hash"] == hash_
    assert ground.call("DELETE", f"{ground.account}/adimages", hash=hash_) == (200, {"success": True})
    params = maker.creative_params(object_story_spec=story)
    assert ground.error("POST", f"{ground.account}/adcreatives", **params) == (400, 100, 2446388)
    assert ground.error("DELETE", f"{ground.account}/adimages", hash=hash_) == (400, 100, 2446388)
    send(ground, "adimages", files)
    assert maker.creative(object_story_spec=story)


def test_the_owners_pictures_and_videos_can_be_used_again(ground: Ground) -> None:
    maker = Maker(ground)
    images = ground.get(f"{ground.account}/adimages", fields="hash,width", limit="200")["data"]
    creatives = ground.get(f"{ground.account}/adcreatives", fields="image_hash,video_id", limit="200")["data"]
    assert {one["image_hash"] for one in creatives if "image_hash" in one} <= {one["hash"] for one in images}
    video = next(one["video_id"] for one in creatives if "video_id" in one)
    assert ground.get(video, fields="status")["status"]["video_status"] == "ready"
    assert maker.creative(object_story_spec={"page_id": maker.page, "video_data": {"video_id": video}})


def test_a_video_is_processed_and_then_ready(ground: Ground) -> None:
    status, body = send(ground, "advideos", {"source": ("clip.mp4", movie())}, name="Clip")
    video = body["id"]
    found = ground.get(video, fields="status,title,length")
    assert (status, found["status"]["video_status"]) == (200, "processing")
    assert (found["title"], found["length"]) == ("Clip", 6.5)
    assert ground.get(f"{video}/thumbnails")["data"] == []
    ground.advance(5 / 3600)
    state = ground.get(video, fields="status")["status"]
    assert (state["video_status"], state["processing_phase"]["status"]) == ("ready", "complete")
    assert ground.get(f"{video}/thumbnails")["data"][0]["is_preferred"] is True
    assert video in [one["id"] for one in ground.get(f"{ground.account}/advideos", limit="200")["data"]]
    assert ground.call("DELETE", f"{ground.account}/advideos", video_id=video) == (200, {"success": True})
    assert video not in [one["id"] for one in ground.get(f"{ground.account}/advideos", limit="200")["data"]]


def test_an_ad_waits_for_its_video(ground: Ground) -> None:
    maker = Maker(ground)

    def ad_with(content: bytes) -> str:
        video = send(ground, "advideos", {"source": ("clip.mp4", content)})[1]["id"]
        story = {"page_id": maker.page, "video_data": {"video_id": video, "message": "Look"}}
        creative = maker.creative(object_story_spec=story)
        assert ground.get(creative, fields="object_type,video_id")["object_type"] == "VIDEO"
        ad_set = maker.ad_set(maker.campaign(status="ACTIVE"), status="ACTIVE")
        return maker.ad(ad_set, creative, status="ACTIVE")

    good, broken = ad_with(movie()), ad_with(BOX + bytes(5000))
    fields = "effective_status,issues_info"
    assert ground.get(good, fields=fields)["effective_status"] == "IN_PROCESS"
    ground.advance(30)
    assert ground.get(good, fields=fields)["effective_status"] == "ACTIVE"
    found = ground.get(broken, fields=fields)
    assert (found["effective_status"], found["issues_info"][0]["error_code"]) == ("WITH_ISSUES", 1487713)


def test_a_video_comes_in_chunks(ground: Ground) -> None:
    content, edge = movie(2_500_000), f"{ground.account}/advideos"
    start = ground.post(edge, upload_phase="start", file_size=str(len(content)))
    session = {"upload_session_id": start["upload_session_id"]}
    assert (start["start_offset"], start["end_offset"]) == ("0", str(1 << 20))
    at, until = 0, 1 << 20
    while at != until:
        files = {"video_file_chunk": ("clip.mp4", content[at:until])}
        _, body = send(ground, "advideos", files, upload_phase="transfer", start_offset=str(at), **session)
        at, until = int(body["start_offset"]), int(body["end_offset"])
    assert ground.get(start["video_id"], fields="status")["status"]["uploading_phase"]["bytes_transferred"] == at
    assert ground.post(edge, upload_phase="finish", title="Long", **session) == {"success": True}
    ground.advance(1)
    found = ground.get(start["video_id"], fields="status,title,length")
    assert (found["status"]["video_status"], found["title"], found["length"]) == ("ready", "Long", 6.5)
    again = Ground(days=1, written=tuple(ground.graph.written))
    again.advance(1)
    assert again.get(start["video_id"], fields="status,title,length") == found


def test_a_chunk_out_of_step_is_told_where_to_go_on(ground: Ground) -> None:
    edge = f"{ground.account}/advideos"
    start = ground.post(edge, upload_phase="start", file_size="2000000")
    how = {"upload_phase": "transfer", "upload_session_id": start["upload_session_id"]}
    chunk = {"video_file_chunk": ("clip.mp4", movie(1000))}
    _, body = send(ground, "advideos", chunk, start_offset="77", **how)
    assert body["error"]["error_subcode"] == 1363037
    assert body["error"]["error_data"] == {"start_offset": "0", "end_offset": str(1 << 20)}
    assert ground.error("POST", edge, **{**how, "upload_phase": "finish"})[2] == 1363037
    ground.advance(25)
    assert ground.get(start["video_id"], fields="status")["status"]["video_status"] == "expired"
    assert failure(send(ground, "advideos", chunk, start_offset="0", **how)) == (400, 6000, 1363019)
    fresh = ground.post(edge, upload_phase="start", file_size="2000000")["upload_session_id"]
    assert ground.post(edge, upload_phase="cancel", upload_session_id=fresh) == {"success": True}
    assert failure(send(ground, "advideos", chunk, **{**how, "upload_session_id": fresh})) == (400, 6000, 1363019)


def test_what_is_no_video_is_refused(ground: Ground) -> None:
    edge = f"{ground.account}/advideos"
    assert failure(send(ground, "advideos", {"source": ("a.mp4", bytes(4000))}))[:2] == (400, 352)
    assert failure(send(ground, "advideos", {"source": ("a.mp4", BOX)}))[:2] == (400, 382)
    assert ground.error("POST", edge, file_url="https://shop.example/a.mp4")[:2] == (400, 389)
    assert ground.error("POST", edge, file_url="http://127.0.0.1:8000/a.mp4")[:2] == (400, 389)
    for path in ("/films/a.mp4", "file:///films/a.mp4", "a.mp4"):
        assert ground.error("POST", edge, file_url=path)[:2] == (400, 100)
    assert ground.error("POST", edge, upload_phase="wait")[:2] == (400, 100)
    assert ground.error("POST", edge)[:2] == (400, 100)
    assert ground.graph.written == []
