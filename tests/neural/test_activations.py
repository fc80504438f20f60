"""The laws of the activations, references, derivatives, hard input, and what they refuse."""

import itertools
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special

from mathforml.foundations.derivatives import derivative, directional_derivative, jacobian
from mathforml.neural.activations import (
    relu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    softmax,
    softmax_vjp,
    softplus,
    softplus_vjp,
    tanh,
    tanh_vjp,
)

ENTRYWISE = [(relu, relu_vjp), (sigmoid, sigmoid_vjp), (tanh, tanh_vjp), (softplus, softplus_vjp)]
EVERY = [*ENTRYWISE, (softmax, softmax_vjp)]
ENORMOUS = [-np.finfo(float).max, -1e308, -1000.0, -745.0, -0.0, 5e-324, 710.0, 1000.0, 1e308]

shapes = array_shapes(max_dims=3)
scores = arrays(float, shapes, elements=st.floats(-50, 50))
numbers = arrays(float, shapes, elements=st.floats(allow_nan=False))
pairs = shapes.flatmap(lambda s: arrays(float, (2, *s), elements=st.floats(-50, 50)))
every = pytest.mark.parametrize(("f", "f_vjp"), EVERY)
entrywise = pytest.mark.parametrize(("f", "f_vjp"), ENTRYWISE)


def slope(f_vjp, x):
    """Return the slope that a pullback multiplies with."""
    return f_vjp(x, np.ones_like(x))


# Laws


@given(scores)
def test_relu_splits_a_number_into_its_parts(x):
    assert_array_equal(relu(x) - relu(-x), x)
    assert_array_equal(relu(x) + relu(-x), np.abs(x))


@given(scores, st.floats(0, 1e3))
def test_relu_commutes_with_a_positive_factor(x, c):
    assert_array_equal(relu(c * x), c * relu(x))


@given(pairs)
def test_relu_lets_pass_or_blocks_and_nothing_between(pair):
    x, y_bar = pair
    assert_array_equal(relu_vjp(x, y_bar)[x > 0], y_bar[x > 0])
    assert_array_equal(relu_vjp(x, y_bar)[x <= 0], 0)


@given(scores)
def test_sigmoids_of_opposite_scores_sum_to_one(x):
    assert_allclose(sigmoid(x) + sigmoid(-x), 1, rtol=1e-15)


@given(st.floats(0.001, 0.999))
def test_sigmoid_undoes_the_log_odds(p):
    assert_allclose(sigmoid(np.log(p / (1 - p))), p, rtol=1e-13)


@given(scores)
def test_sigmoid_is_a_softmax_of_two_classes(x):
    assert_allclose(sigmoid(x), softmax(np.stack([x, 0 * x], axis=-1))[..., 0], rtol=1e-14)


@given(scores)
def test_tanh_is_a_stretched_sigmoid(x):
    assert_allclose(tanh(x), 2 * sigmoid(2 * x) - 1, atol=1e-15)


@given(scores)
def test_tanh_is_odd(x):
    assert_array_equal(tanh(-x), -tanh(x))


@given(scores)
def test_softplus_lies_above_relu_by_at_most_log_two(x):
    gap = softplus(x) - relu(x)
    assert np.all((gap >= 0) & (gap <= np.log(2)))


@given(scores)
def test_softplus_of_opposite_scores_differ_by_the_score(x):
    assert_allclose(softplus(x) - softplus(-x), x, atol=1e-14)


@given(pairs)
def test_the_slope_of_softplus_is_the_sigmoid(pair):
    x, y_bar = pair
    assert_array_equal(softplus_vjp(x, y_bar), y_bar * sigmoid(x))


@given(scores)
def test_softmax_is_a_probability_vector(z):
    p = softmax(z)
    assert np.all((p >= 0) & (p <= 1))
    assert_allclose(p.sum(axis=-1), 1, rtol=1e-14)


@given(scores, st.floats(-1e3, 1e3))
def test_softmax_ignores_a_common_shift(z, c):
    assert_allclose(softmax(z + c), softmax(z), rtol=1e-11)


