"""The walks: laws on quadratics, PyTorch's trajectories, published steps, refusals."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from mathforml.optimization.gradient_descent import (
    adam,
    gradient_descent,
    minibatch,
    momentum,
    nesterov,
)

WALKS = [gradient_descent, momentum, nesterov, adam]
every = pytest.mark.parametrize("walk", WALKS)
rates = st.floats(0.01, 0.9)
shares = st.floats(0.0, 0.95)
vectors = st.lists(st.floats(-3, 3), min_size=2, max_size=2).map(np.array)

A, b = np.array([[2.0, 1.0], [1.0, 20.0]]), np.array([5.0, 3.0])
VALLEY = np.linalg.solve(A, b)


def valley(x):
    """Return the gradient of the example 7.1 of MML."""
    return A @ x - b


def path(walk, steps, *arguments, **options):
    """Return the start and the points after each step, as rows."""
    return np.array(list(islice(walk(*arguments, **options), steps + 1)))


# Laws


@given(vectors, rates)
def test_the_error_shrinks_by_one_minus_rate_times_curvature(x, rate):
    curvatures = np.array([1.0, 3.0])
    walked = path(gradient_descent, 20, lambda x: curvatures * x, x, rate)
    shrunk = (1 - rate * curvatures) ** np.arange(21)[:, None]
    assert_allclose(walked, shrunk * x, rtol=1e-12, atol=1e-12)


def test_the_best_rate_shrinks_the_error_as_derived():
    low, high = np.linalg.eigvalsh(A)
    kappa = high / low
    walked = path(gradient_descent, 60, valley, [-3, -1], 2 / (low + high))
    errors = np.linalg.norm(walked - VALLEY, axis=1)
    assert_allclose(errors[41:] / errors[40:-1], (kappa - 1) / (kappa + 1), rtol=1e-6)


@pytest.mark.parametrize(("share", "end"), [(0.99, 0.0), (1.0, 1.0), (1.01, np.inf)])
def test_beyond_two_over_the_curvature_the_walk_runs_away(share, end):
    walked = path(gradient_descent, 2000, lambda x: 4.0 * x, 1.0, share * 2 / 4.0)
    assert_allclose(min(abs(walked[-1]), 1e9), min(end, 1e9), atol=1e-9)


@given(vectors, rates)
def test_without_a_share_both_kinds_of_momentum_are_gradient_descent(x, rate):
    plain = path(gradient_descent, 9, np.sin, x, rate)
    assert_array_equal(path(momentum, 9, np.sin, x, rate, 0.0), plain)
    assert_array_equal(path(nesterov, 9, np.sin, x, rate, 0.0), plain)


@given(vectors, rates, shares)
def test_a_constant_gradient_drives_the_velocity_to_its_limit(g, rate, beta):
    walked = path(momentum, 900, lambda x: g, [0.0, 0.0], rate, beta)
    assert_allclose(np.diff(walked, axis=0)[-1], -rate * g / (1 - beta), rtol=1e-9, atol=1e-9)


@given(vectors, rates, shares)
def test_momentum_is_a_recurrence_of_three_points(x, rate, beta):
    walked = path(momentum, 12, np.sin, x, rate, beta)
    kept = beta * (walked[1:-1] - walked[:-2])
    assert_allclose(walked[2:], walked[1:-1] + kept - rate * np.sin(walked[1:-1]), atol=1e-12)


@given(vectors, rates, shares)
def test_nesterov_looks_ahead_from_his_own_points(x, rate, beta):
    y, v, own = x, np.zeros(2), []
    for _ in range(12):
        own.append(y - rate * beta * v)
        v = beta * v + np.sin(y - rate * beta * v)
        y = y - rate * v
    assert_allclose(path(nesterov, 11, np.sin, x, rate, beta), own, atol=1e-12)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_the_first_step_of_adam_has_the_length_of_the_rate(up, down):
    x = path(adam, 1, lambda x: np.array([up, -down]), [0.0, 0.0], 0.01)[-1]
    assert_allclose(x, [-0.01, 0.01], rtol=1e-4)


@given(st.floats(1e-2, 1e6))
def test_adam_ignores_the_scale_of_the_loss(scale):
    walked = path(adam, 30, lambda x: scale * valley(x), [-3, -1], 0.1, eps=1e-30)
    assert_allclose(walked, path(adam, 30, valley, [-3, -1], 0.1, eps=1e-30), rtol=1e-9)


@given(st.integers(1, 60))
def test_adam_steps_by_the_rate_for_as_long_as_the_gradient_is_constant(steps):
    """Wrong from the second step on if the bias correction lacks the number of steps."""
    walked = path(adam, steps, lambda x: np.ones(1), [0.0], 0.1, eps=1e-30)
    assert_allclose(walked[:, 0], -0.1 * np.arange(steps + 1), atol=1e-12)


def test_adam_is_the_closed_form_of_its_two_means(rng):
    gs = rng.normal(size=(12, 3))
    feed = iter(gs)
    walked = path(adam, 12, lambda x: next(feed), np.zeros(3), 0.1, 0.8, 0.95, 1e-3)
    x = np.zeros(3)
    for t in range(1, 13):
        weigh = [beta ** np.arange(t)[::-1] for beta in (0.8, 0.95)]
        m, v = (
            np.average(g, axis=0, weights=w)
            for g, w in zip((gs[:t], gs[:t] ** 2), weigh, strict=True)
        )
        x = x - 0.1 * m / (np.sqrt(v) + 1e-3)
        assert_allclose(walked[t], x, rtol=1e-12)


@every
def test_the_start_comes_first_and_is_left_alone(walk):
    x = np.array([-3.0, -1.0])
    walked = path(walk, 3, valley, x, 0.01)
    assert_array_equal(walked[0], x)
    assert_array_equal(x, [-3, -1])


@every
def test_writing_into_an_iterate_changes_nothing_to_come(walk):
    spoiled = []
    for x in islice(walk(valley, [-3.0, -1.0], 0.01), 5):
        spoiled.append(x.copy())
        x[:] = np.nan
    assert_array_equal(spoiled, path(walk, 4, valley, [-3.0, -1.0], 0.01))


@every
def test_a_gradient_that_writes_into_its_argument_or_reuses_its_array_does_no_harm(walk):
    kept = np.zeros(2)

    def rude(x):
        kept[:] = valley(x)
        x[:] = np.nan
        return kept

    walked = path(walk, 5, rude, [-3.0, -1.0], 0.01)
    assert_array_equal(walked, path(walk, 5, valley, [-3.0, -1.0], 0.01))


@every
def test_whole_numbers_become_floats_and_any_shape_will_do(walk):
    matrix = path(walk, 3, lambda X: 2 * X, [[1, 2], [3, 4]], 0.1)
    flat = path(walk, 3, lambda x: 2 * x, [1.0, 2.0, 3.0, 4.0], 0.1)
    assert matrix.dtype == np.float64
    assert_array_equal(matrix.reshape(4, 4), flat)
    assert path(walk, 3, lambda x: 2 * x, 1, 0.1).shape == (4,)


@every
def test_every_walk_ends_in_the_valley(walk):
    rate = {adam: 0.05}.get(walk, 0.04)
    assert_allclose(path(walk, 3000, valley, [-3, -1], rate)[-1], VALLEY, atol=1e-6)


def test_the_noise_of_a_batch_falls_as_one_over_its_size(rng):
    rows = rng.normal(size=50)
    spread = []
    for size in (1, 4, 16):
        noisy = minibatch(lambda x, i: np.mean(x - rows[i]), 50, size, rng)
        drawn = [noisy(0.0) for _ in range(20_000)]
        assert_allclose(np.mean(drawn), -rows.mean(), atol=0.03)
        spread.append(size * np.var(drawn))
    assert_allclose(spread, np.var(rows), rtol=0.05)


def test_equal_seeds_draw_equal_batches():
    rows = np.arange(30.0)
    grad = lambda x, i: np.mean(x - rows[i])  # noqa: E731
    one, other = (minibatch(grad, 30, 3, np.random.default_rng(1)) for _ in range(2))
    assert_array_equal(path(adam, 9, one, 0.0), path(adam, 9, other, 0.0))


# References


def pytorch(optimizer, steps):
    """Return the trajectory of an optimizer of PyTorch in the valley."""
    torch = pytest.importorskip("torch")
    x = torch.tensor([-3.0, -1.0], dtype=torch.float64, requires_grad=True)
    matrix, vector = torch.tensor(A), torch.tensor(b)
    stepper, walked = optimizer(torch.optim)([x]), [x.detach().numpy().copy()]
    for _ in range(steps):
        stepper.zero_grad()
        (x @ matrix @ x / 2 - vector @ x).backward()
        stepper.step()
        walked.append(x.detach().numpy().copy())
    return np.array(walked)


def test_gradient_descent_walks_as_pytorch_does():
    theirs = pytorch(lambda o: lambda x: o.SGD(x, lr=0.085), 100)
    assert_allclose(path(gradient_descent, 100, valley, [-3, -1], 0.085), theirs, atol=1e-10)


def test_momentum_walks_as_pytorch_does():
    theirs = pytorch(lambda o: lambda x: o.SGD(x, lr=0.03, momentum=0.8), 100)
    assert_allclose(path(momentum, 100, valley, [-3, -1], 0.03, 0.8), theirs, atol=1e-10)


def test_nesterov_walks_as_pytorch_does():
    theirs = pytorch(lambda o: lambda x: o.SGD(x, lr=0.03, momentum=0.8, nesterov=True), 100)
    assert_allclose(path(nesterov, 100, valley, [-3, -1], 0.03, 0.8), theirs, atol=1e-10)


@pytest.mark.parametrize("eps", [1e-8, 0.1])
def test_adam_walks_as_pytorch_does(eps):
    theirs = pytorch(lambda o: lambda x: o.Adam(x, lr=0.1, betas=(0.7, 0.9), eps=eps), 100)
    ours = path(adam, 100, valley, [-3, -1], 0.1, beta1=0.7, beta2=0.9, eps=eps)
    assert_allclose(ours, theirs, atol=1e-10)


def test_the_defaults_of_adam_are_those_of_pytorch():
    theirs = pytorch(lambda o: o.Adam, 50)
    assert_allclose(path(adam, 50, valley, [-3, -1]), theirs, atol=1e-10)


def test_gradient_descent_reproduces_the_steps_of_mml():
    """Mathematics for Machine Learning, example 7.1."""
    walked = path(gradient_descent, 2, valley, [-3, -1], 0.085)
    assert_allclose(walked[1:], [[-1.98, 1.21], [-1.32, -0.42]], atol=0.005)


# Hard input


@every
def test_at_the_bottom_nothing_moves(walk):
    assert_array_equal(path(walk, 5, lambda x: 0 * x, [1.0, 2.0], 0.1), [[1.0, 2.0]] * 6)


def test_adam_tells_a_tiny_gradient_from_none():
    assert_allclose(path(adam, 1, lambda x: 1e-6, 0.0, 0.1)[-1], -0.1, rtol=0.02)
    assert abs(path(adam, 1, lambda x: 1e-12, 0.0, 0.1)[-1]) < 1e-4


@every
def test_an_empty_start_stays_empty(walk):
    assert path(walk, 2, lambda x: x, [], 0.1).shape == (3, 0)


# Refusals


@every
@pytest.mark.parametrize("rate", [0.0, -0.1, np.nan, np.inf])
def test_a_rate_must_be_positive(walk, rate):
    with pytest.raises(ValueError, match=r"rate is .*; expected a positive number"):
        next(walk(valley, [0.0, 0.0], rate))


@pytest.mark.parametrize(
    ("walk", "name"),
    [(momentum, "beta"), (nesterov, "beta"), (adam, "beta1"), (adam, "beta2")],
)
@pytest.mark.parametrize("share", [-0.1, 1.0, np.nan])
def test_a_share_must_fade(walk, name, share):
    with pytest.raises(ValueError, match=rf"{name} is .*; expected at least 0 and below 1"):
        next(walk(valley, [0.0, 0.0], 0.1, **{name: share}))


def test_adam_needs_something_to_divide_by():
    with pytest.raises(ValueError, match="eps is 0; expected a positive number"):
        next(adam(valley, [0.0, 0.0], eps=0))


@every
def test_a_gradient_that_would_broadcast_is_refused(walk):
    with pytest.raises(ValueError, match=r"grad\(x\) has shape \(2, 1\); expected \(2,\)"):
        path(walk, 1, lambda x: x[:, None], [1.0, 2.0], 0.1)


@every
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(walk, bad):
    with pytest.raises(ValueError, match=r"grad\(x\) is not finite; expected numbers"):
        path(walk, 1, lambda x: bad * np.ones(2), [1.0, 2.0], 0.1)
    with pytest.raises(ValueError, match="the start x is not finite"):
        next(walk(valley, [bad, 0.0], 0.1))


@pytest.mark.parametrize(("n", "size"), [(0, 1), (5, 0)])
def test_a_batch_needs_a_row(n, size, rng):
    with pytest.raises(ValueError, match="expected at least one row"):
        minibatch(lambda x, i: x, n, size, rng)
