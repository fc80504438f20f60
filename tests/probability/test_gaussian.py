"""The Gaussian: laws of its parts, SciPy's density, the book's example, hard input, refusals."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, stats

from mathforml.foundations.derivatives import gradient, hessian
from mathforml.probability.gaussian import (
    condition,
    log_density,
    marginal,
    product,
    sample,
    whiten,
)

seeds = st.integers(0, 10**6)
UNITS = np.array([1e-6, 1.0, 1e6, 1e3])


def some(seed, d=4):
    """Return a mean and a covariance."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(d, d))
    return rng.normal(size=d), half @ half.T + 0.1 * np.eye(d)


def exact(rows):
    """Return a matrix of fractions, as a list of rows."""
    return [[Fraction(float(x)) for x in row] for row in rows]


# Laws


@given(seeds)
def test_whitening_a_sample_gives_back_the_noise_it_was_made_of(seed):
    mean, cov = some(seed)
    x = sample(mean, cov, 5, np.random.default_rng(seed))
    z = np.random.default_rng(seed).standard_normal((5, 4))
    assert_allclose(whiten(x, mean, cov), z, rtol=1e-9, atol=1e-9)


@given(seeds)
def test_the_squared_length_of_the_whitened_point_is_the_distance_in_deviations(seed):
    mean, cov = some(seed)
    x = np.cos(np.arange(4.0))
    z = whiten(x, mean, cov)
    assert_allclose(z @ z, (x - mean) @ np.linalg.inv(cov) @ (x - mean), rtol=1e-9)


@given(seeds)
def test_the_density_is_the_marginal_times_the_conditional(seed):
    mean, cov = some(seed)
    x, a, b = np.sin(np.arange(4.0)), [0, 3], [2, 1]
    rest = condition(mean, cov, b, x[b])
    joint = log_density(x[b], *marginal(mean, cov, b)) + log_density(x[a], *rest)
    assert_allclose(log_density(x, mean, cov), joint, rtol=1e-9, atol=1e-9)


@given(seeds)
def test_the_order_of_the_observations_does_not_matter(seed):
    mean, cov = some(seed)
    together = condition(mean, cov, [1, 3], [0.5, -2.0])
    first = condition(mean, cov, [3], [-2.0])
    for one, other in [
        (condition(mean, cov, [3, 1], [-2.0, 0.5]), together),
        (condition(*first, [1], [0.5]), together),
    ]:
        assert_allclose(one.mean, other.mean, rtol=1e-8, atol=1e-8)
        assert_allclose(one.cov, other.cov, rtol=1e-8, atol=1e-8)


@given(seeds)
def test_an_observation_never_raises_a_variance(seed):
    mean, cov = some(seed)
    left = condition(mean, cov, [0], [9.0]).cov
    assert np.all(np.diagonal(left) <= np.diagonal(cov)[1:])
    assert_array_equal(left, left.T)


@given(seeds, st.floats(-5, 5))
def test_the_new_covariance_does_not_depend_on_what_was_seen(seed, value):
    mean, cov = some(seed)
    assert_array_equal(condition(mean, cov, [2], [value]).cov, condition(mean, cov, [2], [0.0]).cov)


@given(seeds)
def test_the_inverse_of_the_conditional_covariance_is_a_block_of_the_precision(seed):
    mean, cov = some(seed)
    left = condition(mean, cov, [1, 2], [0.0, 0.0]).cov
    precision = np.linalg.inv(cov)[np.ix_([0, 3], [0, 3])]
    assert_allclose(np.linalg.inv(left), precision, rtol=1e-8, atol=1e-8)


def test_what_is_independent_is_not_learned_about():
    mean, cov = np.arange(3.0), np.diag([1.0, 2.0, 3.0])
    assert_array_equal(condition(mean, cov, [1], [9.0]).mean, [0, 2])
    assert_array_equal(condition(mean, cov, [1], [9.0]).cov, np.diag([1.0, 3.0]))


