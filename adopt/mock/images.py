"""The ad account's pictures: uploaded as files, as text or in an archive, known by the hash of their bytes."""

import base64
import binascii
import hashlib
import io
import warnings
import zipfile
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from adopt.mock.api import Api, Makers, Routes
from adopt.mock.call import Call, File
from adopt.mock.errors import GraphError, invalid, missing, refused
from adopt.mock.objects import GONE, Node
from adopt.mock.params import structure, text, whole, words
from adopt.mock.values import object_of

LARGEST = 30 << 20
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")
MOST_IN_ARCHIVE = 50
_THUMB = "260"


@dataclass(frozen=True)
class Picture:
    """What is kept of an uploaded picture: not its bytes, but their hash."""

    hash: str
    name: str
    width: int
    height: int


def read_picture(name: str, content: bytes) -> Picture:
    """Measure a picture; raises what Meta answers to anything else."""
    if len(content) > LARGEST:
        raise _bad("The image is larger than 30 MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture that would fill the memory is only warned of
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                width, height = image.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        raise _bad("The file is not an image, or is damaged. Use a JPG or PNG file.") from None
    return Picture(hashlib.md5(content, usedforsecurity=False).hexdigest(), name, width, height)


def make_image(api: Api, account: Node, fields: dict[str, Any], moment: float) -> Node:
    """Let an image join the library."""
    size = {"original_width": fields["width"], "original_height": fields["height"]}
    url = f"https://images.example/{fields['hash']}"
    shown = {"url": f"{url}.jpg", "url_128": f"{url}_128.jpg", "permalink_url": url}
    own = {**fields, **size, **shown, "status": "ACTIVE", "created_time": moment, "updated_time": moment}
    return api.objects.add("image", account, own, f"{api.world.account.id}:{fields['hash']}")


def _upload(api: Api, call: Call, account: Node) -> dict[str, Any]:
    pictures = _given(api, call)
    if not pictures:
        raise missing("bytes")
    return {"images": {key: _answer(_keep(api, account, one), one.name) for key, one in pictures.items()}}


def _given(api: Api, call: Call) -> dict[str, Picture]:
    """Give the pictures of a call by the key each is answered under."""
    if "copy_from" in call.params:
        node = _copied(api, object_of(structure(call.params, "copy_from"), "copy_from"))
        return {node.own["hash"]: Picture(*(node.own[name] for name in ("hash", "name", "width", "height")))}
    if "bytes" in call.params:
        name = text(call.params, "name") or "untitled"
        return {"bytes": read_picture(name, _decoded(text(call.params, "bytes") or ""))}
    found: dict[str, Picture] = {}
    for part, file in call.files.items():
        found |= _unpacked(file) if zipfile.is_zipfile(io.BytesIO(file.content)) else {part: _picture(file)}
    return found


def _picture(file: File) -> Picture:
    return read_picture(file.name.replace("\\", "/").rpartition("/")[2], file.content)


def _unpacked(archive: File) -> dict[str, Picture]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive.content)) as file:
            names = [one for one in file.infolist() if not one.is_dir()]
            if len(names) > MOST_IN_ARCHIVE or sum(one.file_size for one in names) > MOST_IN_ARCHIVE * LARGEST // 10:
                raise _bad(f"The archive is too large: at most {MOST_IN_ARCHIVE} images.")
            return {one.filename: read_picture(one.filename, file.read(one)) for one in names}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        raise _bad("The archive cannot be read.") from None


def _decoded(given: str) -> bytes:
    try:
        return base64.b64decode(given.partition(",")[2] if given.startswith("data:") else given, validate=True)
    except (ValueError, binascii.Error):
        raise invalid("Param bytes must be the content of an image in base64") from None


def _copied(api: Api, source: dict[str, Any]) -> Node:
    owner = str(source.get("source_account_id", "")).removeprefix("act_")
    node = api.objects.find(f"{owner}:{source.get('hash')}")
    if node is None or node.status in GONE:
        raise refused(2446388, "Image wasn't found", "The image to copy is not in that ad account.", "copy_from")
    return node


def _keep(api: Api, account: Node, one: Picture) -> Node:
    """Give the node of a picture: the same bytes are the same image."""
    node = api.objects.find(f"{api.world.account.id}:{one.hash}")
    if node is None:
        return api.write(account, "adimages", vars(one))
    return api.write(node, "", {"status": "ACTIVE"}) if node.status in GONE else node


def _answer(node: Node, name: str) -> dict[str, Any]:
    own = node.own
    thumb = {"url_256": f"{own['permalink_url']}_256.jpg", "url_256_height": _THUMB, "url_256_width": _THUMB}
    size = {"height": own["height"], "width": own["width"]}
    return {"hash": own["hash"], "url": own["url"], "url_128": own["url_128"], **thumb, **size, "name": name}


def _list(api: Api, call: Call, account: Node) -> dict[str, Any]:
    hashes, name = words(call.params, "hashes"), text(call.params, "name")
    width, height = whole(call.params, "minwidth") or 0, whole(call.params, "minheight") or 0

    def holds(node: Node) -> bool:
        own = node.own
        asked = hashes is None or own["hash"] in hashes
        return bool(asked and name in (None, own["name"]) and own["width"] >= width and own["height"] >= height)

    params = call.params if call.params.get("fields") else {**call.params, "fields": "hash,id"}
    return api.reader(call).page(account, "adimages", "image", params, holds=holds)


def _delete(api: Api, call: Call, _: Node) -> dict[str, Any]:
    hash_ = text(call.params, "hash")
    if not hash_:
        raise missing("hash")
    node = api.objects.find(f"{api.world.account.id}:{hash_}")
    if node is None or node.status in GONE:
        raise refused(2446388, "Image wasn't found", f"There is no image with hash {hash_}.", "hash")
    api.write(node, "", {"status": "DELETED"})
    return {"success": True}


def _bad(advice: str) -> GraphError:
    return refused(None, "Image can't be used", advice, "bytes")


ROUTES: Routes = {
    "POST <account>/adimages": _upload,
    "GET <account>/adimages": _list,
    "DELETE <account>/adimages": _delete,
}
MAKERS: Makers = {"POST <account>/adimages": make_image}
