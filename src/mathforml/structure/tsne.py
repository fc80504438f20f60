r"""t-SNE: a map of points on which near neighbors stay near.

All pairs count, nothing is approximated; matrices that are not asked for are worked through in
blocks of rows.

Read it with the page :doc:`/structure/tsne`.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array, check_shapes
from mathforml.structure.pca import pca

__all__ = [
    "Embedding",
    "Pull",
    "affinities",
    "embed",
    "squared_distances",
    "trustworthiness",
    "tsne",
    "tsne_gradient",
]

BLOCK = 2**16  # numbers in a block of rows
EXAGGERATED = 250  # iterations during which near neighbors attract more strongly
SPREAD = 1e-4  # of the map at the beginning


class Pull(NamedTuple):
    r"""What moves the points of a map.

    Attributes
    ----------
    gradient : (n, m)
        Of the divergence, by the positions.
    kl : float
        The divergence :math:`\sum_{ij} p_{ij} \log (p_{ij} / q_{ij})`, in nats.
    """

    gradient: Array
    kl: float


class Embedding(NamedTuple):
    r"""A map of points.

    Attributes
    ----------
    Y : (n, dimensions)
        Positions, without unit; only who is near to whom means something.
    kl : float
        The divergence :math:`\sum_{ij} p_{ij} \log (p_{ij} / q_{ij})` that is left, in nats.
    """

    Y: Array
    kl: float


def squared_distances(X: Array, rows: slice = slice(None)) -> Array:
    """Compute the squared distances from some rows to all rows.

    Parameters
    ----------
    X : (n, d)
        Points; near the origin, or digits are lost (`affinities` centers them).
    rows : slice
        Which rows, all unless told otherwise.

    Returns
    -------
    (r, n)
        Squared distances, exactly zero from a point to itself.
    """
    X = np.asarray(X, dtype=float)
    here = X[rows]
    if X.shape[1] <= 3:  # differences are quicker than products, and exact
        return np.asarray(
            sum(np.subtract.outer(here[:, a], X[:, a]) ** 2 for a in range(X.shape[1]))
        )
    norms = np.sum(X**2, axis=1)
    D = norms[rows, None] + norms - 2 * (here @ X.T)
    np.maximum(D, 0.0, out=D)
    D[np.arange(len(here)), np.arange(len(X))[rows]] = 0.0
    return np.asarray(D)


def affinities(X: Array, perplexity: float = 30.0) -> Array:
    """Compute how likely two points are to be neighbors, :eq:`eq-tsne-affinities`.

    Parameters
    ----------
    X : (n, d)
        Points, in any unit; n is at least 3.
    perplexity : float
        How many neighbors each point has in effect, at least 1 and less than n - 1.  A point with
        more copies than that has all of them as its neighbors.

    Returns
    -------
    (n, n)
        Symmetric probabilities of pairs, zero on the diagonal, of sum 1.

    Raises
    ------
    ValueError
        If there are too few points for the perplexity, or an entry is not finite.
    """
    X = _points("X", X)
    n = len(X)
    if not 1 <= perplexity < n - 1:
        raise ValueError(f"perplexity is {perplexity}; expected 1 to less than n - 1 = {n - 1}")
    X = X - X.mean(axis=0)
    X = X / (np.max(np.abs(X)) or 1.0)
    P = np.empty((n, n))
    for rows in _blocks(n):
        P[rows] = _neighbors(squared_distances(X, rows), np.arange(n)[rows], np.log(perplexity))
    P += P.T.copy()
    P /= P.sum()
    return P


def _neighbors(D: Array, own: NDArray[np.int_], entropy: float) -> Array:
    """Return rows of conditional probabilities, each of a given entropy where that can be.

    Newton's method on the logarithm of each row's precision, kept within a bracket.
    """
    D[np.arange(len(D)), own] = np.inf
    D -= D.min(axis=1, keepdims=True)
    D[np.arange(len(D)), own] = 0.0  # a finite number; its weight is set to zero below
    scale = D.sum(axis=1, keepdims=True) / (D.shape[1] - 1)
    D /= np.where(scale > 0, scale, 1.0)
    t, low, high = np.zeros(len(D)), np.full(len(D), -30.0), np.full(len(D), 60.0)
    P, todo = np.empty_like(D), np.arange(len(D))
    for _ in range(60):
        d = D[todo]
        W = np.exp(-np.exp(t[todo])[:, None] * d)
        W[np.arange(len(todo)), own[todo]] = 0.0
        W /= W.sum(axis=1, keepdims=True)
        P[todo] = W
        mean = np.einsum("ij,ij->i", W, d)
        variance = np.maximum(np.einsum("ij,ij,ij->i", W, d, d) - mean**2, 0.0)
        beta = np.exp(t[todo])
        # the entropy of a row is log sum exp(-beta d) + beta mean; the nearest has d = 0
        nearest = np.max(W, axis=1)
        miss = -np.log(nearest) + beta * mean - entropy
        above = miss > 0
        low[todo[above]], high[todo[~above]] = t[todo[above]], t[todo[~above]]
        slope = beta**2 * variance
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = t[todo] + miss / slope
        inside = (step > low[todo]) & (step < high[todo])
        t[todo] = np.where(inside, step, (low[todo] + high[todo]) / 2)
        todo = todo[(np.abs(miss) > 1e-10) & (high[todo] - low[todo] > 1e-12)]
        if todo.size == 0:
            break
    return P


def tsne_gradient(P: Array, Y: Array) -> Pull:
    """Differentiate the divergence by the positions, :eq:`eq-tsne-gradient`.

    Parameters
    ----------
    P : (n, n)
        Affinities: symmetric, zero on the diagonal, of sum 1.
    Y : (n, m)
        Positions on the map.

    Returns
    -------
    Pull
        The gradient and the divergence.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    check_shapes("P: n n, Y: n m", P, Y)
    P, Y = np.asarray(P, dtype=float), np.asarray(Y, dtype=float)
    gradient, total = _forces(P, Y, 1.0)
    kl = np.log(total)
    for rows in _blocks(len(Y)):
        p = P[rows]
        ratio = np.where(p > 0, p, 1.0) * (1 + squared_distances(Y, rows))
        kl += np.sum(p * np.log(ratio, where=p > 0, out=np.zeros_like(p)))
    return Pull(gradient, float(kl))


