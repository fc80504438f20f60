"""The pieces of the incomplete beta function: its first term, its series, its quantile's steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import special

from mathforml.foundations._beta import beta_series, climb, log_front, log_share

parameters = st.floats(0.1, 200)
inside = st.floats(0.01, 0.99)


def at(*numbers):
    """Return arrays of one entry."""
    return [np.array([number], dtype=float) for number in numbers]


# Laws


@given(parameters, parameters, inside)
def test_the_first_term_is_alike_from_both_ends(a, b, x):
    there, back = log_front(*at(a, b, x, 1 - x)), log_front(*at(b, a, 1 - x, x))
    assert_allclose(there, back, rtol=1e-14, atol=1e-13)


@given(parameters, parameters, st.floats(-5, 5), st.floats(-9, -0.1))
def test_no_step_from_the_left_goes_too_far(a, b, z, target):
    after = climb(*at(a, b, z, target))
    if log_share(*at(a, b, 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z)))) < target and after < 300:
        odds = np.exp(after[0])
        share = log_share(*at(a, b, odds / (1 + odds), 1 / (1 + odds)))
        assert share <= target + 1e-9


# References


@given(parameters, parameters, inside)
def test_the_first_term_agrees_with_scipy(a, b, x):
    expected = a * np.log(x) + b * np.log1p(-x) - special.betaln(a, b)
    assert_allclose(log_front(*at(a, b, x, 1 - x)), expected, rtol=1e-11, atol=1e-11)


@given(st.floats(0.5, 20), st.floats(0.5, 20), inside)
def test_the_series_is_the_share_over_its_first_term(a, b, x):
    x = x * a / (a + b)
    first = np.exp(a * np.log(x) + b * np.log1p(-x) - special.betaln(a, b)) / a
    expected = special.betainc(a, b, x) / first
    assert_allclose(beta_series(*at(a, b, x)), expected, rtol=1e-11)


# Refusals


def test_a_series_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setitem(beta_series.__globals__, "MOST", 1024)
    with pytest.raises(ValueError, match="more than 1024 terms; expected a and b less far apart"):
        beta_series(*at(1e9, 0.5, 1 - 1e-9))
