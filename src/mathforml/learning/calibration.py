r"""Calibration: probabilities that keep their word, and the threshold that costs least.

A forecast is calibrated if, of the cases that were given the probability 0.3, three in ten come
true.  Here this is measured (reliability, the Brier score), repaired (isotonic regression, Platt's
sigmoid, a temperature) and used (a threshold from costs).

Read it with the page :doc:`/learning/calibration`.
"""

import numpy as np
from numpy.typing import ArrayLike

from mathforml.learning._forms import BrierParts, IsotonicMap, Reliability, Sigmoid
from mathforml.learning._maps import coldness, sigmoid_parameters
from mathforml.learning._pava import pool
from mathforml.learning._truths import costs, forecast, scored, vector
from mathforml.learning.losses import cross_entropy_grad
from mathforml.shapes import Array, check_shapes

__all__ = [
    "BrierParts",
    "IsotonicMap",
    "Reliability",
    "Sigmoid",
    "brier_decomposition",
    "brier_score",
    "cost_threshold",
    "expected_calibration_error",
    "expected_cost",
    "isotonic",
    "isotonic_calibration",
    "platt",
    "reliability_curve",
    "temperature",
]

STEADY = 1e-14  # scores that vary by no more than this part of their size are constant


def isotonic(y: Array, weights: Array | None = None) -> Array:
    """Find the nondecreasing sequence that is nearest to the data, :eq:`eq-isotonic`.

    Parameters
    ----------
    y : (n,)
        Data in the order in which they should not fall, in any unit.
    weights : (n,), optional
        Positive weights of the squared errors, all one unless given.

    Returns
    -------
    (n,)
        The sequence, in the unit of the data.

    Raises
    ------
    ValueError
        If the shapes differ, there are no data, an entry is not finite or a weight not positive.
    """
    y = vector("y", y)
    if weights is None:
        return pool(y, np.broadcast_to(1.0, y.shape))
    w = vector("weights", weights)
    check_shapes("y: n, weights: n", y, w)
    if w.min() <= 0:
        raise ValueError(f"the smallest weight is {w.min():g}; expected positive weights")
    return pool(y, w)


def isotonic_calibration(scores: Array, y: Array) -> IsotonicMap:
    """Find the nondecreasing map from scores to probabilities with the least squared error.

    Parameters
    ----------
    scores : (n,)
        What a classifier said, in any unit; cases of equal score share a probability.
    y : (n,)
        What was true, 0 or 1.

    Returns
    -------
    IsotonicMap
        Thresholds and values, constant beyond the ends and linear in between.
    """
    scores, y = scored(scores, y)
    levels, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=y) / counts
    values = isotonic(shares, counts.astype(float))
    moves = np.diff(values) != 0
    kept = np.append(True, moves) | np.append(moves, True)
    return IsotonicMap(levels[kept], np.clip(values[kept], 0.0, 1.0))


def platt(scores: Array, y: Array) -> Sigmoid:
    """Fit a sigmoid to scores by maximum likelihood, :eq:`eq-platt`.

    Parameters
    ----------
    scores : (n,)
        What a classifier said, in any unit.
    y : (n,)
        What was true, 0 or 1; both must occur.

    Returns
    -------
    Sigmoid
        Slope and intercept; slope 0 where all scores are equal.

    Raises
    ------
    ValueError
        If the shapes differ, a score is not finite, a truth not 0 or 1, or one class is missing.

    Notes
    -----
    The truths are drawn a little inwards, :eq:`eq-platt-targets`, as Platt (1999) proposes, so that
    the sigmoid stays finite on cases that a threshold separates.
    """
    scores, y = scored(scores, y)
    positive = int(y.sum())
    negative = len(y) - positive
    if not positive or not negative:
        raise ValueError(f"y holds only {int(y[0])}; expected both classes")
    targets = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    middle, spread = float(scores.mean()), float(scores.std())
    if spread <= STEADY * np.abs(scores).max():
        return Sigmoid(0.0, float(np.log(targets.sum() / (1 - targets).sum())))
    a, c = sigmoid_parameters((scores - middle) / spread, targets)
    return Sigmoid(a / spread, c - a / spread * middle)


def temperature(Z: Array, y: ArrayLike) -> float:
    r"""Find the temperature :math:`\tau` at which softmax scores lose least, :eq:`eq-temperature`.

    Parameters
    ----------
    Z : (n, k)
        Scores before softmax.
    y : (n,)
        The true classes, integers 0 … k - 1.

    Returns
    -------
    float
        Divide the scores by it: above 1 it softens them, below 1 it sharpens them.

    Raises
    ------
    ValueError
        If the shapes do not fit, a score is not finite, a class is out of range, or no temperature
        is best: every row's largest score is its true class (the colder the better), or the scores
        are no better than a guess (the hotter the better).
    """
    Z = np.asarray(Z, dtype=float)
    if Z.size and not np.isfinite(Z).all():
        raise ValueError("Z is not finite; expected numbers")
    slopes = Z * cross_entropy_grad(np.zeros_like(Z), y)  # at infinite heat all are equal
    if slopes.sum() >= 0:
        raise ValueError("the scores are no better than a guess; expected true classes to be ahead")
    D = Z - np.take_along_axis(Z, np.asarray(y, dtype=int)[:, None], axis=1)
    if D.max() <= 0:
        raise ValueError(
            "every row's largest score is its true class, so colder is always better; "
            "expected some rows to be wrong"
        )
    scale = float(np.abs(D).max())
    return scale / coldness(D / scale)


