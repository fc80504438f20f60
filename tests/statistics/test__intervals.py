"""Student's and Clopper and Pearson's intervals, and the count of how often intervals hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from mathforml.statistics._intervals import coverage, proportion_interval, t_interval

samples = arrays(float, st.integers(2, 20), elements=st.integers(-99, 99).map(float))
counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.5, 0.999)

# Laws


@given(samples, st.floats(0.1, 9), st.floats(-9, 9), levels)
def test_students_interval_goes_with_origin_and_scale(x, scale, origin, level):
    low, high = t_interval(x, level)
    expected = [scale * low + origin, scale * high + origin]
    assert_allclose(t_interval(scale * x + origin, level), expected, rtol=1e-9, atol=1e-9)


@given(counts, levels)
def test_successes_and_failures_mirror_each_other(count, level):
    s, n = count
    low, high = proportion_interval(s, n, level)
    assert 0 <= low <= s / n <= high <= 1
    assert_allclose(proportion_interval(n - s, n, level), [1 - high, 1 - low], atol=1e-12)


@given(st.integers(1, 12), st.floats(0.01, 0.99), levels)
def test_a_proportion_is_held_at_least_as_often_as_promised(n, p, level):
    ends = [proportion_interval(s, n, level) for s in range(n + 1)]
    holds = [low <= p <= high for low, high in ends]
    assert stats.binom.pmf(np.arange(n + 1), n, p) @ holds >= level - 1e-9


def test_students_interval_of_normal_data_is_held_as_promised():
    rng = np.random.default_rng(0)
    held = coverage(lambda rng: rng.normal(3, 2, 5), lambda x, rng: t_interval(x, 0.8), 3, 800, rng)
    assert held.low <= 0.8 <= held.high


def test_coverage_counts():
    rng = np.random.default_rng(0)
    always = coverage(lambda rng: [0.0], lambda x, rng: (x[0], 1.0), 0.0, 20, rng)
    assert always == (1, *proportion_interval(20, 20))
    never = coverage(lambda rng: [0.0], lambda x, rng: (x[0] + 1, 2.0), 0.0, 20, rng)
    assert never == (0, *proportion_interval(0, 20))
    half = coverage(lambda rng: rng.normal(size=1), lambda x, rng: (x[0], 9), 0, 1000, rng)
    assert abs(half.share - 0.5) < 0.05
    assert half[1:] == proportion_interval(round(1000 * half.share), 1000)


def test_arguments_are_left_alone(rng):
    x = rng.normal(size=9)
    before = x.copy()
    t_interval(x)
    assert_array_equal(x, before)


# References


@given(samples, levels)
def test_students_interval_agrees_with_scipy(x, level):
    if np.ptp(x) > 0:
        expected = stats.ttest_1samp(x, 0).confidence_interval(level)
        assert_allclose(t_interval(x, level), expected, rtol=1e-9, atol=1e-9)


@given(counts, levels)
def test_proportions_agree_with_scipy(count, level):
    expected = stats.binomtest(*count).proportion_ci(level, method="exact")
    assert_allclose(proportion_interval(*count, level), expected, rtol=1e-9, atol=1e-12)


# Published numbers


def test_students_sleep_is_reproduced():
    """R's t.test of its data set sleep, as printed in the Cookbook for R."""
    d = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    assert_allclose(t_interval(d), [0.7001142, 2.4598858], atol=5e-8)


# Hard input


def test_integers_are_computed_in_float64():
    assert t_interval(np.uint8([250, 255, 251])) == t_interval([250.0, 255.0, 251.0])


def test_constant_data_have_an_interval_of_no_length():
    assert t_interval([3.0, 3.0, 3.0]) == (3, 3)


def test_nothing_and_everything_have_one_end():
    assert proportion_interval(0, 7).low == 0
    assert proportion_interval(7, 7).high == 1
    assert_allclose(proportion_interval(0, 7, 0.9).high, 1 - 0.05 ** (1 / 7))


# Refusals


def test_too_few_data_are_refused():
    with pytest.raises(ValueError, match=r"^x has shape \(1,\); expected \(n,\) with n at least 2"):
        t_interval([3.0])
    with pytest.raises(ValueError, match=r"^x has shape \(2, 2\); expected \(n,\)"):
        t_interval(np.zeros((2, 2)))


def test_data_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match=r"^x holds nan; expected finite numbers$"):
        t_interval([1.0, np.nan])


def test_levels_that_are_no_probabilities_are_refused():
    with pytest.raises(ValueError, match=r"^level is 1; expected between 0 and 1$"):
        t_interval([1.0, 2.0], 1.0)
    with pytest.raises(ValueError, match=r"^level is 95; expected between 0 and 1$"):
        proportion_interval(1, 2, 95)


def test_counts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"^trials is 0; expected 1 or more$"):
        proportion_interval(0, 0)
    with pytest.raises(
        ValueError, match=r"^successes is 3; expected 0 to 2, the number of trials$"
    ):
        proportion_interval(3, 2)
    with pytest.raises(ValueError, match=r"^n is 0; expected 1 or more$"):
        coverage(lambda rng: [0.0], lambda x, rng: (0, 1), 0, 0, np.random.default_rng(0))
