"""Rows and their nearest centers: squared distances from one product of matrices.

The functions are part of the page :doc:`/structure/mixtures`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array
from mathforml.structure._neighbors import CANCELED, between, blocks

__all__ = ["lengths", "move", "moves", "nearest", "normalized", "product", "table"]

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
    Z = X - X[0]
    middle = X[0] + np.ones(len(X)) @ Z / len(X)  # exact for a column that never varies
    np.subtract(X, middle, out=Z)
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
    squares, inertia = lengths(Z), np.inf
    while True:
        after, left = move(Z, squares, C)
        if left >= inertia:
            return
        yield C
        if np.array_equal(after, C):
            return
        C, inertia = after, left


def move(Z: Array, squares: Array, C: Array) -> tuple[Array, float]:
    """Move each center to the mean of the rows that it is nearest to.

    Parameters
    ----------
    Z : (n, d)
        Rows near the origin.
    squares : (n,)
        Their squared lengths.
    C : (k, d)
        Centers.

    Returns
    -------
    (k, d), float
        The centers after the move, and the inertia before it.  A center without rows moves to the
        row that is farthest from its own center, the next one to the next.
    """
    gaps = between(C, C)[~np.eye(len(C), dtype=bool)]
    apart = gaps.min(initial=np.inf) > CANCELED * squares.max()
    sums, counts, inertia = np.zeros(C.shape), np.zeros(len(C)), 0.0
    for rows in blocks(len(Z), max(C.shape)):
        D = product(C, Z[rows], squares[rows]) if apart else between(C, Z[rows])
        least = D.min(axis=0)
        own = least == D
        if np.count_nonzero(own) > len(least):  # equally near: the first has it
            own &= np.cumsum(own, axis=0) == 1
        sums += own.astype(float) @ Z[rows]
        counts += np.count_nonzero(own, axis=1)
        inertia += float(least.sum())
    after = sums / np.maximum(counts, 1)[:, None]
    empty = np.flatnonzero(counts == 0)
    if empty.size:
        _, gaps = nearest(Z, C)
        after[empty] = Z[np.argsort(-gaps, kind="stable")[: empty.size]]
    return after, inertia


def lengths(Z: Array) -> Array:
    """Compute the squared lengths of rows."""
    return np.asarray(np.einsum("ij,ij->i", Z, Z))


def product(C: Array, Z: Array, squares: Array) -> Array:
    """Compute squared distances from centers to rows, :eq:`eq-kmeans-product`.

    Parameters
    ----------
    C : (k, d)
        Centers.
    Z : (n, d)
        Rows.
    squares : (n,)
        Their squared lengths, which serve for all centers to come.

    Returns
    -------
    (k, n)
        Squared distances; those much smaller than the squares of the rows have lost digits.
    """
    D = -2 * C @ Z.T
    D += lengths(C)[:, None]
    D += squares
    return np.maximum(D, 0.0, out=D)


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
