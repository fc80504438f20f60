"""k-means and Gaussian mixtures beside scikit-learn."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn import cluster, mixture

from benchmarks.cases import Case, Comparison, Growth, MoreRight
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

WITHOUT = {lloyd: "the moves of kmeans, which is compared whole"}
LLOYD = "sklearn.cluster.KMeans({}, init=C, n_init=1, tol=0).fit(X)"
FIT = "sklearn.mixture.GaussianMixture({}, reg_covar=0, max_iter={}, …_init=…).fit(X)"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    for n, d, k in [(10_000, 2, 5), (10_000, 10, 8), (20_000, 50, 10)]:
        X = groups(rng, n, d, k)
        C = kmeans_plus_plus(X, k, rng)
        yield Case(
            kmeans,
            f"{n:,} rows of {d}, {k} centers",
            ours=partial(lambda X, C: kmeans(X, C).inertia, X, C),
            theirs=partial(lambda X, C: clusters(X, C).inertia_, X, C),
            call=LLOYD.format(k),
            goal=3.0,
        )
    for n, d, k in [(10_000, 2, 5), (10_000, 10, 8), (5000, 50, 10), (20_000, 50, 10)]:
        X = groups(rng, n, d, k)
        yield Case(
            kmeans_plus_plus,
            f"{n:,} rows of {d}, {k} centers, 5 times",
            ours=partial(five, X, partial(our_seeds, k)),
            theirs=partial(five, X, partial(their_seeds, k)),
            call=f"sklearn.cluster.kmeans_plusplus(X, {k})",
            goal=1.2,
            within=0.3,
            difference=partial(worse, X),
            note="drawn by chance; the difference is by how much more inertia ours leave",
        )
    for n, d, k in [(10_000, 5, 5), (20_000, 10, 5), (5000, 30, 4)]:
        X = groups(rng, n, d, k)
        start = m_step(X, np.eye(k)[kmeans(X, kmeans_plus_plus(X, k, rng)).labels])
        yield Case(
            em_step,
            f"{n:,} rows of {d}, {k} components, 10 steps",
            ours=partial(ten, X, start),
            theirs=partial(lambda X, m: parts(fitted(X, m, 10)), X, start),
            call=FIT.format(k, 10),
            goal=1.2,
            within=1e-9,
        )
    theirs = fitted(X, start, 1)
    model = Mixture(*parts(theirs))
    yield Case(
        e_step,
        "5,000 rows of 30, 4 components",
        ours=lambda: e_step(X, model)[0],
        theirs=lambda: theirs.predict_proba(X),
        call="sklearn.mixture.GaussianMixture(4).fit(X).predict_proba(X)",
        goal=1.2,
        within=1e-9,
    )
    R = theirs.predict_proba(X)
    yield Case(
        m_step,
        "5,000 rows of 30, 4 components",
        ours=lambda: tuple(m_step(X, R)),
        theirs=lambda: parameters(X, R),
        call="sklearn.mixture._gaussian_mixture._estimate_gaussian_parameters(X, R, 0, 'full')",
        within=1e-9,
        note="ours centers the rows and looks at the eigenvalues, too",
    )
    yield Case(
        bic,
        "5,000 rows of 30, 4 components",
        ours=lambda: bic(X, model),
        theirs=lambda: theirs.bic(X),
        call="sklearn.mixture.GaussianMixture(4).fit(X).bic(X)",
        goal=1.2,
    )
    X = groups(rng, 3000, 5, 4)
    begun = m_step(X, np.eye(4)[kmeans(X, kmeans_plus_plus(X, 4, rng)).labels])
    yield Case(
        gaussian_mixture,
        "3,000 rows of 5, 4 components, to a gain of 1e-9",
        ours=lambda: gaussian_mixture(X, begun, 1e-9)[1][-1] / 3000,
        theirs=lambda: fitted(X, begun, 1000, 1e-9).score(X),
        call="sklearn.mixture.GaussianMixture(4, tol=1e-9, …_init=…).fit(X)",
        goal=1.2,
        within=1e-7,
    )
    yield from where_more_right(rng)
    yield Growth(
        kmeans_plus_plus,
        [2**p for p in range(13, 17)],
        lambda n: partial(our_seeds, 5, groups(np.random.default_rng(0), n, 10, 5), 0),
        derived=1.0,
        note="n k d operations, for each of a few candidates",
    )
    yield Growth(
        em_step,
        [2**p for p in range(14, 18)],
        lambda n: step_of(n, np.random.default_rng(0)),
        derived=1.0,
        note="n k d² operations",
    )


def where_more_right(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield inputs on which digits or a unit are at stake."""
    X = groups(rng, 400, 3, 3)
    start = m_step(X, np.eye(3)[kmeans(X, X[:3]).labels])
    truth = fitted(X, start, 1000, 1e-9).covariances_
    unit = 1e-6
    small = Mixture(start.weights, start.means * unit, start.covs * unit**2)
    yield MoreRight(
        gaussian_mixture,
        "covariances keep their shape in a unit a million times as large",
        ours=lambda: gaussian_mixture(X * unit, small, 1e-9)[0].covs / unit**2,
        theirs=lambda: (
            mixture.GaussianMixture(3, tol=1e-9, max_iter=1000, random_state=0)
            .fit(X * unit)
            .covariances_
            / unit**2
        ),
        call="sklearn.mixture.GaussianMixture(3, tol=1e-9).fit(X)",
        truth=truth,
        within=1e-3,
    )
    near = np.repeat([0.0, 1.0, 2.0**27, 2.0**27 + 1], 20)[:, None] + np.zeros(5)
    near[:, 0] += np.tile([0.0, 0.125], 40)
    C = near[[0, 20, 40, 60]]
    yield MoreRight(
        kmeans,
        "two pairs of groups, 1 and 1e8 apart, end with their own centers",
        ours=lambda: kmeans(near, C).inertia,
        theirs=lambda: clusters(near, C).inertia_,
        call=LLOYD.format(4),
        truth=80 * 0.0625**2,
        within=1e-9,
    )


