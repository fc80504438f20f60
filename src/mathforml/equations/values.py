"""Values with named axes, and the strict shapes of linear algebra.

A value is an array whose leading axes are *named*, one for every index it depends on, and
whose remaining axes are its *core*: a number, a column, a matrix.  All operations work on
whole index ranges at once and check only cores.  Along with the numbers go the largest
magnitude among the terms that made each entry, and an estimate of its absolute error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathforml.equations.errors import EquationError, EquationShapeError

__all__ = [
    "Array",
    "Value",
    "add",
    "aligned",
    "describe",
    "elementwise",
    "matching",
    "number",
    "transpose",
]

Array = NDArray[Any]
LARGEST = 4_000_000  # entries of one intermediate array


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """An array over named axes.

    Parameters
    ----------
    data : (axes..., core...)
        The entries.
    axes
        Names of the leading axes.
    size
        Largest magnitude among the terms of each entry, where that is not ``abs(data)``.
    error
        Estimated absolute error of each entry, if any.
    """

    data: Array
    axes: tuple[str, ...] = ()
    size: Array | None = None
    error: Array | None = None

    @property
    def core(self) -> tuple[int, ...]:
        """Shape without the named axes."""
        return self.data.shape[len(self.axes) :]

    @property
    def ndim(self) -> int:
        """Number of axes of the core."""
        return self.data.ndim - len(self.axes)

    @property
    def magnitude(self) -> Array:
        """Largest magnitude among the terms of each entry."""
        return np.abs(self.data) if self.size is None else self.size

    def map(self, change: Callable[[Array], Array], axes: tuple[str, ...] | None = None) -> Value:
        """Rearrange entries, magnitudes and errors alike."""
        return Value(
            change(self.data),
            self.axes if axes is None else axes,
            None if self.size is None else change(self.size),
            None if self.error is None else change(self.error),
        )


def number(value: Any) -> Value:
    """Wrap a plain number or array."""
    return Value(np.asarray(value))


def describe(value: Value | tuple[int, ...]) -> str:
    """Say in words what a core is."""
    shape = value.core if isinstance(value, Value) else value
    match shape:
        case ():
            return "a number"
        case (n,):
            return f"a column of {n}"
        case (1, n):
            return f"a row of {n}"
        case (m, n):
            return f"a {m}×{n} matrix"
    return f"an array of shape {shape}"


def aligned(values: Sequence[Value]) -> tuple[tuple[str, ...], list[Value]]:
    """Give all values the same named axes, of length 1 where one does not depend on them.

    Raises
    ------
    EquationShapeError
        If two ranges of an index differ, or the result would not fit into memory.
    """
    first = values[0].axes
    if all(v.axes == first for v in values[1:]):
        return first, list(values)
    axes = tuple(dict.fromkeys(a for v in values for a in v.axes))
    sizes: dict[str, int] = {}
    found = []
    for v in values:
        for axis, length in zip(v.axes, v.data.shape, strict=False):
            if sizes.setdefault(axis, length) != length and 1 not in (length, sizes[axis]):
                raise EquationShapeError(
                    f"index {axis.split('#')[0]} runs over {sizes[axis]} and over {length} values"
                )
            sizes[axis] = max(length, sizes[axis])
        order = [v.axes.index(a) for a in axes if a in v.axes]
        core = list(range(len(v.axes), v.data.ndim))
        widen = tuple(slice(None) if a in v.axes else None for a in axes)
        found.append(v.map(lambda a, o=order + core, w=widen: a.transpose(o)[w], axes))  # type: ignore[misc]
    total = 1
    for length in sizes.values():
        total *= length
    if total * max(int(np.prod(v.core)) for v in values) > LARGEST:
        raise EquationError(f"needs more than {LARGEST:,} numbers at once; bind smaller arrays")
    return axes, found


def pad(array: Array, axes: int, ndim: int) -> Array:
    """Insert axes of length 1 so that a smaller core lines up with a larger one."""
    missing = ndim - (array.ndim - axes)
    return array.reshape(array.shape[:axes] + (1,) * missing + array.shape[axes:])


def matching(a: Value, b: Value) -> tuple[Value, Value] | None:
    """Bring two cores to one shape: a matrix of one column is a column."""
    if a.core == b.core:
        return a, b
    slim = [_slim(v) for v in (a, b)]
    return (slim[0], slim[1]) if slim[0].core == slim[1].core else None


def _slim(v: Value) -> Value:
    if v.ndim == 2 and v.core[1] == 1:
        v = v.map(lambda a: a[..., 0])
        return v.map(lambda a: a[..., 0]) if v.core == (1,) else v
    return v


def exact_integers(data: Array, *sources: Array) -> Array:
    """Keep integers integral as long as floats hold them exactly."""
    if all(s.dtype.kind in "bi" for s in sources) and np.all(np.abs(data) < 2.0**53):
        return data.astype(np.int64)
    return data


def widened(data: Array) -> Array:
    """Convert integers to floats, lest they overflow."""
    return data.astype(float) if data.dtype.kind in "biu" else data


def add(signs: Sequence[str], values: Sequence[Value]) -> Value:
    """Add terms of equal shape.

    Raises
    ------
    EquationShapeError
        If two cores differ; a number is not added to an array.
    """
    total = values[0]
    if signs[0] == "-":
        total = replace(total, data=-widened(total.data))
        if values[0].data.dtype.kind in "bi":
            total = replace(total, data=exact_integers(total.data, values[0].data))
    for sign, value in zip(signs[1:], values[1:], strict=True):
        pair = matching(total, value)
        if pair is None:
            verb = "add" if sign == "+" else "subtract"
            raise EquationShapeError(
                f"cannot {verb} {describe(total)} and {describe(value)}; expected equal shapes"
            )
        axes, (a, b) = aligned(pair)
        left, right = widened(a.data), widened(b.data)
        data = left + right if sign == "+" else left - right
        size = np.maximum(a.magnitude, b.magnitude)
        total = Value(exact_integers(data, a.data, b.data), axes, size, error_sum(a.error, b.error))
    return total


def error_sum(a: Array | None, b: Array | None) -> Array | None:
    return b if a is None else a if b is None else a + b


def elementwise(
    function: Callable[..., Array], *values: Value, keep_integers: bool = False
) -> Value:
    """Apply a function entry by entry; numbers go with every entry of an array.

    The error is carried over by evaluating at the shifted argument.
    """
    axes, found = aligned(values)
    ndim = max(v.ndim for v in found)
    arrays = [pad(v.data, len(axes), ndim) for v in found]
    data = np.asarray(function(*[widened(a) for a in arrays]))
    if keep_integers:
        data = exact_integers(data, *arrays)
    error: Array | None = None
    for k, v in enumerate(found):
        if v.error is not None and data.dtype != bool:
            shifted = [widened(a) for a in arrays]
            shifted[k] = shifted[k] + pad(v.error, len(axes), ndim)
            error = error_sum(error, np.abs(function(*shifted) - data))
    return Value(data, axes, None, error)


def transpose(v: Value) -> Value:
    """Turn a column into a row and a matrix over; a number stays."""
    if v.ndim == 0:
        return v
    if v.ndim == 1:
        return v.map(lambda a: a[..., None, :])
    if v.core[0] == 1:
        return v.map(lambda a: a[..., 0, :])
    return v.map(lambda a: np.swapaxes(a, -1, -2))


def scaled(a: Value, b: Value) -> Value:
    """Multiply by a number, or entry by entry."""
    axes, (a, b) = aligned((a, b))
    n, ndim = len(axes), max(a.ndim, b.ndim)

    def product(x: Array, y: Array) -> Array:
        return pad(widened(x), n, ndim) * pad(widened(y), n, ndim)

    data = exact_integers(product(a.data, b.data), a.data, b.data)
    size = None
    if a.size is not None or b.size is not None:
        size = product(a.magnitude, b.magnitude)
    return Value(data, axes, size, product_error(a, b, product))


def product_error(a: Value, b: Value, product: Callable[[Array, Array], Array]) -> Array | None:
    error = None
    if a.error is not None:
        error = product(a.error, np.abs(b.data))
    if b.error is not None:
        error = error_sum(error, product(np.abs(a.data), b.error))
    return error