def _forces(P: Array, Y: Array, exaggeration: float) -> tuple[Array, float]:
    """Return the gradient with exaggerated affinities, and the sum of the map's weights."""
    Y = Y - Y.mean(axis=0)
    one, square = np.ones((len(Y), 1)), np.sum(Y**2, axis=1, keepdims=True)
    left = np.hstack([-2 * Y, square + 1, one])
    right = np.hstack([Y, one, square]).T
    ends = np.hstack([Y, one])
    attraction, repulsion, total = np.empty_like(ends), np.empty_like(ends), 0.0
    for rows in _blocks(len(Y)):
        W = left[rows] @ right  # one plus the squared distances
        np.reciprocal(W, out=W)
        total += float(W.sum())
        np.matmul(P[rows] * W, ends, out=attraction[rows])
        W *= W
        np.matmul(W, ends, out=repulsion[rows])
    total -= len(Y)  # a point does not repel itself
    pull = exaggeration * attraction - repulsion / total
    return 4 * (pull[:, -1:] * Y - pull[:, :-1]), total


def embed(P: Array, Y: Array) -> Iterator[Array]:
    """Move a map downhill, :eq:`eq-tsne-step`: yield it before the first step and after each.

    Parameters
    ----------
    P : (n, n)
        Affinities.
    Y : (n, m)
        The first positions, close together.

    Yields
    ------
    (n, m)
        Positions.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Momentum, with a gain for each coordinate that grows while the coordinate keeps its direction.
    For 250 steps the affinities are exaggerated twelvefold, so that clusters can pass through each
    other while the map is small; then the momentum begins anew.
    """
    check_shapes("P: n n, Y: n m", P, Y)
    P, Y = np.asarray(P, dtype=float), np.array(Y, dtype=float)
    rate = max(len(Y) / 48, 50.0)
    yield Y.copy()
    for exaggeration, momentum, steps in ((12.0, 0.5, range(EXAGGERATED)), (1.0, 0.8, count())):
        step, gain = np.zeros_like(Y), np.ones_like(Y)
        for _ in steps:
            gradient, _ = _forces(P, Y, exaggeration)
            onward = gradient * step < 0.0
            gain = np.maximum(np.where(onward, gain + 0.2, gain * 0.8), 0.01)
            step = momentum * step - rate * gain * gradient
            Y = Y + step
            yield Y.copy()


