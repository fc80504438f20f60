"""Calibration beside scikit-learn and SciPy."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy import optimize, special
from sklearn.calibration import _sigmoid_calibration, calibration_curve
from sklearn.isotonic import IsotonicRegression, isotonic_regression
from sklearn.metrics import brier_score_loss, confusion_matrix

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.learning.calibration import (
    brier_decomposition,
    brier_score,
    cost_threshold,
    expected_calibration_error,
    expected_cost,
    isotonic,
    isotonic_calibration,
    platt,
    reliability_curve,
    temperature,
)

N = 100_000
WITHOUT = {
    brier_decomposition: "no library at hand takes the score apart",
    cost_threshold: "one division",
}


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    for name, y in shapes(N).items():
        yield Case(
            isotonic,
            f"100,000 numbers: {name}",
            ours=partial(isotonic, y),
            theirs=partial(isotonic_regression, y),
            call="sklearn.isotonic.isotonic_regression(y)",
            goal=60.0 if "drop" in name else 6.0,
        )
    p = rng.random(N)
    y = (rng.random(N) < p).astype(float)
    scores = 2 * special.logit(p) - 1
    new = np.linspace(-9, 9, 1001)
    yield Case(
        isotonic_calibration,
        "100,000 scores",
        ours=lambda: np.interp(new, *isotonic_calibration(scores, y)),
        theirs=lambda: IsotonicRegression(out_of_bounds="clip").fit(scores, y).predict(new),
        call='sklearn.isotonic.IsotonicRegression(out_of_bounds="clip").fit(scores, y)',
        goal=6.0,
    )
    yield Case(
        platt,
        "100,000 scores",
        ours=lambda: tuple(platt(scores, y)),
        theirs=lambda: tuple(-part for part in _sigmoid_calibration(scores, y)),
        call="sklearn.calibration._sigmoid_calibration(scores, y)",
        goal=2.0,
        within=1e-4,
        note="theirs has the opposite signs, and stops earlier",
    )
    Z = 3 * rng.normal(size=(20_000, 10))
    labels = np.argmax(Z / 3 + rng.gumbel(size=Z.shape), axis=1)
    yield Case(
        temperature,
        "20,000 rows of 10",
        ours=lambda: temperature(Z, labels),
        theirs=lambda: minimized(Z, labels),
        call='scipy.optimize.minimize_scalar(loss, bounds=(-3, 3), options={"xatol": 1e-8})',
        goal=1.0,
        within=1e-6,
        note="over the logarithm of the temperature",
    )
    yield Case(
        reliability_curve,
        "100,000 forecasts",
        ours=lambda: reliability_curve(p, y)[3],
        theirs=lambda: calibration_curve(y, p, n_bins=10)[0],
        call="sklearn.calibration.calibration_curve(y, p, n_bins=10)",
        goal=0.3,
    )
    yield Case(
        expected_calibration_error,
        "100,000 forecasts",
        ours=lambda: expected_calibration_error(p, y),
        theirs=lambda: weighed(y, p),
        call="sklearn.calibration.calibration_curve(y, p, n_bins=10), weighed",
        goal=0.3,
    )
    yield Case(
        brier_score,
        "100,000 forecasts",
        ours=lambda: brier_score(p, y),
        theirs=lambda: brier_score_loss(y, p),
        call="sklearn.metrics.brier_score_loss(y, p)",
        goal=1.0,
    )
    bill = np.array([[0.0, 20.0], [180.0, 0.0]])
    yield Case(
        expected_cost,
        "100,000 forecasts",
        ours=lambda: expected_cost(p, y, 0.1, 20.0, 180.0),
        theirs=lambda: np.sum(bill * confusion_matrix(y, p >= 0.1)) / N,
        call="sklearn.metrics.confusion_matrix(y, p >= t), times costs",
        goal=1.0,
    )
    lonely = np.array([0.05, 0.95])
    yield MoreRight(
        reliability_curve,
        "empty bins are kept: ten bins have ten shares",
        ours=lambda: len(reliability_curve(lonely, np.array([0.0, 1.0])).fraction_positive),
        theirs=lambda: len(calibration_curve([0, 1], lonely, n_bins=10)[0]),
        call="sklearn.calibration.calibration_curve(y, p, n_bins=10)",
        truth=10,
    )
    for name in shapes(10):
        yield Growth(
            isotonic,
            [125_000, 250_000, 500_000, 1_000_000],
            prepare=partial(prepared, name),
            derived=1.0,
            within=0.3 if "drop" in name else 0.176,  # ten times the data, at most 15 the time
            note=name,
        )


def shapes(n: int) -> dict[str, Any]:
    """Return data on which pooling may be slow."""
    rng = np.random.default_rng(0)
    line = np.linspace(0, 1, n)
    return {
        "noise": rng.normal(size=n) + 3 * line,
        "zeros and ones": (rng.random(n) < line).astype(float),
        "ties": rng.integers(0, 5, n).astype(float),
        "falling": -line,
        "rising, then one huge drop": np.append(line[:-1], -1e6 * n),
    }


def prepared(name: str, n: int) -> Callable[[], Any]:
    """Return a fit to n data of a shape."""
    return partial(isotonic, shapes(n)[name])


def minimized(Z: Any, y: Any) -> float:
    """Return the temperature that a general optimizer finds."""
    true = Z[np.arange(len(y)), y]

    def loss(log_tau: float) -> float:
        scaled = Z / np.exp(log_tau)
        return float(np.mean(special.logsumexp(scaled, axis=1) - true / np.exp(log_tau)))

    found = optimize.minimize_scalar(loss, bounds=(-3, 3), options={"xatol": 1e-8})
    return float(np.exp(found.x))


def weighed(y: Any, p: Any) -> float:
    """Return the gaps of scikit-learn's curve, averaged over the cases."""
    came, said = calibration_curve(y, p, n_bins=10)
    counts = np.histogram(p, bins=np.linspace(0, 1, 11))[0]
    return float(counts @ np.abs(came - said) / len(p))
