r"""The gamma, error and beta functions, which densities, intervals and tests need and NumPy lacks.

All of them are integrals, and one tool opens them all: integrate by parts, again and again.  What
stays behind is a series of positive terms, in which no digit cancels, or a fraction.  Digits are
kept in the tails, where tests live.

Read it with the page :doc:`/foundations/special_functions`.
"""

import math

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike

from mathforml.shapes import Array

__all__ = ["beta_quantile", "erf", "erfc", "incomplete_beta", "log_gamma"]

# Stirling's remainder in 1/x, 1/x^3, ...: Bernoulli's numbers over 2k (2k - 1).
STIRLING = np.array(
    [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]
)
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)
# 2^-k + 3^-k + ... for k = 2, ..., 30: to 99 term by term, the rest by Euler and Maclaurin.
POWERS = np.arange(2.0, 31.0)
REST = 1 / (POWERS - 1) + 1 / 200 + POWERS / 12e4
REST = REST - POWERS * (POWERS + 1) * (POWERS + 2) / 720e8
SUMS = (np.arange(99.0, 1.0, -1)[:, None] ** -POWERS).sum(axis=0) + REST * 100.0 ** (1 - POWERS)
# The series of log_gamma(2 + t) in t.
AROUND_TWO = np.concatenate([[0.0, 1 - np.euler_gamma], (-1) ** POWERS * SUMS / POWERS])

CHUNK = 256  # terms of the beta series that are summed at a time
MOST = 2**24  # terms, before it is given up
LEAST = math.log(np.finfo(float).tiny)
RANGE = (1e-100, 1e12)  # of the beta distribution's parameters


# Gamma


def log_gamma(x: ArrayLike) -> Array:
    r"""Compute :math:`\log \Gamma(x)`, :eq:`eq-gamma`, for positive numbers.

    Parameters
    ----------
    x : (...)
        Positive; at 0 the logarithm is infinite.

    Returns
    -------
    y : (...)
        The logarithm of the gamma function, whose zeros at 1 and 2 are exact.

    Raises
    ------
    ValueError
        If an entry is negative.

    Notes
    -----
    From 10 on Stirling's formula, :eq:`eq-stirling`; below, the series around 2,
    :eq:`eq-gamma-around-two`, so that digits survive near the zeros at 1 and 2, where the two
    parts of Stirling's formula cancel.
    """
    x = _at_least_zero("x", x)
    small, large = np.minimum(x, 10.0), np.maximum(x, 10.0)
    with np.errstate(over="ignore"):
        y = np.where(x < 10.0, _log_gamma_small(small), _leading(large) + _remainder(large))
    return y[()]


def _log_gamma_small(x: Array) -> Array:
    """Go by whole steps to within a half of 2, from anywhere between 0 and 10."""
    center = np.round(x)
    t = x - center
    steps = np.arange(2.0, 10.0)
    passed = np.where(steps < center[..., None], steps + t[..., None], 1.0)
    y: Array = polyval(t, AROUND_TWO) + np.log(np.prod(passed, axis=-1))
    with np.errstate(divide="ignore"):
        y = np.where(center < 2, y - np.log1p(t), y)
        return np.where(center < 1, y - np.log(np.abs(t)), y)


def _leading(x: Array) -> Array:
    """Return the part of Stirling's formula that grows."""
    return (x - 0.5) * (np.log(x) - 1.0) + (HALF_LOG_TAU - 0.5)


def _remainder(x: Array) -> Array:
    """Return the part that vanishes, :eq:`eq-stirling-step`; below 10 what is left to it."""
    large = np.maximum(x, 10.0)
    y: Array = polyval(large**-2, STIRLING) / large
    if np.any(x < 10.0):
        small = np.clip(x, 5e-324, 10.0)
        y = np.where(x < 10.0, _log_gamma_small(small) - _leading(small), y)
    return y


# The error function


def erf(x: ArrayLike) -> Array:
    r"""Compute the error function, the normal mass within :math:`\sqrt 2 x`, :eq:`eq-erf`.

    Parameters
    ----------
    x : (...)
        Anywhere on the real line.

    Returns
    -------
    y : (...)
        Between -1 and 1, odd; by the series :eq:`eq-erf-series`, and from 2 on by `erfc`.
    """
    x = np.asarray(x, dtype=float)
    size = np.abs(x)
    y = np.where(size < 2, _erf_series(np.minimum(size, 2)), 1 - _erfc_fraction(size))
    signed: Array = np.copysign(y, x)
    return signed[()]


def erfc(x: ArrayLike) -> Array:
    r"""Compute what the error function lacks to one, all digits of it, :eq:`eq-erfc-fraction`.

    Parameters
    ----------
    x : (...)
        Anywhere on the real line.

    Returns
    -------
    y : (...)
        Between 0 and 2, decreasing; twice the normal mass above :math:`\sqrt 2 x`.
    """
    x = np.asarray(x, dtype=float)
    return np.where(x < 2, 1 - erf(np.minimum(x, 2)), _erfc_fraction(x))[()]


def _erf_series(x: Array) -> Array:
    """Sum positive terms, between 0 and 2."""
    total, term = np.ones_like(x), np.ones_like(x)
    for k in range(1, 40):
        term = term * (2 * x * x / (2 * k + 1))
        total = total + term
    return 2 / math.sqrt(math.pi) * x * np.exp(-x * x) * total


def _erfc_fraction(x: Array) -> Array:
    """Evaluate the fraction from its 80th floor upwards; enough from 2 on."""
    x = np.clip(x, 2, 40)
    ratio = np.zeros_like(x)
    for n in range(80, 0, -1):
        ratio = 0.5 * n / (x + ratio)
    head = np.round(16 * x) / 16  # its square is exact, so exp(-x * x) keeps its digits
    bell = np.exp(-head * head) * np.exp(-(x - head) * (x + head))
    return bell / (x + ratio) / math.sqrt(math.pi)


