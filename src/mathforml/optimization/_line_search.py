"""Searches along a line: how far to step in a direction that leads down.

The two are part of the page :doc:`/optimization/newton`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.shapes import Array

__all__ = ["Iterate", "Objective", "Step", "backtrack", "meet", "rounding", "wolfe_step"]

Objective = Callable[[Array], tuple[float, ArrayLike]]

EPS = float(np.finfo(float).eps)
DECREASE, CURVATURE = 1e-4, 0.9  # the two constants of Wolfe's conditions


class Step(NamedTuple):
    r"""A step along a line.

    Attributes
    ----------
    t : float
        Its length, as a multiple of the direction.
    value : float
        :math:`f(x + t p)`.
    """

    t: float
    value: float


class Iterate(NamedTuple):
    r"""A point, with what is known there.

    Attributes
    ----------
    x : (n,)
        The point.
    value : float
        :math:`f(x)`.
    gradient : (n,)
        :math:`\nabla f(x)`.
    """

    x: Array
    value: float
    gradient: Array


def backtrack(phi: Callable[[float], float], start: float, slope: float) -> Step:
    r"""Halve a step from 1 until it lowers enough, :eq:`eq-armijo`.

    Parameters
    ----------
    phi : callable
        The value after a step of a given length.
    start : float
        ``phi(0)``.
    slope : float
        Slope of ``phi`` at 0, negative.

    Returns
    -------
    step : Step
        ``t`` and ``value``; ``t`` is 0 if no step down to rounding lowers enough.

    Raises
    ------
    ValueError
        If the slope is not negative, or ``start`` is not finite.
    """
    if not (slope < 0 and math.isfinite(start)):
        raise ValueError(f"value {start}, slope {slope}; expected them finite, and a way down")
    t = 1.0
    while t > EPS:
        value = float(phi(t))
        if value <= start + DECREASE * t * slope + rounding(start):
            return Step(t, value)
        t /= 2
    return Step(0.0, start)


def wolfe_step(f_and_grad: Objective, at: Iterate, p: Array, t: float = 1.0) -> Iterate | None:
    r"""Search along a line for a point that is lower and flatter, :eq:`eq-wolfe`.

    Parameters
    ----------
    f_and_grad : callable
        ``f_and_grad(x) -> value, gradient``, the gradient ``(n,)``.
    at : Iterate
        Where the line begins.
    p : (n,)
        Its direction; the slope along it must be negative.
    t : float
        The first step to try.

    Returns
    -------
    after : Iterate or None
        The point found; None where rounding hides any descent.

    Raises
    ------
    ValueError
        If the slope is not negative, no step lowers the value, or every step does.

    Notes
    -----
    Below ``low`` the value falls; at ``high`` it is too large, or rises.  A point that satisfies
    both conditions lies between them, at every stage.
    """
    slope = float(at.gradient @ p)
    if not slope < 0:
        raise ValueError(f"the slope along the step is {slope}; expected it negative")
    noise = rounding(at.value)
    hidden = -slope * t <= EPS * noise
    low, high, first = (0.0, at.value, slope), None, t
    for _ in range(0 if hidden else 60):
        new = meet(f_and_grad, at.x + t * p)
        rise = float(new.gradient @ p)
        here = (t, new.value, rise)
        if not (new.value <= at.value + DECREASE * t * slope + noise and math.isfinite(rise)):
            high = here
        elif abs(rise) <= -CURVATURE * slope:
            return new
        elif rise > 0:
            high = here
        else:
            low = here
        t = 4 * t if high is None else _between(low, high)
        if t == here[0]:  # no float is left between
            break
    if -slope * first <= 100 * noise:
        return None
    if high is None:
        raise ValueError("the value falls along a line without end; expected it to have a minimum")
    raise ValueError(
        f"no step against the gradient lowers the value {at.value:.6g}; "
        "expected f_and_grad to return the gradient of its value, both finite"
    )


def _between(low: tuple[float, float, float], high: tuple[float, float, float]) -> float:
    """Return the minimum of the cubic through two values and slopes, kept off the ends."""
    (a, f_a, slope_a), (b, f_b, slope_b) = low, high
    width = b - a
    mean = 3 * (f_b - f_a) / width
    middle = slope_a + slope_b - mean
    square = middle * middle - slope_a * slope_b
    share = 0.5
    if math.isfinite(square) and square > 0:
        root = math.sqrt(square)
        below = slope_b - slope_a + 2 * root
        if below != 0:
            share = 1 - (slope_b + root - middle) / below
    return a + width * min(max(share, 0.1), 0.9)


def meet(f_and_grad: Objective, x: Array) -> Iterate:
    """Return a point with its value and its gradient."""
    value, gradient = f_and_grad(x.copy())
    g = np.array(gradient, dtype=float)
    if g.shape != x.shape:
        raise ValueError(f"the gradient has shape {g.shape}; expected {x.shape}, the shape of x")
    return Iterate(x, float(value), g)


def rounding(value: float) -> float:
    """Return how much of a difference between such values may be rounding."""
    return 4 * EPS * abs(value)
