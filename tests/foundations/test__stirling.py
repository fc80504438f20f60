"""The two pieces of the gamma function's logarithm meet, and their constants are the right ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import special

from mathforml.foundations._stirling import STIRLING, SUMS, leading, log_gamma_small, remainder

# Laws


@given(st.floats(0.1, 100))
def test_a_step_of_the_remainder_is_elementary(x):
    step = remainder(np.array(x)) - remainder(np.array(x + 1))
    assert_allclose(step, (x + 0.5) * np.log1p(1 / x) - 1, atol=1e-13)


@given(st.floats(0.01, 1e6))
def test_the_remainder_is_positive_and_below_its_bound(x):
    assert 0 < remainder(np.array(x)) < 1 / (12 * x)


def test_the_pieces_meet_at_ten():
    ten = np.array([10.0])
    assert_allclose(leading(ten) + remainder(ten), log_gamma_small(ten), rtol=1e-15)


# References


@given(st.floats(0.01, 9.99))
def test_the_series_around_two_agrees_with_scipy(x):
    assert_allclose(log_gamma_small(np.array(x)), special.gammaln(x), rtol=1e-12, atol=1e-14)


def test_the_constants_are_those_of_bernoulli_and_zeta():
    k = np.arange(1, 9)
    assert_allclose(STIRLING, special.bernoulli(16)[2::2] / (2 * k * (2 * k - 1)), rtol=1e-11)
    assert_allclose(SUMS, special.zetac(np.arange(2.0, 31.0)), rtol=1e-15)
