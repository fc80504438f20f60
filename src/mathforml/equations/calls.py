"""Calls of bound functions, and the graph they form when they stand without arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Definition, parameters
from mathforml.equations.environments import Environment, Result, opaque, single, spread
from mathforml.equations.errors import EquationError, EquationShapeError, UnboundSymbolError
from mathforml.equations.invoking import invoke
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Array, Value, aligned

__all__ = ["call", "defined_value", "graph_value"]


def call(machine: Machine, node: s.Call, env: Environment) -> Result:
    """Call a bound function, or a primed one its derivative."""
    if node.derivatives:
        from mathforml.equations.calculus import primed

        return primed(machine, node, env)
    function = machine.thing(node.function, env)
    name = node.function.place.text
    if isinstance(function, Definition):
        return defined_call(machine, function, node, env)
    if not callable(function):
        raise EquationShapeError(f"{name} is no function", node.function.place)
    arguments: list[Result] = []
    for argument in node.arguments:
        if not isinstance(argument, s.Slice):
            arguments.append(_argument(machine, argument, env))
    arguments = spread(tuple(arguments))
    missing = parameters(function)[len(arguments) :]
    if node.arguments and not any(isinstance(a, s.Slice) for a in node.arguments):
        for parameter in missing:
            if parameter.default is inspect.Parameter.empty:
                arguments.append(_parameter(machine, parameter.name, name, env))
    return invoke(machine, function, arguments, env, name)


def _argument(machine: Machine, node: s.Node, env: Environment) -> Result:
    """Evaluate an argument; a function that has no arguments of its own is passed itself."""
    try:
        return machine.evaluate(node, env)
    except UnboundSymbolError:
        if isinstance(node, s.Ref) and callable(machine.scope.values.get(node.key)):
            return opaque(machine.scope.values[node.key])
        raise


def _parameter(machine: Machine, parameter: str, function: str, env: Environment) -> Result:
    key = "lambda_" if parameter == "lambda" else parameter
    try:
        return machine.lookup(key, env)
    except UnboundSymbolError as error:
        if key in machine.scope:
            raise
        raise UnboundSymbolError(
            f"{function} takes {parameter}, which has no value; bound: {machine.scope.bound()}"
        ) from error


def graph_value(
    machine: Machine, key: str, function: Callable[..., Any], env: Environment
) -> Result:
    """Return the value of a function without arguments: its parameters come from the bindings."""
    if key in env.cache:
        return env.cache[key]
    needed = parameters(function)
    if not needed:
        return opaque(function)
    with _entered(machine, key):
        arguments = [
            _parameter(machine, p.name, key, env)
            for p in needed
            if p.default is inspect.Parameter.empty or p.name in machine.scope
        ]
        result = invoke(machine, function, arguments, env, key)
    if not env.local:
        env.cache[key] = result
    return result


class _entered:
    """Note that a function of the graph is being evaluated; refuse a cycle."""

    def __init__(self, machine: Machine, key: str) -> None:
        self.machine, self.key = machine, key

    def __enter__(self) -> None:
        active = self.machine.active
        if self.key in active:
            circle = " → ".join([*active[active.index(self.key) :], self.key])
            raise EquationError(f"the bindings form a cycle: {circle}")
        active.append(self.key)

    def __exit__(self, *_: object) -> None:
        self.machine.active.pop()


def defined_value(machine: Machine, definition: Definition, env: Environment) -> Result:
    """Return a defined symbol: a number, or an array over its indices."""
    from mathforml.equations.indices import ranges

    if definition.arguments:
        raise UnboundSymbolError(f"{definition.key} is defined as a function; give it arguments")
    if definition.key in env.cache:
        return env.cache[definition.key]
    outer = replace(env, local={}, mask=None)
    with _entered(machine, definition.key):
        inner = outer
        axes: list[str] = []
        for name in definition.indices:
            values = ranges(machine, name.letter, (definition.body,), inner)
            axes.append(machine.fresh(name.letter))
            inner = inner.bind_keys({name.letter: Value(values.data, (axes[-1],))})
        result = machine.evaluate(definition.body, inner)
        if axes:
            result = moved_to_core(single(result), axes, inner, definition)
    env.cache[definition.key] = result
    return result


def moved_to_core(value: Value, axes: list[str], env: Environment, definition: Definition) -> Value:
    """Turn the named axes of a definition's indices into axes of an array."""
    lengths = [env.local[n.letter] for n in definition.indices]
    ones = [Value(np.ones(v.data.shape), v.axes) for v in lengths if isinstance(v, Value)]
    all_axes, (value, *others) = aligned([value, *ones])
    shape = np.broadcast_shapes(value.data.shape[: len(all_axes)], *[o.data.shape for o in others])
    outer = [a for a in all_axes if a not in axes]
    order = [all_axes.index(a) for a in [*outer, *axes]]
    core = list(range(len(all_axes), value.data.ndim))

    def move(a: Array) -> Array:
        return np.broadcast_to(a, shape + a.shape[len(all_axes) :]).transpose(order + core)

    return value.map(move, tuple(outer))


def defined_call(
    machine: Machine, definition: Definition, node: s.Call, env: Environment
) -> Result:
    """Call a displayed definition."""
    if len(node.arguments) != len(definition.arguments):
        raise EquationShapeError(
            f"{definition.key} takes {len(definition.arguments)} arguments, "
            f"found {len(node.arguments)}"
        )
    given = {}
    for parameter, argument in zip(definition.arguments, node.arguments, strict=True):
        assert isinstance(parameter, s.Ref)
        given[parameter.key] = machine.evaluate(argument, env)
    with _entered(machine, definition.key):
        return machine.evaluate(definition.body, replace(env, local=given))
