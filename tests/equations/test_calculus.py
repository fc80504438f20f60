"""Derivatives, integrals, limits and series, against closed forms."""

# ruff: noqa: E501  (a table of equations is read by line)

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationMismatch, verify

rng = np.random.default_rng(2)
A = rng.normal(size=(4, 4))
S = A @ A.T + np.eye(4)
x, y = rng.normal(size=(2, 4))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    weights = np.exp(z - np.max(z))
    return weights / weights.sum()


BOUND = {
    "A": A, "S": S, "x": x, "y": y, "t": 0.7, "a": 1.3, "n": 5, "sigma": sigmoid, "f": np.sin,
    "g": lambda x: x @ A @ x, "W": rng.normal(size=(3, 4)), "b": rng.normal(size=3),
    "L": lambda W, b, x: 0.5 * np.sum((W @ x + b) ** 2), "h": lambda W, b, x: W @ x + b,
}  # fmt: skip


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{d}{dt} t^3 = 3 t^2",
        r"\frac{d^2}{dt^2} \sin t = -\sin t",
        r"\frac{d}{dt} \sin t^2 = 2 t \cos t^2",
        r"f'(t) = \cos t",
        r"f''(t) = -f(t)",
        r"f'''(t) = -\cos t",
        r"\sigma'(x) = \sigma(x) \odot (\mathbf{1} - \sigma(x))",
        r"\tanh'(t) = 1 - \tanh^2 t",
        r"\nabla_x g = (A + A^\top) x",
        r"\nabla g(x) = (A + A^\top) x",
        r"\nabla_x g(x) = (A + A^\top) x",
        r"\nabla_x^2 g = \nabla^2 g(x) = A + A^\top",
        r"\partial_x g(x) = (A + A^\top) x",
        r"\partial g / \partial x_i = \sum_j (A_{ij} + A_{ji}) x_j",
        r"\frac{\partial^2 g}{\partial x_i \partial x_j} = A_{ij} + A_{ji}",
        r"\frac{\partial^2 g}{\partial x \, \partial x^\top} = A + A^\top",
        r"\frac{\partial (A x)}{\partial x} = A",
        r"\frac{\partial (A x)_i}{\partial x_j} = A_{ij}",
        r"\frac{\partial \log |S|}{\partial S} = S^{-\top}",
        r"\frac{\partial \operatorname{tr}(A^\top S)}{\partial S} = A",
        r"\frac{\partial L}{\partial W} = h x^\top",
        r"\frac{\partial L}{\partial W_{ij}} = h_i x_j",
        r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial b}",
        r"\nabla_b L = h",
        r"\left. \frac{\partial t^2}{\partial t} \right|_{t=a} = 2a",
        r"\frac{d}{dt} \int_0^t f(s) \, ds = f(t)",
        r"\frac{\partial}{\partial t} \log t \cdot t = 1",
        r"(f \circ \sigma)'(t) = f'(\sigma(t)) \, \sigma'(t)",
        r"(f \sigma)'(t) = f'(t) \sigma(t) + f(t) \sigma'(t)",
        r"\int_0^1 s^n \, ds = \frac{1}{n + 1}",
        r"\int_0^\pi \sin s \, ds = 2",
        r"\int_{-\infty}^\infty e^{-s^2} \mathrm{d}s = \sqrt{\pi}",
        r"\int e^{-s^2 / 2} ds = \sqrt{2 \pi}",
        r"\int_0^\infty s^n e^{-s} ds = n!",
        r"\int_0^1 \int_0^1 r s \, dr \, ds = \frac{1}{4}",
        r"\int_0^1 |s - 0.3| \, ds = 0.29",
        r"\int_1^0 s \, ds = -\frac{1}{2}",
        r"\int dx_0 \, e^{-x_0^2} = \sqrt{\pi}",
        r"\lim_{n \to \infty} (1 + \frac{t}{n})^n = e^t",
        r"\lim_{s \to 0} \frac{\sin s}{s} = 1",
        r"\lim_{s \to 0^+} s \log s = 0",
        r"\lim_{s \to 0} \frac{f(t + s) - f(t - s)}{2 s} = f'(t)",
        r"\sum_{k=1}^\infty \frac{1}{k^2} = \frac{\pi^2}{6}",
        r"\sum_{k=0}^\infty t^k = \frac{1}{1 - t}",
        r"\sum_{k=1}^\infty \frac{(-1)^{k+1}}{k} = \log 2",
    ],
)
def test_it_holds(holds, latex):
    holds(latex, BOUND)


