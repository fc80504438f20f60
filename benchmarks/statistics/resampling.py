"""Resampling beside SciPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.statistics.resampling import (
    bootstrap,
    paired_t,
    percentile_interval,
    permutation_test,
    sign_flip_test,
    studentized_interval,
)

WITHOUT = {studentized_interval: "SciPy has percentile, basic and BCa intervals"}
CHANCE = "both draw at random; the difference is chance"


def gap(x: Any, y: Any) -> Any:
    """Return the difference of two means."""
    return np.mean(x) - np.mean(y)


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    x = rng.exponential(size=100)
    yield Case(
        bootstrap,
        "the median of 100 rows, 9,999 resamples",
        ours=lambda: bootstrap(x, np.median, 9999, np.random.default_rng(0)).std(ddof=1),
        theirs=lambda: scipys(x).standard_error,
        call='scipy.stats.bootstrap((x,), np.median, vectorized=False, method="percentile")',
        goal=1.0,
        within=0.05,
        note=CHANCE,
    )
    replicates = rng.normal(size=9999)
    yield Case(
        percentile_interval,
        "9,999 replicates",
        ours=lambda: percentile_interval(replicates),
        theirs=lambda: tuple(stats.mstats.mquantiles(replicates, [0.025, 0.975], 0, 0)),
        call="scipy.stats.mstats.mquantiles(replicates, [0.025, 0.975], 0, 0)",
        goal=1.0,
    )
    a, b = rng.normal(size=5), rng.normal(size=6)
    yield Case(
        permutation_test,
        "all 462 deals of 5 and 6 rows",
        ours=lambda: permutation_test(a, b, gap, 462, rng).p_value,
        theirs=lambda: (
            stats.permutation_test(
                (a, b), gap, vectorized=False, n_resamples=np.inf, alternative="greater"
            ).pvalue
        ),
        call='scipy.stats.permutation_test((x, y), f, n_resamples=np.inf, alternative="greater")',
        goal=1.0,
    )
    d = rng.normal(size=9)
    yield Case(
        sign_flip_test,
        "all 512 patterns of 9 signs",
        ours=lambda: sign_flip_test(d, np.mean, 512, rng).p_value,
        theirs=lambda: (
            stats.permutation_test(
                (d,),
                np.mean,
                permutation_type="samples",
                vectorized=False,
                n_resamples=np.inf,
                alternative="greater",
            ).pvalue
        ),
        call='scipy.stats.permutation_test((d,), f, permutation_type="samples", ...)',
        goal=1.0,
    )
    u, v = rng.normal(size=(2, 100))
    yield Case(
        paired_t,
        "100 pairs",
        ours=lambda: tuple(paired_t(u, v))[:2],
        theirs=lambda: tuple(stats.ttest_rel(u, v))[:2],
        call="scipy.stats.ttest_rel(x, y)",
        goal=2.0,
        within=1e-11,
    )
    yield Growth(
        bootstrap,
        [2**k for k in range(10, 15)],
        lambda n: lambda: bootstrap(x, np.mean, n, np.random.default_rng(0)),
        derived=1.0,
        note="in the number of resamples",
    )
    column = 1.0 + np.arange(10.0) / 10
    yield MoreRight(
        paired_t,
        "differences that are all equal, but for rounding, are refused",
        ours=lambda: paired_t(column + 0.1, column).t,
        theirs=lambda: stats.ttest_rel(column + 0.1, column).statistic,
        call="scipy.stats.ttest_rel(x, y)",
        truth=ValueError,
    )


def scipys(x: Any) -> Any:
    """Return what SciPy makes of the same data."""
    return stats.bootstrap(
        (x,),
        np.median,
        n_resamples=9999,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(1),
    )
