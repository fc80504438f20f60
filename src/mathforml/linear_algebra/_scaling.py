"""Scaling by powers of two: it rounds nothing, and keeps squares within float64."""

import math

import numpy as np

from mathforml.shapes import Array

__all__ = ["power_of_two"]


def power_of_two(x: Array) -> float:
    """Find a power of two near the largest entry.

    Parameters
    ----------
    x : (...)
        Finite numbers.

    Returns
    -------
    unit : float
        Entries of ``x / unit`` are at most 2 in size, the largest at least 1; 1 for zeros.
    """
    return 2.0 ** (math.frexp(np.abs(x).max())[1] - 1) if x.any() else 1.0
