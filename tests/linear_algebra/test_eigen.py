"""Eigenvectors: laws, LAPACK, Bryan and Leise's web, graded and defective matrices, refusals."""

from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg

from mathforml.foundations.derivatives import gradient
from mathforml.linear_algebra.eigen import (
    jacobi,
    link_matrix,
    pagerank,
    power_iteration,
    rayleigh,
    rotation,
    symmetric_eigen,
)

WEB = np.array([[0, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 0], [1, 0, 1, 0]])
DANGLING = [(1, 2), (1, 3), (3, 1), (3, 2), (3, 5), (4, 5), (4, 6), (5, 4), (5, 6), (6, 4)]
GRADED = np.array([[1e40, 1e29, 1e19], [1e29, 1e20, 1e9], [1e19, 1e9, 1]])

entries = st.floats(-10, 10).map(lambda x: round(x, 3))
sizes = st.integers(1, 6)
squares = sizes.flatmap(lambda n: arrays(float, (n, n), elements=entries))
symmetric = squares.map(lambda B: B + B.T)
semidefinite = squares.map(lambda B: B @ B.T)
numbers = st.floats(-1e3, 1e3)
webs = sizes.flatmap(lambda n: arrays(int, (n, n), elements=st.integers(0, 1)))
chances = st.floats(0, 0.95)


def adjacency(edges, n):
    """Return the matrix of links of pages that are counted from one."""
    links = np.zeros((n, n))
    for i, j in edges:
        links[i - 1, j - 1] = 1
    return links


def steps(A, x, k):
    """Return the start and k iterates of the power iteration."""
    return np.array(list(islice(power_iteration(A, x), k + 1)))


def stretched(values, rng):
    """Return a symmetric matrix with these eigenvalues, and its eigenvectors."""
    V = np.linalg.qr(rng.normal(size=(len(values), len(values)))).Q
    A = V @ np.diag(values) @ V.T
    return (A + A.T) / 2, V


# Laws


@given(symmetric)
def test_a_symmetric_matrix_is_the_sum_of_its_stretched_directions(A):
    values, vectors = symmetric_eigen(A)
    scale = np.abs(A).max() + 1e-300
    assert_allclose(vectors @ np.diag(values) @ vectors.T, A, atol=1e-13 * scale)
    assert_allclose(A @ vectors, vectors * values, atol=1e-13 * scale)


@given(symmetric)
def test_eigenvectors_are_unit_vectors_at_right_angles(A):
    V = symmetric_eigen(A).vectors
    assert_allclose(V.T @ V, np.eye(len(A)), atol=1e-13)


@given(symmetric)
def test_eigenvalues_come_from_the_largest_to_the_smallest(A):
    assert np.all(np.diff(symmetric_eigen(A).values) <= 0)


@given(symmetric)
def test_eigenvalues_add_up_to_the_trace_and_their_squares_to_that_of_all_entries(A):
    values = symmetric_eigen(A).values
    scale = np.abs(A).max() + 1e-300
    assert_allclose(values.sum(), np.trace(A), atol=1e-12 * scale)
    assert_allclose(np.sum(values**2), np.sum(A**2), rtol=1e-12)


@given(symmetric, st.floats(-10, 10))
def test_a_shift_of_the_diagonal_shifts_the_eigenvalues(A, c):
    shifted = symmetric_eigen(A + c * np.eye(len(A))).values
    scale = np.abs(A).max() + abs(c) + 1e-300
    assert_allclose(shifted, symmetric_eigen(A).values + c, atol=1e-13 * scale)


@given(semidefinite)
def test_eigenvalues_of_squares_are_not_negative(A):
    scale = np.abs(A).max()
    assert np.all(symmetric_eigen(A).values >= -1e-14 * len(A) * scale)


@given(numbers, numbers, numbers)
def test_a_rotation_diagonalizes_two_rows(a, b, d):
    c, s = rotation(a, b, d)
    G = np.array([[c, s], [-s, c]])
    turned = G.T @ np.array([[a, b], [b, d]]) @ G
    assert_allclose(c**2 + s**2, 1, rtol=1e-14)
    assert c >= abs(s) - 1e-15
    assert_allclose(turned[0, 1], 0, atol=1e-13 * max(abs(a), abs(b), abs(d)))


