"""The unit that brings the largest entry between one and two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from mathforml.linear_algebra._scaling import power_of_two


@given(st.lists(st.floats(-1e308, 1e308), min_size=1))
def test_the_largest_entry_lands_between_one_and_two_and_nothing_is_rounded(x):
    x = np.array(x)
    unit = power_of_two(x)
    assert not x.any() or 1 <= np.abs(x / unit).max() < 2
    big = np.abs(x) >= 1e-300  # what stays away from underflow
    assert_array_equal(
        (x / unit * unit)[big & (np.abs(x / unit) > 1e-300)], x[big & (np.abs(x / unit) > 1e-300)]
    )


@pytest.mark.parametrize("largest", [5e-324, 1e-310, 1.0, 1.999, np.finfo(float).max])
def test_the_ends_of_float64_have_a_unit(largest):
    assert 1 <= largest / power_of_two(np.array([0.0, -largest])) < 2


def test_zeros_have_the_unit_one():
    assert power_of_two(np.zeros(3)) == 1
