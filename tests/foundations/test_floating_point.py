"""The laws of exact sums and moments, references, published numbers, hard input, refusals."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special, stats

from mathforml.foundations.floating_point import (
    Moments,
    compensated_sum,
    correlation,
    log_sum_exp,
    mean_and_variance,
    merge_moments,
    two_sum,
)

numbers = st.floats(-1e6, 1e6)
samples = arrays(float, st.integers(2, 40), elements=st.integers(-1000, 1000).map(float))
scores = arrays(float, (3, 5), elements=st.floats(-700, 700))


def exact_moments(x):
    """Compute mean and variance in rational arithmetic, which rounds once, at the end."""
    x = [Fraction(float(number)) for number in x]
    mean = sum(x) / len(x)
    return float(mean), float(sum((number - mean) ** 2 for number in x) / (len(x) - 1))


# Laws


@given(samples, st.floats(-1e3, 1e3))
def test_a_shift_moves_the_mean_and_leaves_the_variance(x, shift):
    before, after = mean_and_variance(x), mean_and_variance(x + shift)
    assert_allclose(after.mean, before.mean + shift, atol=1e-9)
    assert_allclose(after.variance, before.variance, rtol=1e-9, atol=1e-9)


@given(samples, samples)
def test_moments_of_parts_merge_to_moments_of_the_whole(x, y):
    merged = merge_moments(mean_and_variance(x), mean_and_variance(y))
    whole = mean_and_variance(np.concatenate([x, y]))
    assert_allclose(merged, whole, rtol=1e-12, atol=1e-12)


@given(samples)
def test_one_number_at_a_time_gives_the_same_moments(x):
    moments = Moments(float(x[0]), 0.0, 1)
    for number in x[1:]:
        moments = merge_moments(moments, Moments(float(number), 0.0, 1))
    assert_allclose(moments, mean_and_variance(x), rtol=1e-12, atol=1e-12)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))
def test_a_sum_and_its_error_lose_nothing(a, b):
    total, error = two_sum(a, b)
    assert Fraction(float(total)) + Fraction(float(error)) == Fraction(a) + Fraction(b)


@given(scores, st.floats(-100, 100))
def test_log_sum_exp_moves_with_a_common_shift(z, shift):
    assert_allclose(log_sum_exp(z + shift), log_sum_exp(z) + shift, rtol=1e-12, atol=1e-11)


@given(scores)
def test_log_sum_exp_lies_between_the_maximum_and_log_k_above_it(z):
    rise = log_sum_exp(z) - z.max(axis=-1)
    assert np.all(rise >= 0)
    assert np.all(rise <= np.log(5) + 1e-12)


@given(samples, st.floats(0.01, 100), st.floats(-100, 100))
def test_correlation_ignores_units(x, scale, shift):
    y = np.cos(x) + x / 500
    if np.ptp(x) > 0 and np.ptp(y) > 0:
        assert_allclose(correlation(scale * x + shift, -y), -correlation(x, y), atol=1e-9)


def test_correlation_of_a_line_is_one(rng):
    x = rng.normal(size=50)
    assert_allclose(correlation(x, 3 * x - 7), 1, rtol=1e-15)


# References


@given(samples)
def test_moments_agree_with_rational_arithmetic(x):
    x = x + 1e8
    moments = mean_and_variance(x)
    assert_allclose((moments.mean, moments.variance), exact_moments(x), rtol=4e-16 * 8)


@given(scores)
def test_log_sum_exp_agrees_with_scipy(z):
    assert_allclose(log_sum_exp(z), special.logsumexp(z, axis=-1), rtol=1e-14, atol=1e-15)
    assert_allclose(log_sum_exp(z, axis=0), special.logsumexp(z, axis=0), rtol=1e-14, atol=1e-15)


def test_correlation_agrees_with_scipy(rng):
    x = rng.normal(size=(2, 30))
    assert_allclose(correlation(*x), stats.pearsonr(*x).statistic, rtol=1e-13)


@given(arrays(float, st.integers(0, 200), elements=numbers))
def test_compensated_sum_agrees_with_the_exact_sum(x):
    x = np.concatenate([x, -x * (1 + 1e-12), [1e-3]])
    assert_allclose(compensated_sum(x), math.fsum(x), rtol=1e-15)


# Published numbers


def test_standard_deviation_of_numacc4_is_a_tenth():
    """NIST Statistical Reference Datasets, NumAcc4: 1001 numbers near ten million.

    The data themselves are rounded to about 2e-9, hence the tolerance.
    """
    x = np.concatenate([[10000000.2], np.tile([10000000.1, 10000000.3], 500)])
    moments = mean_and_variance(x)
    assert_allclose(moments.mean, 10000000.2, rtol=1e-15)
    assert_allclose(np.sqrt(moments.variance), 0.1, rtol=1e-8)


@pytest.mark.parametrize("set_", [0, 1, 2, 3])
def test_the_four_sets_of_anscombe_look_alike_in_numbers(set_):
    """F. J. Anscombe's quartet: y = 3.00 + 0.500 x, r = 0.816, four times."""
    x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    x = ([x] * 3 + [[8] * 7 + [19] + [8] * 3])[set_]
    y = [
        [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
        [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74],
        [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73],
        [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89],
    ][set_]
    r = correlation(x, y)
    of_x, of_y = mean_and_variance(x), mean_and_variance(y)
    slope = r * np.sqrt(of_y.variance / of_x.variance)
    assert r == pytest.approx(0.816, abs=1e-3)
    assert slope == pytest.approx(0.500, abs=1e-3)
    assert of_y.mean - slope * of_x.mean == pytest.approx(3.00, abs=5e-3)


# Hard input


def test_variance_survives_an_enormous_mean(rng):
    x = np.round(rng.normal(size=100) * 2**10) / 2**10 + 2.0**40
    assert_allclose(mean_and_variance(x).variance, exact_moments(x)[1], rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_moments_and_correlation_survive_any_scale(scale, rng):
    x, y = rng.normal(size=(2, 20))
    assert_allclose(mean_and_variance(scale * x).mean, scale * mean_and_variance(x).mean)
    assert_allclose(correlation(scale * x, y / scale), correlation(x, y), rtol=1e-12)


def test_the_variance_of_one_number_is_zero():
    assert mean_and_variance([3.0]) == (3.0, 0.0, 1)


def test_log_sum_exp_survives_enormous_scores():
    z = np.array([[1000.0, 1000.0], [-1000.0, -1000.0], [1e308, -1e308]])
    assert_allclose(log_sum_exp(z), [1000 + np.log(2), -1000 + np.log(2), 1e308], rtol=1e-15)


def test_log_sum_exp_keeps_a_small_rest():
    assert_allclose(log_sum_exp(np.array([0.0, -50.0])), np.exp(-50.0), rtol=1e-15)


def test_infinite_scores_mean_what_they_say():
    z = np.array([[-np.inf, -np.inf], [-np.inf, 3.0], [np.inf, 0.0], [np.inf, -np.inf]])
    assert_array_equal(log_sum_exp(z), [-np.inf, 3.0, np.inf, np.inf])
    assert np.isnan(log_sum_exp(np.array([np.nan, 1.0])))


def test_a_small_number_between_enormous_ones_is_not_lost():
    assert compensated_sum([1.0, 1e100, 1.0, -1e100]) == 2.0
    assert compensated_sum([]) == 0.0


def test_integers_are_accepted_and_arguments_left_alone(rng):
    x, z = rng.normal(size=9), rng.normal(size=(2, 3))
    copies = x.copy(), z.copy()
    for f in (mean_and_variance, compensated_sum, log_sum_exp):
        f(x)
    log_sum_exp(z)
    correlation(x, x[::-1])
    assert_array_equal(x, copies[0])
    assert_array_equal(z, copies[1])
    assert mean_and_variance(np.arange(5)) == (2.0, 2.5, 5)
    assert log_sum_exp(np.zeros(2, dtype=int)) == np.log(2)


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_and_variance([]), r"x has shape \(0,\); expected \(n,\) with n at least 1"),
        (lambda: mean_and_variance(np.ones((2, 2))), r"x has shape \(2, 2\); expected \(n,\)"),
        (lambda: mean_and_variance([1, np.nan]), r"x\[1\] is nan; expected finite numbers"),
        (lambda: mean_and_variance([1e200, -1e200]), r"beyond the largest float64"),
        (lambda: correlation([1, 1, 1], [1, 2, 3]), r"x is constant; a correlation needs"),
        (lambda: correlation([1, 2, 3], [7, 7, 7]), r"y is constant; a correlation needs"),
        (lambda: correlation([1], [2]), r"x has 1 entry; a correlation needs at least 2"),
        (lambda: correlation([1, 2], [1, 2, 3]), r"y has shape \(3,\); .* with n = 2"),
        (lambda: log_sum_exp(np.zeros((2, 0))), r"z has shape \(2, 0\); expected at least one"),
        (lambda: log_sum_exp(1.0), r"z has shape \(\); expected at least one score"),
        (lambda: compensated_sum([1, np.inf]), r"x\[1\] is inf; expected finite numbers"),
    ],
)
def test_nonsense_is_refused_with_a_fact_and_a_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
