"""The logarithm of a beta distribution's share, and one of Newton's steps to its quantile.

Arguments are arrays of one shape.  ``y`` is ``1 - x``, which a subtraction would round.

Read it with the page :doc:`/foundations/special_functions`.
"""

import numpy as np

from mathforml.foundations._stirling import HALF_LOG_TAU, remainder
from mathforml.shapes import Array

__all__ = ["beta_series", "climb", "log_front", "log_scale", "log_share"]

CHUNK = 256  # terms of the beta series that are summed at a time
MOST = 2**24  # terms, before it is given up


def log_share(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the logarithm of the share below ``x``, where ``y`` is the rest to one.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    x, y : (...)
        A place between 0 and 1, and the rest to one.

    Returns
    -------
    log_share : (...)
        The logarithm of what `incomplete_beta` returns; never positive.
    """
    return _share(a, b, x, y, log_front(a, b, x, y))


def _share(a: Array, b: Array, x: Array, y: Array, front: Array) -> Array:
    """Sum the series of the end that is nearer, as seen from the mean."""
    below = x * b <= y * a
    first, second = np.where(below, a, b), np.where(below, b, a)
    share = front - np.log(first) + np.log(beta_series(first, second, np.where(below, x, y)))
    return np.where(below, share, np.log1p(-np.exp(np.where(below, -1.0, share))))


def log_front(a: Array, b: Array, x: Array, y: Array, scale: Array | None = None) -> Array:
    """Return the logarithm of :eq:`eq-beta-front`, whose two terms are small near the mean.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    x, y : (...)
        A place between 0 and 1, and the rest to one.
    scale : (...), optional
        What `log_scale` returns, if it is known already.

    Returns
    -------
    log_front : (...)
        The weight, as a density in the log odds of ``x``.
    """
    excess = x * b - y * a
    terms = _weighted_log(a, x * ((a + b) / a), excess / a)
    terms = terms + _weighted_log(b, y * ((a + b) / b), -excess / b)
    return terms + (log_scale(a, b) if scale is None else scale)


def log_scale(a: Array, b: Array) -> Array:
    """Return the logarithm of the weight at the mean.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.

    Returns
    -------
    log_scale : (...)
        A root, and Stirling's remainders.
    """
    root = 0.5 * (np.log(a) + np.log(b) - np.log(a + b)) - HALF_LOG_TAU
    return root + remainder(a + b) - remainder(a) - remainder(b)


def _weighted_log(weight: Array, ratio: Array, excess: Array) -> Array:
    """Return ``weight * log(ratio)``; ``excess`` is the ratio less one, before it was rounded."""
    near = np.abs(excess) < 0.5
    with np.errstate(divide="ignore"):
        return weight * np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(ratio))


def beta_series(a: Array, b: Array, x: Array) -> Array:
    """Sum ``1 + x (a + b) / (a + 1) + ...``, in chunks, where the sum has not settled.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    x : (...)
        Between 0 and 1; the terms fall up to ``a / (a + b)``.

    Returns
    -------
    total : (...)
        The share, over its first term.
    """
    total, last = np.ones(a.shape), np.ones(a.shape)
    going = np.ones(a.shape, dtype=bool)
    for start in range(0, MOST, CHUNK):
        n = np.arange(start, start + CHUNK)
        a_, b_, x_ = (each[going][:, None] for each in (a, b, x))
        ratios = x_ * (a_ + b_ + n) / (a_ + 1 + n)
        terms = last[going][:, None] * np.cumprod(ratios, axis=1)
        total[going] += terms.sum(axis=1)
        last[going] = terms[:, -1]
        limit = np.maximum(ratios[:, -1], x_[:, 0])
        going[going] = terms[:, -1] * limit > 1e-17 * (1 - limit) * total[going]
        if not np.any(going):
            return total
    raise ValueError(f"the series needs more than {MOST} terms; expected a and b less far apart")


def climb(a: Array, b: Array, z: Array, target: Array, scale: Array | None = None) -> Array:
    """Take one of Newton's steps, :eq:`eq-quantile-step`.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    z : (...)
        Log odds.
    target : (...)
        Logarithm of the share that is looked for.
    scale : (...), optional
        What `log_scale` returns, if it is known already.

    Returns
    -------
    z_new : (...)
        Log odds that are nearer; never above the root, once below it.
    """
    x, y = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
    front = log_front(a, b, x, y, scale)
    share = _share(a, b, x, y, front)
    return z + (target - share) * np.exp(share - front)
