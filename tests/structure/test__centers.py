"""The laws of moves and products, against SciPy, and hard input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist

from mathforml.structure._centers import lengths, move, moves, nearest, normalized, product, table

seeds = st.integers(0, 2**32 - 1)


# Laws


@given(seeds)
def test_a_move_returns_the_means_and_what_was_left_before(seed):
    rng = np.random.default_rng(seed)
    Z, C = rng.normal(size=(30, 4)), rng.normal(size=(3, 4))
    after, left = move(Z, lengths(Z), C)
    D = cdist(Z, C, "sqeuclidean")
    assert_allclose(left, D.min(axis=1).sum(), rtol=1e-12)
    for j in np.unique(D.argmin(axis=1)):
        assert_allclose(after[j], Z[D.argmin(axis=1) == j].mean(axis=0), rtol=1e-10, atol=1e-14)


@given(seeds)
def test_moves_begin_with_the_centers_given_and_end_where_a_move_changes_nothing(seed):
    Z = np.random.default_rng(seed).normal(size=(40, 3))
    path = list(moves(Z, Z[:4]))
    assert_array_equal(path[0], Z[:4])
    assert_allclose(move(Z, lengths(Z), path[-1])[0], path[-1], rtol=1e-12, atol=1e-14)


@given(seeds, st.sampled_from([1e-12, 1.0, 3e7]))
def test_normalizing_can_be_undone_and_leaves_nothing_beyond_one(seed, scale):
    X = scale * np.random.default_rng(seed).normal(size=(20, 3)) + 5
    Z, middle, unit = normalized(X)
    assert np.abs(Z).max() <= 1
    assert np.frexp(unit)[0] == 0.5
    assert_allclose(Z * unit + middle, X, rtol=1e-12)


# References


@given(seeds)
def test_the_product_gives_squared_distances(seed):
    rng = np.random.default_rng(seed)
    Z, C = rng.normal(size=(30, 4)), rng.normal(size=(5, 4))
    assert_allclose(product(C, Z, lengths(Z)), cdist(C, Z, "sqeuclidean"), rtol=1e-10)


@given(seeds, st.integers(1, 6))
def test_the_nearest_center_is_that_of_scipy(seed, d):
    rng = np.random.default_rng(seed)
    Z, C = rng.normal(size=(30, d)), rng.normal(size=(5, d))
    labels, squares = nearest(Z, C)
    D = cdist(Z, C, "sqeuclidean")
    assert_array_equal(labels, D.argmin(axis=1))
    assert_allclose(squares, D.min(axis=1), rtol=1e-12)


# Hard input


def test_a_column_that_never_varies_is_centered_to_exact_zeros():
    X = np.column_stack([np.full(1001, 0.1), np.arange(1001)])
    assert_array_equal(normalized(X)[0][:, 0], 0)


def test_centers_without_rows_move_to_the_farthest_rows():
    Z = np.array([[0.0], [1.0], [9.0], [4.0]])
    after, _ = move(Z, lengths(Z), np.array([[0.0], [-50.0], [-60.0]]))
    assert_array_equal(after[:, 0], [3.5, 9.0, 4.0])


def test_equal_centers_do_not_share_a_row():
    Z = np.array([[0.0], [1.0], [2.0]])
    after, left = move(Z, lengths(Z), np.ones((2, 1)))
    assert_array_equal(after[:, 0], [1.0, 0.0])
    assert left == 2


# Refusals


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones(3), r"A has shape \(3,\); expected \(n, d\) with n and d at least 1"),
        (np.ones((0, 2)), r"A has shape \(0, 2\)"),
        ([[1.0, np.nan]], r"A\[0, 1\] is nan; expected finite numbers, and none beyond 1e\+150"),
        ([[1.0], [-1e200]], r"A\[1, 0\] is -1e\+200"),
    ],
)
def test_what_is_no_table_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        table("A", X)
