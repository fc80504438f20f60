"""Principal components beside scikit-learn."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from sklearn import decomposition

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.structure.pca import pca, project, reconstruct

CALL = "sklearn.decomposition.PCA({}).fit_transform(X)"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    sizes = [(100_000, 10, "auto", 1.5), (20_000, 50, "auto", 1.5), (5000, 200, "auto", 1.5)]
    sizes += [(300, 3000, "full", 0.5), (3000, 300, "full", 1.0)]
    for n, d, solver, goal in sizes:
        X = rng.normal(size=(n, d)) * np.geomspace(1, 0.1, d)
        yield Case(
            pca,
            f"{n:,} rows of {d:,}, 5 components",
            ours=partial(lambda X: np.abs(pca(X, 5).scores), X),
            theirs=partial(scores, X, solver),
            call=CALL.format("5" if solver == "auto" else '5, svd_solver="full"'),
            goal=goal,
            within=1e-9,
            note="the default; for tall tables it forms the covariance matrix"
            if solver == "auto"
            else "",
        )
    spread = rng.normal(size=(2000, 50)) * np.geomspace(1, 1e-6, 50)
    yield Case(
        pca,
        "2,000 rows of 50, spreads from 1 to 1e-6, all components",
        ours=lambda: pca(spread, 50).variances,
        theirs=lambda: decomposition.PCA(svd_solver="full").fit(spread).explained_variance_,
        call='sklearn.decomposition.PCA(svd_solver="full").fit(X)',
        goal=1.5,
        within=1e-9,
    )
    X = rng.normal(size=(20_000, 50))
    found, theirs = pca(X, 5), decomposition.PCA(5).fit(X)
    yield Case(
        project,
        "20,000 rows of 50",
        ours=lambda: np.abs(project(X, found.mean, found.components)),
        theirs=lambda: np.abs(theirs.transform(X)),
        call="sklearn.decomposition.PCA(5).fit(X).transform(X)",
        goal=1.5,
        within=1e-9,
        note="only transform is timed",
    )
    yield Case(
        reconstruct,
        "20,000 rows of 50",
        ours=lambda: reconstruct(found.scores, found.mean, found.components),
        theirs=lambda: theirs.inverse_transform(theirs.transform(X)),
        call="sklearn.decomposition.PCA(5).fit(X).inverse_transform(T)",
        goal=1.5,
        within=1e-9,
        note="theirs computes the scores, too",
    )
    yield from where_more_right(rng)
    yield Growth(
        pca,
        [2**k for k in range(16, 20)],
        lambda n: partial(pca, rng.normal(size=(n, 10)), 5),
        derived=1.0,
        note="n d² operations",
    )


def scores(X: np.ndarray, solver: str) -> np.ndarray:
    """Return the size of scikit-learn's scores; the signs are free."""
    found = decomposition.PCA(5, svd_solver=solver).fit_transform(X)
    return np.asarray(np.abs(found))


def where_more_right(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield inputs on which digits are at stake; the truth is that of the centered data."""
    whole = rng.integers(-4, 5, size=(500, 3)) * np.array([2.0, 1.0, 0.5])
    truth = np.linalg.svd(whole - whole.mean(axis=0), compute_uv=False) ** 2 / 499
    for offset in (1e6, 1e8):
        far = whole + offset
        yield MoreRight(
            pca,
            f"variances keep their digits at an offset of {offset:.0e}",
            ours=partial(lambda X: pca(X, 3).variances, far),
            theirs=partial(lambda X: decomposition.PCA(3).fit(X).explained_variance_, far),
            call="sklearn.decomposition.PCA(3).fit(X)",
            truth=truth,
        )
