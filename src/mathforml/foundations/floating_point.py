r"""Mean, variance, correlation and log-sum-exp, as they must be computed.

A float64 keeps 53 binary digits of a number, so a formula that is right on paper may lose every
digit in the machine.  Each function here computes a textbook quantity by the rearrangement that
keeps the digits.

Read it with the page :doc:`/foundations/floating_point`.
"""

from typing import NamedTuple

import numpy as np

from mathforml.shapes import Array, check_shapes

__all__ = [
    "Moments",
    "compensated_sum",
    "correlation",
    "log_sum_exp",
    "mean_and_variance",
    "merge_moments",
    "two_sum",
]


class Moments(NamedTuple):
    r"""Mean and variance of the data seen so far.

    Attributes
    ----------
    mean : float
        Their sum over their number, in the unit of the data.
    variance : float
        The sum of the squared deviations over ``count - 1``, in the squared unit; 0 for one number.
    count : int
        How many there are.
    """

    mean: float
    variance: float
    count: int  # type: ignore[assignment]  # the field hides tuple.count, which nobody needs here


def mean_and_variance(x: Array) -> Moments:
    """Compute the mean and the unbiased variance in two passes, :eq:`eq-two-pass`.

    Parameters
    ----------
    x : (n,)
        Data, in any unit; n is at least 1.

    Returns
    -------
    Moments
        Mean, variance and count.

    Raises
    ------
    ValueError
        If there are no data, one of them is not finite, or the variance is beyond float64.

    Notes
    -----
    The deviations would sum to zero without rounding; what they do sum to is the rounding error
    of the mean, and is used to correct both results.
    """
    x = _finite_vector("x", x)
    n = x.size
    with np.errstate(over="ignore", invalid="ignore"):
        mean = x[0] + np.mean(x - x[0])
        deviation = x - mean
        slip = np.mean(deviation)
        squares = np.sum(deviation**2) - n * slip**2
    if not np.isfinite(squares):
        raise ValueError("the variance of x is beyond the largest float64")
    variance = max(squares, 0.0) / max(n - 1, 1)
    return Moments(float(mean + slip), float(variance), n)


def merge_moments(a: Moments, b: Moments) -> Moments:
    """Combine the moments of two parts of the data, :eq:`eq-merge-moments`.

    Parameters
    ----------
    a, b : Moments
        Of the two parts.  A part of one number, ``Moments(x, 0.0, 1)``, gives Welford's update.

    Returns
    -------
    Moments
        Of both parts together, as if the data had been seen at once.
    """
    n = a.count + b.count
    step = b.mean - a.mean
    squares = (a.count - 1) * a.variance + (b.count - 1) * b.variance
    squares += step**2 * a.count * b.count / n
    return Moments(a.mean + step * b.count / n, squares / (n - 1), n)


def correlation(x: Array, y: Array) -> float:
    """Compute the correlation of two samples from their deviations, :eq:`eq-correlation`.

    Parameters
    ----------
    x : (n,)
        One quantity, in any unit; n is at least 2.
    y : (n,)
        The other, in any unit.

    Returns
    -------
    float
        Between -1 and 1, without unit.

    Raises
    ------
    ValueError
        If a sample is constant: no correlation is defined.  Also for data that are not finite,
        fewer than two pairs, or unequal lengths.
    """
    x, y = _finite_vector("x", x), _finite_vector("y", y)
    check_shapes("x: n, y: n", x, y)
    if x.size < 2:
        raise ValueError(f"x has {x.size} entry; a correlation needs at least 2")
    u, v = _direction("x", x), _direction("y", y)
    return float(np.clip(u @ v, -1.0, 1.0))


def log_sum_exp(z: Array, axis: int = -1) -> Array:
    """Compute the logarithm of a sum of exponentials, :eq:`eq-log-sum-exp-shift`.

    Parameters
    ----------
    z : (..., k)
        Scores; ``-inf`` adds nothing, ``inf`` gives ``inf``, NaN gives NaN.
    axis : int
        The axis to sum over, the last unless told otherwise; it must not be empty.

    Returns
    -------
    (...)
        The sum's logarithm; a 0-d array for a vector.

    Notes
    -----
    The largest score is taken out, so that no exponential overflows; its own exponential, exactly
    1, is left to ``log1p``, so that a small rest is not lost beside it.
    """
    z = np.asarray(z, dtype=float)
    if z.ndim == 0 or z.shape[axis] == 0:
        raise ValueError(f"z has shape {z.shape}; expected at least one score along axis {axis}")
    top = np.expand_dims(z.argmax(axis=axis), axis)
    peak = np.take_along_axis(z, top, axis)
    finite = np.where(np.isfinite(peak), peak, 0.0)
    with np.errstate(over="ignore"):  # only where the peak is infinite, and so is the answer
        rest = np.exp(z - finite)
    np.put_along_axis(rest, top, 0.0, axis)
    total: Array = np.squeeze(peak + np.log1p(rest.sum(axis=axis, keepdims=True)), axis)
    return total


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Split a sum into what the machine keeps and what it drops, :eq:`eq-two-sum`.

    Parameters
    ----------
    a, b : (...)
        Finite numbers.

    Returns
    -------
    total : (...)
        The rounded sum.
    error : (...)
        What rounding dropped: ``a + b`` equals ``total + error`` exactly.
    """
    total = a + b
    b_kept = total - a
    return total, (a - (total - b_kept)) + (b - b_kept)


def compensated_sum(x: Array) -> float:
    """Sum numbers and, beside them, the errors of summing.

    Parameters
    ----------
    x : (n,)
        Numbers, in any unit and order; the sum of none is 0.

    Returns
    -------
    float
        The sum, nearly as if it had been computed with twice the digits.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    x = _finite_vector("x", x, least=0)
    dropped = 0.0
    while x.size > 1:
        if x.size % 2:
            x = np.append(x, 0.0)
        x, error = two_sum(x[::2], x[1::2])
        dropped += float(error.sum())
    return float(x.sum() + dropped)


def _finite_vector(name: str, x: Array, least: int = 1) -> Array:
    """Return the data as float64, or say what is wrong with them."""
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or x.size < least:
        raise ValueError(f"{name} has shape {x.shape}; expected (n,) with n at least {least}")
    if not np.all(np.isfinite(x)):
        at = int(np.flatnonzero(~np.isfinite(x))[0])
        raise ValueError(f"{name}[{at}] is {x[at]}; expected finite numbers")
    return x


def _direction(name: str, x: Array) -> Array:
    """Return the deviations from the mean, scaled to length one."""
    if np.all(x == x[0]):
        raise ValueError(f"{name} is constant; a correlation needs some spread")
    x = x / np.max(np.abs(x))  # squares of very large or small numbers leave the range
    deviation = x - mean_and_variance(x).mean
    deviation = deviation / np.max(np.abs(deviation))
    unit: Array = deviation / np.linalg.norm(deviation)
    return unit
