"""Indices: components of values, and the ranges that free indices run over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Domain, Family
from mathforml.equations.environments import Environment, Many, Result, opaque, stacked
from mathforml.equations.errors import (
    EquationError,
    EquationShapeError,
    RaggedError,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Value, aligned, describe, number

__all__ = ["family_member", "indexed", "pick", "ranges", "whole"]


def whole(value: Value, what: str) -> Value:
    """Require integers.

    Raises
    ------
    EquationShapeError
        If it is an array or has a fraction.
    """
    if value.data.dtype == object:
        raise EquationShapeError(f"{what} is no number; expected an integer")
    if value.ndim:
        raise EquationShapeError(f"{what} is {describe(value)}; expected an integer")
    data = np.round(np.where(np.isfinite(value.data), value.data, 0.5))
    if not np.all(np.abs(data - value.data) < 1e-9):
        raise EquationShapeError(f"{what} is not whole; expected an integer")
    return Value(data.astype(np.int64), value.axes)


def indexed(machine: Machine, node: s.Indexed, env: Environment) -> Result:
    """Take components."""
    thing = machine.thing(node.base, env) if isinstance(node.base, s.Ref) else None
    if isinstance(thing, Family):
        member = family_member(machine, thing, node, env)
        return _component(machine, member, node, env)
    base = machine.evaluate(node.base, env)
    if isinstance(base, Many):
        base = stacked(base)
    if isinstance(base, Value) and base.data.size and isinstance(base.data.flat[0], Family):
        return _members(machine, base, node, env)
    if not isinstance(base, Value) or base.data.dtype == object:
        base = machine.value(node.base, env)
    assert isinstance(node.indices, s.Bag)
    return pick(machine, base, node.indices, env, node.base.place.text)


def positions(bag: s.Bag, ndim: int) -> tuple[s.Node, ...]:
    """Return one node per axis: letters side by side are a product if axes are lacking."""
    if bag.open in ("ij", "12") and len(bag.items) > ndim:
        if bag.open == "12":
            return (s.Number("".join(i.text for i in bag.items if isinstance(i, s.Number))),)
        product = bag.items[0]
        for item in bag.items[1:]:
            product = s.Multiply("", product, item, place=bag.place)
        return (product,)
    return bag.items


def pick(
    machine: Machine, base: Value, bag: s.Bag, env: Environment, name: str, skip: int = 0
) -> Value:
    """Index the core of a value, counting from 1.

    Parameters
    ----------
    base
        The array.
    bag
        The indices.
    skip
        Leading axes of the core that are not indexed.
    """
    items = positions(bag, base.ndim - skip)
    if len(items) > base.ndim - skip:
        raise EquationShapeError(
            f"{name} is {describe(base)}, which has no {_ordinal(len(items))} index", bag.place
        )
    lead = len(base.axes) + skip
    slices: list[slice | None] = []
    chosen: list[Value] = []
    for k, item in enumerate(items):
        if isinstance(item, s.Slice):
            slices.append(_slice(machine, item, env))
            continue
        slices.append(None)
        index = whole(machine.value(item, env), f"the index {item.place.text}")
        length = base.data.shape[lead + k]
        chosen.append(_inside(machine, index, length, env, item, name))
    cut = tuple(x if isinstance(x, slice) else slice(None) for x in slices)
    base = base.map(lambda a: a[(slice(None),) * lead + cut])
    if not chosen:
        return base
    axes, found = aligned([Value(np.zeros(base.data.shape[: len(base.axes)]), base.axes), *chosen])
    shape = np.broadcast_shapes(*[v.data.shape for v in found])
    own = {a: k for k, a in enumerate(base.axes)}
    grid = [
        np.arange(base.data.shape[own[a]]).reshape([-1 if b == a else 1 for b in axes])
        for a in axes
        if a in own
    ]
    order = [own[a] for a in axes if a in own]
    rest = list(range(len(base.axes), base.data.ndim))
    picked = [lead + k for k, x in enumerate(slices) if x is None]
    kept = [r for r in rest if r not in picked]
    arrays = tuple(np.broadcast_to(a, shape) for a in [*grid, *[v.data - 1 for v in found[1:]]])
    return base.map(lambda a: a.transpose(order + picked + kept)[arrays], axes)


def _ordinal(n: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(n, f"{n}th")


def _slice(machine: Machine, item: s.Slice, env: Environment) -> slice:
    ends = []
    for end in (item.start, item.stop):
        value = (
            None if end is None else whole(machine.value(end, env), f"the index {end.place.text}")
        )
        if value is not None and value.axes:
            raise EquationError("a slice whose ends vary cannot be executed", item.place)
        ends.append(None if value is None else int(value.data))
    return slice(None if ends[0] is None else ends[0] - 1, ends[1])


def _inside(
    machine: Machine, index: Value, length: int, env: Environment, item: s.Node, name: str
) -> Value:
    """Check a range of indices; where no value is asked for, any will do."""
    outside = (index.data < 1) | (index.data > length)
    if not np.any(outside):
        return index
    wrong = Value(outside, index.axes)
    if env.mask is not None:
        _, (wrong, mask) = aligned([wrong, env.mask])
        shape = np.broadcast_shapes(wrong.data.shape, mask.data.shape)
        asked = np.broadcast_to(wrong.data, shape) & np.broadcast_to(mask.data, shape)
    else:
        asked = outside
    if np.any(asked):
        bad = index.data[outside].flat[0]
        written = f"{item.place.text} = {bad}" if item.place.text != str(bad) else str(bad)
        raise EquationShapeError(
            f"the index {written} of {name} is outside 1 to {length}", item.place
        )
    return Value(np.clip(index.data, 1, max(length, 1)), index.axes)


def _members(machine: Machine, lists: Value, node: s.Indexed, env: Environment) -> Value:
    """Take one member of each of many lists."""
    members = [family_member(machine, family, node, env) for family in lists.data.flat]
    data = np.array(members).reshape(*lists.data.shape, *np.shape(members[0]))
    assert isinstance(node.indices, s.Bag)
    rest = node.indices.items[1:]
    found = Value(data, lists.axes)
    return pick(machine, found, s.Bag(rest), env, node.base.place.text) if rest else found


def family_member(machine: Machine, family: Family, node: s.Indexed, env: Environment) -> Any:
    """Return one member of a list of arrays or functions."""
    assert isinstance(node.indices, s.Bag)
    first = node.indices.items[0]
    index = whole(machine.value(first, env), f"the index {first.place.text}")
    if index.axes:
        flat = np.unique(index.data)
        members = [family.items[int(i) - 1] for i in flat if 1 <= i <= len(family.items)]
        if len(members) == len(flat) == 1:
            index = number(flat[0])
        else:
            raise RaggedError(
                f"{node.base.place.text} is a list of arrays of different shapes; "
                f"expected {first.place.text} to be bound"
            )
    at = int(index.data)
    if not 1 <= at <= len(family.items):
        raise EquationShapeError(
            f"the index {first.place.text} = {at} is outside 1 to {len(family.items)}", first.place
        )
    return family.items[at - 1]


def _component(machine: Machine, member: Any, node: s.Indexed, env: Environment) -> Result:
    """Return a member of a list, or a component of it: the entry jk of ``W^{(l)}_{jk}``."""
    assert isinstance(node.indices, s.Bag)
    others = node.indices.items[1:]
    if not isinstance(member, np.ndarray):
        return opaque(member)
    if not others:
        return Value(member)
    kind = "ij" if node.indices.open == "ij" else ","
    return pick(machine, Value(member), s.Bag(others, kind), env, node.base.place.text)


# Ranges


@dataclass(frozen=True)
class Constraint:
    """An index ``a k + b`` that stands on an axis of a given length."""

    a: int
    b: int
    length: int
    name: str

    def bounds(self) -> tuple[int, int]:
        """Return the least and greatest ``k``."""
        ends = sorted(((1 - self.b) / self.a, (self.length - self.b) / self.a))
        return int(np.ceil(ends[0])), int(np.floor(ends[1]))


def ranges(machine: Machine, key: str, nodes: tuple[s.Node, ...], env: Environment) -> Value:
    """Return the values of an index, from its set or from the axes it stands on.

    Raises
    ------
    UnboundSymbolError
        If it stands on no axis.
    EquationShapeError
        If the axes do not agree.
    """
    domain = machine.scope.values.get(key)
    if isinstance(domain, Domain):
        return domain_values(domain)
    found = [c for node in nodes for c in constraints(machine, key, node, env)]
    if not found:
        raise UnboundSymbolError(
            f"{key.split('.')[-1]} has no value and stands on no axis; bind it, or a range for it"
        )
    plain = {c.length: c for c in found if (c.a, c.b) == (1, 0)}
    if len(plain) > 1 and all((c.a, c.b) == (1, 0) for c in found):
        one, other = list(plain.values())[:2]
        raise EquationShapeError(
            f"the index {key} runs over {one.length} values in {one.name} "
            f"and over {other.length} in {other.name}"
        )
    low = max(c.bounds()[0] for c in found)
    high = min(c.bounds()[1] for c in found)
    return number(np.arange(low, high + 1))


def domain_values(domain: Domain) -> Value:
    """Return the members of a set along one axis."""
    if all(isinstance(i, int | float | np.number | np.ndarray) for i in domain.items):
        return Value(np.asarray(domain.items))
    box = np.empty(len(domain.items), dtype=object)
    box[:] = domain.items if not any(isinstance(i, tuple) for i in domain.items) else None
    for k, item in enumerate(domain.items):
        box[k] = item
    return Value(box)


def constraints(machine: Machine, key: str, node: s.Node, env: Environment) -> Iterator[Constraint]:
    """Yield what the axes under an index say of its range."""
    if binds(node, key):
        return
    if isinstance(node, s.Indexed) and mentions(node.indices, key):
        yield from _on_axes(machine, key, node, env)
    for child in s.children(node):
        yield from constraints(machine, key, child, env)


def binds(node: s.Node, key: str) -> bool:
    """Tell whether a node binds a name for what is below it."""
    if isinstance(node, s.Reduce | s.Expect):
        return any(key in d.key.split("|") for d in node.dummies)
    if isinstance(node, s.Integral):
        return any(isinstance(v, s.Ref) and v.key == key for v in node.variables)
    return isinstance(node, s.Limit) and node.dummy == key


def mentions(node: s.Node, key: str) -> bool:
    """Tell whether a name occurs freely in a node."""
    if binds(node, key):
        return False
    if isinstance(node, s.Ref):
        return node.key == key
    return any(mentions(child, key) for child in s.children(node))


def _on_axes(machine: Machine, key: str, node: s.Indexed, env: Environment) -> Iterator[Constraint]:
    assert isinstance(node.indices, s.Bag)
    shape = _shape(machine, node.base, node.indices.items[0], env)
    if shape is None:
        return
    for k, item in enumerate(positions(node.indices, len(shape))):
        if k < len(shape) and mentions(item, key):
            try:
                zero, one, two = (
                    machine.value(item, env.bind_keys({key: number(x)})) for x in (0, 1, 2)
                )
            except EquationError:
                continue
            a, b = float(one.data.flat[0] - zero.data.flat[0]), float(zero.data.flat[0])
            linear = not zero.axes and not one.axes and float(two.data.flat[0]) == 2 * a + b
            if linear and a and a == int(a) and b == int(b):
                yield Constraint(int(a), int(b), shape[k], node.base.place.text)


def _member_shape(
    machine: Machine, family: Family, first: s.Node, env: Environment
) -> tuple[int, ...]:
    """Return the shape of the member that an index picks, or that all members share."""
    shapes = [getattr(item, "shape", ()) for item in family.items]
    try:
        at = whole(machine.value(first, env), "")
    except EquationError:
        return shapes[0] if len(set(shapes)) == 1 else ()
    picked = {shapes[k - 1] for k in at.data.flat if 1 <= k <= len(shapes)}
    return picked.pop() if len(picked) == 1 else ()


def _shape(
    machine: Machine, base: s.Node, first: s.Node, env: Environment
) -> tuple[int, ...] | None:
    """Return the shape of what is indexed, other unknown indices being 1."""
    if isinstance(base, s.Ref) and base.key in machine.scope.values and base.key not in env.local:
        value = machine.scope.values[base.key]
        if isinstance(value, Family):
            return (len(value.items), *_member_shape(machine, value, first, env))
    unknown = {
        part.key: number(1)
        for part in s.walk(base)
        if isinstance(part, s.Ref)
        and part.key not in env.local
        and part.key not in machine.scope
        and part.key not in env.overrides
    }
    try:
        return machine.value(base, env.bind_keys(unknown)).core
    except EquationError:
        return None