# The beta function


def incomplete_beta(a: ArrayLike, b: ArrayLike, x: ArrayLike) -> Array:
    """Compute the share of a beta distribution's mass below ``x``, :eq:`eq-incomplete-beta`.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    x : (...)
        Between 0 and 1.

    Returns
    -------
    share : (...)
        Between 0 and 1, with all digits of a small one.  For those of a small rest exchange the
        sides, :eq:`eq-beta-symmetry`.

    Raises
    ------
    ValueError
        If a parameter is not between 1e-100 and 1e12, or an ``x`` lies outside.

    Notes
    -----
    Below the mean :eq:`eq-beta-series` is summed, whose terms are positive and fall; above it the
    rest is.  Near the mean some ``10 sqrt(a + b)`` terms are needed if ``a`` and ``b`` are alike.
    """
    a, b, x = np.broadcast_arrays(
        *(_between(*one) for one in [("a", a, *RANGE), ("b", b, *RANGE), ("x", x, 0, 1)])
    )
    return np.exp(_log_share(a, b, x, 1 - x))[()]


def beta_quantile(a: ArrayLike, b: ArrayLike, p: ArrayLike) -> Array:
    """Find the point below which a beta distribution has the share ``p`` of its mass.

    Parameters
    ----------
    a, b : (...)
        The two parameters, positive.
    p : (...)
        Between 0 and 1.

    Returns
    -------
    x : (...)
        Between 0 and 1: where `incomplete_beta` is ``p``.

    Raises
    ------
    ValueError
        If a parameter is not between 1e-100 and 1e12, or a ``p`` lies outside.

    Notes
    -----
    Newton's steps on the logarithm of the smaller share, in the log odds of ``x``, where the
    logarithm is concave, :eq:`eq-quantile-step`.  The start lies left of the root,
    :eq:`eq-beta-bound`, so every step goes to the right and none goes too far.
    """
    a, b, p = np.broadcast_arrays(
        *(_between(*one) for one in [("a", a, *RANGE), ("b", b, *RANGE), ("p", p, 0, 1)])
    )
    lower = p <= 0.5
    first, second = np.where(lower, a, b), np.where(lower, b, a)
    with np.errstate(divide="ignore"):
        target = np.log(np.where(lower, p, 1 - p))
    z = _log_odds_quantile(first, second, target)
    with np.errstate(over="ignore"):
        x = np.where(lower, 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z)))
    return x[()]


def _log_odds_quantile(a: Array, b: Array, target: Array) -> Array:
    """Climb to the log odds at which the logarithm of the share is ``target``."""
    half = np.full(a.shape, 0.5)
    log_beta = (a + b) * math.log(0.5) - _log_front(a, b, half, half)
    z: Array = (target + np.log(a) + log_beta) / a
    for _ in range(100):
        at = np.clip(z, LEAST, -LEAST)
        step = np.where(z > LEAST, np.maximum(_climb(a, b, at, target) - at, 0.0), 0.0)
        z = z + step
        if np.all(step <= 4e-16 * np.maximum(np.abs(z), 1.0)):
            break
    return z


def _climb(a: Array, b: Array, z: Array, target: Array) -> Array:
    """Take one of Newton's steps, :eq:`eq-quantile-step`."""
    x, y = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z))
    share = _log_share(a, b, x, y)
    return z + (target - share) * np.exp(share - _log_front(a, b, x, y))


def _log_share(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the logarithm of the share below ``x``, where ``y`` is the rest to one."""
    below = x * b <= y * a
    first, second = np.where(below, a, b), np.where(below, b, a)
    near, far = np.where(below, x, y), np.where(below, y, x)
    series = np.log(_beta_series(first, second, near))
    share = _log_front(first, second, near, far) - np.log(first) + series
    return np.where(below, share, np.log1p(-np.exp(np.where(below, -1.0, share))))


def _log_front(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the logarithm of :eq:`eq-beta-front`, whose two terms are small near the mean."""
    excess = x * b - y * a
    terms = _weighted_log(a, x * ((a + b) / a), excess / a)
    terms = terms + _weighted_log(b, y * ((a + b) / b), -excess / b)
    scale = 0.5 * (np.log(a) + np.log(b) - np.log(a + b)) - HALF_LOG_TAU
    return terms + scale + _remainder(a + b) - _remainder(a) - _remainder(b)


def _weighted_log(weight: Array, ratio: Array, excess: Array) -> Array:
    """Return ``weight * log(ratio)``; ``excess`` is the ratio less one, before it was rounded."""
    near = np.abs(excess) < 0.5
    with np.errstate(divide="ignore"):
        return weight * np.where(near, np.log1p(np.where(near, excess, 0.0)), np.log(ratio))


def _beta_series(a: Array, b: Array, x: Array) -> Array:
    """Sum ``1 + x (a + b) / (a + 1) + ...``, in chunks, where the sum has not settled."""
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


# At the door


def _at_least_zero(name: str, x: ArrayLike) -> Array:
    """Convert to float64, and refuse what is negative."""
    x = np.asarray(x, dtype=float)
    if np.any(x < 0):
        raise ValueError(f"{name} holds {x[x < 0].flat[0]:g}; expected no negative number")
    return x


def _between(name: str, x: ArrayLike, low: float, high: float) -> Array:
    """Convert to float64, and refuse what lies outside, NaN too."""
    x = np.asarray(x, dtype=float)
    out = ~((x >= low) & (x <= high))
    if np.any(out):
        raise ValueError(f"{name} holds {x[out].flat[0]:g}; expected {low:g} to {high:g}")
    return x
