"""The files of a launch into the account's library: none that is there already, and a broken upload goes on."""

import time
from pathlib import Path
from typing import Any, NamedTuple

from adopt.errors import AdoptError, Invalid, Rejected
from adopt.graph import uploads
from adopt.graph.client import Graph
from adopt.graph.uploads import Digests, Session
from adopt.launch.tree import Media
from adopt.operations.working import Context
from adopt.store import library

_SOONEST_S, _LATEST_S = 2.0, 60.0  # between two looks at a video in processing
_SESSIONS = 5  # that may run out before it is given up


class Shelf(NamedTuple):
    """The library of an account, as a job reaches it."""

    context: Context
    graph: Graph
    account: str

    def put(self, media: Media) -> str:
        """The hash of a picture or the id of a video, uploaded if the account does not have it."""
        found = self._image(media) if media.kind == "image" else self._video(media)
        library.remember(self.context.store, self.account, media.sha256, found)
        return found

    def wait(self, media: Media, video: str) -> None:
        """Go on once a video can be shown; the worker is given back meanwhile."""
        begun = self.context.step(f"{media.key}.session", lambda: {"at": time.time()}, stage="uploading")
        self.context.step(f"{media.key}.ready", lambda: self._look(media, video, begun["at"]), stage="processing")

    def cover(self, name: str, video: str) -> str:
        """The address of a processed video's thumbnail."""
        found: str = self.context.step(name, lambda: uploads.thumbnail(self.graph, video), stage="processing")
        return found

    def _image(self, media: Media) -> str:
        found: str = self.context.step(media.key, lambda: self._image_hash(media), stage="uploading")
        return found

    def _image_hash(self, media: Media) -> str:
        read = _read(media)
        known = library.known(self.context.store, self.account, media.sha256) or read.md5
        if uploads.has_image(self.graph, self.account, known):
            return known
        return uploads.upload_image(self.graph, self.account, Path(media.path), self._told)

    def _video(self, media: Media) -> str:
        for count in range(_SESSIONS):
            again = f".{count + 1}" if count else ""
            begun = self.context.step(f"{media.key}.session{again}", lambda: self._begin(media), stage="uploading")
            session = Session(begun["id"], begun["session"])
            try:
                return self._carry(media, session, again)
            except AdoptError as error:
                if not uploads.is_expired(error):
                    raise
        raise Rejected(f"{media.path}: its upload ran out {_SESSIONS} times", try_next="adopt job retry")

    def _begin(self, media: Media) -> dict[str, Any]:
        """A session for the file, or none if the account has the video."""
        read = _read(media)
        known = library.known(self.context.store, self.account, media.sha256)
        if known and uploads.video(self.graph, known).state in ("processing", "ready"):
            return {"id": known, "session": "", "at": time.time()}
        video, session = uploads.start_video(self.graph, self.account, read.length)
        return {"id": video, "session": session, "at": time.time()}

    def _carry(self, media: Media, session: Session, again: str) -> str:
        path = Path(media.path)
        if session.id:
            self.context.step(
                f"{media.key}.bytes{again}",
                lambda: uploads.send_video(self.graph, self.account, session, path, self._told),
                stage="uploading",
            )
        found: str = self.context.step(media.key, lambda: self._finish(session, path), stage="uploading")
        return found

    def _finish(self, session: Session, path: Path) -> str:
        return uploads.finish_video(self.graph, self.account, session, path.name) if session.id else session.video

    def _look(self, media: Media, video: str, begun: float) -> None:
        found = uploads.video(self.graph, video)
        if found.state == "failed":
            library.forget(self.context.store, self.account, media.sha256)
            raise Rejected(
                f"Meta cannot use {media.path}: {found.why}", try_next=f"adopt creative check {media.path} --deep"
            )
        if found.state != "ready":
            self.context.progress(found.share, "Meta processes it")
            self.context.later(min(_LATEST_S, max(_SOONEST_S, (time.time() - begun) / 4)))

    def _told(self, share: float) -> None:
        self.context.progress(share)


def _read(media: Media) -> Digests:
    """What tells the file; Invalid if it is not the one that was queued."""
    read = uploads.digests(Path(media.path))
    if read.sha256 != media.sha256:
        raise Invalid(f"{media.path} is not the file that was queued: it has changed", try_next="launch the spec anew")
    return read
