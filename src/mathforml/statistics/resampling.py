r"""The bootstrap, permutation tests and Student's t: how sure a number is, from its own data.

Data are rows; a resample draws rows with replacement, a permutation deals them out anew.  Every
function takes the statistic as a function of the data, and asks nothing else of it.

Read it with the page :doc:`/statistics/resampling`.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, product
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.foundations.floating_point import mean_and_variance
from mathforml.foundations.special_functions import incomplete_beta
from mathforml.shapes import Array
from mathforml.statistics._intervals import Interval, at_least_one, inside, numbers_of, rows_of

__all__ = [
    "PairedT",
    "Permutations",
    "bootstrap",
    "paired_t",
    "percentile_interval",
    "permutation_test",
    "sign_flip_test",
    "studentized_interval",
]

Statistic = Callable[[Array], ArrayLike]
BLOCK = 256  # resamples that are drawn at a time
TIE = 1e-12  # relative; statistics nearer than this are equal, whatever rounding says


class Permutations(NamedTuple):
    """What a permutation test found.

    Attributes
    ----------
    observed : float
        The statistic of the data as they are.
    p_value : float
        The share of arrangements with a statistic at least as large, the observed one among them.
    replicates : (n,)
        The statistics of the arrangements; of all of them, where there are no more than asked for.
    """

    observed: float
    p_value: float
    replicates: Array


class PairedT(NamedTuple):
    """What a paired t-test found.

    Attributes
    ----------
    t : float
        Mean difference over its standard error.
    p_value : float
        Probability of a t at least as far from zero, on either side, if there were no difference.
    degrees : int
        Number of pairs less one.
    """

    t: float
    p_value: float
    degrees: int


# The bootstrap


def bootstrap(x: ArrayLike, statistic: Statistic, n: int, rng: np.random.Generator) -> Array:
    """Compute a statistic of ``n`` resamples of the rows of ``x``, :eq:`eq-bootstrap-error`.

    Parameters
    ----------
    x : (m, ...)
        Data, one row for each thing that was sampled.
    statistic : callable
        From data like ``x`` to a number, or to an array of numbers.
    n : int
        How many resamples.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    replicates : (n, ...)
        One statistic for each resample; their standard deviation is the standard error.

    Raises
    ------
    ValueError
        If there are no rows, no resamples, or data that are not finite.
    """
    x = rows_of("x", x)
    at_least_one("n", n)
    m = len(x)
    blocks = (min(BLOCK, n - start) for start in range(0, n, BLOCK))
    resamples = (each for size in blocks for each in x[rng.integers(m, size=(size, m))])
    return np.array([statistic(each) for each in resamples], dtype=float)


def percentile_interval(replicates: ArrayLike, level: float = 0.95) -> Interval:
    """Cut equally many replicates off at both ends, :eq:`eq-percentile`.

    Parameters
    ----------
    replicates : (n,)
        Bootstrap replicates of one number.
    level : float
        The share to keep, between 0 and 1.

    Returns
    -------
    Interval
        Two of the replicates.

    Raises
    ------
    ValueError
        If a replicate is not finite, or there are too few to cut off any at this level.
    """
    ordered = np.sort(rows_of("replicates", replicates))
    k = _cut(len(ordered), level)
    return Interval(float(ordered[k - 1]), float(ordered[-k]))


def studentized_interval(
    x: ArrayLike,
    statistic: Statistic,
    standard_error: Statistic,
    n: int,
    rng: np.random.Generator,
    level: float = 0.95,
) -> Interval:
    """Bootstrap the statistic's distance in standard errors, :eq:`eq-studentized`.

    Parameters
    ----------
    x : (m, ...)
        Data.
    statistic : callable
        From data to a number.
    standard_error : callable
        From data to the standard error of that number.
    n : int
        How many resamples.
    rng : numpy.random.Generator
        The source of chance.
    level : float
        The probability that is aimed at.

    Returns
    -------
    Interval
        Around the statistic, longer on the side where resamples stray farther.

    Raises
    ------
    ValueError
        If so many resamples have no spread that an end is infinite.
    """
    x = rows_of("x", x)
    center, error = float(np.asarray(statistic(x))), float(np.asarray(standard_error(x)))

    def distance(rows: Array) -> Array:
        above = np.asarray(statistic(rows), dtype=float) - center
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = above / np.asarray(standard_error(rows), dtype=float)
        return np.where(np.isnan(ratio), 0.0, ratio)

    ordered = np.sort(bootstrap(x, distance, n, rng))
    k = _cut(n, level)
    low, high = center - error * ordered[-k], center - error * ordered[k - 1]
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{len(x)} rows give resamples without spread; expected more rows")
    return Interval(float(low), float(high))


def _cut(n: int, level: float) -> int:
    """Return how many of ``n`` replicates the end stands from the edge, counted from 1."""
    inside("level", level)
    k = int((n + 1) * (1 - level) / 2 + 1e-9)
    if k < 1:
        raise ValueError(f"n is {n}; expected more, so that {level:g} cuts off one at each end")
    return k


# Permutation tests


def permutation_test(
    x: ArrayLike,
    y: ArrayLike,
    statistic: Callable[[Array, Array], ArrayLike],
    n: int,
    rng: np.random.Generator,
) -> Permutations:
    """Deal the rows of two groups out anew, and count, :eq:`eq-monte-carlo-p`.

    Parameters
    ----------
    x, y : (m, ...), (k, ...)
        The two groups.
    statistic : callable
        From two groups to a number, large where they differ as you suspect.
    n : int
        How many deals; all that there are, once each, if they are no more.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    Permutations
        The statistic, the p-value, the statistics of the deals.

    Raises
    ------
    ValueError
        If a group is empty or not finite, or rows differ in shape.
    """
    x, y = rows_of("x", x), rows_of("y", y)
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"y has rows of shape {y.shape[1:]}; expected {x.shape[1:]}, as x")
    at_least_one("n", n)
    pool, m = np.concatenate([x, y]), len(x)
    exact = comb(len(pool), m) <= n
    deals = _every_deal(len(pool), m) if exact else (rng.permutation(len(pool)) for _ in range(n))
    observed = float(np.asarray(statistic(x, y)))
    return _count(observed, [statistic(pool[d[:m]], pool[d[m:]]) for d in deals], exact)


def _every_deal(size: int, m: int) -> Iterator[NDArray[np.intp]]:
    """Yield the rows in every order that puts other ones among the first ``m``."""
    every = np.arange(size)
    for chosen in combinations(range(size), m):
        yield np.concatenate([chosen, np.delete(every, chosen)])


def _count(observed: float, statistics: list[ArrayLike], exact: bool) -> Permutations:
    """Count what is at least as large; among random ones the observed is one more."""
    replicates = np.array(statistics, dtype=float)
    slack = TIE * max(abs(observed), float(np.max(np.abs(replicates))))
    reached = int(np.sum(replicates >= observed - slack))
    p = reached / len(replicates) if exact else (1 + reached) / (1 + len(replicates))
    return Permutations(observed, p, replicates)


# Pairs


def sign_flip_test(
    d: ArrayLike, statistic: Statistic, n: int, rng: np.random.Generator
) -> Permutations:
    """Flip the signs of differences at random, and count, :eq:`eq-sign-flip`.

    Parameters
    ----------
    d : (m,)
        Differences of pairs; without an effect each is as likely as its opposite.
    statistic : callable
        From differences to a number, large where there is an effect.
    n : int
        How many patterns of signs; all ``2**m`` of them, if they are no more.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    Permutations
        The statistic, the p-value, the statistics of the patterns.
    """
    d = rows_of("d", d)
    at_least_one("n", n)
    exact = 2 ** len(d) <= n
    patterns = (
        product([1.0, -1.0], repeat=len(d)) if exact else rng.choice([-1.0, 1.0], (n, len(d)))
    )
    observed = float(np.asarray(statistic(d)))
    return _count(observed, [statistic(np.asarray(signs) * d) for signs in patterns], exact)


def paired_t(x: ArrayLike, y: ArrayLike) -> PairedT:
    """Test whether the mean of ``x - y`` is zero, :eq:`eq-paired-t`.

    Parameters
    ----------
    x, y : (n,)
        Two measurements of each thing, in the same order.

    Returns
    -------
    PairedT
        The statistic t, its probability on both sides, the degrees of freedom.

    Raises
    ------
    ValueError
        If the numbers of data differ, are less than two, or all differences are equal.
    """
    x, y = numbers_of("x", x), numbers_of("y", y)
    if x.shape != y.shape:
        raise ValueError(f"y has {len(y)} entries; expected {len(x)}, one for each of x")
    mean, variance, n = mean_and_variance(x - y)
    if variance <= (8 * np.finfo(float).eps * np.max(np.abs([x, y]))) ** 2:
        raise ValueError("all differences are equal; expected some spread to compare with")
    t, nu = mean / np.sqrt(variance / n), n - 1
    return PairedT(float(t), float(incomplete_beta(nu / 2, 0.5, nu / (nu + t * t))), nu)
