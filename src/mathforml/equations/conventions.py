r"""Rules for what books write in more than one way: more rows of the table of notation."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CONVENTIONS"]


def _matrix() -> dict[str, Any]:
    """Bind a matrix, and its rows as examples."""
    A = np.random.default_rng(3).normal(size=(3, 3))
    return {"A": A, "x": A, "X": A}


def _functions() -> dict[str, Any]:
    """Bind functions of one number, and of a column."""
    x, y = np.random.default_rng(4).normal(size=(2, 2))
    return {"f": lambda x: np.sin(x[0]) * x[1] ** 2, "x": x, "y": y}


def _column() -> dict[str, Any]:
    """Bind a column and what is left to one."""
    z = np.random.default_rng(5).uniform(size=3)
    return {"z": z, "y": 1 - z, "g": z}


CONVENTIONS: list[tuple[Any, ...]] = [
    (
        r"A^{-1}_{ij} = (A^{-1})_{ij}",
        "The inverse first, then its entry; `A_{ij}^{-1}` is one over the entry.",
        _matrix,
        r"A^{-1}_{ij} = A_{ij}^{-1}",
    ),
    (
        r"x_j^{(i)} = X_{ij}",
        "A number in brackets is the example, the first axis, in whatever order they are written.",
        _matrix,
        r"x_j^{(i)} = X_{ji}",
    ),
    (
        r"(g^2)_i = g_i g_i",
        "The power of a column is taken entry by entry.",
        _column,
        r"(g^2)_i = 2 g_i",
    ),
    (
        r"y = \mathbf{1} - z",
        "A number never stands for a column; the column of ones does.",
        _column,
        r"y = 1 - z",
    ),
    (
        r"\log p(x) f(y) = f(y) \log p(x)",
        "A logarithm stops at the next call.",
        lambda: {"p": lambda x: x * x + 1, "f": lambda y: y**3, "x": 1.3, "y": 0.7},
        r"\log p(x) f(y) = \log \left( p(x) f(y) \right)",
    ),
    (
        r"\nabla f(x)^\top y = \sum_{i=1}^2 \frac{\partial f}{\partial x_i} y_i",
        "A gradient takes the call beside it, and no more.",
        _functions,
        r"\nabla f(x)^\top y = \sum_{i=1}^2 \frac{\partial f}{\partial x_i} x_i",
    ),
    (
        r"a / (b c) = \frac{a}{b c}",
        "A slash before a product is refused: readers disagree.",
        lambda: {"a": 1.5, "b": 2.0, "c": 0.3},
        r"a / b c = \frac{a}{b c}",
    ),
    (
        r"\tanh'(x) = 1 - \tanh^2(x)",
        "A function bound under the name of a built-in one is the one that runs.",
        lambda: {"tanh": np.tanh, "x": 0.3},
        r"\tanh'(x) = 1 + \tanh^2(x)",
    ),
]
