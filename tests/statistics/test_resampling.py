"""The laws of resampling, references, published numbers, hard input, refusals."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from mathforml.foundations.floating_point import correlation
from mathforml.statistics.resampling import (
    bootstrap,
    paired_t,
    percentile_interval,
    permutation_test,
    sign_flip_test,
    studentized_interval,
)

LAW = np.array(
    [
        *([576, 3.39], [635, 3.30], [558, 2.81], [578, 3.03], [666, 3.44]),
        *([580, 3.07], [555, 3.00], [661, 3.43], [651, 3.36], [605, 3.13]),
        *([653, 3.12], [575, 2.74], [545, 2.76], [572, 2.88], [594, 2.96]),
    ]
)
FIRST = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

samples = arrays(float, st.integers(2, 12), elements=st.integers(-99, 99).map(float))
distinct = arrays(float, 99, elements=st.floats(-50, 50))


def gap(x, y):
    """Return the difference of two means."""
    return np.mean(x) - np.mean(y)


def distance(x, y):
    """Return its size."""
    return abs(gap(x, y))


def error_of(x):
    """Return the standard error of a mean."""
    return np.std(x, ddof=1) / np.sqrt(len(x))


def again():
    """Return the same source of chance each time."""
    return np.random.default_rng(7)


# Laws


@given(samples)
@settings(max_examples=30)
def test_each_resample_holds_rows_of_the_data_and_as_many(x):
    sizes = bootstrap(x, lambda rows: [len(rows), np.isin(rows, x).all()], 20, again())
    assert_array_equal(sizes, [[len(x), 1]] * 20)


def test_rows_stay_together_in_a_resample(rng):
    x = rng.normal(size=30)
    x = np.column_stack([x, 2 * x + 1])
    assert_allclose(
        bootstrap(x, lambda rows: np.ptp(rows[:, 1] - 2 * rows[:, 0]), 50, rng), 0, atol=1e-14
    )


def test_every_row_is_drawn_alike(rng):
    drawn = bootstrap(
        np.arange(5), lambda rows: np.bincount(rows.astype(int), minlength=5), 8000, rng
    )
    assert_allclose(drawn.mean(axis=0), 1, atol=0.05)
    assert_allclose(drawn.var(axis=0), 0.8, atol=0.06)


def test_the_same_chance_gives_the_same_replicates(rng):
    x = rng.normal(size=9)
    assert_array_equal(bootstrap(x, np.mean, 700, again()), bootstrap(x, np.mean, 700, again()))


def test_replicates_of_the_mean_have_the_variance_that_is_derived(rng):
    x = rng.exponential(size=10)
    replicates = bootstrap(x, np.mean, 20_000, rng)
    assert_allclose(replicates.mean(), x.mean(), rtol=0.02)
    assert_allclose(replicates.var(), np.var(x) / 10, rtol=0.05)


@given(distinct)
def test_percentiles_go_with_every_change_of_units(replicates):
    low, high = percentile_interval(replicates)
    for g in (np.arctan, lambda x: 3 * x - 7, np.exp):
        assert_array_equal(percentile_interval(g(replicates)), g(np.array([low, high])))
    assert_array_equal(percentile_interval(-replicates), [-high, -low])


@pytest.mark.parametrize(("n", "level", "k"), [(19, 0.9, 1), (99, 0.9, 5), (999, 0.95, 25)])
def test_percentiles_leave_equally_many_out_at_both_ends(n, level, k, rng):
    low, high = percentile_interval(rng.permutation(n) + 1.0, level)
    assert (low, high) == (k, n + 1 - k)


def test_a_studentized_interval_goes_with_origin_and_scale(rng):
    x = rng.exponential(size=12)
    low, high = studentized_interval(x, np.mean, error_of, 199, again())
    moved = studentized_interval(5 + 2 * x, np.mean, error_of, 199, again())
    assert_allclose(moved, [5 + 2 * low, 5 + 2 * high])
    mirrored = studentized_interval(-x, np.mean, error_of, 199, again())
    assert_allclose(mirrored, [-high, -low])


def test_a_studentized_interval_reaches_out_where_the_tail_is(rng):
    x = np.exp(rng.normal(size=40))
    low, high = studentized_interval(x, np.mean, error_of, 999, rng)
    assert high - x.mean() > 1.2 * (x.mean() - low)


@given(arrays(float, (2, 3), elements=st.integers(-50, 50).map(float)))
@settings(max_examples=25)
def test_without_an_effect_a_p_value_is_rarely_small(both):
    """Of all 20 deals at most the share alpha has a p of at most alpha, whatever the data."""
    pool = both.ravel()
    rest = [np.setdiff1d(range(6), d) for d in combinations(range(6), 3)]
    deals = zip(combinations(range(6), 3), rest, strict=True)
    p = [permutation_test(pool[list(d)], pool[e], gap, 20, again()).p_value for d, e in deals]
    for alpha in np.arange(1, 21) / 20:
        assert np.mean(np.array(p) <= alpha + 1e-12) <= alpha + 1e-12


def test_random_deals_keep_the_promise_too(rng):
    groups = rng.normal(size=(400, 2, 6))
    p = np.array([permutation_test(x, y, gap, 19, rng).p_value for x, y in groups])
    assert p.min() >= 1 / 20
    assert np.mean(p <= 0.05) < 0.1
    assert_allclose(p.mean(), 0.525, atol=0.06)


@given(samples)
@settings(max_examples=25)
def test_opposite_differences_have_the_same_size(d):
    p = sign_flip_test(d, lambda d: abs(d.sum()), 2 ** len(d), again()).p_value
    assert sign_flip_test(-d, lambda d: abs(d.sum()), 2 ** len(d), again()).p_value == p
    assert 2 / 2 ** len(d) <= p <= 1


def test_each_pattern_of_signs_is_met_once():
    found = sign_flip_test([1, 2, 4, 8], np.sum, 16, again()).replicates
    assert_array_equal(np.sort(found), np.arange(-15, 16, 2))


def test_each_deal_is_met_once():
    found = permutation_test([1, 2], [4, 8, 16], lambda x, y: x.sum(), 10, again()).replicates
    assert_array_equal(np.sort(found), [3, 5, 6, 9, 10, 12, 17, 18, 20, 24])


@given(samples)
def test_t_changes_its_sign_with_the_columns(x):
    y = np.cos(x) * np.arange(len(x))
    if np.ptp(x - y) > 1e-6:
        there, back = paired_t(x, y), paired_t(y, x)
        assert_allclose(there.t, -back.t)
        assert there.p_value == back.p_value


def test_arguments_are_left_alone(rng):
    x, y = rng.normal(size=(2, 6))
    before = np.array([x, y])

    def spoil(rows):
        rows *= 0
        return rows.sum()

    bootstrap(x, spoil, 5, rng)
    studentized_interval(x, np.mean, error_of, 99, rng)
    permutation_test(x, y, lambda a, b: spoil(a) + spoil(b), 5, rng)
    permutation_test(x, y, lambda a, b: spoil(a) + spoil(b), 1000, rng)
    sign_flip_test(x, lambda d: spoil(np.array(d)), 5, rng)
    percentile_interval(x, 0.5)
    paired_t(x, y)
    assert_array_equal([x, y], before)


def test_integers_are_computed_in_float64():
    assert bootstrap([1, 2, 6], np.sum, 4, again()).dtype == np.float64
    assert bootstrap(np.uint8([200, 100]), lambda r: r[0] - 255, 4, again()).max() < 0
    assert paired_t(np.uint8([1, 2, 9]), np.uint8([2, 2, 3])) == paired_t([1.0, 2, 9], [2.0, 2, 3])
    assert permutation_test(np.uint8([1, 2]), [3], gap, 9, again()).observed == -1.5
    assert percentile_interval(range(1, 100), 0.9) == (5, 95)


# References


def test_exact_permutations_agree_with_scipy(rng):
    x, y = rng.normal(size=4), rng.normal(size=5) + 0.5
    for statistic, alternative in [(gap, "greater"), (distance, "greater")]:
        expected = stats.permutation_test(
            (x, y), statistic, n_resamples=np.inf, alternative=alternative
        )
        found = permutation_test(x, y, statistic, 126, rng)
        assert_allclose(found.p_value, expected.pvalue, rtol=1e-14)
        assert_allclose(np.sort(found.replicates), np.sort(expected.null_distribution))


def test_exact_sign_flips_agree_with_scipy(rng):
    d = rng.normal(size=8) + 0.4
    expected = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="greater"
    )
    assert sign_flip_test(d, np.mean, 256, rng).p_value == expected.pvalue


@given(samples)
def test_paired_t_agrees_with_scipy(x):
    y = np.cos(x) * np.arange(len(x))
    if np.ptp(x - y) > 1e-6:
        found, expected = paired_t(x, y), stats.ttest_rel(x, y)
        assert_allclose(found.t, expected.statistic, rtol=1e-10)
        assert_allclose(found.p_value, expected.pvalue, rtol=1e-10)
        assert found.degrees == expected.df


def test_standard_errors_agree_with_scipy(rng):
    x = rng.exponential(size=25)
    expected = stats.bootstrap((x,), np.median, n_resamples=4000, rng=rng, method="percentile")
    replicates = bootstrap(x, np.median, 4000, rng)
    assert_allclose(replicates.std(ddof=1), expected.standard_error, rtol=0.08)
    assert_allclose(percentile_interval(replicates), expected.confidence_interval, rtol=0.15)


def test_studentized_intervals_of_normal_data_come_near_to_students():
    chance = np.random.default_rng(1)
    x = chance.normal(size=60)
    expected = stats.ttest_1samp(x, 0).confidence_interval()
    found = studentized_interval(x, np.mean, error_of, 4999, chance)
    assert_allclose(found, expected, atol=0.03)


# Published numbers


def test_the_law_schools_are_reproduced(rng):
    """Efron and Tibshirani, An Introduction to the Bootstrap, and the MathWorks' documentation."""

    def r(rows):
        return correlation(rows[:, 0], rows[:, 1])

    assert_allclose(r(LAW), 0.7764, atol=5e-5)
    assert_allclose(bootstrap(LAW, r, 8000, rng).std(ddof=1), 0.135, atol=0.004)


