r"""The supported notation, as examples that hold and examples that are refused.

The page on notation is made from this table, and so are tests: what stands here runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mathforml.equations import examples as bound
from mathforml.equations.conventions import CONVENTIONS

__all__ = ["NOTATION", "Notation"]

Symbols = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Notation:
    """One row of the table.

    Parameters
    ----------
    section
        What it belongs to.
    latex
        An example that holds.
    meaning
        How it is read.
    symbols
        Makes the bindings of the example.
    refused
        A wrong equation near by, which the same bindings refuse.
    options
        Further arguments of ``verify``.
    """

    section: str
    latex: str
    meaning: str
    symbols: Symbols
    refused: str
    options: Mapping[str, Any] = field(default_factory=dict)


ROWS: dict[str, list[tuple[Any, ...]]] = {
    "Names": [
        (
            r"\hat{y} = \theta_0 + \lambda x_{\max}",
            r"Accents and textual subscripts join the name: `y_hat`, `theta_0`, "
            r"`lambda_`, `x_max`.",
            lambda: {"y_hat": 7.0, "theta_0": 1.0, "lambda_": 2.0, "x_max": 3.0},
            r"\hat{y} = \theta_0 - \lambda x_{\max}",
        ),
        (
            r"V^* = \mathbf{w}^\top \mathbf{x}'",
            r"A star and a prime join the name, bold is dropped: `V_star`, `w`, `x_prime`.",
            lambda: {"V_star": 11.0, "w": np.array([1.0, 2.0]), "x_prime": np.array([3.0, 4.0])},
            r"V^* = \mathbf{w}^\top \mathbf{x}' + 1",
        ),
        (
            r"\mathcal{L} = L + \lambda R",
            r"A LaTeX key tells letters of different fonts apart: `{r'\mathcal{L}': …}`.",
            lambda: {r"\mathcal{L}": 5.0, "L": 3.0, "lambda_": 2.0, "R": 1.0},
            r"L = \mathcal{L} + \lambda R",
        ),
        (
            r"p(y \mid x) = \frac{p(x \mid y) \, p(y)}{p(x)}",
            r"A key may be a call, so one letter may name several functions: "
            r"`{r'p(x \mid y)': …}`.",
            bound.bayes,
            r"p(y \mid x) = \frac{p(x \mid y) \, p(x)}{p(y)}",
        ),
    ],
    "Products and shapes": [
        (
            r"x^\top y = \sum_{i=1}^n x_i y_i",
            "A one-dimensional array is a column; row times column is a number.",
            bound.vectors,
            r"x y = \sum_{i=1}^n x_i y_i",
        ),
        (
            r"(x y^\top) z = (y \cdot z) \, x",
            r"Column times row is an outer product; `\cdot` of equal columns the inner product.",
            bound.vectors,
            r"(x y^\top) z = (x \cdot z) \, y",
        ),
        (
            r"\operatorname{diag}(x) \, y = x \odot y",
            r"`\odot` and `\oslash` are entry by entry.",
            bound.vectors,
            r"\operatorname{diag}(x) \, y = x^\top y",
        ),
        (
            r"z - \bar{z} \mathbf{1} = \Big(I - \frac{1}{n} \mathbf{1} \mathbf{1}^\top\Big) z",
            r"`I` and `\mathbf{1}` take the size that the context demands; numbers "
            r"do not broadcast.",
            lambda: {"z": np.array([1.0, 4.0, 7.0]), "z_bar": 4.0, "n": 3},
            r"z - \bar{z} = \Big(I - \frac{1}{n} \mathbf{1} \mathbf{1}^\top\Big) z",
        ),
        (
            r"(A B)^{-1} = B^{-1} A^{-1}, \quad |A B| = |A| \, |B|",
            r"Inverses, and bars around a matrix for its determinant.",
            bound.matrices,
            r"(A B)^{-1} = A^{-1} B^{-1}",
        ),
        (
            r"S^{1/2} S^{1/2} = S, \quad S \succeq 0",
            "Roots of symmetric matrices; matrix inequalities by eigenvalues.",
            bound.matrices,
            r"A^{1/2} A^{1/2} = A",
        ),
        (
            r"\operatorname{tr}(A^\top B) = \langle A, B \rangle, \quad \|A\|_F^2 = "
            r"\langle A, A \rangle",
            r"Traces, inner products, norms; of a matrix the norm must be named.",
            bound.matrices,
            r"\operatorname{tr}(A B) = \langle A, B \rangle",
        ),
        (
            r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}^{-1} = \frac{1}{ad - bc} "
            r"\begin{bmatrix} d & -b \\ -c & a \end{bmatrix}",
            "Matrices, also of blocks.",
            lambda: {"a": 1.0, "b": 2.0, "c": 3.0, "d": 5.0},
            r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}^{-1} = \frac{1}{ad - bc} "
            r"\begin{bmatrix} d & -c \\ -b & a \end{bmatrix}",
        ),
    ],
    "Indices": [
        (
            r"(A x)_i = \sum_j A_{ij} x_j",
            "An index that nothing binds means *for every*; a bare sum runs over the axes.",
            bound.matrices,
            r"(A x)_i = \sum_j A_{ji} x_j",
        ),
        (
            r"s_{t+1} = a s_t",
            "Ranges follow from the axes, shifts included; indices count from 1.",
            bound.series,
            r"s_t = a s_{t+1}",
        ),
        (
            r"\frac{1}{2} \sum_{i \neq j} x_i x_j = \sum_{i < j} x_i x_j",
            "Conditions under a sum; indices that occur nowhere outside are summed.",
            bound.vectors,
            r"\sum_{i \neq j} x_i x_j = \sum_{i < j} x_i x_j",
        ),
        (
            r"x_1 + \cdots + x_n = \sum_{i=1}^n x_i",
            "Dots between ends that differ in one integer.",
            bound.vectors,
            r"x_1 + \cdots + x_{n-1} = \sum_{i=1}^n x_i",
        ),
        (
            r"f(x) = W_L \cdots W_1 x",
            "A list is a family, whose members may differ in shape.",
            bound.layers,
            r"f(x) = W_1 \cdots W_L x",
        ),
        (
            r"V(s) = \max_{a'} Q(s, a')",
            r"A name bound to a range, list or set is the domain of that dummy: "
            """`{"a'": range(3)}`.""",
            bound.actions,
            r"V(s) = \min_{a'} Q(s, a')",
        ),
        (
            r"Y_{ik} = \mathbb{1}[y_i = k]",
            "An indicator; integer labels that serve as indices count from 1.",
            bound.labels,
            r"Y_{ik} = \mathbb{1}[y_i \neq k]",
        ),
    ],
    "Functions": [
        (
            r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}",
            "A function without arguments takes them by name from the bindings: `p=softmax, z=z`.",
            bound.softmax_bound,
            r"p_i = \frac{e^{z_i}}{\sum_j e^{-z_j}}",
        ),
        (
            r"\sigma(-z) = 1 - \sigma(z)",
            "Brackets after a bound function are a call.",
            lambda: {"sigma": bound.sigmoid, "z": 0.7},
            r"\sigma(-z) = \sigma(z) - 1",
        ),
        (
            r"\frac{ds}{dz} = s (1 - s)",
            "They are a product where the function also stands alone. The certificate says which.",
            lambda: {"s": bound.sigmoid, "z": 0.7},
            r"\frac{ds}{dz} = s (1 + s)",
        ),
        (
            r"|r| = \begin{cases} r & \text{if } r \ge 0 \\ -r & \text{otherwise} \end{cases}",
            "Cases, each evaluated only where its condition holds.",
            lambda: {"r": -1.5},
            r"|r| = \begin{cases} r & \text{if } r \le 0 \\ -r & \text{otherwise} \end{cases}",
        ),
        (
            r"\log x^n = n \log x, \quad \binom{n}{2} = \frac{n!}{2! \, (n - 2)!}",
            "Logarithms reach over what stands beside them; factorials and binomials.",
            lambda: {"x": 1.7, "n": 7},
            r"\log x^n = (\log x)^n",
        ),
    ],
    "Derivatives": [
        (
            r"\nabla_w \|X w - y\|^2 = 2 X^\top (X w - y)",
            "Gradients have the shape of their variable.",
            bound.regression,
            r"\nabla_w \|X w - y\|^2 = 2 X^\top (y - X w)",
        ),
        (
            r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)",
            "Derivatives of components; taken through the graph of the bindings.",
            bound.softmax_bound,
            r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} + p_j)",
        ),
        (
            r"\frac{\partial^2}{\partial x_i \partial x_j} (x^\top A x) = A_{ij} + A_{ji}",
            "Second derivatives.",
            bound.matrices,
            r"\frac{\partial^2}{\partial x_i \partial x_j} (x^\top A x) = 2 A_{ij}",
        ),
        (
            r"\sigma'(z) = \sigma(z) (1 - \sigma(z)), \quad \sigma''(0) = 0",
            "Primes, unless `sigma_prime` is bound.",
            lambda: {"sigma": bound.sigmoid, "z": 0.4},
            r"\sigma'(z) = \sigma(z) (1 + \sigma(z))",
        ),
        (
            r"\left. \frac{d}{dx} x^3 \right|_{x=a} = 3 a^2",
            "A bar with the point of evaluation.",
            lambda: {"x": 1.0, "a": 2.0},
            r"\left. \frac{d}{dx} x^3 \right|_{x=a} = 3 a",
        ),
    ],
    "Integrals, limits, series": [
        (
            r"\int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}",
            "Integrals by adaptive quadrature; without limits they run over the real line.",
            dict,
            r"\int_{0}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}",
        ),
        (
            r"\lim_{n \to \infty} \Big(1 + \frac{x}{n}\Big)^n = e^x = "
            r"\sum_{k=0}^\infty \frac{x^k}{k!}",
            "Limits by extrapolation, series until they settle.",
            lambda: {"x": 0.7},
            r"\lim_{n \to \infty} \Big(1 + \frac{x}{n}\Big)^n = e^{-x}",
        ),
    ],
    "Expectations": [
        (
            r"\operatorname{Var}_{x \sim p}[x] = \mathbb{E}_{x \sim p}[x^2] - "
            r"\mathbb{E}_{x \sim p}[x]^2",
            "Exact for `Finite` distributions.",
            bound.die,
            r"\operatorname{Var}_{x \sim p}[x] = \mathbb{E}_{x \sim p}[x^2] - "
            r"\mathbb{E}_{x \sim p}[x]",
        ),
        (
            r"\operatorname{Cov}[X, Y] = \mathbb{E}[X Y] - \mathbb{E}[X] \mathbb{E}[Y]",
            "Over `Samples` within four standard errors.",
            bound.paired,
            r"\operatorname{Cov}[X, Y] = \mathbb{E}[X Y] + 1",
        ),
        (
            r"\mathbb{E}_{x \sim p}[x] = \sum_x x \, p(x)",
            "`Finite`, called, returns probabilities.",
            bound.die,
            r"\mathbb{E}_{x \sim p}[x] = \sum_x p(x)",
        ),
    ],
    "Relations": [
        (
            r"\begin{aligned} (a + b)^2 &= a^2 + ab + ba + b^2 \\ &= a^2 + 2ab + b^2 \end{aligned}",
            "A derivation is checked line by line.",
            lambda: {"a": 1.5, "b": 0.8},
            r"\begin{aligned} (a + b)^2 &= a^2 + ab + ba + b^2 \\ &= a^2 + ab + b^2 \end{aligned}",
        ),
        (
            r"x^\top y \le \|x\| \, \|y\|",
            "Inequalities are weak evidence; `tight` binds a point where they hold with equality.",
            bound.vectors,
            r"x^\top y \le 2 \|x\| \, \|y\|",
            {"tight": {"x": np.array([1.0, 2.0]), "y": np.array([2.0, 4.0])}},
        ),
        (
            r"p_i \propto e^{z_i}",
            "A constant ratio.",
            bound.softmax_bound,
            r"p_i \propto e^{-z_i}",
        ),
        (
            r"n! \approx \sqrt{2 \pi n} \Big(\frac{n}{e}\Big)^n",
            "Within 5 % unless told otherwise.",
            lambda: {"n": 12},
            r"n! \approx \sqrt{2 \pi} \Big(\frac{n}{e}\Big)^n",
        ),
        (
            r"\sqrt{r^2} = r, \quad r > 0",
            "A side condition restricts; `draws` makes random bindings.",
            dict,
            r"\sqrt{r^2} = -r, \quad r > 0",
            {"draws": lambda rng: {"r": rng.normal()}},
        ),
    ],
}
ROWS["Where books differ"] = CONVENTIONS
NOTATION: tuple[Notation, ...] = tuple(
    Notation(section, *row) for section, rows in ROWS.items() for row in rows
)