@pytest.mark.parametrize(
    ("function", "slope"),
    [(np.sin, np.cos), (np.exp, np.exp), (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
     (lambda z: z**5, lambda z: 5 * z**4), (np.arctan, lambda z: 1 / (1 + z**2))],
)  # fmt: skip
@pytest.mark.parametrize("at", [-2.0, -0.3, 0.0, 0.4, 3.0])
def test_derivatives_are_accurate(function, slope, at):
    verify("f'(z) = d", f=function, z=at, d=slope(at), rtol=1e-9)


def test_second_derivatives_are_accurate():
    verify("f''(z) = -f(z)", f=np.sin, z=0.7, rtol=1e-8)


def test_derivatives_are_total():
    """A change of z moves p, and through p the loss."""
    loss = {r"\ell": lambda p, y: -y @ np.log(p)}
    y_ = softmax(y)
    verify(r"\frac{\partial \ell}{\partial z_j} = p_j - y_j", loss, p=softmax, z=x, y=y_)


def test_a_symbol_that_is_itself_a_function_is_cut_off_from_its_arguments():
    loss = {r"\ell": lambda p, y: -y @ np.log(p)}
    y_ = softmax(y)
    verify(r"\frac{\partial \ell}{\partial p_i} = -\frac{y_i}{p_i}", loss, p=softmax, z=x, y=y_)


def test_where_all_entries_are_needed_none_is_held():
    verify(r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)", p=softmax, z=x)


@pytest.mark.parametrize(
    ("latex", "fact"),
    [
        (r"\frac{d}{dt} |t| = 0", "the derivative does not settle here; expected a smooth function"),
        (r"\frac{d}{dt} \log(t - 5) = 0", "the derivative does not settle here; expected a smooth function"),
        (r"\int_0^1 \frac{1}{s} ds = 1", "the integral does not settle; expected a finite one of a smooth function"),
        (r"\int_0^\infty \sin s \, ds = 1", "the integral does not settle; expected a finite one of a smooth function"),
        (r"\lim_{s \to 0} \frac{1}{s} = 1", "the limit does not settle; expected a finite one"),
        (r"\lim_{s \to 0} \sin \frac{1}{s} = 0", "the limit does not settle; expected a finite one"),
        (r"\lim_{s \to 0} \frac{|s|}{s} = 1", "the limits from the two sides differ"),
        (r"\sum_{k=1}^\infty \frac{1}{k} = 9", "this series does not settle; expected one that converges"),
        (r"\sum_{k=1}^\infty (-1)^k = 0", "this series does not settle; expected one that converges"),
        (r"\frac{\partial^3 t}{\partial t^2} = 0", "the order 3 of this derivative and its 2 variables differ"),
        (r"\nabla L = 0", r"it is not clear by what to differentiate; write \nabla_x"),
        (r"L'(t, t, t) = 0", r"a prime on a function of several arguments is ambiguous; write \partial"),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_reason(refused, latex, fact):
    assert refused(latex, EquationError, BOUND | {"t": 0.0}).splitlines()[0] == fact


def cube(x):
    """Return a number that depends on a column."""
    return np.sum(x**3)


@pytest.mark.parametrize(
    ("latex", "value"),
    [
        (r"\nabla_x f(x)^\top y = z", lambda x, y: 3 * x**2 @ y),
        (r"\nabla f(x)^\top (y - x) = z", lambda x, y: 3 * x**2 @ (y - x)),
        (r"\nabla_x^2 f(x) y = z", lambda x, y: 6 * x * y),
        (r"\nabla_x f(x) f(x) = z", lambda x, y: 6 * cube(x) * x**2),
        (r"\nabla_x f(x)^\top y f(x) = z", lambda x, y: (3 * x**2 @ y) * cube(x)),
    ],
)
def test_nabla_takes_the_call_where_the_product_is_no_number(holds, refused, latex, value):
    x, y = np.array([0.5, 1.2, -0.7]), np.array([1.0, -0.4, 0.9])
    holds(latex, f=cube, x=x, y=y, z=value(x, y))
    refused(latex, EquationMismatch, f=cube, x=x, y=y, z=1.01 * value(x, y))


def test_a_number_in_brackets_counts_derivatives(holds, refused):
    holds(r"f^{(3)}(x) = -\cos x", f=np.sin, x=0.3)
    refused(r"f^{(2)}(x) = -\cos x", EquationMismatch, f=np.sin, x=0.3)


@pytest.mark.parametrize(
    ("latex", "wrong"),
    [
        (r"\frac{\partial L}{\partial W^{(1)}} = 2 W^{(1)}", r"\frac{\partial L}{\partial W^{(1)}} = 2 W^{(2)}"),
        (r"\frac{\partial L}{\partial W^{(2)}_{ij}} = 1", r"\frac{\partial L}{\partial W^{(2)}_{ij}} = 2"),
        (r"\frac{\partial}{\partial W^{(1)}} \|W^{(1)} x\|^2 = 2 W^{(1)} x x^\top", r"\frac{\partial}{\partial W^{(1)}} \|W^{(1)} x\|^2 = W^{(1)} x x^\top"),
    ],
)  # fmt: skip
def test_one_layer_of_a_list_is_differentiated_by(holds, refused, latex, wrong):
    W = [np.arange(9.0).reshape(3, 3), np.eye(3)]
    bound = {"L": lambda W: np.sum(W[0] ** 2) + np.sum(W[1]), "W": W, "x": np.array([1.0, 0.5, -1])}
    holds(latex, bound)
    refused(wrong, EquationMismatch, bound)


def test_a_differential_may_stand_in_a_numerator(holds, refused):
    holds(r"\int_0^1 \frac{dx}{1 + x} = \ln 2")
    holds(r"\int_0^1 2 \frac{x \, dx}{1 + x^2} = \ln 2")
    refused(r"\int_0^1 \frac{dx}{1 + x} = \ln 3", EquationMismatch)