@given(scores)
def test_softmax_keeps_the_ratios_of_the_exponentials(z):
    p = softmax(z)
    assert_allclose(p * np.exp(z[..., :1] - z), p[..., :1] + 0 * z, rtol=1e-12)


@given(pairs)
def test_softmax_cotangents_sum_to_zero(pair):
    """The other face of shift invariance: the vector of ones is in the kernel of J."""
    z, p_bar = pair
    assert_allclose(softmax_vjp(z, p_bar).sum(axis=-1), 0, atol=1e-13)


@given(pairs, st.integers(-(2**20), 2**20))
def test_softmax_pullback_ignores_a_common_shift_of_the_cotangent(pair, c):
    z, p_bar = np.round(pair)
    assert_array_equal(softmax_vjp(z, p_bar + c), softmax_vjp(z, p_bar))


@given(pairs)
def test_softmax_jacobian_is_symmetric(pair):
    z, _ = pair
    rows = [softmax_vjp(z, np.zeros_like(z) + e) for e in np.eye(z.shape[-1])]
    J = np.stack(rows, axis=-2)
    assert_allclose(J, np.swapaxes(J, -1, -2), atol=1e-16)


@every
@given(pair=pairs, c=st.floats(-10, 10))
def test_pullbacks_are_linear_in_the_cotangent(f, f_vjp, pair, c):
    x, y_bar = pair
    u_bar = np.cos(y_bar)
    both = f_vjp(x, y_bar + c * u_bar)
    assert_allclose(both, f_vjp(x, y_bar) + c * f_vjp(x, u_bar), atol=1e-12)


@every
def test_batches_are_treated_row_by_row(f, f_vjp, rng):
    x, y_bar = rng.normal(size=(2, 2, 3, 4))
    for i, j in itertools.product(range(2), range(3)):
        assert_array_equal(f(x)[i, j], f(x[i, j]))
        assert_array_equal(f_vjp(x, y_bar)[i, j], f_vjp(x[i, j], y_bar[i, j]))


@every
def test_arguments_are_left_alone_and_results_are_fresh(f, f_vjp, rng):
    x, y_bar = arguments = rng.normal(size=(2, 3, 4))
    before = arguments.copy()
    for result in (f(x), f_vjp(x, y_bar)):
        result += 1
    assert_array_equal(arguments, before)


@every
@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8, np.float32, bool, list])
def test_everything_is_computed_in_float64(f, f_vjp, kind):
    x, y_bar = np.array([[0, 1, 3], [1, 0, 1]])
    given = (x.tolist(), y_bar.tolist()) if kind is list else (x.astype(kind), y_bar.astype(kind))
    expected = np.asarray(given, dtype=float)
    assert f(given[0]).dtype == f_vjp(*given).dtype == np.float64
    assert_array_equal(f(given[0]), f(expected[0]))
    assert_array_equal(f_vjp(*given), f_vjp(*expected))


# References


@given(numbers)
def test_sigmoid_agrees_with_scipy(x):
    assert_allclose(sigmoid(x), special.expit(x), rtol=1e-15, atol=5e-324)


@given(scores)
def test_softplus_agrees_with_scipy(x):
    assert_allclose(softplus(x), -special.log_expit(-x), rtol=1e-15)


@given(scores)
def test_softmax_agrees_with_scipy(z):
    assert_allclose(softmax(z), special.softmax(z, axis=-1), rtol=1e-15)


@given(pairs)
def test_softmax_pullback_agrees_with_the_whole_jacobian(pair):
    z, p_bar = pair
    p = softmax(z)
    J = p[..., None] * np.eye(z.shape[-1]) - p[..., :, None] * p[..., None, :]
    assert_allclose(softmax_vjp(z, p_bar), np.einsum("...ij,...i->...j", J, p_bar), atol=1e-13)


