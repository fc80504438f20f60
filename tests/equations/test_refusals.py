"""Equations that must not hold, and texts that must not be read past; their neighbors hold."""

# ruff: noqa: E501  (a table of equations is read by line)

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationSyntaxError, Finite, Samples, verify

x = np.array([0.3, 1.7, -0.4])
coin = Finite([1, 2], [0.3, 0.7])
other = Finite([1, 2], [0.6, 0.4])


def far(t):
    """Return a density that stands far from zero."""
    return np.exp(-((t - 1000) ** 2) * 50) * np.sqrt(50 / np.pi)


@pytest.mark.parametrize(
    ("latex", "bound", "reason"),
    [
        # words and marks
        (r"x = 1 \text{ unless } y = 3", {"x": 1, "y": 3}, "expected a condition in symbols"),
        (r"x = 1 \text{ if } x > 0 \text{ or } y > 0", {"x": 1, "y": 3}, "expected a condition in symbols"),
        (r"y_i = 2 x_i, \quad \text{where } z_i = 3 x_i", {"x": x, "y": 2 * x, "z": np.array([0.9, 5, 5])}, "the sides differ"),
        ("y = g |", {"y": 1, "g": 1}, "expected a condition after the bar"),
        (r"\sum_{i=1}^3 _{j \ne i} x_i x_j = z", {"x": x, "z": 1}, "expected one subscript"),
        ("f(x] = 4", {"f": lambda t: t, "x": 4}, "expected ), which closes ("),
        ("y = (1 + 2]", {"y": 3}, "expected ), which closes ("),
        (r"\text{leaky ReLU}(x) = x", {"x": 1}, "has no value"),
        # arguments
        ("d(x, ) = z", {"d": lambda x, y: x, "x": 1, "y": 2, "z": 1}, "expected an argument after ,"),
        ("p(x|) = z", {"p": lambda x, y: x, "x": 1, "y": 2, "z": 1}, "expected an argument after"),
        ("f() = z", {"f": lambda x: x, "x": 1, "z": 1}, "is called without arguments"),
        (r"\tanh'() = 1", {}, "is called without arguments"),
        # cases
        (r"h = \begin{cases} 5 \\ 1 \end{cases}", {"h": 5}, "expected a condition in every row of cases but the last"),
        (r"h = \begin{cases} 5 & x \\ 1 & \text{otherwise} \end{cases}", {"h": 5, "x": 3}, "expected a condition, such as"),
        (r"h = \begin{cases} 0 & \text{with probability } p \\ 1 & \text{otherwise} \end{cases}", {"h": 1, "p": 0}, "expected a condition in symbols"),
        (r"h = \begin{cases} 5 & x > 0 \text{ and } y > 0 \\ 1 & \text{otherwise} \end{cases}", {"h": 5, "x": 3, "y": -1}, "the sides differ"),
        # sums and extrema
        (r"\sum_t^T x_t = z", {"x": x, "T": 2, "z": x.sum()}, "the sides differ"),
        (r"\sum_{i \neq j}^n x_i x_j = z", {"x": x, "n": 3, "z": 1}, "an upper bound beside a condition"),
        (r"\max_i^2 x_i = z", {"x": x, "z": 1.7}, "max with an upper bound"),
        (r"\arg\max_i x_i = 1", {"x": np.array([1.0, 1.0])}, "a tie is not unique"),
        (r"\arg\max_i x_i = 2", {"x": np.array([1, np.nan, 0])}, "not a number"),
        (r"\prod_i x_i = \prod_i y_i", {"x": np.full(400, 0.1), "y": np.full(400, 0.2)}, "underflows"),
        # conditions
        (r"\mathbb{1}[x > 0] = 0", {"x": np.nan}, "not a number"),
        (r"X \succeq 0", {"X": np.full((2, 2), np.inf)}, "not finite"),
        (r"x \in (0, 1)", {"x": 1}, "does not hold"),
        (r"x \in [0, 1)", {"x": 1}, "does not hold"),
        (r"x \le y", {"x": 1j, "y": 2j}, "have no order"),
        # limits, integrals, series
        (r"\lim_{n \to \infty} (-1)^n = 1", {}, "does not settle"),
        (r"\lim_{n \to \infty} \sin\left(\frac{\pi n}{4}\right) = 0", {}, "does not settle"),
        (r"\lim_{u \to \infty} \sin(2 \pi u) = 0", {}, "does not settle"),
        (r"\lim_{u \to 0} \sin\left(\frac{\pi}{u}\right) = 0", {}, "does not settle"),
        (r"\int_{-\infty}^\infty f(x) dx = 0", {"f": far}, "the sides differ"),
        (r"\int_0^1 f(x) dx = 0", {"f": lambda t: 1e6 * (abs(t - 0.123456) < 1e-6)}, "zero wherever it is looked at"),
        (r"\sum_{k=1}^\infty f(k) = 0", {"f": lambda k: 1.0 * (k == 5000)}, "all terms looked at are zero"),
        # derivatives
        (r"\frac{\partial L}{\partial w} = 0", {"L": 3.0, "w": 2.0}, "does not depend on the variable"),
        (r"\frac{dy}{dx} = \frac{dy}{du} \frac{du}{dx}", {"x": 1.0, "y": 2.0, "u": 3.0}, "does not depend on the variable"),
        # expectations
        (r"\mathbb{E}_{x \sim p}[x^2] = 1.5", {"p": Samples(np.array([0.3, -1.4]))}, "only 2 samples"),
        (r"H = -\mathbb{E}_p[\log p]", {"p": coin, "H": -0.4852}, "p is a distribution"),
        (r"\mathrm{KL}[p(x) \| q(x)] = p(x) \log \frac{p(x)}{q(x)}", {"p": coin, "q": other, "x": [1, 2]}, "a divergence of two numbers"),
        (r"a > 0 \text{ if and only if } b > 0", {"a": 1, "b": 1}, "expected a condition in symbols"),
        (r"x = 3 \text{ is false}", {"x": 3}, "expected a condition in symbols"),
        (r"\operatorname{KL}(p \| q) = 0", {"p": x * 0 + 0.5, "q": x * 0 + 0.5}, "does not sum to one"),
        (r"x_i = 1 \ \forall i", {"x": np.array([1.0, 2.0])}, "the sides differ"),
        ("[x; y] = z", {"x": x, "y": 2 * x, "z": np.concatenate([2 * x, x])}, "the sides differ"),
        # what cancels
        ("x - y = z", {"x": 1.0, "y": 1.0 - 1e-8, "z": 3e-8}, "the sides differ"),
        ("1 - (1 - y) = 2 y", {"y": 1e-8}, "the sides differ"),
        ("I = 1", {}, "the size of I does not follow"),
        # names
        (r"\theta_2 = z", {r"\theta_{d0}": lambda d: 1.0, "z": 1.0}, "has no value"),
        (r"\binom{n}{k} = 1", {"n": 10**9, "k": 10**8}, "beyond what floats hold"),
    ],
)  # fmt: skip
def test_it_is_refused(refused, latex, bound, reason):
    assert reason in refused(latex, EquationError, bound)


