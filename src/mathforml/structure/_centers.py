"""Rows and their nearest centers: squared distances as one product of matrices.

The functions are part of the page :doc:`/structure/mixtures`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array
from mathforml.structure._neighbors import CANCELED, between, blocks

__all__ = ["lift", "move", "moves", "nearest", "normalized", "product", "table"]

LIMIT = 1e150  # larger numbers have squares beyond a float64


def table(name: str, X: Array) -> Array:
    """Return the rows as float64, or say what is wrong with them."""
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"{name} has shape {X.shape}; expected (n, d) with n and d at least 1")
    if not max(X.max(), -X.min()) <= LIMIT:
        row, column = np.argwhere(~(np.abs(X) <= LIMIT))[0]
        message = f"expected finite numbers, and none beyond {LIMIT:.0e}"
        raise ValueError(f"{name}[{row}, {column}] is {X[row, column]}; {message}")
    return X


def normalized(X: Array) -> tuple[Array, Array, float]:
    """Return the rows about their middle, in a unit that costs no digit.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.

    Returns
    -------
    (n, d), (d,), float
        The rows as ``(X - middle) / unit``, none beyond 1; the middle; the unit, a power of two.
    """
    X = table("X", X)
    middle = X[0] + np.ones(len(X)) @ (X - X[0]) / len(X)  # exact for a column that never varies
    Z = X - middle
    unit = float(np.ldexp(1.0, np.frexp(max(Z.max(), -Z.min()) or 1.0)[1]))
    Z /= unit
    return Z, middle, unit


def moves(Z: Array, C: Array) -> Iterator[Array]:
    """Yield centers, before the first move and after each that lessens the inertia.

    Parameters
    ----------
    Z : (n, d)
        Rows near the origin.
    C : (k, d)
        The first centers.

    Yields
    ------
    (k, d)
        Centers.
    """
    lifted, inertia = lift(Z), np.inf
    while True:
        after, left = move(lifted, C)
        if left >= inertia:
            return
        yield C
        if np.array_equal(after, C):
            return
        C, inertia = after, left


def move(lifted: Array, C: Array) -> tuple[Array, float]:
    """Move each center to the mean of the rows that it is nearest to.

    Parameters
    ----------
    lifted : (n, d + 2)
        Rows, as :func:`lift` returns them.
    C : (k, d)
        Centers.

    Returns
    -------
    (k, d), float
        The centers after the move, and the inertia before it.  A center without rows moves to the
        row that is farthest from its own center, the next one to the next.
    """
    gaps = between(C, C)[~np.eye(len(C), dtype=bool)]
    apart = gaps.min(initial=np.inf) > CANCELED * lifted[:, -1].max()
    sums, inertia = np.zeros((len(C), lifted.shape[1])), 0.0
    for rows in blocks(len(lifted), max(lifted.shape[1], len(C))):
        part = lifted[rows]
        D = product(C, part) if apart else between(C, part[:, :-2])
        least = D.min(axis=0)
        own = least == D
        if np.count_nonzero(own) > len(least):  # equally near: the first has it
            own &= np.cumsum(own, axis=0) == 1
        sums += own.astype(float) @ part
        inertia += float(least.sum())
    counts = sums[:, -2]
    after = sums[:, :-2] / np.maximum(counts, 1)[:, None]
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        Z = lifted[:, :-2]
        _, squares = nearest(Z, C)
        after[empty] = Z[np.argsort(-squares, kind="stable")[: empty.size]]
    return after, inertia


def lift(Z: Array) -> Array:
    """Return the rows with two more entries each: 1, and the squared length."""
    return np.column_stack([Z, np.ones(len(Z)), np.einsum("ij,ij->i", Z, Z)])


def product(C: Array, lifted: Array) -> Array:
    """Compute squared distances from centers to rows, :eq:`eq-kmeans-product`.

    Parameters
    ----------
    C : (k, d)
        Centers.
    lifted : (n, d + 2)
        Rows, as :func:`lift` returns them.

    Returns
    -------
    (k, n)
        Squared distances; those much smaller than the squares of the rows have lost digits.
    """
    lengths = np.einsum("ij,ij->i", C, C)
    D = np.column_stack([-2 * C, lengths, np.ones(len(C))]) @ lifted.T
    return np.asarray(np.maximum(D, 0.0, out=D))


def nearest(Z: Array, C: Array) -> tuple[NDArray[np.intp], Array]:
    """Find the nearest center of each row, :eq:`eq-kmeans-assign`.

    Parameters
    ----------
    Z : (n, d)
        Rows near the origin.
    C : (k, d)
        Centers.

    Returns
    -------
    (n,) of int, (n,)
        The center's place, the first of several that are equally near; and the squared distance,
        with all its digits.
    """
    labels = np.concatenate(
        [between(C, Z[rows]).argmin(axis=0) for rows in blocks(len(Z), max(Z.shape[1], len(C)))]
    )
    return labels, np.sum((Z - C[labels]) ** 2, axis=1)
