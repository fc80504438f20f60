r"""Logistic and softmax regression: probabilities of classes from an affine score.

Both make the mean surprise at the true classes small, plus :math:`\frac{\lambda}{2} \|w\|^2`.  Two
classes have so small a Hessian that Newton's method may use it; many classes are left to L-BFGS.
Where no weights are best, because a plane tells the classes apart, both say so.

Read it with the page :doc:`/learning/classification`.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.learning.losses import (
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
)
from mathforml.optimization._line_search import rounding
from mathforml.optimization.newton import backtrack, lbfgs
from mathforml.shapes import Array, check_shapes

__all__ = ["LogisticFit", "SoftmaxFit", "logistic_regression", "softmax_regression"]

LIMIT = 200
CALM = 1e-6  # a step that moves no score by more squares to nothing
STEADY = 1e-14  # a column that varies by no more than this part of its size is constant


class LogisticFit(NamedTuple):
    r"""Two classes, fitted.

    Attributes
    ----------
    w : (d,)
        Weights :math:`w`, in log-odds per unit of each column.
    b : float
        Intercept :math:`b`; the scores are :math:`z = X w + b`.
    loss : float
        Mean surprise, in nats, plus :math:`\frac{\lambda}{2} \|w\|^2`.
    iterations : int
        Newton steps taken.
    """

    w: Array
    b: float
    loss: float
    iterations: int


class SoftmaxFit(NamedTuple):
    r"""Many classes, fitted.

    Attributes
    ----------
    W : (d, k)
        Weights :math:`W`, a column for each class; each row sums to zero.
    b : (k,)
        Intercepts :math:`b`, which sum to zero; the scores are :math:`Z = X W + \mathbf{1} b^\top`.
    loss : float
        Mean surprise, in nats, plus :math:`\frac{\lambda}{2} \|W\|^2`.
    iterations : int
        Steps of L-BFGS taken.
    """

    W: Array
    b: Array
    loss: float
    iterations: int


class Design(NamedTuple):
    """Columns of about one curvature, with a column of ones at the end."""

    Z: Array
    middle: Array
    scale: Array


def logistic_regression(X: Array, y: ArrayLike, penalty: float = 0.0) -> LogisticFit:
    """Fit the log-odds of class 1 by an affine function, :eq:`eq-logistic-objective`.

    Parameters
    ----------
    X : (n, d)
        Features, each column in a unit of its own.
    y : (n,) of 0 and 1
        True classes; both must occur.
    penalty : float
        The factor of half the squared weights; the intercept is free.

    Returns
    -------
    LogisticFit
        ``w``, ``b``, ``loss``, ``iterations``.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, one class is missing, or ``penalty`` is
        zero and a plane separates the classes.

    Notes
    -----
    Newton's direction is the shortest that solves its system, so that columns which repeat each
    other share a weight, and constant ones get none.
    """
    X, classes = _rows(X, y, 2, penalty)
    design = _design(X, penalty)
    side, share = 2 * classes - 1, classes.mean()
    ridge = np.append((math.sqrt(penalty) / design.scale) ** 2, 0.0)
    theta = np.append(np.zeros(X.shape[1]), math.log(share / (1 - share)))
    z = design.Z @ theta
    loss = _objective(z, classes, theta, ridge)
    iterations, done = 0, False
    while not done:
        iterations += 1
        g, H = _gradient_and_hessian(design.Z, z, classes, theta, ridge)
        p = np.asarray(np.linalg.lstsq(H, -g, rcond=None)[0], dtype=float)
        move, slope = design.Z @ p, float(g @ p)
        if penalty == 0 and (np.all(side * z > 0) or _separates(side * move)):
            raise _separable()
        if np.abs(move).max() <= CALM or slope >= 0:
            theta = theta + p
            break
        along = partial(_along, z, move, classes, theta, p, ridge)
        step = backtrack(along, loss, slope)
        done = step.value >= loss - rounding(loss)  # rounding hides any further descent
        theta, z, loss = theta + step.t * p, z + step.t * move, step.value
    loss = _objective(design.Z @ theta, classes, theta, ridge)
    w = theta[:-1] / design.scale
    return LogisticFit(w, float(theta[-1] - w @ design.middle), loss, iterations)


def softmax_regression(X: Array, y: ArrayLike, k: int, penalty: float = 0.0) -> SoftmaxFit:
    """Fit a score for each of k classes by an affine function, :eq:`eq-softmax-objective`.

    Parameters
    ----------
    X : (n, d)
        Features, each column in a unit of its own.
    y : (n,) of integers from 0 to k - 1
        True classes; all must occur.
    k : int
        How many classes there are, at least 2.
    penalty : float
        The factor of half the squared weights; the intercepts are free.

    Returns
    -------
    SoftmaxFit
        ``W``, ``b``, ``loss``, ``iterations``.

    Raises
    ------
    ValueError
        If the shapes do not fit, a number is not finite, a class is missing, or ``penalty`` is
        zero and planes separate classes.
    """
    X, classes = _rows(X, y, k, penalty)
    design = _design(X, penalty)
    ridge = np.append((math.sqrt(penalty) / design.scale) ** 2, 0.0)[:, None]
    shares = np.log(np.bincount(classes, minlength=k) / len(classes))
    start = np.vstack([np.zeros((X.shape[1], k)), shares - shares.mean()])
    found = lbfgs(partial(_softmax_objective, design.Z, classes, ridge), start.ravel(), tol=1e-9)
    theta = found.x.reshape(start.shape)
    if penalty == 0 and _runs_away(design.Z, theta, classes):
        raise _separable()
    W = theta[:-1] / design.scale[:, None]
    return SoftmaxFit(W, theta[-1] - design.middle @ W, found.value, found.iterations)


# Two classes


def _objective(z: Array, y: Array, theta: Array, ridge: Array) -> float:
    """Return the mean surprise with the penalty."""
    return binary_cross_entropy(z, y) + 0.5 * float(ridge @ theta**2)


def _along(
    z: Array, move: Array, y: Array, theta: Array, p: Array, ridge: Array, t: float
) -> float:
    """Return the objective after a step."""
    return _objective(z + t * move, y, theta + t * p, ridge)


def _gradient_and_hessian(
    Z: Array, z: Array, y: Array, theta: Array, ridge: Array
) -> tuple[Array, Array]:
    """Return both, the Hessian from the gradient by the scores: p (1 - p) is |p - y| (1 - |p - y|).

    So the weight of a row keeps its digits where p is close to one.
    """
    by_score = binary_cross_entropy_grad(z, y)
    wrong = np.abs(by_score) * len(z)
    half = Z * np.sqrt(wrong * (1 - wrong) / len(z))[:, None]
    H = half.T @ half + np.diag(ridge)
    return Z.T @ by_score + ridge * theta, H


# Many classes


def _softmax_objective(Z: Array, y: Array, ridge: Array, flat: Array) -> tuple[float, Array]:
    """Return the mean surprise with the penalty, and its gradient.

    Without a penalty, a total surprise below log(2) is a proof of separation: no row can have a
    probability of a half or less.
    """
    theta = flat.reshape(Z.shape[1], -1)
    scores = (theta.T @ Z.T).T  # the classes of a row lie far apart, those of a column together
    loss = cross_entropy(scores, y)
    if not ridge.any() and loss * len(y) < math.log(2):
        raise _separable()
    grad = Z.T @ cross_entropy_grad(scores, y) + ridge * theta
    return loss + 0.5 * float(np.sum(ridge * theta**2)), grad.ravel()


def _runs_away(Z: Array, theta: Array, y: Array) -> bool:
    """Tell whether weights would grow forever, and only the tolerance has ended the search.

    Two moves may show it, in products with the Hessian alone: Newton's next step, and that part of
    the weights which the curvature no longer feels.
    """
    scores = Z @ theta
    P = np.exp(scores - scores.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    if P.min() > 1e-6:  # in every row every class is possible still
        return False

    def bend(V: Array) -> Array:
        S = Z @ V
        S = P * (S - np.sum(P * S, axis=1, keepdims=True))
        product: Array = Z.T @ S / len(y)
        return product

    step = _conjugate_gradients(bend, -Z.T @ cross_entropy_grad(scores, y))
    unfelt = theta - _conjugate_gradients(bend, bend(theta))
    moves = [Z @ step, Z @ unfelt]
    return any(_separates(move[np.arange(len(y)), y][:, None] - move) for move in moves)


def _conjugate_gradients(product: Callable[[Array], Array], right: Array) -> Array:
    """Solve a positive system, or the part of it whose curvature is not tiny."""
    x, r, p = np.zeros_like(right), right, right
    square = float(np.sum(r * r))
    enough = 1e-12 * square
    for _ in range(LIMIT):
        Ap = product(p)
        bent = float(np.sum(p * Ap))
        if bent <= 0 or square <= enough:
            break
        t = square / bent
        x, r = x + t * p, r - t * Ap
        before, square = square, float(np.sum(r * r))
        p = r + square / before * p
    return x


# Separation


def _separates(margins: Array) -> bool:
    """Tell whether a step raises the margins of some rows, and (nearly) lowers none."""
    highest = float(margins.max())
    return highest > 0.01 and float(margins.min()) >= -1e-3 * highest


def _separable() -> ValueError:
    """Return the refusal."""
    return ValueError(
        "the classes are separable by a plane, so larger weights are always better; "
        "expected classes that overlap, or a penalty above 0"
    )


# At the door


def _rows(X: Array, y: ArrayLike, k: int, penalty: float) -> tuple[Array, Array]:
    """Return the features, and the classes as integers, or say what is wrong with them."""
    X, labels = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    check_shapes("X: n d, y: n", X, labels)
    if k < 2:
        raise ValueError(f"k is {k}; expected at least 2 classes")
    if not (penalty >= 0 and math.isfinite(penalty)):
        raise ValueError(f"penalty is {penalty}; expected a number of at least 0")
    if not np.isfinite(X).all():
        raise ValueError("X is not finite; expected numbers")
    odd = labels[~np.isin(labels, np.arange(k))]
    if odd.size:
        raise ValueError(f"y contains {odd[0]:g}; expected integers from 0 to {k - 1}")
    missing = np.setdiff1d(np.arange(k), labels)
    if missing.size:
        raise ValueError(f"y has no row of class {missing[0]}; expected all of 0 to {k - 1}")
    return X, labels.astype(int)


def _design(X: Array, penalty: float) -> Design:
    """Center the columns and scale them, so that units and offsets do not matter.

    A penalty bends the objective too, so it takes part in the scale.
    """
    Z = np.ones(X.shape[::-1] + np.array([1, 0])).T  # column by column, as it is read
    columns = Z[:, :-1]
    columns[:] = X
    size, middle = _reach(columns), columns.mean(axis=0)
    columns -= middle
    reach = _reach(columns)
    still = reach <= STEADY * size
    columns[:, still], reach[still] = 0.0, 1.0
    columns /= reach  # so no square under- or overflows
    spread = np.sqrt(np.mean(columns**2, axis=0))
    scale = np.hypot(reach * spread, 2 * math.sqrt(penalty))
    scale[scale == 0] = 1.0
    columns *= reach / scale
    return Design(Z, middle, scale)


def _reach(columns: Array) -> Array:
    """Return the largest size in each column."""
    reach: Array = np.maximum(columns.max(axis=0), -columns.min(axis=0))
    return reach