def tsne(
    X: Array,
    *,
    dimensions: int = 2,
    perplexity: float = 30.0,
    iterations: int = 1000,
    rng: np.random.Generator,
) -> Embedding:
    """Map points so that near neighbors stay near, minimizing :eq:`eq-tsne-kl`.

    Parameters
    ----------
    X : (n, d)
        Points, in any unit; n is at least 3.
    dimensions : int
        Of the map.
    perplexity : float
        How many neighbors each point has in effect, at least 1 and less than n - 1.
    iterations : int
        Steps; the first 250 are exaggerated.
    rng : numpy.random.Generator
        Shakes the principal components that the map begins with.

    Returns
    -------
    Embedding
        The map and the divergence that is left.

    Raises
    ------
    ValueError
        If there are too few points, an entry is not finite, or a number is out of range.
    """
    X = _points("X", X)
    if dimensions < 1 or iterations < 0:
        raise ValueError(
            f"dimensions is {dimensions}, iterations {iterations}; expected at least 1 and 0"
        )
    P = affinities(X, perplexity)
    Y = next(islice(embed(P, _start(X, dimensions, rng)), iterations, None))
    return Embedding(Y, tsne_gradient(P, Y).kl)


def _start(X: Array, dimensions: int, rng: np.random.Generator) -> Array:
    """Return the first principal components on a small scale, slightly shaken."""
    Y = rng.normal(scale=0.01, size=(len(X), dimensions))
    k = min(dimensions, *X.shape)
    scores = pca(X, k).scores
    spread = np.std(scores[:, 0])
    Y[:, :k] += scores / (spread if spread > 0 else 1.0)
    return np.asarray(SPREAD * Y)


def trustworthiness(X: Array, Y: Array, neighbors: int = 5) -> float:
    """Measure how far a map's neighbors are neighbors in the data, :eq:`eq-trustworthiness`.

    Parameters
    ----------
    X : (n, d)
        Points.
    Y : (n, m)
        Their positions on the map.
    neighbors : int
        How many nearest neighbors on the map count, less than n / 2.

    Returns
    -------
    float
        1 if each is among as many nearest in the data, 0 if none could be farther.  Points at an
        equal distance in the data share the best of their ranks.

    Raises
    ------
    ValueError
        If the shapes do not fit, or neighbors is out of range.
    """
    check_shapes("X: n d, Y: n m", X, Y)
    X, Y = _points("X", X), _points("Y", Y)
    n, k = len(X), neighbors
    if not 1 <= k < n / 2:
        raise ValueError(f"neighbors is {k}; expected 1 to less than n / 2 = {n / 2:g}")
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    penalty = 0
    for rows in _blocks(n):
        near, far = squared_distances(Y, rows), squared_distances(X, rows)
        own = np.arange(n)[rows]
        near[np.arange(len(own)), own] = far[np.arange(len(own)), own] = np.inf
        chosen = np.argpartition(near, k - 1, axis=1)[:, :k]
        for reach in np.take_along_axis(far, chosen, axis=1).T:
            rank = 1 + np.sum(far < reach[:, None], axis=1)
            penalty += int(np.sum(np.maximum(rank - k, 0)))
    return 1 - 2 * penalty / (n * k * (2 * n - 3 * k - 1))


def _points(name: str, X: Array) -> Array:
    """Return the points as float64, or say what is wrong with them."""
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) < 3 or X.shape[1] < 1:
        raise ValueError(f"{name} has shape {X.shape}; expected (n, d) with n at least 3")
    if not np.all(np.isfinite(X)):
        row, column = np.argwhere(~np.isfinite(X))[0]
        raise ValueError(f"{name}[{row}, {column}] is {X[row, column]}; expected finite numbers")
    return X


def _blocks(n: int) -> Iterator[slice]:
    """Yield slices of rows such that a block of (rows, n) has at most `BLOCK` numbers."""
    step = max(1, BLOCK // n)
    return (slice(start, start + step) for start in range(0, n, step))
