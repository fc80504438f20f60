r"""Gradient descent and its kin: momentum, Nesterov's, Adam, and gradients from a few rows.

Each method is a generator of iterates.  It yields the start first, so that place ``t`` of the path
holds the point after ``t`` steps, and it never ends: the caller says when.  Every iterate is an
array of its own; the start that was given is left alone.

The gradient is a function of the point, ``grad(x)``, in the shape of ``x``; any shape will do.

Read it with the page :doc:`/optimization/gradient_descent`.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from mathforml.shapes import Array

__all__ = [
    "adam",
    "gradient_descent",
    "minibatch",
    "momentum",
    "nesterov",
]

Gradient = Callable[[Array], ArrayLike]


def gradient_descent(grad: Gradient, x: ArrayLike, rate: float) -> Iterator[Array]:
    """Walk against the gradient, :eq:`eq-gradient-step`.

    Parameters
    ----------
    grad : callable
        Gradient of the function to be made small, at a point, in its shape.
    x : (...)
        The start.
    rate : float
        Step per unit of gradient, positive; below 2 over the largest curvature,
        :eq:`eq-rate-limit`, or the walk runs away.

    Yields
    ------
    x : (...)
        The start, then the point after each step.

    Raises
    ------
    ValueError
        If ``rate`` is not positive, or a point or its gradient is not finite.
    """
    _check_positive("rate", rate)
    x = _start(x)
    while True:
        yield x.copy()
        x = x - rate * _slope(grad, x)


def momentum(grad: Gradient, x: ArrayLike, rate: float, beta: float = 0.9) -> Iterator[Array]:
    """Roll instead of walk: keep a share of the last velocity, :eq:`eq-momentum`.

    Parameters
    ----------
    grad : callable
        Gradient of the function to be made small, at a point, in its shape.
    x : (...)
        The start.
    rate : float
        Step per unit of velocity, positive.
    beta : float
        Share of the velocity that survives a step, from 0 up to but not including 1.

    Yields
    ------
    x : (...)
        The start, then the point after each step.

    Raises
    ------
    ValueError
        If ``rate`` or ``beta`` is out of range, or a point or its gradient is not finite.

    Notes
    -----
    The velocity is a sum of gradients, as in PyTorch.  Where it is their weighted mean, with the
    factor ``1 - beta`` before the gradient, the same walk has the rate ``rate / (1 - beta)``.
    """
    _check_positive("rate", rate)
    _check_share("beta", beta)
    x = _start(x)
    v = np.zeros_like(x)
    while True:
        yield x.copy()
        v = beta * v + _slope(grad, x)
        x = x - rate * v


def nesterov(grad: Gradient, x: ArrayLike, rate: float, beta: float = 0.9) -> Iterator[Array]:
    """Roll, and look where the velocity leads before paying attention, :eq:`eq-nesterov`.

    Parameters
    ----------
    grad : callable
        Gradient of the function to be made small, at a point, in its shape.
    x : (...)
        The start.
    rate : float
        Step per unit of velocity, positive.
    beta : float
        Share of the velocity that survives a step, from 0 up to but not including 1.

    Yields
    ------
    x : (...)
        The start, then the point after each step.

    Raises
    ------
    ValueError
        If ``rate`` or ``beta`` is out of range, or a point or its gradient is not finite.

    Notes
    -----
    The points are those at which the gradient is taken, as in PyTorch; Nesterov's own are
    ``x + rate * beta * v``, :eq:`eq-look-ahead`.  Both end at the same place.
    """
    _check_positive("rate", rate)
    _check_share("beta", beta)
    x = _start(x)
    v = np.zeros_like(x)
    while True:
        yield x.copy()
        g = _slope(grad, x)
        v = beta * v + g
        x = x - rate * (g + beta * v)


def adam(
    grad: Gradient,
    x: ArrayLike,
    rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Iterator[Array]:
    """Divide the mean gradient by its typical size, entry by entry, :eq:`eq-adam`.

    Parameters
    ----------
    grad : callable
        Gradient of the function to be made small, at a point, in its shape.
    x : (...)
        The start.
    rate : float
        About the length of a step in each entry, in units of ``x``; positive.
    beta1, beta2 : float
        Shares of the running means of the gradient and of its square that survive a step, from 0
        up to but not including 1.
    eps : float
        Positive; far below it, a gradient counts as zero.

    Yields
    ------
    x : (...)
        The start, then the point after each step.

    Raises
    ------
    ValueError
        If a parameter is out of range, or a point or its gradient is not finite.

    Notes
    -----
    Both means start at zero and are too small at first, by a factor that depends on the number of
    steps ``t``; dividing by it mends that.
    """
    _check_positive("rate", rate)
    _check_share("beta1", beta1)
    _check_share("beta2", beta2)
    _check_positive("eps", eps)
    x = _start(x)
    m, s, t = np.zeros_like(x), np.zeros_like(x), 0
    while True:
        yield x.copy()
        g, t = _slope(grad, x), t + 1
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
        x = x - rate * m_hat / (np.sqrt(s_hat) + eps)


def minibatch(
    grad: Callable[[Array, np.ndarray], ArrayLike], n: int, size: int, rng: np.random.Generator
) -> Gradient:
    """Make a gradient over all rows into one over a few, drawn anew at each call.

    Its mean is the gradient over all rows, and its variance falls as one over the size,
    :eq:`eq-batch-noise`.

    Parameters
    ----------
    grad : callable
        ``grad(x, rows)``: the mean gradient over the rows with these numbers.
    n : int
        Number of all rows.
    size : int
        How many to draw at each call, independently: a row may come twice.
    rng : Generator
        Source of randomness.

    Returns
    -------
    grad : callable
        Noisy gradient of one argument, for any method of this module.

    Raises
    ------
    ValueError
        If ``n`` or ``size`` is below 1.
    """
    if min(n, size) < 1:
        raise ValueError(f"n = {n}, size = {size}; expected at least one row")
    return lambda x: grad(x, rng.integers(n, size=size))


# At the door


def _start(x: ArrayLike) -> Array:
    """Return the start as an array of our own."""
    x = np.array(x, dtype=float)
    if not np.isfinite(x).all():
        raise ValueError("the start x is not finite; expected numbers")
    return x


def _slope(grad: Gradient, x: Array) -> Array:
    """Return the gradient, as long as the walk has not run away."""
    g = np.asarray(grad(x.copy()), dtype=float)
    if g.shape != x.shape:
        raise ValueError(f"grad(x) has shape {g.shape}; expected {x.shape}, the shape of x")
    if not np.isfinite(g).all():
        raise ValueError("grad(x) is not finite; expected numbers (is the rate too large?)")
    return g


def _check_positive(name: str, value: float) -> None:
    """Refuse what is not a positive number."""
    if not 0 < value < math.inf:
        raise ValueError(f"{name} is {value}; expected a positive number")


def _check_share(name: str, value: float) -> None:
    """Refuse what is not a share of something that must fade."""
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value}; expected at least 0 and below 1")
