"""Pool adjacent violators: merge neighbors that stand in the wrong order until none does."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array

__all__ = ["pool"]

CHUNK = 2**14  # data that a processor keeps at hand
STALL = 0.95  # a round that leaves more blocks than this share is not worth another


class Blocks(NamedTuple):
    """Neighbors that share a value: their weighted sums, weights and numbers."""

    sums: Array
    weights: Array
    sizes: NDArray[np.int_]


def pool(y: Array, weights: Array) -> Array:
    """Return the nearest nondecreasing sequence in the weighted least squares sense, (n,).

    Two neighbors in the wrong order share a value in the solution, so they may be merged at once,
    wherever they stand: first in chunks, then in all, each round merging every falling run.  Where
    few runs fall, rounds would be many; then one pass with a stack ends the work in linear time.
    """
    if not np.any(y[1:] < y[:-1]):
        return y.copy()
    middle = y.mean()  # what is common to all needs no digits
    parts = []
    for start in range(0, len(y), CHUNK):
        c = slice(start, start + CHUNK)
        parts.append(
            merge(Blocks(weights[c] * (y[c] - middle), weights[c], np.ones_like(y[c], int)))
        )
    sums, weights, sizes = stack(merge(Blocks(*map(np.concatenate, zip(*parts, strict=True)))))
    return np.repeat(middle + sums / weights, sizes)


def merge(blocks: Blocks) -> Blocks:
    """Merge every run that does not rise, round by round, while that is worth it."""
    while True:
        means = blocks.sums / blocks.weights
        starts = np.flatnonzero(np.append(True, means[1:] > means[:-1]))
        if len(starts) == len(means):
            return blocks
        blocks = Blocks(*(np.add.reduceat(part, starts) for part in blocks))
        if len(starts) > STALL * len(means):
            return blocks


def stack(blocks: Blocks) -> Blocks:
    """Merge what is left in one pass: a falling block takes in those before it, then those after.

    Where nothing falls, nothing is looked at one by one.
    """
    means = blocks.sums / blocks.weights
    falls = [0, *(np.flatnonzero(np.diff(means) <= 0) + 1).tolist(), len(means)]
    if len(falls) == 2:
        return blocks
    rows = [part.tolist() for part in (*blocks, means)]
    done: list[list[float]] = [[], [], [], []]
    sums, weights, sizes, heights = done
    for fall, end in pairwise(falls):
        total, weight, size, height = (row[fall] for row in rows)
        place, after = len(heights), fall + 1
        while True:
            while place and heights[place - 1] >= height:
                place -= 1
                total += sums[place]
                weight += weights[place]
                height = total / weight
            if after == end or rows[3][after] > height:
                break
            total, weight = total + rows[0][after], weight + rows[1][after]
            height, after = total / weight, after + 1
        size = sum(sizes[place:]) + sum(rows[2][fall:after])
        merged = (total, weight, size, height)
        for kept, row, new in zip(done, rows, merged, strict=True):
            kept[place:] = [new, *row[after:end]]
    return Blocks(np.array(sums), np.array(weights), np.array(sizes, int))
