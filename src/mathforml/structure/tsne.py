r"""Maps on which near neighbors stay near: t-SNE.

All pairs count, nothing is approximated; beside the affinities no (n, n) matrix is ever held.

Read it with the page :doc:`/structure/tsne`.
"""

from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

import numpy as np

from mathforml.shapes import Array, check_shapes
from mathforml.structure._neighbors import blocks, conditional, points, squared_distances
from mathforml.structure.pca import pca

__all__ = [
    "Embedding",
    "Motion",
    "Pull",
    "affinities",
    "embed",
    "forces",
    "trustworthiness",
    "tsne",
    "tsne_gradient",
    "tsne_step",
]

EXAGGERATION = 12.0  # how many times as strongly neighbors attract at first
EXAGGERATED = 250  # steps that this lasts
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


class Motion(NamedTuple):
    r"""A map on its way.

    Attributes
    ----------
    Y : (n, m)
        Positions.
    step : (n, m)
        The last step, which brought the points there.
    gain : (n, m)
        What multiplies the rate: it grows while a coordinate goes on downhill, and shrinks where
        it has gone too far.
    """

    Y: Array
    step: Array
    gain: Array


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
    X = points("X", X)
    n = len(X)
    if not 1 <= perplexity < n - 1:
        raise ValueError(f"perplexity is {perplexity}; expected 1 to less than n - 1 = {n - 1}")
    X = X - X.mean(axis=0)
    X = X / (np.max(np.abs(X)) or 1.0)
    P = np.empty((n, n))
    for rows in blocks(n):
        P[rows] = conditional(squared_distances(X, rows), np.arange(n)[rows], np.log(perplexity))
    P += P.T.copy()
    P /= P.sum()
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
        If the shapes do not fit, or P does not add up to 1.
    """
    check_shapes("P: n n, Y: n m", P, Y)
    P, Y = np.asarray(P, dtype=float), np.asarray(Y, dtype=float)
    if not abs(P.sum() - 1) < 1e-6:
        raise ValueError(f"P adds up to {P.sum():.6g}; expected 1, as affinities do")
    gradient, total = forces(P, Y, 1.0)
    kl = np.log(total)
    for rows, ratio in _one_plus_squares(Y):
        ratio *= P[rows]
        ratio[ratio == 0] = 1.0  # a pair without affinity adds nothing
        kl += np.vdot(P[rows], np.log(ratio))
    return Pull(gradient, float(kl))


def forces(P: Array, Y: Array, exaggeration: float = 1.0) -> tuple[Array, float]:
    """Compute the gradient with a stronger attraction, :eq:`eq-tsne-exaggerated`.

    Parameters
    ----------
    P : (n, n)
        Affinities.
    Y : (n, m)
        Positions on the map.
    exaggeration : float
        How many times as strongly as they should neighbors attract.

    Returns
    -------
    (n, m), float
        The gradient, and the sum of the weights of all pairs on the map.
    """
    ends = np.hstack([Y - Y.mean(axis=0), np.ones((len(Y), 1))])
    attraction, repulsion, total = np.empty_like(ends), np.empty_like(ends), 0.0
    for rows, W in _one_plus_squares(Y):
        np.reciprocal(W, out=W)
        np.fill_diagonal(W[:, rows], 0.0)  # a point does not repel itself
        total += float(W.sum())
        np.matmul(P[rows] * W, ends, out=attraction[rows])
        W *= W
        np.matmul(W, ends, out=repulsion[rows])
    pull = exaggeration * attraction - repulsion / total
    return 4 * (pull[:, -1:] * ends[:, :-1] - pull[:, :-1]), total


def _one_plus_squares(Y: Array) -> Iterator[tuple[slice, Array]]:
    """Yield some rows, and one plus the squared distances from them to all."""
    Y = Y - Y.mean(axis=0)
    one, square = np.ones((len(Y), 1)), np.sum(Y**2, axis=1, keepdims=True)
    left = np.hstack([-2 * Y, square + 1, one])
    right = np.hstack([Y, one, square]).T
    for rows in blocks(len(Y)):
        yield rows, np.maximum(left[rows] @ right, 1.0)


def tsne_step(
    P: Array, motion: Motion, rate: float, exaggeration: float = 1.0, momentum: float = 0.8
) -> Motion:
    """Move a map one step downhill, :eq:`eq-tsne-step`.

    Parameters
    ----------
    P : (n, n)
        Affinities.
    motion : Motion
        Where the points are, and how they came there.
    rate : float
        How far they go for a gradient of one.
    exaggeration : float
        As for :func:`forces`.
    momentum : float
        How much of the last step is repeated, from 0 to less than 1.

    Returns
    -------
    Motion
        After the step.
    """
    Y, step, gain = motion
    gradient, _ = forces(np.asarray(P, dtype=float), Y, exaggeration)
    onward = gradient * step < 0.0
    gain = np.maximum(np.where(onward, gain + 0.2, 0.8 * gain), 0.01)
    step = momentum * step - rate * gain * gradient
    return Motion(Y + step, step, gain)


def embed(P: Array, Y: Array) -> Iterator[Array]:
    """Move a map downhill: yield it before the first step and after each.

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

    Notes
    -----
    For 250 steps the affinities are exaggerated twelvefold, so that clusters can pass through each
    other while the map is small; then the momentum begins anew.
    """
    check_shapes("P: n n, Y: n m", P, Y)
    Y = np.array(Y, dtype=float)
    rate = max(len(Y) / (4 * EXAGGERATION), 50.0)
    yield Y.copy()
    for exaggeration, momentum, steps in (
        (EXAGGERATION, 0.5, range(EXAGGERATED)),
        (1.0, 0.8, count()),
    ):
        motion = Motion(Y, np.zeros_like(Y), np.ones_like(Y))
        for _ in steps:
            motion = tsne_step(P, motion, rate, exaggeration, momentum)
            Y = motion.Y
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
    X = points("X", X)
    if dimensions < 1:
        raise ValueError(f"dimensions is {dimensions}; expected at least 1")
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
    X, Y = points("X", X), points("Y", Y)
    n, k = len(X), neighbors
    if not 1 <= k < n / 2:
        raise ValueError(f"neighbors is {k}; expected 1 to less than n / 2 = {n / 2:g}")
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    penalty = 0
    for rows in blocks(n):
        near, far = squared_distances(Y, rows), squared_distances(X, rows)
        own = np.arange(n)[rows]
        near[np.arange(len(own)), own] = far[np.arange(len(own)), own] = np.inf
        chosen = np.argpartition(near, k - 1, axis=1)[:, :k]
        for reach in np.take_along_axis(far, chosen, axis=1).T:
            rank = 1 + np.sum(far < reach[:, None], axis=1)
            penalty += int(np.sum(np.maximum(rank - k, 0)))
    return 1 - 2 * penalty / (n * k * (2 * n - 3 * k - 1))