@given(symmetric)
def test_sweeps_keep_the_matrix_and_shrink_what_is_beside_the_diagonal(A):
    walk = list(jacobi(A))
    assert_array_equal(walk[0][0], A)
    scale = np.abs(A).max() + 1e-300
    for D, V in walk:
        assert_allclose(V @ D @ V.T, A, atol=1e-13 * scale)
    off = [linalg.norm(D - np.diag(np.diag(D))) for D, _ in walk]
    assert all(after <= before * (1 + 1e-12) for before, after in pairwise(off))
    assert off[-1] <= 1e-14 * scale * len(A)


@given(symmetric, st.integers(0, 100))
def test_the_rayleigh_quotient_lies_between_the_smallest_and_the_largest_eigenvalue(A, seed):
    x = np.random.default_rng(seed).normal(size=len(A))
    low, high = symmetric_eigen(A).values[[-1, 0]]
    slack = 1e-13 * (np.abs(A).max() + 1e-300)
    assert low - slack <= rayleigh(A, x) <= high + slack


@given(symmetric, st.floats(0.1, 10))
def test_the_rayleigh_quotient_ignores_length(A, c):
    x = np.arange(1.0, len(A) + 1)
    assert_allclose(rayleigh(A, c * x), rayleigh(A, x), rtol=1e-11, atol=1e-12)


def test_each_iterate_points_where_the_matrix_sends_the_one_before(rng):
    A = rng.normal(size=(5, 5))
    walk = steps(A, rng.normal(size=5), 20)
    for x, x_next in pairwise(walk):
        assert_allclose(x_next, A @ x / np.linalg.norm(A @ x), rtol=1e-13)


def test_the_walk_begins_in_the_direction_of_the_start():
    assert_allclose(steps(np.eye(2), [3, 4], 0), [[0.6, 0.8]])


def test_the_wrong_component_shrinks_by_the_ratio_of_the_two_largest_eigenvalues(rng):
    A, V = stretched([5.0, -4.0, 3.0, 1.0], rng)
    walk = steps(A, V @ [1, 1, 0.5, 0.2], 60)
    wrong = np.abs((walk @ V[:, 1]) / (walk @ V[:, 0]))
    assert_allclose(wrong[1:] / wrong[:-1], 4 / 5, rtol=1e-6)


def test_the_error_of_the_quotient_shrinks_twice_as_fast(rng):
    A, V = stretched([4.0, 2.0, 1.0], rng)
    gaps = [4 - rayleigh(A, x) for x in steps(A, V @ [1, 1, 1], 18)[9:]]
    assert_allclose(np.divide(gaps[1:], gaps[:-1]), 1 / 4, rtol=0.01)


@given(webs, chances)
def test_scores_are_shares_of_one(links, damping):
    scores = pagerank(links, damping)
    assert np.all(scores >= (1 - damping) / len(links) * 0.999)
    assert_allclose(scores.sum(), 1, rtol=1e-13)


@given(webs, chances)
def test_one_more_step_of_the_surfer_changes_no_score(links, damping):
    scores = pagerank(links, damping)
    assert_allclose(link_matrix(links, damping) @ scores, scores, atol=1e-15, rtol=1e-14)


@given(webs, chances)
def test_two_surfers_come_nearer_by_the_damping(links, damping):
    G = link_matrix(links, damping)
    x, y = np.random.default_rng(0).dirichlet(np.ones(len(links)), 2)
    assert np.abs(G @ x - G @ y).sum() <= damping * np.abs(x - y).sum() + 1e-15


@given(webs, chances)
def test_renumbered_pages_keep_their_scores(links, damping):
    order = np.random.default_rng(1).permutation(len(links))
    renumbered = pagerank(links[np.ix_(order, order)], damping)
    assert_allclose(renumbered, pagerank(links, damping)[order], rtol=1e-12)


