"""The two fits of calibration by Newton's method: a sigmoid, and one number for all scores."""

from functools import lru_cache

import numpy as np

from mathforml.optimization.newton import newton
from mathforml.shapes import Array

__all__ = ["coldness", "sigmoid_parameters", "surprise"]


def sigmoid_parameters(s: Array, targets: Array) -> tuple[float, float]:
    """Return the slope and the intercept at which targets between 0 and 1 surprise least.

    The scores ``s`` (n,) have mean 0 and spread 1.
    """
    X = np.column_stack([s, np.ones_like(s)])

    def loss(theta: Array) -> float:
        z = X @ theta
        return float(np.mean(np.logaddexp(0.0, z) - targets * z))

    def slope(theta: Array) -> Array:
        grad: Array = X.T @ (sigmoid(X @ theta) - targets) / len(targets)
        return grad

    def bend(theta: Array) -> Array:
        z = X @ theta
        hess: Array = (X.T * sigmoid(z) * sigmoid(-z)) @ X / len(targets)
        return hess

    start = [0.0, np.log(targets.sum() / (1 - targets).sum())]
    *_, (a, c) = newton(slope, bend, start, loss)
    return float(a), float(c)


def coldness(D: Array) -> float:
    """Return the factor of scores at which true classes surprise least.

    ``D`` (n, k) holds the scores less that of the true class, the largest of size 1.
    """
    D = np.ascontiguousarray(D.T)  # sums over classes are then sums of long rows

    @lru_cache(maxsize=1)
    def at(cold: float) -> tuple[float, float, float]:
        return surprise(cold, D)

    *_, cold = newton(
        lambda x: [at(float(x[0]))[1]],
        lambda x: [[at(float(x[0]))[2]]],
        [1.0],
        lambda x: at(float(x[0]))[0],
    )
    return float(cold[0])


def surprise(cold: float, D: Array) -> tuple[float, float, float]:
    """Return the mean surprise at the true classes, its slope and its curvature by the coldness.

    The columns of ``D`` (k, n) are the scores of a row, less that of its true class.  The slope is
    the mean of these under the classes' probabilities, the curvature their variance.
    """
    scores = cold * D
    top = scores.max(axis=0)
    P = np.exp(scores - top)
    total = P.sum(axis=0)
    P /= total
    mean = np.sum(PD := P * D, axis=0)
    variance = np.sum(PD * D, axis=0) - mean**2
    return float(np.mean(np.log(total) + top)), float(mean.mean()), float(variance.mean())


def sigmoid(z: Array) -> Array:
    """Return one over one plus exp(-z), from the exponential that cannot overflow."""
    e = np.exp(-np.abs(z))
    p: Array = np.where(z >= 0, 1.0, e) / (1 + e)
    return p
