r"""The gamma, error and beta functions, which densities, intervals and tests need and NumPy lacks.

All of them are integrals, and one tool opens them all: integrate by parts, again and again.  What
stays behind is a series of positive terms, in which no digit cancels, or a fraction.  Digits are
kept in the tails, where tests live.

Read it with the page :doc:`/foundations/special_functions`.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from mathforml.foundations._beta import climb, log_front, log_scale, log_share
from mathforml.foundations._stirling import leading, log_gamma_small, remainder
from mathforml.shapes import Array

__all__ = ["beta_quantile", "erf", "erfc", "incomplete_beta", "log_gamma"]

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
        y = np.where(x < 10.0, log_gamma_small(small), leading(large) + remainder(large))
    return y[()]


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
    middle, tail = _erf_series(np.minimum(size, 2)), _erfc_fraction(size)
    y: Array = np.copysign(np.where(size < 2, middle, 1 - tail), x)
    return y[()]


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
    return np.exp(log_share(a, b, x, 1 - x))[()]


def beta_quantile(a: ArrayLike, b: ArrayLike, p: ArrayLike) -> Array:
    """Find the place below which a beta distribution has the share ``p``, :eq:`eq-beta-quantile`.

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
    logarithm bends downwards.  The start lies left of the root, so every step goes to the right
    and none goes too far.
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
    scale = log_scale(a, b)
    log_beta = (a + b) * math.log(0.5) - log_front(a, b, half, half, scale)
    z: Array = (target + np.log(a) + log_beta) / a
    for _ in range(100):
        at = np.clip(z, LEAST, -LEAST)
        step = np.where(z > LEAST, np.maximum(climb(a, b, at, target, scale) - at, 0.0), 0.0)
        z = z + step
        if np.all(step <= 4e-16 * np.maximum(np.abs(z), 1.0)):
            break
    return z


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
