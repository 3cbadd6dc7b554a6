"""The ad account's videos: uploaded at once or in chunks, then processed for a while before they can be shown."""

from typing import Any
from urllib.parse import urlsplit

from adopt.mock.api import Api, Makers, Routes
from adopt.mock.call import Call
from adopt.mock.errors import GraphError, invalid, missing
from adopt.mock.objects import GONE, SESSION, Node
from adopt.mock.params import text, whole
from adopt.mock.properties import thumbnails
from adopt.mock.values import ENUMS, read_values

WINDOW = 1 << 20  # bytes of a chunk
SMALLEST, LARGEST = 512, 10 << 30
AT_LEAST, BYTES_A_SECOND = 2.0, 20e6  # of processing
_MOVIE, _LENGTH = b"moov", b"mvhd"
_KNOWN = ((4, b"ftyp"), (0, b"RIFF"), (0, b"\x1aE\xdf\xa3"), (0, b"GIF8"), (0, b"OggS"), (0, b"\x00\x00\x01\xba"))


def make_video(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let a video join the library; without its bytes it waits for their upload."""
    node = api.objects.add("video", account, {**fields, "created_time": moment, "updated_time": moment})
    links = {"permalink_url": f"/{node.id}", "source": f"https://videos.example/{node.id}.mp4", "published": True}
    node.own |= links | {"picture": f"https://images.example/{node.id}.jpg"}
    return node


def _upload(api: Api, call: Call, account: Node) -> dict[str, Any]:
    phase = text(call.params, "upload_phase")
    if phase is not None:
        if phase not in _PHASES:
            raise invalid(f"Param upload_phase must be one of {{{', '.join(ENUMS['upload_phase'])}}}")
        return _PHASES[phase](api, call, account)
    if text(call.params, "file_url"):
        raise _not_fetched(text(call.params, "file_url") or "")
    file = call.files.get("source") or next((one for name, one in call.files.items() if name != "thumb"), None)
    if file is None:
        raise missing("source")
    _check_size(len(file.content))
    _check_format(file.content)
    fields = _named(api, call, file.name) | _seen(file.content) | _arrived(api, len(file.content))
    return {"id": api.write(account, "advideos", _judged(fields)).id}


def _not_fetched(url: str) -> GraphError:
    """Give the error for a video that is to be fetched: this machine is not on the internet, as Meta sees it."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        return invalid("Param file_url must be a valid URI")
    advice = f"{address.hostname} could not be reached from the internet. Upload the video itself, as source."
    return GraphError("(#389) Unable to fetch video file from URL.", 389, person=("Video can't be fetched", advice))


def _start(api: Api, call: Call, account: Node) -> dict[str, Any]:
    size = whole(call.params, "file_size")
    if size is None:
        raise missing("file_size")
    _check_size(size)
    session = str(int(api.objects.fresh_id("video")) + 10**15)
    fields = {"file_size": size, "received": 0, "session": session, "ready_time": None, "session_time": api.world.now()}
    video = api.write(account, "advideos", _named(api, call, "untitled") | fields)
    return {"upload_session_id": session, "video_id": video.id, **_offsets(video)}


def _transfer(api: Api, call: Call, _: Node) -> dict[str, Any]:
    video, start = _session(api, call), whole(call.params, "start_offset")
    chunk = call.files.get("video_file_chunk") or next(iter(call.files.values()), None)
    if chunk is None:
        raise missing("video_file_chunk")
    received, size = video.own["received"], video.own["file_size"]
    if start != received or not chunk.content or received + len(chunk.content) > size:
        raise _out_of_step(video)
    if received == 0:
        _check_format(chunk.content)
    api.write(video, "", {"received": received + len(chunk.content), **_seen(chunk.content, first=received == 0)})
    return _offsets(video)


def _finish(api: Api, call: Call, _: Node) -> dict[str, Any]:
    video = _session(api, call)
    if video.own["received"] != video.own["file_size"]:
        raise _out_of_step(video)
    given = {name: value for name, value in _named(api, call, "").items() if value}
    fields = given | _arrived(api, video.own["file_size"]) | {"session": None}
    known = {name: video.own[name] for name in ("whole", "length") if name in video.own}
    api.write(video, "", _judged(known | fields))
    return {"success": True}


def _cancel(api: Api, call: Call, _: Node) -> dict[str, Any]:
    api.write(_session(api, call), "", {"session": None, "status": "DELETED"})
    return {"success": True}


_PHASES = {"start": _start, "transfer": _transfer, "finish": _finish, "cancel": _cancel}


def _session(api: Api, call: Call) -> Node:
    ident = text(call.params, "upload_session_id")
    if not ident:
        raise missing("upload_session_id")
    video = next((one for one in api.objects.of_kind(api.objects.account, "video") if _is(one, ident)), None)
    if video is None or api.world.now() - video.own["session_time"] > SESSION:
        raise GraphError(
            "(#6000) There was a problem uploading your video file. Please try again with another file.",
            6000,
            1363019,
            person=("Upload session expired", "The upload session is unknown or has expired. Start again."),
        )
    return video


def _is(video: Node, session: str) -> bool:
    return video.own.get("session") == session


def _offsets(video: Node) -> dict[str, str]:
    start, size = video.own["received"], video.own["file_size"]
    return {"start_offset": str(start), "end_offset": str(min(size, start + WINDOW))}


def _out_of_step(video: Node) -> GraphError:
    return GraphError(
        "(#6001) There was a problem uploading your video. Please try again.",
        6001,
        1363037,
        person=("Video upload out of step", "The chunk does not begin where the last one ended."),
        data=_offsets(video),
    )


def _named(api: Api, call: Call, file: str) -> dict[str, Any]:
    values = read_values("create video", call.params, api.world.calendar.zone)
    title = values.get("title") or values.get("name") or file
    return {"title": title, "name": title, "description": values.get("description")}


def _seen(content: bytes, *, first: bool = True) -> dict[str, Any]:
    """Give what a part of a file tells: whether the index of an MP4 movie is in it, and its seconds."""
    other = first and content[4:8] != b"ftyp"
    found: dict[str, Any] = {"whole": True} if other or _MOVIE in content else {}
    place = content.find(_LENGTH)
    scale = int.from_bytes(content[place + 16 : place + 20])
    if place >= 0 and scale and content[place + 4 : place + 5] == b"\x00":
        found["length"] = round(int.from_bytes(content[place + 20 : place + 24]) / scale, 3)
    return found


def _arrived(api: Api, size: int) -> dict[str, Any]:
    ready = api.world.now() + AT_LEAST + size / BYTES_A_SECOND
    return {"file_size": size, "received": size, "ready_time": ready}


def _judged(fields: dict[str, Any]) -> dict[str, Any]:
    """Let a video without an index fail once it is processed."""
    return fields if fields.get("whole") else fields | {"error": "The video file has no index and cannot be played."}


def _check_size(size: int) -> None:
    if size < SMALLEST:
        raise GraphError("(#382) The video file you tried to upload is too small. The minimum size is 1 KB.", 382)
    if size > LARGEST:
        raise GraphError("(#356) The video file you tried to upload is too large.", 356)


def _check_format(content: bytes) -> None:
    if not any(content[place:].startswith(magic) for place, magic in _KNOWN):
        raise GraphError("(#352) The video file you selected is in a format that we don't support.", 352)


def _thumbnails(api: Api, _: Call, video: Node) -> dict[str, Any]:
    return thumbnails(video, api.world)


def _update(api: Api, call: Call, video: Node) -> dict[str, Any]:
    values = read_values("update video", call.params, api.world.calendar.zone)
    if not values:
        raise invalid("No parameter to update was given")
    api.write(video, "", values | ({"title": values["name"]} if "name" in values else {}))
    return {"success": True}


def _delete(api: Api, _: Call, video: Node) -> dict[str, Any]:
    api.write(video, "", {"status": "DELETED"})
    return {"success": True}


def _delete_by_id(api: Api, call: Call, _: Node) -> dict[str, Any]:
    node = api.objects.find(text(call.params, "video_id") or "")
    if node is None or node.kind != "video" or node.status in GONE:
        raise invalid("Param video_id must be the id of a video of this ad account")
    return _delete(api, call, node)


ROUTES: Routes = {
    "POST <account>/advideos": _upload,
    "DELETE <account>/advideos": _delete_by_id,
    "GET <video>/thumbnails": _thumbnails,
    "POST <video>": _update,
    "DELETE <video>": _delete,
}
MAKERS: Makers = {"POST <account>/advideos": make_video}
