r"""Sums, products and extrema over indices, sets and conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.algebra import matmul, multiply
from mathforml.equations.conditions import holds, members, narrowed
from mathforml.equations.environments import Environment, Many, Result
from mathforml.equations.errors import (
    EquationError,
    EquationShapeError,
    RaggedError,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.flexible import Flexible
from mathforml.equations.indices import ranges, whole
from mathforml.equations.meaning import Machine
from mathforml.equations.series import infinite
from mathforml.equations.values import Array, Value, add, aligned, elementwise, number, pad, widened

__all__ = ["bind_domain", "reduce"]

LONGEST = 1_000_000  # terms of one sum


@dataclass(frozen=True)
class Bound:
    """Dummies that have been given their values.

    Parameters
    ----------
    env
        The environment of the body.
    axes
        Their named axes.
    lengths
        How many values each has.
    """

    env: Environment
    axes: tuple[str, ...]
    lengths: tuple[int, ...]


def reduce(machine: Machine, node: s.Reduce, env: Environment) -> Result:
    """Evaluate a reduction.

    Raises
    ------
    EquationError
        If a range is unknown, empty where an extremum is asked, or too long.
    """
    if len(node.dummies) == 1 and node.dummies[0].high is not None:
        high = machine.value(node.dummies[0].high, env)
        if np.any(np.isposinf(high.data)):
            return infinite(machine, node, env)
    bound = bind_dummies(machine, node, env)
    for condition in node.conditions:
        truth = holds(machine, condition, bound.env)
        bound = replace(bound, env=narrowed(bound.env, truth))
    if node.kind == "list":
        return listed(machine, node, bound)
    try:
        body = machine.evaluate(node.body, bound.env)
    except RaggedError:
        return one_by_one(machine, node, bound)
    if isinstance(body, Flexible):
        if "0" in body.terms:
            body = number(0.0)
        else:
            return _flexible(body, node, bound)
    value = body if isinstance(body, Value) else machine.value(node.body, bound.env)
    if value.data.dtype == object:
        value = machine.value(node.body, bound.env)
    return combined(node, value, bound)


def bind_dummies(machine: Machine, node: s.Reduce, env: Environment) -> Bound:
    """Give every dummy its range."""
    axes: list[str] = []
    lengths: list[int] = []
    for dummy in node.dummies:
        axis = machine.fresh(dummy.key)
        if dummy.high is not None:
            assert dummy.low is not None
            env, length = _between(machine, node, dummy, env, axis)
        else:
            values = _values(machine, node, dummy, env)
            length = values.data.shape[0]
            env = bind_domain(dummy.key, values, axis, env)
        axes.append(axis)
        lengths.append(length)
    return Bound(env, tuple(axes), tuple(lengths))


def bind_domain(key: str, values: Value, axis: str, env: Environment) -> Environment:
    """Bind a dummy, or a tuple of dummies, to the members of a set along an axis."""
    keys = key.split("|")
    if len(keys) == 1:
        return env.bind_keys({key: Value(values.data, (axis,))})
    columns = np.array([tuple(member) for member in values.data])
    if columns.ndim < 2 or columns.shape[1] != len(keys):
        raise EquationShapeError(f"expected a set of tuples of {len(keys)} members")
    return env.bind_keys({k: Value(columns[:, i], (axis,)) for i, k in enumerate(keys)})


def _between(
    machine: Machine, node: s.Reduce, dummy: s.Dummy, env: Environment, axis: str
) -> tuple[Environment, int]:
    """Bind a dummy to the integers between two bounds, which may vary with outer indices."""
    assert dummy.low is not None
    assert dummy.high is not None
    low = whole(machine.value(dummy.low, env), f"the lower bound {dummy.low.place.text}")
    high = whole(machine.value(dummy.high, env), f"the upper bound {dummy.high.place.text}")
    if low.data.size == 0 or high.data.size == 0:
        raise EquationError("this sum stands over an empty range", node.place)
    first, last = int(low.data.min()), int(high.data.max())
    if last - first >= LONGEST:
        raise EquationError(f"more than {LONGEST:,} terms; expected fewer", node.place)
    if last < first and "#" in dummy.key:  # dots may run down, as in W_L … W_1
        values = np.arange(first, last - 1, -1)
    else:
        values = np.arange(first, last + 1)
    index = Value(values, (axis,))
    env = env.bind_keys({dummy.key: index})
    if low.axes or high.axes:
        inside = elementwise(lambda k, a, b: (a <= k) & (k <= b), index, low, high)
        env = narrowed(env, Value(inside.data.astype(bool), inside.axes))
    return env, len(values)


def _values(machine: Machine, node: s.Reduce, dummy: s.Dummy, env: Environment) -> Value:
    """Return the values of a dummy without bounds."""
    if dummy.domain is not None:
        found = members(machine, machine.evaluate(dummy.domain, env))
        if found is None:
            raise EquationError(
                f"{dummy.domain.place.text} is no set; bind a range, list or set",
                dummy.domain.place,
            )
        return found
    nodes = (node.body, *node.conditions)
    try:
        return ranges(machine, dummy.key, nodes, env)
    except UnboundSymbolError:
        found = _from_inequalities(machine, node, dummy, env)
        if found is None:
            raise
        return found


def _from_inequalities(
    machine: Machine, node: s.Reduce, dummy: s.Dummy, env: Environment
) -> Value | None:
    r"""Return the range of ``1 \le i < j \le n`` where the indices stand on no axis."""
    for condition in node.conditions:
        if isinstance(condition, s.Chain) and set(condition.relations) <= {r"\le", "<"}:
            ends = [condition.items[0], condition.items[-1]]
            keys = {d.key for d in node.dummies}
            if not any(isinstance(e, s.Ref) and e.key in keys for e in ends):
                low, high = (int(whole(machine.value(e, env), e.place.text).data) for e in ends)
                return number(np.arange(low, high + 1))
    return None


def _mask(value: Value, bound: Bound) -> tuple[tuple[str, ...], Value, Array]:
    """Spread a body over all dummies, with the mask of what counts."""
    ones = [Value(np.ones(n, bool), (a,)) for a, n in zip(bound.axes, bound.lengths, strict=True)]
    masks = [] if bound.env.mask is None else [bound.env.mask]
    axes, (value, *others) = aligned([value, *ones, *masks])
    shape = np.broadcast_shapes(value.data.shape[: len(axes)], *[o.data.shape for o in others])
    mask = np.ones(shape, bool)
    for other in others:
        mask = mask & other.data
    spread = value.map(lambda a: np.broadcast_to(a, shape + a.shape[len(axes) :]), axes)
    return axes, spread, mask


def combined(node: s.Reduce, value: Value, bound: Bound) -> Value:
    """Combine the terms along the axes of the dummies."""
    axes, value, mask = _mask(value, bound)
    where = tuple(axes.index(a) for a in bound.axes)
    kept = tuple(a for a in axes if a not in bound.axes)
    wide = pad(mask, len(axes), value.ndim)
    if node.kind == "sum":

        def total(a: Array) -> Array:
            found: Array = np.where(wide, widened(a), 0).sum(axis=where)
            return found

        data = total(value.data)
        if value.data.dtype.kind in "bi" and np.all(np.abs(data) < 2**53):
            data = data.astype(np.int64)
        largest = np.where(wide, value.magnitude, 0).max(axis=where, initial=0)
        error = None if value.error is None else total(value.error)
        return Value(data, kept, np.maximum(largest, np.abs(data)), error)
    if node.kind == "prod":
        return _product(node, value, wide, where, kept)
    if value.ndim:
        raise EquationShapeError(f"{node.kind} runs over arrays; expected numbers", node.place)
    if not np.all(mask.any(axis=where)):
        raise EquationError(f"{node.kind} over an empty range has no value", node.place)
    if np.any(mask & np.isnan(value.data)):
        raise EquationError(f"{node.kind} of what is not a number (NaN)", node.place)
    sign = 1.0 if node.kind.endswith("max") else -1.0
    scores = np.where(mask, sign * value.data, -np.inf)
    if node.kind in ("max", "min"):
        error = None if value.error is None else value.error.max(axis=where)
        return Value(sign * scores.max(axis=where), kept, None, error)
    return _argument(node, scores, bound, axes, kept)


def _argument(
    node: s.Reduce, scores: Array, bound: Bound, axes: tuple[str, ...], kept: tuple[str, ...]
) -> Value:
    """Return the member of the range where a score is largest."""
    if len(bound.axes) > 1:
        raise EquationError(f"{node.kind} over several indices; write one", node.place)
    along = axes.index(bound.axes[0])
    at = scores.argmax(axis=along)
    best = scores.max(axis=along, keepdims=True)
    if np.any((scores >= best - 1e-12 * np.abs(best)).sum(axis=along) > 1):
        raise EquationError(
            f"{node.kind} of a tie is not unique; bind values that differ", node.place
        )
    values = bound.env.local[node.dummies[0].key]
    assert isinstance(values, Value)
    return Value(values.data[at], kept)


def _product(
    node: s.Reduce, value: Value, wide: Array, where: tuple[int, ...], kept: tuple[str, ...]
) -> Value:
    if value.ndim == 0:
        factors = np.where(wide, widened(value.data), 1)
        data = factors.prod(axis=where)
        if np.any((np.abs(data) < 1e-300) & np.all(factors != 0, axis=where)):
            raise EquationError("this product underflows; bind fewer factors", node.place)
        error = None
        if value.error is not None:
            relative = np.where(wide, value.error / np.abs(value.data), 0).sum(axis=where)
            error = relative * np.abs(data)
        return Value(data, kept, None, error)
    if len(where) > 1 or not wide.all():
        raise EquationError("a product of matrices needs one index and no condition", node.place)
    count = value.data.shape[where[0]]
    steps = [value.map(partial(np.take, indices=k, axis=where[0]), kept) for k in range(count)]
    if not steps:
        raise EquationError("an empty product of matrices has no size", node.place)
    result = steps[0]
    for step in steps[1:]:
        result = matmul(result, step)
    return result


def _flexible(body: Flexible, node: s.Reduce, bound: Bound) -> Flexible:
    if node.kind != "sum":
        raise EquationError(f"{node.kind} of arrays of unknown size; bind them", node.place)
    return Flexible({k: combined(node, c, bound) for k, c in body.terms.items()})


def listed(machine: Machine, node: s.Reduce, bound: Bound) -> Many:
    """Evaluate the items that dots stand for, one by one."""
    values = bound.env.local[node.dummies[0].key]
    assert isinstance(values, Value)
    items = [
        machine.evaluate(node.body, bound.env.bind_keys({node.dummies[0].key: number(k)}))
        for k in values.data
    ]
    return Many(tuple(items), "...")


def one_by_one(machine: Machine, node: s.Reduce, bound: Bound) -> Value:
    """Reduce over members of different shapes, one after the other."""
    values = bound.env.local[node.dummies[0].key]
    if len(node.dummies) > 1 or bound.env.mask is not None or not isinstance(values, Value):
        raise EquationShapeError(
            "a list of arrays of different shapes needs one plain index", node.place
        )
    steps = [
        machine.value(node.body, bound.env.bind_keys({node.dummies[0].key: number(k)}))
        for k in values.data
    ]
    if not steps:
        raise EquationError("this runs over an empty range", node.place)
    total = steps[0]
    for step in steps[1:]:
        if node.kind == "sum":
            total = add("++", [total, step])
        elif node.kind == "prod":
            total = multiply("", total, step)
        elif node.kind in ("max", "min"):
            total = elementwise(np.maximum if node.kind == "max" else np.minimum, total, step)
        else:
            raise EquationError(f"{node.kind} over arrays of different shapes", node.place)
    return total
