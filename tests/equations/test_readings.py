"""Which of several readings is taken, where the notation alone leaves it open."""

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationMismatch, EquationSyntaxError, Finite

rng = np.random.default_rng(8)
x = rng.normal(size=4)
A = rng.normal(size=(4, 4))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("latex", "reading"),
    [
        (r"s = \sigma(x)", {r"\sigma(x)": "call"}),
        (r"\frac{dp}{dx} = p (1 - p)", {"p(1 - p)": "product"}),
        (r"p (p + 1) = p + p^2", {"p(p + 1)": "product"}),
        (r"a (x + 1) = a x + a", {}),
    ],
)
def test_the_certificate_says_what_was_read(holds, latex, reading):
    found = holds(
        latex, p=lambda x: sigmoid(x), sigma=sigmoid, x=0.3, s=sigmoid(0.3), a=2.0
    ).readings
    assert {k.replace(" ", ""): v for k, v in found.items()} == {
        k.replace(" ", ""): v for k, v in reading.items()
    }


@pytest.mark.parametrize(
    "latex",
    [
        r"\log a b = \log a + \log b",
        r"\log(a) b = b \log a",
        r"\log a \cdot b = b \log a",
        r"\log f(a) \, f(b) = f(b) \log f(a)",
        r"\sum_i x_i + 1 = 1 + \sum_i x_i",
        r"\sum_i x_i \cdot 2 = 2 \sum_i x_i",
        r"\nabla g(x)^\top x = 2 g(x)",
        r"\nabla_x g(x) = 2 x",
        r"\sin^2 a + \cos^2 a = 1",
        r"f^2(a) = f(a)^2",
        r"2 |a| + |b| = |b| + |a| + |a|",
        r"a - -b = a + b",
        r"7 \bmod 3 = 1",
        r"\mathbb{1}[x > 0] \odot x = \max(0, x)",
        r"|S \cup T| + |S \cap T| = |S| + |T|",
        r"Q(S \cup T) = 4",
        r"[A_{:,1}, \ldots, A_{:,n}] = A",
        r"h^{(1)\top} h^{(1)} = \|h^{(1)}\|^2",
        r"Pr(a) = 0.5",
        r"g(x) = x^2_1 + x_2^2 + x_3^2 + x_4^2",
    ],
)
def test_it_is_read_so(holds, latex):
    holds(
        latex, a=1.2, b=0.7, x=x, A=A, n=4, f=lambda z: 1 + z**2, g=lambda x: x @ x, S={1, 2, 3},
        T={3, 4}, Q=len, h_1=x, Pr=lambda a: 0.5, r=3.0,
    )  # fmt: skip


def test_a_gradient_at_one_of_many_points_is_taken_there(holds):
    theta = np.array([[1.0, 2.0], [0.8, 1.6]])
    holds(r"\theta_{t+1} = \theta_t - \eta \nabla_\theta L(\theta_t)",
          theta=theta, L=lambda theta: theta @ theta, eta=0.1)  # fmt: skip


def test_a_policy_gradient_reads_as_in_books(holds):
    def softmax(z):
        weights = np.exp(z - z.max())
        return weights / weights.sum()

    theta, reward = rng.normal(size=3), np.array([1.0, 2.0, 4.0])
    holds(
        r"\nabla_\theta J = \mathbb{E}_{a \sim p}\left[\nabla_\theta \log \pi(a) \, r(a)\right]",
        J=lambda theta: softmax(theta) @ reward, theta=theta, p=Finite(range(3), softmax(theta)),
        pi=lambda a, theta: softmax(theta)[a], r=lambda a: reward[a],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("latex", "kind", "fact"),
    [
        (r"a \pm b = 1", EquationError, r"\pm cannot be executed; write two equations"),
        (r"a \wedge b = 1", EquationError, r"\wedge cannot be executed; expected one of"),
        ("a = a, b", EquationSyntaxError, "this is no condition on a symbol of the equation"),
        (r"a * x = x, \quad A * x = x", EquationError, "* between a 4×4 matrix and a column of 4"),
    ],
)
def test_nothing_is_skipped_in_silence(refused, latex, kind, fact):
    bound = {"a": 1.0, "b": 0.7, "x": x, "A": A}
    assert refused(latex, kind, bound).startswith(fact)


def test_a_derivative_by_what_it_does_not_depend_on_is_refused(refused):
    message = refused(r"\frac{\partial c}{\partial a} = 0", EquationError, a=1.0, c=2.0)
    assert "does not depend on the variable" in message


def test_a_sign_lost_in_a_function_of_the_graph_is_seen(refused):
    refused(r"\frac{dp}{dx} = p (p - 1)", EquationMismatch, p=lambda x: sigmoid(x), x=0.3)
