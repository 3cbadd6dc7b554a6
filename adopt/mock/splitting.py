"""Cuts counts into cells that add up to them exactly."""

import numpy as np

from adopt.mock.chance import Floats, Ints

_EDGE = 1e-9  # keeps a share that is a whole number from being rounded to its neighbour


def split(total: Ints, weights: Floats, u: Floats) -> Ints:
    """Cut each total into as many parts as its last axis of weights has, in proportion, to within one each.

    One draw of (0, 1) a total decides all its roundings at once (systematic sampling): the parts add up to the total,
    and each is its exact share on average, so that single purchases do not all fall into the largest cell.
    """
    upto = np.cumsum(weights, axis=-1)
    whole = upto[..., -1:]
    share = np.divide(upto, whole, out=np.zeros_like(upto), where=whole > 0)
    edges = np.floor(share * total[..., None] + np.clip(u, _EDGE, 1 - _EDGE)[..., None]).astype(np.int64)
    edges[..., -1] = total
    return np.diff(edges, axis=-1, prepend=0)


def split_like(total: Ints, like: Floats | Ints, spare: Floats, u: Floats) -> Ints:
    """Cut each total as something else is spread over the cells; as the spare weights where that is nothing."""
    held = like.sum(axis=-1, keepdims=True) > 0
    return split(total, like.astype(np.float64) if held.all() else np.where(held, like, spare), u)


def split_within(total: Ints, room: Ints, rates: Floats, spare: Floats, u: Floats) -> Ints:
    """Cut each total over cells that hold so many to take it from; rates tilt, but no cell gives more than it has."""
    tilted = room * rates
    steep = total * rates.max(axis=-1) > tilted.sum(axis=-1)
    return split_like(total, np.where(steep[..., None], room, tilted), spare, u)
