"""From difference quotients to a derivative: which steps to take, and what to believe."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.shapes import Array

__all__ = ["Function", "axes", "bend", "evaluate", "power_of_two", "real", "scale", "slope"]

Function = Callable[..., ArrayLike]

FIRST = 2.0**-30  # the first step, as a part of x
RATIO = 4.0  # each step is so many times the one before
ORDERS = 3  # how many powers of h² the extrapolation removes
RISE = 100.0  # an error that has grown so much has left the neighborhood of x
SETTLED = 1e-12  # a relative error that needs no further step
FAR = 2.0**4  # no step is larger than so many times x
JUMP = 2.0**-26  # a change over the first steps, as a part of f, that is no rounding error


# Steps, and what to believe


class _Estimate(NamedTuple):
    """Estimates, the rounding error in them, and how wrong they may be in all."""

    value: Array
    noise: Array
    gap: Array
    error: Array


def slope(f: Function, x: Array, y: Array, u: Array, unit: ArrayLike) -> Array:
    """Differentiate ``f`` along ``u / unit``, where ``x + u`` is a step of the size of ``x``."""
    changes: list[Array] = []

    def quotient(t: float) -> tuple[Array, Array]:
        left, right = _near(f, x - t * u, y), _near(f, x + t * u, y)
        changes.append(right - left)
        width = 2 * t * np.asarray(unit)
        value = (right - left) / width
        flat = (left == y) & (right == y)  # perhaps x + h was only too close to x
        size = np.abs(left) + np.abs(right) + flat * max(1.0, np.max(np.abs(x)))
        missed = np.max(np.abs((x + t * u) - x - t * u)) / np.max(np.abs(t * u))
        return value, _eps(y) * size / width + missed * np.abs(value)

    value = _settle(quotient, x, y, u)
    _check_steady(changes[:3], y)
    return value


def bend(f: Function, x: Array, y: Array, u: Array, v: Array) -> Array:
    """Differentiate ``f`` along two axes, whose steps ``u`` and ``v`` are of the size of ``x``."""

    def quotient(t: float) -> tuple[Array, Array]:
        steps = t * (u + v), t * (u - v), t * (v - u), -t * (u + v)
        a, b, c, d = (_near(f, x + step, y) for step in steps)
        area = (2 * t * u.sum()) * (2 * t * v.sum())
        size = np.abs(a) + np.abs(b) + np.abs(c) + np.abs(d)
        return ((a - b) - (c - d)) / area, _eps(y) * size / area

    return _settle(quotient, x, y, u + v)


def _settle(
    quotient: Callable[[float], tuple[Array, Array]], x: Array, y: Array, u: Array
) -> Array:
    """Let the step grow, and keep for each entry the estimate with the least error."""
    best = _Estimate(*np.zeros((2, *y.shape)), *np.full((2, *y.shape), np.inf))
    row: list[_Estimate] = []
    growing = np.ones(y.shape, dtype=bool)
    t = FIRST
    with np.errstate(all="ignore"):
        last = FAR * max(1.0, np.max(np.abs(x))) / np.max(np.abs(u))
        while np.any(growing) and t < last:
            row = _extrapolate(row, *quotient(t))
            growing &= np.isfinite(row[0].value)
            least = reduce(_better, row)
            best = _Estimate(*np.where(growing, _better(best, least), best))
            growing &= least.error <= RISE * best.error
            growing &= best.error > SETTLED * np.abs(best.value)
            t *= RATIO
    _check_settled(best, growing)
    return best.value[()]  # a number rather than an array without axes


def _extrapolate(row: list[_Estimate], value: Array, noise: Array) -> list[_Estimate]:
    """Remove h², then h⁴, … from estimates at growing steps, :eq:`eq-richardson`."""
    unknown = np.full(value.shape, np.inf)
    estimates = [_Estimate(value, noise, unknown, unknown)]
    for order, fine in enumerate(row[:ORDERS], start=1):
        gap = fine.value - estimates[-1].value
        before = row[order].gap if order < len(row) else unknown
        value = fine.value + gap / (RATIO ** (2 * order) - 1)
        error = np.maximum(np.abs(gap), before) + fine.noise
        estimates.append(_Estimate(value, fine.noise, np.abs(gap), error))
    return estimates


def _better(a: _Estimate, b: _Estimate) -> _Estimate:
    """Choose, for each entry, the estimate with the smaller error."""
    return _Estimate(*np.where(b.error < a.error, b, a))


def _check_settled(best: _Estimate, growing: NDArray[np.bool_]) -> None:
    """Raise if an estimate is worth nothing."""
    if np.any(np.isinf(best.error)):
        raise ValueError("f is not finite next to x; expected x inside the domain of f")
    if np.any(growing & (best.error > 0.01 * np.abs(best.value) + 1e8 * best.noise)):
        raise ValueError("the differences of f at x do not settle; expected a derivative there")


def _check_steady(changes: list[Array], y: Array) -> None:
    """Raise if ``f`` changes by as much over wider steps as over the first: at ``x``."""
    first = np.abs(changes[0])
    alike = [np.abs(change - changes[0]) < 0.5 * first for change in changes]
    if len(changes) == 3 and np.any(np.all(alike, axis=0) & (first > JUMP * (1 + np.abs(y)))):
        raise ValueError("f jumps at x; expected a derivative there")


# At the door


def real(name: str, values: ArrayLike) -> Array:
    """Return finite real numbers in float64."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} has type {array.dtype}; expected real numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty; expected at least one number")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} is not finite; expected numbers without nan and inf")
    return array.astype(np.float64)


