"""Laws, references, derivatives and hard input of distances and neighbors, rows at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.special import entr

from mathforml.foundations.derivatives import derivative
from mathforml.structure._neighbors import (
    at_precision,
    between,
    blocks,
    conditional,
    points,
    squared_distances,
)

seeds = st.integers(0, 2**32 - 1)
OWN = np.arange(9)


def distances(seed):
    X = np.random.default_rng(seed).normal(size=(9, 3))
    D = cdist(X, X, "sqeuclidean")
    return D - np.min(D + np.diag(np.full(9, np.inf)), axis=1, keepdims=True) * (1 - np.eye(9))


# Laws


@given(seeds, st.floats(1.2, 7.5))
def test_a_row_has_the_entropy_that_it_was_asked_for(seed, perplexity):
    P = conditional(distances(seed), OWN, np.log(perplexity))
    assert_allclose(entr(P).sum(axis=1), np.log(perplexity), atol=1e-9)
    assert_allclose(P.sum(axis=1), 1)
    assert_array_equal(np.diag(P), 0)


@given(seeds, st.sampled_from([1e-30, 1e-3, 1e30]))
def test_the_unit_of_the_distances_does_not_matter(seed, unit):
    P = conditional(distances(seed), OWN, np.log(4.0))
    assert_allclose(conditional(unit * distances(seed), OWN, np.log(4.0)), P, atol=1e-8)


@given(seeds)
def test_nearer_points_are_likelier(seed):
    D = distances(seed)
    P = conditional(D.copy(), OWN, np.log(4.0))
    others = ~np.eye(9, dtype=bool)
    for near, p, other in zip(D, P, others, strict=True):
        assert np.all(np.diff(p[other][np.argsort(near[other])]) <= 0)


@given(st.integers(1, 10**7))
def test_blocks_cover_all_rows_once(n):
    rows = np.concatenate([np.arange(min(n, 99))[part] for part in blocks(n) if part.start < 99])
    assert_array_equal(rows, np.arange(min(n, 99)))


# References


def test_distances_are_those_of_scipy_never_negative_and_zero_to_oneself(rng):
    for X in (1e3 + rng.normal(size=(20, 2)), 1e3 + rng.normal(size=(20, 8))):
        D = squared_distances(X, slice(5, 9))
        assert_array_equal(D[range(4), range(5, 9)], 0)
        assert_allclose(D, cdist(X[5:9], X, "sqeuclidean"), rtol=1e-8)
        assert np.all(D >= 0)


@pytest.mark.parametrize("d", [2, 7])
def test_distances_between_two_tables_are_those_of_scipy_and_zero_between_copies(rng, d):
    A, B = rng.normal(size=(6, d)), rng.normal(size=(9, d))
    B[4] = A[2]
    assert_allclose(between(A, B), cdist(A, B, "sqeuclidean"), rtol=1e-12)
    assert between(A, B)[2, 4] == 0


def test_probabilities_and_entropies_are_those_of_the_definition(rng):
    D, t = distances(3), rng.normal(size=9)
    P, entropy, _ = at_precision(t, D, OWN)
    W = np.exp(-np.exp(t)[:, None] * D) * (1 - np.eye(9))
    assert_allclose(P, W / W.sum(axis=1, keepdims=True))
    assert_allclose(entropy, entr(P).sum(axis=1))


# Derivatives


@given(seeds)
def test_the_slope_of_the_entropy_is_what_differences_say(seed):
    D = distances(seed)[:1]
    own = np.array([0])
    measured = derivative(lambda t: at_precision(np.array([t]), D, own)[1][0], 0.3)
    assert_allclose(at_precision(np.array([0.3]), D, own)[2][0], measured, atol=1e-8)


# Hard input


def test_where_too_many_are_nearest_they_share_equally():
    D = np.array([[0.0, 1.0, 1.0, 1.0, 7.0]])
    P = conditional(D, np.array([0]), np.log(2.0))
    assert_allclose(P, [[0, 1 / 3, 1 / 3, 1 / 3, 0]], atol=1e-12)


@pytest.mark.parametrize("gap", [1e4, 1e8, 1e12])
def test_points_far_away_cost_no_digits_of_the_near(gap):
    X = np.random.default_rng(0).normal(size=(8, 6))
    X[4:] += gap
    D = squared_distances(X)
    assert_allclose(D, cdist(X, X, "sqeuclidean"), rtol=1e-8)
    assert_array_equal(squared_distances(np.repeat(X, 2, axis=0))[::2, 1::2].diagonal(), 0)


# Refusals


def test_what_is_no_table_of_finite_numbers_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(2, 3\); expected"):
        points("X", np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"Y\[1, 0\] is inf; expected finite"):
        points("Y", [[0.0], [np.inf], [1.0]])
