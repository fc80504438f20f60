"""What holds at one place of an equation, and what results look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mathforml.equations.errors import EquationShapeError
from mathforml.equations.flexible import (
    Flexible,
    settle,
)  # fmt: skip
from mathforml.equations.values import Value, describe, number

__all__ = ["Environment", "Many", "Result", "Trace", "opaque", "spread", "stacked"]


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """Several results side by side.

    Parameters
    ----------
    items
        The results.
    open
        The bracket they stood in.
    """

    items: tuple[Result, ...]
    open: str = "("


Result = Value | Flexible | Many


@dataclass(frozen=True)
class Environment:
    """What holds at one place of an equation.

    Parameters
    ----------
    local
        Dummies of sums, integrals, expectations and definitions.
    overrides
        Symbols of the graph that stand for other values here, as under a derivative.
    mask
        Where along the named axes a value is asked for; elsewhere anything will do.
    cache
        Values of functions of the graph under these overrides.
    """

    local: Mapping[str, Result] = field(default_factory=dict)
    overrides: Mapping[str, Value] = field(default_factory=dict)
    mask: Value | None = None
    cache: dict[str, Result] = field(default_factory=dict)

    def bind(self, **more: Any) -> Environment:
        """Return the environment with more dummies."""
        return replace(self, local={**self.local, **more})

    def bind_keys(self, more: Mapping[str, Result]) -> Environment:
        """Return the environment with more dummies, by key."""
        return replace(self, local={**self.local, **more})

    def override(self, key: str, value: Value) -> Environment:
        """Return the environment in which one symbol has another value."""
        if key in self.local:
            return self.bind_keys({key: value})
        return replace(self, overrides={**self.overrides, key: value}, cache={})


@dataclass
class Trace:
    """What happened during evaluation, for the certificate."""

    functions: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Record a remark once."""
        if text not in self.notes:
            self.notes.append(text)


def opaque(thing: Any) -> Value:
    """Wrap something that is no number, only to be passed on."""
    box = np.empty((), dtype=object)
    box[()] = thing
    return Value(box)


def stacked(many: Many) -> Value:
    """Make a column of numbers, or a matrix of columns."""
    flat = [settle(stacked(i) if isinstance(i, Many) else i) for i in spread(many.items)]
    if not flat:
        raise EquationShapeError("empty brackets have no value")
    from mathforml.equations.values import aligned

    axes, found = aligned(flat)
    if any(v.core != found[0].core for v in found):
        shapes = ", ".join(describe(v) for v in found)
        raise EquationShapeError(f"brackets hold {shapes}; expected equal shapes")
    lead = np.broadcast_shapes(*[v.data.shape for v in found])
    data = np.stack([np.broadcast_to(v.data, lead) for v in found], axis=len(axes))
    if many.open in ("[", "(") and found[0].ndim == 2 and found[0].core[0] == 1:  # rows
        return Value(data.reshape(*data.shape[: len(axes)], 1, -1), axes)
    if many.open in ("[", "(") and found[0].ndim == 1:
        return Value(np.swapaxes(data, -1, -2), axes)
    if many.open == "[" and data.ndim - len(axes) == 1:
        data = np.expand_dims(data, len(axes))
    return Value(data, axes)


def spread(items: tuple[Result, ...]) -> list[Result]:
    """Flatten the ranges that ellipses left among items."""
    found: list[Result] = []
    for item in items:
        found += list(item.items) if isinstance(item, Many) and item.open == "..." else [item]
    return found


def single(result: Result) -> Value:
    """Return one value of known size; a literal zero is a number."""
    if isinstance(result, Many):
        return stacked(result)
    if isinstance(result, Flexible) and "0" in result.terms:
        return number(0.0)
    return settle(result)