def groups(rng: np.random.Generator, n: int, d: int, k: int) -> np.ndarray:
    """Return rows around some centers."""
    centers = 4 * rng.normal(size=(k, d))
    return np.asarray(centers[rng.integers(k, size=n)] + rng.normal(size=(n, d)))


def clusters(X: np.ndarray, C: np.ndarray) -> Any:
    """Return scikit-learn's clusters from the same centers, to the end."""
    return cluster.KMeans(len(C), init=C, n_init=1, tol=0, max_iter=1000).fit(X)


def our_seeds(k: int, X: np.ndarray, seed: int) -> np.ndarray:
    """Return our seeds."""
    return kmeans_plus_plus(X, k, np.random.default_rng(seed))


def their_seeds(k: int, X: np.ndarray, seed: int) -> np.ndarray:
    """Return scikit-learn's seeds."""
    return np.asarray(cluster.kmeans_plusplus(X, k, random_state=seed)[0])


def five(X: np.ndarray, draw: Callable[[np.ndarray, int], np.ndarray]) -> list[np.ndarray]:
    """Return five draws of seeds."""
    return [draw(X, seed) for seed in range(5)]


def worse(X: np.ndarray, ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    """Return by how much more inertia our seeds leave than theirs, on average."""
    left = [np.mean([inertia(X, C) for C in draws]) for draws in (ours, theirs)]
    return max(float(left[0] / left[1] - 1), 0.0)


def inertia(X: np.ndarray, C: np.ndarray) -> float:
    """Return the sum of the squared distances to the nearest center."""
    return float(np.min([np.sum((X - c) ** 2, axis=1) for c in C], axis=0).sum())


def fitted(X: np.ndarray, start: Mixture, steps: int, tol: float = 0.0) -> Any:
    """Return scikit-learn's mixture from the same start."""
    model = mixture.GaussianMixture(
        len(start.weights),
        reg_covar=0,
        tol=tol,
        max_iter=steps,
        weights_init=start.weights,
        means_init=start.means,
        precisions_init=np.linalg.inv(start.covs),
        init_params="random",
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that so few steps are not the end
        return model.fit(X)


def parts(model: Any) -> tuple[np.ndarray, ...]:
    """Return weights, means and covariances."""
    return model.weights_, model.means_, model.covariances_


def parameters(X: np.ndarray, R: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what scikit-learn's M-step fits."""
    counts, means, covs = mixture._gaussian_mixture._estimate_gaussian_parameters(X, R, 0, "full")
    return counts / len(X), means, covs


def ten(X: np.ndarray, start: Mixture) -> tuple[np.ndarray, ...]:
    """Take ten steps."""
    for _ in range(10):
        start, _ = em_step(X, start)
    return tuple(start)


def step_of(n: int, rng: np.random.Generator) -> Callable[[], Any]:
    """Return a function that takes a step for n rows."""
    X = groups(rng, n, 8, 4)
    start = m_step(X, np.eye(4)[rng.integers(4, size=n)])
    return lambda: em_step(X, start)
