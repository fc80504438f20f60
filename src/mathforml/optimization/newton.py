r"""Newton's method, and L-BFGS, which learns the curvature from the gradients it meets.

:func:`newton` yields iterates, the start first, and ends where rounding does.  :func:`lbfgs` runs
to a tolerance and returns the minimum.  Points are one-dimensional arrays: flatten a matrix of
weights before, and reshape it inside your function.

Read it with the page :doc:`/optimization/newton`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.optimization._line_search import (
    Iterate,
    Objective,
    Step,
    backtrack,
    meet,
    rounding,
    wolfe_step,
)
from mathforml.shapes import Array, check_shapes

__all__ = [
    "Iterate",
    "Minimum",
    "Step",
    "backtrack",
    "lbfgs",
    "lbfgs_iterates",
    "newton",
    "newton_direction",
    "two_loop",
    "wolfe_step",
]

Pair = tuple[Array, Array]


class Minimum(NamedTuple):
    r"""Where :func:`lbfgs` ended.

    Attributes
    ----------
    x : (n,)
        The point, with :math:`\nabla f(x) \approx 0`.
    value : float
        :math:`f(x)`.
    iterations : int
        Steps taken.
    """

    x: Array
    value: float
    iterations: int


# Newton's method


def newton(
    grad: Callable[[Array], ArrayLike],
    hess: Callable[[Array], ArrayLike],
    x: ArrayLike,
    f: Callable[[Array], float] | None = None,
) -> Iterator[Array]:
    r"""Jump to the minimum of the parabola that fits best, again and again, :eq:`eq-newton-step`.

    Parameters
    ----------
    grad, hess : callable
        Gradient ``(n,)`` and Hessian ``(n, n)`` of the function to be made small.
    x : (n,)
        The start.
    f : callable, optional
        The function itself.  With it, a step is halved until :math:`f` falls, and negative
        curvature is overcome; without it, every step is taken whole.

    Yields
    ------
    x : (n,)
        The start, then the point after each step.  The last one is the minimum, to rounding.

    Raises
    ------
    ValueError
        If something at an iterate is not finite or has the wrong shape; or, without ``f``, if a
        Hessian is not positive definite: the jump could end on a saddle, or on a top.

    Notes
    -----
    Near the minimum a value hides what a gradient still shows.  So the walk ends where neither
    gets smaller.
    """
    x = _point(x)
    g = _gradient(grad(x.copy()), x)
    value, far = math.inf if f is None else float(f(x.copy())), 0.0
    while True:
        yield x.copy()
        H = _hessian(hess(x.copy()), x)
        p = newton_direction(g, H, flip=f is not None)
        slope = float(g @ p)
        if slope == 0:
            return
        if f is None:
            step, far = Step(1.0, math.inf), max(far, np.abs(x).max(), np.abs(p).max())
            near = np.abs(p).max() <= 1e-6 * far
        else:
            step = backtrack(partial(_along, f, x, p), value, slope)
            near = step.value >= value - rounding(value)
        x_next = x + step.t * p
        g_next = _gradient(grad(x_next.copy()), x)
        if near and g_next @ g_next >= g @ g:
            return
        x, g, value = x_next, g_next, step.value


def newton_direction(g: ArrayLike, H: ArrayLike, flip: bool = False) -> Array:
    r"""Solve :math:`H p = -g`, :eq:`eq-newton-direction`.

    Parameters
    ----------
    g : (n,)
        The gradient.
    H : (n, n)
        The Hessian, symmetric.
    flip : bool
        Replace each negative curvature by its size, and one that is nearly zero by a small
        positive one.

    Returns
    -------
    p : (n,)
        The way to the minimum of the parabola.

    Raises
    ------
    ValueError
        If the parabola has no minimum, and ``flip`` is false.
    """
    g, H = np.asarray(g, dtype=float), np.asarray(H, dtype=float)
    try:
        np.linalg.cholesky(H)
        return np.linalg.solve(H, -g)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(H)
    if not flip:
        lowest = f"the Hessian has the eigenvalue {values[0]:.3g}"
        raise ValueError(f"{lowest}; expected all positive, or f, to search along a line")
    sizes = np.abs(values)
    least = 1e-8 * sizes.max() or 1.0
    p: Array = -vectors @ (vectors.T @ g / np.maximum(sizes, least))
    return p


# L-BFGS


def lbfgs(
    f_and_grad: Objective,
    x: ArrayLike,
    *,
    tol: float = 1e-8,
    memory: int = 10,
    limit: int = 15_000,
) -> Minimum:
    """Find a minimum, :eq:`eq-stationary`, from values and gradients alone.

    Parameters
    ----------
    f_and_grad : callable
        ``f_and_grad(x) -> value, gradient``, the gradient ``(n,)``.
    x : (n,)
        The start.
    tol : float
        Largest entry of the gradient that counts as zero; a share of the largest at the start,
        where that is below 1.  Where rounding hides any further descent, the search ends too.
    memory : int
        How many steps are remembered, at least 1.
    limit : int
        Number of steps after which to give up.

    Returns
    -------
    minimum : Minimum
        ``x``, ``value``, ``iterations``.

    Raises
    ------
    ValueError
        If the value or the gradient at the start is not finite or has the wrong shape, if no step
        against the gradient lowers the value, or if ``limit`` steps do not suffice.
    """
    if not tol >= 0:
        raise ValueError(f"tol is {tol}; expected at least 0")
    for iterations, at in enumerate(lbfgs_iterates(f_and_grad, x, memory=memory)):
        steepest = float(np.abs(at.gradient).max(initial=0.0))
        if iterations == 0:
            near = tol * min(1.0, steepest)
        if steepest <= near:
            break
        if iterations == limit:
            raise ValueError(
                f"after {limit} steps the gradient has an entry of {steepest:.3g}; "
                f"expected at most {near:.3g}"
            )
    return Minimum(at.x, at.value, iterations)


def lbfgs_iterates(f_and_grad: Objective, x: ArrayLike, *, memory: int = 10) -> Iterator[Iterate]:
    """Yield the points of :func:`lbfgs`, the start first.

    Parameters
    ----------
    f_and_grad : callable
        ``f_and_grad(x) -> value, gradient``, the gradient ``(n,)``.
    x : (n,)
        The start.
    memory : int
        How many steps are remembered, at least 1.

    Yields
    ------
    at : Iterate
        The point, its value and its gradient.  They end where rounding hides any descent.

    Raises
    ------
    ValueError
        As :func:`lbfgs` does.
    """
    if memory < 1:
        raise ValueError(f"memory is {memory}; expected at least 1")
    x = _point(x)
    at = meet(f_and_grad, x)
    if not (math.isfinite(at.value) and np.isfinite(at.gradient).all()):
        raise ValueError("the value or the gradient at the start is not finite; expected numbers")
    pairs: list[Pair] = []
    while True:
        yield Iterate(at.x.copy(), at.value, at.gradient.copy())
        if not at.gradient.any():
            return
        p = -two_loop(at.gradient, pairs)
        t = 1.0 if pairs else min(1.0, 1.0 / float(np.abs(at.gradient).sum()))
        after = wolfe_step(f_and_grad, at, p, t)
        if after is None:
            return
        s, y = after.x - at.x, after.gradient - at.gradient
        if s @ y > 0:  # Wolfe's second condition promises it, up to rounding
            pairs = [*pairs, (s, y)][-memory:]
        at = after


def two_loop(g: Array, pairs: Sequence[Pair]) -> Array:
    """Apply the remembered inverse Hessian to a vector, :eq:`eq-two-loop`.

    Parameters
    ----------
    g : (n,)
        The gradient, or any vector.
    pairs : sequence of (s, y)
        Steps and the changes of the gradient along them, the oldest first.

    Returns
    -------
    q : (n,)
        The product; the matrix is never formed.
    """
    q, shares = g, []
    for s, y in reversed(pairs):
        rho = 1.0 / (y @ s)
        a = rho * (s @ q)
        q = q - a * y
        shares.append((rho, a))
    if pairs:
        s, y = pairs[-1]
        q = (s @ y) / (y @ y) * q
    for (s, y), (rho, a) in zip(pairs, reversed(shares), strict=True):
        q = q + (a - rho * (y @ q)) * s
    return q


def _along(f: Callable[[Array], float], x: Array, p: Array, t: float) -> float:
    """Return the value after a step."""
    return f(x + t * p)


# At the door


def _point(x: ArrayLike) -> Array:
    """Return the start as an array of our own."""
    x = np.array(x, dtype=float)
    check_shapes("x: n", x)
    if not np.isfinite(x).all():
        raise ValueError("the start x is not finite; expected numbers")
    return x


def _gradient(g: ArrayLike, x: Array) -> Array:
    """Return a gradient that a step can be taken from."""
    g = np.array(g, dtype=float)
    if g.shape != x.shape:
        raise ValueError(f"grad(x) has shape {g.shape}; expected {x.shape}, the shape of x")
    if not np.isfinite(g).all():
        raise ValueError("grad(x) is not finite; expected numbers")
    return g


def _hessian(H: ArrayLike, x: Array) -> Array:
    """Return a Hessian that a step can be taken from."""
    H = np.asarray(H, dtype=float)
    if H.shape != 2 * x.shape:
        raise ValueError(f"hess(x) has shape {H.shape}; expected {2 * x.shape}")
    if not np.isfinite(H).all():
        raise ValueError("hess(x) is not finite; expected numbers")
    return H