EXACT = {
    sigmoid: lambda x: 1 / (1 + (-x).exp()),
    sigmoid_vjp: lambda x: 1 / ((1 + (-x).exp()) * (1 + x.exp())),
    tanh_vjp: lambda x: 4 / ((-x).exp() + x.exp()) ** 2,
    softplus: lambda x: (1 + x.exp()).ln(),
    softplus_vjp: lambda x: 1 / (1 + (-x).exp()),
    tanh: lambda x: ((2 * x).exp() - 1) / ((2 * x).exp() + 1),
}
POINTS = [
    *(-745, -744.5, -710, -709.5, -700, -372.6, -100, -40, -37, -20.5, -2.5, -1, -1e-3, -1e-20),
    *(0, 1e-20, 1e-3, 0.1, 1, 2.5, 19.1, 20.5, 36.9, 37.1, 40, 100, 372.6, 700, 745, 1000, -1000),
]


def ulps(value, exact):
    """Return the distance to an exact number in units of the last place of its float."""
    return abs(Decimal(float(value)) - exact) / Decimal(float(np.spacing(abs(float(exact)))))


@pytest.mark.parametrize("f", EXACT, ids=lambda f: f.__name__)
def test_each_is_right_to_four_units_in_the_last_place(f, rng):
    points = np.array([*POINTS, *rng.uniform(-745, 745, 60), *rng.normal(size=90)], dtype=float)
    values = slope(f, points) if f.__name__.endswith("_vjp") else f(points)
    with localcontext(prec=380, Emin=-(10**6), Emax=10**6):
        errors = [ulps(v, EXACT[f](Decimal(x))) for x, v in zip(points, values, strict=True)]
    assert max(errors) <= 4


def softmax_exactly(z):
    """Return softmax in 60 decimal digits."""
    with localcontext(prec=60, Emin=-(10**6), Emax=10**6):
        weights = [Decimal(float(x)).exp() if np.isfinite(x) else Decimal(0) for x in z]
        return [w / sum(weights) for w in weights]


def softmax_pullback_exactly(z, p_bar):
    """Sum ``p_i p_j (p_bar_i - p_bar_j)`` over j, in exact fractions."""
    p, a = map(Fraction, softmax_exactly(z)), map(Fraction, p_bar)
    terms = list(zip(p, a, strict=True))
    return [float(sum(p_i * p_j * (a_i - a_j) for p_j, a_j in terms)) for p_i, a_i in terms]


@pytest.mark.parametrize(
    "z",
    [
        [1, 2, 3],
        [1000, 1001, 1002],
        [-1000, -1001, -1002],
        [1000, 0, -1000],
        [0, -700, -740],
        [0, -np.inf, 0.5],
        [-np.inf, 1000, -np.inf, 999.75],
        [-np.inf, -1000],
    ],
)
def test_softmax_is_right_to_four_units_in_the_last_place(z):
    p = softmax(np.array(z, dtype=float))
    assert max(map(ulps, p, softmax_exactly(z))) <= 4


@pytest.mark.parametrize("z", [[1, 2, 3], [40, 0, 1], [0, 700, 2], [1000, 999, -1000]])
@pytest.mark.parametrize("p_bar", [[1, 0, 0], [-3, 2, 0.5], [1e8 + 1, 1e8, 1e8 - 1]])
def test_softmax_pullback_keeps_its_digits_however_confident(z, p_bar):
    z_bar = softmax_vjp(np.array(z, dtype=float), np.array(p_bar))
    assert_allclose(z_bar, softmax_pullback_exactly(z, p_bar), rtol=1e-13, atol=1e-300)


def test_softmax_reproduces_the_published_digits():
    """Of the scores 1, 2, 3."""
    assert_allclose(softmax(np.array([1, 2, 3])), [0.09003057, 0.24472847, 0.66524096], atol=5e-9)


