"""The laws of the classifiers, references, derivatives, hard input, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special
from sklearn.linear_model import LogisticRegression

from mathforml.foundations.derivatives import gradient
from mathforml.learning.classification import logistic_regression, softmax_regression
from mathforml.learning.losses import binary_cross_entropy, cross_entropy

SEPARABLE = (
    "^the classes are separable by a plane, so larger weights are always better; "
    "expected classes that overlap, or a penalty above 0$"
)
penalties = pytest.mark.parametrize("penalty", [0.0, 1e-3, 1.0])
seeds = st.integers(0, 2**32 - 1)


def two_classes(seed, n=60, d=3):
    """Return rows whose classes follow a logistic law, so that they overlap."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = (rng.random(n) < special.expit(X @ rng.normal(size=d) - 0.3)).astype(int)
    y[:4] = [0, 1, 0, 1]
    X[:4] = np.array([[1], [1], [-1], [-1]]) * X[0]  # the first two disagree, and the next two
    return X, y


def many_classes(seed, n=90, d=3, k=4):
    """Return rows with k classes that overlap."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    y = np.argmax(X @ rng.normal(size=(d, k)) + rng.gumbel(size=(n, k)), axis=1)
    y[: 2 * k] = np.tile(np.arange(k), 2)
    X[: 2 * k] = np.repeat(X[:2], k, axis=0)  # the same row, in every class
    return X, y


def objective(X, y, w, b, penalty):
    return binary_cross_entropy(X @ w + b, y) + penalty / 2 * w @ w


def peer(X, y, penalty):
    strength = math.inf if penalty == 0 else 1 / (len(y) * penalty)
    return LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-13).fit(X, y)


# Laws


@penalties
@given(seed=seeds)
def test_no_direction_leads_down_from_the_fit(penalty, seed):
    X, y = two_classes(seed)
    fit = logistic_regression(X, y, penalty)
    slope = gradient(lambda t: objective(X, y, t[:3], t[3], penalty), np.append(fit.w, fit.b))
    assert_allclose(slope, 0, atol=1e-8)
    assert fit.loss == pytest.approx(objective(X, y, fit.w, fit.b, penalty), rel=1e-13)


@given(seeds)
def test_the_mean_probability_is_the_base_rate(seed):
    """The intercept is free, so the residuals sum to zero; without a penalty, in every column."""
    X, y = two_classes(seed)
    for penalty in (0.0, 0.5):
        fit = logistic_regression(X, y, penalty)
        assert special.expit(X @ fit.w + fit.b).mean() == pytest.approx(y.mean(), abs=1e-12)
    fit = logistic_regression(X, y)
    assert_allclose(X.T @ (special.expit(X @ fit.w + fit.b) - y), 0, atol=1e-9)


@penalties
@given(seed=seeds)
def test_two_classes_exchanged_exchange_the_sign(penalty, seed):
    X, y = two_classes(seed)
    one, other = logistic_regression(X, y, penalty), logistic_regression(X, 1 - y, penalty)
    assert_allclose(other.w, -one.w, atol=1e-10)
    assert other.b == pytest.approx(-one.b, abs=1e-10)


@given(seeds)
def test_units_and_offsets_do_not_matter_without_a_penalty(seed):
    X, y = two_classes(seed)
    unit = np.array([1e-6, 1.0, 1e6])
    one, other = logistic_regression(X, y), logistic_regression(X * unit + 3 * unit, y)
    assert_allclose(other.w * unit, one.w, rtol=1e-8, atol=1e-10)
    assert other.loss == pytest.approx(one.loss, rel=1e-12)


@given(seeds)
def test_rows_in_another_order_and_twice_as_many_fit_alike(seed):
    X, y = two_classes(seed)
    one = logistic_regression(X, y, 0.1)
    other = logistic_regression(np.vstack([X[::-1], X]), np.append(y[::-1], y), 0.1)
    assert_allclose(other.w, one.w, atol=1e-10)
    assert other.loss == pytest.approx(one.loss, rel=1e-12)


@given(seeds)
def test_a_larger_penalty_shrinks_the_weights(seed):
    X, y = two_classes(seed)
    fits = [logistic_regression(X, y, penalty) for penalty in (0.0, 0.01, 0.1, 1.0)]
    assert np.all(np.diff([fit.w @ fit.w for fit in fits]) <= 1e-12)
    assert np.all(np.diff([fit.loss for fit in fits]) >= -1e-12)


@penalties
@given(seed=seeds)
def test_no_direction_leads_down_from_the_fit_of_many_classes(penalty, seed):
    X, y = many_classes(seed)
    W, b, loss, _ = softmax_regression(X, y, 4, penalty)
    assert_allclose([W.sum(axis=1).max(), W.sum(axis=1).min(), b.sum()], 0, atol=1e-12)
    P = special.softmax(X @ W + b, axis=1) - np.eye(4)[y]
    assert_allclose(X.T @ P / len(y) + penalty * W, 0, atol=1e-7)
    assert_allclose(P.sum(axis=0) / len(y), 0, atol=1e-7)
    assert loss == pytest.approx(cross_entropy(X @ W + b, y) + penalty / 2 * np.sum(W**2))


@penalties
@given(seed=seeds)
def test_softmax_of_two_classes_is_logistic_regression(penalty, seed):
    """The difference of the two columns is w; half of its square is the sum of theirs."""
    X, y = two_classes(seed)
    fit, soft = logistic_regression(X, y, penalty / 2), softmax_regression(X, y, 2, penalty)
    assert_allclose(soft.W[:, 1] - soft.W[:, 0], fit.w, atol=1e-6)
    assert soft.b[1] - soft.b[0] == pytest.approx(fit.b, abs=1e-6)
    assert soft.loss == pytest.approx(fit.loss, rel=1e-10)


def test_arguments_are_left_alone_and_integers_are_welcome():
    X, y = np.array([[0, 1], [2, 0], [1, 5]] * 2 + [[3, 3]]), np.array([0, 0, 0, 1, 1, 1, 1])
    before = X.copy(), y.copy()
    for fit in (logistic_regression(X, y), softmax_regression(X, y, 2)):
        assert all(np.asarray(part).dtype == np.float64 for part in fit[:3])
    assert_array_equal(X, before[0])
    assert_array_equal(y, before[1])
    lists = logistic_regression(X.tolist(), y.tolist())
    assert_array_equal(lists.w, logistic_regression(X, y).w)


# References and published numbers


@penalties
@pytest.mark.parametrize(("n", "d"), [(200, 1), (500, 8), (60, 20)])
def test_logistic_regression_agrees_with_scikit_learn(penalty, n, d, rng):
    X = rng.normal(size=(n, d))
    y = (rng.random(n) < special.expit(X[:, 0] - 1)).astype(int)
    if n == 60 and penalty == 0:
        y = rng.permutation(np.arange(n) % 2)
    theirs, ours = peer(X, y, penalty), logistic_regression(X, y, penalty)
    assert_allclose(ours.w, theirs.coef_[0], rtol=1e-8, atol=1e-10)
    assert ours.b == pytest.approx(theirs.intercept_[0], rel=1e-8)
    assert ours.iterations < 12


@penalties
def test_softmax_regression_agrees_with_scikit_learn(penalty, rng):
    X = rng.normal(size=(500, 6))
    y = np.argmax(X @ rng.normal(size=(6, 5)) + rng.gumbel(size=(500, 5)), axis=1)
    theirs, ours = peer(X, y, penalty), softmax_regression(X, y, 5, penalty)
    wanted = theirs.coef_.T - theirs.coef_.mean(axis=0)[:, None]
    assert_allclose(ours.W, wanted, atol=1e-7)
    assert_allclose(ours.b, theirs.intercept_ - theirs.intercept_.mean(), atol=1e-7)


def test_one_yes_or_no_feature_has_a_fit_by_hand():
    """Of the rows without it, 1 in 4 are positive, with it 3 in 4: log-odds -log 3 and log 3."""
    X, y = np.repeat([[0], [1]], 4, axis=0), [1, 0, 0, 0, 1, 1, 1, 0]
    w, b, loss, _ = logistic_regression(X, y)
    assert_allclose([w[0], b], [2 * math.log(3), -math.log(3)], rtol=1e-12)
    assert loss == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))


def test_the_launches_before_the_last_reproduce_the_printed_fit():
    """Sneddon's notes (Memorial University), R's glm: 10.87535, -0.17132; deviance 23.03."""
    failed = [53, 56, 57, 70, 70, 70, 75]
    fine = [63, 66, 67, 67, 67, 68, 69, 70, 72, 73, 75, 76, 76, 78, 79, 80, 81]
    X, y = np.array([failed + fine]).T, [1] * len(failed) + [0] * len(fine)
    w, b, loss, _ = logistic_regression(X, y)
    assert_allclose([b, w[0]], [10.87535, -0.17132], atol=5e-6)
    assert 2 * len(y) * loss == pytest.approx(23.03, abs=5e-3)


def test_without_features_only_the_base_rates_are_left():
    nothing = np.zeros((8, 0))
    assert logistic_regression(nothing, [1, 0, 0, 0] * 2).b == pytest.approx(-math.log(3))
    b = softmax_regression(nothing, [0, 1, 1, 2, 2, 2, 2, 2], 3).b
    assert_allclose(b - b[0], np.log([1, 2, 5]), atol=1e-8)


# Hard input


def test_an_offset_of_a_hundred_million_costs_no_more_than_its_rounding():
    X, y = two_classes(0)
    X = np.round(X * 2**20) / 2**20  # so that the offset rounds nothing away
    one, other = logistic_regression(X, y), logistic_regression(X + 2.0**26, y)
    assert_allclose(other.w, one.w, rtol=1e-7)


def test_scales_of_a_millionth_and_of_the_smallest_floats():
    X, y = two_classes(1)
    one = logistic_regression(X, y)
    for unit in (1e-6, 1e-200, 1e200):
        assert_allclose(logistic_regression(X * unit, y).w * unit, one.w, rtol=1e-9)
    soft = softmax_regression(X, y, 2)
    assert_allclose(softmax_regression(X * 1e-6, y, 2).W * 1e-6, soft.W, rtol=1e-6)


def test_a_penalty_weighs_on_the_weights_as_given_whatever_the_unit():
    X, y = two_classes(2)
    X = X * np.array([1e-6, 1.0, 1e4])
    assert_allclose(
        logistic_regression(X, y, 0.1).w, peer(X, y, 0.1).coef_[0], rtol=1e-6, atol=1e-14
    )


def test_columns_that_repeat_share_a_weight_and_constant_ones_get_none():
    X, y = two_classes(3)
    one = logistic_regression(X, y)
    other = logistic_regression(np.column_stack([X, X[:, 0], np.full(len(y), 0.1)]), y)
    assert_allclose(other.w[[0, 3]], one.w[0] / 2, rtol=1e-10)
    assert other.w[4] == pytest.approx(0, abs=1e-15)
    assert other.loss == pytest.approx(one.loss, rel=1e-13)


def test_one_positive_among_many_is_fitted():
    X, y = np.arange(2000.0)[:, None] % 7, np.zeros(2000)
    y[[3, 5]] = 1
    fit = logistic_regression(X, y)
    assert special.expit(X @ fit.w + fit.b).sum() == pytest.approx(2, rel=1e-9)


def test_one_contradiction_in_a_million_is_no_separation():
    """One row of a million speaks against; the log-odds are those of its frequency."""
    X, y = np.repeat([[0.0], [1.0]], 500_000, axis=0), np.repeat([0, 1], 500_000)
    y[[0, -1]] = [1, 0]
    fit = logistic_regression(X, y)
    assert fit.w[0] == pytest.approx(2 * math.log(499_999), rel=1e-9)


@pytest.mark.parametrize("penalty", [1e-12, 1e-6, 1.0])
def test_a_penalty_makes_separable_classes_fit(penalty):
    X, y = np.array([[-2.0], [-1.0], [1.0], [3.0]]), np.array([0, 0, 1, 1])
    w, b, loss, _ = logistic_regression(X, y, penalty)
    step = 1e-3 * w
    assert loss <= min(objective(X, y, w + step, b, penalty), objective(X, y, w - step, b, penalty))
    soft = softmax_regression(X, y, 2, 2 * penalty)
    assert soft.loss == pytest.approx(loss, rel=1e-6, abs=1e-8)


def test_more_columns_than_rows_fit_under_a_penalty(rng):
    X, y = rng.normal(size=(20, 50)), np.arange(20) % 2
    assert_allclose(
        logistic_regression(X, y, 0.1).w, peer(X, y, 0.1).coef_[0], rtol=1e-7, atol=1e-9
    )


# Refusals


@pytest.mark.parametrize("fit", [logistic_regression, lambda X, y: softmax_regression(X, y, 2)])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([-2, -1, 1, 2], [0, 0, 1, 1]),
        ([1, 2, 3, 4], [1, 1, 1, 0]),
        ([0, 0, 0, 1], [0, 1, 0, 1]),  # only x = 1 is sure, the rest overlaps
        ([0, 1, 1, 2], [0, 0, 1, 1]),  # they touch at one point
        (np.r_[np.tile([0.0, 1.0], 5000), 2.0], np.r_[np.tile([0, 1, 1, 0], 2500), 1]),
    ],
)
def test_separable_classes_are_refused(fit, x, y):
    if len(y) > 10:  # a column of its own says yes for one row
        x = np.column_stack([x, np.asarray(x) == 2])
    with pytest.raises(ValueError, match=SEPARABLE):
        fit(np.reshape(np.asarray(x, dtype=float), (len(y), -1)), y)


@given(seeds)
def test_separable_classes_are_refused_in_any_unit_and_place(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 2)) * [1e-3, 1e5] + [7, 1e6]
    score = X @ [1e3, 1e-5]
    y = (score > np.median(score)).astype(int)
    for fit in (logistic_regression, lambda X, y: softmax_regression(X, y, 2)):
        with pytest.raises(ValueError, match=SEPARABLE):
            fit(X, y)


def test_one_class_that_stands_apart_among_many_is_refused(rng):
    X, y = many_classes(0)
    with pytest.raises(ValueError, match=SEPARABLE):
        softmax_regression(np.vstack([X, X[:9] + 100]), np.append(y, np.full(9, 4)), 5)
    assert softmax_regression(np.vstack([X, X[:9] + 100]), np.append(y, np.full(9, 4)), 5, 0.1)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_one_class_alone_is_refused(penalty):
    with pytest.raises(ValueError, match=r"^y has no row of class 0; expected all of 0 to 1$"):
        logistic_regression(np.ones((3, 1)), [1, 1, 1], penalty)
    with pytest.raises(ValueError, match=r"^y has no row of class 1; expected all of 0 to 2$"):
        softmax_regression(np.ones((3, 1)), [0, 2, 2], 3, penalty)


@pytest.mark.parametrize(
    ("X", "y", "penalty", "said"),
    [
        (np.ones(3), [0, 1, 1], 0, r"X has shape \(3,\); expected \(n, d\)"),
        (np.ones((3, 1)), [0, 1], 0, r"y has shape \(2,\); expected \(n,\) with n = 3"),
        (np.ones((3, 1)), [[0], [1], [1]], 0, r"y has shape \(3, 1\); expected \(n,\)"),
        (np.ones((2, 1)), [0, 0.5], 0, "y contains 0.5; expected integers from 0 to 1"),
        (np.ones((2, 1)), [-1, 1], 0, "y contains -1; expected integers from 0 to 1"),
        (np.ones((2, 1)), [0, np.nan], 0, "y contains nan; expected integers from 0 to 1"),
        ([[np.nan], [1]], [0, 1], 0, "X is not finite; expected numbers"),
        (np.ones((2, 1)), [0, 1], -1, "penalty is -1; expected a number of at least 0"),
        (np.ones((2, 1)), [0, 1], np.nan, "penalty is nan; expected a number of at least 0"),
        (np.zeros((0, 1)), [], 0, "y has no row of class 0; expected all of 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(X, y, penalty, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        logistic_regression(X, y, penalty)
    with pytest.raises(ValueError, match=f"^{said}"):
        softmax_regression(X, y, 2, penalty)


def test_fewer_than_two_classes_are_refused():
    with pytest.raises(ValueError, match="k is 1; expected at least 2 classes"):
        softmax_regression(np.ones((3, 1)), [0, 0, 0], 1)
