"""Newton and L-BFGS: laws on quadratics, SciPy's minima, Rosenbrock's valley, refusals."""

from functools import reduce
from itertools import islice

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize

from mathforml.optimization.newton import (
    lbfgs,
    lbfgs_iterates,
    newton,
    newton_direction,
    two_loop,
)

START = np.array([-1.2, 1.0])
vectors = arrays(float, 3, elements=st.floats(-2, 2))
squares = arrays(float, (3, 3), elements=st.floats(-2, 2))


def rosenbrock(x):
    """Return value and gradient of Rosenbrock's function, in any even or odd dimension."""
    return optimize.rosen(x), optimize.rosen_der(x)


def bowl(H, low):
    """Return a quadratic with its gradient."""
    return lambda x: ((x - low) @ H @ (x - low) / 2, H @ (x - low))


def logistic(rng, n=400, d=12):
    """Return the penalized logistic loss of random rows, with gradient and Hessian."""
    X = rng.normal(size=(n, d))
    side = np.where(X @ rng.normal(size=d) + rng.normal(size=n) > 0, 1.0, -1.0)

    def f_and_grad(w):
        margin = side * (X @ w)
        wrong = 1 / (1 + np.exp(margin))
        value = np.mean(np.logaddexp(0, -margin)) + 0.05 * w @ w
        return value, -X.T @ (side * wrong) / n + 0.1 * w

    def hess(w):
        p = 1 / (1 + np.exp(-X @ w))
        return X.T @ (X * (p * (1 - p))[:, None]) / n + 0.1 * np.eye(d)

    return f_and_grad, hess, np.zeros(d)


def last(iterates):
    """Return the last of a finite number of iterates."""
    *_, end = iterates
    return end


# Laws


@given(squares, vectors, vectors)
def test_a_parabola_is_solved_in_one_jump(root, low, x):
    H = root @ root.T + np.eye(3)
    jumped = list(islice(newton(lambda x: H @ (x - low), lambda x: H, x), 2))
    assert_allclose(jumped[-1], low, atol=1e-9)


@given(squares, squares, vectors)
def test_a_change_of_coordinates_changes_no_jump(root, mix, g):
    H, S = root @ root.T + np.eye(3), mix + 9 * np.eye(3)
    assert_allclose(S @ newton_direction(S.T @ g, S.T @ H @ S), newton_direction(g, H), atol=1e-9)


@given(squares, vectors)
def test_with_curvatures_flipped_every_direction_leads_down(H, g):
    assume(np.abs(g).max() > 1e-3)
    assert g @ newton_direction(g, H + H.T, flip=True) < 0


def test_each_curvature_counts_by_its_size_when_flipped():
    assert_allclose(newton_direction([1, 1], np.diag([1, -2]), flip=True), [-1, -0.5])
    assert_allclose(newton_direction([3, 4], np.zeros((2, 2)), flip=True), [-3, -4])


def test_near_the_minimum_the_error_is_squared():
    walked = np.array(list(newton(lambda x: x**2 - 2, lambda x: 2 * np.diag(x), [2.0])))[:, 0]
    errors = walked - np.sqrt(2)
    assert_allclose(errors[1:4], errors[:3] ** 2 / (2 * walked[:3]), rtol=1e-9)


def test_with_its_value_newton_never_rises():
    walked = list(newton(optimize.rosen_der, optimize.rosen_hess, START, optimize.rosen))
    values = [optimize.rosen(x) for x in walked]
    assert np.all(np.diff(values) <= 0)
    assert_allclose(walked[-1], 1, rtol=1e-12)


def dense(H, pair):
    """Return the next inverse Hessian of BFGS, as a matrix."""
    s, y = pair
    V = np.eye(len(s)) - np.outer(y, s) / (y @ s)
    return V.T @ H @ V + np.outer(s, s) / (y @ s)


@given(squares, arrays(float, (4, 3), elements=st.floats(-2, 2)), vectors)
def test_the_two_loops_apply_the_matrix_of_bfgs(root, steps, g):
    assume(np.abs(steps).max(axis=1).min() > 0.1)
    A = root @ root.T + np.eye(3)
    pairs = [(s, A @ s) for s in steps]
    s, y = pairs[-1]
    H = reduce(dense, pairs, (s @ y) / (y @ y) * np.eye(3))
    assert_allclose(two_loop(g, pairs), H @ g, rtol=1e-6, atol=1e-6)
    assert_allclose(two_loop(y, pairs), s, atol=1e-9)  # the secant equation


@given(vectors)
def test_without_a_past_the_two_loops_do_nothing(g):
    assert_array_equal(two_loop(g, []), g)


def test_values_fall_and_the_last_iterate_is_the_minimum():
    walked = list(islice(lbfgs_iterates(rosenbrock, START), 38))
    assert np.all(np.diff([at.value for at in walked]) <= 0)
    found = lbfgs(rosenbrock, START)
    assert found.iterations == 37
    assert_array_equal(found.x, walked[37].x)
    assert found.value == walked[37].value