def reliability_curve(p: Array, y: Array, bins: int = 10) -> Reliability:
    """Compare promises with what came true, bin by bin, :eq:`eq-reliability`.

    Parameters
    ----------
    p : (n,)
        Forecast probabilities.
    y : (n,)
        What was true, 0 or 1.
    bins : int
        How many bins of equal width, at least 1.

    Returns
    -------
    Reliability
        Edges, counts, mean forecast and share that came true.

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, or an entry is out of range.
    """
    p, y = forecast(p, y)
    if bins < 1:
        raise ValueError(f"bins is {bins}; expected at least 1")
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.minimum((p * bins).astype(int), bins - 1)  # right up to rounding; an edge decides
    place += p > edges[place + 1]
    place -= (p <= edges[place]) & (place > 0)
    counts = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):  # an empty bin has no mean
        predicted = np.bincount(place, weights=p, minlength=bins) / counts
        positive = np.bincount(place, weights=y, minlength=bins) / counts
    return Reliability(edges, counts, predicted, positive)


def expected_calibration_error(p: Array, y: Array, bins: int = 10) -> float:
    """Average the gaps of a reliability diagram over the cases, :eq:`eq-ece`.

    Parameters
    ----------
    p : (n,)
        Forecast probabilities.
    y : (n,)
        What was true, 0 or 1.
    bins : int
        How many bins of equal width; the result depends on it.

    Returns
    -------
    float
        From 0 to 1.  Zero does not mean good: the base rate, promised to everybody, reaches it.
    """
    _, counts, predicted, positive = reliability_curve(p, y, bins)
    full = counts > 0
    gaps = np.abs(predicted[full] - positive[full])
    return float(counts[full] @ gaps / counts.sum())


def brier_score(p: Array, y: Array) -> float:
    """Average the squared errors of forecasts, :eq:`eq-brier`.

    Parameters
    ----------
    p : (n,)
        Forecast probabilities.
    y : (n,)
        What was true, 0 or 1.

    Returns
    -------
    float
        From 0, best, to 1.
    """
    p, y = forecast(p, y)
    return float(np.mean((p - y) ** 2))


def brier_decomposition(p: Array, y: Array) -> BrierParts:
    """Split the Brier score by distinct forecasts, :eq:`eq-brier-decomposition`.

    Parameters
    ----------
    p : (n,)
        Forecast probabilities; equal ones form a group.
    y : (n,)
        What was true, 0 or 1.

    Returns
    -------
    BrierParts
        Reliability, resolution and uncertainty.
    """
    p, y = forecast(p, y)
    levels, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    shares, base = np.bincount(place, weights=y) / counts, y.mean()
    reliability = counts @ (levels - shares) ** 2 / len(y)
    resolution = counts @ (shares - base) ** 2 / len(y)
    return BrierParts(float(reliability), float(resolution), float(base * (1 - base)))


def cost_threshold(false_positive: float, false_negative: float) -> float:
    """Compute the probability from which acting costs less than waiting, :eq:`eq-cost-threshold`.

    Parameters
    ----------
    false_positive : float
        What it costs to act where nothing was wrong, at least 0, in any currency.
    false_negative : float
        What it costs not to act where something was, at least 0, in the same currency.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If a cost is negative or not finite, or both are zero.
    """
    costs(false_positive, false_negative)
    if false_positive + false_negative == 0:
        raise ValueError("both costs are 0; expected at least one above")
    return float(false_positive / (false_positive + false_negative))


def expected_cost(
    p: Array, y: Array, threshold: float, false_positive: float, false_negative: float
) -> float:
    """Average what decisions by a threshold have cost, :eq:`eq-expected-cost`.

    Parameters
    ----------
    p : (n,)
        Forecast probabilities; a case is acted on from the threshold on.
    y : (n,)
        What was true, 0 or 1.
    threshold : float
        In probability; above 1 nothing is acted on.
    false_positive, false_negative : float
        What each error costs, at least 0, in the same currency.

    Returns
    -------
    float
        Mean cost of a case, in that currency.
    """
    p, y = forecast(p, y)
    costs(false_positive, false_negative)
    if threshold != threshold:
        raise ValueError(f"threshold is {threshold}; expected a number")
    acted = p >= threshold
    wrong, missed = np.mean(acted & (y == 0)), np.mean(~acted & (y == 1))
    return float(false_positive * wrong + false_negative * missed)
