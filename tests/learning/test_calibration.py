"""The laws of calibration, references, published numbers, hard input, refusals."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, special
from sklearn import calibration as peer
from sklearn.isotonic import IsotonicRegression, isotonic_regression
from sklearn.metrics import brier_score_loss

from mathforml.foundations.derivatives import derivative, gradient
from mathforml.learning._maps import surprise
from mathforml.learning.calibration import (
    brier_decomposition,
    brier_score,
    cost_threshold,
    expected_calibration_error,
    expected_cost,
    isotonic,
    isotonic_calibration,
    platt,
    reliability_curve,
    temperature,
)
from mathforml.learning.losses import binary_cross_entropy, cross_entropy

sizes = st.integers(1, 30)
numbers = sizes.flatmap(lambda n: arrays(float, n, elements=st.floats(-100, 100)))
few = sizes.flatmap(lambda n: arrays(float, n, elements=st.integers(-3, 3).map(float)))
weighted = sizes.flatmap(
    lambda n: st.tuples(
        arrays(float, n, elements=st.floats(-100, 100)),
        arrays(float, n, elements=st.floats(0.1, 10)),
    )
)
levels = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.8, 1.0])
forecasts = sizes.flatmap(
    lambda n: st.tuples(
        arrays(float, n, elements=levels), arrays(int, n, elements=st.integers(0, 1))
    )
)
seeds = st.integers(0, 2**32 - 1)


def shapes(n):
    """Return data of every shape that has slowed such an algorithm."""
    rng = np.random.default_rng(0)
    line = np.linspace(0, 1, n)
    return {
        "noise": rng.normal(size=n) + 3 * line,
        "binary": (rng.random(n) < line).astype(float),
        "ties": rng.integers(0, 5, n).astype(float),
        "decreasing": -line,
        "increasing": line,
        "increasing, then one huge drop": np.append(line[:-1], -1e6 * n),
        "a saw": np.tile([1.0, 0.0], n // 2) + line,
        "constant": np.ones(n),
    }


def scored(seed, n=80):
    """Return scores, and truths that follow them somewhat."""
    rng = np.random.default_rng(seed)
    s = rng.normal(size=n) * 3
    y = (rng.random(n) < special.expit(0.5 * s - 0.4)).astype(int)
    y[:2] = [0, 1]
    return s, y


# Laws


@given(numbers)
def test_isotonic_never_falls_and_keeps_the_mean(y):
    fit = isotonic(y)
    assert np.all(np.diff(fit) >= 0)
    assert fit.sum() == pytest.approx(y.sum(), abs=1e-9)
    assert fit.min() >= y.min() - 1e-12
    assert fit.max() <= y.max() + 1e-12


@given(weighted)
def test_isotonic_is_a_projection(pair):
    """Of an obtuse angle: the residual is square to the fit, and points away from the cone."""
    y, w = pair
    fit = isotonic(y, w)
    residual = w * (y - fit)
    assert residual @ fit == pytest.approx(0, abs=1e-7)
    assert np.all(np.cumsum(residual[::-1]) <= 1e-8)
    assert_allclose(isotonic(fit, w), fit, atol=1e-12)


@given(few, st.floats(-5, 5), st.floats(0.1, 5))
def test_isotonic_follows_shifts_and_positive_factors(y, shift, factor):
    assert_allclose(isotonic(factor * y + shift), factor * isotonic(y) + shift, atol=1e-12)


@given(few)
def test_turned_around_it_is_the_same_fit(y):
    assert_allclose(isotonic(-y[::-1]), -isotonic(y)[::-1], atol=1e-12)


@given(numbers)
def test_a_whole_weight_is_a_repeated_row(y):
    times = 1 + np.arange(len(y)) % 3
    repeated = isotonic(np.repeat(y, times))
    starts = np.cumsum(times) - times
    assert_allclose(isotonic(y, times), repeated[starts], atol=1e-10)


@given(seeds)
def test_the_fitted_map_never_falls_and_holds_every_score(seed):
    s, y = scored(seed)
    s = np.round(s)
    fit = isotonic_calibration(s, y)
    assert np.all(np.diff(fit.thresholds) > 0)
    assert np.all(np.diff(fit.values) >= 0)
    assert fit.values.min() >= 0
    assert fit.values.max() <= 1
    p = np.interp(s, *fit)
    assert p.mean() == pytest.approx(y.mean())
    assert brier_decomposition(p, y).reliability == pytest.approx(0, abs=1e-12)


@given(seeds, st.floats(0.1, 10), st.floats(-10, 10))
def test_platt_knows_no_unit_of_the_scores(seed, factor, shift):
    s, y = scored(seed)
    one, other = platt(s, y), platt(factor * s + shift, y)
    assert_allclose(
        other.slope * (factor * s + shift) + other.intercept,
        one.slope * s + one.intercept,
        atol=1e-7,
    )


@given(seeds)
def test_platt_exchanged_classes_exchange_the_sign(seed):
    s, y = scored(seed)
    assert_allclose(platt(s, 1 - y), -np.array(platt(s, y)), atol=1e-9)


@given(seeds, st.floats(0.1, 10))
def test_scores_twice_as_large_are_twice_as_hot(seed, factor):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(60, 3)) * 2
    y = np.argmax(Z + rng.gumbel(size=Z.shape) * 1.5, axis=1)
    tau = temperature(Z, y)
    assert temperature(factor * Z, y) == pytest.approx(factor * tau, rel=1e-9)
    assert temperature(Z + rng.normal(size=(60, 1)), y) == pytest.approx(tau, rel=1e-9)


@given(forecasts)
def test_brier_is_reliability_less_resolution_plus_uncertainty(pair):
    p, y = pair
    reliability, resolution, uncertainty = brier_decomposition(p, y)
    assert brier_score(p, y) == pytest.approx(reliability - resolution + uncertainty, abs=1e-12)
    assert min(reliability, resolution, uncertainty) >= 0
    assert resolution <= uncertainty + 1e-12


@given(forecasts, st.integers(1, 20))
def test_every_case_is_in_one_bin(pair, bins):
    p, y = pair
    edges, counts, predicted, positive = reliability_curve(p, y, bins)
    assert len(edges) == bins + 1
    assert len(counts) == len(predicted) == len(positive) == bins
    assert counts.sum() == len(p)
    full = counts > 0
    assert np.isnan(predicted[~full]).all()
    assert counts[full] @ predicted[full] == pytest.approx(p.sum())
    assert counts[full] @ positive[full] == pytest.approx(y.sum())
    assert np.all(predicted[full] >= edges[:-1][full] - 1e-12)
    assert np.all(predicted[full] <= edges[1:][full] + 1e-12)


@given(forecasts)
def test_coarser_bins_hide_error(pair):
    """Gaps of opposite sign cancel in a bin that holds both."""
    p, y = pair
    assert expected_calibration_error(p, y, 5) <= expected_calibration_error(p, y, 20) + 1e-12
    assert expected_calibration_error(p, y, 1) == pytest.approx(abs(p.mean() - y.mean()))


@given(forecasts, st.floats(0.01, 9), st.floats(0.01, 9))
def test_no_threshold_costs_less_than_a_calibrated_one(pair, fp, fn):
    """Replace each forecast by the share that came true at it; then the derived one is best."""
    p, y = pair
    for level in np.unique(p):
        p = np.where(p == level, y[pair[0] == level].mean(), p)
    best = expected_cost(p, y, cost_threshold(fp, fn), fp, fn)
    for t in [0.0, *np.unique(p), 1.1]:
        assert best <= expected_cost(p, y, t, fp, fn) + 1e-12


@given(st.floats(0, 100), st.floats(0.01, 100), st.floats(0.1, 10))
def test_the_threshold_knows_no_currency(fp, fn, rate):
    t = cost_threshold(fp, fn)
    assert 0 <= t <= 1
    assert cost_threshold(rate * fp, rate * fn) == pytest.approx(t)
    assert cost_threshold(fn, fp) == pytest.approx(1 - t)


def test_arguments_are_left_alone_and_integers_are_welcome(rng):
    s, y = rng.integers(-5, 5, 40), rng.integers(0, 2, 40)
    p = (s + 5) / 10
    Z = rng.integers(-2, 3, (40, 3))
    kept = [x.copy() for x in (s, y, p, Z)]
    isotonic(s, y + 1)
    isotonic_calibration(s, y)
    platt(s, y)
    temperature(Z, Z.argmax(axis=1) * (y == 0))
    for measure in (reliability_curve, expected_calibration_error, brier_score):
        measure(p, y)
    expected_cost(p, y, 0.5, 1, 2)
    for x, before in zip((s, y, p, Z), kept, strict=True):
        assert_array_equal(x, before)
    assert isotonic([1, 0]).dtype == float
    assert platt([0, 1, 2, 3], [0, 1, 0, 1]) == platt([0.0, 1, 2, 3], [False, True, False, True])


# References and published numbers


@pytest.mark.parametrize("name", shapes(10))
def test_isotonic_agrees_with_scikit_learn_on_every_shape(name):
    y = shapes(20_000)[name]
    theirs = isotonic_regression(y)
    assert_allclose(isotonic(y), theirs, atol=1e-12 * max(1, np.abs(theirs).max()))


@given(weighted)
def test_weighted_isotonic_agrees_with_scikit_learn(pair):
    y, w = pair
    assert_allclose(isotonic(y, w), isotonic_regression(y, sample_weight=w), atol=1e-10)


@given(seeds)
def test_the_calibration_map_agrees_with_scikit_learn(seed):
    s, y = scored(seed)
    s = np.round(s, 1)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(s, y)
    new = np.linspace(-12, 12, 97)
    assert_allclose(np.interp(new, *isotonic_calibration(s, y)), theirs.predict(new), atol=1e-12)


def test_isotonic_reproduces_an_example_of_isoreg():
    """R, stats::isoreg, of 1, 0, 4, 3, 3, 5, 4, 2, 0."""
    assert_allclose(isotonic([1, 0, 4, 3, 3, 5, 4, 2, 0]), [0.5, 0.5, *[3] * 7])


@given(seeds)
def test_platt_agrees_with_scikit_learn_and_with_a_general_optimizer(seed):
    s, y = scored(seed)
    slope, intercept = platt(s, y)
    a, b = peer._sigmoid_calibration(s, y)
    assert_allclose([slope, intercept], [-a, -b], rtol=1e-4, atol=1e-5)
    up, down = y.sum(), len(y) - y.sum()
    t = np.where(y == 1, (up + 1) / (up + 2), 1 / (down + 2))

    def loss(a):
        z = a[0] * s + a[1]
        return np.mean(np.logaddexp(0, z) - t * z)

    assert_allclose(gradient(loss, np.array([slope, intercept])), 0, atol=1e-8)


@given(seeds)
def test_temperature_agrees_with_a_general_optimizer(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(100, 4)) * 3
    y = np.argmax(Z + rng.gumbel(size=Z.shape) * 2, axis=1)
    tau = temperature(Z, y)

    def loss(log_tau):
        return cross_entropy(Z / math.exp(log_tau), y)

    found = optimize.minimize_scalar(loss, bounds=(-5, 5), options={"xatol": 1e-9})
    assert tau == pytest.approx(math.exp(found.x), rel=1e-6)
    assert derivative(loss, math.log(tau)) == pytest.approx(0, abs=1e-8)


@given(seeds, st.floats(0.05, 20))
def test_the_search_for_a_temperature_knows_slope_and_curvature(seed, cold):
    """A bent curvature would not move the end of the search, only slow it down."""
    rng = np.random.default_rng(seed)
    D = rng.uniform(-1, 1, size=(4, 30))
    D -= D[0]
    value, slope, curvature = surprise(cold, D)
    assert value == pytest.approx(cross_entropy(cold * D.T, np.zeros(30, dtype=int)), rel=1e-12)
    assert slope == pytest.approx(derivative(lambda c: surprise(c, D)[0], cold), abs=1e-8)
    assert curvature == pytest.approx(derivative(lambda c: surprise(c, D)[1], cold), abs=1e-8)


@given(forecasts)
def test_the_brier_score_agrees_with_scikit_learn(pair):
    p, y = pair
    assert brier_score(p, y) == pytest.approx(brier_score_loss(y, p), abs=1e-14)


@given(seeds)
def test_the_reliability_curve_agrees_with_scikit_learn_where_bins_are_full(seed):
    rng = np.random.default_rng(seed)
    p = np.round(rng.random(200), 2)
    y = (rng.random(200) < p).astype(int)
    _, counts, predicted, positive = reliability_curve(p, y, 8)
    theirs = peer.calibration_curve(y, p, n_bins=8)
    assert_allclose(positive[counts > 0], theirs[0], atol=1e-14)
    assert_allclose(predicted[counts > 0], theirs[1], atol=1e-14)


def test_five_forecasts_by_hand():
    p, y = [0.2, 0.2, 0.8, 0.8, 0.8], [0, 1, 1, 1, 0]
    reliability, resolution, uncertainty = brier_decomposition(p, y)
    assert reliability == pytest.approx((2 * 0.3**2 + 3 * (0.8 - 2 / 3) ** 2) / 5)
    assert resolution == pytest.approx((2 * 0.1**2 + 3 * (2 / 3 - 0.6) ** 2) / 5)
    assert uncertainty == pytest.approx(0.24)
    assert expected_calibration_error(p, y) == pytest.approx((2 * 0.3 + 3 * (0.8 - 2 / 3)) / 5)
    assert expected_cost(p, y, 0.5, 1, 10) == pytest.approx((1 + 10) / 5)
    assert expected_cost(p, y, 0.1, 1, 10) == pytest.approx(2 / 5)
    assert expected_cost(p, y, 1.1, 1, 10) == pytest.approx(30 / 5)


# Hard input


def test_isotonic_keeps_its_digits_at_an_offset_and_after_a_huge_drop():
    y = np.random.default_rng(0).integers(-1000, 1000, 5000) / 1024
    assert_allclose(isotonic(y + 2.0**27) - 2.0**27, isotonic(y), atol=1e-7)
    y = shapes(1000)["increasing, then one huge drop"]
    exact = float(sum(map(Fraction, y.tolist())) / 1000)
    assert_allclose(isotonic(y), exact, rtol=1e-14)


def test_isotonic_of_one_and_of_tiny_and_huge_weights():
    assert_array_equal(isotonic([5.0]), [5.0])
    assert_allclose(isotonic([1.0, 0.0], [1e12, 1e-12]), [1.0, 1.0])
    assert_allclose(isotonic([1.0, 0.0], [1e-12, 1e12]), [0.0, 0.0], atol=1e-20)


def test_equal_scores_share_a_probability():
    fit = isotonic_calibration([1, 1, 1, 1], [1, 0, 0, 0])
    assert_array_equal(fit.thresholds, [1])
    assert_array_equal(fit.values, [0.25])
    assert np.interp(99.0, *fit) == 0.25


def test_one_class_alone_has_a_map_and_no_sigmoid():
    assert_array_equal(np.interp([0, 9], *isotonic_calibration([1, 2], [1, 1])), 1)
    with pytest.raises(ValueError, match=r"^y holds only 1; expected both classes$"):
        platt([1.0, 2.0], [1, 1])


def test_platt_stays_finite_on_separable_scores():
    slope, intercept = platt([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    assert 0 < slope < 5
    assert intercept == pytest.approx(0, abs=1e-10)


def test_platt_of_equal_scores_is_the_share_drawn_inwards():
    slope, intercept = platt([0.1] * 10, [1] * 3 + [0] * 7)
    assert slope == 0
    inward = (3 * 4 / 5 + 7 / 9) / 10
    assert special.expit(intercept) == pytest.approx(inward)


def test_platt_survives_scores_of_a_thousand_an_offset_and_a_tiny_scale():
    s, y = scored(3)
    one = platt(s, y)
    assert platt(1e3 * s, y).slope == pytest.approx(one.slope / 1e3)
    assert platt(1e-6 * s, y).slope == pytest.approx(one.slope * 1e6)
    assert platt(s + 2.0**20, y).slope == pytest.approx(one.slope, rel=1e-7)
    wild = platt([-1e6, -1.0, 1.0, 1e6], [1, 0, 1, 0])
    assert all(map(math.isfinite, wild))


def test_temperature_survives_scores_of_a_thousand():
    Z = np.array([[1000.0, 0, -1000], [0, 1000, 0], [900, 1000, 0]])
    tau = temperature(Z, [0, 1, 0])
    assert derivative(lambda t: cross_entropy(Z / t, [0, 1, 0]), tau) == pytest.approx(0, abs=1e-9)


def test_bins_hold_their_upper_edge_and_the_first_holds_zero():
    edges = np.linspace(0, 1, 11)
    assert_array_equal(reliability_curve(edges, np.ones(11)).counts, [2] + [1] * 9)
    above = np.nextafter(edges[:-1], 2)
    assert_array_equal(reliability_curve(above, np.ones(10)).counts, np.ones(10))


def test_empty_bins_are_kept_without_a_warning():
    curve = reliability_curve([0.05, 0.95], [0, 1])
    assert_array_equal(curve.counts, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    assert np.isnan(curve.mean_predicted[1:9]).all()
    assert expected_calibration_error([0.05, 0.95], [0, 1]) == pytest.approx(0.05)


def test_the_base_rate_for_everybody_is_calibrated_and_useless():
    y = np.arange(100) < 7
    p = np.full(100, 0.07)
    assert expected_calibration_error(p, y) == pytest.approx(0, abs=1e-15)
    assert brier_decomposition(p, y).resolution == pytest.approx(0, abs=1e-15)


def test_a_sure_and_right_forecast_has_the_best_score():
    assert brier_score([0, 1, 1], [0, 1, 1]) == 0
    assert brier_score([1, 0], [0, 1]) == 1


def test_free_errors_move_the_threshold_to_an_end():
    assert cost_threshold(0, 5) == 0
    assert cost_threshold(5, 0) == 1


def test_calibrating_lowers_the_loss_of_an_overconfident_classifier():
    s, y = scored(0, 4000)
    a, c = platt(3 * s, y)
    assert binary_cross_entropy(a * 3 * s + c, y) < binary_cross_entropy(3 * s, y)


# Refusals


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: isotonic([]), "y is empty; expected at least one number"),
        (lambda: isotonic([[1.0]]), r"y has shape \(1, 1\); expected \(n,\)"),
        (lambda: isotonic([1, np.nan]), r"y\[1\] is nan; expected finite numbers"),
        (lambda: isotonic([1, 2], [1]), r"weights has shape \(1,\); expected \(n,\) with n = 2"),
        (lambda: isotonic([1, 2], [1, 0]), "the smallest weight is 0; expected positive weights"),
        (lambda: isotonic_calibration([1, 2], [0, 2]), "y contains 2; expected classes 0 and 1"),
        (lambda: platt([1, np.inf], [0, 1]), r"scores\[1\] is inf; expected finite numbers"),
        (lambda: platt([1, 2], [0, 1, 1]), r"y has shape \(3,\); expected \(n,\) with n = 2"),
        (lambda: temperature([[1, np.nan]], [0]), "Z is not finite; expected numbers"),
        (lambda: temperature([[1, 2]], [2]), "y contains 2; expected integers from 0 to k - 1 = 1"),
        (lambda: temperature(np.zeros((0, 2)), []), r"z has shape \(0, 2\); expected \(n, k\)"),
        (lambda: temperature([[1, 2]], [0]), "the scores are no better than a guess; expected"),
        (lambda: temperature([[1, 1]], [0]), "the scores are no better than a guess; expected"),
        (lambda: temperature([[2, 1], [1, 2]], [0, 1]), "every row's largest score is its true"),
        (lambda: brier_score([1.1], [1]), "p reaches from 1.1 to 1.1; expected probabilities"),
        (lambda: brier_score([0.1, 0.2], [1]), r"y has shape \(1,\); expected \(n,\) with n = 2"),
        (lambda: brier_decomposition([], []), "p is empty; expected at least one number"),
        (lambda: reliability_curve([0.1], [1], 0), "bins is 0; expected at least 1"),
        (lambda: cost_threshold(0, 0), "both costs are 0; expected at least one above"),
        (lambda: cost_threshold(-1, 1), "false_positive is -1; expected a number of at least 0"),
        (lambda: expected_cost([0.1], [1], 0.5, 1, np.inf), "false_negative is inf; expected"),
        (lambda: expected_cost([0.1], [1], np.nan, 1, 1), "threshold is nan; expected a number"),
    ],
)
def test_what_makes_no_sense_is_refused(call, said):
    with pytest.raises(ValueError, match=f"^{said}"):
        call()
