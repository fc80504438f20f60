"""What calibration returns: two maps, a diagram, and the parts of a score."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathforml.shapes import Array

__all__ = ["BrierParts", "IsotonicMap", "Reliability", "Sigmoid"]


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
