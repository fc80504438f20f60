r"""Relations: when two sides agree, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.environments import Environment, Many, Result, stacked
from mathforml.equations.errors import (
    EquationError,
    EquationMismatch,
    EquationShapeError,
    Place,
)  # fmt: skip
from mathforml.equations.flexible import Flexible, materialize
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Array, Value, aligned, describe, matching, number

__all__ = ["RTOL", "Comparison", "Tolerance", "compare"]

RTOL = 1e-6
APPROXIMATE = 0.05
CANCELLED = 1e-11  # relative to the largest of the terms that cancel in an entry
ROUNDING = 1e-12  # relative to the largest entry of an array
WEAK = frozenset([r"\le", r"\ge", "<", ">", r"\neq"])
EQUAL = frozenset(["=", ":="])


@dataclass(frozen=True)
class Tolerance:
    """How far two sides may differ.

    Parameters
    ----------
    rtol
        What the caller allows, if anything.
    infinities
        Whether a binding holds an infinity, so that one may stand on both sides.
    tight
        Whether inequalities must hold with equality.
    """

    rtol: float | None = None
    infinities: bool = False
    tight: bool = False


@dataclass(frozen=True)
class Comparison:
    """What one relation was found to be.

    Parameters
    ----------
    difference
        Largest difference relative to the larger side, less what rounding explains.
    tolerance
        What was allowed.
    note
        What a reader should know of it.
    """

    difference: float
    tolerance: float
    note: str = ""


def compare(
    machine: Machine, sides: tuple[s.Node, s.Node], results: Callable[[], tuple[Result, Result]],
    relation: str, env: Environment, place: Place, tolerance: Tolerance,
) -> Comparison:  # fmt: skip
    """Hold two sides against each other.

    Raises
    ------
    EquationMismatch
        If they do not stand in the relation.
    EquationShapeError
        If their shapes differ.
    """
    if relation in (r"\in", r"\notin"):
        return _membership(machine, sides, relation, env, place)
    left, right = _sized(results(), place)
    if relation in (r"\succeq", r"\succ", r"\preceq", r"\prec"):
        return _definite(left, right, relation, place)
    pair = matching(left, right)
    if pair is None:
        raise EquationShapeError(
            f"the left side is {describe(left)}, the right side {describe(right)}; "
            "expected equal shapes",
            place,
        )
    masks = [] if env.mask is None else [env.mask]
    axes, (left, right, *others) = aligned([*pair, *masks])
    shape = np.broadcast_shapes(
        left.data.shape, right.data.shape, *[m.data.shape + (1,) * left.ndim for m in others]
    )
    for length, axis in zip(shape, axes, strict=False):
        if length == 0:
            raise EquationError(f"the index {axis.split('#')[0]} runs over nothing", place)
    if 0 in shape:
        raise EquationError("both sides are empty; expected something to compare", place)
    mask = np.ones(shape, bool)
    for other in others:
        mask = mask & other.data.reshape(other.data.shape + (1,) * left.ndim)
    sizes = (_spread(left.magnitude, shape), _spread(right.magnitude, shape))
    errors = sum(_spread(v.error, shape) for v in (left, right) if v.error is not None)
    case = _Case(
        _spread(left.data, shape), _spread(right.data, shape), np.maximum(*sizes),
        np.asarray(errors, dtype=float), mask, axes, env, place, relation,
    )  # fmt: skip
    return case.judge(tolerance)


def _spread(a: Array, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(a, shape)


def _sized(results: tuple[Result, Result], place: Place) -> tuple[Value, Value]:
    """Give both sides a size, each from the other if need be."""
    first, second = (stacked(r) if isinstance(r, Many) else r for r in results)
    if isinstance(first, Flexible) and isinstance(second, Flexible):
        if set(first.terms) <= {"0"} and set(second.terms) <= {"0"}:
            return number(0.0), number(0.0)
        raise EquationShapeError("neither side has a size; bind one of the symbols", place)
    for value in (first, second):
        if isinstance(value, Value) and value.data.dtype == object:
            raise EquationShapeError("one side is no number or array", place)
    for one, other in ((first, second), (second, first)):
        unsized = isinstance(one, Flexible) and "I" in one.terms
        if unsized and isinstance(other, Value) and other.ndim == 0:
            raise EquationShapeError("the size of I does not follow from a number", place)
    if isinstance(first, Flexible):
        assert isinstance(second, Value)
        return materialize(first, second.core), second
    if isinstance(second, Flexible):
        return first, materialize(second, first.core)
    return first, second


@dataclass(frozen=True)
class _Case:
    """Two sides, spread over all indices and entries."""

    left: Array
    right: Array
    size: Array
    error: Array
    mask: Array
    axes: tuple[str, ...]
    env: Environment
    place: Place
    relation: str

    def judge(self, tolerance: Tolerance) -> Comparison:
        """Apply the relation."""
        finite = np.isfinite(self.left) & np.isfinite(self.right)
        same = np.isinf(self.left) & (self.left == self.right)
        bad = self.mask & ~finite & ~(same & tolerance.infinities)
        if self.relation in WEAK and self.relation != r"\neq" and tolerance.infinities:
            bad = self.mask & (np.isnan(self.left) | np.isnan(self.right))
        if np.any(bad):
            self.fail(bad, "a side is not finite", np.inf)
        if self.relation == r"\propto":
            return self.proportional(tolerance)
        asked = self.mask & finite
        difference = np.where(
            asked, np.abs(self.left - np.where(finite, self.right, self.left)), 0.0
        )
        rtol = tolerance.rtol if tolerance.rtol is not None else RTOL
        size = self.size
        note = ""
        if self.relation == r"\approx":
            rtol = tolerance.rtol if tolerance.rtol is not None else APPROXIMATE
            size = np.maximum(np.abs(self.left), np.abs(self.right))
            note = f"approximate: within {rtol:.0%}"
        size = np.where(asked, size, 0.0)
        sides = np.where(asked, np.maximum(np.abs(self.left), np.abs(self.right)), 0.0)
        allowed = rtol * sides + CANCELLED * size + self.error + self.rounding(size)
        with np.errstate(all="ignore"):
            relative = np.where(sides > 0, difference / np.where(sides > 0, sides, 1), difference)
        largest = float(np.max(np.where(asked, relative, 0.0), initial=0.0))
        with np.errstate(all="ignore"):  # what the error estimates explain is no difference
            explained = rtol * difference / np.where(allowed > 0, allowed, 1.0)
        measured = float(np.max(np.where(asked, explained, 0.0), initial=0.0))
        if self.relation in WEAK and not tolerance.tight:
            return self.weak(allowed, largest, rtol)
        if self.relation in WEAK and tolerance.tight:
            note = "tight"
        if self.relation not in EQUAL | WEAK | {r"\approx"}:
            raise EquationError(
                f"{self.place.text} states nothing that can be computed; "
                r"expected =, \le, \approx, \propto, \succeq or \in",
                self.place,
            )
        wrong = asked & ~(difference <= allowed)
        if np.any(wrong):
            what = "the bound is not tight here" if self.relation in WEAK else "the sides differ"
            self.fail(wrong, what, largest)
        if rtol > RTOL and not note:
            note = f"within rtol = {rtol:g}, looser than {RTOL:g}"
        return Comparison(measured, rtol, note)

    def rounding(self, size: Array) -> Array:
        """Allow for rounding relative to the largest entry, and against an exact zero."""
        core = tuple(range(len(self.axes), size.ndim))
        largest = size.max(axis=core, keepdims=True) if core and size.size else size
        zero = (self.left == 0) | (self.right == 0)
        found: Array = ROUNDING * largest + np.where(zero, 1e-13, 0.0)
        return found

    def weak(self, allowed: Array, largest: float, rtol: float) -> Comparison:
        """Judge an inequality, which is weak evidence."""
        if self.relation != r"\neq" and (np.any(np.imag(self.left)) or np.any(np.imag(self.right))):
            raise EquationShapeError(
                "complex numbers have no order; compare their magnitudes", self.place
            )
        with np.errstate(all="ignore"):
            holds = {
                r"\le": self.left <= self.right + allowed,
                r"\ge": self.left >= self.right - allowed,
                "<": self.left < self.right,
                ">": self.left > self.right,
                r"\neq": np.abs(self.left - self.right) > allowed,
            }[self.relation]
        wrong = self.mask & ~holds
        if np.any(wrong):
            self.fail(wrong, f"{self.place.text} does not hold", largest)
        return Comparison(0.0, rtol, "weak evidence: an inequality, not shown to be tight")

    def proportional(self, tolerance: Tolerance) -> Comparison:
        """Judge a proportionality: one ratio for all entries."""
        left, right = self.left[self.mask], self.right[self.mask]
        if left.size < 2:
            raise EquationError(
                r"\propto between two numbers says nothing; bind an array or a range", self.place
            )
        at = int(np.argmax(np.abs(right)))
        if right[at] == 0 or left[at] == 0:
            self.fail(self.mask, "one side is zero throughout", np.inf)
        ratio = left[at] / right[at]
        rtol = tolerance.rtol if tolerance.rtol is not None else RTOL
        size = np.maximum(self.size, np.abs(ratio * self.right))
        difference = np.where(self.mask, np.abs(self.left - ratio * self.right), 0.0)
        relative = difference / np.where(size > 0, size, 1.0)
        largest = float(relative.max(initial=0.0))
        if np.any(difference > rtol * size + (1 + abs(ratio)) * self.error):
            self.fail(relative == largest, "the ratio of the sides is not constant", largest)
        return Comparison(largest, rtol, f"proportional with the constant {ratio:.6g}")

    def fail(self, wrong: Array, fact: str, largest: float) -> None:
        """Raise with the first place where the sides differ."""
        at = tuple(int(k) for k in np.argwhere(wrong)[0])
        where = []
        for axis, k in zip(self.axes, at, strict=False):
            values = self.env.local.get(axis)
            shown = (
                values.data[k] if isinstance(values, Value) and values.axes == (axis,) else k + 1
            )
            where.append(f"{axis.split('#')[0]} = {shown}")
        entry = [k + 1 for k in at[len(self.axes) :]]
        if entry:
            where.append(f"entry {entry[0] if len(entry) == 1 else tuple(entry)}")
        left, right = self.left[at], self.right[at]
        there = " at " + ", ".join(where) if where else ""
        message = f"{fact}{there}: left {left:.10g}, right {right:.10g}"
        if np.isfinite(largest):
            message += f", largest relative difference {largest:.2g}"
        raise EquationMismatch(message, self.place)


def _membership(
    machine: Machine, sides: tuple[s.Node, s.Node], relation: str, env: Environment, place: Place
) -> Comparison:
    from mathforml.equations.conditions import holds

    truth = holds(machine, s.Chain(sides, (relation,), (place,), place=place), env)
    if not np.all(truth.data):
        raise EquationMismatch(f"{place.text} does not hold", place)
    return Comparison(0.0, 0.0, "weak evidence: membership")


def _definite(left: Value, right: Value, relation: str, place: Place) -> Comparison:
    """Judge a matrix inequality by eigenvalues."""
    from mathforml.equations.values import add

    if left.ndim != 2 or left.core[0] != left.core[1]:
        raise EquationShapeError(
            f"{place.text} between {describe(left)} and {describe(right)}", place
        )
    signs = "+-" if relation in (r"\succeq", r"\succ") else "-+"
    gap = add(signs, [left, right])
    flipped = np.swapaxes(gap.data, -1, -2)
    scale = float(np.abs(gap.data).max(initial=0))
    if not np.allclose(gap.data, flipped, rtol=1e-9, atol=1e-9 * scale):
        raise EquationShapeError(f"{place.text} needs symmetric matrices", place)
    if not np.isfinite(scale):
        raise EquationMismatch(f"{place.text} between matrices that are not finite", place)
    least = float(np.linalg.eigvalsh(gap.data).min())
    strict = relation in (r"\succ", r"\prec")
    if least < -1e-9 * scale or (strict and least <= 1e-12 * scale):
        raise EquationMismatch(f"{place.text} does not hold: an eigenvalue is {least:.6g}", place)
    return Comparison(0.0, 0.0, "weak evidence: a matrix inequality")