@given(seeds)
def test_the_product_of_the_densities_is_a_density_times_its_scale(seed):
    (a, A), (b, B) = some(seed), some(seed + 1)
    merged = product(a, A, b, B)
    x = np.linspace(-2, 2, 12).reshape(3, 4)
    both = log_density(x, a, A) + log_density(x, b, B)
    ours = merged.log_scale + log_density(x, merged.mean, merged.cov)
    assert_allclose(ours, both, rtol=1e-7, atol=1e-7)


@given(seeds)
def test_the_product_does_not_care_who_speaks_first(seed):
    one, other = some(seed), some(seed + 1)
    for left, right in zip(product(*one, *other), product(*other, *one), strict=True):
        assert_allclose(left, right, rtol=1e-8, atol=1e-8)


@given(seeds)
def test_precisions_add(seed):
    (a, A), (b, B) = some(seed), some(seed + 1)
    sharp = np.linalg.inv(A) + np.linalg.inv(B)
    pull = np.linalg.solve(A, a) + np.linalg.solve(B, b)
    merged = product(a, A, b, B)
    assert_array_equal(merged.cov, merged.cov.T)
    assert_allclose(merged.cov, np.linalg.inv(sharp), rtol=1e-8, atol=1e-8)
    assert_allclose(merged.mean, np.linalg.solve(sharp, pull), rtol=1e-7, atol=1e-7)


@given(seeds)
def test_a_product_is_what_a_noisy_observation_leaves(seed):
    (a, A), (b, B) = some(seed, 2), some(seed + 1, 2)
    joint = np.block([[A, A], [A, A + B]])
    left = condition([*a, *a], joint, [2, 3], b)
    merged = product(a, A, b, B)
    assert_allclose(merged.mean, left.mean, rtol=1e-7, atol=1e-7)
    assert_allclose(merged.cov, left.cov, rtol=1e-7, atol=1e-7)


@given(seeds)
def test_units_change_the_density_by_their_volume_and_nothing_else(seed):
    mean, cov = some(seed)
    x, units = np.cos(np.arange(8.0)).reshape(2, 4), UNITS
    there = log_density(x * units, mean * units, cov * np.outer(units, units))
    assert_allclose(there, log_density(x, mean, cov) - np.log(units).sum(), rtol=1e-10)


def test_marginal_keeps_the_order_that_is_asked_for():
    mean, cov = some(0)
    kept = marginal(mean, cov, [3, 0])
    assert_array_equal(kept.mean, mean[[3, 0]])
    assert_array_equal(kept.cov, [[cov[3, 3], cov[3, 0]], [cov[0, 3], cov[0, 0]]])


def test_a_mask_says_the_same_as_indices():
    mean, cov = some(0)
    mask = np.array([False, True, False, True])
    for one, other in [
        (marginal(mean, cov, mask), marginal(mean, cov, [1, 3])),
        (condition(mean, cov, mask, [1, 2]), condition(mean, cov, [1, 3], [1, 2])),
    ]:
        assert_array_equal(one.mean, other.mean)
        assert_array_equal(one.cov, other.cov)


def test_batches_are_treated_point_by_point():
    mean, cov = some(0)
    x = np.sin(np.arange(24.0)).reshape(2, 3, 4)
    assert whiten(x, mean, cov).shape == (2, 3, 4)
    assert_allclose(log_density(x, mean, cov)[1, 2], log_density(x[1, 2], mean, cov), rtol=1e-14)
    assert_allclose(whiten(x, mean, cov)[0, 1], whiten(x[0, 1], mean, cov), rtol=1e-13)


@pytest.mark.parametrize("kind", [np.int64, np.float32, list])
def test_everything_is_computed_in_float64_and_arguments_are_left_alone(kind):
    mean, cov = np.array([0, 2]), np.array([[3, -1], [-1, 5]])
    given = [each.tolist() if kind is list else each.astype(kind) for each in (mean, cov)]
    before = [np.array(each) for each in given]
    results = [
        *condition(*given, [1], [-1]),
        *marginal(*given, [0]),
        *product(*given, *given)[:2],
        log_density([1, 1], *given),
        whiten([1, 1], *given),
        sample(*given, 3, np.random.default_rng(0)),
    ]
    for result in results:
        assert result.dtype == np.float64
        if isinstance(result, np.ndarray):
            result += 1
    for each, copy in zip(given, before, strict=True):
        assert_array_equal(each, copy)


