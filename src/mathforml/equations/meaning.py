"""What a refined equation is worth: evaluation over whole index ranges at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.algebra import divide, multiply, power
from mathforml.equations.bindings import Domain, Family, Scope
from mathforml.equations.environments import (
    Environment,
    Many,
    Result,
    Trace,
    opaque,
    spread,
    stacked,
)
from mathforml.equations.errors import EquationError, EquationShapeError, UnboundSymbolError
from mathforml.equations.flexible import (
    Flexible,
    flexible_add,
    flexible_divide,
    flexible_multiply,
    settle,
    turned,
)  # fmt: skip
from mathforml.equations.values import Value, add, number, transpose

__all__ = ["Machine"]


class Machine:
    """Evaluate refined syntax.

    Parameters
    ----------
    scope
        The bindings.
    trace
        Where to record what was called.
    """

    def __init__(self, scope: Scope, trace: Trace) -> None:
        self.scope = scope
        self.trace = trace
        self.active: list[str] = []  # functions of the graph being evaluated
        self.counter = 0

    def fresh(self, key: str) -> str:
        """Return a new name for an axis."""
        self.counter += 1
        return f"{key}#{self.counter}"

    def evaluate(self, node: s.Node, env: Environment) -> Result:
        """Return the value of a node."""
        from mathforml.equations.rules import RULES

        rule = RULES.get(type(node))
        if rule is None:
            raise EquationError("this notation cannot be executed", node.place)
        try:
            return rule(self, node, env)
        except EquationError as error:
            raise error.at(node.place) from None

    def value(self, node: s.Node, env: Environment) -> Value:
        """Return the value of a node that must be numeric and of known size."""
        result = rigid(self.evaluate(node, env))
        if isinstance(result, Many):
            result = stacked(result)
        found = settle(result)
        if found.data.dtype == object:
            thing = found.data.flat[0] if found.data.size else None
            raise EquationShapeError(
                f"{node.place.text} is {_kind(thing)}; expected numbers", node.place
            )
        return found

    def truth(self, node: s.Node, env: Environment) -> Value:
        """Return where a condition holds."""
        from mathforml.equations.conditions import holds

        return holds(self, node, env)

    def lookup(self, key: str, env: Environment) -> Result:
        """Return what a symbol stands for."""
        from mathforml.equations.calls import defined_value, graph_value

        if key in env.local:
            return env.local[key]
        if key in env.overrides:
            return env.overrides[key]
        if key in self.scope.definitions:
            return defined_value(self, self.scope.definitions[key], env)
        if key not in self.scope.values:
            raise UnboundSymbolError(
                f"{key.split('.')[-1]} has no value; bound: {self.scope.bound()}"
            )
        value = self.scope.values[key]
        self.trace.used.add(key)
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            return Value(value)
        if callable(value) and not hasattr(value, "probabilities"):
            return graph_value(self, key, value, env)
        return opaque(value)

    def thing(self, node: s.Node, env: Environment) -> Any:
        """Return the object that a symbol is bound to, without calling it."""
        if isinstance(node, s.Ref) and node.key not in env.local:
            if node.key in self.scope.definitions:
                return self.scope.definitions[node.key]
            if node.key in self.scope.values and node.key not in env.overrides:
                self.trace.used.add(node.key)
                return self.scope.values[node.key]
        if isinstance(node, s.Indexed):
            family = self.thing(node.base, env)
            if isinstance(family, Family):
                from mathforml.equations.indices import family_member

                return family_member(self, family, node, env)
        result = self.evaluate(node, env)
        if isinstance(result, Value) and result.data.dtype == object and not result.axes:
            return result.data[()]
        return result


def _kind(thing: Any) -> str:
    if isinstance(thing, Domain):
        return "a set"
    if callable(thing):
        return "a function"
    name = type(thing).__name__
    return ("an " if name[0] in "AEIOUaeiou" else "a ") + name


# One rule for each kind of node


def evaluate_number(machine: Machine, node: s.Number, env: Environment) -> Result:
    if node.text == "0":
        return Flexible({"0": number(0.0)})
    whole = node.text.isdigit() and len(node.text) < 16
    return number(int(node.text)) if whole else number(float(node.text))


def rigid(result: Result) -> Result:
    """Read a literal zero as a number."""
    if isinstance(result, Flexible) and set(result.terms) == {"0"}:
        return number(0)
    return result


def evaluate_ref(machine: Machine, node: s.Ref, env: Environment) -> Result:
    return machine.lookup(node.key, env)


def evaluate_sum(machine: Machine, node: s.Sum, env: Environment) -> Result:
    total: Result | None = None
    for sign, term in zip(node.signs, node.terms, strict=True):
        if sign in (r"\cup", r"\setminus"):
            total = set_operation(sign, total, machine.evaluate(term, env), node)
            continue
        if sign not in "+-":
            raise EquationError(f"{sign} cannot be executed; write two equations", node.place)
        result = machine.evaluate(term, env)
        if isinstance(result, Many):
            result = stacked(result)
        if isinstance(result, Value) and result.data.dtype == object:
            if node.signs[1:] and set(node.signs[1:]) <= {r"\cup", r"\setminus"}:
                total = result
                continue
            result = machine.value(term, env)
        assert isinstance(result, Value | Flexible)
        try:
            total = _added(total, sign, result)
        except EquationError as error:
            raise error.at(term.place) from None
    assert total is not None
    return total


def set_operation(sign: str, left: Any, right: Any, node: s.Node) -> Value:
    """Unite, intersect or subtract sets."""
    one, other = (
        v.data[()] if isinstance(v, Value) and not v.axes else None for v in (left, right)
    )
    if not (isinstance(one, Domain) and isinstance(other, Domain)):
        raise EquationShapeError(
            f"{sign} needs sets on both sides; bind ranges, lists or sets", node.place
        )
    a, b = one.items, other.items
    if sign == r"\cap":
        return opaque(Domain(tuple(i for i in a if i in b)))
    kept = tuple(i for i in a if i not in b)
    return opaque(Domain(kept if sign == r"\setminus" else (*a, *(i for i in b if i not in a))))


def _added(total: Any, sign: str, term: Value | Flexible) -> Value | Flexible:
    if total is None:
        if sign == "+":
            return term
        minus = number(-1)
        return (
            flexible_multiply("", minus, term) if isinstance(term, Flexible) else add("-", [term])
        )
    if isinstance(total, Flexible) or isinstance(term, Flexible):
        return flexible_add(sign, total, term)
    return add(["+", sign], [total, term])


def evaluate_multiply(machine: Machine, node: s.Multiply, env: Environment) -> Result:
    if node.operator == r"\cap":
        sides = (machine.evaluate(node.left, env), machine.evaluate(node.right, env))
        return set_operation(node.operator, *sides, node)
    left, right = (_factor(machine, n, env) for n in (node.left, node.right))
    if isinstance(left, Flexible) or isinstance(right, Flexible):
        return flexible_multiply(node.operator, left, right)
    return multiply(node.operator, left, right)


def _factor(machine: Machine, node: s.Node, env: Environment) -> Value | Flexible:
    result = rigid(machine.evaluate(node, env))
    if isinstance(result, Flexible):
        return result
    return (
        machine.value(node, env)
        if isinstance(result, Many) or result.data.dtype == object
        else result
    )


def evaluate_fraction(machine: Machine, node: s.Fraction, env: Environment) -> Result:
    top, bottom = _factor(machine, node.top, env), machine_number(machine, node.bottom, env)
    return flexible_divide(top, bottom) if isinstance(top, Flexible) else divide(top, bottom)


def machine_number(machine: Machine, node: s.Node, env: Environment) -> Value:
    """Return a value, a literal zero being a number."""
    result = rigid(machine.evaluate(node, env))
    return (
        result
        if isinstance(result, Value) and result.data.dtype != object
        else machine.value(node, env)
    )


def evaluate_power(machine: Machine, node: s.Power, env: Environment) -> Result:
    base = _factor(machine, node.base, env)
    if isinstance(base, Flexible):
        if set(base.terms) == {"I"}:
            exponent = machine_number(machine, node.exponent, env)
            return Flexible({"I": power(base.terms["I"], exponent)})
        settle(base)
        raise AssertionError
    return power(base, machine_number(machine, node.exponent, env))


def evaluate_transposed(machine: Machine, node: s.Transposed, env: Environment) -> Result:
    base = _factor(machine, node.base, env)
    if isinstance(base, Flexible):
        return turned(base)
    if not node.certain and base.ndim == 0:
        return power(base, machine_number(machine, s.Ref("T", place=node.place), env))
    return transpose(base)


def evaluate_bag(machine: Machine, node: s.Bag, env: Environment) -> Result:
    items = tuple(rigid(machine.evaluate(i, env)) for i in node.items)
    return Many(tuple(spread(items)), node.open)


def evaluate_evaluated_at(machine: Machine, node: s.EvaluatedAt, env: Environment) -> Result:
    assert isinstance(node.at, s.Bag)
    for point in node.at.items:
        match point:
            case s.Chain(items=(s.Ref(key=key), value), relations=("=",)):
                at = machine.value(value, env)
                bound = key in machine.scope or key in env.local
                env = env.override(key, at) if bound else env.bind_keys({key: at})
            case _:
                raise EquationError("expected x=a below the bar", point.place)
    return machine.evaluate(node.body, env)
