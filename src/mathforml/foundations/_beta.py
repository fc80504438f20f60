"""The logarithm of a beta distribution's share, and one of Newton's steps to its quantile.

Arguments are arrays of one shape.  ``y`` is ``1 - x``, which a subtraction would round.

Read it with the page :doc:`/foundations/special_functions`.
"""

import numpy as np

from mathforml.foundations._stirling import HALF_LOG_TAU, remainder
from mathforml.shapes import Array

__all__ = ["beta_series", "climb", "log_front", "log_share"]

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
    below = x * b <= y * a
    first, second = np.where(below, a, b), np.where(below, b, a)
    near, far = np.where(below, x, y), np.where(below, y, x)
    series = np.log(beta_series(first, second, near))
    share = log_front(first, second, near, far) - np.log(first) + series
    return np.where(below, share, np.log1p(-np.exp(np.where(below, -1.0, share))))


def log_front(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the logarithm of :eq:`eq-beta-front`, whose two terms are small near the mean.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    x, y : (...)
        A place between 0 and 1, and the rest to one.

    Returns
    -------
    log_front : (...)
        The weight, as a density in the log odds of ``x``.
    """
    excess = x * b - y * a
    terms = _weighted_log(a, x * ((a + b) / a), excess / a)
    terms = terms + _weighted_log(b, y * ((a + b) / b), -excess / b)
    scale = 0.5 * (np.log(a) + np.log(b) - np.log(a + b)) - HALF_LOG_TAU
    return terms + scale + remainder(a + b) - remainder(a) - remainder(b)


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
    todo = np.ones(a.shape, dtype=bool)
    for start in range(0, MOST, CHUNK):
        n = np.arange(start, start + CHUNK)
        a_, b_, x_ = (each[todo][:, None] for each in (a, b, x))
        ratios = x_ * (a_ + b_ + n) / (a_ + 1 + n)
        terms = last[todo][:, None] * np.cumprod(ratios, axis=1)
        total[todo] += terms.sum(axis=1)
        last[todo] = terms[:, -1]
        limit = np.maximum(ratios[:, -1], x_[:, 0])
        todo[todo] = terms[:, -1] * limit > 1e-17 * (1 - limit) * total[todo]
        if not np.any(todo):
            return total
    raise ValueError(f"the series needs more than {MOST} terms; expected a and b less far apart")


def climb(a: Array, b: Array, z: Array, target: Array) -> Array:
    """Take one of Newton's steps, :eq:`eq-quantile-step`.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    z : (...)
        Log odds.
    target : (...)
        Logarithm of the share that is looked for.

    Returns
    -------
    z_new : (...)
        Log odds that are nearer; never above the root, once below it.
    """
    x, y = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
    share = log_share(a, b, x, y)
    return z + (target - share) * np.exp(share - log_front(a, b, x, y))
