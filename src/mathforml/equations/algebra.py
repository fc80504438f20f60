"""Products, quotients and powers, as linear algebra allows them."""

from __future__ import annotations

import numpy as np

from mathforml.equations.errors import EquationError, EquationShapeError
from mathforml.equations.values import (
    Array,
    Value,
    aligned,
    describe,
    elementwise,
    error_sum,
    matching,
    pad,
    product_error,
    scaled,
    transpose,
    widened,
)

__all__ = [
    "divide",
    "elementwise_cross",
    "kronecker",
    "matmul",
    "multiply",
    "power",
    "symmetric_power",
]


SIGNS = ("", r"\cdot", r"\times", "*", r"\odot", r"\oslash", r"\otimes", r"\circ")


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
    if operator == r"\bmod" and a.ndim == b.ndim == 0:
        return elementwise(np.mod, a, b, keep_integers=True)
    if operator not in SIGNS:
        raise EquationError(f"{operator} cannot be executed; expected one of{' '.join(SIGNS)}")
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
    return Value(data, axes, size, product_error(a, b, product))


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
        error = error_sum(error, np.abs(data / bottom) * pad(b.error, len(axes), a.ndim))
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
