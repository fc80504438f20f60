"""Intervals that need no resampling, and the count of how often any interval holds the truth.

Read it with the page :doc:`/statistics/resampling`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.foundations.floating_point import mean_and_variance
from mathforml.foundations.special_functions import beta_quantile
from mathforml.shapes import Array

__all__ = ["Coverage", "Interval", "coverage", "proportion_interval", "t_interval"]


class Interval(NamedTuple):
    """The ends of an interval.

    Attributes
    ----------
    low, high : float
        In the unit of the statistic.
    """

    low: float
    high: float


class Coverage(NamedTuple):
    """How often an interval holds the truth.

    Attributes
    ----------
    share : float
        Of the simulated data sets.
    low, high : float
        Exact 95 % interval of the probability.
    """

    share: float
    low: float
    high: float


def t_interval(x: ArrayLike, level: float = 0.95) -> Interval:
    """Compute Student's interval for the mean, :eq:`eq-t-interval`.

    Parameters
    ----------
    x : (n,)
        Data; at least two.
    level : float
        The probability that is aimed at; met exactly if the data are normal.

    Returns
    -------
    Interval
        Mean less and plus a number of standard errors.

    Raises
    ------
    ValueError
        If there are fewer than two data, or one is not finite.
    """
    mean, variance, n = mean_and_variance(numbers_of("x", x))
    inside("level", level)
    nu = n - 1
    t = np.sqrt(nu * (1 / beta_quantile(nu / 2, 0.5, 1 - level) - 1))
    half = float(t * np.sqrt(variance / n))
    return Interval(mean - half, mean + half)


def proportion_interval(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Compute the exact interval of Clopper and Pearson, :eq:`eq-proportion`.

    Parameters
    ----------
    successes, trials : int
        Counts.
    level : float
        The probability that is reached at least, whatever the truth.

    Returns
    -------
    Interval
        Of the probability of a success.

    Raises
    ------
    ValueError
        If there are no trials, or not between none and all of them succeeded.
    """
    at_least_one("trials", trials)
    inside("level", level)
    if not 0 <= successes <= trials:
        raise ValueError(f"successes is {successes}; expected 0 to {trials}, the number of trials")
    tail, failures = (1 - level) / 2, trials - successes
    a = np.maximum([successes, successes + 1], 1)  # at none and all, one end is known
    b = np.maximum([failures + 1, failures], 1)
    low, high = beta_quantile(a, b, [tail, 1 - tail])
    return Interval(float(low) if successes else 0.0, float(high) if failures else 1.0)


def coverage(
    sample: Callable[[np.random.Generator], ArrayLike],
    interval: Callable[[Array, np.random.Generator], tuple[float, float]],
    truth: float,
    n: int,
    rng: np.random.Generator,
) -> Coverage:
    """Count how many of ``n`` intervals, each from data of its own, hold the truth.

    Parameters
    ----------
    sample : callable
        From a source of chance to data.
    interval : callable
        From data and a source of chance to two ends.
    truth : float
        What the intervals are for; an end that equals it holds it.
    n : int
        How many data sets.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    Coverage
        The share, and an exact interval for the probability behind it.
    """
    at_least_one("n", n)
    ends = [interval(np.asarray(sample(rng), dtype=float), rng) for _ in range(n)]
    hits = sum(low <= truth <= high for low, high in ends)
    return Coverage(hits / n, *proportion_interval(hits, n))


# At the door


def rows_of(name: str, x: ArrayLike) -> Array:
    """Convert to rows of float64, at least one, all finite."""
    x = np.array(x, dtype=float)  # a copy: a statistic may change its rows
    if x.ndim == 0 or len(x) == 0:
        raise ValueError(f"{name} has shape {x.shape}; expected one row at least")
    if not np.all(np.isfinite(x)):
        raise ValueError(f"{name} holds {x[~np.isfinite(x)].flat[0]:g}; expected finite numbers")
    return x


def numbers_of(name: str, x: ArrayLike) -> Array:
    """Convert to a vector of two finite numbers or more."""
    x = rows_of(name, x)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"{name} has shape {x.shape}; expected (n,) with n at least 2")
    return x


def at_least_one(name: str, n: int) -> None:
    """Refuse a number of repetitions that is none."""
    if n < 1:
        raise ValueError(f"{name} is {n}; expected 1 or more")


def inside(name: str, level: float) -> None:
    """Refuse a level that is no probability."""
    if not 0 < level < 1:
        raise ValueError(f"{name} is {level:g}; expected between 0 and 1")
