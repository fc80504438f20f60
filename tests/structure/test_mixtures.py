"""The laws of k-means and EM, references, published numbers, derivatives, hard input, refusals."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture

from mathforml.foundations.derivatives import gradient
from mathforml.structure import _neighbors
from mathforml.structure.mixtures import (
    Mixture,
    bic,
    e_step,
    em_step,
    gaussian_mixture,
    kmeans,
    kmeans_plus_plus,
    lloyd,
    m_step,
)

seeds = st.integers(0, 2**32 - 1)


def groups(seed, n=60, d=3, k=4):
    rng = np.random.default_rng(seed)
    return 3 * rng.normal(size=(k, d))[rng.integers(k, size=n)] + rng.normal(size=(n, d))


def start(X, k, seed=0):
    """Return a mixture of clusters."""
    centers = kmeans_plus_plus(X, k, np.random.default_rng(seed))
    return m_step(X, np.eye(k)[kmeans(X, centers).labels])


def log_likelihood(X, mixture):
    """Return it as scipy has it."""
    parts = [w * multivariate_normal(m, C).pdf(X) for w, m, C in zip(*mixture, strict=True)]
    return np.sum(np.log(np.sum(parts, axis=0)))


# Laws


@given(seeds, st.integers(1, 6))
def test_every_move_lowers_the_inertia_and_ends_at_the_means(seed, k):
    X = groups(seed)
    path = list(lloyd(X, kmeans_plus_plus(X, k, np.random.default_rng(seed))))
    for before, after in pairwise(path):
        D = cdist(X, before.centers, "sqeuclidean")
        assert_allclose(before.inertia, D.min(axis=1).sum(), rtol=1e-10)
        assert_array_equal(before.labels, D.argmin(axis=1))
        assert after.inertia < before.inertia
        assert after.iterations == before.iterations + 1
    last = path[-1]
    for j in range(k):
        assert_allclose(last.centers[j], X[last.labels == j].mean(axis=0), rtol=1e-10, atol=1e-12)
    found = kmeans(X, path[0].centers)
    assert_array_equal(found.labels, last.labels)
    assert_array_equal(found.centers, last.centers)
    assert found[2:] == last[2:]


def test_no_cut_of_eight_numbers_is_better_than_the_best_of_all_starts():
    x = np.array([0.0, 1.0, 1.5, 4.0, 4.5, 9.0, 9.2, 12.0])
    ends = [kmeans(x[:, None], x[list(c), None]).inertia for c in permutations(range(8), 3)]
    cuts = [np.split(x, [a, b]) for a, b in product(range(1, 8), repeat=2) if a < b]
    assert_allclose(min(ends), min(sum(p.var() * p.size for p in cut) for cut in cuts))


@given(seeds, st.sampled_from([1e-6, 1.0, 1e6]))
def test_moving_and_scaling_the_data_moves_and_scales_the_clusters(seed, scale):
    X = groups(seed)
    centers = X[:4]
    here, there = kmeans(X, centers), kmeans(scale * X - 7, scale * centers - 7)
    assert_array_equal(there.labels, here.labels)
    assert_allclose(there.centers, scale * here.centers - 7, rtol=1e-9, atol=1e-9 * scale)
    assert_allclose(there.inertia, scale**2 * here.inertia, rtol=1e-8)


@given(seeds, st.integers(1, 20))
def test_seeds_are_rows_and_different_as_long_as_rows_are(seed, k):
    X = np.random.default_rng(seed).integers(0, 4, size=(20, 2))
    drawn = kmeans_plus_plus(X, k, np.random.default_rng(seed))
    different = {tuple(row) for row in X}
    found = {tuple(row) for row in drawn}
    assert drawn.shape == (k, 2)
    assert found <= different
    assert len(found) == min(k, len(different))


def test_a_seed_is_drawn_in_proportion_to_the_squared_distance(rng):
    """Of two candidates the better one is kept: the far row unless both draws miss it."""
    X = np.array([[0.0]] * 98 + [[1.0], [3.0]])
    seconds = [kmeans_plus_plus(X, 2, rng) for _ in range(4000)]
    far = np.mean([found[1, 0] == 3 for found in seconds if found[0, 0] == 0])
    assert_allclose(far, 1 - 0.1**2, atol=0.01)


def test_one_seed_draws_the_same_centers():
    X = groups(1)
    a, b = (kmeans_plus_plus(X, 4, np.random.default_rng(5)) for _ in range(2))
    assert_array_equal(a, b)


@given(seeds, st.integers(1, 5))
def test_responsibilities_are_shares_by_bayes_rule(seed, k):
    X = groups(seed)
    mixture = start(X, k)
    R, log_p = e_step(X, mixture)
    assert_allclose(R.sum(axis=1), 1, rtol=1e-12)
    assert_allclose(log_p.sum(), log_likelihood(X, mixture), rtol=1e-10)
    parts = zip(*mixture, strict=True)
    joint = np.stack([w * multivariate_normal(m, C).pdf(X) for w, m, C in parts]).T
    assert_allclose(R, joint / joint.sum(axis=1, keepdims=True), atol=1e-12)


@given(seeds, st.integers(1, 5), st.sampled_from([1e-6, 1.0, 1e6]))
def test_no_step_lowers_the_likelihood(seed, k, scale):
    X = scale * groups(seed, n=30)
    mixture = start(X, k, seed)
    reached = []
    for _ in range(30):
        mixture, value = em_step(X, mixture)
        reached.append(value)
    assert np.all(np.diff(reached) >= -1e-9 * len(X))


@given(seeds, st.integers(2, 6))
def test_no_step_lowers_the_likelihood_where_covariances_lie_on_the_floor(seed, k):
    """Fewer rows than columns: the constrained maximum clips; to add a ridge would not do."""
    X = groups(seed, n=8, d=10)
    mixture, reached = start(X, k, seed), []
    for _ in range(12):
        mixture, value = em_step(X, mixture)
        reached.append(value)
    assert np.all(np.diff(reached) >= -1e-7)
    assert np.linalg.eigvalsh(mixture.covs / X.std(axis=0) / X.std(axis=0)[:, None]).min() > 9e-7


@given(seeds)
def test_after_a_step_weights_means_and_covariances_average_to_those_of_the_data(seed):
    X = groups(seed)
    mixture, _ = em_step(X, start(X, 3, seed))
    assert_allclose(mixture.weights.sum(), 1, rtol=1e-12)
    mean = mixture.weights @ mixture.means
    assert_allclose(mean, X.mean(axis=0), atol=1e-12)
    gaps = mixture.means - mean
    total = np.einsum("k,kij->ij", mixture.weights, mixture.covs)
    total += np.einsum("k,ki,kj->ij", mixture.weights, gaps, gaps)
    assert_allclose(total, np.cov(X.T, ddof=0), atol=1e-11)


def test_one_component_is_the_mean_and_the_covariance_at_once():
    X = groups(3)
    mixture, reached = gaussian_mixture(X, m_step(X, np.ones((60, 1))))
    assert_allclose(mixture.means[0], X.mean(axis=0), atol=1e-13)
    assert_allclose(mixture.covs[0], np.cov(X.T, ddof=0), atol=1e-13)
    assert reached.size == 2


def test_the_last_likelihood_is_that_of_the_mixture_returned():
    X = groups(2)
    begun = start(X, 3)
    mixture, reached = gaussian_mixture(X, begun, tol=1e-4)
    assert_allclose(reached[-1], log_likelihood(X, mixture), rtol=1e-12)
    assert_allclose(reached[0], log_likelihood(X, begun), rtol=1e-12)
    gains = np.diff(reached) / 60
    assert gains[-1] <= 1e-4
    assert np.all(gains[:-1] > 1e-4)
    assert gaussian_mixture(X, begun, tol=1e-9)[1].size > reached.size


def test_with_spheres_that_shrink_a_step_becomes_one_of_k_means():
    X = groups(4)
    centers = X[:4]
    moved = list(lloyd(X, centers))[1].centers
    for size, within in [(1e-3, 0.01), (1e-5, 1e-12)]:
        spheres = Mixture(np.full(4, 0.25), centers, np.tile(size * np.eye(3), (4, 1, 1)))
        assert_allclose(em_step(X, spheres)[0].means, moved, atol=within)


def test_the_likelihood_of_other_units_differs_by_their_logarithm():
    X = groups(5)
    units = np.array([1e-6, 1.0, 1e6])
    one, there = start(X, 3), start(X, 3)
    there = Mixture(one.weights, one.means * units, one.covs * units * units[:, None])
    _, reached = gaussian_mixture(X, one)
    _, elsewhere = gaussian_mixture(X * units, there)
    assert_allclose(elsewhere + 60 * np.log(units).sum(), reached, rtol=1e-9)


# References


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_clusters_are_those_of_scikit_learn(seed, k, d):
    X = groups(seed, d=d)
    centers = kmeans_plus_plus(X, k, np.random.default_rng(seed))
    found = kmeans(X, centers)
    theirs = KMeans(k, init=centers, n_init=1, tol=0, algorithm="lloyd").fit(X)
    assert_array_equal(found.labels, theirs.labels_)
    assert_allclose(found.centers, theirs.cluster_centers_, rtol=1e-12, atol=1e-12)
    assert_allclose(found.inertia, theirs.inertia_, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:Best performing initialization did not converge")
@given(seeds, st.integers(1, 4))
def test_ten_steps_are_those_of_scikit_learn(seed, k):
    X = groups(seed, n=300)
    mixture = start(X, k, seed)
    model = GaussianMixture(k, max_iter=10, reg_covar=0, tol=0, init_params="random")
    model.weights_init, model.means_init = mixture[:2]
    model.precisions_init = np.linalg.inv(mixture.covs)
    theirs = model.fit(X)
    for _ in range(10):
        mixture, _ = em_step(X, mixture)
    assert_allclose(mixture.weights, theirs.weights_, atol=1e-10)
    assert_allclose(mixture.means, theirs.means_, atol=1e-9)
    assert_allclose(mixture.covs, theirs.covariances_, atol=1e-9)
    assert_allclose(bic(X, mixture), theirs.bic(X), rtol=1e-9)


def test_seeds_are_as_good_as_those_of_scikit_learn(rng):
    X = groups(7, n=400, d=5, k=8)
    ours = [kmeans(X, kmeans_plus_plus(X, 8, rng)).inertia for _ in range(20)]
    theirs = [KMeans(8, n_init=1, random_state=s).fit(X).inertia_ for s in range(20)]
    assert np.mean(ours) < 1.02 * np.mean(theirs)


# Published numbers


def test_three_clusters_of_irises_are_those_of_r():
    X = load_iris().data
    draws = [kmeans_plus_plus(X, 3, np.random.default_rng(s)) for s in range(5)]
    found = min((kmeans(X, centers) for centers in draws), key=lambda found: found.inertia)
    within = sorted(np.sum((X[found.labels == j] - found.centers[j]) ** 2) for j in range(3))
    assert_allclose(within, [15.15100, 23.87947, 39.82097], atol=6e-6)


def test_the_criterion_of_mixtures_of_irises_is_that_of_mclust():
    X = load_iris().data
    for k, theirs in [(1, 829.9782), (2, 574.0178)]:
        mixture, _ = gaussian_mixture(X, start(X, k), tol=1e-10)
        assert_allclose(bic(X, mixture), theirs, atol=6e-5)


# Derivatives


def test_at_the_end_the_likelihood_is_level():
    X = groups(8)
    (weights, means, covs), _ = gaussian_mixture(X, start(X, 3), tol=0)

    def by_means(m):
        return e_step(X, Mixture(weights, m, covs))[1].sum()

    def by_logits(z):
        w = np.exp(z) / np.exp(z).sum()
        return e_step(X, Mixture(w, means, covs))[1].sum()

    def by_roots(L):
        return e_step(X, Mixture(weights, means, L @ L.transpose(0, 2, 1)))[1].sum()

    assert_allclose(gradient(by_means, means), 0, atol=1e-5)
    assert_allclose(gradient(by_logits, np.log(weights)), 0, atol=1e-5)
    assert_allclose(gradient(by_roots, np.linalg.cholesky(covs)), 0, atol=1e-5)


# Hard input


HARD = {
    "constant": np.ones((40, 3)),
    "a constant column": groups(0, 40) * [1, 0, 1] + [0, 0.1, 0],
    "copies": np.repeat(groups(0, 4), 10, axis=0),
    "fewer different rows than clusters": np.repeat([[0.1, 0.2, 0.3], [0.7, 0.1, 0.9]], 20, axis=0),
    "tiny": groups(0, 40) * 1e-6,
    "tinier": groups(0, 40) * 1e-140,
    "huge": groups(0, 40) * 1e6,
    "huger": groups(0, 40) * 1e140,
    "far away": groups(0, 40) * 1e-3 + 1e8,
    "wide": groups(0, 12, 30),
    "one outlier": np.vstack([groups(0, 39), 1e6 * np.ones((1, 3))]),
    "columns that repeat": groups(0, 40)[:, [0, 0, 1]],
    "units far apart": groups(0, 40) * [1e-6, 1, 1e6],
}


@pytest.mark.parametrize("X", HARD.values(), ids=HARD)
def test_hard_data_have_clusters_and_a_mixture(X):
    centers = kmeans_plus_plus(X, 4, np.random.default_rng(0))
    path = list(lloyd(X, centers))
    rounding = 1e-15 * np.sum((X - X.mean(axis=0)) ** 2)
    assert all(b.inertia <= a.inertia + rounding for a, b in pairwise(path))
    found = kmeans(X, centers)
    assert np.isfinite(found.centers).all()
    exact = np.sum((X - found.centers[found.labels]) ** 2)
    assert_allclose(found.inertia, exact, rtol=1e-6, atol=1e-28 * np.max(X**2))
    mixture, reached = gaussian_mixture(X, m_step(X, np.eye(4)[found.labels]))
    assert all(np.isfinite(part).all() for part in mixture)
    assert np.all(np.diff(reached) >= -1e-6 * len(X))


@pytest.mark.parametrize("d", [2, 5])
def test_an_offset_costs_no_label(d):
    X = np.round(2**10 * groups(3, 60, d)) * 2.0**-20  # spread 1e-3, exact at the offset
    here, there = (kmeans(X + shift, X[:4] + shift) for shift in (0, 2.0**26))
    assert_array_equal(there.labels, here.labels)
    assert_allclose(there.inertia, here.inertia, rtol=1e-7)
    mixtures = [gaussian_mixture(X + s, start(X + s, 3)) for s in (0, 2.0**26)]
    assert_allclose(mixtures[1][0].covs, mixtures[0][0].covs, rtol=1e-4, atol=1e-12)
    assert_allclose(mixtures[1][1], mixtures[0][1], rtol=1e-5)


@pytest.mark.parametrize("d", [2, 5])
def test_groups_so_far_apart_that_squares_cancel_are_still_divided(d):
    """Two pairs of groups; within a pair they are nearer than the squares' last digit."""
    rng = np.random.default_rng(0)
    corner = np.array([0, 1, 2.0**30, 2.0**30 + 1])
    X = np.repeat(corner, 10)[:, None] + np.zeros(d)
    X[:, 0] += rng.choice([0, 0.125], 40)
    for seed in range(9):
        drawn = kmeans_plus_plus(X, 4, np.random.default_rng(seed))
        assert_array_equal(np.sort(np.floor(drawn[:, 1])), corner)
    found = kmeans(X, drawn)
    assert len(set(map(tuple, found.labels.reshape(4, 10)))) == 4
    assert found.inertia < 40 * 0.125**2
    below = X[[0, 10, 20, 30]] - np.eye(d)[0]  # all four have to move
    assert_allclose(kmeans(X, below).inertia, found.inertia, rtol=1e-9)


