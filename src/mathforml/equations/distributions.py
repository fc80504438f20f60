"""Distributions: what an expectation runs over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Finite", "Samples"]


class Finite:
    """A distribution over finitely many values; called, it returns probabilities.

    Parameters
    ----------
    values : iterable, length n
        Numbers, arrays, labels, or tuples for several variables at once.
    probabilities : (n,) array_like
        One for each value; they sum to one.

    Attributes
    ----------
    values : tuple, length n
        As given.
    probabilities : (n,) ndarray
        As given.

    Raises
    ------
    ValueError
        If there are not as many probabilities as values, one is negative, or they do not sum
        to one.
    """

    def __init__(self, values: Iterable[Any], probabilities: ArrayLike) -> None:
        self.values: tuple[Any, ...] = tuple(values)
        self.probabilities = np.asarray(probabilities, dtype=float).ravel()
        if len(self.values) != len(self.probabilities):
            raise ValueError(
                f"probabilities has {len(self.probabilities)} entries; "
                f"expected one for each of {len(self.values)} values"
            )
        if not (np.all(self.probabilities >= 0) and abs(self.probabilities.sum() - 1) <= 1e-9):
            raise ValueError(
                f"probabilities sum to {self.probabilities.sum():.6g}; expected 1, none negative"
            )

    def __call__(self, *value: Any) -> float:
        """Return the probability of a value."""
        wanted = value[0] if len(value) == 1 else tuple(value)
        for own, probability in zip(self.values, self.probabilities, strict=True):
            if np.array_equal(np.asarray(own), np.asarray(wanted)):
                return float(probability)
        return 0.0

    def support(self) -> Sequence[Any]:
        """Return the values."""
        return self.values


class Samples:
    """Draws of a random quantity, one along the first axis each.

    Parameters
    ----------
    values : (n, ...) array_like
        The draws; an expectation wants a hundred or more.

    Attributes
    ----------
    values : (n, ...) ndarray
        As given.

    Raises
    ------
    ValueError
        If there are fewer than two.
    """

    def __init__(self, values: ArrayLike) -> None:
        self.values = np.asarray(values)
        if self.values.ndim == 0 or len(self.values) < 2:
            raise ValueError("values holds fewer than 2 draws; expected at least 2")

    def __len__(self) -> int:
        """Return the number of draws."""
        return len(self.values)