def test_students_sleep_is_reproduced():
    """R's t.test of its data set sleep, as printed in the Cookbook for R."""
    t, p, degrees = paired_t(SECOND, FIRST)
    assert_allclose(t, 4.0621, atol=5e-5)
    assert_allclose(p, 0.002833, atol=5e-7)
    assert degrees == 9


def test_the_lady_tasting_tea_is_reproduced(rng):
    def right(named, rest):
        return named.sum()

    assert permutation_test(np.ones(4), np.zeros(4), right, 70, rng).p_value == 1 / 70
    assert permutation_test([1, 1, 1, 0], [0, 0, 0, 1], right, 70, rng).p_value == 17 / 70


# Hard input


def test_ties_count_although_sums_round_differently(rng):
    x = [0.1, 0.2, 0.3]
    p = permutation_test(x, x, lambda a, b: np.sum(a) - np.sum(b), 20, rng).p_value
    values = [sum(c) for c in combinations([1, 2, 3, 1, 2, 3], 3)]
    assert p == np.mean(np.array(values) >= 6)
    assert permutation_test([3.0] * 5, [3.0] * 4, gap, 200, rng).p_value == 1


def test_a_p_value_is_never_zero(rng):
    x, y = rng.normal(size=20), rng.normal(size=20) + 9
    assert permutation_test(y, x, gap, 99, rng).p_value == 1 / 100
    assert sign_flip_test(y, np.mean, 99, rng).p_value == 1 / 100
    assert 0 < paired_t(y, x).p_value < 1e-12


