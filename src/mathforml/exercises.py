"""The right answer of an exercise, computed by the page that asks for it.

A page has a field, ``{answer} ex-name``, and a cell that calls `answer` with the value that the
package computes. The field's check in the browser comes from that call, so it cannot grow stale.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mathforml.equations.certificates import Published, publish

__all__ = ["MIME", "Answer", "answer"]

MIME = "application/vnd.mathforml.answer+json"
DIGITS = 3  # that a reader is asked for, unless ``atol`` says otherwise

Value = float | tuple[int, ...]


@dataclass(frozen=True)
class Answer(Published):
    """The right answer of one field, and what to say to wrong ones.

    Attributes
    ----------
    label : str
        Label of the field.
    value : float or tuple of int
        A number, the place of an option, or the places of steps in their order.
    atol : float
        How far from the value a number may lie.
    wrong : tuple
        For each wrong value: the value, how near counts as it, what to say.
    """

    label: str
    value: Value
    atol: float
    wrong: tuple[tuple[Value, float, str], ...]

    def __str__(self) -> str:
        """Return the answer as text."""
        value = self.value
        said = ", ".join(map(str, value)) if isinstance(value, tuple) else f"{value:.10g}"
        return f"{self.label}: {said}"

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain data, alike on all machines.

        Returns
        -------
        dict
            The fields of the record.
        """
        wrong = [[_rounded(value), _rounded(near), said] for value, near, said in self.wrong]
        value, atol = _rounded(self.value), _rounded(self.atol)
        return {"label": self.label, "value": value, "atol": atol, "wrong": wrong}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: self.to_json()}


def answer(
    label: str, value: Any, wrong: Mapping[Any, str] | None = None, *, atol: float | None = None
) -> Answer:
    """Give a field of the page its right answer, and feedback for typical wrong ones.

    Parameters
    ----------
    label : str
        Label of the field: that of its exercise, or one that begins with it, ``ex-name-2``.
    value : float or sequence of int
        The right number; or the place of the right option, counted from 1; or the places of the
        steps, as the page lists them, in their right order.
    wrong : mapping of float, int or tuple of int to str, optional
        Feedback for wrong values. A field for a number needs at least one.
    atol : float, optional
        How far from ``value`` an answer may lie. Without it a whole number must be met, and of
        any other the first three digits.

    Returns
    -------
    Answer
        The record, which the page takes up.

    Raises
    ------
    ValueError
        If a value is no finite number or sequence of places, or a wrong value counts as right.

    Examples
    --------
    >>> answer("ex-bell", 0.25, {0.5: "that is the value, not the slope"})
    ex-bell: 0.25
    """
    right = _value_of(value, label)
    if atol is not None and not 0 <= atol < math.inf:
        raise ValueError(f"{label}: atol is {atol}; expected a number from 0 on")
    near = _tolerance(right) if atol is None else float(atol)
    near *= 1 + 1e-9  # half a unit of the last place, rounded, is near enough
    known: list[tuple[Value, float, str]] = []
    for key, said in (wrong or {}).items():
        slip = _value_of(key, label)
        if _distance(slip, right) <= near:
            raise ValueError(f"{label}: the wrong value {key} counts as right; expected another")
        if any(_distance(slip, other) <= within for other, within, _ in known):
            raise ValueError(f"{label}: the wrong value {key} comes twice; expected it once")
        if not said.strip() or "$" in said:
            raise ValueError(f"{label}: feedback is {said!r}; expected words, without formulas")
        known.append((slip, max(near, _tolerance(slip)) if slip else near, said))
    record = Answer(label, right, near, tuple(known))
    publish(record)
    return record


def _value_of(value: Any, label: str) -> Value:
    """Return a number, or places, as plain Python."""
    array = np.asarray(value)
    if array.ndim > 1 or array.dtype.kind not in "iuf" or not np.all(np.isfinite(array)):
        raise ValueError(f"{label}: the value is {value!r}; expected a number, or a list of places")
    if array.ndim == 0:
        return float(array)
    if array.dtype.kind == "f":
        raise ValueError(f"{label}: the places are {value!r}; expected whole numbers")
    return tuple(int(place) for place in array)


def _tolerance(value: Value) -> float:
    """Return half a unit of the last digit that is asked for."""
    if isinstance(value, tuple):
        return 0.0
    half = 0.5 * 10.0 ** (1 - DIGITS)
    if value == 0:
        return half / 10
    half *= 10.0 ** math.floor(math.log10(abs(value)))
    whole = abs(value - round(value)) <= min(1e-9 * max(1.0, abs(value)), 1e-3)
    return min(half, 5e-4) if whole else half


def _distance(one: Value, other: Value) -> float:
    """Return how far two values are apart; of another kind, or another order, is far."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return 0.0 if one == other else math.inf
    return abs(one - other)


def _rounded(value: Value) -> float | list[int]:
    """Return a value with the digits that no machine disputes."""
    if isinstance(value, tuple):
        return list(value)
    return float(json.loads(f"{value:.10g}"))
