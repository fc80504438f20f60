"""At the door of calibration: scores, probabilities, truths and costs that make sense."""

import math

import numpy as np
from numpy.typing import ArrayLike

from mathforml.shapes import Array, check_shapes

__all__ = ["costs", "forecast", "scored", "vector"]


def vector(name: str, x: ArrayLike) -> Array:
    """Return finite data (n,) as float64, or say what is wrong with them."""
    data = np.asarray(x, dtype=float)
    check_shapes(f"{name}: n", data)
    if data.size == 0:
        raise ValueError(f"{name} is empty; expected at least one number")
    if not np.isfinite(data).all():
        at = int(np.flatnonzero(~np.isfinite(data))[0])
        raise ValueError(f"{name}[{at}] is {data[at]}; expected finite numbers")
    return data


def scored(scores: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return scores and truths, (n,) each, or say what is wrong with them."""
    data, truths = vector("scores", scores), np.asarray(y, dtype=float)
    check_shapes("scores: n, y: n", data, truths)
    return data, _truths(truths)


def forecast(p: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return probabilities and truths, (n,) each, or say what is wrong with them."""
    data, truths = vector("p", p), np.asarray(y, dtype=float)
    check_shapes("p: n, y: n", data, truths)
    if data.min() < 0 or data.max() > 1:
        reach = f"from {data.min():g} to {data.max():g}"
        raise ValueError(f"p reaches {reach}; expected probabilities, from 0 to 1")
    return data, _truths(truths)


def costs(false_positive: float, false_negative: float) -> None:
    """Raise unless costs are finite and not negative."""
    for name, cost in (("false_positive", false_positive), ("false_negative", false_negative)):
        if not (cost >= 0 and math.isfinite(cost)):
            raise ValueError(f"{name} is {cost}; expected a number of at least 0")


def _truths(y: Array) -> Array:
    """Return truths, or say which of them is neither 0 nor 1."""
    odd = y[(y != 0) & (y != 1)]
    if odd.size:
        raise ValueError(f"y contains {odd[0]:g}; expected classes 0 and 1")
    return y