def test_without_following_links_all_pages_are_equal():
    assert_allclose(pagerank(WEB, 0.0), 1 / 4)


def test_where_everybody_links_to_everybody_all_pages_are_equal():
    assert_allclose(pagerank(np.ones((5, 5)), 0.85), 1 / 5)


def test_a_page_without_links_counts_as_linking_to_all():
    none, all_ = WEB.copy(), WEB.copy()
    none[2], all_[2] = 0, 1
    assert_array_equal(pagerank(none, 0.85), pagerank(all_, 0.85))


def test_links_lead_from_rows_to_columns():
    star = np.zeros((4, 4))
    star[1:, 0] = 1  # all others link to the first page
    assert np.argmax(pagerank(star, 0.85)) == 0
    assert_allclose(link_matrix(star, 1.0)[:, 1], [1, 0, 0, 0])


def test_a_common_factor_of_the_weights_of_a_page_changes_nothing():
    factors = np.array([[1e-310], [2.0], [1e300], [0.25]])
    assert_allclose(pagerank(WEB * factors, 0.85), pagerank(WEB, 0.85), rtol=1e-13)


CALLS = [
    lambda A, x: [np.array(rayleigh(A, x))],
    lambda A, x: steps(A, x, 2),
    lambda A, x: list(jacobi(A))[-1],
    lambda A, x: symmetric_eigen(A),
    lambda A, x: [link_matrix(A, 0.5)],
    lambda A, x: [pagerank(A, 0.5)],
]


@pytest.mark.parametrize("call", CALLS)
def test_arguments_are_left_alone_and_results_are_fresh(call):
    A, x = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([0.6, 0.8])
    for part in call(A, x):
        part += 1
    assert_array_equal(A, [[2, 1], [1, 3]])
    assert_array_equal(x, [0.6, 0.8])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float32, bool, list])
def test_everything_is_computed_in_float64(call, kind):
    A, x = np.array([[1, 1], [1, 0]]), np.array([0, 1])
    given = (A.tolist(), x.tolist()) if kind is list else (A.astype(kind), x.astype(kind))
    for ours, expected in zip(call(*given), call(A * 1.0, x * 1.0), strict=True):
        assert ours.dtype == np.float64
        assert_array_equal(ours, expected)


def test_changing_an_iterate_does_not_change_the_walk():
    walk = power_iteration([[2.0, 1.0], [1.0, 2.0]], [1.0, 0.0])
    next(walk)[:] = 9
    assert_allclose(next(walk), np.array([2, 1]) / np.sqrt(5))
    sweeps = jacobi([[2.0, 1.0], [1.0, 2.0]])
    for part in next(sweeps):
        part[:] = 9
    assert_allclose(np.diag(next(sweeps)[0]), [1, 3])


# References


@given(symmetric)
def test_eigenvalues_agree_with_lapack(A):
    scale = np.abs(A).max() + 1e-300
    assert_allclose(symmetric_eigen(A).values, np.linalg.eigvalsh(A)[::-1], atol=1e-13 * scale)


def test_eigenvectors_agree_with_lapack_up_to_their_sign(rng):
    A, _ = stretched(np.arange(1.0, 31.0), rng)
    ours, theirs = symmetric_eigen(A).vectors, np.linalg.eigh(A).eigenvectors[:, ::-1]
    assert_allclose(np.abs(np.sum(ours * theirs, axis=0)), 1, rtol=1e-12)


def test_the_walk_arrives_at_lapacks_leading_eigenvector(rng):
    A = rng.uniform(size=(6, 6))  # positive, not symmetric
    values, vectors = np.linalg.eig(A)
    v = np.real(vectors[:, np.argmax(np.abs(values))])
    x = steps(A, np.ones(6), 200)[-1]
    assert_allclose(np.abs(v @ x), 1, rtol=1e-13)
    assert_allclose(np.linalg.norm(A @ x), np.abs(values).max(), rtol=1e-13)


