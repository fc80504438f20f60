"""The laws of t-SNE, references, its gradient by differences, hard input, refusals."""

import tracemalloc
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist, squareform
from sklearn.datasets import load_iris, make_blobs
from sklearn.manifold import TSNE
from sklearn.manifold import trustworthiness as reference_trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities

from mathforml.foundations.derivatives import gradient
from mathforml.structure import _neighbors
from mathforml.structure.pca import pca
from mathforml.structure.tsne import (
    Motion,
    affinities,
    embed,
    forces,
    trustworthiness,
    tsne,
    tsne_gradient,
    tsne_step,
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


def test_a_step_repeats_the_last_one_and_goes_downhill_by_gain(rng):
    P, Y = affinities(points(1), 4.0), points(2, 12, 2)
    step, gain = points(3, 12, 2), np.abs(points(4, 12, 2))
    moved = tsne_step(P, Motion(Y, step, gain), 0.5, momentum=0.7)
    gradient = tsne_gradient(P, Y).gradient
    onward = np.sign(gradient) == -np.sign(step)
    assert_allclose(moved.gain, np.where(onward, gain + 0.2, np.maximum(0.8 * gain, 0.01)))
    assert_allclose(moved.step, 0.7 * step - 0.5 * moved.gain * gradient)
    assert_allclose(moved.Y, Y + moved.step)


@given(seeds, st.floats(0, 20))
def test_exaggeration_strengthens_attraction_alone(seed, exaggeration):
    P, Y = affinities(points(seed), 4.0), points(seed, 12, 2)
    (push, total), (both, _) = forces(P, Y, 0.0), forces(P, Y)
    assert_allclose(forces(P, Y, exaggeration)[0], push + exaggeration * (both - push), atol=1e-12)
    assert_allclose(total, np.sum(1 / (1 + cdist(Y, Y, "sqeuclidean"))) - 12)


def test_the_map_begins_as_small_principal_components(rng):
    X = rng.normal(size=(30, 4)) * [9, 3, 1, 1]
    begun = tsne(X, perplexity=5.0, iterations=0, rng=rng).Y
    scores = pca(X, 2).scores
    assert_allclose(begun, 1e-4 * scores / scores[:, 0].std(), atol=6e-6)


def test_a_map_of_the_data_itself_can_be_trusted(rng):
    X = rng.normal(size=(50, 3))
    assert trustworthiness(X, 7 * X + 1) == 1


def test_moving_groups_apart_leaves_the_trust(rng):
    X = np.repeat([[0.0], [30.0], [60.0]], 20, axis=0) + rng.normal(size=(60, 2))
    apart = X + np.repeat([[900.0], [0.0], [-40.0]], 20, axis=0)
    assert trustworthiness(X, apart) == 1


def test_a_map_can_be_torn_and_trusted_but_not_the_other_way_round(rng):
    X = rng.uniform(size=(60, 1)) * [4.0, 1.0]
    torn = X + 100 * (X[:, :1] > 2)
    assert trustworthiness(X, torn) > 0.99
    assert trustworthiness(torn, X) < trustworthiness(X, torn)


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


def test_the_best_of_three_maps_is_as_good_as_that_of_scikit_learn():
    X = load_iris().data
    ours = [tsne(X, rng=np.random.default_rng(seed)).kl for seed in range(3)]
    theirs = [
        TSNE(method="exact", init="random", random_state=seed).fit(X).kl_divergence_
        for seed in range(3)
    ]
    assert min(ours) <= 1.01 * min(theirs)


# Published numbers


def test_the_trust_in_a_projection_is_that_of_the_documentation():
    X, _ = make_blobs(n_samples=100, n_features=10, centers=3, random_state=42)
    assert round(trustworthiness(X, pca(X, 2).scores), 2) == 0.92  # of scikit-learn


# Derivatives


@given(seeds, st.integers(1, 3))
def test_the_gradient_is_what_differences_say(seed, dimensions):
    P, Y = affinities(points(seed), 4.0), points(seed, 12, dimensions)
    measured = gradient(lambda Y: tsne_gradient(P, Y).kl, Y)
    assert_allclose(tsne_gradient(P, Y).gradient, measured, atol=1e-9)


@given(seeds, st.sampled_from([1e-4, 1.0, 10.0, 1e4, 1e8]))
def test_the_gradient_is_four_times_the_sum_of_springs_on_maps_of_any_size(seed, size):
    P, Y = affinities(points(seed), 4.0), size * points(seed, 12, 2)
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


@pytest.mark.parametrize("d", [2, 5])
def test_groups_so_far_apart_that_squares_cancel_keep_their_neighbors(d):
    """As in one group alone: from where the points of the other are, they have no weight."""
    near = points(5, 20, d)
    X = np.vstack([near, near + 2.0**33])
    kept = X[:20] - X[20:] + 2.0**33  # what is left of the digits of the second group
    assert_allclose(kept, 0, atol=1e-5)
    assert_allclose(affinities(X, 5.0)[:20, :20], affinities(near, 5.0) / 2, atol=1e-8)


def test_copies_in_many_dimensions_are_all_equally_near():
    P = affinities(np.repeat(points(0, 6, 9), 5, axis=0), 3.0)
    assert_allclose(P[0, 1:5], P[0, 1], rtol=1e-12)
    assert_allclose(P[0, 5:], 0, atol=1e-12)


def test_blocks_change_nothing(rng, monkeypatch):
    X, Y = rng.normal(size=(50, 4)), rng.normal(size=(50, 2))
    P, pull, trust = affinities(X, 9.0), tsne_gradient(affinities(X, 9.0), Y), trustworthiness(X, Y)
    monkeypatch.setattr(_neighbors, "BLOCK", 350)
    assert_allclose(affinities(X, 9.0), P, atol=1e-14)
    assert_allclose(tsne_gradient(P, Y).gradient, pull.gradient, atol=1e-14)
    assert_allclose(tsne_gradient(P, Y).kl, pull.kl, rtol=1e-13)
    assert trustworthiness(X, Y) == trust


def test_no_second_table_of_all_pairs_is_made(rng):
    n = 2000
    P, Y = (1 - np.eye(n)) / (n * (n - 1)), rng.normal(size=(n, 2))
    tracemalloc.start()
    tsne_gradient(P, Y)
    trustworthiness(Y, Y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < P.nbytes / 6  # a block of rows at a time


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


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: affinities(points(0), 11.0), r"perplexity is 11.0; expected 1 to less than n - 1"),
        (lambda: affinities(points(0), 0.5), "perplexity is 0.5"),
        (lambda: affinities(np.ones((2, 3)), 1.0), r"X has shape \(2, 3\); expected"),
        (lambda: affinities([[0.0], [np.nan], [1.0], [2.0]], 1.5), r"X\[1, 0\] is nan"),
        (lambda: tsne_gradient(np.ones((3, 3)), np.ones((4, 2))), "Y has shape"),
        (lambda: tsne_gradient(conditional(points(0), 4.0), points(1, 12, 2)), "P adds up to 12;"),
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
