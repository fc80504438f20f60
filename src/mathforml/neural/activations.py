r"""Activations and their pullbacks.

Each map ``f`` comes with ``f_vjp(x, y_bar)``, its vector-Jacobian product: the point and
the cotangent of the output give the cotangent of the input,
:math:`\bar x = J_f(x)^\top \bar y`.  The Jacobian itself is never formed.

All work in float64 on arrays of any shape and leave their arguments alone.  The maps that act
on single entries let a NaN through at its own place; :func:`softmax`, where one NaN would spoil
a whole row, refuses it.

Read it with the page :doc:`/neural/activations`.
"""

import numpy as np

from mathforml.shapes import Array, check_shapes

__all__ = [
    "relu",
    "relu_vjp",
    "sigmoid",
    "sigmoid_vjp",
    "softmax",
    "softmax_vjp",
    "softplus",
    "softplus_vjp",
    "tanh",
    "tanh_vjp",
]


def relu(x: Array) -> Array:
    """Replace negative entries by zero, :eq:`eq-relu`.

    Parameters
    ----------
    x : (...)
        Pre-activations.

    Returns
    -------
    y : (...)
        The positive part of ``x``.
    """
    y: Array = np.maximum(np.asarray(x, dtype=float), 0.0)
    return y


def relu_vjp(x: Array, y_bar: Array) -> Array:
    """Let the cotangent through where ``x`` is positive, :eq:`eq-relu-vjp`.

    Parameters
    ----------
    x : (...)
        The point, as given to :func:`relu`.
    y_bar : (...)
        Cotangent of the output.

    Returns
    -------
    x_bar : (...)
        Cotangent of the input.  At the kink ``x = 0`` we choose the slope 0.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    check_shapes("x: ..., y_bar: ...", x, y_bar)
    x, y_bar = np.asarray(x, dtype=float), np.asarray(y_bar, dtype=float)
    x_bar = np.where(x > 0, y_bar, 0.0)
    x_bar[np.isnan(x)] = np.nan  # NaN > 0 is False
    return x_bar


def sigmoid(x: Array) -> Array:
    """Squash a score into a probability, :eq:`eq-sigmoid`.

    Parameters
    ----------
    x : (...)
        Scores, in log-odds.

    Returns
    -------
    y : (...)
        Between 0 and 1, increasing in ``x``.

    Notes
    -----
    With ``exp(x)`` above the bar, tiny probabilities keep all their digits; ``1 / (1 + exp(-x))``
    overflows there.  The cap changes nothing: from 37 on the quotient rounds to 1.
    """
    odds: Array = np.exp(np.minimum(np.asarray(x, dtype=float), 40.0))
    return odds / (1.0 + odds)


def sigmoid_vjp(x: Array, y_bar: Array) -> Array:
    """Scale the cotangent by the bell ``sigmoid(x) sigmoid(-x)``, :eq:`eq-sigmoid-vjp`.

    Parameters
    ----------
    x : (...)
        The point, as given to :func:`sigmoid`.
    y_bar : (...)
        Cotangent of the output.

    Returns
    -------
    x_bar : (...)
        Cotangent of the input, at most a quarter of ``y_bar`` in size.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    ``1 - sigmoid(x)`` cancels for large ``x``; ``sigmoid(-x)`` is the same number in full.
    """
    check_shapes("x: ..., y_bar: ...", x, y_bar)
    x = np.asarray(x, dtype=float)
    return y_bar * (sigmoid(x) * sigmoid(-x))


def tanh(x: Array) -> Array:
    """Squash a score into (-1, 1), odd about zero, :eq:`eq-tanh`.

    Parameters
    ----------
    x : (...)
        Pre-activations.

    Returns
    -------
    y : (...)
        The hyperbolic tangent of ``x``.
    """
    y: Array = np.tanh(np.asarray(x, dtype=float))
    return y


def tanh_vjp(x: Array, y_bar: Array) -> Array:
    """Pull back through a stretched sigmoid, :eq:`eq-tanh-vjp`.

    Parameters
    ----------
    x : (...)
        The point, as given to :func:`tanh`.
    y_bar : (...)
        Cotangent of the output.

    Returns
    -------
    x_bar : (...)
        Cotangent of the input, at most ``y_bar`` in size.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    The slope ``1 - tanh(x)**2`` has no digit left from ``x = 19.1`` on.  The sigmoid's, a
    product of positive numbers, keeps them all until it underflows, before ``x = 400``.
    """
    near = np.clip(np.asarray(x, dtype=float), -400.0, 400.0)
    return 4.0 * sigmoid_vjp(2.0 * near, y_bar)


def softplus(x: Array) -> Array:
    """Round off the corner of the rectifier, :eq:`eq-softplus`.

    Parameters
    ----------
    x : (...)
        Pre-activations.

    Returns
    -------
    y : (...)
        Positive, and above :func:`relu` by at most ``log(2)``.

    Notes
    -----
    The rectifier plus what is missing: two nonnegative terms, so nothing cancels.
    """
    x = np.asarray(x, dtype=float)
    y: Array = relu(x) + np.log1p(np.exp(-np.abs(x)))
    return y


def softplus_vjp(x: Array, y_bar: Array) -> Array:
    """Scale the cotangent by the sigmoid, a softened gate, :eq:`eq-softplus-vjp`.

    Parameters
    ----------
    x : (...)
        The point, as given to :func:`softplus`.
    y_bar : (...)
        Cotangent of the output.

    Returns
    -------
    x_bar : (...)
        Cotangent of the input.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    check_shapes("x: ..., y_bar: ...", x, y_bar)
    return y_bar * sigmoid(x)


