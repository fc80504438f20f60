"""The laws of gamma, error and beta functions, references, published numbers, hard input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import special, stats

from mathforml.foundations.derivatives import derivative
from mathforml.foundations.special_functions import (
    beta_quantile,
    erf,
    erfc,
    incomplete_beta,
    log_gamma,
)

positive = st.floats(0.01, 100)
parameters = st.floats(0.1, 200)
inside = st.floats(0.001, 0.999)
ONE = [log_gamma, erf, erfc]
THREE = [incomplete_beta, beta_quantile]


def binomial_tail(n, s, p):
    """Sum the probabilities of at least s successes in exact fractions."""
    p = Fraction(p)
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(s, n + 1))


# Laws


@given(positive)
def test_gamma_grows_by_its_argument(x):
    assert_allclose(log_gamma(x + 1), log_gamma(x) + math.log(x), rtol=1e-12, atol=1e-13)


@given(positive)
def test_gamma_doubles_as_legendre_says(x):
    both = log_gamma(x) + log_gamma(x + 0.5)
    doubled = (1 - 2 * x) * math.log(2) + 0.5 * math.log(math.pi) + log_gamma(2 * x)
    assert_allclose(both, doubled, rtol=1e-12, atol=1e-13)


@given(st.integers(1, 170))
def test_gamma_is_a_factorial_at_the_integers(n):
    assert_allclose(log_gamma(n), math.log(math.factorial(n - 1)), rtol=1e-14)


@given(st.floats(-30, 30))
def test_the_error_function_is_odd_and_completed_to_one(x):
    assert erf(-x) == -erf(x)
    assert_allclose(erf(x) + erfc(x), 1, rtol=1e-15)


@given(st.floats(-5, 25), st.floats(1e-6, 1))
def test_the_tail_falls(x, step):
    assert erfc(x + step) <= erfc(x)
    assert erfc(abs(x) + step) < erfc(abs(x))


@given(parameters, parameters, inside)
def test_the_shares_of_both_sides_sum_to_one(a, b, x):
    other = incomplete_beta(b, a, 1 - x)
    assert_allclose(incomplete_beta(a, b, x) + other, 1, rtol=1e-13)


@given(parameters, inside)
def test_one_parameter_equal_to_one_leaves_a_power(a, x):
    assert_allclose(incomplete_beta(a, 1, x), x**a, rtol=1e-12)
    assert_allclose(incomplete_beta(1, a, x), -np.expm1(a * np.log1p(-x)), rtol=1e-12)


@given(parameters)
def test_equal_parameters_share_alike(a):
    assert_allclose(incomplete_beta(a, a, 0.5), 0.5, rtol=1e-13)


@given(parameters, parameters, st.floats(1e-12, 1 - 1e-9))
def test_the_quantile_undoes_the_share(a, b, p):
    x = beta_quantile(a, b, p)
    if x < 1 - 1e-6:  # nearer to one x itself is too coarse
        assert_allclose(incomplete_beta(a, b, x), p, rtol=1e-8)


@given(parameters, parameters, st.floats(1e-6, 0.5))
def test_quantiles_mirror_each_other(a, b, p):
    mirrored = 1 - beta_quantile(b, a, 1 - p)
    assert_allclose(beta_quantile(a, b, p), mirrored, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("f", ONE)
def test_entries_are_treated_one_by_one_and_left_alone(f, rng):
    x = rng.uniform(0, 20, size=(3, 4))
    before = x.copy()
    y = f(x)
    y += 1
    assert_array_equal(x, before)
    assert f(x[1, 2]) == f(x)[1, 2]


@pytest.mark.parametrize("f", THREE)
def test_parameters_broadcast_and_are_left_alone(f, rng):
    a, b, x = rng.uniform(0.1, 9, (3, 1)), rng.uniform(0.1, 9, 4), rng.uniform(size=(3, 4))
    arguments = [a, b, x]
    before = [each.copy() for each in arguments]
    y = f(a, b, x)
    y += 1
    for each, old in zip(arguments, before, strict=True):
        assert_array_equal(each, old)
    assert_allclose(f(a[1, 0], b[2], x[1, 2]), y[1, 2] - 1, rtol=1e-14)


def test_integers_are_computed_in_float64():
    for f in ONE:
        assert f(3).dtype == np.float64
        assert_array_equal(f(np.array([1, 2, 3], dtype=np.int8)), f([1.0, 2.0, 3.0]))
    for g in THREE:
        assert g(2, 3, 1).dtype == np.float64
        assert g(np.uint8(2), 3, 0.25) == g(2.0, 3.0, 0.25)


# References


def test_log_gamma_agrees_with_scipy(rng):
    x = np.concatenate([10 ** rng.uniform(-300, 300, 500), rng.uniform(0, 100, 1000)])
    expected = special.gammaln(x)
    far = np.abs(expected) > 1e-2  # nearer to its zeros SciPy loses digits
    assert_allclose(log_gamma(x[far]), expected[far], rtol=1e-12)


def test_error_functions_agree_with_scipy(rng):
    x = np.concatenate([rng.uniform(-7, 7, 1000), 10 ** rng.uniform(-300, 0, 100)])
    assert_allclose(erf(x), special.erf(x), rtol=1e-14)
    x = rng.uniform(-7, 26, 1000)
    assert_allclose(erfc(x), special.erfc(x), rtol=1e-12)


@pytest.mark.parametrize(("low", "high"), [(-2, 0), (-1, 1), (0, 3), (1, 4)])
def test_shares_and_quantiles_agree_with_scipy(low, high, rng):
    a, b = 10 ** rng.uniform(low, high, size=(2, 200))
    x = np.clip(rng.beta(a, b), 1e-6, 1 - 1e-6)
    expected = special.betainc(a, b, x)
    seen = expected > 1e-290
    assert_allclose(incomplete_beta(a, b, x)[seen], expected[seen], rtol=1e-12)
    p = rng.uniform(1e-4, 1, size=200)
    expected = special.betaincinv(a, b, p)
    seen = expected > 1e-100
    assert_allclose(beta_quantile(a, b, p)[seen], expected[seen], rtol=1e-12)


@given(st.integers(1, 60), st.data())
def test_shares_are_binomial_tails_in_exact_fractions(n, data):
    s, p = data.draw(st.integers(1, n)), data.draw(st.floats(0.01, 0.99))
    exact = float(binomial_tail(n, s, p))
    assert_allclose(incomplete_beta(s, n - s + 1, p), exact, rtol=1e-12)


@given(st.floats(1, 1e4), st.floats(0.1, 30))
def test_shares_are_tails_of_students_t(nu, t):
    share = incomplete_beta(nu / 2, 0.5, nu / (nu + t * t))
    assert_allclose(share, 2 * stats.t.sf(t, nu), rtol=1e-10)


# Published numbers


def test_error_functions_reproduce_a_printed_table():
    """Lecture notes of the Department of Geology, University at Buffalo."""
    assert_allclose(
        erf([0.1, 0.5, 1.0, 1.5, 2.0]), [0.1125, 0.5205, 0.8427, 0.9661, 0.9953], atol=5e-5
    )
    assert_allclose(erfc([0.5, 1.0, 2.0]), [0.4795, 0.1573, 0.0047], atol=5e-5)


def test_quantiles_reproduce_the_table_of_students_t():
    """Quené and van den Bergh, critical values: 2.5 percent above t."""
    nu = np.array([1, 2, 5, 9, 10, 30])
    t = np.sqrt(nu * (1 / beta_quantile(nu / 2, 0.5, 0.05) - 1))
    assert_allclose(t, [12.706, 4.303, 2.571, 2.262, 2.228, 2.042], atol=5e-4)


# Derivatives


@given(st.floats(0.2, 20))
def test_the_slope_of_log_gamma_is_the_digamma_function(x):
    assert_allclose(derivative(log_gamma, x), special.digamma(x), rtol=1e-7, atol=1e-8)


@given(st.floats(-3, 3))
def test_the_slope_of_the_error_function_is_the_bell(x):
    assert_allclose(derivative(erf, x), 2 / np.sqrt(np.pi) * np.exp(-x * x), atol=1e-9)


@given(st.floats(1, 9), st.floats(1, 9), st.floats(0.1, 0.9))
def test_the_slope_of_a_share_is_the_density(a, b, x):
    slope = derivative(lambda at: incomplete_beta(a, b, at), x)
    assert_allclose(slope, stats.beta.pdf(x, a, b), rtol=1e-7, atol=1e-9)


# Hard input


def test_digits_survive_near_the_zeros_of_log_gamma():
    assert log_gamma(1.0) == log_gamma(2.0) == 0
    for t in (1e-15, -1e-15, 1e-9, -1e-12):
        at = 2 + t
        assert_allclose(log_gamma(at), (1 - np.euler_gamma) * (at - 2), rtol=1e-8)
        at = 1 + t
        assert_allclose(log_gamma(at), -np.euler_gamma * (at - 1), rtol=1e-8)


def test_enormous_and_tiny_numbers_raise_no_warning():
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_array_equal(log_gamma([0.0, np.inf, 1e308]), [np.inf, np.inf, np.inf])
        assert_allclose(log_gamma([5e-324, 1e-300]), -np.log([5e-324, 1e-300]))
        assert_array_equal(erf([-np.inf, -1e308, 0, 1e308, np.inf]), [-1, -1, 0, 1, 1])
        assert_array_equal(erfc([-np.inf, -1e308, 0, 1e308, np.inf]), [2, 2, 1, 0, 0])
        for a in (1e-100, 1e-3, 1.0, 1e3):
            assert_array_equal(incomplete_beta(a, 2, [0.0, 1.0]), [0, 1])
            assert_array_equal(beta_quantile(a, 2, [0.0, 1.0]), [0, 1])


def test_a_tail_keeps_its_digits_where_one_minus_the_rest_has_none():
    assert 1 - erf(6.0) == 0
    assert_allclose(erfc(6.0), 2.1519736712498913e-17, rtol=1e-13)
    assert_allclose(incomplete_beta(200, 0.5, 0.5), special.betainc(200, 0.5, 0.5), rtol=1e-12)


@pytest.mark.parametrize("a", [1e4, 1e6, 1e9])
def test_large_parameters_keep_their_digits(a):
    assert_allclose(incomplete_beta(a, a, 0.5), 0.5, rtol=1e-12)
    assert_allclose(beta_quantile(a, a, 0.5), 0.5, rtol=1e-12)
    deviation = 0.5 / np.sqrt(2 * a + 1)
    assert_allclose(beta_quantile(a, a, 0.1586552539), 0.5 - deviation, rtol=1e-3 / np.sqrt(a))


def test_a_quantile_below_the_smallest_float_is_zero():
    assert beta_quantile(1e-3, 1.0, 1e-3) == 0
    assert_allclose(beta_quantile(1e-2, 1.0, 1e-3), 1e-300, rtol=1e-12)


def test_a_nan_is_neither_hidden_nor_spread():
    for f in ONE:
        assert_array_equal(np.isnan(f(np.array([1.5, np.nan]))), [False, True])


def test_empty_input_stays_empty():
    for f in ONE:
        assert f(np.zeros((0, 3))).shape == (0, 3)
    for g in THREE:
        assert g(1.0, 2.0, np.zeros((0, 3))).shape == (0, 3)


# Refusals


def test_log_gamma_refuses_negative_numbers():
    with pytest.raises(ValueError, match=r"^x holds -0\.5; expected no negative number$"):
        log_gamma([1.0, -0.5])


@pytest.mark.parametrize("f", THREE)
@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_parameters_outside_are_refused(f, wrong):
    with pytest.raises(ValueError, match=r"^a holds .*; expected 1e-100 to 1e\+12$"):
        f(wrong, 1.0, 0.5)
    with pytest.raises(ValueError, match=r"^b holds .*; expected 1e-100 to 1e\+12$"):
        f(1.0, [2.0, wrong], 0.5)


@pytest.mark.parametrize("wrong", [-1e-9, 1.1, np.nan])
def test_shares_outside_are_refused(wrong):
    with pytest.raises(ValueError, match=r"^x holds .*; expected 0 to 1$"):
        incomplete_beta(1.0, 1.0, [0.5, wrong])
    with pytest.raises(ValueError, match=r"^p holds .*; expected 0 to 1$"):
        beta_quantile(1.0, 1.0, [0.5, wrong])
