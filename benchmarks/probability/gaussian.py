"""The Gaussian beside SciPy and NumPy."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg, stats

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.probability.gaussian import (
    condition,
    log_density,
    marginal,
    product,
    sample,
    whiten,
)

WITHOUT = {
    marginal: "two rows of indexing",
    product: "two lines of algebra, which no library has under a name",
}
CALL = "scipy.stats.multivariate_normal.logpdf(X, mean, cov)"
LOOSE = "scipy.stats.multivariate_normal.logpdf(x, mean, cov, allow_singular=True)"
DRAW = 'numpy.random.Generator.multivariate_normal(mean, cov, n, method="cholesky")'


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    for n, d in [(100_000, 2), (10_000, 10), (1000, 100)]:
        mean, cov = some(d, rng)
        X = rng.normal(size=(n, d))
        yield density(X, mean, cov)
    mean, cov = some(10, rng)
    many = rng.normal(size=(10_000, 10))
    yield Case(
        whiten,
        "10,000 points in 10 dimensions",
        ours=lambda: whiten(many, mean, cov),
        theirs=lambda: by_triangle(many, mean, cov),
        call="scipy.linalg.solve_triangular(scipy.linalg.cholesky(cov), (X - mean).T, trans=1).T",
        goal=1.0,
    )
    yield Case(
        sample,
        "10,000 points in 10 dimensions",
        ours=lambda: sample(mean, cov, 10_000, np.random.default_rng(0)),
        theirs=lambda: np.random.default_rng(0).multivariate_normal(
            mean, cov, 10_000, method="cholesky"
        ),
        call=DRAW,
        goal=1.5,
        note="the same points",
    )
    wide_mean, wide = some(200, rng)
    seen, values = np.arange(100), rng.normal(size=100)
    yield Case(
        condition,
        "100 of 200 coordinates",
        ours=lambda: condition(wide_mean, wide, seen, values)[:2],
        theirs=lambda: by_solving(wide_mean, wide, seen, values),
        call="numpy.linalg.solve(cov[o, o], cov[o, h])",
        goal=3.0,
        within=1e-10,
        note="theirs are three lines; ours also looks whether cov is a covariance",
    )
    yield Growth(
        log_density,
        [2**k for k in range(16, 20)],
        lambda n: partial(log_density, rng.normal(size=(n, 10)), mean, cov),
        derived=1.0,
        note="n d² operations",
    )
    units = np.array([1e-9, 1.0])
    mixed = np.array([[1.0, 0.5], [0.5, 1.0]]) * np.outer(units, units)
    yield MoreRight(
        log_density,
        "meters beside nanometers are no singularity",
        ours=lambda: log_density(units, [0, 0], mixed),
        theirs=lambda: stats.multivariate_normal.logpdf(units, [0, 0], mixed, allow_singular=True),
        call=LOOSE,
        truth=-2 / 3 - np.log(2 * np.pi) - np.log(0.75) / 2 + 9 * np.log(10),
    )
    crooked = np.array([[1.0, 0.9], [0.1, 1.0]])
    yield MoreRight(
        log_density,
        "a covariance that is not symmetric is refused",
        ours=lambda: log_density([1, 0], [0, 0], crooked),
        theirs=lambda: stats.multivariate_normal.logpdf([1, 0], [0, 0], crooked),
        call="scipy.stats.multivariate_normal.logpdf(x, mean, cov)",
        truth=ValueError,
    )


def density(X: Any, mean: Any, cov: Any) -> Case:
    """Compare the densities of many points."""
    n, d = X.shape
    return Case(
        log_density,
        f"{n:,} points in {d} dimensions",
        ours=lambda: log_density(X, mean, cov),
        theirs=lambda: stats.multivariate_normal.logpdf(X, mean, cov),
        call=CALL,
        goal=1.0,
    )


def some(d: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Return a mean and a covariance."""
    half = rng.normal(size=(d, d))
    return rng.normal(size=d), half @ half.T / d + np.eye(d)


def by_triangle(X: Any, mean: Any, cov: Any) -> Any:
    """Return points free of units, by a triangular system."""
    return linalg.solve_triangular(linalg.cholesky(cov), (X - mean).T, trans=1).T


def by_solving(mean: Any, cov: Any, o: Any, values: Any) -> tuple[Any, Any]:
    """Return the conditional by three lines of NumPy."""
    h = np.setdiff1d(np.arange(len(mean)), o)
    gain = np.linalg.solve(cov[np.ix_(o, o)], cov[np.ix_(o, h)]).T
    return mean[h] + gain @ (values - mean[o]), cov[np.ix_(h, h)] - gain @ cov[np.ix_(o, h)]