# References


@given(seeds)
def test_the_density_agrees_with_scipy(seed):
    mean, cov = some(seed)
    x = np.random.default_rng(seed).normal(size=(6, 4))
    theirs = stats.multivariate_normal.logpdf(x, mean, cov)
    assert_allclose(log_density(x, mean, cov), theirs, rtol=1e-10)


def test_the_density_in_one_dimension_is_the_one_everybody_knows():
    x = np.linspace(-4, 4, 9)
    assert_allclose(log_density(x[:, None], [1], [[4]]), stats.norm.logpdf(x, 1, 2), rtol=1e-14)


def test_the_density_integrates_to_one():
    mean, cov = [0.3, -0.2], [[0.5, 0.2], [0.2, 0.4]]
    total, _ = integrate.dblquad(
        lambda y, x: np.exp(log_density([x, y], mean, cov)), -6, 6, -6, 6, epsabs=1e-9
    )
    assert_allclose(total, 1, rtol=1e-8)


def test_the_moments_of_a_large_sample_are_those_that_were_asked_for(rng):
    mean, cov = some(1)
    x = sample(mean, cov, 200_000, rng)
    error = np.sqrt(np.diagonal(cov) / 200_000)
    assert np.all(np.abs(x.mean(axis=0) - mean) < 4.5 * error)
    spread = np.sqrt((np.outer(np.diagonal(cov), np.diagonal(cov)) + cov**2) / 200_000)
    assert np.all(np.abs(np.cov(x.T) - cov) < 4.5 * spread)


def test_conditioning_agrees_with_the_points_that_happen_to_lie_there(rng):
    mean, cov = np.array([0.0, 2.0]), np.array([[0.3, -1.0], [-1.0, 5.0]])
    x = sample(mean, cov, 2_000_000, rng)
    near = x[np.abs(x[:, 1] + 1) < 0.05, 0]
    left = condition(mean, cov, [1], [-1])
    assert abs(near.mean() - left.mean[0]) < 5 * np.sqrt(left.cov[0, 0] / near.size)
    assert_allclose(near.var(), left.cov[0, 0], rtol=0.03)


def test_a_conditional_agrees_with_exact_fractions():
    """By the inverse of two by two, without rounding."""
    cov = np.array([[7.0, 2.0, 1.0], [2.0, 5.0, -1.0], [1.0, -1.0, 3.0]])
    (_, s, t), (_, p, q), (_, _, r) = exact(cov)
    u, v = Fraction(1), Fraction(-2)
    det = p * r - q * q
    mean = (s * (r * u - q * v) + t * (p * v - q * u)) / det
    left = 7 - (s * (r * s - q * t) + t * (p * t - q * s)) / det
    ours = condition(np.zeros(3), cov, [1, 2], [1, -2])
    assert_allclose(ours.mean, [float(mean)], rtol=1e-14)
    assert_allclose(ours.cov, [[float(left)]], rtol=1e-14)


def test_conditioning_reproduces_example_6_6_of_mathematics_for_machine_learning():
    left = condition([0, 2], [[0.3, -1], [-1, 5]], [1], [-1])
    assert_allclose(left.mean, [0.6], rtol=1e-15)
    assert_allclose(left.cov, [[0.1]], rtol=1e-14)


# Derivatives


def test_the_slope_of_the_log_density_is_the_precision_times_the_way_home():
    mean, cov = some(2)
    x = np.array([0.3, -1.0, 0.5, 2.0])
    assert_allclose(
        gradient(partial(log_density, mean=mean, cov=cov), x),
        np.linalg.solve(cov, mean - x),
        rtol=1e-7,
    )


def test_the_curvature_of_the_log_density_is_the_precision_everywhere():
    mean, cov = some(2, 3)
    f = partial(log_density, mean=mean, cov=cov)
    for x in (np.zeros(3), np.array([1.0, -2.0, 0.5])):
        assert_allclose(-hessian(f, x), np.linalg.inv(cov), rtol=1e-5, atol=1e-6)


