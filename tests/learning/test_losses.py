"""The laws of the losses, references, the derivatives, hard input, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics

from mathforml.foundations.derivatives import gradient
from mathforml.learning import losses
from mathforml.learning.losses import (
    absolute_error,
    absolute_error_grad,
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
    hinge,
    hinge_grad,
    huber,
    huber_grad,
    squared_error,
    squared_error_grad,
)

numbers = arrays(float, 6, elements=st.floats(-30, 30))
classes = arrays(int, 6, elements=st.integers(0, 1))
scores = arrays(float, (6, 4), elements=st.floats(-30, 30))
labels = arrays(int, 6, elements=st.integers(0, 3))

REGRESSION = [squared_error, absolute_error, huber]
BINARY = [hinge, binary_cross_entropy]


def grad_of(loss):
    return getattr(losses, f"{loss.__name__}_grad")


# Laws


@pytest.mark.parametrize("loss", REGRESSION)
@given(y_hat=numbers, y=numbers)
def test_no_residual_no_loss_and_never_less_than_none(loss, y_hat, y):
    assert loss(y, y) == 0
    assert loss(y_hat, y) >= 0


@pytest.mark.parametrize("loss", [*REGRESSION, *BINARY])
@given(z=numbers, y=classes)
def test_repeating_the_data_leaves_the_mean_and_halves_the_gradient(loss, z, y):
    """A sum in place of the mean would fail here."""
    assert_allclose(loss(np.tile(z, 2), np.tile(y, 2)), loss(z, y), rtol=1e-12)
    twice = grad_of(loss)(np.tile(z, 2), np.tile(y, 2))
    assert_allclose(twice, np.tile(grad_of(loss)(z, y), 2) / 2, rtol=1e-12)


@given(numbers, numbers, st.floats(0.1, 5))
def test_huber_lies_below_both_its_neighbors(y_hat, y, delta):
    assert huber(y_hat, y, delta) <= squared_error(y_hat, y) / 2 + 1e-9
    assert huber(y_hat, y, delta) <= delta * absolute_error(y_hat, y) + 1e-9


@given(numbers, classes)
def test_hinge_and_cross_entropy_bound_the_error_rate(z, y):
    wrong = np.mean((z > 0) != (y == 1))
    assert hinge(z, y) >= wrong - 1e-12
    assert binary_cross_entropy(z, y) / math.log(2) >= wrong - 1e-12


@given(numbers, classes)
def test_changing_sides_changes_nothing(z, y):
    assert_allclose(binary_cross_entropy(-z, 1 - y), binary_cross_entropy(z, y), rtol=1e-12)
    assert_allclose(hinge(-z, 1 - y), hinge(z, y), rtol=1e-12)


@given(scores, labels, st.floats(-50, 50))
def test_cross_entropy_ignores_a_common_shift(z, y, shift):
    assert_allclose(cross_entropy(z + shift, y), cross_entropy(z, y), rtol=1e-9, atol=1e-12)
    assert_allclose(cross_entropy_grad(z, y).sum(axis=1), 0, atol=1e-15)


@given(numbers, classes)
def test_two_classes_are_the_binary_case(z, y):
    pairs = np.stack([np.zeros_like(z), z], axis=1)
    assert_allclose(cross_entropy(pairs, y), binary_cross_entropy(z, y), rtol=1e-12)
    assert_allclose(cross_entropy_grad(pairs, y)[:, 1], binary_cross_entropy_grad(z, y), rtol=1e-12)


def test_the_mean_and_the_median_minimize_their_losses(rng):
    y = rng.normal(size=9)
    for loss, center in ((squared_error, y.mean()), (absolute_error, np.median(y))):
        best = loss(np.full(9, center), y)
        assert all(loss(np.full(9, center + step), y) > best for step in (-0.1, 0.1))


# References


@given(numbers, numbers)
def test_regression_losses_agree_with_scikit_learn(y_hat, y):
    assert_allclose(squared_error(y_hat, y), metrics.mean_squared_error(y, y_hat), rtol=1e-12)
    assert_allclose(absolute_error(y_hat, y), metrics.mean_absolute_error(y, y_hat), rtol=1e-12)


@given(numbers)
def test_hinge_agrees_with_scikit_learn(z):
    y = np.arange(6) % 2
    assert_allclose(hinge(z, y), metrics.hinge_loss(y, z), rtol=1e-12)


@given(scores)
def test_cross_entropy_agrees_with_scikit_learn(z):
    y = np.arange(6) % 4
    z = z / 10  # scikit-learn takes probabilities, and clips them
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert_allclose(cross_entropy(z, y), metrics.log_loss(y, p), rtol=1e-10)


# Published numbers


def test_cross_entropy_of_certain_and_wrong_is_the_difference_of_scores():
    """Scores 1000, 0, -1000 with the last class true: the loss is 2000."""
    assert cross_entropy(np.array([[1000.0, 0.0, -1000.0]]), [2]) == 2000


def test_ignorance_costs_the_logarithm_of_the_number_of_classes():
    assert_allclose(cross_entropy(np.zeros((5, 10)), np.arange(5)), math.log(10), rtol=1e-15)
    assert_allclose(binary_cross_entropy(np.zeros(3), [0, 1, 1]), math.log(2), rtol=1e-15)


# Derivatives


@pytest.mark.parametrize("loss", [*REGRESSION, *BINARY])
def test_gradients_agree_with_differences(loss, rng):
    z, y = rng.normal(0, 2, size=7), np.arange(7) % 2
    assert_allclose(grad_of(loss)(z, y), gradient(lambda z: loss(z, y), z), rtol=1e-7, atol=1e-9)


def test_the_gradient_of_cross_entropy_agrees_with_differences(rng):
    z, y = rng.normal(size=(5, 4)), np.array([3, 0, 0, 1, 2])
    expected = gradient(lambda z: cross_entropy(z, y), z)
    assert_allclose(cross_entropy_grad(z, y), expected, rtol=1e-7, atol=1e-9)


def test_at_a_kink_the_gradient_is_zero():
    assert_array_equal(absolute_error_grad(np.ones(2), np.ones(2)), [0, 0])
    assert_array_equal(hinge_grad(np.array([1.0, -1.0]), [1, 0]), [0, 0])


def test_huber_has_no_kink():
    y = np.zeros(1)
    for side in (-1.0, 1.0):
        below, above = (huber_grad(np.array([side * r]), y, 1.0) for r in (1 - 1e-9, 1 + 1e-9))
        assert_allclose(below, above, atol=1e-8)


# Hard input


def test_scores_of_a_thousand_are_safe():
    z, y = np.array([1000.0, -1000.0, 1000.0, -1000.0]), [1, 0, 0, 1]
    assert binary_cross_entropy(z, y) == 500
    assert_array_equal(binary_cross_entropy_grad(z, y), [0, 0, 0.25, -0.25])
    assert hinge(z, y) == 500.5


def test_a_small_loss_keeps_its_digits():
    assert_allclose(binary_cross_entropy(np.array([50.0]), [1]), math.exp(-50), rtol=1e-12)
    assert_allclose(binary_cross_entropy_grad(np.array([50.0]), [1]), -math.exp(-50), rtol=1e-12)
    z = np.array([[1000.0, 950.0]])
    assert_allclose(cross_entropy(z, [0]), math.exp(-50), rtol=1e-12)
    assert_allclose(cross_entropy_grad(z, [0]), [[-math.exp(-50), math.exp(-50)]], rtol=1e-12)


def test_a_class_may_be_ruled_out_unless_it_is_true():
    z = np.array([[0.0, -np.inf, 0.0]])
    assert_allclose(cross_entropy(z, [0]), math.log(2), rtol=1e-15)
    assert_allclose(cross_entropy_grad(z, [0]), [[-0.5, 0, 0.5]], rtol=1e-15)
    assert cross_entropy(z, [1]) == np.inf


def test_rows_are_averaged_and_their_entries_added(rng):
    y_hat, y = rng.normal(size=(2, 4, 3))
    assert_allclose(squared_error(y_hat, y), np.sum((y_hat - y) ** 2, axis=1).mean())
    assert_allclose(squared_error_grad(y_hat, y), gradient(lambda a: squared_error(a, y), y_hat))


def test_integers_are_accepted_and_arguments_left_alone():
    z, y = np.array([[1, 2, 0], [0, 0, 1]]), np.array([0, 2])
    copies = z.copy(), y.copy()
    assert cross_entropy_grad(z, y).dtype == float
    assert squared_error_grad(y, y[::-1]).dtype == float
    for loss in (*REGRESSION, *BINARY):
        loss(z[:, 0], z[:, 0]), grad_of(loss)(z[:, 0], z[:, 0])
    assert_array_equal(z, copies[0])
    assert_array_equal(y, copies[1])


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: squared_error(np.ones((3, 1)), np.ones(3)), r"y has shape \(3,\); expected"),
        (lambda: squared_error([], []), r"y_hat has shape \(0,\); .* at least one row"),
        (lambda: absolute_error([np.nan], [1]), r"y_hat - y contains NaN"),
        (lambda: huber([1], [2], delta=0), r"delta is 0; expected a positive number"),
        (lambda: hinge([1.0, 2.0], [-1, 1]), r"y contains -1; expected classes 0 and 1"),
        (lambda: binary_cross_entropy([1.0], [0.5]), r"y contains 0.5; expected classes 0 and 1"),
        (lambda: binary_cross_entropy([np.nan], [1]), r"z contains NaN"),
        (lambda: binary_cross_entropy([], []), r"z has shape \(0,\)"),
        (lambda: cross_entropy(np.ones((2, 3)), [0, 3]), r"y contains 3; .* k - 1 = 2"),
        (lambda: cross_entropy(np.ones((2, 3)), [0, 0.5]), r"y contains 0.5; expected integers"),
        (lambda: cross_entropy(np.ones((2, 3)), [0]), r"y has shape \(1,\); .* with n = 2"),
        (lambda: cross_entropy(np.full((1, 2), -np.inf), [0]), r"rules out every class of a row"),
        (lambda: cross_entropy([[0.0, np.inf]], [1]), r"^z contains inf; expected finite"),
        (lambda: cross_entropy_grad([[0.0, np.inf]], [1]), r"^z contains inf; expected finite"),
        (lambda: cross_entropy(np.ones((0, 3)), []), r"z has shape \(0, 3\)"),
    ],
)
def test_nonsense_is_refused_with_a_fact_and_a_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