@given(webs, chances)
def test_scores_solve_the_linear_system(links, damping):
    n = len(links)
    out = links.sum(axis=1)
    follow = np.where(out[:, None] > 0, links / np.maximum(out, 1)[:, None], 1 / n).T
    exact = np.linalg.solve(np.eye(n) - damping * follow, np.full(n, (1 - damping) / n))
    assert_allclose(pagerank(links, damping), exact, rtol=1e-11)


# Published numbers


def test_four_pages_of_bryan_and_leise():
    """Undamped, (12, 4, 9, 6) / 31."""
    assert_allclose(pagerank(WEB, 1.0), np.array([12, 4, 9, 6]) / 31, rtol=1e-14)


def test_six_pages_of_langville_and_meyer():
    """As printed in the tests of NetworkX, with a damping of 0.9 and a page without links."""
    printed = [0.03721197, 0.05395735, 0.04150565, 0.37508082, 0.20599833, 0.28624589]
    assert_allclose(pagerank(adjacency(DANGLING, 6), 0.9), printed, atol=6e-9)


def test_a_matrix_of_two_rows_by_hand():
    values, vectors = symmetric_eigen([[2, 1], [1, 2]])
    assert_allclose(values, [3, 1], rtol=1e-15)
    assert_allclose(np.abs(vectors), np.sqrt(0.5), rtol=1e-15)
    assert_allclose(np.prod(vectors, axis=0), [0.5, -0.5], rtol=1e-15)


def test_powers_by_hand():
    walk = steps([[2, 1], [1, 2]], [1, 0], 4)
    assert_allclose(walk[:, 1] / walk[:, 0], [0, 1 / 2, 4 / 5, 13 / 14, 40 / 41], rtol=1e-14)


# Derivatives


def test_the_rayleigh_quotient_rises_along_the_residual(rng):
    B, x = rng.normal(size=(4, 4)), rng.normal(size=4)
    A = B + B.T
    residual = 2 * (A @ x - rayleigh(A, x) * x) / (x @ x)
    assert_allclose(gradient(lambda x: rayleigh(A, x), x), residual, atol=1e-8)


def test_the_rayleigh_quotient_rests_at_eigenvectors(rng):
    A, V = stretched([3.0, 1.0, -2.0], rng)
    for v in V.T:
        assert_allclose(gradient(lambda x: rayleigh(A, x), v), 0, atol=1e-8)


# Hard input


def exact_values(A):
    """Return the eigenvalues of the graded matrix, from its determinant and minors."""
    first, second = A[0, 0], A[1, 1] - A[0, 1] ** 2 / A[0, 0]
    third = A[2, 2] - A[0, 2] ** 2 / A[0, 0]
    third -= (A[1, 2] - A[0, 1] * A[0, 2] / A[0, 0]) ** 2 / second
    return [first, second, third]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
def test_tiny_eigenvalues_of_a_graded_matrix_keep_their_digits(order):
    A = GRADED[np.ix_(order, order)]
    assert_allclose(symmetric_eigen(A).values, exact_values(GRADED), rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-310, 1e-160, 1e160, 1e307])
