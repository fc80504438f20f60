"""Searches along a line: what they promise, at every step found."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize

from mathforml.optimization._line_search import (
    CURVATURE,
    DECREASE,
    Iterate,
    backtrack,
    wolfe_step,
)

START = np.array([-1.2, 1.0])


def rosenbrock(x):
    """Return value and gradient of Rosenbrock's function."""
    return optimize.rosen(x), optimize.rosen_der(x)


# Laws


@given(arrays(float, 2, elements=st.floats(-2, 2)), st.floats(1e-3, 30))
def test_a_step_along_a_line_satisfies_both_conditions_of_wolfe(x, t):
    value, g = rosenbrock(x)
    assume(np.abs(g).max() > 1e-2)
    p = -g / np.abs(g).max()
    after = wolfe_step(rosenbrock, Iterate(x, value, g), p, t)
    length = (after.x - x) @ p / (p @ p)
    assert after.value <= value + DECREASE * length * (g @ p) + 1e-12 * value
    assert abs(after.gradient @ p) <= CURVATURE * abs(g @ p)


@given(st.floats(0.01, 1e6))
def test_halving_ends_at_the_first_step_that_lowers_enough(curvature):
    step = backtrack(lambda t: curvature * t * t - t, 0.0, -1.0)
    assert step.value <= -DECREASE * step.t
    assert step.t == 1 or curvature * (2 * step.t) ** 2 - 2 * step.t > -DECREASE * 2 * step.t


def test_a_length_of_one_is_tried_first():
    tried = []
    step = backtrack(lambda t: (tried.append(t), -t)[1], 0.0, -1.0)
    assert (tried, step) == ([1.0], (1.0, -1.0))


def test_a_flat_point_that_is_no_lower_is_not_taken():
    at = Iterate(np.zeros(1), 1.0, -np.ones(1))
    floor = lambda x: (1.0 if x[0] in (0, 1) else 0.5, np.zeros(1))  # noqa: E731
    assert wolfe_step(floor, at, np.ones(1)).value == 0.5


# Hard input


def test_where_rounding_hides_the_descent_the_search_says_so():
    x = np.array([1e-9])
    at = Iterate(x, 1e6, 2 * x)
    assert wolfe_step(lambda x: (1e6 + x @ x, 2 * x), at, -1e-12 * x) is None


def test_where_no_length_lowers_the_step_is_lost_in_rounding():
    assert backtrack(lambda t: 1.0 + t, 1.0, -1.0).t < 1e-14
    assert backtrack(lambda t: 1e-300 + t, 1e-300, -1.0) == (0.0, 1e-300)


def test_a_wall_without_values_is_backed_away_from():
    assert backtrack(lambda t: -t if t < 0.3 else np.nan, 0.0, -1.0) == (0.25, -0.25)


# Refusals


def test_a_direction_that_leads_up_is_refused():
    at = Iterate(START, *rosenbrock(START))
    with pytest.raises(ValueError, match=r"the slope along the step is .*; expected it negative"):
        wolfe_step(rosenbrock, at, at.gradient)
    with pytest.raises(ValueError, match="and a way down"):
        backtrack(lambda t: t, 0.0, 1.0)
