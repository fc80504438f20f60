"""Strict shapes: linear algebra and nothing else."""

# ruff: noqa: E501  (a table of equations is read by line)

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationShapeError, UnboundSymbolError

rng = np.random.default_rng(0)
x, y = rng.normal(size=(2, 4))
A, W = rng.normal(size=(4, 4)), rng.normal(size=(3, 4))
S = A @ A.T + np.eye(4)
BOUND = {"x": x, "y": y, "A": A, "W": W, "S": S, "a": 1.5, "n": 4}


@pytest.mark.parametrize(
    "latex",
    [
        r"x^\top y = x \cdot y",
        r"x^\top y = \langle x, y \rangle",
        r"(x y^\top)^\top = y x^\top",
        r"x^\top A x = \sum_{i,j} A_{ij} x_i x_j",
        r"x^\mathsf{T} x = \|x\|^2",
        r"\|x\|_1 = \sum_i |x_i|",
        r"\|x\|_\infty = \max_i |x_i|",
        r"\|x\|_3^3 = \sum_i |x_i|^3",
        r"\|x\|_S^2 = x^\top S x",
        r"\|A\|_F^2 = \operatorname{tr}(A^\top A)",
        r"\|A\|_2^2 = \|A^\top A\|_2",
        r"\log |S| = \log \det S",
        r"S^{-1/2} S S^{-1/2} = I",
        r"A^{-\top} = (A^\top)^{-1}",
        r"A^3 = A A A",
        r"(A^{-1})_{12} = A^{-1}_{12}",
        r"A_{12}^{-1} = \frac{1}{A_{12}}",
        r"A \mathbf{1} = \sum_j A_{:,j}",
        r"W + \mathbf{1} x^\top = W + \mathbf{1} x^\top I",
        r"x \mathbf{1}^\top + A = A + x \mathbf{1}^\top",
        r"A - \frac{1}{n} \mathbf{1} \mathbf{1}^\top A = (I - \frac{1}{n} \mathbf{1} \mathbf{1}^\top) A",
        r"\operatorname{vec}(W)^\top \operatorname{vec}(W) = \|W\|_F^2",
        r"(A \otimes S)(x \otimes y) = (A x) \otimes (S y)",
        r"\operatorname{rank}(x y^\top) = 1",
        r"W W^{+} = I",
        r"\begin{bmatrix} A & x \\ y^\top & 0 \end{bmatrix} \begin{bmatrix} x \\ 1 \end{bmatrix}"
        r" = \begin{bmatrix} A x + x \\ y^\top x \end{bmatrix}",
        r"\begin{bmatrix} x_1 & \cdots & x_n \end{bmatrix} = x^\top",
        r"\begin{pmatrix} A_{11} & \cdots & A_{1n} \\ \vdots & \ddots & \vdots \\ A_{n1} & \cdots & A_{nn}"
        r" \end{pmatrix} = A",
        r"[x_1, \ldots, x_n]^\top = x",
        r"\exp(x) \odot \exp(y) = \exp(x + y)",
        r"\max(0, x) - \max(0, -x) = x",
        r"A x - A x = 0",
    ],
)
def test_it_holds(holds, latex):
    holds(latex, BOUND)


@pytest.mark.parametrize(
    ("latex", "fact"),
    [
        ("z = x y", r"cannot multiply a column of 4 by a column of 4; expected 1 row on the right, "
                    r"found 4; did you mean x^\top y or x \odot y?"),
        ("z = x + a", "cannot add a column of 4 and a number; expected equal shapes"),
        ("z = x - a", "cannot subtract a column of 4 and a number; expected equal shapes"),
        ("z = A W", "cannot multiply a 4×4 matrix by a 3×4 matrix; expected 4 rows on the right, found 3"),
        (r"z = \exp(A)", "exp of a 4×4 matrix is ambiguous; expected a number or a column"),
        (r"z = A^{1/2}", "a root of this matrix is not unique; expected a symmetric matrix"),
        ("z = W^2", "cannot raise a 3×4 matrix to a power; expected a square matrix"),
        (r"z = \frac{1}{x}", r"cannot divide by a column of 4; expected a number, an inverse or \oslash"),
        (r"z = \|A\|", r"which norm of a matrix is meant? expected \|·\|_F or \|·\|_2"),
        (r"z = |x|", r"|·| of a column of 4 is ambiguous; expected \|·\| for a norm"),
        (r"x = x^\top", "the left side is a column of 4, the right side a row of 4; expected equal shapes"),
        (r"z = \operatorname{tr} W", "the trace of a 3×4 matrix; expected a square matrix"),
        (r"z = x \odot W", r"cannot take \odot of a column of 4 and a 3×4 matrix; expected equal shapes"),
        (r"z = x_{1,2}", "x is a column of 4, which has no second index"),
        ("z = x_5", "the index 5 of x is outside 1 to 4"),
        (r"z = \begin{bmatrix} A & W \end{bmatrix}", "the blocks do not fit: a 4×4 matrix beside a 3×4 matrix"),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_reason(refused, latex, fact):
    assert refused(latex, EquationShapeError, BOUND, z=1.0).splitlines()[0] == fact


def test_a_number_on_the_right_does_not_broadcast(refused):
    refused("x = 1", EquationShapeError, x=np.ones(3))


def test_a_size_that_does_not_follow_is_asked_for(refused):
    fact = r"the size of \mathbf{1} does not follow here; bind it"
    assert refused(r"z = \mathbf{1}^\top \mathbf{1}", UnboundSymbolError, z=1.0).startswith(fact)


def test_a_singular_matrix_has_no_inverse(refused):
    message = refused("z = B^{-1}", EquationError, z=1.0, B=np.zeros((2, 2)))
    assert message.startswith("the matrix is singular; expected one with an inverse")


def test_a_capital_t_is_a_power_on_numbers(holds):
    holds("a^T = 8", a=2.0, T=3)
    holds("x^T y = s", BOUND, s=x @ y, T=3)


def test_a_matrix_of_one_column_is_a_column(holds):
    holds(r"z^\top z = x^\top x", x=x, z=x[:, None])
