r"""Clusters and mixtures: k-means, and Gaussian mixtures by EM.

All work is done on centered data in a unit of their size: an offset or a scale costs no digit.
A covariance cannot collapse: its eigenvalues are held above a millionth of the data's variance.

Read it with the page :doc:`/structure/mixtures`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathforml.foundations.floating_point import log_sum_exp
from mathforml.probability.gaussian import log_density
from mathforml.shapes import Array, check_shapes
from mathforml.structure._centers import lengths, moves, nearest, normalized, product, table
from mathforml.structure._neighbors import CANCELED, between

__all__ = [
    "Clusters",
    "Mixture",
    "bic",
    "e_step",
    "em_step",
    "gaussian_mixture",
    "kmeans",
    "kmeans_plus_plus",
    "lloyd",
    "m_step",
]

FLOOR = 1e-6  # of the variance of a column: the least variance that a component may have


class Clusters(NamedTuple):
    r"""Rows, each with the nearest of some centers.

    Attributes
    ----------
    centers : (k, d)
        :math:`\mu_j`, in the units of the data.
    labels : (n,) of int
        The nearest center of each row, from 0; the first of several that are equally near.
    inertia : float
        The sum of the squared distances from the rows to their centers.
    iterations : int
        How often the centers have moved.
    """

    centers: Array
    labels: NDArray[np.intp]
    inertia: float
    iterations: int


class Mixture(NamedTuple):
    r"""The density :math:`\sum_j \pi_j N(x; \mu_j, \Sigma_j)`.

    Attributes
    ----------
    weights : (k,)
        :math:`\pi_j`, the share of each component; not negative, of sum 1.
    means : (k, d)
        :math:`\mu_j`, in the units of the data.
    covs : (k, d, d)
        :math:`\Sigma_j`, symmetric and positive definite.
    """

    weights: Array
    means: Array
    covs: Array


def kmeans_plus_plus(X: Array, k: int, rng: np.random.Generator) -> Array:
    """Draw k rows that lie apart, to start k-means with, :eq:`eq-kmeans-seeding`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    k : int
        How many, from 1 to n.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    (k, d)
        Rows of X.  If fewer than k of them are different, some stand there twice.

    Raises
    ------
    ValueError
        If an entry is not finite or beyond 1e150, or k is out of range.
    """
    Z = normalized(X)[0]
    if not 1 <= k <= len(Z):
        raise ValueError(f"k is {k}; expected 1 to {len(Z)}, the number of rows")
    squares = lengths(Z)
    small = CANCELED * squares.sum()
    chosen = [int(rng.integers(len(Z)))]
    least = product(Z[chosen], Z, squares)[0]
    for _ in range(1, k):
        close = least.sum() <= small
        if close:
            least = between(Z[chosen], Z).min(axis=0)
        total = np.cumsum(least)
        drawn = rng.random(2 + int(np.log(k))) * total[-1]
        candidates = np.searchsorted(total, drawn, "right").clip(max=len(Z) - 1)
        D = between(Z[candidates], Z) if close else product(Z[candidates], Z, squares)
        np.minimum(D, least, out=D)
        best = int(np.argmin(D.sum(axis=1)))
        chosen.append(int(candidates[best]))
        least = D[best]
    return np.asarray(X, dtype=float)[chosen]


def lloyd(X: Array, centers: Array) -> Iterator[Clusters]:
    """Move centers to the means of their rows: yield before the first move and after each.

    Each row goes to its nearest center, :eq:`eq-kmeans-assign`; each center to the mean of its
    rows, :eq:`eq-kmeans-means`.  It ends when no row changes its center.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    centers : (k, d)
        The first centers.

    Yields
    ------
    Clusters
        Each with less inertia than the one before, down to rounding.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry is not finite or beyond 1e150.

    Notes
    -----
    A center without rows moves to the row that is farthest from its own center, the next one to
    the next.  Where fewer rows are different than there are centers, some centers keep no row.
    """
    Z, first, middle, unit = _start(X, centers)
    for iterations, C in enumerate(moves(Z, first)):
        yield _clusters(Z, C, middle, unit, iterations)


def kmeans(X: Array, centers: Array) -> Clusters:
    """Move centers until no row changes its center.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    centers : (k, d)
        The first centers, such as :func:`kmeans_plus_plus` draws.

    Returns
    -------
    Clusters
        Centers, labels, inertia and iterations: a lowest point near the start, not of all.
    """
    Z, C, middle, unit = _start(X, centers)
    *_, (iterations, C) = enumerate(moves(Z, C))
    return _clusters(Z, C, middle, unit, iterations)


def e_step(X: Array, mixture: Mixture) -> tuple[Array, Array]:
    """Compute how likely each component made each row, :eq:`eq-mixture-posterior`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    mixture : Mixture
        Weights, means and covariances.

    Returns
    -------
    responsibilities : (n, k)
        Probabilities; each row adds up to 1.
    log_densities : (n,)
        The logarithm of the mixture's density at each row, :eq:`eq-mixture-density`.

    Raises
    ------
    ValueError
        If the shapes do not fit, the mixture is none, or a row is so far from all components that
        float64 has no number for its density.
    """
    X, (weights, means, covs) = table("X", X), _mixture(X, mixture)
    log_p = np.stack([log_density(X, mean, cov) for mean, cov in zip(means, covs, strict=True)])
    with np.errstate(divide="ignore"):
        log_p += np.log(weights)[:, None]
    log_densities = log_sum_exp(log_p, axis=0)
    if not np.isfinite(log_densities).all():
        row = int(np.argmin(log_densities))
        raise ValueError(f"row {row} of X has density 0; expected components that reach all rows")
    log_p -= log_densities
    return np.exp(log_p, out=log_p).T, log_densities


def m_step(X: Array, responsibilities: Array) -> Mixture:
    """Fit each component to its share of the rows, :eq:`eq-mixture-means`, :eq:`eq-mixture-covs`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    responsibilities : (n, k)
        How much of each row belongs to each component, not negative.  For the clusters of
        :func:`kmeans` it is ``np.eye(k)[labels]``.

    Returns
    -------
    Mixture
        The likeliest whose covariances have no eigenvalue below a millionth, once every column is
        divided by its spread, :eq:`eq-mixture-floor`.  A component without rows has weight 0, and
        the mean and covariance of all rows.

    Raises
    ------
    ValueError
        If the shapes do not fit, an entry is not finite, or a responsibility is negative.
    """
    check_shapes("X: n d, responsibilities: n k", X, responsibilities)
    R = np.asarray(responsibilities, dtype=float)
    if not np.all((R >= 0) & np.isfinite(R)):
        raise ValueError("a responsibility is negative or not finite; expected none below zero")
    Z, middle, unit = normalized(X)
    spread = np.sqrt(np.ones(len(Z)) @ Z**2 / len(Z))
    spread[spread == 0] = spread.max() or 1.0  # a column that never varies
    shares = R.sum(axis=0)
    if not shares.sum() > 0:
        raise ValueError("no responsibility is above zero; expected rows for some component")
    parts = np.divide(R, shares, where=shares > 0, out=np.full(R.shape, 1 / len(R))).T
    means = parts @ Z
    gaps = (Z - mean for mean in means)
    covs = np.stack([(p * gap.T) @ gap for p, gap in zip(parts, gaps, strict=True)])
    _floor(covs, spread)
    return Mixture(shares / shares.sum(), means * unit + middle, covs * unit * unit)


def em_step(X: Array, mixture: Mixture) -> tuple[Mixture, float]:
    """Raise the likelihood of a mixture by one step of EM, :eq:`eq-em-ascent`.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    mixture : Mixture
        Weights, means and covariances before the step.

    Returns
    -------
    mixture : Mixture
        After the step.
    log_likelihood : float
        The logarithm of the density of all rows *before* the step, in nats.
    """
    responsibilities, log_densities = e_step(X, mixture)
    return m_step(X, responsibilities), float(log_densities.sum())


def gaussian_mixture(X: Array, mixture: Mixture, tol: float = 1e-6) -> tuple[Mixture, Array]:
    """Take steps of EM until one gains no more than a tolerance.

    Parameters
    ----------
    X : (n, d)
        Data, a row each.
    mixture : Mixture
        The start; ``m_step(X, np.eye(k)[labels])`` makes one of clusters.
    tol : float
        The last step's gain of log-likelihood for each row, in nats; not negative.

    Returns
    -------
    mixture : Mixture
        A highest point near the start, not of all.
    log_likelihoods : (t,)
        Before the first step and after each; the last is that of the mixture returned.
    """
    if not tol >= 0:
        raise ValueError(f"tol is {tol}; expected 0 or more")
    reached = [-np.inf]
    while True:
        after, log_likelihood = em_step(X, mixture)
        reached.append(log_likelihood)
        if reached[-1] - reached[-2] <= tol * len(X):
            return mixture, np.array(reached[1:])
        mixture = after


def bic(X: Array, mixture: Mixture) -> float:
    """Compute the Bayesian information criterion, :eq:`eq-mixture-bic`; small is good.

    Parameters
    ----------
    X : (n, d)
        The data that the mixture was fitted to.
    mixture : Mixture
        Weights, means and covariances.

    Returns
    -------
    float
        In nats.
    """
    _, log_densities = e_step(X, mixture)
    k, d = np.shape(mixture.means)
    free = (k - 1) + k * d + k * d * (d + 1) // 2
    return float(-2 * log_densities.sum() + free * np.log(len(log_densities)))


def _start(X: Array, centers: Array) -> tuple[Array, Array, Array, float]:
    """Return rows and centers about the middle of the rows, in a unit of their size, and both."""
    check_shapes("X: n d, centers: k d", X, centers)
    Z, middle, unit = normalized(X)
    return Z, (table("centers", centers) - middle) / unit, middle, unit


def _clusters(Z: Array, C: Array, middle: Array, unit: float, iterations: int) -> Clusters:
    """Return the clusters of normalized centers in the units of the data."""
    labels, squares = nearest(Z, C)
    return Clusters(C * unit + middle, labels, float(squares.sum()) * unit * unit, iterations)


def _floor(covs: Array, spread: Array) -> None:
    """Lift eigenvalues to the floor in place, with the columns in units of their spreads."""
    values, vectors = np.linalg.eigh(covs / spread / spread[:, None])
    low = values[:, 0] < FLOOR
    roots = spread[:, None] * vectors[low] * np.sqrt(np.maximum(values[low], FLOOR))[:, None]
    covs[low] = roots @ roots.transpose(0, 2, 1)
    covs += covs.transpose(0, 2, 1).copy()
    covs /= 2


def _mixture(X: Array, mixture: Mixture) -> Mixture:
    """Return a mixture for these rows in float64, or say what is wrong with it."""
    check_shapes("weights: k, means: k d, covs: k d d, X: n d", *mixture, X)
    weights, means, covs = (np.asarray(part, dtype=float) for part in mixture)
    if not (np.all(weights >= 0) and abs(weights.sum() - 1) < 1e-6):
        raise ValueError(f"weights are {weights}; expected shares, of sum 1")
    return Mixture(weights, means, covs)
