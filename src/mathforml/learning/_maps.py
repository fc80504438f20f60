"""The two fits of calibration by Newton's method: a sigmoid, and one number for all scores."""

import numpy as np

from mathforml.foundations.floating_point import log_sum_exp
from mathforml.optimization.newton import newton
from mathforml.shapes import Array

__all__ = ["coldness", "sigmoid_parameters"]


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

    def loss(cold: Array) -> float:
        return float(log_sum_exp(cold * D).mean())

    def moments(cold: Array) -> tuple[float, float]:
        P = np.exp(cold * D - log_sum_exp(cold * D)[:, None])
        mean = np.sum(P * D, axis=1)
        return float(mean.mean()), float((np.sum(P * D * D, axis=1) - mean**2).mean())

    *_, cold = newton(
        lambda cold: [moments(cold)[0]], lambda cold: [[moments(cold)[1]]], [1.0], loss
    )
    return float(cold[0])


def sigmoid(z: Array) -> Array:
    """Return one over one plus exp(-z), from the exponential that cannot overflow."""
    e = np.exp(-np.abs(z))
    p: Array = np.where(z >= 0, 1.0, e) / (1 + e)
    return p
