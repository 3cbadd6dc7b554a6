"""Chance that depends only on who asks and when: Philox 4x32-10 over columns, and counts by inversion.

A draw is a function of (key, counter). The key is a hash of world seed, entity and stream, the counter an hour or a
day, so no draw moves when the world runs longer, stops half-way or gains an ad set. numpy's own Philox is one object
an entity, some 10 microseconds each; this one takes a column of keys and a column of counters at once.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Keys = NDArray[np.uint64]

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLY = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_ROUNDS = 10
_TILE = 1 << 15  # cells worked on at once: what fits the processor's cache


def key_of(*parts: object) -> int:
    """Give the 64-bit key of a stream, from whatever names it."""
    return _hash("\x1f".join(map(str, parts)))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def keys_of(seed: int, ids: Iterable[str], stream: str) -> Keys:
    """Give the keys of one stream for many entities."""
    return np.array([_hash(f"{seed}\x1f{entity}\x1f{stream}") for entity in ids], dtype=np.uint64)


def philox(counters: tuple[Keys, Keys, Keys, Keys], keys: tuple[Keys, Keys]) -> tuple[Keys, Keys, Keys, Keys]:
    """Give the four 32-bit words of Philox 4x32-10 for columns of counters and keys."""
    a, b, c, d = (column.copy() for column in counters)
    low, high = keys[0].copy(), keys[1].copy()
    p, q = np.empty_like(a), np.empty_like(a)
    for _ in range(_ROUNDS):
        np.multiply(a, _MULTIPLY[0], out=p)
        np.multiply(c, _MULTIPLY[1], out=q)
        for product, word, other, key, kept in ((q, a, b, low, b), (p, c, d, high, d)):
            np.right_shift(product, _HALF, out=word)
            np.bitwise_xor(word, other, out=word)
            np.bitwise_xor(word, key, out=word)
            np.bitwise_and(product, _LOW, out=kept)
        for key, step in ((low, _WEYL[0]), (high, _WEYL[1])):
            np.add(key, step, out=key)
            np.bitwise_and(key, _LOW, out=key)
    return a, b, c, d


def uniforms(keys: Keys, counter: Ints | int, lane: Ints | int = 0) -> tuple[Floats, Floats, Floats, Floats]:
    """Give four columns of numbers in (0, 1) for keys and counters that broadcast together."""
    shape = np.broadcast_shapes(np.shape(keys), np.shape(counter), np.shape(lane))
    flat = [np.broadcast_to(np.asarray(x, np.uint64), shape).ravel() for x in (keys, counter, lane)]
    out = [np.empty(flat[0].size) for _ in range(4)]
    for start in range(0, flat[0].size, _TILE):
        part = slice(start, start + _TILE)
        key, count, which = (column[part] for column in flat)
        zero = np.zeros_like(key)
        for column, word in zip(out, philox((count, which, zero, zero), (key & _LOW, key >> _HALF)), strict=True):
            np.multiply(word + 0.5, 2.0**-32, out=column[part])
    return out[0].reshape(shape), out[1].reshape(shape), out[2].reshape(shape), out[3].reshape(shape)


def normals(keys: Keys, counter: Ints | int, lane: Ints | int = 0) -> tuple[Floats, Floats, Floats, Floats]:
    """Give four columns of standard normal numbers."""
    a, b, c, d = uniforms(keys, counter, lane)
    return normal(a), normal(b), normal(c), normal(d)


def normal(u: Floats) -> Floats:
    """Give the standard normal quantile (Wichura's AS 241, seven figures)."""
    q = u - 0.5
    r = 0.180625 - q * q
    out: Floats = (
        q
        * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
        / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    )
    tail = np.abs(q) > 0.425  # noqa: PLR2004 - where AS 241 changes its formula
    if tail.any():
        out[tail] = _normal_tail(u[tail], q[tail])
    return out


def _normal_tail(u: Floats, q: Floats) -> Floats:
    r = np.sqrt(-np.log(np.minimum(u, 1.0 - u)))
    near, far = r - 1.6, r - 5.0
    middle = (((0.17023821103 * near + 1.3067284816) * near + 2.7568153900) * near + 1.4234372777) / (
        (0.12021132975 * near + 0.73700164250) * near + 1.0
    )
    outer = (((0.017337203997 * far + 0.42868294337) * far + 3.0812263860) * far + 6.6579051150) / (
        (0.012258202635 * far + 0.24197894225) * far + 1.0
    )
    return np.copysign(np.where(r <= 5.0, middle, outer), q)  # noqa: PLR2004 - as above


_EXACT = 12.0
_LAST = 400


def poisson(mean: Floats, u: Floats) -> Ints:
    """Give Poisson counts by inversion: exact below a mean of 12, from the skewed normal above."""
    flat, chance, counts = mean.ravel(), u.ravel(), np.empty(mean.size, np.int64)
    for start in range(0, mean.size, _TILE):
        part = slice(start, start + _TILE)
        counts[part] = _poisson(flat[part], chance[part])
    return counts.reshape(mean.shape)


def _poisson(mean: Floats, u: Floats) -> Ints:
    counts = _rounded(mean >= _EXACT, mean, mean, np.ones_like(mean), u)
    none = np.exp(-mean)
    return _walk(counts, np.flatnonzero((mean < _EXACT) & (u > none)), u, none, np.zeros_like(mean), mean)


def binomial(n: Ints, p: Floats | float, u: Floats) -> Ints:
    """Give binomial counts by inversion: exact below a mean of 12, from the skewed normal above."""
    counts = np.zeros(n.size, np.int64)
    some = np.flatnonzero(n)
    size, share, chance = n.ravel(), np.broadcast_to(np.asarray(p, np.float64), n.shape).ravel(), u.ravel()
    for start in range(0, some.size, _TILE):
        part = some[start : start + _TILE]
        counts[part] = _binomial(size[part], share[part], chance[part])
    return counts.reshape(n.shape)


def _binomial(n: Ints, share: Floats, u: Floats) -> Ints:
    size = n.astype(np.float64)
    mean, ratio = size * share, share / (1.0 - share)
    counts = _rounded(mean >= _EXACT, mean, mean * (1.0 - share), 1.0 - 2.0 * share, u)
    none = np.exp(size * np.log1p(-share))
    cells = np.flatnonzero((mean < _EXACT) & (u > none))
    return np.minimum(_walk(counts, cells, u, none, -ratio, (size + 1.0) * ratio), n)


def _rounded(large: Flags, mean: Floats, variance: Floats, skew: Floats, u: Floats) -> Ints:
    """Give the skewed normal's counts where asked, 0 elsewhere."""
    counts = np.zeros(mean.shape, np.int64)
    if large.any():
        z = normal(u[large])
        found = mean[large] + z * np.sqrt(variance[large]) + skew[large] * (z * z - 1.0) / 6.0
        counts[large] = np.floor(found + 0.5).clip(0)
    return counts


def _walk(counts: Ints, cells: Ints, u: Floats, none: Floats, a: Floats, b: Floats) -> Ints:
    """Walk up the (a, b, 0) class of laws, where P(k) = P(k-1) (a + b/k), until the sum of P passes u."""
    out = counts.ravel()
    left, chance, slope, level = u.ravel()[cells], none.ravel()[cells], a.ravel()[cells], b.ravel()[cells]
    left = left - chance
    for k in range(1, _LAST):
        going = left > 0.0
        if not going.any():
            break
        cells, left, chance, slope, level = cells[going], left[going], chance[going], slope[going], level[going]
        out[cells] = k
        chance = chance * (slope + level / k)
        left = left - chance
    return out.reshape(counts.shape)
