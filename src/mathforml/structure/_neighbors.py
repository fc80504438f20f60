"""Who is near to whom: squared distances and probabilities of neighbors, rows at a time.

The functions are part of the page :doc:`/structure/tsne`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array

__all__ = ["at_precision", "between", "blocks", "conditional", "points", "squared_distances"]

BLOCK = 2**16  # numbers in a block of rows
CANCELED = 1e-6  # of the squares: a squared distance that has lost six of its sixteen digits


def squared_distances(X: Array, rows: slice = slice(None)) -> Array:
    """Compute the squared distances from some rows to all rows.

    Parameters
    ----------
    X : (n, d)
        Points; near the origin, or time is lost (`affinities` centers them).
    rows : slice
        Which rows, all unless told otherwise.

    Returns
    -------
    (r, n)
        Squared distances, exactly zero from a point to itself and to its copies.
    """
    X = np.asarray(X, dtype=float)
    return between(X[rows], X)


def between(A: Array, B: Array) -> Array:
    """Compute the squared distances from some points to others.

    Parameters
    ----------
    A : (r, d)
        Points; near the origin, or time is lost.
    B : (n, d)
        Others, or the same.

    Returns
    -------
    (r, n)
        Squared distances, exactly zero between copies.

    Notes
    -----
    From inner products, which is quick.  Where points are so close that the squares cancel, and
    where three columns or fewer make it no slower, from differences, which lose nothing.
    """
    if A.shape[1] <= 3:
        return np.asarray(sum(np.subtract.outer(a, b) ** 2 for a, b in zip(A.T, B.T, strict=True)))
    squares = np.einsum("ij,ij->i", A, A)[:, None] + np.einsum("ij,ij->i", B, B)
    D = squares - 2 * (A @ B.T)
    i, j = np.nonzero(CANCELED * squares >= D)
    D[i, j] = np.sum((A[i] - B[j]) ** 2, axis=1)
    return np.asarray(D)


def conditional(D: Array, own: NDArray[np.int_], entropy: float) -> Array:
    """Find how likely a point takes each other for its neighbor, :eq:`eq-tsne-conditional`.

    Parameters
    ----------
    D : (r, n)
        Squared distances from some points to all; worked in, and lost.
    own : (r,)
        The place of each of these points among all.
    entropy : float
        What each row shall have, in nats: the logarithm of the perplexity.

    Returns
    -------
    (r, n)
        Probabilities, a row for each of the points.  A row that cannot have the entropy, because
        too many are nearest, comes as near to it as it can.

    Notes
    -----
    Newton's method on the logarithm of each row's precision, kept within a bracket.
    """
    here = np.arange(len(D))
    D[here, own] = np.inf
    D -= D.min(axis=1, keepdims=True)
    D[here, own] = 0.0  # a finite number; its weight is set to zero in time
    scale = D.sum(axis=1, keepdims=True) / (D.shape[1] - 1)
    D /= np.where(scale > 0, scale, 1.0)
    t, low, high = np.zeros(len(D)), np.full(len(D), -30.0), np.full(len(D), 60.0)
    P, going = np.empty_like(D), here
    for _ in range(60):
        P[going], found, slope = at_precision(t[going], D[going], own[going])
        miss = found - entropy
        low[going] = np.where(miss > 0, t[going], low[going])
        high[going] = np.where(miss > 0, high[going], t[going])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = t[going] - miss / slope
        inside = (step > low[going]) & (step < high[going])
        t[going] = np.where(inside, step, (low[going] + high[going]) / 2)
        going = going[(np.abs(miss) > 1e-10) & (high[going] - low[going] > 1e-12)]
        if going.size == 0:
            break
    return P


def at_precision(t: Array, D: Array, own: NDArray[np.int_]) -> tuple[Array, Array, Array]:
    """Compute probabilities, their entropy and its slope, :eq:`eq-entropy-slope`.

    Parameters
    ----------
    t : (r,)
        Logarithms of the precisions.
    D : (r, n)
        Squared distances, the smallest of each row taken off.
    own : (r,)
        The place of each row's own point.

    Returns
    -------
    (r, n), (r,), (r,)
        The probabilities, the entropies in nats, and how fast these change with ``t``.
    """
    beta = np.exp(t)
    W = np.exp(-beta[:, None] * D)  # 1 for the nearest, so that no row adds up to zero
    W[np.arange(len(D)), own] = 0.0
    total = W.sum(axis=1)
    W /= total[:, None]
    mean = np.einsum("ij,ij->i", W, D)
    variance = np.maximum(np.einsum("ij,ij,ij->i", W, D, D) - mean**2, 0.0)
    return W, np.log(total) + beta * mean, -(beta**2) * variance


def points(name: str, X: Array) -> Array:
    """Return the points as float64, or say what is wrong with them."""
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) < 3 or X.shape[1] < 1:
        raise ValueError(f"{name} has shape {X.shape}; expected (n, d) with n at least 3")
    if not np.all(np.isfinite(X)):
        row, column = np.argwhere(~np.isfinite(X))[0]
        raise ValueError(f"{name}[{row}, {column}] is {X[row, column]}; expected finite numbers")
    return X


def blocks(n: int, width: int | None = None) -> Iterator[slice]:
    """Yield slices of n rows such that a block of (rows, width) has at most `BLOCK` numbers."""
    step = max(1, BLOCK // (n if width is None else width))
    return (slice(start, start + step) for start in range(0, n, step))
