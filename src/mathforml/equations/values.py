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
    "Array", "Value", "add", "aligned", "describe", "divide", "elementwise", "matching",
    "multiply", "number", "power", "transpose",
]  # fmt: skip

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
        total = Value(exact_integers(data, a.data, b.data), axes, size, _sum(a.error, b.error))
    return total


def _sum(a: Array | None, b: Array | None) -> Array | None:
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
        if v.error is not None:
            shifted = [widened(a) for a in arrays]
            shifted[k] = shifted[k] + pad(v.error, len(axes), ndim)
            error = _sum(error, np.abs(function(*shifted) - data))
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
    return Value(data, axes, size, _product_error(a, b, product))


def _product_error(a: Value, b: Value, product: Callable[[Array, Array], Array]) -> Array | None:
    error = None
    if a.error is not None:
        error = product(a.error, np.abs(b.data))
    if b.error is not None:
        error = _sum(error, product(np.abs(a.data), b.error))
    return error


def multiply(operator: str, a: Value, b: Value) -> Value:
    r"""Multiply as the operator and the shapes demand.

    Parameters
    ----------
    operator
        Empty for juxtaposition, or ``\cdot``, ``\times``, ``*``, ``\odot``, ``\otimes``, …
    a, b
        The factors.

    Raises
    ------
    EquationShapeError
        If linear algebra knows no such product.
    """
    if operator in (r"\odot", r"\oslash", r"\circ"):
        pair = matching(a, b)
        if pair is None:
            raise EquationShapeError(
                f"cannot take {operator} of {describe(a)} and {describe(b)}; expected equal shapes"
            )
        return elementwise(np.multiply if operator != r"\oslash" else np.divide, *pair)
    if a.ndim == 0 or b.ndim == 0:
        return scaled(a, b)
    if operator == r"\otimes":
        return kronecker(a, b)
    if operator == "*":
        raise EquationShapeError(
            rf"* between {describe(a)} and {describe(b)} is ambiguous; expected \odot or no sign"
        )
    if a.core == b.core == (3,) and operator == r"\times":
        return elementwise_cross(a, b)
    if operator == r"\cdot" and a.core == b.core and 1 in (a.ndim, a.core[0]):
        return matmul(transpose(a), b) if a.ndim == 1 else matmul(a, transpose(b))
    return matmul(a, b)


def elementwise_cross(a: Value, b: Value) -> Value:
    """Take the cross product of columns of three."""
    axes, (a, b) = aligned((a, b))
    return Value(np.cross(a.data, b.data), axes)


def kronecker(a: Value, b: Value) -> Value:
    """Take the Kronecker product; of two columns, a column."""
    axes, (a, b) = aligned((a, b))
    if a.ndim == b.ndim == 1:
        data = a.data[..., :, None] * b.data[..., None, :]
        return Value(data.reshape(*data.shape[:-2], -1), axes)
    x, y = _flat(a, a.data), _flat(b, b.data)
    data = x[..., :, None, :, None] * y[..., None, :, None, :]
    rows, columns = x.shape[-2] * y.shape[-2], x.shape[-1] * y.shape[-1]
    return Value(data.reshape(*data.shape[:-4], rows, columns), axes)


def _flat(v: Value, a: Array) -> Array:
    return a[..., :, None] if v.ndim == 1 else a


def matmul(a: Value, b: Value) -> Value:
    """Multiply matrices, columns and rows."""
    if a.ndim > 2 or b.ndim > 2:
        raise EquationShapeError(f"cannot multiply {describe(a)} and {describe(b)}; write indices")
    axes, (a, b) = aligned((a, b))
    left = a.core if a.ndim == 2 else (a.core[0], 1)
    right = b.core if b.ndim == 2 else (b.core[0], 1)
    if left[1] != right[0]:
        raise EquationShapeError(
            f"cannot multiply {describe(a)} by {describe(b)}; expected {left[1]} "
            f"row{'s' * (left[1] != 1)} on the right, found {right[0]}" + _advice(a, b)
        )
    number_ = (left[0], right[1]) == (1, 1)
    column = b.ndim == 1 and right[1] == 1

    def product(x: Array, y: Array) -> Array:
        found: Array = np.matmul(_flat(a, x), _flat(b, y))
        return found[..., 0, 0] if number_ else found[..., 0] if column else found

    data = product(widened(a.data), widened(b.data))
    size = product(a.magnitude, b.magnitude)
    return Value(data, axes, size, _product_error(a, b, product))


