"""Secrets sealed by AES-256-GCM: the master key wraps data keys, a data key seals records, each bound to its place."""

import hashlib
import os
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adopt.errors import NeedsPerson

KEY_BYTES = 32
_NONCE_BYTES = 12  # random, which is sound up to 2^32 messages a key: NIST SP 800-38D, 8.3
_TAG_BYTES = 16
_ID_BYTES = 4
_FORM = b"\x01"
_HEAD = len(_FORM) + _ID_BYTES
SIGN_IN_AGAIN = "adopt auth login"


class MasterKey:
    """The key over all keys: 32 bytes that never show themselves, and the name they can be told by."""

    __slots__ = ("_key", "id")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
        self._key = key
        self.id = hashlib.sha256(b"adopt/master/v1" + key).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"MasterKey({self.id})"

    def reveal(self) -> bytes:
        """The key itself, for the place that keeps it and nothing else."""
        return self._key

    def wrap(self, key: "DataKey") -> bytes:
        """A data key sealed by this one."""
        return _seal(self._key, key.key, _bound(b"adopt/dek/v1", _number(key.id), self.id.encode()))

    def unwrap(self, number: int, wrapped: bytes) -> "DataKey":
        """The data key that was wrapped under this number; NeedsPerson if it was changed or is another's."""
        bound = _bound(b"adopt/dek/v1", _number(number), self.id.encode())
        return DataKey(number, _open(self._key, wrapped, bound, "the data key of the vault"))


class DataKey(NamedTuple):
    """A key that seals records, and the number that its records bear."""

    id: int
    key: bytes

    def __repr__(self) -> str:
        return f"DataKey({self.id})"


class Place(NamedTuple):
    """Where a sealed record belongs: a blob that was moved elsewhere does not open."""

    table: str
    column: str
    row: str


def new_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def seal(key: DataKey, text: str, place: Place) -> bytes:
    """The text sealed for its place: 33 bytes more than its UTF-8."""
    head = _FORM + _number(key.id)
    return head + _seal(key.key, text.encode(), _aad(place, head))


def sealed_by(blob: bytes) -> int:
    """The number of the data key that sealed a record; NeedsPerson if the blob is no record."""
    if len(blob) < _HEAD + _NONCE_BYTES + _TAG_BYTES or not blob.startswith(_FORM):
        raise _damaged("a secret in the vault")
    return int.from_bytes(blob[len(_FORM) : _HEAD])


def unseal(key: DataKey, blob: bytes, place: Place) -> str:
    """The text of a record; NeedsPerson if it was changed, cut, moved, or sealed by another key."""
    sealed_by(blob)
    head = blob[:_HEAD]
    return _open(key.key, blob[_HEAD:], _aad(place, head), f"the secret {place.row!r}").decode()


def _aad(place: Place, head: bytes) -> bytes:
    return _bound(b"adopt/rec/v1", *(part.encode() for part in place), head)


def _bound(*parts: Any) -> bytes:
    """Parts with their lengths before them, so that no two lists of parts read alike."""
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _number(number: int) -> bytes:
    return number.to_bytes(_ID_BYTES)


def _seal(key: bytes, text: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, aad)


def _open(key: bytes, sealed: bytes, aad: bytes, what: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as error:
        raise _damaged(what) from error


def _damaged(what: str) -> NeedsPerson:
    return NeedsPerson(f"{what} does not open: it was damaged, moved, or sealed by another key", try_next=SIGN_IN_AGAIN)
