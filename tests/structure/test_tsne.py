"""The laws of t-SNE, references, its gradient by differences, hard input, refusals."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist, squareform
from sklearn.datasets import load_iris
from sklearn.manifold import TSNE
from sklearn.manifold import trustworthiness as reference_trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities

from mathforml.foundations.derivatives import gradient
from mathforml.structure import tsne as module
from mathforml.structure.tsne import (
    affinities,
    embed,
    squared_distances,
    trustworthiness,
    tsne,
    tsne_gradient,
)

seeds = st.integers(0, 2**32 - 1)


def points(seed, n=12, d=3):
    return np.random.default_rng(seed).normal(size=(n, d))


def conditional(X, perplexity):
    """Return each point's neighbors from the symmetric affinities' definition, by bisection."""
    D = cdist(X, X, "sqeuclidean")
    P = np.zeros_like(D)
    for i, row in enumerate(D):
        others = np.arange(len(X)) != i
        low, high = -40.0, 40.0
        for _ in range(200):
            beta = np.exp((low + high) / 2)
            w = np.exp(-beta * (row[others] - row[others].min()))
            p = w / w.sum()
            entropy = -np.sum(p[p > 0] * np.log(p[p > 0]))
            low, high = (
                (np.log(beta), high) if entropy > np.log(perplexity) else (low, np.log(beta))
            )
        P[i, others] = p
    return P


# Laws


@given(seeds, st.floats(1.5, 8))
def test_affinities_are_symmetric_probabilities_of_pairs(seed, perplexity):
    P = affinities(points(seed), perplexity)
    assert_array_equal(P, P.T)
    assert_array_equal(np.diag(P), 0)
    assert np.all(P >= 0)
    assert_allclose(P.sum(), 1, rtol=1e-12)


@given(seeds, st.floats(1.5, 8))
def test_every_point_has_as_many_neighbors_as_the_perplexity_says(seed, perplexity):
    X = points(seed)
    P = conditional(X, perplexity)
    assert_allclose(affinities(X, perplexity), (P + P.T) / (2 * len(X)), atol=1e-9)


@given(seeds, st.floats(0.01, 100))
def test_moving_turning_and_scaling_the_data_changes_nothing(seed, scale):
    X = points(seed)
    turn, _ = np.linalg.qr(points(seed, 3))
    assert_allclose(affinities(scale * X @ turn + 5, 4.0), affinities(X, 4.0), atol=1e-9)


@given(seeds)
def test_forces_cancel_and_moving_or_turning_the_map_leaves_the_divergence(seed):
    P, Y = affinities(points(seed), 4.0), points(seed, 12, 2)
    pull = tsne_gradient(P, Y)
    assert_allclose(pull.gradient.sum(axis=0), 0, atol=1e-12)
    assert_allclose(np.sum(pull.gradient * (Y @ [[0, 1], [-1, 0]])), 0, atol=1e-12)
    assert_allclose(tsne_gradient(P, Y + 3).kl, pull.kl, atol=1e-10)
    assert pull.kl >= 0


def test_a_map_that_has_the_affinities_of_the_data_is_at_rest(rng):
    Y = rng.normal(size=(9, 2))
    W = 1 / (1 + cdist(Y, Y, "sqeuclidean")) - np.eye(9)
    pull = tsne_gradient(W / W.sum(), Y)
    assert_allclose(pull.gradient, 0, atol=1e-14)
    assert_allclose(pull.kl, 0, atol=1e-14)


def test_one_seed_gives_one_map(rng):
    X = rng.normal(size=(40, 3))
    maps = [tsne(X, perplexity=5.0, iterations=60, rng=np.random.default_rng(1)) for _ in range(2)]
    assert_array_equal(maps[0].Y, maps[1].Y)
    assert maps[0].kl == tsne_gradient(affinities(X, 5.0), maps[0].Y).kl


def test_the_divergence_falls_on_the_way(rng):
    P = affinities(rng.normal(size=(60, 4)), 10.0)
    maps = list(islice(embed(P, 1e-4 * rng.normal(size=(60, 2))), 0, 600, 100))
    left = [tsne_gradient(P, Y).kl for Y in maps]
    assert left[0] > left[3] > left[5]


def test_a_map_of_the_data_itself_can_be_trusted(rng):
    X = rng.normal(size=(50, 3))
    assert trustworthiness(X, 7 * X + 1) == 1


# References


def test_the_affinities_are_those_of_scikit_learn(rng):
    X = rng.normal(size=(80, 5))
    theirs = _joint_probabilities(cdist(X, X, "sqeuclidean").astype(np.float32), 10.0, 0)
    assert_allclose(affinities(X, 10.0), squareform(theirs), atol=1e-6)


@pytest.mark.parametrize("neighbors", [1, 5, 12])
def test_trustworthiness_is_that_of_scikit_learn(rng, neighbors):
    X, Y = rng.normal(size=(60, 5)), rng.normal(size=(60, 2))
    theirs = reference_trustworthiness(X, Y, n_neighbors=neighbors)
    assert_allclose(trustworthiness(X, Y, neighbors), theirs, rtol=1e-12)


def test_the_map_is_as_good_as_that_of_scikit_learn():
    X = load_iris().data
    ours = tsne(X, rng=np.random.default_rng(0))
    theirs = TSNE(method="exact", init="pca", random_state=0).fit(X)
    assert ours.kl <= 1.01 * theirs.kl_divergence_


# Derivatives


@given(seeds, st.integers(1, 3))
def test_the_gradient_is_what_differences_say(seed, dimensions):
    P, Y = affinities(points(seed), 4.0), points(seed, 12, dimensions)
    measured = gradient(lambda Y: tsne_gradient(P, Y).kl, Y)
    assert_allclose(tsne_gradient(P, Y).gradient, measured, atol=1e-9)


@given(seeds)
def test_the_gradient_is_four_times_the_sum_of_springs(seed):
    P, Y = affinities(points(seed), 4.0), 10 * points(seed, 12, 2)
    W = 1 / (1 + cdist(Y, Y, "sqeuclidean")) - np.eye(12)
    springs = (P - W / W.sum()) * W
    by_pairs = 4 * np.einsum("ij,ijm->im", springs, Y[:, None] - Y)
    assert_allclose(tsne_gradient(P, Y).gradient, by_pairs, atol=1e-12 * np.abs(by_pairs).max())


# Hard input


@pytest.mark.parametrize(
    "X",
    [
        np.ones((40, 3)),
        np.repeat(points(0, 4), 10, axis=0),
        np.vstack([np.zeros((30, 3)), np.eye(3)]),
        points(0, 40) * 1e-6,
        points(0, 40) * 1e6,
        points(0, 40) + 1e8,
        np.vstack([points(0, 39), 1e6 * np.ones((1, 3))]),
    ],
    ids=["constant", "copies", "mostly copies", "tiny", "huge", "far away", "one outlier"],
)
def test_hard_data_give_a_finite_map(X):
    P = affinities(X, 8.0)
    assert_allclose(P.sum(), 1, rtol=1e-12)
    found = tsne(X, perplexity=8.0, iterations=300, rng=np.random.default_rng(0))
    assert np.all(np.isfinite(found.Y))
    assert np.isfinite(found.kl)


def test_a_point_with_many_copies_has_them_as_neighbors():
    P = affinities(np.repeat(np.eye(2), 10, axis=0), 3.0)
    assert_allclose(P[0, 1:10], P[0, 1])
    assert_allclose(P[0, 10:], 0, atol=1e-12)


def test_blocks_change_nothing(rng, monkeypatch):
    X, Y = rng.normal(size=(50, 4)), rng.normal(size=(50, 2))
    P, pull, trust = affinities(X, 9.0), tsne_gradient(affinities(X, 9.0), Y), trustworthiness(X, Y)
    monkeypatch.setattr(module, "BLOCK", 350)
    assert_allclose(affinities(X, 9.0), P, atol=1e-14)
    assert_allclose(tsne_gradient(P, Y).gradient, pull.gradient, atol=1e-14)
    assert_allclose(tsne_gradient(P, Y).kl, pull.kl, rtol=1e-13)
    assert trustworthiness(X, Y) == trust


def test_integers_are_welcome_and_arguments_stay_as_they_are(rng):
    X = rng.integers(0, 50, size=(30, 3))
    before = X.copy()
    P = affinities(X, 5.0)
    tsne(X, perplexity=5.0, iterations=3, rng=rng)
    trustworthiness(X, X)
    assert_array_equal(X, before)
    Y, kept = rng.normal(size=(30, 2)), P.copy()
    start = Y.copy()
    list(islice(embed(P, Y), 3))
    tsne_gradient(P, Y)
    assert_array_equal(P, kept)
    assert_array_equal(Y, start)


def test_distances_are_zero_to_oneself_and_never_negative(rng):
    for X in (1e3 + rng.normal(size=(20, 2)), 1e3 + rng.normal(size=(20, 8))):
        D = squared_distances(X, slice(5, 9))
        assert_array_equal(D[range(4), range(5, 9)], 0)
        assert_allclose(D, cdist(X[5:9], X, "sqeuclidean"), atol=1e-8)
        assert np.all(D >= 0)


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: affinities(points(0), 11.0), r"perplexity is 11.0; expected 1 to less than n - 1"),
        (lambda: affinities(points(0), 0.5), "perplexity is 0.5"),
        (lambda: affinities(np.ones((2, 3)), 1.0), r"X has shape \(2, 3\); expected"),
        (lambda: affinities([[0.0], [np.nan], [1.0], [2.0]], 1.5), r"X\[1, 0\] is nan"),
        (lambda: tsne_gradient(np.ones((3, 3)), np.ones((4, 2))), "Y has shape"),
        (lambda: next(embed(np.ones((3, 3)), np.ones((4, 2)))), "Y has shape"),
        (lambda: trustworthiness(points(0), points(1, 11)), "Y has shape"),
        (lambda: trustworthiness(points(0), points(1), 6), "neighbors is 6; expected 1 to less"),
    ],
)
def test_what_has_no_map_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_map_needs_a_dimension(rng):
    with pytest.raises(ValueError, match="dimensions is 0"):
        tsne(points(0), dimensions=0, perplexity=4.0, rng=rng)