def test_a_far_offset_changes_nothing():
    far = paired_t(SECOND + 2.0**20, FIRST + 2.0**20)
    assert_allclose(far[:2], paired_t(SECOND, FIRST)[:2], rtol=1e-8)
    tiny = paired_t(SECOND * 1e-9, FIRST * 1e-9)
    assert_allclose(tiny[:2], paired_t(SECOND, FIRST)[:2], rtol=1e-12)


def test_one_row_is_resampled_to_itself(rng):
    assert_array_equal(bootstrap([[3.0, 4.0]], np.sum, 5, rng), 7)


def test_statistics_with_several_parts_keep_their_shape(rng):
    x = rng.normal(size=(8, 3))
    assert bootstrap(x, lambda rows: rows.mean(axis=0), 600, rng).shape == (600, 3)
    assert bootstrap(x, np.cov, 3, rng).shape == (3, 8, 8)


# Refusals


@pytest.mark.parametrize("wrong", [[], 3.0, np.zeros((0, 2))])
def test_data_without_rows_are_refused(wrong, rng):
    message = r"has shape \(.*\); expected one row at least$"
    with pytest.raises(ValueError, match="^x " + message):
        bootstrap(wrong, np.mean, 9, rng)
    with pytest.raises(ValueError, match="^y " + message):
        permutation_test([1.0], wrong, gap, 9, rng)
    with pytest.raises(ValueError, match="^d " + message):
        sign_flip_test(wrong, np.mean, 9, rng)
    with pytest.raises(ValueError, match="^replicates " + message):
        percentile_interval(wrong)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_data_that_are_not_finite_are_refused(wrong, rng):
    data = [1.0, wrong, 2.0]
    for call in (
        lambda: bootstrap(data, np.mean, 9, rng),
        lambda: studentized_interval(data, np.mean, error_of, 99, rng),
        lambda: percentile_interval(data, 0.5),
        lambda: permutation_test(data, [1.0], gap, 9, rng),
        lambda: sign_flip_test(data, np.mean, 9, rng),
        lambda: paired_t(data, data),
    ):
        with pytest.raises(ValueError, match=r"holds (nan|inf); expected finite numbers$"):
            call()


