"""Singular values: laws, LAPACK, Eckart and Young, printed numbers, hard input, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy import linalg

from mathforml.foundations.derivatives import gradient
from mathforml.linear_algebra.eigen import symmetric_eigen
from mathforml.linear_algebra.svd import low_rank, pseudo_inverse, svd, turn_columns

MML = np.array([[1, 0, 1], [-2, 1, 0]])

entries = st.floats(-10, 10).map(lambda x: round(x, 3))
sizes = st.integers(1, 6)
shapes = st.tuples(sizes, sizes)
matrices = shapes.flatmap(lambda shape: arrays(float, shape, elements=entries))
wholes = shapes.flatmap(lambda shape: arrays(int, shape, elements=st.integers(-2, 2)))
seeds = st.integers(0, 1000)


def scale(A):
    """Return the size of the largest entry, for tolerances."""
    return np.abs(A).max() + 1e-300


def of_rank(k, m, n, rng):
    """Return a random matrix of a rank."""
    return rng.normal(size=(m, k)) @ rng.normal(size=(k, n))


# Laws


@given(matrices)
def test_the_three_factors_make_the_matrix(A):
    U, s, Vt = svd(A)
    r = min(A.shape)
    assert (U.shape, s.shape, Vt.shape) == ((len(A), r), (r,), (r, A.shape[1]))
    assert_allclose(U @ np.diag(s) @ Vt, A, atol=1e-13 * scale(A))


@given(wholes)
def test_singular_vectors_are_at_right_angles_whatever_the_rank(A):
    U, s, Vt = svd(A)
    assert_allclose(U.T @ U, np.eye(len(s)), atol=1e-13)
    assert_allclose(Vt @ Vt.T, np.eye(len(s)), atol=1e-13)


@given(matrices)
def test_singular_values_fall_and_are_not_negative(A):
    s = svd(A).s
    assert np.all(np.diff(s) <= 0)
    assert np.all(s >= 0)


@given(matrices)
def test_the_matrix_sends_right_vectors_to_left_ones_and_its_transpose_sends_them_back(A):
    U, s, Vt = svd(A)
    assert_allclose(A @ Vt.T, U * s, atol=1e-13 * scale(A))
    assert_allclose(A.T @ U, Vt.T * s, atol=1e-12 * scale(A))


@given(matrices)
def test_squares_of_singular_values_add_up_to_the_squares_of_the_entries(A):
    assert_allclose(np.sum(svd(A).s ** 2), np.sum(A**2), rtol=1e-12)


@given(matrices)
def test_the_transpose_has_the_same_singular_values(A):
    assert_allclose(svd(A.T).s, svd(A).s, rtol=1e-13, atol=1e-14 * scale(A))


@given(matrices, seeds)
def test_turning_rows_or_columns_changes_no_singular_value(A, seed):
    rng = np.random.default_rng(seed)
    Q, R = (np.linalg.qr(rng.normal(size=(k, k))).Q for k in A.shape)
    assert_allclose(svd(Q @ A @ R).s, svd(A).s, atol=1e-13 * scale(A))


@given(matrices)
def test_turned_columns_are_at_right_angles_and_the_turns_lead_back(A):
    W, V = turn_columns(A)
    gram = W.T @ W
    lengths = np.sqrt(np.diag(gram))
    off = np.abs(gram - np.diag(np.diag(gram)))
    assert np.all(off <= 1e-13 * np.outer(lengths, lengths) + 1e-140)  # columns may be gone
    assert_allclose(V.T @ V, np.eye(A.shape[1]), atol=1e-13)
    assert_allclose(W @ V.T, A, atol=1e-13 * scale(A))


@given(matrices)
def test_keeping_all_returns_the_matrix_and_keeping_none_zero(A):
    assert_allclose(low_rank(A, min(A.shape)), A, atol=1e-13 * scale(A))
    assert_array_equal(low_rank(A, 0), np.zeros(A.shape))


@given(matrices, seeds)
def test_no_matrix_of_the_same_rank_is_nearer(A, seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(0, min(A.shape) + 1))
    best = linalg.norm(A - low_rank(A, k))
    near = low_rank(A, k) + 0.01 * of_rank(k, *A.shape, rng)
    for B in (of_rank(k, *A.shape, rng), low_rank(near, k)):
        assert best <= linalg.norm(A - B) + 1e-12 * scale(A)


@given(matrices)
def test_what_is_cut_off_is_what_is_lost(A):
    s = svd(A).s
    for k in range(len(s) + 1):
        lost = A - low_rank(A, k)
        assert_allclose(linalg.norm(lost) ** 2, np.sum(s[k:] ** 2), atol=1e-11 * scale(A) ** 2)
        widest = np.linalg.norm(lost, 2)
        assert_allclose(widest, s[k] if k < len(s) else 0, atol=1e-13 * scale(A))


@given(wholes)
def test_the_pseudo_inverse_satisfies_penroses_four_conditions(A):
    P = pseudo_inverse(A)
    assert P.shape == A.T.shape
    size = scale(P) * scale(A)
    assert_allclose(A @ P @ A, A, atol=1e-12 * size * scale(A))
    assert_allclose(P @ A @ P, P, atol=1e-12 * size * scale(P))
    assert_allclose(A @ P, (A @ P).T, atol=1e-12 * size)
    assert_allclose(P @ A, (P @ A).T, atol=1e-12 * size)


@given(wholes, seeds)
def test_its_solution_is_the_shortest_of_the_nearest(A, seed):
    rng = np.random.default_rng(seed)
    b, z = rng.normal(size=len(A)), rng.normal(size=A.shape[1])
    x = pseudo_inverse(A) @ b
    assert_allclose(A.T @ (A @ x - b), 0, atol=1e-10)
    unseen = z - pseudo_inverse(A) @ (A @ z)  # what A forgets
    assert_allclose(A @ unseen, 0, atol=1e-11)
    assert np.linalg.norm(x) <= np.linalg.norm(x + unseen) + 1e-12


CALLS = [
    lambda A: svd(A),
    lambda A: turn_columns(A),
    lambda A: [low_rank(A, 1)],
    lambda A: [pseudo_inverse(A)],
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("A", [[[2.0, 1.0], [1.0, 3.0]], [[1.0, 0.0]], [[0.0], [1.0]]])
def test_arguments_are_left_alone_and_results_are_fresh(call, A):
    A = np.array(A)
    before = A.copy()
    for part in call(A):
        part += 1
    assert_array_equal(A, before)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float32, bool, list])
def test_everything_is_computed_in_float64(call, kind):
    A = np.array([[1, 1, 0], [1, 0, 1]])
    given = A.tolist() if kind is list else A.astype(kind)
    for ours, expected in zip(call(given), call(A * 1.0), strict=True):
        assert ours.dtype == np.float64
        assert_array_equal(ours, expected)


# References


@given(matrices)
def test_singular_values_agree_with_lapack(A):
    theirs = np.linalg.svd(A, compute_uv=False)
    assert_allclose(svd(A).s, theirs, atol=1e-13 * scale(A))


@pytest.mark.parametrize("shape", [(30, 20), (20, 30), (1, 9), (9, 1)])
def test_singular_vectors_agree_with_lapack_up_to_their_sign(shape, rng):
    A = rng.normal(size=shape)
    U, _, Vt = svd(A)
    U_lapack, _, Vt_lapack = np.linalg.svd(A, full_matrices=False)
    assert_allclose(np.abs(np.sum(U * U_lapack, axis=0)), 1, rtol=1e-11)
    assert_allclose(np.sum(U * U_lapack, axis=0) * np.sum(Vt * Vt_lapack, axis=1), 1, rtol=1e-11)


@given(wholes)
def test_the_pseudo_inverse_agrees_with_numpy(A):
    theirs = np.linalg.pinv(A, rcond=1e-13)
    assert_allclose(pseudo_inverse(A), theirs, atol=1e-12 * scale(theirs))


def test_it_solves_least_squares_as_numpy_does(rng):
    A, b = rng.normal(size=(20, 5)), rng.normal(size=20)
    assert_allclose(pseudo_inverse(A) @ b, np.linalg.lstsq(A, b)[0], rtol=1e-12)


@given(matrices)
def test_squared_singular_values_are_the_eigenvalues_of_the_inner_products(A):
    squares = symmetric_eigen(A.T @ A).values[: min(A.shape)]
    assert_allclose(svd(A).s ** 2, squares, atol=1e-12 * scale(A) ** 2)


# Published numbers


def test_two_rows_of_mathematics_for_machine_learning():
    assert_allclose(svd(MML).s ** 2, [6, 1], rtol=1e-14)


def test_two_columns_by_hand():
    U, s, Vt = svd([[2, 2], [-1, 1]])
    assert_allclose(s, np.sqrt([8, 2]), rtol=1e-14)
    assert_allclose(np.abs(U), np.eye(2), atol=1e-15)
    assert_allclose(np.abs(Vt), np.sqrt(0.5), rtol=1e-14)


def test_the_pseudo_inverse_of_a_column_by_hand():
    assert_allclose(pseudo_inverse([[3], [4]]), [[3 / 25, 4 / 25]], rtol=1e-14)


# Derivatives


def test_a_singular_value_grows_along_its_own_directions(rng):
    """The gradient of the largest singular value is the product of its two vectors."""
    A = rng.normal(size=(4, 3))
    U, _, Vt = svd(A)
    assert_allclose(gradient(lambda A: svd(A).s[0], A), np.outer(U[:, 0], Vt[0]), atol=1e-8)


# Hard input


@pytest.mark.parametrize("eps", [1e-5, 1e-9, 1e-15, 1e-100])
def test_a_tiny_singular_value_survives_where_squaring_loses_it(eps):
    A = np.array([[1, 1], [eps, 0], [0, eps]])
    assert_allclose(svd(A).s, [np.sqrt(2 + eps**2), eps], rtol=1e-14)


def test_columns_of_very_different_lengths_keep_their_digits(rng):
    Q = np.linalg.qr(rng.normal(size=(6, 3))).Q + 0.3
    lengths = np.array([1e-60, 1.0, 1e60])
    expected = [np.linalg.norm(part) for part in successive_distances(Q[:, ::-1])]
    assert_allclose(svd(Q * lengths).s, expected * lengths[::-1], rtol=1e-13)


def successive_distances(A):
    """Return each column less its shadow on all before it."""
    done = []
    for column in A.T:
        done.append(column - sum((np.dot(d, column) / np.dot(d, d) * d for d in done), 0 * column))
    return done


@pytest.mark.parametrize("factor", [1e-310, 1e-160, 1e160, 1e307])
def test_scales_raise_no_warning(factor):
    A = factor * np.array([[2.0, 2.0], [-1.0, 1.0], [0.0, 0.0]])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert_allclose(svd(A).s / factor, np.sqrt([8, 2]), rtol=1e-12)
        assert_allclose(low_rank(A, 1)[0] / factor, [2, 2], rtol=1e-12)
        if factor > 1e-300:
            assert_allclose(pseudo_inverse(A)[:, 1] * factor, [-0.5, 0.5], rtol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (3, 5)])
def test_zeros_have_no_direction_and_still_unit_vectors(shape):
    U, s, Vt = svd(np.zeros(shape))
    assert_array_equal(s, 0)
    assert_allclose(U.T @ U, np.eye(min(shape)), atol=1e-15)
    assert_allclose(Vt @ Vt.T, np.eye(min(shape)), atol=1e-15)
    assert_array_equal(pseudo_inverse(np.zeros(shape)), np.zeros(shape[::-1]))


@pytest.mark.parametrize("factor", [1.0, 1e307, 1e-3])
def test_equal_columns_come_to_an_end(factor):
    U, s, _ = svd(factor * np.ones((4, 4)))
    assert_allclose(s / factor, [4, 0, 0, 0], atol=1e-14)
    assert_allclose(U.T @ U, np.eye(4), atol=1e-14)


def test_low_rank_in_a_wide_matrix_leaves_right_angles(rng):
    A = of_rank(2, 6, 15, rng)
    U, s, Vt = svd(A)
    assert_allclose(s[2:], 0, atol=1e-13)
    assert_allclose(U.T @ U, np.eye(6), atol=1e-13)
    assert_allclose(Vt @ Vt.T, np.eye(6), atol=1e-13)


def test_singular_values_of_rounding_are_not_inverted():
    A = np.array([[1.0, 1.0], [1.0, 1.0 + 2e-16], [1.0, 1.0]])
    assert np.abs(pseudo_inverse(A)).max() < 1


# Refusals


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_not_finite_is_refused(call, bad):
    with pytest.raises(ValueError, match=r"^A is empty or not finite; expected numbers$"):
        call(np.array([[1.0, bad]]))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
@pytest.mark.parametrize("call", CALLS)
def test_what_is_empty_is_refused(call, shape):
    with pytest.raises(ValueError, match="A is empty"):
        call(np.zeros(shape))


@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_matrix_is_refused(call):
    with pytest.raises(ValueError, match=r"A has shape \(3,\); expected \(m, n\)"):
        call(np.ones(3))


@pytest.mark.parametrize("k", [-1, 3])
def test_more_singular_values_than_there_are_cannot_be_kept(k):
    with pytest.raises(ValueError, match=f"^k is {k}; expected 0 to 2, the smaller side of A$"):
        low_rank(MML, k)


def test_a_singular_value_beyond_float64_is_refused():
    with pytest.raises(ValueError, match=r"^a singular value overflows; expected smaller A$"):
        svd(np.full((3, 3), 1e308))


def test_an_inverse_beyond_float64_is_refused():
    with pytest.raises(ValueError, match=r"^the pseudo-inverse overflows; expected larger A$"):
        pseudo_inverse([[1e-310]])
