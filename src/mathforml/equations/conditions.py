"""Relations used as conditions: below sums, in cases, in indicators, beside equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Domain
from mathforml.equations.environments import Environment, Many, Result
from mathforml.equations.errors import EquationError, Place
from mathforml.equations.flexible import Flexible, materialize, settle
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Array, Value, aligned, elementwise, number, pad

__all__ = ["choose", "holds", "members", "narrowed"]


def _close(a: Array, b: Array) -> Array:
    found: Array = np.isclose(a, b, rtol=1e-9, atol=1e-12)
    return found


COMPARISONS: dict[str, Callable[..., Array]] = {
    "=": _close,
    ":=": _close,
    r"\neq": lambda a, b: ~_close(a, b),
    "<": np.less,
    ">": np.greater,
    r"\le": np.less_equal,
    r"\ge": np.greater_equal,
}


def holds(machine: Machine, node: s.Node, env: Environment, entrywise: bool = False) -> Value:
    """Return where a condition is true: of arrays as a whole, or entry by entry."""
    if isinstance(node, s.Bag):
        parts = [holds(machine, item, env, entrywise) for item in node.items]
        found = parts[0]
        for part in parts[1:]:
            found = elementwise(np.logical_and, found, part)
        return _truth(found)
    if not isinstance(node, s.Chain):
        found = machine.value(node, env)
        if found.data.dtype != bool:
            raise EquationError("expected a condition, such as x > 0", node.place)
        return found
    found = number(True)
    for left, relation, right in zip(node.items, node.relations, node.items[1:], strict=False):
        if relation in (r"\in", r"\notin"):
            inside = _member(machine, left, right, env)
            part = inside if relation == r"\in" else elementwise(np.logical_not, inside)
        elif relation in COMPARISONS:
            part = _compared(machine, left, relation, right, env)
            if not entrywise:
                core = tuple(range(len(part.axes), part.data.ndim))
                part = Value(np.asarray(part.data.all(axis=core)), part.axes)
        else:
            raise EquationError(f"{relation} cannot be executed as a condition", node.place)
        found = elementwise(np.logical_and, found, part)
    return _truth(found)


def _truth(value: Value) -> Value:
    return Value(value.data.astype(bool), value.axes)


def _compared(
    machine: Machine, left: s.Node, relation: str, right: s.Node, env: Environment
) -> Value:
    results = [machine.evaluate(n, env) for n in (left, right)]
    if isinstance(results[1], Many) and relation == "=":
        return _member(machine, left, right, env)
    values: list[Value] = []
    for k, result in enumerate(results):
        other = results[1 - k]
        if isinstance(result, Flexible) and isinstance(other, Value):
            result = materialize(result, other.core)
        node = (left, right)[k]
        values.append(result if isinstance(result, Value) else machine.value(node, env))
    if any(v.data.dtype == object for v in values):
        axes, (a, b) = aligned(values)
        equal = np.vectorize(lambda x, y: x == y, otypes=[bool])(a.data, b.data)
        return Value(~equal if relation == r"\neq" else equal, axes)
    for value in values:
        _orderly(value, relation, env, left.place._replace(end=right.place.end))
    return _truth(elementwise(COMPARISONS[relation], *values))


def _orderly(value: Value, relation: str, env: Environment, place: Place) -> None:
    """Refuse to compare what is no number, and to order complex numbers."""
    if relation not in ("=", ":=", r"\neq") and np.any(np.imag(value.data)):
        raise EquationError("complex numbers have no order; compare their magnitudes", place)
    unknown = Value(np.isnan(value.data), value.axes)
    if env.mask is not None and np.any(unknown.data):
        unknown = elementwise(np.logical_and, unknown, env.mask)
    if np.any(unknown.data):
        raise EquationError("a comparison with what is not a number (NaN)", place)


def members(machine: Machine, result: Result) -> Value | None:
    """Return the members of a set along a leading axis, or None if it is no set."""
    from mathforml.equations.environments import stacked
    from mathforml.equations.indices import domain_values

    if isinstance(result, Many):
        if any(isinstance(i, Value) and i.axes for i in result.items):
            return None
        return stacked(replace(result, open="("))
    if isinstance(result, Flexible):
        return None
    if result.data.dtype == object and not result.axes:
        thing: Any = result.data[()]
        if hasattr(thing, "support"):
            return domain_values(Domain(tuple(thing.support())))
        return domain_values(thing) if isinstance(thing, Domain) else None
    return result if result.ndim == 1 and not result.axes else None


def _member(machine: Machine, left: s.Node, right: s.Node, env: Environment) -> Value:
    """Return where a value is in a set, an interval, or a space of arrays."""
    if (
        isinstance(right, s.Ref | s.Power | s.Indexed)
        and (space := _space(machine, right, env)) is not None
    ):
        value = settle(_numeric(machine, left, env))
        return number(space == (value.core if space != (1,) else value.core or (1,)))
    result = machine.evaluate(right, env)
    if isinstance(result, Many) and isinstance(right, s.Bag) and _is_interval(right):
        value = machine.value(left, env)
        low, high = (settle(i) for i in result.items if isinstance(i, Value))
        signs = (r"\ge" if right.open == "[" else ">", r"\le" if right.close == "]" else "<")
        for sign in signs:
            _orderly(value, sign, env, left.place)
        above = elementwise(COMPARISONS[signs[0]], value, low)
        return elementwise(np.logical_and, above, elementwise(COMPARISONS[signs[1]], value, high))
    found = members(machine, result)
    if found is None:
        raise EquationError("expected a set here; bind a range, list or set", right.place)
    value = machine.evaluate(left, env)  # type: ignore[assignment]
    value = value if isinstance(value, Value) else machine.value(left, env)
    hit = [
        np.equal(value.data, member) if found.data.dtype != object else value.data == member
        for member in found.data
    ]
    return Value(np.any(hit, axis=0) if hit else np.zeros(value.data.shape, bool), value.axes)


def _is_interval(bag: s.Bag) -> bool:
    return len(bag.items) == 2 and bag.open in ("(", "[") and bag.close in (")", "]")


def _numeric(machine: Machine, node: s.Node, env: Environment) -> Any:
    return machine.value(node, env)


def _space(machine: Machine, node: s.Node, env: Environment) -> tuple[int, ...] | None:
    r"""Return the shape that ``\mathbb{R}^{n \times d}`` demands."""
    if isinstance(node, s.Ref) and node.key == "mathbb.R" and node.key not in machine.scope:
        return ()
    match node:
        case s.Power(base=s.Ref(key="mathbb.R"), exponent=exponent) if (
            "mathbb.R" not in machine.scope
        ):
            parts: list[s.Node] = []
            while isinstance(exponent, s.Multiply) and exponent.operator == r"\times":
                parts.insert(0, exponent.right)
                exponent = exponent.left
            return tuple(int(machine.value(p, env).data) for p in [exponent, *parts])
    return None


def narrowed(env: Environment, more: Value | None) -> Environment:
    """Ask for values only where one more condition holds."""
    if more is None:
        return env
    if env.mask is None:
        return replace(env, mask=more)
    return replace(env, mask=_truth(elementwise(np.logical_and, env.mask, more)))


def choose(machine: Machine, node: s.Cases, env: Environment) -> Value:
    """Evaluate cases, each only where its condition holds first."""
    open_ = number(True)
    parts: list[tuple[Value, Value]] = []
    for value, condition in zip(node.values, node.conditions, strict=True):
        here = open_
        if condition is not None:
            truth = holds(machine, condition, narrowed(env, open_))
            here = _truth(elementwise(np.logical_and, open_, truth))
            open_ = _truth(elementwise(lambda o, t: o.astype(bool) & ~t.astype(bool), open_, truth))
        else:
            open_ = number(False)
        if np.any(here.data):
            result = machine.evaluate(value, narrowed(env, here))
            if isinstance(result, Flexible) and "0" in result.terms:
                result = number(0.0)
            parts.append((here, result if isinstance(result, Value) else machine.value(value, env)))
    if env.mask is not None:
        open_ = elementwise(np.logical_and, open_, env.mask)
    if np.any(open_.data) or not parts:
        raise EquationError("no case covers every value here; add one", node.place)
    return _merged(parts)


def _merged(parts: list[tuple[Value, Value]]) -> Value:
    ndim = max(v.ndim for _, v in parts)
    flat = [x for pair in parts for x in pair]
    axes, found = aligned(flat)
    n = len(axes)
    total: Array | None = None
    for here, value in zip(found[::2], found[1::2], strict=True):
        mask = pad(here.data, n, ndim)
        piece = np.where(mask, pad(value.data, n, ndim), 0)
        total = piece if total is None else np.where(mask, piece, total)
    assert total is not None
    return Value(total, axes)
