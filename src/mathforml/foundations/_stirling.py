"""The logarithm of the gamma function in two pieces: a series around 2, and Stirling's formula.

Read it with the page :doc:`/foundations/special_functions`.
"""

import math

import numpy as np
from numpy.polynomial.polynomial import polyval

from mathforml.shapes import Array

__all__ = ["leading", "log_gamma_small", "remainder"]

# Stirling's remainder in 1/x, 1/x^3, ...: Bernoulli's numbers over 2k (2k - 1).
STIRLING = np.array(
    [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]
)
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)
# 2^-k + 3^-k + ... for k = 2, ..., 30: to 99 term by term, the rest by Euler and Maclaurin.
POWERS = np.arange(2.0, 31.0)
BENT = POWERS / 12e4 - POWERS * (POWERS + 1) * (POWERS + 2) / 720e8
REST = 1 / (POWERS - 1) + 1 / 200 + BENT
SUMS = (np.arange(99.0, 1.0, -1)[:, None] ** -POWERS).sum(axis=0) + REST * 100.0 ** (1 - POWERS)
# The series of log_gamma(2 + t) in t.
AROUND_TWO = np.concatenate([[0.0, 1 - np.euler_gamma], (-1) ** POWERS * SUMS / POWERS])


def log_gamma_small(x: Array) -> Array:
    """Go by whole steps to within a half of 2, from anywhere between 0 and 10.

    Parameters
    ----------
    x : (...)
        From 0 to 10.

    Returns
    -------
    y : (...)
        The logarithm of the gamma function, by its series around 2.
    """
    center = np.round(x)
    t = x - center
    steps = np.arange(2.0, 10.0)
    passed = np.where(steps < center[..., None], steps + t[..., None], 1.0)
    y: Array = polyval(t, AROUND_TWO) + np.log(np.prod(passed, axis=-1))
    with np.errstate(divide="ignore"):
        y = np.where(center < 2, y - np.log1p(t), y)
        return np.where(center < 1, y - np.log(np.abs(t)), y)


def leading(x: Array) -> Array:
    """Return the part of Stirling's formula that grows.

    Parameters
    ----------
    x : (...)
        Positive.

    Returns
    -------
    y : (...)
        All of the logarithm but the remainder.
    """
    return (x - 0.5) * (np.log(x) - 1.0) + (HALF_LOG_TAU - 0.5)


def remainder(x: Array) -> Array:
    """Return the part that vanishes, :eq:`eq-stirling-step`; below 10 what is left to it.

    Parameters
    ----------
    x : (...)
        Positive.

    Returns
    -------
    y : (...)
        Less than ``1 / (12 x)``, :eq:`eq-stirling-bound`.
    """
    large = np.maximum(x, 10.0)
    y: Array = polyval(large**-2, STIRLING) / large
    if np.any(x < 10.0):
        small = np.clip(x, 5e-324, 10.0)
        y = np.where(x < 10.0, log_gamma_small(small) - leading(small), y)
    return y