def test_scales_raise_no_warning(scale):
    A = scale * np.array([[2.0, 1.0], [1.0, 2.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_allclose(symmetric_eigen(A).values, [3 * scale, scale], rtol=1e-12)
        assert_allclose(rayleigh(A, [1e200, 1e200]), 3 * scale, rtol=1e-12)
        assert_allclose(steps(A, [scale, 0], 60)[-1], np.sqrt([0.5, 0.5]), rtol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_equal_eigenvalues_and_zeros_are_no_obstacle(n):
    assert_array_equal(symmetric_eigen(np.zeros((n, n))).values, np.zeros(n))
    assert_array_equal(symmetric_eigen(-np.eye(n)).values, -np.ones(n))
    assert_allclose(symmetric_eigen(np.ones((n, n))).values, [n] + [0] * (n - 1), atol=1e-14)


def test_low_rank_comes_to_an_end(rng):
    for rank in range(1, 12):
        B = rng.normal(size=(12, rank))
        values, V = symmetric_eigen(B @ B.T)
        assert_allclose(values[rank:], 0, atol=1e-13)
        assert_allclose(V @ np.diag(values) @ V.T, B @ B.T, atol=1e-12)


def test_a_diagonal_of_zeros_is_no_obstacle():
    path = np.diag(np.ones(9), 1) + np.diag(np.ones(9), -1)
    exact = 2 * np.cos(np.pi * np.arange(1, 11) / 11)
    assert_allclose(symmetric_eigen(path).values, exact, atol=1e-14)


def test_a_matrix_that_is_symmetric_up_to_rounding_is_taken(rng):
    B = rng.normal(size=(8, 8))
    A = B @ np.diag(rng.normal(size=8)) @ B.T
    assert not np.array_equal(A, A.T)
    assert_allclose(symmetric_eigen(A).values, np.linalg.eigvalsh(A)[::-1], atol=1e-12)


def test_an_exact_start_at_right_angles_stays_there():
    assert_allclose(steps([[2, 1], [1, 2]], [1, -1], 50)[-1], np.sqrt([0.5, 0.5]) * [1, -1])


def test_a_negative_leading_eigenvalue_turns_the_direction_in_every_step():
    walk = steps(np.diag([-2.0, 1.0]), [1, 1], 61)
    assert_allclose(walk[-1], -walk[-2], atol=1e-15)


def test_a_defective_matrix_arrives_slowly():
    walk = steps([[1, 1], [0, 1]], [0, 1], 1000)
    assert_allclose(walk[-1, 1] / walk[-1, 0], 1 / 1000, rtol=1e-10)


def test_a_single_page_has_all():
    assert_array_equal(pagerank([[0]], 0.85), [1])
    assert_array_equal(symmetric_eigen([[-3]]).values, [-3])


# Refusals


@pytest.mark.parametrize("f", [symmetric_eigen, lambda A: next(jacobi(A))])
def test_a_matrix_that_is_not_symmetric_is_refused(f):
    with pytest.raises(ValueError, match=r"^A is not A\.T; expected a symmetric matrix$"):
        f([[1.0, 2.0], [2.1, 1.0]])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_finite_is_refused(call, bad):
    with pytest.raises(ValueError, match="is empty or not finite; expected numbers"):
        call(np.array([[1.0, bad], [bad, 1.0]]), np.ones(2))


@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_square_is_refused(call):
    with pytest.raises(ValueError, match=r"has shape \(2, 3\); expected \(n, n\) with n = 2"):
        call(np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError, match="is empty or not finite"):
        call(np.ones((0, 0)), np.ones(0))


@pytest.mark.parametrize("call", CALLS[:2])
def test_a_start_of_another_size_is_refused(call):
    with pytest.raises(ValueError, match=r"x has shape \(3,\); expected \(n,\) with n = 2"):
        call(np.eye(2), np.ones(3))


@pytest.mark.parametrize("x", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
@pytest.mark.parametrize("call", CALLS[:2])
def test_what_is_no_direction_is_refused(call, x):
    with pytest.raises(ValueError, match=r"^x is zero or not finite; expected a direction$"):
        call(np.eye(2), x)


def test_a_step_into_zero_is_refused():
    with pytest.raises(ValueError, match=r"^A x is zero or not finite; expected a direction$"):
        steps([[0, 1], [0, 0]], [1, 1], 2)


def test_an_eigenvalue_beyond_float64_is_refused():
    with pytest.raises(ValueError, match=r"^an eigenvalue overflows; expected smaller A$"):
        symmetric_eigen(np.full((3, 3), 1e308))


@pytest.mark.parametrize("damping", [-0.1, 1.1, np.nan])
def test_a_damping_that_is_no_chance_is_refused(damping):
    with pytest.raises(ValueError, match=f"damping is {damping}; expected a chance from 0 to 1"):
        pagerank(WEB, damping)


def test_negative_links_are_refused():
    with pytest.raises(ValueError, match=r"links has an entry -1\.0; expected no negative weight"):
        pagerank(-np.eye(2), 0.5)


def test_a_walk_in_circles_is_refused():
    star = [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="the scores still move after 100000 steps"):
        pagerank(star, 1.0)
