"""Payments whose true probability of fraud is known."""

from math import factorial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from mathforml.learning.calibration import reliability_curve
from mathforml.transactions import COLUMNS, draw_transactions, fraud_probability


@pytest.fixture(scope="module")
def many():
    return draw_transactions(200_000, 0.03, np.random.default_rng(5))


# Laws


def test_columns_have_their_ranges(many):
    assert many.X.shape == (200_000, len(COLUMNS))
    assert_allclose(np.exp(many.X[:, 0]), many.amount, rtol=1e-12)
    assert many.amount.min() >= 0.01
    assert_allclose(np.round(many.amount, 2), many.amount, rtol=1e-9)
    assert_array_equal(many.X[:, 1], np.round(many.X[:, 1]))
    assert set(many.X[:, 2:].ravel()) == {0.0, 1.0}
    assert many.fraud.dtype == bool


def test_the_probability_keeps_its_word_in_every_bin(many):
    curve = reliability_curve(many.probability, many.fraud.astype(int), 20)
    error = np.sqrt(curve.mean_predicted * (1 - curve.mean_predicted) / curve.counts)
    assert np.all(np.abs(curve.fraction_positive - curve.mean_predicted) < 4 * error)


def test_no_other_forecast_from_the_columns_does_better(many, rng):
    """Honest probabilities have the least Brier score, also where some columns are looked at."""
    mistakes = np.mean((many.probability - many.fraud) ** 2)
    for column in range(len(COLUMNS)):
        tilt = 0.02 * many.X[:, column] / many.X[:, column].std()
        for way in (-tilt, tilt):
            assert np.mean((np.clip(many.probability + way, 0, 1) - many.fraud) ** 2) > mistakes


def test_another_base_rate_multiplies_the_odds(many):
    odds = {}
    for rate in (0.03, 0.5):
        p = fraud_probability(many.X[:500], rate)
        odds[rate] = p / (1 - p)
    assert_allclose(odds[0.5], odds[0.03] * 0.97 / 0.03, rtol=1e-6)


def test_fraud_comes_at_its_base_rate(many):
    assert abs(many.fraud.mean() - 0.03) < 4 * np.sqrt(0.03 * 0.97 / len(many.fraud))
    assert abs(many.probability.mean() - 0.03) < 0.001


def test_thieves_shop_for_more_or_try_for_less(many):
    """So no straight line in the amount can tell the classes apart as well as the truth does."""
    stolen, honest = many.amount[many.fraud], many.amount[~many.fraud]
    assert np.mean(stolen > 150) > 3 * np.mean(honest > 150)
    assert np.mean(stolen < 5) > 3 * np.mean(honest < 5)


def test_the_same_chance_draws_the_same_payments():
    a, b = (draw_transactions(40, 0.1, np.random.default_rng(3)) for _ in range(2))
    for left, right in zip(a, b, strict=True):
        assert_array_equal(left, right)


def test_arguments_stay_as_they_are(many):
    rows = np.ones((3, 5), dtype=int)
    fraud_probability(rows, 0.1)
    assert_array_equal(rows, np.ones((3, 5)))


# References


def test_the_probability_is_that_of_bayes_from_densities_of_scipy():
    x = np.array([[4.0, 2.0, 1.0, 0.0, 1.0], [1.2, 0.0, 0.0, 0.0, 0.0]])

    def density(row, share, mean, spread, calls, flags):
        chance = np.prod([q if on else 1 - q for q, on in zip(flags, row[2:], strict=True)])
        poisson = np.exp(-calls) * calls ** row[1] / factorial(int(row[1]))
        return share * stats.norm.pdf(row[0], mean, spread) * poisson * chance

    expected = []
    for row in x:
        honest = density(row, 1.0, 3.6, 1.0, 0.3, (0.10, 0.06, 0.12))
        shops = density(row, 0.7, 5.0, 0.9, 0.5, (0.60, 0.35, 0.30))
        tries = density(row, 0.3, 1.5, 0.7, 2.5, (0.50, 0.25, 0.35))
        expected.append(0.02 * (shops + tries) / (0.02 * (shops + tries) + 0.98 * honest))
    assert_allclose(fraud_probability(x, 0.02), expected, rtol=1e-10)


# Hard input


def test_payments_far_beyond_the_usual_have_a_probability():
    X = np.array([[20.0, 0, 0, 0, 0], [-20.0, 0, 0, 0, 0], [3.0, 500, 1, 1, 1]])
    p = fraud_probability(X, 1e-9)
    assert np.all((p >= 0) & (p <= 1))


def test_one_payment_may_lack_any_fraud(rng):
    drawn = draw_transactions(1, 1e-6, rng)
    assert drawn.X.shape == (1, 5)
    assert not drawn.fraud.any()


# Refusals


def test_no_payment_is_refused(rng):
    with pytest.raises(ValueError, match="n is 0; expected at least 1"):
        draw_transactions(0, 0.1, rng)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, np.nan])
def test_a_base_rate_that_leaves_no_choice_is_refused(rate, rng):
    with pytest.raises(ValueError, match=r"rate is .*; expected a number between 0 and 1"):
        draw_transactions(5, rate, rng)
    with pytest.raises(ValueError, match="expected a number between 0 and 1"):
        fraud_probability(np.ones((1, 5)), rate)


def test_another_table_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(2, 4\); expected \(n, 5\)"):
        fraud_probability(np.ones((2, 4)), 0.1)
