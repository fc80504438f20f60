"""Moments, correlation, sums beside NumPy, SciPy and the standard library."""

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from scipy import special, stats
from sklearn import preprocessing

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.foundations.floating_point import (
    compensated_sum,
    correlation,
    log_sum_exp,
    mean_and_variance,
    merge_moments,
    two_sum,
)

WITHOUT = {two_sum: "no library shows what a sum drops"}

N = 100_000
NUMBERS = "100,000 numbers"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    x, y = rng.normal(size=(2, N))
    Z = rng.normal(scale=4, size=(10_000, 100))
    yield Case(
        mean_and_variance,
        NUMBERS,
        ours=lambda: tuple(mean_and_variance(x))[:2],
        theirs=lambda: (np.mean(x), np.var(x, ddof=1)),
        call="numpy.mean(x), numpy.var(x, ddof=1)",
        goal=2.0,
    )
    yield Case(
        correlation,
        NUMBERS,
        ours=lambda: correlation(x, y),
        theirs=lambda: stats.pearsonr(x, y).statistic,
        call="scipy.stats.pearsonr(x, y).statistic",
        goal=2.0,
    )
    yield Case(
        log_sum_exp,
        "10,000 rows of 100",
        ours=lambda: log_sum_exp(Z),
        theirs=lambda: special.logsumexp(Z, axis=-1),
        call="scipy.special.logsumexp(z, axis=-1)",
        goal=0.5,
    )
    yield Case(
        compensated_sum,
        NUMBERS,
        ours=lambda: compensated_sum(x),
        theirs=lambda: math.fsum(x),
        call="math.fsum(x)",
        goal=1.0,
    )
    yield Case(
        merge_moments,
        "two parts of 100,000",
        ours=lambda: merge_moments(mean_and_variance(x), mean_and_variance(y)).variance,
        theirs=lambda: merged(x, y),
        call="sklearn.preprocessing.StandardScaler().partial_fit(a).partial_fit(b)",
        goal=1.0,
    )
    yield Growth(
        compensated_sum,
        [2**k for k in range(16, 21)],
        lambda n: partial(compensated_sum, rng.normal(size=n)),
        derived=1.0,
    )
    yield from where_more_right(rng)


def merged(x: Any, y: Any) -> float:
    """Return the unbiased variance of two parts, which scikit-learn sees one after the other."""
    scaler = preprocessing.StandardScaler().partial_fit(x[:, None]).partial_fit(y[:, None])
    n = scaler.n_samples_seen_
    return float(scaler.var_[0] * n / (n - 1))


def where_more_right(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield inputs on which digits are at stake; the truth is computed in fractions."""
    far = rng.normal(size=100) + 2.0**39
    exact = [Fraction(value) for value in far]
    mean = sum(exact) / len(exact)
    variance = float(sum((value - mean) ** 2 for value in exact) / (len(exact) - 1))
    yield MoreRight(
        mean_and_variance,
        "a variance keeps its digits at an offset of $2^{39}$",
        ours=lambda: mean_and_variance(far).variance,
        theirs=lambda: np.var(far, ddof=1),
        call="numpy.var(x, ddof=1)",
        truth=variance,
    )
    mixed = rng.normal(size=10_000) * 10.0 ** rng.integers(0, 12, size=10_000)
    mixed = np.concatenate([mixed, -mixed * (1 + 1e-9)])
    yield MoreRight(
        compensated_sum,
        "a sum keeps its digits where large terms cancel",
        ours=lambda: compensated_sum(mixed),
        theirs=lambda: np.sum(mixed),
        call="numpy.sum(x)",
        truth=float(sum(map(Fraction, mixed))),
    )
    wide = np.array([1e200, 2e200, 4e200])
    yield MoreRight(
        correlation,
        "data of size 1e200 have a correlation",
        ours=lambda: correlation(wide, -wide),
        theirs=lambda: np.corrcoef(wide, -wide)[0, 1],
        call="numpy.corrcoef(x, y)[0, 1]",
        truth=-1.0,
    )
    yield MoreRight(
        correlation,
        "a constant sample is refused",
        ours=lambda: correlation(np.ones(3), np.arange(3.0)),
        theirs=lambda: np.corrcoef(np.ones(3), np.arange(3.0))[0, 1],
        call="numpy.corrcoef(x, y)[0, 1]",
        truth=ValueError,
    )