def evaluate(f: Function, x: Array) -> Array:
    """Evaluate ``f`` at a copy of ``x``, so that it may work in place."""
    with np.errstate(all="ignore"):
        y = np.array(f(x + 0.0))
    if y.dtype.kind not in "biuf":
        raise ValueError(f"f(x) has type {y.dtype}; expected real numbers")
    if not np.all(np.isfinite(y)):
        raise ValueError("f(x) is not finite; expected x inside the domain of f")
    return y if y.dtype.kind == "f" else y.astype(np.float64)


def _near(f: Function, x: Array, y: Array) -> Array:
    """Evaluate ``f`` beside the point where it is ``y``; ``nan`` where it cannot."""
    try:
        near = np.asarray(f(x))
    except (ValueError, ArithmeticError):
        return np.full(y.shape, np.nan)
    if near.shape != y.shape:
        raise ValueError(f"f(x) has shape {near.shape} next to x; expected {y.shape}, as at x")
    return near.astype(np.float64) if near.dtype.kind in "biuf" else np.full(y.shape, np.nan)


def _eps(y: Array) -> float:
    """Return the relative rounding error of the type in which ``f`` answers."""
    return max(float(np.finfo(y.dtype).eps), 2.0**-52)


def power_of_two(x: Array) -> Array:
    """Return the power of two at or below the size of each entry."""
    return np.asarray(np.ldexp(1.0, np.frexp(np.maximum(np.abs(x), 2.0**-900))[1] - 1))


def scale(x: Array) -> Array:
    """Return the size of each entry as a power of two; 1 for entries from 2⁻²⁰ to 1, and for 0.

    A step far below the resolution of 1 tells nothing about functions that add ``x`` to 1.
    """
    raised = 2.0**20 * np.minimum(np.abs(x), 2.0**-20)
    return power_of_two(np.where(x == 0, 1.0, np.maximum(np.abs(x), raised)))


def axes(x: Array) -> Iterator[Array]:
    """Yield a step along each entry of ``x`` alone, as large as the entry's scale."""
    for index, size in np.ndenumerate(scale(x)):
        u = np.zeros(x.shape)
        u[index] = size
        yield u
