"""Maps of neighbors beside scikit-learn."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.distance import squareform
from sklearn import datasets, manifold
from sklearn.manifold import _t_sne
from sklearn.metrics import euclidean_distances

from benchmarks.cases import Case, Comparison, Growth, MoreRight, distance
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

WITHOUT = {
    embed: "a part of tsne, which is compared whole",
    forces: "a part of tsne_step, which is compared whole",
}
JOINT = "sklearn.manifold._t_sne._joint_probabilities(D, 30, 0)"
EXACT = 'sklearn.manifold.TSNE(method="exact", max_iter=500).fit(X)'


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    digits = datasets.load_digits().data[:1000]
    P, Y = affinities(digits), rng.normal(size=(1000, 2))
    pairs = squareform(P, checks=False)
    yield Case(
        affinities,
        "1,000 digits of 64 pixels",
        ours=lambda: affinities(digits),
        theirs=lambda: joint(digits, 30.0),
        call=JOINT,
        goal=1.5,
        within=1e-3,
        note="theirs from distances in 32 bits",
    )
    yield Case(
        tsne_gradient,
        "1,000 points",
        ours=lambda: tsne_gradient(P, Y),
        theirs=lambda: _t_sne._kl_divergence(Y.ravel(), pairs, 1, 1000, 2),
        call="sklearn.manifold._t_sne._kl_divergence",
        goal=0.6,
        within=1e-10,
        difference=lambda ours, theirs: distance(ours.gradient.ravel(), theirs[1]),
        note="the divergence included",
    )
    rest = Motion(Y, np.zeros_like(Y), np.ones_like(Y))
    yield Case(
        tsne_step,
        "1,000 points",
        ours=lambda: tsne_step(P, rest, -1.25),
        theirs=lambda: _t_sne._kl_divergence(Y.ravel(), pairs, 1, 1000, 2, compute_error=False),
        call="sklearn.manifold._t_sne._kl_divergence(…, compute_error=False)",
        goal=0.35,
        within=1e-10,
        difference=lambda ours, theirs: distance(ours.step.ravel(), theirs[1]),
        note="theirs is the gradient without the step",
    )
    yield Case(
        tsne,
        "500 digits, 500 steps",
        ours=lambda: tsne(digits[:500], iterations=500, rng=np.random.default_rng(0)).kl,
        theirs=lambda: (
            manifold.TSNE(method="exact", max_iter=500, random_state=0)
            .fit(digits[:500])
            .kl_divergence_
        ),
        call=EXACT,
        goal=0.35,
        within=0.01,
        difference=lambda ours, theirs: max(ours / theirs - 1, 0.0),
        note="the difference is what our divergence is above theirs",
    )
    yield Case(
        trustworthiness,
        "1,000 digits",
        ours=lambda: trustworthiness(digits, Y),
        theirs=lambda: manifold.trustworthiness(digits, Y),
        call="sklearn.manifold.trustworthiness(X, Y)",
        goal=1.5,
        within=1e-3,
        note="digits are whole numbers, and many of their distances equal; ours shares ranks",
    )
    near = np.round(16 * rng.normal(size=(20, 5))) / 16
    far = np.vstack([near, near + 2.0**30])
    yield MoreRight(
        affinities,
        "two groups 2e9 apart keep the neighbors that each has alone",
        ours=lambda: affinities(far, 5.0)[20:, 20:],
        theirs=lambda: joint(far, 5.0)[20:, 20:],
        call="sklearn.manifold._t_sne._joint_probabilities(D, 5, 0)",
        truth=joint(near, 5.0) / 2,
        within=1e-4,
    )
    rows = 1000 * P / np.sum(P, axis=1, keepdims=True)
    yield MoreRight(
        tsne_gradient,
        "a matrix that does not add up to 1 is refused",
        ours=lambda: tsne_gradient(rows, Y).kl,
        theirs=lambda: _t_sne._kl_divergence(Y.ravel(), 1000 * pairs, 1, 1000, 2)[0],
        call="sklearn.manifold._t_sne._kl_divergence",
        truth=ValueError,
    )
    yield Growth(
        affinities,
        sizes=[500, 1000, 2000],
        prepare=lambda n: partial(affinities, np.random.default_rng(0).normal(size=(n, 5))),
        derived=2.0,
        note="all pairs",
    )
    yield Growth(
        tsne_gradient,
        sizes=[500, 1000, 2000],
        prepare=lambda n: gradient_of(n, np.random.default_rng(0)),
        derived=2.0,
        note="all pairs",
    )


def joint(X: Any, perplexity: float) -> Any:
    """Return the affinities as scikit-learn's exact t-SNE computes them."""
    D = euclidean_distances(X, squared=True)
    return squareform(_t_sne._joint_probabilities(D, perplexity, 0))


def gradient_of(n: int, rng: np.random.Generator) -> Callable[[], Any]:
    """Return a function that computes the gradient for n points."""
    P, Y = affinities(rng.normal(size=(n, 5))), rng.normal(size=(n, 2))
    return lambda: tsne_gradient(P, Y)