def test_sigmoid_reproduces_the_neuron_of_cs231n():
    """Stanford CS231n, notes on backpropagation: w = (2, -3, -3), x = (-1, -2), out 0.73."""
    w, x = np.array([2.0, -3, -3]), np.array([-1.0, -2, 1])
    x_bar = w * sigmoid_vjp(w @ x, 1.0)
    w_bar = x * sigmoid_vjp(w @ x, 1.0)
    assert_allclose(sigmoid(w @ x), 0.73105858, atol=5e-9)
    assert_allclose(x_bar[:2], [0.39322387, -0.58983580], atol=5e-9)
    assert_allclose(w_bar, [-0.19661193, -0.39322387, 0.19661193], atol=5e-9)


def test_softmax_reproduces_the_notes_of_cs231n():
    """Linear classification, where halved scores make the probabilities more diffuse."""
    assert_allclose(softmax([0.5, -1, 0]), [0.55, 0.12, 0.33], atol=0.005)


def test_relu_reproduces_the_readme_of_micrograd():
    """Its expression g(a, b) at (-4, 2), by hand: chain rule through two rectifiers."""
    a, b = -4.0, 2.0
    c = 3 + 4 * (a + b) - a
    d = 12 * (a * b + b**3) + 4 * relu(b + a) + relu(b - a)
    e = c - d
    e_bar = e - 20 / e**3
    plus_bar, minus_bar = relu_vjp(b + a, -4 * e_bar), relu_vjp(b - a, -e_bar)
    a_bar = 3 * e_bar - 12 * b * e_bar + plus_bar - minus_bar
    b_bar = 4 * e_bar - 12 * (a + 3 * b**2) * e_bar + plus_bar + minus_bar
    assert_allclose([e**2 / 2 + 10 / e**2, a_bar, b_bar], [24.7041, 138.8338, 645.5773], atol=5e-5)


# Derivatives: <y_bar, J u> = <J' y_bar, u>


@every
def test_pullback_is_the_adjoint_of_the_derivative(f, f_vjp, rng):
    x, u, y_bar = rng.normal(size=(3, 4, 5))
    assert_allclose(
        np.vdot(y_bar, directional_derivative(f, x, u)),
        np.vdot(f_vjp(x, y_bar), u),
        rtol=1e-7,
    )


@every
def test_each_entry_of_the_pullback_is_a_column_of_differences(f, f_vjp, rng):
    x, y_bar = rng.normal(size=(2, 5))
    assert_allclose(f_vjp(x, y_bar), jacobian(f, x).T @ y_bar, atol=1e-8)


@entrywise
@given(x=st.floats(-15, 15))
def test_slopes_are_those_of_differences(f, f_vjp, x):
    assume(f is not relu or abs(x) > 1e-3)
    assert_allclose(f_vjp(x, 1.0), derivative(f, x), atol=1e-8)


# Hard input


def test_relu_has_slope_zero_at_the_kink():
    assert_array_equal(relu_vjp(np.array([0.0, -0.0]), np.array([7.0, 7.0])), 0)


def test_relu_opens_at_the_smallest_positive_number():
    assert relu_vjp(5e-324, 7.0) == 7.0
    assert relu_vjp(-5e-324, 7.0) == 0.0


def test_relu_blocks_even_an_infinite_cotangent():
    assert_array_equal(relu_vjp(np.array([-1.0, 1.0]), np.full(2, np.inf)), [0, np.inf])


def test_a_tiny_sigmoid_keeps_its_digits_where_the_tanh_formula_loses_them():
    assert_allclose(sigmoid(-40.0), np.exp(-40.0), rtol=1e-15)
    assert (1 + np.tanh(-20.0)) / 2 == 0


def test_softplus_keeps_the_digits_that_a_threshold_at_twenty_drops():
    assert_allclose(softplus(20.5) - 20.5, 1.25e-9, rtol=1e-3)
    assert_allclose(softplus(-700.0), np.exp(-700.0), rtol=1e-15)


def test_the_slope_of_tanh_survives_where_one_minus_its_square_is_zero():
    assert_allclose(tanh_vjp(30.0, 1.0), 4 * np.exp(-60.0), rtol=1e-15)
    assert 1 - np.tanh(30.0) ** 2 == 0


