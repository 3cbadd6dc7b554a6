"""Files to Meta: pictures known by their hash, videos in pieces that are resumed, and what becomes of them there.

Sources: docs/marketing-api/reference/ad-image, docs/marketing-api/reference/ad-account/advideos, and the offsets of
a session as the official SDK's `video_uploader` follows them.
"""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from msgspec import Struct

from adopt.errors import AdoptError, Invalid, Rejected, Temporary
from adopt.graph.client import Graph
from adopt.graph.errors import is_gone
from adopt.graph.objects import convert

Told = Callable[[float], None]  # hears the share that has gone out, 0 to 1

_OUT_OF_STEP = 1363037  # its data say which bytes the server wants next
_EXPIRED = 1363019
_FAILURES = 20  # of pieces, without one that went through between them
_BLOCK = 1 << 20


class Session(NamedTuple):
    """A video whose bytes are awaited: its own id, and the session's."""

    video: str
    id: str


class Digests(NamedTuple):
    """What tells a file: its SHA-256 for us, its MD5 for Meta's image library, its length in bytes."""

    sha256: str
    md5: str
    length: int


class Video(Struct, frozen=True, kw_only=True):
    """How far a video is at Meta."""

    state: Literal["uploading", "processing", "ready", "failed"]
    received: int = 0  # bytes
    share: float | None = None  # of its processing
    why: str = ""


class _Fault(Struct, frozen=True):
    message: str = ""


class _Phase(Struct, frozen=True):
    status: str = ""
    bytes_transferred: int = 0
    errors: tuple[_Fault, ...] = ()


class _Status(Struct, frozen=True):
    video_status: str = ""
    processing_progress: float | None = None
    uploading_phase: _Phase = _Phase()
    processing_phase: _Phase = _Phase()


class _VideoRow(Struct):
    status: _Status = _Status()


class _Thumbnail(Struct):
    uri: str
    is_preferred: bool = False


class _Offsets(Struct):
    start_offset: int
    end_offset: int


class _Piece:
    """Some bytes of a file as a file of their own, that tells how far it was read."""

    def __init__(self, file: BinaryIO, start: int, length: int, whole: int, told: Told) -> None:
        self._file, self.start, self._length, self._whole, self._told = file, start, length, whole, told
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        left = self._length - self._at
        self._file.seek(self.start + self._at)
        found = self._file.read(left if size < 0 else min(size, left))
        self._at += len(found)
        self._told((self.start + self._at) / self._whole)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Where reading goes on."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        """Where reading goes on."""
        return self._at


def digests(path: Path) -> Digests:
    """What tells a file; Invalid if it cannot be read."""
    sha256, md5, length = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with _opened(path) as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            length += len(block)
    return Digests(sha256.hexdigest(), md5.hexdigest(), length)


def has_image(graph: Graph, account: str, image_hash: str) -> bool:
    """Whether the account's library has a picture."""
    rows = graph.get(f"{account}/adimages", hashes=[image_hash], fields="hash,status").get("data")
    return isinstance(rows, list) and any(_is_there(row, image_hash) for row in rows)


def upload_image(graph: Graph, account: str, path: Path, told: Told) -> str:
    """The hash of a picture, now in the account's library; the same bytes are the same picture, however often."""
    length = path.stat().st_size
    with _opened(path) as file:
        piece = _Piece(file, 0, length, length, told)
        answer = graph.upload(f"{account}/adimages", {"filename": (path.name, piece)})
    images = answer.get("images")
    found = list(images.values())[-1].get("hash") if isinstance(images, dict) and images else None
    if not isinstance(found, str):
        raise Temporary(f"could not upload {path.name}: the answer has no hash", try_next="try again")
    return found


def start_video(graph: Graph, account: str, length: int) -> Session:
    """A session for the bytes of a new video; one that is never finished shows nowhere and expires."""
    answer = graph.upload(f"{account}/advideos", upload_phase="start", file_size=length)
    if not (answer.get("upload_session_id") and answer.get("video_id")):
        raise Temporary(f"could not begin the upload to {account}: the answer has no session", try_next="try again")
    return Session(str(answer["video_id"]), str(answer["upload_session_id"]))


def send_video(graph: Graph, account: str, session: Session, path: Path, told: Told) -> None:
    """All bytes that the server does not have yet, in the pieces that it asks for; broken pieces are resumed."""
    length = path.stat().st_size
    start, failures = video(graph, session.video).received, 0
    end = min(length, start + _BLOCK)
    with _opened(path) as file:
        while start < length:
            try:
                found = _send_piece(graph, account, session, path.name, _Piece(file, start, end - start, length, told))
                failures = 0
            except AdoptError as error:
                failures += 1
                if error.subcode != _OUT_OF_STEP or failures > _FAILURES:
                    raise
                found = convert(error.data, _Offsets, session.video)
            start, end = found.start_offset, found.end_offset


def finish_video(graph: Graph, account: str, session: Session, name: str) -> str:
    """The video's id once Meta has taken it over: finishing again what is finished does no harm."""
    try:
        graph.upload(f"{account}/advideos", upload_phase="finish", upload_session_id=session.id, title=name)
    except Rejected:
        if video(graph, session.video).state == "uploading":
            raise
    return session.video


def is_expired(error: AdoptError) -> bool:
    """Whether an upload has to begin anew, because its session is over."""
    return error.subcode == _EXPIRED


def video(graph: Graph, video_id: str) -> Video:
    """How far a video is; failed if it is gone."""
    try:
        found = convert(graph.get(video_id, fields="status"), _VideoRow, video_id).status
    except AdoptError as error:
        if is_gone(error):
            return Video(state="failed", why="it was deleted")
        raise
    if found.video_status == "ready":
        return Video(state="ready")
    if found.video_status in ("error", "expired", "upload_failed"):
        faults = [*found.processing_phase.errors, *found.uploading_phase.errors]
        return Video(state="failed", why="; ".join(fault.message for fault in faults) or found.video_status)
    if found.uploading_phase.status == "complete":
        return Video(state="processing", share=_share(found.processing_progress))
    return Video(state="uploading", received=found.uploading_phase.bytes_transferred)


def thumbnail(graph: Graph, video_id: str) -> str:
    """The address of the picture that Meta prefers for a processed video; Temporary while there is none."""
    path = f"{video_id}/thumbnails"
    found = [convert(row, _Thumbnail, path) for row in graph.get(path, fields="uri,is_preferred").get("data") or ()]
    if not found:
        raise Temporary(f"video {video_id} has no thumbnail yet", try_next="wait", retry_after_s=5.0)
    return next((one.uri for one in found if one.is_preferred), found[0].uri)


def _send_piece(graph: Graph, account: str, session: Session, name: str, piece: _Piece) -> _Offsets:
    answer: dict[str, Any] = graph.upload(
        f"{account}/advideos",
        {"video_file_chunk": (name, piece)},
        upload_phase="transfer",
        upload_session_id=session.id,
        start_offset=piece.start,
    )
    return convert(answer, _Offsets, f"{account}/advideos")


def _is_there(row: dict[str, Any], image_hash: str) -> bool:
    return row.get("hash") == image_hash and row.get("status") != "DELETED"


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", try_next=f"put it back: ls -l {path}") from error