def test_a_parabola_in_n_dimensions_takes_few_more_than_n_steps(rng):
    root = rng.normal(size=(6, 6))
    found = lbfgs(bowl(root @ root.T + np.eye(6), np.arange(6.0)), np.zeros(6))
    assert_allclose(found.x, np.arange(6), atol=1e-7)
    assert found.iterations < 30


def test_arguments_are_left_alone_and_iterates_are_fresh():
    x = START.copy()
    kept = []
    for at in islice(lbfgs_iterates(rosenbrock, x), 6):
        kept.append(at.x.copy())
        at.x[:] = at.gradient[:] = np.nan
    assert_array_equal(kept, [at.x for at in islice(lbfgs_iterates(rosenbrock, START), 6)])
    spoiled = []
    for z in newton(optimize.rosen_der, optimize.rosen_hess, x, optimize.rosen):
        spoiled.append(z.copy())
        z[:] = np.nan
    assert_allclose(spoiled[-1], 1)
    assert_array_equal(x, START)


def test_functions_that_reuse_their_arrays_do_no_harm():
    kept = np.zeros(2)

    def rude(x):
        value, kept[:] = rosenbrock(x)
        x[:] = np.nan
        return value, kept

    assert_array_equal(lbfgs(rude, START).x, lbfgs(rosenbrock, START).x)


def test_whole_numbers_become_floats():
    found = lbfgs(lambda x: (x @ x, 2 * x), [3, 4])
    assert found.x.dtype == np.float64
    assert isinstance(found.value, float)
    assert next(newton(lambda x: x, lambda x: np.eye(2), [3, 4])).dtype == np.float64


# References and published numbers


def test_rosenbrock_begins_where_it_is_known_to():
    at = next(lbfgs_iterates(rosenbrock, START))
    assert_allclose(at.value, 24.2)
    assert_allclose(at.gradient, [-215.6, -88.0])


def test_newton_reproduces_the_root_of_two():
    walked = list(islice(newton(lambda x: x**2 - 2, lambda x: 2 * np.diag(x), [1.0]), 4))
    assert_allclose(np.ravel(walked), [1, 1.5, 1.41667, 1.414216], atol=5e-6)


SCIPY = {"gtol": 1e-9, "ftol": 0, "maxiter": 10_000, "maxfun": 100_000}


def scipys(f_and_grad, x):
    """Return the minimum that SciPy finds."""
    return optimize.minimize(f_and_grad, x, jac=True, method="L-BFGS-B", options=SCIPY)


@pytest.mark.parametrize("n", [2, 10, 50])
def test_lbfgs_finds_scipys_minimum_of_rosenbrock(n):
    x = np.resize(START, n)
    ours, theirs = lbfgs(rosenbrock, x, tol=1e-10), scipys(rosenbrock, x)
    assert_allclose(ours.value, theirs.fun, atol=1e-10)
    assert_allclose(ours.x, 1, atol=1e-8)


def test_lbfgs_and_newton_find_scipys_minimum_of_a_logistic_loss(rng):
    f_and_grad, hess, x = logistic(rng)
    theirs = scipys(f_and_grad, x)
    ours = lbfgs(f_and_grad, x)
    assert_allclose(ours.value, theirs.fun, atol=1e-10)
    assert_allclose(ours.x, theirs.x, atol=1e-6)
    for f in (None, lambda w: f_and_grad(w)[0]):
        x_end = last(newton(lambda w: f_and_grad(w)[1], hess, x, f))
        assert_allclose(x_end, lbfgs(f_and_grad, x, tol=1e-13).x, atol=1e-10)


def test_lbfgs_needs_about_as_many_evaluations_as_scipy():
    count = []
    lbfgs(lambda x: (count.append(1), rosenbrock(x))[1], START)
    assert len(count) <= 1.3 * scipys(rosenbrock, START).nfev


# Hard input