# Hard input


def test_a_large_offset_costs_no_more_digits_than_the_data_have_lost():
    mean, cov = some(0)
    x = np.cos(np.arange(4.0)) + 1e8
    gap = x - (mean + 1e8)
    assert_allclose(log_density(x, mean + 1e8, cov), log_density(gap, np.zeros(4), cov), rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-150, 1e-6, 1e6, 1e150])
def test_scales_neither_overflow_nor_underflow(scale):
    mean, cov = some(0)
    x = np.cos(np.arange(4.0))
    ours = log_density(scale * x, scale * mean, scale * (scale * cov))
    assert_allclose(ours, log_density(x, mean, cov) - 4 * np.log(scale), rtol=1e-12)


def test_a_thousand_small_variances_do_not_underflow():
    d = 1000
    ours = log_density(np.zeros(d), np.zeros(d), 1e-6 * np.eye(d))
    assert_allclose(ours, -0.5 * d * np.log(2e-6 * np.pi), rtol=1e-13)


def test_units_a_million_million_apart_are_no_singularity():
    mean, cov = some(0)
    units = np.array([1e-12, 1.0, 1e12, 1.0])
    wide = cov * np.outer(units, units)
    ours = condition(mean * units, wide, [0, 2], np.array([1.0, -1.0]) * units[[0, 2]])
    plain = condition(mean, cov, [0, 2], [1, -1])
    assert_allclose(ours.mean, plain.mean, rtol=1e-10)
    assert_allclose(ours.cov, plain.cov, rtol=1e-10)


def test_points_beyond_all_distances_have_density_zero_without_a_warning():
    x = [[1e308, -1e308], [1.7e308, 1.7e308], [np.inf, 0.0], [-np.inf, np.inf], [1e160, 1e160]]
    assert_array_equal(log_density(x, [0, 0], [[1, 0.9], [0.9, 1]]), -np.inf)


def test_a_nan_is_neither_hidden_nor_spread():
    x = [[0.0, 1.0], [np.nan, 1.0], [0.0, 1.0]]
    found = log_density(x, [0, 0], [[1, 0.5], [0.5, 1]])
    assert_array_equal(np.isnan(found), [False, True, False])
    assert found[0] == found[2]


def test_a_strong_correlation_keeps_its_digits():
    """Exactly: the determinant is (1 - r)(1 + r), and the point lies across the ridge."""
    r = 1 - 2.0**-40
    ours = log_density([1e-6, -1e-6], [0, 0], [[1, r], [r, 1]])
    squares = 2e-12 / 2.0**-40
    log_det = np.log(2.0**-40) + np.log1p(r)
    assert_allclose(ours, -0.5 * (squares + log_det) - np.log(2 * np.pi), rtol=1e-12)


def test_the_certain_opinion_wins_with_all_its_digits():
    merged = product([0.0], [[1e9]], [1.0], [[1e-9]])
    assert_allclose(merged.cov, [[1e-9]], rtol=1e-14)
    assert_allclose(merged.mean, [1.0], rtol=1e-15)
    subtracted = 1e9 - 1e9 * 1e9 / (1e9 + 1e-9)
    assert subtracted == 0


def test_what_is_seen_without_noise_is_known_afterwards():
    cov = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 2.0]])
    left = condition([0, 0, 0], cov, [0], [1.5])
    assert_allclose(left.mean, [1.5, 0.45], rtol=1e-15)
    assert_allclose(left.cov, [[0, 0], [0, 1.91]], rtol=1e-15, atol=1e-15)


@given(seeds)
def test_a_variance_that_is_used_up_is_never_negative(seed):
    half = np.random.default_rng(seed).normal(size=(5, 2))
    left = condition(np.zeros(5), half @ half.T, [0, 1], [1.0, 2.0])
    assert np.all(np.diagonal(left.cov) >= 0)


def test_nothing_seen_leaves_everything_and_all_seen_leaves_nothing():
    mean, cov = some(0)
    before = condition(mean, cov, [], [])
    assert_array_equal(before.mean, mean)
    assert_array_equal(before.cov, cov)
    after = condition(mean, cov, [2, 0, 3, 1], np.ones(4))
    assert after.mean.shape == (0,)
    assert after.cov.shape == (0, 0)


