"""The laws of derivatives, closed forms, published numbers, hard points, and refusals."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import differentiate, optimize

from mathforml.foundations.derivatives import (
    central_difference,
    derivative,
    directional_derivative,
    forward_difference,
    gradient,
    hessian,
    jacobian,
)

numbers = st.floats(-3, 3)
few = settings(max_examples=25)
vectors = arrays(float, 4, elements=numbers)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    weights = np.exp(z - np.max(z))
    return weights / np.sum(weights)


def mix(x):
    """Map four numbers to three, with every partial derivative different from zero."""
    a, b, c, d = x
    return np.array([a * b + np.sin(c * d), np.exp(a - c) * d, np.tanh(b + c) + a * d**2])


def mix_jacobian(x):
    a, b, c, d = x
    bend, grown = 1 / np.cosh(b + c) ** 2, np.exp(a - c)
    return np.array(
        [
            [b, a, d * np.cos(c * d), c * np.cos(c * d)],
            [grown * d, 0, -grown * d, grown],
            [d**2, bend, bend, 2 * a * d],
        ]
    )


# Laws


@given(numbers, numbers, numbers)
def test_derivative_is_linear_in_the_function(x, a, b):
    left = derivative(lambda t: a * np.sin(t) + b * np.exp(t), x)
    assert_allclose(left, a * derivative(np.sin, x) + b * derivative(np.exp, x), atol=1e-10)


@given(numbers)
def test_derivative_obeys_the_product_rule(x):
    u, v = np.sin, lambda t: np.exp(-t * t)
    expected = derivative(u, x) * v(x) + u(x) * derivative(v, x)
    assert_allclose(derivative(lambda t: u(t) * v(t), x), expected, atol=1e-10)


@given(numbers)
def test_derivative_obeys_the_chain_rule(x):
    expected = derivative(np.exp, np.sin(x)) * derivative(np.sin, x)
    assert_allclose(derivative(lambda t: np.exp(np.sin(t)), x), expected, atol=1e-10)


@few
@given(vectors)
def test_jacobian_of_a_composition_is_the_product_of_jacobians(x):
    expected = jacobian(np.sin, mix(x)) @ jacobian(mix, x)
    assert_allclose(jacobian(lambda x: np.sin(mix(x)), x), expected, rtol=1e-9, atol=1e-7)


@few
@given(vectors, vectors, arrays(float, 3, elements=numbers))
def test_directional_derivative_and_jacobian_are_adjoint(x, u, y_bar):
    forward = y_bar @ directional_derivative(mix, x, u)
    assert_allclose(forward, (jacobian(mix, x).T @ y_bar) @ u, rtol=1e-9, atol=1e-6)


@few
@given(vectors, vectors, numbers)
def test_directional_derivative_scales_with_the_direction(x, u, c):
    once = directional_derivative(mix, x, u)
    assert_allclose(directional_derivative(mix, x, c * u), c * once, rtol=1e-9, atol=1e-6)


@few
@given(vectors)
def test_hessian_is_symmetric_and_the_jacobian_of_the_gradient(x):
    f = lambda x: np.sum(mix(x))  # noqa: E731
    H = hessian(f, x)
    assert np.array_equal(H, H.T)
    assert_allclose(H, jacobian(lambda x: mix_jacobian(x).sum(axis=0), x), rtol=1e-7, atol=1e-6)


@given(numbers, st.floats(0.01, 1))
def test_differences_are_exact_for_the_curves_they_are_made_for(x, h):
    assert_allclose(forward_difference(lambda t: 3 * t - 1, x, h), 3, rtol=1e-11)
    assert_allclose(central_difference(lambda t: t * (2 - t), x, h), 2 - 2 * x, atol=1e-11)


# References

EVERYWHERE = [-30.0, -1.0, -1e-6, 0.0, 1e-6, 1e-3, 1.0, 1e3, 1e6]
POSITIVE = [1e-12, 1e-6, 1e-3, 0.1, 1.0, 1e3, 1e6, 1e12]
CLOSED_FORMS = [
    ("sine", np.sin, np.cos, EVERYWHERE),
    ("cosine", np.cos, lambda x: -np.sin(x), [-30.0, -1.0, 1e-3, 1.0, 1e3, 1e6]),
    ("exponential", np.exp, np.exp, [-30.0, -1.0, 0.0, 1e-20, 1e-6, 1.0, 50.0]),
    ("logarithm", np.log, lambda x: 1 / x, POSITIVE),
    ("root", np.sqrt, lambda x: 0.5 / np.sqrt(x), POSITIVE),
    ("reciprocal", lambda x: 1 / x, lambda x: -1 / x**2, [-1e-6, *POSITIVE]),
    ("square", lambda x: x**2, lambda x: 2 * x, EVERYWHERE),
    ("fifth power", lambda x: x**5, lambda x: 5 * x**4, EVERYWHERE),
    ("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2, [-1.0, 0.0, 1e-6, 1.0, 3.0]),
    (
        "log(1 + x), naive",
        lambda x: np.log(1 + x),
        lambda x: 1 / (1 + x),
        [1e-17, 1e-12, 1e-6, 1.0],
    ),
    ("exp(x) - 1, naive", lambda x: np.exp(x) - 1, np.exp, [1e-6, 1e-3, 1.0]),
    ("offset", lambda x: (1e8 + x) - 1e8, lambda x: 1.0, [0.0, 1e-3, 1.0]),
    ("steep", lambda x: np.tanh(1e4 * x), lambda x: 1e4 / np.cosh(1e4 * x) ** 2, [0.0, 1e-4]),
    ("fast", lambda x: np.sin(1e3 * x), lambda x: 1e3 * np.cos(1e3 * x), [0.0, 1e-6, 3.0]),
]


@pytest.mark.parametrize(
    ("f", "df", "x"),
    [
        pytest.param(f, df, x, id=f"{name} at {x:g}")
        for name, f, df, points in CLOSED_FORMS
        for x in points
    ],
)
def test_derivative_agrees_with_the_closed_form(f, df, x):
    assert_allclose(derivative(f, x), df(np.float64(x)), rtol=1e-9, atol=1e-300)


def test_derivative_acts_on_each_entry_of_an_array():
    x = np.array([[1e-6, 0.5, 1.0], [7.0, 1e3, 1e6]])
    assert_allclose(derivative(np.log, x), 1 / x, rtol=1e-9)


def test_derivative_of_a_path_has_the_shape_of_its_value():
    path = lambda t: np.array([[np.cos(t), np.sin(t)], [t, 1.0]])  # noqa: E731
    assert_allclose(derivative(path, 0.3), [[-np.sin(0.3), np.cos(0.3)], [1, 0]], atol=1e-12)


def test_gradient_has_the_shape_of_its_point(rng):
    X, A = rng.normal(size=(2, 3, 4))
    assert_allclose(gradient(lambda X: np.sum(A * X**3), X), 3 * A * X**2, rtol=1e-9)


@few
@given(vectors)
def test_jacobian_agrees_with_the_closed_form(x):
    assert_allclose(jacobian(mix, x), mix_jacobian(x), rtol=1e-9, atol=1e-7)


def test_jacobian_puts_outputs_first_and_inputs_last(rng):
    A, X = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    expected = np.einsum("ij,kl->ikjl", A, np.eye(4))
    assert_allclose(jacobian(lambda X: A @ X, X), expected, atol=1e-9)


def test_jacobian_of_softmax_is_the_covariance_of_a_draw(rng):
    z = rng.normal(size=5)
    p = softmax(z)
    assert_allclose(jacobian(softmax, z), np.diag(p) - np.outer(p, p), atol=1e-11)


def test_hessian_of_log_sum_exp_is_the_jacobian_of_softmax(rng):
    z = rng.normal(size=4)
    p = softmax(z)
    expected = np.diag(p) - np.outer(p, p)
    assert_allclose(hessian(lambda z: np.log(np.sum(np.exp(z))), z), expected, atol=1e-9)


def test_hessian_bears_entries_of_very_different_size():
    x = np.array([1e-20, 2.0, 1e6])
    H = hessian(lambda x: np.sum(np.cos(x)) + x[0] * x[1], x)
    expected = -np.diag(np.cos(x))
    expected[0, 1] = expected[1, 0] = 1
    assert_allclose(H, expected, rtol=1e-9, atol=1e-9)
    assert_allclose(hessian(np.log, 1e-6), -1e12, rtol=1e-8)


def test_hessian_keeps_the_shape_of_its_point(rng):
    X = rng.normal(size=(2, 2))
    H = hessian(lambda X: np.prod(X), X)
    assert H.shape == (2, 2, 2, 2)
    assert_allclose(H[0, 0, 1, 1], X[0, 1] * X[1, 0], rtol=1e-9)
    assert_allclose(H[0, 1, 0, 1], 0, atol=1e-9)


@pytest.mark.parametrize("f", [np.sin, np.exp, np.tanh, np.arctan])
def test_derivative_agrees_with_scipy(f):
    x = np.linspace(-2, 2, 9)
    assert_allclose(derivative(f, x), differentiate.derivative(f, x).df, rtol=1e-9, atol=1e-12)


def test_forward_difference_is_what_scipy_calls_approx_fprime():
    x, h = np.array([0.7]), 1e-8
    theirs = optimize.approx_fprime(x, lambda x: np.sin(x[0]), h)
    assert_allclose(forward_difference(np.sin, x, h), theirs, rtol=1e-7)


def test_the_error_of_a_difference_shrinks_with_its_order():
    h = np.array([1e-1, 1e-2, 1e-3])
    forward = np.abs(forward_difference(np.sin, 1.0, h) - np.cos(1))
    central = np.abs(central_difference(np.sin, 1.0, h) - np.cos(1))
    assert_allclose(np.diff(np.log10(forward)), -1, atol=0.05)
    assert_allclose(np.diff(np.log10(central)), -2, atol=0.01)


# Published numbers


def test_the_secants_of_the_square_at_three():
    assert_allclose(forward_difference(np.square, 3, [0.1, 0.01, -0.1]), [6.1, 6.01, 5.9])
    assert_allclose(central_difference(np.square, 3, [0.1, 0.01, -0.1]), 6)


def test_the_neuron_of_cs231n():
    """CS231n, "Backpropagation, Intuitions": w = (2, −3, −3), x = (−1, −2); 0.73, and 0.2."""
    w, x = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0, 1.0])
    assert w @ x == 1.0
    assert_allclose(sigmoid(w @ x), 0.7311, atol=5e-5)
    assert_allclose(derivative(sigmoid, w @ x), 0.1966, atol=5e-5)
    g = gradient(lambda w: sigmoid(w @ x), w)
    assert_allclose(g, [-0.20, -0.39, 0.20], atol=5e-3)


def test_the_gradient_of_rosenbrock_at_its_usual_start():
    f = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2  # noqa: E731
    x = np.array([-1.2, 1.0])
    assert_allclose(f(x), 24.2)
    assert_allclose(gradient(f, x), [-215.6, -88], rtol=1e-11)
    assert_allclose(hessian(f, x), [[1330, 480], [480, 200]], rtol=1e-10)


# Hard input


def test_a_kink_has_the_mean_of_its_two_slopes():
    assert_allclose(derivative(np.abs, 0.0), 0)
    assert_allclose(derivative(lambda x: np.maximum(x, 0), 0.0), 0.5)
    assert_allclose(gradient(lambda x: np.max(x), np.ones(2)), [0.5, 0.5])


@pytest.mark.parametrize("x", [-1e-6, -1e-3, 1e-12, 1e-6, 1e6])
def test_a_kink_nearby_is_not_at_x(x):
    assert_allclose(derivative(lambda x: np.maximum(x, 0), x), x > 0)


@pytest.mark.parametrize("x", [1e6 + 0.5, 1e6 + 1, 1e6 - 2])
def test_a_narrow_bump_far_from_zero_is_not_stepped_over(x):
    f = lambda x: np.exp(-((x - 1e6) ** 2) / 2)  # noqa: E731
    assert_allclose(derivative(f, x), -(x - 1e6) * f(x), rtol=1e-9)


def test_a_step_never_needs_a_point_outside_the_domain():
    assert_allclose(derivative(math.log, 0.01), 100, rtol=1e-9)
    assert_allclose(derivative(np.arcsin, 0.999), 1 / np.sqrt(1 - 0.999**2), rtol=1e-9)


def test_entries_of_very_different_size_live_together():
    x = np.array([1e6, 1e-6, 0.0, -3.0])
    assert_allclose(jacobian(np.sin, x), np.diag(np.cos(x)), atol=1e-9)
    f = lambda x: np.sum(np.log1p(x**2))  # noqa: E731
    assert_allclose(gradient(f, x), 2 * x / (1 + x**2), rtol=1e-9, atol=1e-11)


def test_an_entry_that_has_settled_is_left_in_peace():
    f = lambda x: np.array([np.exp(-((x - 1e6) ** 2) / 2), 5.0])  # noqa: E731
    assert_allclose(derivative(f, 1e6 + 1), [-np.exp(-0.5), 0], rtol=1e-9)


def test_a_smooth_function_is_asked_no_more_than_thirty_times():
    asked = []
    derivative(lambda x: asked.append(x) or np.exp(x), 1.0)
    assert len(asked) <= 30
    assert np.ptp(asked) < 0.2


def test_a_direction_that_rounding_bends_is_not_trusted():
    x, u = np.array([1.0, 1e-12]), np.array([np.pi, 1.0])
    assert_allclose(directional_derivative(lambda x: (x[0] - 1) + x[1], x, u), np.pi + 1)


def test_a_derivative_that_is_zero_to_high_order_is_zero():
    assert_allclose(derivative(lambda x: x**11, 0.0), 0, atol=1e-60)
    assert_allclose(gradient(lambda x: np.sum((x - 1) ** 2), np.ones(3)), 0, atol=1e-12)


def test_a_function_in_single_precision_is_judged_by_its_own_digits():
    f = lambda x: np.sin(x).astype(np.float32)  # noqa: E731
    x = np.linspace(0.1, 1, 10)
    assert_allclose(derivative(f, x), np.cos(x), rtol=2e-5)


def test_a_direction_of_length_zero_leads_nowhere():
    assert np.array_equal(directional_derivative(mix, np.ones(4), np.zeros(4)), np.zeros(3))


def test_the_largest_and_the_smallest_numbers_make_no_noise():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert derivative(np.tanh, 1e308) == 0
        assert_allclose(derivative(np.sin, 5e-324), 1)
        assert_allclose(derivative(np.exp, 700.0), np.exp(700.0), rtol=1e-9)


@pytest.mark.parametrize("of", [derivative, jacobian, forward_difference, central_difference])
def test_integers_are_converted_to_floating_point(of):
    step = [1] if of in (forward_difference, central_difference) else []
    slope = of(lambda x: x / 2, np.array([1, 2, 3]), *step)
    assert slope.dtype == np.float64
    assert_allclose(np.diag(slope) if slope.ndim == 2 else slope, 0.5)


def test_single_precision_is_converted_to_double():
    half = np.float32(0.5)
    assert derivative(np.exp, half) == derivative(np.exp, 0.5)
    assert forward_difference(np.exp, half, 0.1) == forward_difference(np.exp, 0.5, 0.1)


@pytest.mark.parametrize(
    "of", [gradient, hessian, jacobian, lambda f, x: directional_derivative(f, x, x)]
)
def test_neither_the_point_nor_the_function_in_place_changes_anything(of):
    x = np.array([-1.0, 2.0, 3.0])

    def in_place(x):
        x[x < 0] = 0
        return np.sum(x * x)

    assert_allclose(of(in_place, x), of(lambda x: np.sum(np.maximum(x, 0) ** 2), x), atol=1e-9)
    assert np.array_equal(x, [-1, 2, 3])


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: derivative(np.sin, np.nan), "x is not finite; expected numbers without nan"),
        (lambda: derivative(np.sin, 1j), "x has type complex128; expected real numbers"),
        (lambda: derivative(np.sin, "1"), "x has type <U1; expected real numbers"),
        (lambda: gradient(np.sum, []), "x is empty; expected at least one number"),
        (lambda: derivative(lambda x: x * 1j, 1.0), "f.x. has type complex128; expected real"),
        (lambda: derivative(np.log, -1.0), "f.x. is not finite; expected x inside the domain"),
        (lambda: derivative(np.sqrt, 0.0), "f is not finite next to x; expected x inside the"),
        (lambda: derivative(math.sqrt, 0.0), "f is not finite next to x; expected x inside the"),
        (lambda: derivative(np.emath.sqrt, 0.0), "f is not finite next to x; expected x inside"),
        (
            lambda: derivative(lambda x: np.nan if 0 < abs(x) < 1e-3 else x, 0.0),
            "f is not finite next to x; expected x inside",
        ),
        (lambda: derivative(np.sign, 0.0), "do not settle; expected a derivative there"),
        (lambda: derivative(np.cbrt, 0.0), "do not settle; expected a derivative there"),
        (lambda: derivative(np.floor, 2.0), "f jumps at x; expected a derivative there"),
        (lambda: derivative(np.ceil, [0.5, -3.0]), "f jumps at x; expected a derivative there"),
        (lambda: derivative(lambda x: x**2 + 1e-6 * np.floor(x), 1.0), "f jumps at x"),
        (lambda: gradient(lambda x: np.sum(np.floor(x)), [0.5, 2.0]), "f jumps at x"),
        (lambda: derivative(np.sum, np.ones(3)), r"f\(x\) has shape \(\); expected \(3,\)"),
        (lambda: gradient(np.sin, np.ones(3)), r"f\(x\) has shape \(3,\); expected a single"),
        (lambda: hessian(np.sin, np.ones(1)), r"f\(x\) has shape \(1,\); expected a single"),
        (
            lambda: directional_derivative(np.sin, np.ones(3), np.ones(1)),
            r"u has shape \(1,\); expected \(3,\), the shape of x",
        ),
        (
            lambda: jacobian(lambda x: x[x > 1], np.array([1.0, 2.0])),
            r"f\(x\) has shape \(2,\) next to x; expected \(1,\), as at x",
        ),
        (lambda: forward_difference(np.sin, 1.0, 0.0), "h is 0; expected a step that leaves x"),
        (lambda: central_difference(np.sin, 1.0, np.inf), "h is not finite; expected numbers"),
        (lambda: central_difference(np.log, 1.0, 2.0), "f.x. is not finite; expected x inside"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_step_of_one_rounding_is_no_jump():
    edge = 2.0**-27  # halfway between two neighbors of 1e8
    assert 1e8 + 0.9 * edge == 1e8 < 1e8 + 1.1 * edge
    assert_allclose(derivative(lambda x: 1e8 + x, edge), 1)


def test_noise_has_no_derivative(rng):
    with pytest.raises(ValueError, match="do not settle"):
        derivative(lambda x: rng.normal(), 1.0)


def test_an_error_in_the_function_itself_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        derivative(lambda x: 1 / int(x), 0.0)
