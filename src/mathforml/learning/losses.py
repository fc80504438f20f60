r"""Losses and their gradients, by hand.

A loss turns predictions and truths into one number, the *mean over rows*; its gradient has the
shape of the predictions.  Losses for classes take raw scores, never probabilities: a probability
that has been rounded to zero has no logarithm.

Read it with the page :doc:`/learning/losses`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.shapes import Array, check_shapes

__all__ = [
    "absolute_error",
    "absolute_error_grad",
    "binary_cross_entropy",
    "binary_cross_entropy_grad",
    "cross_entropy",
    "cross_entropy_grad",
    "hinge",
    "hinge_grad",
    "huber",
    "huber_grad",
    "squared_error",
    "squared_error_grad",
]


def squared_error(y_hat: Array, y: Array) -> float:
    """Average the squared residuals, :eq:`eq-squared-error`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths, in the same unit.

    Returns
    -------
    float
        In the squared unit; entries of one row are added, rows are averaged.

    Raises
    ------
    ValueError
        If the shapes differ, there are no rows, or a number is NaN.
    """
    r = _residuals(y_hat, y)
    return float(np.sum(r**2) / len(r))


def squared_error_grad(y_hat: Array, y: Array) -> Array:
    """Differentiate :func:`squared_error` by the predictions, :eq:`eq-squared-error-grad`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths.

    Returns
    -------
    (n, ...)
        Twice the residuals, over n.
    """
    r = _residuals(y_hat, y)
    return 2 * r / len(r)


def absolute_error(y_hat: Array, y: Array) -> float:
    """Average the sizes of the residuals, :eq:`eq-absolute-error`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths, in the same unit.

    Returns
    -------
    float
        In that unit.
    """
    r = _residuals(y_hat, y)
    return float(np.sum(np.abs(r)) / len(r))


def absolute_error_grad(y_hat: Array, y: Array) -> Array:
    """Differentiate :func:`absolute_error` by the predictions, :eq:`eq-absolute-error-grad`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths.

    Returns
    -------
    (n, ...)
        The signs of the residuals, over n; 0 at the kink, where a residual is zero.
    """
    r = _residuals(y_hat, y)
    return np.sign(r) / len(r)


def huber(y_hat: Array, y: Array, delta: float = 1.0) -> float:
    """Square small residuals and measure large ones by size, :eq:`eq-huber`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths, in the same unit.
    delta : float
        The residual at which the parabola goes over into a line; positive, in that unit.

    Returns
    -------
    float
        In the squared unit.
    """
    r, delta = _residuals(y_hat, y), _positive("delta", delta)
    near = np.minimum(np.abs(r), delta)
    return float(np.sum(near * (np.abs(r) - near / 2)) / len(r))


def huber_grad(y_hat: Array, y: Array, delta: float = 1.0) -> Array:
    """Differentiate :func:`huber` by the predictions, :eq:`eq-huber-grad`.

    Parameters
    ----------
    y_hat : (n, ...)
        Predictions.
    y : (n, ...)
        Truths.
    delta : float
        As in :func:`huber`.

    Returns
    -------
    (n, ...)
        The residuals, clipped to at most ``delta`` in size, over n.
    """
    r, delta = _residuals(y_hat, y), _positive("delta", delta)
    return np.clip(r, -delta, delta) / len(r)


def hinge(z: Array, y: ArrayLike) -> float:
    """Charge each score that is not on its side by a margin of one, :eq:`eq-hinge`.

    Parameters
    ----------
    z : (n,)
        Scores; positive speaks for class 1.
    y : (n,) of 0 and 1
        True classes.

    Returns
    -------
    float
        Zero if every score is beyond its margin.
    """
    z, side = _scores_and_sides(z, y)
    return float(np.mean(np.maximum(0.0, 1 - side * z)))


def hinge_grad(z: Array, y: ArrayLike) -> Array:
    """Differentiate :func:`hinge` by the scores, :eq:`eq-hinge-grad`.

    Parameters
    ----------
    z : (n,)
        Scores.
    y : (n,) of 0 and 1
        True classes.

    Returns
    -------
    (n,)
        Zero beyond the margin and, by choice, at the kink on it.
    """
    z, side = _scores_and_sides(z, y)
    return np.where(side * z < 1, -side, 0.0) / len(z)


def binary_cross_entropy(z: Array, y: ArrayLike) -> float:
    """Average the surprise at true classes, from scores, :eq:`eq-binary-cross-entropy`.

    Parameters
    ----------
    z : (n,)
        Scores, the logarithms of the odds of class 1.
    y : (n,) of 0 and 1
        True classes.

    Returns
    -------
    float
        In nats.

    Notes
    -----
    The surprise at a class is the softplus of the score against it.  Written with the size of the
    score, its exponential never exceeds one.
    """
    z, side = _scores_and_sides(z, y)
    against = -side * z
    return float(np.mean(np.maximum(against, 0.0) + np.log1p(np.exp(-np.abs(z)))))


def binary_cross_entropy_grad(z: Array, y: ArrayLike) -> Array:
    """Differentiate by the scores: probability minus truth, :eq:`eq-binary-cross-entropy-grad`.

    Parameters
    ----------
    z : (n,)
        Scores.
    y : (n,) of 0 and 1
        True classes.

    Returns
    -------
    (n,)
        ``(p - y) / n``, without cancellation where p is close to y.
    """
    z, side = _scores_and_sides(z, y)
    small = np.exp(-np.abs(z))
    wrong = np.where(side * z > 0, small, 1.0) / (1 + small)  # probability of the other class
    grad: Array = -side * wrong / len(z)
    return grad


def cross_entropy(z: Array, y: ArrayLike) -> float:
    """Average the surprise at true classes among k, from scores, :eq:`eq-cross-entropy`.

    Parameters
    ----------
    z : (n, k)
        Scores; ``-inf`` rules a class out.
    y : (n,) of integers from 0 to k - 1
        True classes.

    Returns
    -------
    float
        In nats; ``inf`` if a true class was ruled out.

    Notes
    -----
    A log-sum-exp less the true score, with the largest score taken out of both. The true class's
    exponential is one and ``expm1``, and ``log1p`` takes the one: a small loss keeps its digits.
    """
    z, y = _scores_and_classes(z, y)
    own, top = (np.arange(len(z)), y), _largest(z)
    gap = z[own] - top
    others = np.exp(z - top[:, None])
    others[own] = 0.0
    return float(np.mean(np.log1p(others.sum(axis=1) + np.expm1(gap)) - gap))


def cross_entropy_grad(z: Array, y: ArrayLike) -> Array:
    """Differentiate by the scores: probabilities minus truth, :eq:`eq-cross-entropy-grad`.

    Parameters
    ----------
    z : (n, k)
        Scores.
    y : (n,) of integers from 0 to k - 1
        True classes.

    Returns
    -------
    (n, k)
        ``(p - one_hot(y)) / n``; each row sums to zero.
    """
    z, y = _scores_and_classes(z, y)
    own, top = (np.arange(len(z)), y), _largest(z)
    surplus = np.exp(z - top[:, None])
    surplus /= surplus.sum(axis=1, keepdims=True)
    surplus[own] = 0.0
    surplus[own] = -surplus.sum(axis=1)  # p - 1 of the true class, without cancellation
    return surplus / len(z)


def _residuals(y_hat: Array, y: Array) -> Array:
    """Return ``y_hat - y``, or say why there is no such thing."""
    y_hat, y = np.asarray(y_hat, dtype=float), np.asarray(y, dtype=float)
    check_shapes("y_hat: ..., y: ...", y_hat, y)
    if y.ndim == 0 or len(y) == 0:
        raise ValueError(f"y_hat has shape {y_hat.shape}; expected (n, ...) with at least one row")
    residuals: Array = y_hat - y
    return _without_nan("y_hat - y", residuals)


def _scores_and_sides(z: Array, y: ArrayLike) -> tuple[Array, Array]:
    """Return the scores, and for each true class the side of zero (-1 or 1) it is on."""
    z, classes = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    check_shapes("z: n, y: n", z, classes)
    if len(z) == 0:
        raise ValueError("z has shape (0,); expected at least one score")
    odd = classes[(classes != 0) & (classes != 1)]
    if odd.size:
        raise ValueError(f"y contains {odd[0]:g}; expected classes 0 and 1")
    return _without_nan("z", z), 2 * classes - 1


def _scores_and_classes(z: Array, y: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    """Return the scores and the classes as integers, or say what is wrong with them."""
    z, classes = np.asarray(z, dtype=float), np.asarray(y, dtype=float)
    check_shapes("z: n k, y: n", z, classes)
    n, k = z.shape
    if n == 0 or k == 0:
        raise ValueError(f"z has shape {z.shape}; expected (n, k) with at least one row and class")
    odd = classes[~((classes >= 0) & (classes < k) & (classes == np.floor(classes)))]
    if odd.size:
        raise ValueError(f"y contains {odd[0]:g}; expected integers from 0 to k - 1 = {k - 1}")
    return z, classes.astype(np.intp)


def _largest(z: Array) -> Array:
    """Return the largest score of each row, unless it is none."""
    top: Array = _without_nan("z", z.max(axis=1))
    if np.any(top == -np.inf):
        raise ValueError("z rules out every class of a row; expected one finite score at least")
    if np.any(top == np.inf):
        raise ValueError("z contains inf; expected finite scores, or -inf")
    return top


def _without_nan(name: str, x: Array) -> Array:
    """Return the array unless it contains NaN."""
    if np.any(np.isnan(x)):
        raise ValueError(f"{name} contains NaN; expected numbers")
    return x


def _positive(name: str, value: float) -> float:
    """Return the number if it is positive."""
    if not value > 0:
        raise ValueError(f"{name} is {value}; expected a positive number")
    return value
