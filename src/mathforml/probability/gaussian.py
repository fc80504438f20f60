r"""The Gaussian in several dimensions: its density, its parts, and what an observation changes.

A covariance is used through its standard deviations and the Cholesky factor of its correlations.
So a gram in place of a kilogram changes no digit, and no inverse is ever formed.  Coordinates are
counted from 0 in the code, from 1 on the page.

Read it with the page :doc:`/probability/gaussian`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.shapes import Array, check_shapes

__all__ = [
    "Gaussian",
    "Product",
    "condition",
    "log_density",
    "marginal",
    "product",
    "sample",
    "whiten",
]


class Gaussian(NamedTuple):
    r"""What determines a Gaussian.

    Attributes
    ----------
    mean : (d,)
        :math:`\mu = \mathbb{E}[x]`.
    cov : (d, d)
        :math:`\Sigma = \mathbb{E}[(x - \mu)(x - \mu)^\top]`, symmetric.
    """

    mean: Array
    cov: Array


class Product(NamedTuple):
    r"""The product of two Gaussian densities, :eq:`eq-gaussian-product`.

    Attributes
    ----------
    mean : (d,)
        :math:`c = a + A (A + B)^{-1} (b - a)`.
    cov : (d, d)
        :math:`C = A (A + B)^{-1} B`.
    log_scale : float
        :math:`\log N(b; a, A + B)`, the logarithm of the product's integral.
    """

    mean: Array
    cov: Array
    log_scale: float


def whiten(x: ArrayLike, mean: ArrayLike, cov: ArrayLike) -> Array:
    r"""Turn points of a Gaussian into ones of mean 0 and covariance :math:`I`, :eq:`eq-whiten`.

    Parameters
    ----------
    x : (..., d)
        Points.
    mean : (d,)
        Mean of the Gaussian.
    cov : (d, d)
        Its covariance, positive definite.

    Returns
    -------
    z : (..., d)
        :math:`L^{-1} (x - \mu)` with :math:`L L^\top = \Sigma`: free of units.  Its squared length
        is the squared distance of ``x`` from the mean, in standard deviations.

    Raises
    ------
    ValueError
        If the shapes disagree, or ``cov`` is not symmetric and positive definite.

    Notes
    -----
    A coordinate is capped at 1e200 standard deviations: its square is infinite, and no
    difference of two infinities comes up on the way.
    """
    check_shapes("x: ... d, mean: d, cov: d d", x, mean, cov)
    mean, cov = _moments(mean, cov)
    return _whiten(x, mean, *_factor(cov))


def log_density(x: ArrayLike, mean: ArrayLike, cov: ArrayLike) -> Array:
    """Compute the logarithm of the Gaussian density, :eq:`eq-gaussian-log-density`.

    Parameters
    ----------
    x : (..., d)
        Points.
    mean : (d,)
        Mean of the Gaussian.
    cov : (d, d)
        Its covariance, positive definite.

    Returns
    -------
    log_p : (...)
        One number for each point; ``-inf`` where the distance is beyond float64, NaN where
        ``x`` has one.

    Raises
    ------
    ValueError
        If the shapes disagree, or ``cov`` is not symmetric and positive definite.

    Notes
    -----
    The determinant of many small variances underflows.  Its logarithm is a sum.
    """
    check_shapes("x: ... d, mean: d, cov: d d", x, mean, cov)
    mean, cov = _moments(mean, cov)
    scale, L = _factor(cov)
    z = _whiten(x, mean, scale, L)
    log_volume = np.sum(np.log(scale)) + np.sum(np.log(np.diagonal(L)))
    with np.errstate(over="ignore"):
        squares: Array = np.einsum("...i,...i->...", z, z)
    log_p: Array = -0.5 * squares - (log_volume + 0.5 * len(scale) * np.log(2 * np.pi))
    return log_p


def sample(mean: ArrayLike, cov: ArrayLike, n: int, rng: np.random.Generator) -> Array:
    """Draw points, by undoing :func:`whiten`, :eq:`eq-gaussian-sample`.

    Parameters
    ----------
    mean : (d,)
        Mean of the Gaussian.
    cov : (d, d)
        Its covariance, positive definite.
    n : int
        How many points.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    x : (n, d)
        One point in each row.

    Raises
    ------
    ValueError
        If the shapes disagree, or ``cov`` is not symmetric and positive definite.
    """
    mean, cov = _moments(mean, cov)
    scale, L = _factor(cov)
    x: Array = mean + rng.standard_normal((n, len(mean))) @ (scale[:, None] * L).T
    return x


def marginal(mean: ArrayLike, cov: ArrayLike, kept: ArrayLike) -> Gaussian:
    """Forget all coordinates but some, :eq:`eq-gaussian-marginal`.

    Parameters
    ----------
    mean : (d,)
        Mean of the Gaussian.
    cov : (d, d)
        Its covariance.
    kept : (m,)
        The coordinates to keep, from 0, in the order wanted; or a mask ``(d,)`` of booleans.

    Returns
    -------
    Gaussian
        Mean ``(m,)`` and covariance ``(m, m)``.

    Raises
    ------
    ValueError
        If the shapes disagree, or a coordinate does not exist.
    """
    mean, cov = _moments(mean, cov)
    h = _coordinates("kept", kept, len(mean))
    return Gaussian(mean[h], cov[np.ix_(h, h)])


def condition(mean: ArrayLike, cov: ArrayLike, observed: ArrayLike, values: ArrayLike) -> Gaussian:
    """Update what is believed of the hidden coordinates, once others are seen.

    The new mean is :eq:`eq-gaussian-conditional-mean`, the new covariance
    :eq:`eq-gaussian-conditional-cov`.

    Parameters
    ----------
    mean : (d,)
        Mean of the Gaussian, before anything is seen.
    cov : (d, d)
        Its covariance; positive definite among the observed coordinates.
    observed : (m,)
        The coordinates that were seen, from 0; or a mask ``(d,)`` of booleans.
    values : (m,)
        What was seen there, in the same order.

    Returns
    -------
    Gaussian
        Mean ``(d - m,)`` and covariance ``(d - m, d - m)`` of the hidden ones, in their old order.

    Raises
    ------
    ValueError
        If the shapes disagree, a coordinate does not exist or is named twice, a value is not
        finite, or ``cov`` is no covariance.

    Notes
    -----
    A variance that the observation uses up may come out as -1e-17.  It is set to zero.
    """
    mean, cov = _moments(mean, cov)
    o = _coordinates("observed", observed, len(mean))
    check_shapes("observed: m, values: m", o, values)
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("values are not all finite; expected what was seen")
    h = np.setdiff1d(np.arange(len(mean)), o)
    scale, L = _factor(cov[np.ix_(o, o)])
    both = np.column_stack([cov[np.ix_(o, h)], values - mean[o]]) / scale[:, None]
    W, z = np.hsplit(np.linalg.solve(L, both), [len(h)])
    left = cov[np.ix_(h, h)] - W.T @ W
    before, after = np.diagonal(cov)[h], np.diagonal(left)
    if np.any(after < -1e-10 * before):
        raise ValueError(f"a variance becomes {after.min():.3g}; expected cov positive definite")
    np.fill_diagonal(left, np.maximum(after, 0.0))
    return Gaussian(mean[h] + W.T @ z[:, 0], left)


def product(a: ArrayLike, A: ArrayLike, b: ArrayLike, B: ArrayLike) -> Product:
    """Merge two independent opinions on the same point, :eq:`eq-gaussian-product`.

    Parameters
    ----------
    a : (d,)
        Mean of the first Gaussian.
    A : (d, d)
        Its covariance, positive definite.
    b : (d,)
        Mean of the second.
    B : (d, d)
        Its covariance, positive definite.

    Returns
    -------
    Product
        Mean, covariance, and the logarithm of the factor that makes it a density.

    Raises
    ------
    ValueError
        If the shapes disagree, or a covariance is not symmetric and positive definite.

    Notes
    -----
    :math:`A - A (A + B)^{-1} A` is the same covariance on paper.  Where one opinion is far more
    certain than the other, the difference loses all digits, and the product keeps them.
    """
    check_shapes("a: d, A: d d, b: d, B: d d", a, A, b, B)
    a, A = _moments(a, A)
    b, B = _moments(b, B)
    for cov in (A, B):
        _factor(cov)
    scale, L = _factor(A + B)
    half_A, half_B = (np.linalg.solve(L, cov / scale[:, None]) for cov in (A, B))
    C = half_A.T @ half_B
    mean = a + half_A.T @ np.linalg.solve(L, (b - a) / scale)
    return Product(mean, (C + C.T) / 2, float(log_density(b, a, A + B)))


def _moments(mean: ArrayLike, cov: ArrayLike) -> Gaussian:
    """Return both in float64 if they are the mean and the covariance of something."""
    check_shapes("mean: d, cov: d d", mean, cov)
    mean, cov = np.array(mean, dtype=float), np.array(cov, dtype=float)
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        raise ValueError("mean and cov are not all finite; expected numbers")
    variances = np.diagonal(cov)
    if np.any(variances < 0):
        raise ValueError(f"cov has the variance {variances.min():.3g}; expected none below zero")
    scale = np.sqrt(variances)
    if np.any(np.abs(cov - cov.T) > 1e-8 * scale[:, None] * scale):
        raise ValueError("cov is not its own transpose; expected symmetric")
    return Gaussian(mean, cov)


def _coordinates(name: str, given: ArrayLike, d: int) -> NDArray[np.intp]:
    """Return indices or a mask as indices."""
    index = np.asarray(given)
    try:
        return np.arange(d)[index if index.size else []].reshape(-1)
    except IndexError as problem:
        found = index.tolist()
        raise ValueError(f"{name} is {found}; expected whole numbers below {d}") from problem


def _factor(cov: Array) -> tuple[Array, Array]:
    """Return the standard deviations and the Cholesky factor of the correlations."""
    scale: Array = np.sqrt(np.diagonal(cov))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlations = cov / scale[:, None] / scale
    try:
        L = np.linalg.cholesky(correlations).astype(float)
    except np.linalg.LinAlgError:
        L = np.zeros(cov.shape)
    unexplained = np.diagonal(L) ** 2
    if not np.all(unexplained > len(cov) * np.finfo(float).eps):
        raise ValueError("a coordinate follows from others; expected cov positive definite")
    return scale, L


def _whiten(x: ArrayLike, mean: Array, scale: Array, L: Array) -> Array:
    """Apply the inverse factor to all points at once."""
    unmix = np.linalg.inv(L) / scale
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.asarray(x, dtype=float) - mean
        z: Array = gaps @ unmix.T
        if not np.isfinite(z).all():
            far = np.clip(gaps / scale, -1e200, 1e200)
            z = far @ (unmix * scale).T
    return z