@entrywise
def test_enormous_numbers_raise_no_warning(f, f_vjp):
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert np.all(np.isfinite(f(ENORMOUS)))
        assert np.all(np.isfinite(slope(f_vjp, np.array(ENORMOUS))))


@pytest.mark.parametrize(
    ("f", "limits", "slopes"),
    [
        (relu, [0, np.inf], [0, 1]),
        (sigmoid, [0, 1], [0, 0]),
        (tanh, [-1, 1], [0, 0]),
        (softplus, [0, np.inf], [0, 1]),
    ],
)
def test_infinite_scores_reach_the_limits(f, limits, slopes):
    ends = np.array([-np.inf, np.inf])
    assert_array_equal(f(ends), limits)
    assert_array_equal(slope(dict(ENTRYWISE)[f], ends), slopes)


@entrywise
def test_a_nan_is_neither_hidden_nor_spread(f, f_vjp):
    x = np.array([1.0, np.nan, -1.0])
    for result in (f(x), slope(f_vjp, x)):
        assert_array_equal(np.isnan(result), [False, True, False])


def test_softmax_survives_enormous_scores():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_array_equal(softmax(np.array([1e308, 1e308, -1e308])), [0.5, 0.5, 0])


def test_softmax_rules_out_minus_infinity():
    z, p_bar = np.array([0, -np.inf, 0]), np.array([1.0, 5.0, 3.0])
    assert_array_equal(softmax(z), [0.5, 0, 0.5])
    assert_array_equal(softmax_vjp(z, p_bar), [-0.5, 0, 0.5])


def test_softmax_of_one_class_is_certain_and_deaf():
    assert_array_equal(softmax(np.array([[3.0], [-9.0]])), 1)
    assert_array_equal(softmax_vjp(np.array([3.0]), np.array([5.0])), 0)


@every
def test_an_empty_batch_stays_empty(f, f_vjp):
    nothing = np.zeros((0, 3))
    assert f(nothing).shape == f_vjp(nothing, nothing).shape == (0, 3)


# Refusals


@pytest.mark.parametrize(
    ("row", "largest"),
    [([0, np.inf], "inf"), ([-np.inf, -np.inf], "-inf"), ([np.nan, 0], "nan"), ([], "-inf")],
)
def test_softmax_refuses_a_row_without_a_finite_maximum(row, largest):
    message = f"^a row of z has maximum {largest}; expected finite$"
    with pytest.raises(ValueError, match=message):
        softmax(np.array(row))
    with pytest.raises(ValueError, match=message):
        softmax_vjp(np.array(row), np.zeros(len(row)))


def test_softmax_refuses_one_bad_row_among_good_ones():
    with pytest.raises(ValueError, match="maximum inf; expected finite"):
        softmax(np.array([[0.0, 1.0], [0.0, np.inf]]))


def test_softmax_refuses_a_single_number():
    with pytest.raises(ValueError, match=r"z has shape \(\); expected \(\.\.\., k\)"):
        softmax(np.array(1.0))


@entrywise
@pytest.mark.parametrize("wrong", [(2, 1), (3,), (), (1, 2, 3)])
def test_pullbacks_refuse_a_cotangent_that_would_broadcast(f, f_vjp, wrong):
    with pytest.raises(ValueError, match=r"y_bar has shape .*; expected \(\.\.\.\) with"):
        f_vjp(np.zeros((2, 3)), np.zeros(wrong))


@pytest.mark.parametrize(
    ("wrong", "rule"), [((2, 1), "with k = 3"), ((3,), r"with \.\.\. = \(2,\)"), ((2, 4), "k = 3")]
)
def test_softmax_pullback_refuses_a_cotangent_that_would_broadcast(wrong, rule):
    with pytest.raises(ValueError, match=rf"p_bar has shape .*; expected \(\.\.\., k\) .*{rule}"):
        softmax_vjp(np.zeros((2, 3)), np.zeros(wrong))
