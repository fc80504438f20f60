r"""Payments whose true probability of fraud is known, because they are drawn.

Honest payments, and two kinds of fraud: thieves who shop, for much money at once, and thieves who
try stolen cards, for little and many times within the hour.  Each kind draws its columns
independently; what they say of a payment then follows from Bayes' rule, at any base rate.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.shapes import Array

__all__ = ["COLUMNS", "Transactions", "draw_transactions", "fraud_probability"]

COLUMNS = ("log_amount", "last_hour", "new_device", "abroad", "night")


class Kind(NamedTuple):
    """How payments of one kind come about."""

    share: float  # among payments of its class
    log_amount: tuple[float, float]  # mean and spread, natural logarithm of euros
    last_hour: float  # mean number of earlier payments
    flags: tuple[float, float, float]  # how often new_device, abroad, night


HONEST = (Kind(1.0, (3.6, 1.0), 0.3, (0.10, 0.06, 0.12)),)
FRAUD = (
    Kind(0.7, (5.0, 0.9), 0.5, (0.60, 0.35, 0.30)),  # shopping
    Kind(0.3, (1.5, 0.7), 2.5, (0.50, 0.25, 0.35)),  # trying cards
)


class Transactions(NamedTuple):
    r"""Payments, a row each.

    Attributes
    ----------
    X : (n, 5)
        What is known when a payment is asked for, in the order of `COLUMNS`: the logarithm of the
        amount, how many payments the card made in the hour before, and, 0 or 1, whether the device
        is new, the buyer abroad, and the hour one of the night.
    amount : (n,)
        In euros.
    fraud : (n,) of bool
        Which payments turned out to be fraud.
    probability : (n,)
        How likely each was to turn out so, given its columns; who did not draw the payments
        does not know it.
    """

    X: Array
    amount: Array
    fraud: NDArray[np.bool_]
    probability: Array


def draw_transactions(n: int, rate: float, rng: np.random.Generator) -> Transactions:
    """Draw payments, each fraudulent with the same probability before anything is known of it.

    Parameters
    ----------
    n : int
        How many, at least 1.
    rate : float
        The base rate of fraud, between 0 and 1.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Transactions
        ``X``, ``amount``, ``fraud``, ``probability``.

    Raises
    ------
    ValueError
        If n is less than 1, or the rate not between 0 and 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; expected at least 1")
    _between("rate", rate)
    fraud = rng.random(n) < rate
    shops = rng.random(n) < FRAUD[0].share
    kinds = [(~fraud, HONEST[0]), (fraud & shops, FRAUD[0]), (fraud & ~shops, FRAUD[1])]
    X = np.empty((n, len(COLUMNS)))
    for rows, kind in kinds:
        X[rows] = _draw(int(rows.sum()), kind, rng)
    X[:, 0] = np.log(np.maximum(np.round(np.exp(X[:, 0]), 2), 0.01))  # whole cents
    return Transactions(X, np.exp(X[:, 0]), fraud, fraud_probability(X, rate))


def fraud_probability(X: ArrayLike, rate: float) -> Array:
    """Say how likely payments are fraud, by Bayes' rule from how they were drawn.

    Parameters
    ----------
    X : (n, 5)
        Payments, in the order of `COLUMNS`.
    rate : float
        The base rate of fraud, between 0 and 1.

    Returns
    -------
    (n,)
        Probabilities.

    Raises
    ------
    ValueError
        If X has another shape, or the rate is not between 0 and 1.
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[1] != len(COLUMNS):
        raise ValueError(f"X has shape {X.shape}; expected (n, {len(COLUMNS)})")
    _between("rate", rate)
    log_odds = math.log(rate / (1 - rate)) + _log_density(X, FRAUD) - _log_density(X, HONEST)
    probability: Array = 0.5 * (1 + np.tanh(0.5 * log_odds))
    return probability


def _between(name: str, share: float) -> None:
    """Refuse what is no share of both."""
    if not 0 < share < 1:
        raise ValueError(f"{name} is {share}; expected a number between 0 and 1")


def _draw(n: int, kind: Kind, rng: np.random.Generator) -> Array:
    """Draw rows of one kind."""
    mean, spread = kind.log_amount
    flags = rng.random((n, len(kind.flags))) < kind.flags
    return np.column_stack(
        [rng.normal(mean, spread, size=n), rng.poisson(kind.last_hour, size=n), flags]
    )


def _log_density(X: Array, kinds: tuple[Kind, ...]) -> Array:
    """Compute the logarithm of the density of a class, up to what all classes share."""
    total = np.full(len(X), -np.inf)
    for kind in kinds:
        mean, spread = kind.log_amount
        flags = np.array(kind.flags)
        total = np.logaddexp(
            total,
            math.log(kind.share)
            - 0.5 * ((X[:, 0] - mean) / spread) ** 2
            - math.log(spread)
            + X[:, 1] * math.log(kind.last_hour)
            - kind.last_hour
            + X[:, 2:] @ np.log(flags)
            + (1 - X[:, 2:]) @ np.log(1 - flags),
        )
    return total