def test_no_resamples_are_refused(rng):
    for call in (
        lambda: bootstrap([1.0], np.mean, 0, rng),
        lambda: permutation_test([1.0], [2.0], gap, 0, rng),
        lambda: sign_flip_test([1.0], np.mean, 0, rng),
    ):
        with pytest.raises(ValueError, match=r"^n is 0; expected 1 or more$"):
            call()


def test_too_few_replicates_are_refused():
    with pytest.raises(ValueError, match=r"^n is 38; expected more, so that 0\.95 cuts off one"):
        percentile_interval(np.arange(38.0))
    assert percentile_interval(np.arange(39.0)) == (0, 38)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95.0, np.nan])
def test_levels_that_are_no_probabilities_are_refused(level):
    with pytest.raises(ValueError, match=r"^level is .*; expected between 0 and 1$"):
        percentile_interval(np.arange(99.0), level)


def test_resamples_without_spread_are_refused(rng):
    with pytest.raises(ValueError, match="2 rows give resamples without spread; expected more"):
        studentized_interval([0.0, 1.0], np.mean, error_of, 199, rng)


def test_rows_of_unequal_shape_are_refused(rng):
    with pytest.raises(ValueError, match=r"^y has rows of shape \(3,\); expected \(2,\), as x$"):
        permutation_test(np.zeros((4, 2)), np.zeros((4, 3)), gap, 9, rng)


def test_pairs_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match=r"^y has 3 entries; expected 2, one for each of x$"):
        paired_t([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(
        ValueError, match=r"^x has shape \(1,\); expected \(n,\) with n at least 2$"
    ):
        paired_t([1.0], [2.0])


def test_differences_without_spread_are_refused():
    for x, y in [([1.0, 2, 3], [1.0, 2, 3]), ([0.1, 0.2, 0.3], [1.1, 1.2, 1.3])]:
        with pytest.raises(ValueError, match=r"^all differences are equal; expected some spread"):
            paired_t(x, y)
