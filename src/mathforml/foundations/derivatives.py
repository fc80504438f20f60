"""Derivatives by differences: slopes, gradients, Jacobians, Hessians.

Every function takes a callable ``f`` and a point ``x``, evaluates ``f`` near ``x`` and returns a
derivative with ten correct digits or more where ``f`` is smooth and computes in float64.  No
formula for ``f`` is needed, which makes these functions the judge of the formulas in this book.

At a kink the result is the mean of the slopes on the two sides.  A jump, an edge of the domain
and a value that is not finite are refused.  Beside the point, ``f`` may answer ``nan`` or raise
``ValueError`` where it is not defined: the steps then stay on this side of the edge.

Read it with the page :doc:`/foundations/derivatives`.
"""

from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from mathforml.foundations._extrapolation import (
    Function,
    axes,
    bend,
    evaluate,
    power_of_two,
    real,
    scale,
    slope,
)
from mathforml.shapes import Array

__all__ = [
    "central_difference",
    "derivative",
    "directional_derivative",
    "forward_difference",
    "gradient",
    "hessian",
    "jacobian",
]


# The two quotients


def forward_difference(f: Function, x: ArrayLike, h: ArrayLike) -> Array:
    """Measure the slope of the secant from ``x`` to ``x + h``, :eq:`eq-forward-difference`.

    Parameters
    ----------
    f : callable
        A function of one number, or one that acts on each entry of an array.
    x : (...)
        The point.
    h : () or (...)
        The step, not zero; negative steps look to the left.

    Returns
    -------
    slope : (...)
        Off by about ``h f''(x) / 2``, :eq:`eq-difference-errors`.
    """
    x, h = real("x", x), _step(h)
    return (evaluate(f, x + h) - evaluate(f, x)) / h


def central_difference(f: Function, x: ArrayLike, h: ArrayLike) -> Array:
    """Measure the slope of the secant from ``x - h`` to ``x + h``, :eq:`eq-central-difference`.

    Parameters
    ----------
    f : callable
        A function of one number, or one that acts on each entry of an array.
    x : (...)
        The point.
    h : () or (...)
        The step, not zero.

    Returns
    -------
    slope : (...)
        Off by about ``h**2 f'''(x) / 6``, :eq:`eq-difference-errors`.
    """
    x, h = real("x", x), _step(h)
    return (evaluate(f, x + h) - evaluate(f, x - h)) / (2 * h)


# The derivatives


def derivative(f: Function, x: ArrayLike) -> Array:
    """Measure the slope of ``f`` at ``x``, :eq:`eq-derivative`.

    Parameters
    ----------
    f : callable
        A function of one number, with a value of any shape ``(m...)``; or a function that acts on
        each entry of an array.
    x : () or (...)
        The point, or the points.

    Returns
    -------
    slope : (m...) or (...)
        The derivative, at each entry of ``x`` if it is an array.

    Raises
    ------
    ValueError
        If ``f`` has no derivative at ``x`` that differences could find.

    Notes
    -----
    The steps are powers of two, so that ``x + h`` and ``x - h`` are exact.  They begin tiny and
    grow: rounding errors fall, the curvature's share is extrapolated away, and growing ends when
    the estimates disagree more than they did.  So ``f`` is met no further from ``x`` than needed.
    """
    x, y = _start(f, x)
    if x.ndim > 0 and y.shape != x.shape:
        raise ValueError(
            f"f(x) has shape {y.shape}; expected {x.shape}, the shape of x (else use jacobian)"
        )
    return slope(f, x, y, scale(x), scale(x))


def directional_derivative(f: Function, x: ArrayLike, u: ArrayLike) -> Array:
    """Measure how fast ``f`` changes along ``u``, :eq:`eq-directional-derivative`.

    Parameters
    ----------
    f : callable
        A function of an array, with a value of any shape ``(m...)``.
    x : (n...)
        The point.
    u : (n...)
        The direction; its length counts.

    Returns
    -------
    slope : (m...)
        The Jacobian applied to ``u``, at the cost of one direction.

    Raises
    ------
    ValueError
        If ``x`` and ``u`` differ in shape, or ``f`` has no derivative along ``u``.
    """
    x, y = _start(f, x)
    u = real("u", u)
    if u.shape != x.shape:
        raise ValueError(f"u has shape {u.shape}; expected {x.shape}, the shape of x")
    if not u.any():
        return np.zeros(y.shape)[()]
    unit = np.min(scale(x)[u != 0] / power_of_two(u[u != 0]))
    return slope(f, x, y, unit * u, unit)


def jacobian(f: Function, x: ArrayLike) -> Array:
    """Collect every partial derivative of an array-valued function, :eq:`eq-jacobian`.

    Parameters
    ----------
    f : callable
        A function of an array, with a value of any shape ``(m...)``.
    x : (n...)
        The point.

    Returns
    -------
    J : (m..., n...)
        How each entry of ``f(x)``, first, changes with each entry of ``x``, last.

    Raises
    ------
    ValueError
        If ``f`` has no derivative at ``x`` that differences could find.
    """
    x, y = _start(f, x)
    slopes = [slope(f, x, y, u, u.sum()) for u in axes(x)]
    return np.stack(slopes, axis=-1).reshape(y.shape + x.shape)[()]


def gradient(f: Function, x: ArrayLike) -> Array:
    """Collect the partial derivatives of a function with one number as value, :eq:`eq-gradient`.

    Parameters
    ----------
    f : callable
        A function of an array, whose value is a single number.
    x : (n...)
        The point.

    Returns
    -------
    g : (n...)
        The direction in which ``f`` grows fastest, in the shape of ``x``.

    Raises
    ------
    ValueError
        If ``f(x)`` is not a single number, or ``f`` has no derivative at ``x``.
    """
    _start(f, x, single=True)
    return jacobian(f, x)


def hessian(f: Function, x: ArrayLike) -> Array:
    """Collect the second derivatives of a function with one number as value, :eq:`eq-hessian`.

    Parameters
    ----------
    f : callable
        A function of an array, whose value is a single number.
    x : (n...)
        The point.

    Returns
    -------
    H : (n..., n...)
        How each partial derivative changes with each entry of ``x``; symmetric.

    Raises
    ------
    ValueError
        If ``f(x)`` is not a single number, or ``f`` has no second derivative at ``x``.

    Notes
    -----
    A second difference divides by h², so rounding costs more than in :func:`gradient`: expect
    nine correct digits where the second derivatives are about as large as ``f``.
    """
    x, y = _start(f, x, single=True)
    along = list(axes(np.maximum(np.abs(x), 1.0)))
    H = np.empty((x.size, x.size))
    for i, j in combinations_with_replacement(range(x.size), 2):
        H[i, j] = H[j, i] = bend(f, x, y, along[i], along[j])
    return H.reshape(x.shape + x.shape)[()]


# At the door


def _step(h: ArrayLike) -> Array:
    """Return steps, none of them zero."""
    h = real("h", h)
    if not np.all(h):
        raise ValueError("h is 0; expected a step that leaves x")
    return h


def _start(f: Function, x: ArrayLike, single: bool = False) -> tuple[Array, Array]:
    """Return the point and the value there."""
    point = real("x", x)
    y = evaluate(f, point)
    if single and y.shape != ():
        raise ValueError(f"f(x) has shape {y.shape}; expected a single number, shape ()")
    return point, y
