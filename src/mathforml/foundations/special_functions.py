r"""The gamma, error and beta functions, which densities, intervals and tests need and NumPy lacks.

Each is computed where its own series or fraction is short, and moved there by an equation that is
exact: a recurrence, a reflection, a symmetry.  Digits are kept in the tails, where tests live.

Read it with the page :doc:`/foundations/special_functions`.
"""

import math

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike

from mathforml.shapes import Array

__all__ = ["beta_quantile", "erf", "erfc", "incomplete_beta", "log_gamma"]

# Bernoulli's numbers over 2k (2k - 1): Stirling's series in 1/x, 1/x^3, ...
STIRLING = np.array(
    [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]
)
# The sums of 2^-k + 3^-k + ... for k = 2, ..., 30: to 99 term by term, the rest by Euler-Maclaurin.
POWERS = np.arange(2.0, 31.0)
REST = 100.0 ** (1 - POWERS) * (1 / (POWERS - 1) + 1 / 200 + POWERS / 12e4)
ZETA_MINUS_ONE = (np.arange(99.0, 1.0, -1)[:, None] ** -POWERS).sum(axis=0) + REST
# The series of log_gamma(2 + t) in t, and that of (u - log1p(u) - u w) / (-2 w^3) in w^2.
AROUND_TWO = np.array(
    [0.0, 1 - np.euler_gamma, *(ZETA_MINUS_ONE * (-1) ** POWERS / POWERS)], dtype=float
)
ODD = 1 / np.arange(3.0, 37.0, 2.0)
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


# Gamma


def log_gamma(x: ArrayLike) -> Array:
    r"""Compute :math:`\log |\Gamma(x)|`, :eq:`eq-gamma-recurrence`.

    Parameters
    ----------
    x : (...)
        Anywhere on the real line.

    Returns
    -------
    y : (...)
        The logarithm; infinite at 0, -1, -2, ..., where the gamma function has its poles.

    Notes
    -----
    From 10 on Stirling's series, :eq:`eq-stirling`; below, the series around 2,
    :eq:`eq-gamma-around-two`, so that the zeros at 1 and 2 keep their digits; left of 0 the
    reflection, :eq:`eq-gamma-reflection`.
    """
    x = np.asarray(x, dtype=float)
    at = np.where(x < 0, 1.0 - x, x)
    small, large = np.minimum(at, 10.0), np.maximum(at, 10.0)
    with np.errstate(divide="ignore", over="ignore"):
        y = np.where(at < 10.0, _log_gamma_small(small), _leading(large) + _remainder(large))
        turn = np.where(np.isfinite(x), x - np.round(x), 0.0) if np.any(x < 0) else x
        mirrored = math.log(math.pi) - np.log(np.abs(np.sin(math.pi * turn)))
        y = np.where(x < 0, np.where(np.isinf(mirrored), np.inf, mirrored - y), y)
    return y[()]


def _log_gamma_small(x: Array) -> Array:
    """Go by whole steps to within a half of 2, from anywhere between 0 and 10."""
    steps = np.round(x) - 2
    t = x - np.round(x)
    product = np.ones_like(t)
    for j in range(8):
        product = np.where(j < steps, product * (2 + j + t), product)
    y: Array = polyval(t, AROUND_TWO) + np.log(product)
    y = np.where(steps < 0, y - np.log1p(t), y)
    return np.where(steps < -1, y - np.log(np.abs(t)), y)


def _leading(x: Array) -> Array:
    """Return the part of Stirling's formula that grows."""
    return (x - 0.5) * (np.log(x) - 1.0) + (HALF_LOG_TAU - 0.5)


def _remainder(x: Array) -> Array:
    """Return the part that vanishes, from 10 on."""
    y: Array = polyval((1 / x) ** 2, STIRLING) / x
    return y


# The error function


def erf(x: ArrayLike) -> Array:
    """Compute the error function, the normal mass within ``sqrt(2) x``, :eq:`eq-erf-series`.

    Parameters
    ----------
    x : (...)
        Anywhere on the real line.

    Returns
    -------
    y : (...)
        Between -1 and 1, odd.
    """
    x = np.asarray(x, dtype=float)
    size = np.abs(x)
    y = np.where(size < 2, _erf_series(np.minimum(size, 2)), 1 - _erfc_fraction(size))
    return np.copysign(y, x)[()]


def erfc(x: ArrayLike) -> Array:
    """Compute what is missing to one, ``1 - erf(x)``, digits and all, :eq:`eq-erfc-fraction`.

    Parameters
    ----------
    x : (...)
        Anywhere on the real line.

    Returns
    -------
    y : (...)
        Between 0 and 2, decreasing; twice the normal mass above ``sqrt(2) x``.
    """
    x = np.asarray(x, dtype=float)
    y = np.where(x > 0.5, _erfc_middle(np.maximum(x, 0.5)), 1 - erf(np.minimum(x, 0.5)))
    return y[()]


def _erf_series(x: Array) -> Array:
    """Sum positive terms, between 0 and 2."""
    total, term = np.ones_like(x), np.ones_like(x)
    for k in range(1, 50):
        term = term * (2 * x * x / (2 * k + 1))
        total = total + term
    return 2 / math.sqrt(math.pi) * x * np.exp(-x * x) * total


def _erfc_fraction(x: Array) -> Array:
    """Evaluate the continued fraction from below; 80 floors are enough from 2 on."""
    x = np.maximum(x, 2)
    ratio = np.zeros_like(x)
    for k in range(80, 0, -1):
        ratio = 0.5 * k / (x + ratio)
    return _bell(x) / (x + ratio) / math.sqrt(math.pi)


def _bell(x: Array) -> Array:
    """Return ``exp(-x * x)``; the square, split in two, is not rounded."""
    x = np.minimum(x, 40.0)
    head = np.round(16 * x) / 16
    return np.exp(-head * head) * np.exp(-(x - head) * (x + head))