def softmax(z: Array) -> Array:
    """Turn scores into probabilities along the last axis, :eq:`eq-softmax`.

    Parameters
    ----------
    z : (..., k)
        Scores.  A class may be ruled out by ``-inf``, but not all of them.

    Returns
    -------
    p : (..., k)
        Nonnegative, summing to one along the last axis.

    Raises
    ------
    ValueError
        If a row is empty, holds a NaN or ``+inf``, or is ``-inf`` throughout.

    Notes
    -----
    A constant added to all scores cancels, so the largest may be moved to zero; no
    exponential can then overflow.  Moving rounds each score once: where the gap to the largest
    is some hundreds, that is the whole error, half an ulp of the gap.
    """
    check_shapes("z: ... k", z)
    z = np.asarray(z, dtype=float)
    top = z.max(axis=-1, keepdims=True, initial=-np.inf)
    if not np.isfinite(top).all():
        odd = top[~np.isfinite(top)][0]
        raise ValueError(f"a row of z has maximum {odd}; expected finite")
    with np.errstate(over="ignore"):  # a gap beyond 1e308 weighs nothing
        weights = np.exp(z - top)
    p: Array = weights / weights.sum(axis=-1, keepdims=True)
    return p


def softmax_vjp(z: Array, p_bar: Array) -> Array:
    """Weigh the cotangent's deviation from its mean, :eq:`eq-softmax-vjp`.

    Parameters
    ----------
    z : (..., k)
        The point, as given to :func:`softmax`.
    p_bar : (..., k)
        Cotangent of the probabilities.

    Returns
    -------
    z_bar : (..., k)
        Cotangent of the scores, summing to zero along the last axis.

    Raises
    ------
    ValueError
        If the shapes differ, or :func:`softmax` refuses ``z``.

    Notes
    -----
    A constant added to ``p_bar`` cancels too.  The entry of the likeliest class is moved to
    zero, so that the mean of a confident prediction does not swallow it.
    """
    check_shapes("z: ... k, p_bar: ... k", z, p_bar)
    p, p_bar = softmax(z), np.asarray(p_bar, dtype=float)
    likeliest = p.argmax(axis=-1, keepdims=True)
    p_bar = p_bar - np.take_along_axis(p_bar, likeliest, axis=-1)
    mean: Array = np.sum(p * p_bar, axis=-1, keepdims=True)
    return p * (p_bar - mean)
