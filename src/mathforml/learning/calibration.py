r"""Calibration: probabilities that keep their word, and the threshold that costs least.

A forecast is calibrated if, of the cases that were given the probability 0.3, three in ten come
true.  Here this is measured (reliability, the Brier score), repaired (isotonic regression, Platt's
sigmoid, a temperature) and used (a threshold from costs).

Read it with the page :doc:`/learning/calibration`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathforml.learning._pava import pool
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

TOLERANCE = 1e-12
ROUNDS = 100


class IsotonicMap(NamedTuple):
    """A nondecreasing map: ``np.interp(new_scores, thresholds, values)`` applies it.

    Attributes
    ----------
    thresholds : (m,)
        Increasing scores, the ends of the stretches on which the map is constant.
    values : (m,)
        The probability at each.
    """

    thresholds: Array
    values: Array


class Sigmoid(NamedTuple):
    r"""The map :math:`s \mapsto \sigma(a s + c)` from scores to probabilities.

    Attributes
    ----------
    slope : float
        The factor :math:`a`, in one over the unit of the scores.
    intercept : float
        The constant :math:`c`.
    """

    slope: float
    intercept: float


class Reliability(NamedTuple):
    r"""A reliability diagram: what was promised, and what came true, bin by bin.

    Attributes
    ----------
    edges : (bins + 1,)
        Edges of equal bins; each bin holds its upper edge, the first also 0.
    counts : (bins,)
        How many cases :math:`n_b` a bin holds; empty ones are kept.
    mean_predicted : (bins,)
        The mean probability :math:`\bar p_b` in each bin; NaN where it is empty.
    fraction_positive : (bins,)
        The share :math:`\bar y_b` that came true; NaN where the bin is empty.
    """

    edges: Array
    counts: NDArray[np.int_]
    mean_predicted: Array
    fraction_positive: Array


class BrierParts(NamedTuple):
    r"""The Brier score taken apart: reliability - resolution + uncertainty.

    Attributes
    ----------
    reliability : float
        :math:`\frac1n \sum_k n_k (p_k - \bar y_k)^2`, the broken promises; 0 is best.
    resolution : float
        :math:`\frac1n \sum_k n_k (\bar y_k - \bar y)^2`, how far cases were told apart.
    uncertainty : float
        :math:`\bar y (1 - \bar y)`, what the world leaves open.
    """

    reliability: float
    resolution: float
    uncertainty: float


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
    y = _vector("y", y)
    w = np.broadcast_to(1.0, y.shape) if weights is None else _vector("weights", weights)
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

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, a score is not finite or a truth not 0 or 1.
    """
    scores, y = _scored(scores, y)
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
    scores, y = _scored(scores, y)
    positive = int(y.sum())
    negative = len(y) - positive
    if not positive or not negative:
        raise ValueError(f"y holds only {int(y[0])}; expected both classes")
    targets = np.where(y == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    middle, spread = scores.mean(), scores.std()
    if spread <= 1e-15 * np.abs(scores).max():
        share = targets.mean()
        return Sigmoid(0.0, float(np.log(share / (1 - share))))
    X = np.column_stack([(scores - middle) / spread, np.ones_like(scores)])
    theta = np.array([0.0, np.log((positive + 1) / (negative + 1))])
    loss = _sigmoid_loss(X @ theta, targets)
    for _ in range(ROUNDS):
        z = X @ theta
        p = _sigmoid(z)
        slope = X.T @ (p - targets)
        curve = X.T @ (X * (p * (1 - p))[:, None])
        step = np.linalg.solve(curve, slope)
        if slope @ step <= TOLERANCE * len(y) * 1e-3:
            theta = theta - step
            break
        size = 1.0
        while (new := _sigmoid_loss(X @ (theta - size * step), targets)) > loss and size > 1e-10:
            size /= 2
        theta, loss = theta - size * step, new
    slope_, rest = theta[0] / spread, theta[1]
    return Sigmoid(float(slope_), float(rest - slope_ * middle))


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
    Z, labels = np.asarray(Z, dtype=float), np.asarray(y)
    check_shapes("Z: n k, y: n", Z, labels)
    if Z.size == 0 or not np.all(np.isfinite(Z)):
        raise ValueError(f"Z, of shape {Z.shape}, is empty or not finite; expected finite scores")
    if np.any(labels != labels.astype(int)) or np.any((labels < 0) | (labels >= Z.shape[1])):
        raise ValueError(f"y holds {np.unique(labels)}; expected integers 0 to {Z.shape[1] - 1}")
    true = np.take_along_axis(Z, labels.astype(int)[:, None], axis=1)
    D = Z - true  # scores relative to the true class
    scale = np.abs(D).max()
    if D.mean() >= 0:
        raise ValueError("the scores are no better than a guess; no temperature is best")
    if not np.any(D > 0):
        raise ValueError("every row's largest score is its true class; the best temperature is 0")
    D /= scale
    low, high, beta = 0.0, np.inf, scale
    for _ in range(ROUNDS):
        A = beta * D
        P = np.exp(A - A.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        means = np.einsum("ij,ij->i", P, D)
        slope = means.mean()
        curve = (np.einsum("ij,ij,ij->i", P, D, D) - means**2).mean()
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / curve if curve > 0 else np.inf
        inside = low < step < high and step < 10 * beta
        new = step if inside else (low + high) / 2 if np.isfinite(high) else 10 * beta
        if abs(new - beta) <= TOLERANCE * beta:
            break
        beta = new
    return float(scale / new)


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
    p, y = _forecast(p, y)
    if bins < 1:
        raise ValueError(f"bins is {bins}; expected at least 1")
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.searchsorted(edges[1:-1], p)
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

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, or an entry is out of range.
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

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, or an entry is out of range.
    """
    p, y = _forecast(p, y)
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

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, or an entry is out of range.
    """
    p, y = _forecast(p, y)
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
    _costs(false_positive, false_negative)
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

    Raises
    ------
    ValueError
        If the shapes differ, there are no cases, an entry is out of range or a cost negative.
    """
    p, y = _forecast(p, y)
    _costs(false_positive, false_negative)
    acted = p >= threshold
    wrong, missed = np.mean(acted & (y == 0)), np.mean(~acted & (y == 1))
    return float(false_positive * wrong + false_negative * missed)


def _sigmoid(z: Array) -> Array:
    """Return one over one plus exp(-z), from the exponential that cannot overflow."""
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, e) / (1 + e))


def _sigmoid_loss(z: Array, targets: Array) -> float:
    """Return the cross-entropy of targets between 0 and 1."""
    return float(np.sum(np.logaddexp(0.0, z) - targets * z))


def _vector(name: str, x: Array) -> Array:
    """Return finite data as float64, or say what is wrong with them."""
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"{name} has shape {x.shape}; expected (n,) with n at least 1")
    if not np.all(np.isfinite(x)):
        at = int(np.flatnonzero(~np.isfinite(x))[0])
        raise ValueError(f"{name}[{at}] is {x[at]}; expected finite numbers")
    return x


def _scored(scores: Array, y: Array) -> tuple[Array, Array]:
    """Return scores and truths as float64, or say what is wrong with them."""
    scores, y = _vector("scores", scores), _vector("y", y)
    check_shapes("scores: n, y: n", scores, y)
    if not np.all((y == 0) | (y == 1)):
        raise ValueError(f"y holds {y[(y != 0) & (y != 1)][0]:g}; expected 0 or 1")
    return scores, y


def _forecast(p: Array, y: Array) -> tuple[Array, Array]:
    """Return forecasts and truths as float64, or say what is wrong with them."""
    p = _vector("p", p)
    if p.min() < 0 or p.max() > 1:
        raise ValueError(f"p reaches from {p.min():g} to {p.max():g}; expected probabilities")
    check_shapes("p: n, y: n", p, y)
    return p, _scored(p, y)[1]


def _costs(*costs: float) -> None:
    """Raise unless costs are finite and not negative."""
    if not all(np.isfinite(cost) and cost >= 0 for cost in costs):
        raise ValueError(f"the costs are {costs}; expected finite numbers of at least 0")