@pytest.mark.parametrize(
    ("latex", "bound"),
    [
        (r"y_i = 2 x_i, \quad \text{where } z_i = 3 x_i", {"x": x, "y": 2 * x, "z": 3 * x}),
        (r"f(x) = 2 x \quad (x > 0)", {"f": lambda t: 2 * abs(t), "x": [-1.0, 1.0]}),
        (r"x_i = 1 \quad (i = 1, \ldots, n)", {"x": np.array([1, 1, 5.0]), "n": 2}),
        (r"\text{leaky ReLU}(x) = \begin{cases} x & \text{if } x > 0 \\ a x & \text{otherwise} \end{cases}", {"leaky_ReLU": lambda x: x if x > 0 else 0.1 * x, "x": -1.0, "a": 0.1}),
        (r"h = \begin{cases} 5 & x > 0 \text{ and } y > 0 \\ 1 & \text{otherwise} \end{cases}", {"h": 1, "x": 3, "y": -1}),
        (r"\sum_t^T x_t = z", {"x": x, "T": 2, "z": 2.0}),
        (r"x \in (0, 1)", {"x": 0.5}),
        (r"x \in [0, 1)", {"x": 0}),
        (r"\int_{-\infty}^\infty f(x) dx = 1", {"f": far}),
        (r"\lim_{n \to \infty} \frac{(-1)^n}{n^2} = 0", {}),
        (r"\mathbb{1}[f'(x) > 0] = 1", {"f": np.sin, "x": 0.3}),
        (r"f'(x) \in [0, 1]", {"f": np.sin, "x": 0.3}),
        (r"\mathbb{1}_{\{x > 0\}} = 1", {"x": 2}),
        (r"\vec{x}^\top \vec{x} = z", {"x": np.array([3.0, 4.0]), "z": 25.0}),
        ("x >= 1", {"x": 2}),
        (r"D_{KL}(p \mid\mid q) = 1", {"D_KL": lambda p, q: p + q, "p": 0, "q": 1}),
        ("x - y = z", {"x": 1.0, "y": 1.0 - 1e-8, "z": 1e-8}),
        ("1 - (1 - y) = y", {"y": 1e-12}),
        (r"x_i = 1 \ \forall i \in \{1\}", {"x": np.array([1.0, 2.0])}),
        (r"\sum_{i \in [n]} x_i = z", {"x": x, "n": 2, "z": 2.0}),
        ("[x; y] = z", {"x": x, "y": 2 * x, "z": np.concatenate([x, 2 * x])}),
        (r"(x^\top, y^\top)^\top = z", {"x": x, "y": 2 * x, "z": np.concatenate([x, 2 * x])}),
        (r"\operatorname{KL}(p \| q) = 0", {"p": coin, "q": Finite([2, 1], [0.7, 0.3])}),
        (r"x = \hphantom{1 +} 2", {"x": 2}),
    ],
)  # fmt: skip
def test_its_neighbor_holds(holds, latex, bound):
    holds(latex, bound)


def test_what_is_no_text_is_no_equation():
    with pytest.raises(EquationError, match="found NoneType; expected a label"):
        verify(None)


def test_an_equation_is_not_checked_against_itself():
    with pytest.raises(EquationError, match="cannot be checked against itself"):
        verify("eq-s", where=["eq-s"])


def test_a_set_needs_its_own_bracket():
    with pytest.raises(EquationSyntaxError, match="which closes"):
        verify(r"\{1, 2) = x", x=1)


def test_probabilities_are_numbers():
    with pytest.raises(ValueError, match="expected 1, none negative"):
        Finite([1, 2], [np.nan, 1.0])