@pytest.mark.parametrize("scale", [1e-8, 1e-6, 1.0, 1e6, 1e12])
def test_the_scale_of_the_function_does_not_matter(scale):
    found = lbfgs(lambda x: tuple(scale * part for part in rosenbrock(x)), START)
    assert_allclose(found.x, 1, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_scale_of_the_variables_does_not_matter_to_newton(scale):
    walked = newton(
        lambda x: optimize.rosen_der(x / scale) / scale,
        lambda x: optimize.rosen_hess(x / scale) / scale**2,
        START * scale,
        lambda x: optimize.rosen(x / scale),
    )
    assert_allclose(last(walked) / scale, 1, rtol=1e-10)


def test_a_large_constant_hides_no_minimum():
    shifted = lambda x: (optimize.rosen(x) + 1e6, optimize.rosen_der(x))  # noqa: E731
    assert np.abs(optimize.rosen_der(lbfgs(shifted, START).x)).max() <= 1e-8
    walked = newton(optimize.rosen_der, optimize.rosen_hess, START, lambda x: shifted(x)[0])
    assert_allclose(last(walked), 1, atol=1e-9)


def test_condition_numbers_of_a_million_are_endured():
    H = np.diag(np.geomspace(1, 1e6, 20))
    assert_allclose(lbfgs(bowl(H, np.ones(20)), np.zeros(20)).x, 1, atol=1e-7)


def test_one_remembered_step_is_enough_and_more_are_better():
    x = np.resize(START, 20)
    short, long = lbfgs(rosenbrock, x, memory=1), lbfgs(rosenbrock, x)
    assert_allclose(short.x, 1, atol=1e-6)
    assert short.iterations > long.iterations


def test_a_saddle_is_left_where_the_value_is_known():
    f = lambda x: x[0] ** 4 / 4 - x[0] ** 2 / 2 + x[1] ** 2  # noqa: E731
    grad = lambda x: np.array([x[0] ** 3 - x[0], 2 * x[1]])  # noqa: E731
    hess = lambda x: np.diag([3 * x[0] ** 2 - 1, 2.0])  # noqa: E731
    assert_allclose(last(newton(grad, hess, [0.1, 1.0], f)), [1, 0], atol=1e-9)


def test_where_the_whole_jump_overshoots_halving_saves_it():
    walked = newton(np.tanh, lambda x: np.diag(1 - np.tanh(x) ** 2), [3.0],
                    lambda x: np.logaddexp(x[0], -x[0]))  # fmt: skip
    assert_allclose(last(walked), 0, atol=1e-9)


def test_a_flat_direction_is_endured():
    X = np.array([[1.0, 1.0], [2.0, 2.0]])  # two equal columns
    y = np.array([1.0, 3.0])
    found = lbfgs(lambda w: (np.sum((X @ w - y) ** 2), 2 * X.T @ (X @ w - y)), np.zeros(2))
    assert_allclose(X @ found.x, [1.4, 2.8], atol=1e-7)
    walked = newton(lambda w: 2 * X.T @ (X @ w - y), lambda w: 2 * X.T @ X, np.zeros(2),
                    lambda w: np.sum((X @ w - y) ** 2))  # fmt: skip
    assert_allclose(X @ last(walked), [1.4, 2.8], atol=1e-7)


def test_at_the_minimum_nothing_moves():
    found = lbfgs(lambda x: (x @ x, 2 * x), np.zeros(3))
    assert (found.value, found.iterations) == (0, 0)
    assert len(list(newton(lambda x: x, lambda x: np.eye(3), np.zeros(3)))) == 1
    assert lbfgs(lambda x: (0.0, x), []).x.shape == (0,)


def test_a_region_without_a_value_is_stepped_around():
    def wall(x):
        return (x[0] - np.log(x[0]), 1 - 1 / x) if x[0] > 0 else (np.nan, np.full(1, np.nan))

    assert_allclose(lbfgs(wall, [40.0]).x, 1, atol=1e-6)


# Refusals


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_start_without_a_value_is_refused(bad):
    with pytest.raises(ValueError, match="the start is not finite; expected numbers"):
        lbfgs(lambda x: (bad, x), [1.0])
    with pytest.raises(ValueError, match="the start is not finite; expected numbers"):
        lbfgs(lambda x: (0.0, bad * x), [1.0])
    with pytest.raises(ValueError, match="the start x is not finite"):
        lbfgs(rosenbrock, [bad, 0.0])
    with pytest.raises(ValueError, match=r"grad\(x\) is not finite"):
        list(newton(lambda x: bad * x, lambda x: np.eye(1), [1.0]))
    with pytest.raises(ValueError, match=r"hess\(x\) is not finite"):
        list(newton(lambda x: x, lambda x: bad * np.eye(1), [1.0]))


def test_a_gradient_of_something_else_is_refused():
    with pytest.raises(ValueError, match="expected f_and_grad to return the gradient of its value"):
        lbfgs(lambda x: (x @ x, -2 * x), [1.0, 2.0])


def test_a_function_without_a_minimum_is_refused():
    with pytest.raises(ValueError, match="falls along a line without end"):
        lbfgs(lambda x: (-x.sum(), -np.ones(2)), [1.0, 2.0])


def test_too_few_steps_are_refused():
    with pytest.raises(
        ValueError, match=r"after 3 steps the gradient has an entry of .*; expected"
    ):
        lbfgs(rosenbrock, START, limit=3)


def test_without_its_value_newton_refuses_a_saddle():
    message = "the Hessian has the eigenvalue -2; expected all positive, or f"
    with pytest.raises(ValueError, match=message):
        list(newton(lambda x: x, lambda x: np.diag([1.0, -2.0]), [1.0, 1.0]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lbfgs(lambda x: (0.0, x[:, None]), [1.0, 2.0]), r"shape \(2, 1\); expected \(2,"),
        (lambda: lbfgs(rosenbrock, [[1.0, 2.0]]), r"x has shape \(1, 2\); expected \(n,\)"),
        (lambda: list(newton(lambda x: 1.0, np.diag, [1.0])), r"grad\(x\) has shape \(\)"),
        (lambda: list(newton(lambda x: x, lambda x: x, [1.0])), r"hess\(x\) has shape \(1,\)"),
        (lambda: lbfgs(rosenbrock, START, tol=-1.0), "tol is -1.0; expected at least 0"),
        (lambda: lbfgs(rosenbrock, START, memory=0), "memory is 0; expected at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