def test_an_empty_center_moves_to_the_farthest_row():
    X = np.array([[0.0], [1.0], [2.0], [10.0]])
    first, second, *_ = lloyd(X, np.array([[1.0], [100.0], [-50.0]]))
    assert_array_equal(first.labels, 0)
    assert_array_equal(second.centers[:, 0], [3.25, 10.0, 0.0])
    assert kmeans(X, [[1.0], [100.0], [-50.0]]).inertia <= 0.5


def test_rows_between_two_centers_go_to_the_first():
    X = np.array([[-1.0], [0.0], [1.0]])
    assert_array_equal(next(lloyd(X, [[-1.0], [1.0]])).labels, [0, 0, 1])
    assert_array_equal(kmeans(X, [[1.0], [-1.0]]).labels, [1, 0, 0])


def test_a_component_without_rows_keeps_no_weight():
    X = groups(9)
    R = np.eye(3)[np.arange(60) % 2]
    mixture = m_step(X, R)
    assert mixture.weights[2] == 0
    assert_allclose(mixture.means[2], X.mean(axis=0), atol=1e-12)
    after, value = em_step(X, mixture)
    assert after.weights[2] == 0
    assert_allclose(value, log_likelihood(X, Mixture(*(part[:2] for part in mixture))))


def test_a_component_on_one_row_is_held_above_the_floor():
    """Without a floor its density at the row has no bound, nor the likelihood."""
    X = groups(10)
    R = np.zeros((60, 2))
    R[0, 0], R[1:, 1] = 1, 1
    narrow = m_step(X, R).covs[0]
    spread = X.std(axis=0)
    assert_allclose(narrow / spread / spread[:, None], 1e-6 * np.eye(3), atol=1e-18)


