r"""``I``, ``\mathbf{1}`` and ``0``, which take the size that the context demands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathforml.equations.algebra import divide, matmul, multiply
from mathforml.equations.errors import EquationShapeError, UnboundSymbolError
from mathforml.equations.values import Value, add, describe, number, scaled

__all__ = [
    "Flexible", "flexible_add", "flexible_divide", "flexible_multiply", "materialize", "settle",
    "turned",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Flexible:
    """A combination of arrays of unknown size.

    Parameters
    ----------
    terms
        Coefficients of ``I``, ``1`` (a column of ones), ``1'`` (a row) and ``J`` (a matrix of
        ones); of ``1r``, a column of ones times the row that is the coefficient, and of
        ``c1``, that column times a row of ones; ``0`` takes any shape.
    """

    terms: dict[str, Value]


PRODUCTS = {
    ("1", "1'"): "J", ("I", "I"): "I", ("I", "J"): "J", ("J", "I"): "J", ("I", "1"): "1",
    ("1'", "I"): "1'",
}  # fmt: skip
TURNED = {"1": "1'", "1'": "1"}
NAMES = {"I": "the identity", "1": "a column of ones", "1'": "a row of ones"}


def ones(kind: str, like: tuple[int, ...]) -> Value | None:
    """Return the array that a kind stands for in a given shape, if it can have it."""
    matrix = len(like) == 2
    column = len(like) == 1 or like[1:] == (1,)
    match kind:
        case "0":
            return number(np.zeros(like))
        case "I" if like == () or (matrix and like[0] == like[1]):
            return number(np.eye(like[0]) if matrix else 1.0)
        case "1" if column:
            return number(np.ones(like))
        case "1'" if matrix and like[0] == 1:
            return number(np.ones(like))
        case "J" if matrix:
            return number(np.ones(like))
    return None


def materialize(v: Flexible, like: tuple[int, ...]) -> Value:
    """Give a flexible array the shape that is demanded.

    Raises
    ------
    EquationShapeError
        If it cannot have that shape.
    """
    parts = []
    for kind, coefficient in v.terms.items():
        if kind == "1r" and len(like) == 2 and coefficient.core == (1, like[1]):
            parts.append(matmul(number(np.ones((like[0], 1))), coefficient))
        elif kind == "c1" and len(like) == 2 and coefficient.core[0] == like[0]:
            parts.append(matmul(coefficient, number(np.ones((1, like[1])))))
        else:
            base = ones(kind, like)
            if base is None:
                name = NAMES.get(kind, "a matrix with equal rows or columns")
                raise EquationShapeError(f"{name} cannot be {describe(like)}")
            parts.append(scaled(coefficient, base))
    return add(["+"] * len(parts), parts)


def settle(v: Value | Flexible) -> Value:
    """Require a value of known size."""
    if isinstance(v, Flexible):
        raise unsized(next(iter(v.terms)))
    return v


def unsized(kind: str) -> UnboundSymbolError:
    """Return the complaint that a size does not follow."""
    written = kind if kind in "I0" else r"\mathbf{1}"
    return UnboundSymbolError(f"the size of {written} does not follow here; bind it")


def turned(v: Flexible) -> Flexible:
    """Transpose."""
    if any(kind in ("1r", "c1") for kind in v.terms):
        raise unsized("1")
    return Flexible({TURNED.get(kind, kind): c for kind, c in v.terms.items()})


def flexible_add(sign: str, a: Value | Flexible, b: Value | Flexible) -> Value | Flexible:
    """Add where at least one size is open."""
    if isinstance(a, Value) and isinstance(b, Flexible):
        return add(["+", sign], [a, materialize(b, a.core)])
    if isinstance(a, Flexible) and isinstance(b, Value):
        return add(["+", sign], [materialize(a, b.core), b])
    if isinstance(a, Value) and isinstance(b, Value):
        return add(["+", sign], [a, b])
    assert isinstance(a, Flexible)
    assert isinstance(b, Flexible)
    terms = dict(a.terms)
    for kind, coefficient in b.terms.items():
        before = terms.get(kind, scaled(number(0.0), coefficient))
        terms[kind] = add(["+", sign], [before, coefficient])
    return Flexible(terms)


def flexible_multiply(operator: str, a: Value | Flexible, b: Value | Flexible) -> Value | Flexible:
    """Multiply where at least one size is open."""
    parts: list[Value | Flexible] = []
    for left, x in a.terms.items() if isinstance(a, Flexible) else [("", a)]:
        for right, y in b.terms.items() if isinstance(b, Flexible) else [("", b)]:
            if left and right:
                parts.append(_both(left, x, right, y))
            elif left:
                parts.append(_from_left(operator, left, x, y))
            else:
                parts.append(_from_right(operator, x, right, y))
    total = parts[0]
    for part in parts[1:]:
        total = flexible_add("+", total, part)
    return total


def _both(left: str, x: Value, right: str, y: Value) -> Flexible:
    kind = "0" if "0" in (left, right) else PRODUCTS.get((left, right))
    if right == "I" and left in ("1r", "c1"):
        kind = left
    if left == "I" and right in ("1r", "c1"):
        kind = right
    if kind is None:
        raise unsized("1")
    return Flexible({kind: scaled(x, y)})


def _row(kind: str, product: Value) -> Flexible:
    """Return a column of ones times a row or a number."""
    return Flexible({"1" if product.ndim == 0 else kind: product})


def _from_left(operator: str, kind: str, c: Value, b: Value) -> Value | Flexible:
    """Multiply a flexible array by an array on its right."""
    if b.ndim == 0:
        return Flexible({kind: scaled(c, b)})
    if operator == r"\odot":
        return multiply(operator, materialize(Flexible({kind: c}), b.core), b)
    across = number(np.ones((1, b.core[0])))
    match kind:
        case "0":
            return Flexible({"0": c})
        case "I":
            return scaled(c, b)
        case "1'":
            return multiply("", scaled(c, across), b)
        case "J":
            return _row("1r", multiply("", scaled(c, across), b))
        case "1" if b.ndim == 2 and b.core[0] == 1:
            return Flexible({"1r": scaled(c, b)})
        case "1r":
            return _row("1r", multiply("", c, b))
        case "c1":
            return multiply("", c, multiply("", across, b))
    raise unsized(kind)


def _from_right(operator: str, a: Value, kind: str, c: Value) -> Value | Flexible:
    """Multiply a flexible array by an array on its left."""
    if a.ndim == 0:
        return Flexible({kind: scaled(a, c)})
    if operator == r"\odot":
        return multiply(operator, a, materialize(Flexible({kind: c}), a.core))
    down = number(np.ones(a.core[1] if a.ndim == 2 else 1))
    match kind:
        case "0":
            return Flexible({"0": c})
        case "I":
            return scaled(a, c)
        case "1":
            return multiply("", a, scaled(c, down))
        case "1'" if a.ndim == 1:
            return Flexible({"c1": scaled(a, c)})
        case "J":
            product = multiply("", a, scaled(c, down))
            return Flexible({"1'" if product.ndim == 0 else "c1": product})
        case "1r":
            return multiply("", multiply("", a, down), c)
        case "c1":
            product = multiply("", a, c)
            return Flexible({"1'" if product.ndim == 0 else "c1": product})
    raise unsized(kind)


def flexible_divide(a: Flexible, b: Value) -> Flexible:
    """Divide by a number."""
    return Flexible({kind: divide(c, b) for kind, c in a.terms.items()})