def test_no_points_have_no_densities():
    mean, cov = some(0)
    assert log_density(np.zeros((0, 4)), mean, cov).shape == (0,)
    assert sample(mean, cov, 0, np.random.default_rng(0)).shape == (0, 4)


# Refusals

TWO = [[1.0, 0.5], [0.5, 1.0]]
DEFINITE = "expected cov positive definite"
doors = pytest.mark.parametrize(
    "call",
    [
        lambda cov: log_density([0, 0], [0, 0], cov),
        lambda cov: whiten([0, 0], [0, 0], cov),
        lambda cov: sample([0, 0], cov, 1, np.random.default_rng(0)),
        lambda cov: condition([0, 0], cov, [0, 1], [1, 1]),
        lambda cov: product([0, 0], cov, [0, 0], np.eye(2)),
        lambda cov: product([0, 0], np.eye(2), [0, 0], cov),
    ],
    ids=["log_density", "whiten", "sample", "condition", "product", "product, second"],
)


@doors
@pytest.mark.parametrize(
    ("cov", "message"),
    [
        ([[1, 1], [1, 1]], f"a coordinate follows from others; {DEFINITE}"),
        ([[1, 2], [2, 1]], f"a coordinate follows from others; {DEFINITE}"),
        ([[1, 0], [0, 0]], f"a coordinate follows from others; {DEFINITE}"),
        ([[1, 0], [0, -2]], "cov has the variance -2; expected none below zero"),
        ([[1, 0.5], [0.4, 1]], "cov is not its own transpose; expected symmetric"),
        ([[1, np.nan], [np.nan, 1]], "mean and cov are not all finite; expected numbers"),
        ([[1, np.inf], [np.inf, 1]], "mean and cov are not all finite; expected numbers"),
        ([[1.0]], r"has shape \(1, 1\); expected \(d, d\) with d = 2"),
    ],
)
def test_what_is_no_covariance_is_refused(call, cov, message):
    with pytest.raises(ValueError, match=message):
        call(cov)


@given(seeds)
def test_a_covariance_of_too_few_rows_is_refused_although_rounding_hides_it(seed):
    rows = np.random.default_rng(seed).normal(size=(4, 6))
    with pytest.raises(ValueError, match=DEFINITE):
        log_density(np.zeros(6), np.zeros(6), np.cov(rows.T))


def test_a_mean_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="mean and cov are not all finite"):
        log_density([0, 0], [0, np.nan], TWO)


@pytest.mark.parametrize("x", [[[0.0], [0.0]], 0.0, [0.0, 0.0, 0.0]])
def test_points_that_would_broadcast_are_refused(x):
    with pytest.raises(ValueError, match=r"expected \(\.\.\., d\)|expected \(d,\) with d"):
        log_density(x, [0, 0], TWO)


def test_a_coordinate_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"observed is \[2\]; expected whole numbers below 2"):
        condition([0, 0], TWO, [2], [1.0])
    with pytest.raises(ValueError, match=r"kept is \[0\.5\]; expected whole numbers below 2"):
        marginal([0, 0], TWO, [0.5])


def test_a_coordinate_seen_twice_is_refused():
    with pytest.raises(ValueError, match=DEFINITE):
        condition([0, 0], TWO, [1, 1], [1.0, 2.0])


def test_a_value_too_many_or_too_few_is_refused():
    with pytest.raises(ValueError, match=r"values has shape \(2,\); expected \(m,\) with m = 1"):
        condition([0, 0], TWO, [1], [1.0, 2.0])


def test_a_value_that_was_not_seen_is_refused():
    with pytest.raises(ValueError, match="values are not all finite; expected what was seen"):
        condition([0, 0], TWO, [1], [np.nan])


def test_an_impossible_correlation_with_what_is_seen_is_refused():
    with pytest.raises(ValueError, match=f"a variance becomes -24; {DEFINITE}"):
        condition([0, 0], [[1, 5], [5, 1]], [1], [0.0])
