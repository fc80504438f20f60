"""The laws of principal components, references, published numbers, hard input, refusals."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA as Reference

from mathforml.structure import pca as module
from mathforml.structure.pca import pca, project, reconstruct

seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(st.integers(2, 12), st.integers(1, 9))


def cloud(seed, n, d):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


# Laws


@given(seeds, shapes)
def test_components_are_orthonormal_and_their_scores_are_uncorrelated(seed, shape):
    X = cloud(seed, *shape)
    k = min(shape)
    _, components, variances, _, scores = pca(X, k)
    assert_allclose(components @ components.T, np.eye(k), atol=1e-10)
    products = scores.T @ scores / (len(X) - 1)
    assert_allclose(products, np.diag(variances), atol=1e-10 * variances[0])
    assert_allclose(scores.sum(axis=0), 0, atol=1e-10 * np.sqrt(variances[0]) * len(X))


@given(seeds, shapes)
def test_variances_fall_and_all_together_are_the_variance_of_the_columns(seed, shape):
    X = cloud(seed, *shape)
    found = pca(X, min(shape))
    assert np.all(np.diff(found.variances) <= 0)
    assert_allclose(found.variances.sum(), X.var(axis=0, ddof=1).sum(), rtol=1e-10)
    assert_allclose(found.ratios.sum(), 1, rtol=1e-10)


@given(seeds, shapes)
def test_no_other_direction_varies_more_than_the_first(seed, shape):
    X = cloud(seed, *shape)
    largest = pca(X, 1).variances[0]
    for u in np.random.default_rng(seed).normal(size=(20, shape[1])):
        assert np.var(X @ (u / np.linalg.norm(u)), ddof=1) <= largest * (1 + 1e-10)


@given(seeds, shapes, st.data())
def test_what_a_reconstruction_misses_is_the_variance_left_out(seed, shape, data):
    X = cloud(seed, *shape)
    k = data.draw(st.integers(1, min(shape)))
    mean, components, variances, _, scores = pca(X, k)
    missed = np.sum((X - reconstruct(scores, mean, components)) ** 2) / (len(X) - 1)
    total = X.var(axis=0, ddof=1).sum()
    assert_allclose(missed, total - variances.sum(), atol=1e-10 * total)


@given(seeds, shapes)
def test_turning_the_data_turns_the_components(seed, shape):
    X = cloud(seed, *shape)
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(shape[1], shape[1])))
    a, b = pca(X, 1), pca(X @ turn, 1)
    assert_allclose(b.variances, a.variances, rtol=1e-10)


@given(seeds, shapes)
def test_the_largest_entry_of_each_component_is_positive(seed, shape):
    components = pca(cloud(seed, *shape), min(shape)).components
    assert np.all(components[range(len(components)), np.abs(components).argmax(axis=1)] > 0)


def test_new_rows_get_the_scores_of_old_ones(rng):
    X = rng.normal(size=(30, 4))
    found = pca(X, 2)
    assert_allclose(project(X[:3], found.mean, found.components), found.scores[:3], rtol=1e-12)


# References


@pytest.mark.parametrize(("n", "d"), [(200, 5), (6, 40), (50, 50), (3000, 30)])
def test_the_components_are_those_of_scikit_learn(rng, n, d):
    X = rng.normal(size=(n, d)) * np.geomspace(1, 0.1, d)
    k = min(n - 1, d, 4)
    ours, theirs = pca(X, k), Reference(k, svd_solver="full").fit(X)
    signs = np.sign(np.sum(ours.components * theirs.components_, axis=1))
    assert_allclose(ours.variances, theirs.explained_variance_, rtol=1e-12)
    assert_allclose(ours.ratios, theirs.explained_variance_ratio_, rtol=1e-12)
    assert_allclose(ours.components, signs[:, None] * theirs.components_, atol=1e-10)


# Published numbers


def test_the_variances_of_the_irises():
    published = [4.22824171, 0.24267075, 0.0782095, 0.02383509]
    assert_allclose(pca(load_iris().data, 4).variances, published, atol=5e-9)


# Hard input


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e8])
def test_a_large_mean_costs_no_digits(rng, offset):
    small = rng.integers(-1000, 1000, size=(500, 3)) * np.array([4.0, 2.0, 1.0])
    truth = np.linalg.svd(small - small.mean(axis=0), compute_uv=False) ** 2 / 499
    assert_allclose(pca(small + offset, 3).variances, truth, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_unit_of_the_data_only_scales(rng, scale):
    X = rng.normal(size=(40, 4))
    assert_allclose(pca(X * scale, 4).variances, scale**2 * pca(X, 4).variances, rtol=1e-12)


def test_variances_of_very_different_size_keep_their_digits(rng):
    """A covariance matrix alone would lose the small ones."""
    X = rng.normal(size=(400, 8)) * 10.0 ** np.arange(6, -10, -2)
    truth = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2 / 399
    assert_allclose(pca(X, 8).variances, truth, rtol=1e-8)


@pytest.mark.parametrize("shape", [(9, 4), (4, 9)])
def test_constant_columns_and_constant_data_vary_by_nothing(rng, shape):
    X = np.ones(shape)
    found = pca(X, 4)
    assert_array_equal(found.variances, 0)
    assert_array_equal(found.ratios, 0)
    assert_allclose(found.components @ found.components.T, np.eye(4), atol=1e-12)
    X[:, 0] = rng.normal(size=shape[0])
    assert_allclose(pca(X, 1).components, np.eye(1, shape[1]), atol=1e-12)


def test_copies_of_a_row_leave_orthonormal_components(rng):
    X = np.repeat(rng.normal(size=(2, 6)), 5, axis=0)
    found = pca(X, 6)
    assert_allclose(found.components @ found.components.T, np.eye(6), atol=1e-12)
    assert_allclose(found.ratios, [1, 0, 0, 0, 0, 0], atol=1e-12)


def test_the_largest_and_the_smallest_numbers_that_are_taken_vary_as_they_should(rng):
    X = rng.integers(-9, 9, size=(50, 3)) * 1.0
    for scale in (1e149, 1e-140):
        assert_allclose(pca(X * scale, 3).variances, pca(X, 3).variances * scale**2, rtol=1e-12)


def test_tall_data_are_never_copied_whole():
    X = np.random.default_rng(0).normal(size=(200_000, 10))
    tracemalloc.start()
    pca(X, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < X.nbytes / 3  # most of it: the scores, and a one for each row


@pytest.mark.parametrize("scales", [np.ones(5), np.geomspace(1, 1e-6, 5)])
def test_blocks_change_nothing(rng, monkeypatch, scales):
    X = rng.normal(size=(257, 5)) * scales + 10
    whole = pca(X, 5)
    monkeypatch.setattr(module, "BLOCK", 35)
    for a, b in zip(pca(X, 5), whole, strict=True):
        assert_allclose(a, b, atol=1e-12)


def test_integers_are_welcome_and_arguments_stay_as_they_are(rng):
    X = rng.integers(0, 9, size=(20, 3))
    before = X.copy()
    found = pca(X, 2)
    assert found.scores.dtype == float
    project(X, found.mean, found.components)
    assert_array_equal(X, before)


# Refusals


@pytest.mark.parametrize(
    ("X", "k", "message"),
    [
        (np.ones((1, 3)), 1, r"X has shape \(1, 3\); expected \(n, d\) with at least 2 rows"),
        (np.ones(3), 1, r"X has shape \(3,\); expected \(n, d\)"),
        (np.ones((5, 0)), 1, r"X has shape \(5, 0\)"),
        (np.ones((5, 3)), 4, "k is 4; expected 1 to 3, the smaller of n and d"),
        (np.ones((5, 3)), 0, "k is 0; expected 1 to 3"),
        ([[1, 2], [3, np.nan]], 1, r"X\[1, 1\] is nan; expected finite numbers"),
        ([[1, np.inf], [3, 4]], 1, r"X\[0, 1\] is inf; expected finite numbers"),
        ([[1, 2], [-1e151, 4]], 1, r"X\[1, 0\] is -1e\+151; expected .* none beyond 1e\+150"),
    ],
)
def test_what_has_no_components_is_refused(X, k, message):
    with pytest.raises(ValueError, match=message):
        pca(X, k)


def test_scores_of_another_width_are_refused(rng):
    found = pca(rng.normal(size=(9, 3)), 2)
    with pytest.raises(ValueError, match="mean has shape"):
        project(np.ones((4, 2)), found.mean, found.components)
    with pytest.raises(ValueError, match="components has shape"):
        reconstruct(np.ones((4, 1)), found.mean, found.components)