def test_a_scale_of_a_millionth_does_not_move_the_floor():
    X = groups(11)
    small, large = (gaussian_mixture(s * X, start(s * X, 3))[0] for s in (1e-6, 1.0))
    assert_allclose(small.covs * 1e12, large.covs, rtol=1e-6, atol=1e-9)


def test_blocks_change_nothing(monkeypatch):
    X = groups(12, 500, 5)
    centers = X[:6]
    whole = kmeans(X, centers)
    monkeypatch.setattr(_neighbors, "BLOCK", 70)
    parts = kmeans(X, centers)
    assert_array_equal(parts.labels, whole.labels)
    assert_allclose(parts.centers, whole.centers, rtol=1e-12)


def test_integers_and_lists_are_welcome_and_arguments_stay_as_they_are(rng):
    X = rng.integers(0, 50, size=(30, 3))
    centers = kmeans_plus_plus(X, 3, rng)
    mixture = m_step(X, np.eye(3, dtype=int)[kmeans(X, centers).labels])
    kept = [np.copy(part) for part in (X, centers, *mixture)]
    found = kmeans(X.tolist(), centers.tolist())
    assert found.centers.dtype == float
    list(lloyd(X, centers))
    R, _ = e_step(X, mixture)
    before = R.copy()
    m_step(X, R)
    gaussian_mixture(X, mixture)
    bic(X, mixture)
    assert_array_equal(R, before)
    for part, copy in zip((X, centers, *mixture), kept, strict=True):
        assert_array_equal(part, copy)


