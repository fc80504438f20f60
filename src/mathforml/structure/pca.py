r"""Principal components: the directions in which data vary most.

The covariance matrix is built from blocks of centered rows: a large mean cannot cancel the
variances, and tall data are never copied whole.  Where the variances asked for span too many
digits for a covariance matrix, which squares the spread, the data themselves are decomposed.

Read it with the page :doc:`/structure/pca`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mathforml.shapes import Array, check_shapes

__all__ = ["PCA", "pca", "project", "reconstruct"]

BLOCK = 2**16  # numbers in a block of rows: half a megabyte, which a processor keeps at hand
LIMIT = 1e150  # larger numbers have squares beyond a float64
SPAN = 1e-4  # of the largest variance: what lies below loses more digits in a covariance matrix


class PCA(NamedTuple):
    r"""Principal components of data :math:`X`, the largest variance first.

    Attributes
    ----------
    mean : (d,)
        The mean of the rows, in the units of the data.
    components : (k, d)
        Orthonormal rows, the directions; the largest entry of each is positive.
    variances : (k,)
        The unbiased variance of the data along each direction, in squared units.
    ratios : (k,)
        Each variance over the sum of the variances of all columns; 0 if nothing varies.
    scores : (n, k)
        The coordinates of the rows, ``(X - mean) @ components.T``.
    """

    mean: Array
    components: Array
    variances: Array
    ratios: Array
    scores: Array


def pca(X: Array, k: int) -> PCA:
    """Find the k directions of largest variance, :eq:`eq-pca-variance`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each; n is at least 2.  The columns may differ in unit, but then the unit
        decides what varies most.
    k : int
        How many components, from 1 to the smaller of n and d.

    Returns
    -------
    PCA
        Mean, components, variances, ratios and scores.

    Raises
    ------
    ValueError
        If there are fewer than two rows, an entry is not finite or larger than 1e150, or k is
        out of range.
    """
    X = _data(X)
    n, d = X.shape
    if not 1 <= k <= min(n, d):
        raise ValueError(f"k is {k}; expected 1 to {min(n, d)}, the smaller of n and d")
    mean = _mean(X)
    squares, components, total = _tall(X, mean) if d <= n else _wide(X, mean, k)
    if squares[k - 1] <= SPAN * squares[0]:
        squares, components = _whole(X, mean)
    squares, components = np.maximum(squares[:k], 0.0), _upright(components[:k])
    ratios = squares / total if total > 0 else np.zeros(k)
    return PCA(mean, components, squares / (n - 1), ratios, project(X, mean, components))


def project(X: Array, mean: Array, components: Array) -> Array:
    """Compute the scores of rows, old or new, :eq:`eq-pca-scores`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    mean : (d,)
        The mean that the components were found with.
    components : (k, d)
        Orthonormal rows.

    Returns
    -------
    (n, k)
        Coordinates along the components, in the units of the data.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    check_shapes("X: n d, mean: d, components: k d", X, mean, components)
    X, mean = np.asarray(X, dtype=float), np.asarray(mean, dtype=float)
    scores = np.empty((len(X), len(components)))
    for rows in _blocks(*X.shape):
        np.matmul(X[rows] - mean, np.transpose(components), out=scores[rows])
    return scores


def reconstruct(scores: Array, mean: Array, components: Array) -> Array:
    """Return the points that k scores stand for, :eq:`eq-pca-reconstruction`.

    Parameters
    ----------
    scores : (n, k)
        Coordinates along the components.
    mean : (d,)
        The mean of the data.
    components : (k, d)
        Orthonormal rows.

    Returns
    -------
    (n, d)
        The nearest points to the data on the plane that the components span, in their units.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    check_shapes("scores: n k, mean: d, components: k d", scores, mean, components)
    return np.asarray(mean + np.asarray(scores, dtype=float) @ np.asarray(components, dtype=float))


def _data(X: Array) -> Array:
    """Return the data as float64, or say what is wrong with them."""
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) < 2 or X.shape[1] < 1:
        raise ValueError(f"X has shape {X.shape}; expected (n, d) with at least 2 rows, 1 column")
    if not max(X.max(), -X.min()) <= LIMIT:
        row, column = np.argwhere(~(np.abs(X) <= LIMIT))[0]
        message = f"expected finite numbers, and none beyond {LIMIT:.0e}"
        raise ValueError(f"X[{row}, {column}] is {X[row, column]}; {message}")
    return X


def _blocks(n: int, d: int) -> Iterator[slice]:
    """Yield slices of rows of some `BLOCK` numbers; d rows at least, or d by d would dominate."""
    step = max(1, d, BLOCK // max(1, d))
    return (slice(start, start + step) for start in range(0, n, step))


def _mean(X: Array) -> Array:
    """Return the mean of the rows; that of the deviations is what rounding took from it."""
    mean = np.ones(len(X)) @ X / len(X)  # quicker than a sum along the columns
    slip = np.zeros(X.shape[1])
    for rows in _blocks(*X.shape):
        deviation = X[rows] - mean
        slip += np.ones(len(deviation)) @ deviation
    return np.asarray(mean + slip / len(X))


def _tall(X: Array, mean: Array) -> tuple[Array, Array, float]:
    """Decompose the sum of squares and products of the columns, (d, d)."""
    S = np.zeros((X.shape[1], X.shape[1]))
    for rows in _blocks(*X.shape):
        deviation = X[rows] - mean
        S += deviation.T @ deviation
    squares, directions = np.linalg.eigh(S)
    return squares[::-1], directions.T[::-1], float(np.trace(S))


def _wide(X: Array, mean: Array, k: int) -> tuple[Array, Array, float]:
    """Decompose the inner products of the rows, (n, n), which has the same squares."""
    deviation = X - mean
    G = deviation @ deviation.T
    squares, weights = np.linalg.eigh(G)
    squares, weights = squares[::-1], weights[:, ::-1]
    lengths = np.sqrt(np.maximum(squares[:k], np.finfo(float).tiny))
    return squares, (weights[:, :k] / lengths).T @ deviation, float(np.trace(G))


def _whole(X: Array, mean: Array) -> tuple[Array, Array]:
    """Decompose the centered data, folded block by block into a triangle with the same squares."""
    R: Array = np.empty((0, X.shape[1]))
    for rows in _blocks(*X.shape):
        R = np.asarray(np.linalg.qr(np.vstack([R, X[rows] - mean]), mode="r"))
    _, lengths, components = np.linalg.svd(R, full_matrices=False)
    return lengths**2, components


def _upright(components: Array) -> Array:
    """Turn each direction so that its largest entry is positive."""
    largest = np.argmax(np.abs(components), axis=1)
    signs = np.sign(np.take_along_axis(components, largest[:, None], axis=1))
    return np.asarray(components * signs)