def _advice(a: Value, b: Value) -> str:
    if a.ndim == b.ndim == 1:
        return r"; did you mean x^\top y or x \odot y?"
    return ""


def divide(a: Value, b: Value) -> Value:
    """Divide by a number."""
    if b.ndim and b.data.size != int(np.prod(b.data.shape[: len(b.axes)])):
        raise EquationShapeError(
            rf"cannot divide by {describe(b)}; expected a number, an inverse or \oslash"
        )
    if b.ndim:
        b = b.map(lambda a: a.reshape(a.shape[: len(b.axes)]))
    axes, (a, b) = aligned((a, b))
    bottom = pad(widened(b.data), len(axes), a.ndim)
    data = widened(a.data) / bottom
    size = None if a.size is None else a.size / np.abs(bottom)
    error = None if a.error is None else a.error / np.abs(bottom)
    if b.error is not None:
        error = _sum(error, np.abs(data / bottom) * pad(b.error, len(axes), a.ndim))
    return Value(data, axes, size, error)


def power(a: Value, b: Value) -> Value:
    """Raise to a power: entries of numbers and columns, or a square matrix.

    Raises
    ------
    EquationShapeError
        If the matrix is not square, or is not symmetric where a root is taken.
    """
    if b.ndim:
        raise EquationShapeError(f"the exponent is {describe(b)}; expected a number")
    if a.ndim < 2:
        return elementwise(np.power, a, b, keep_integers=bool(np.all(np.asarray(b.data) >= 0)))
    if a.ndim != 2 or a.core[0] != a.core[1]:
        raise EquationShapeError(f"cannot raise {describe(a)} to a power; expected a square matrix")
    exponents = np.unique(b.data)
    results = [_matrix_power(a, float(e)) for e in exponents]
    if len(results) == 1:
        return results[0]
    axes, (_, which) = aligned((a, Value(np.searchsorted(exponents, b.data), b.axes)))
    chosen = sum(
        np.where(which.data[..., None, None] == k, aligned((r, which))[1][0].data, 0)
        for k, r in enumerate(results)
    )
    return Value(np.asarray(chosen), axes)


def _matrix_power(a: Value, exponent: float) -> Value:
    if exponent == int(exponent):
        try:
            data = np.linalg.matrix_power(widened(a.data), int(exponent))
        except np.linalg.LinAlgError:
            raise EquationError("the matrix is singular; expected one with an inverse") from None
        return Value(
            data, a.axes, np.broadcast_to(np.abs(data).max((-1, -2), keepdims=True), data.shape)
        )
    return symmetric_power(a, exponent)


def symmetric_power(a: Value, exponent: float) -> Value:
    """Raise a symmetric matrix to a real power through its eigenvalues."""
    flipped = np.swapaxes(a.data, -1, -2)
    if not np.allclose(
        a.data, flipped, rtol=1e-9, atol=1e-9 * float(np.abs(a.data).max(initial=0))
    ):
        raise EquationShapeError("a root of this matrix is not unique; expected a symmetric matrix")
    values, vectors = np.linalg.eigh((a.data + flipped) / 2)
    noise = 1e-13 * np.abs(values).max(-1, keepdims=True)
    values = np.where(np.abs(values) < noise, 0.0, values)
    data = (vectors * values[..., None, :] ** exponent) @ np.swapaxes(vectors, -1, -2)
    return Value(
        data, a.axes, np.broadcast_to(np.abs(data).max((-1, -2), keepdims=True), data.shape)
    )
