r"""``I``, ``\mathbf{1}`` and ``0``, which take the size that the context demands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mathforml.equations.errors import EquationShapeError, UnboundSymbolError
from mathforml.equations.values import Value, add, describe, divide, multiply, number, scaled

__all__ = ["Flexible", "flexible_add", "flexible_multiply", "materialize", "settle", "turned"]


@dataclass(frozen=True, slots=True, eq=False)
class Flexible:
    """A combination of arrays of unknown size.

    Parameters
    ----------
    terms
        Coefficients of ``I``, ``J`` (a matrix of ones), ``1`` (a column), ``1'`` (a row);
        ``0`` takes any shape.
    """

    terms: dict[str, Value]


PRODUCTS = {("1", "1'"): "J", ("I", "I"): "I", ("I", "J"): "J", ("J", "I"): "J", ("I", "1"): "1",
            ("1'", "I"): "1'"}  # fmt: skip


def materialize(v: Flexible, like: tuple[int, ...]) -> Value:
    """Give a flexible array the shape that is demanded.

    Raises
    ------
    EquationShapeError
        If it cannot have that shape.
    """
    parts = []
    for kind, coefficient in v.terms.items():
        if kind == "0":
            base = np.zeros(like)
        elif kind == "I" and len(like) == 2 and like[0] == like[1]:
            base = np.eye(like[0])
        elif kind == "I" and like == ():
            base = np.ones(())
        elif (
            (kind == "J" and len(like) == 2)
            or (kind == "1" and (len(like) == 1 or like[1:] == (1,)))
            or (kind == "1'" and like[:-1] == (1,))
        ):
            base = np.ones(like)
        else:
            names = {"I": "the identity", "J": "a matrix of ones", "1": "a column of ones"}
            raise EquationShapeError(f"{names.get(kind, 'a row of ones')} cannot be {describe(like)}")
        parts.append(scaled(coefficient, number(base)))
    return add(["+"] * len(parts), parts)


def settle(v: Value | Flexible) -> Value:
    """Require a value of known size."""
    if isinstance(v, Flexible):
        kind = next(iter(v.terms))
        written = {"1": r"\mathbf{1}", "1'": r"\mathbf{1}", "J": r"\mathbf{1}"}.get(kind, kind)
        raise UnboundSymbolError(f"the size of {written} does not follow here; bind it")
    return v


def turned(v: Flexible) -> Flexible:
    """Transpose."""
    swap = {"1": "1'", "1'": "1"}
    return Flexible({swap.get(kind, kind): c for kind, c in v.terms.items()})


def flexible_add(sign: str, a: Value | Flexible, b: Value | Flexible) -> Value | Flexible:
    """Add where at least one size is open."""
    if isinstance(a, Value) and isinstance(b, Flexible):
        return add(["+", sign], [a, materialize(b, a.core)])
    if isinstance(a, Flexible) and isinstance(b, Value):
        return add(["+", sign], [materialize(a, b.core), b])
    assert isinstance(a, Flexible) and isinstance(b, Flexible)
    terms = dict(a.terms)
    for kind, coefficient in b.terms.items():
        zero = number(0.0)
        terms[kind] = add(["+", sign], [terms.get(kind, zero), coefficient])
    return Flexible(terms)


def flexible_multiply(operator: str, a: Value | Flexible, b: Value | Flexible) -> Value | Flexible:
    """Multiply where at least one size is open."""
    if isinstance(a, Flexible) and isinstance(b, Flexible):
        terms: dict[str, Value] = {}
        for left, x in a.terms.items():
            for right, y in b.terms.items():
                kind = PRODUCTS.get((left, right))
                if "0" in (left, right):
                    kind = "0"
                if kind is None:
                    raise UnboundSymbolError(r"the size of \mathbf{1} does not follow here; bind it")
                product = scaled(x, y)
                terms[kind] = add(["+", "+"], [terms[kind], product]) if kind in terms else product
        return Flexible(terms)
    if isinstance(a, Flexible) and isinstance(b, Value):
        if b.ndim == 0:
            return Flexible({kind: scaled(c, b) for kind, c in a.terms.items()})
        like = b.core if operator == r"\odot" else _left_shape(a, b)
        return multiply(operator, materialize(a, like), b)
    assert isinstance(a, Value) and isinstance(b, Flexible)
    if a.ndim == 0:
        return Flexible({kind: scaled(a, c) for kind, c in b.terms.items()})
    like = a.core if operator == r"\odot" else _right_shape(a, b)
    return multiply(operator, a, materialize(b, like))


def _left_shape(a: Flexible, b: Value) -> tuple[int, ...]:
    rows = b.core[0]
    kind = next(iter(a.terms))
    if kind == "1":
        raise UnboundSymbolError(r"the size of \mathbf{1} does not follow here; bind it")
    return (1, rows) if kind == "1'" else (rows, rows)


def _right_shape(a: Value, b: Flexible) -> tuple[int, ...]:
    kind = next(iter(b.terms))
    columns = a.core[1] if a.ndim == 2 else 1
    if kind == "1'":
        raise UnboundSymbolError(r"the size of \mathbf{1} does not follow here; bind it")
    return (columns,) if kind == "1" else (columns, columns)


def flexible_divide(a: Flexible, b: Value) -> Flexible:
    """Divide by a number."""
    return Flexible({kind: divide(c, b) for kind, c in a.terms.items()})