# Refusals


X = groups(0, 10)
ONE = m_step(X, np.ones((10, 1)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: kmeans_plus_plus(X, 11, rng), "k is 11; expected 1 to 10, the number of rows"),
        (lambda rng: kmeans_plus_plus(X, 0, rng), "k is 0; expected 1 to 10"),
        (lambda rng: kmeans_plus_plus(X[0], 1, rng), r"X has shape \(3,\); expected \(n, d\)"),
        (lambda rng: kmeans_plus_plus(X[:0], 1, rng), r"X has shape \(0, 3\); expected \(n, d\)"),
        (lambda rng: kmeans(X, X[:2, :2]), r"centers has shape \(2, 2\); expected \(k, d\) with d"),
        (lambda rng: kmeans(X * np.nan, X[:2]), r"X\[0, 0\] is nan; expected finite numbers"),
        (lambda rng: kmeans(X, X[:2] * np.inf), r"centers\[0, 0\] is -?inf; expected finite"),
        (lambda rng: kmeans(X * 1e151, X[:2]), "expected finite numbers, and none beyond 1e"),
        (lambda rng: kmeans(X, X[:0]), r"centers has shape \(0, 3\); expected \(n, d\)"),
        (lambda rng: e_step(X, ONE._replace(weights=[0.5])), "weights are .0.5.; expected shares"),
        (lambda rng: e_step(X, ONE._replace(covs=-ONE.covs)), "cov has the variance"),
        (lambda rng: e_step(X, ONE._replace(means=ONE.means[:, :2])), "means has shape|covs has"),
        (lambda rng: e_step(1e200 * X, ONE), "expected finite numbers, and none beyond"),
        (lambda rng: e_step(X, ONE._replace(covs=1e-310 * ONE.covs)), "row . of X has density 0"),
        (lambda rng: m_step(X, np.ones((9, 2))), "responsibilities has shape"),
        (lambda rng: m_step(X, -np.ones((10, 2))), "a responsibility is negative or not finite"),
        (lambda rng: m_step(X, np.zeros((10, 2))), "no responsibility is above zero"),
        (lambda rng: gaussian_mixture(X, ONE, tol=-1.0), "tol is -1.0; expected 0 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(rng)
