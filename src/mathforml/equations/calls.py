"""Calls of bound functions, and the graph they form when they stand without arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Definition, Domain, parameters
from mathforml.equations.errors import EquationError, EquationShapeError, UnboundSymbolError
from mathforml.equations.flexible import settle
from mathforml.equations.meaning import Environment, Machine, Many, Result, opaque, spread
from mathforml.equations.values import Array, Value, aligned, number

__all__ = ["call", "defined_value", "graph_value", "invoke", "package_functions"]

MANY = 64  # calls from which on one vectorized call is tried


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
            result = moved_to_core(settle(_single(result)), axes, inner, definition)
    env.cache[definition.key] = result
    return result


def _single(result: Result) -> Any:
    from mathforml.equations.meaning import stacked

    return stacked(result) if isinstance(result, Many) else result


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
            f"{definition.key} takes {len(definition.arguments)} arguments, found {len(node.arguments)}"
        )
    given = {}
    for parameter, argument in zip(definition.arguments, node.arguments, strict=True):
        assert isinstance(parameter, s.Ref)
        given[parameter.key] = machine.evaluate(argument, env)
    with _entered(machine, definition.key):
        return machine.evaluate(definition.body, replace(env, local=given))


def invoke(
    machine: Machine,
    function: Callable[..., Any],
    arguments: list[Result],
    env: Environment,
    name: str,
) -> Result:
    """Call a Python function once for every combination of indices."""
    machine.trace.functions |= package_functions(function)
    plain = [_plain(a) for a in arguments]
    values = [p for p in plain if isinstance(p, Value)]
    if not any(v.axes for v in values):
        return wrap(_called(function, [_object(p) for p in plain], name, False))
    masks = [env.mask] if env.mask is not None and env.mask.axes else []
    axes, found = aligned([*values, *masks])
    shape = np.broadcast_shapes(*[v.data.shape[: len(axes)] for v in found])
    if masks:
        asked = {a for v in values for a in v.axes}
        keep = tuple(k for k, a in enumerate(axes) if a not in asked)
        mask = np.broadcast_to(found.pop().data, shape).any(axis=keep, keepdims=True)
    else:
        mask = np.ones((1,) * len(axes), dtype=bool)
    kept = tuple(
        1 if a not in {b for v in values for b in v.axes} else n
        for a, n in zip(axes, shape, strict=True)
    )
    mask = np.broadcast_to(mask, kept)
    stream = iter(found)
    columns = [next(stream) if isinstance(p, Value) else p for p in plain]
    arrays = [
        np.broadcast_to(c.data, kept + c.data.shape[len(axes) :]) if isinstance(c, Value) else c
        for c in columns
    ]
    quick = _at_once(function, arrays, kept, mask)
    if quick is not None:
        return _with_error(machine, quick, axes)
    tolerant = any("∂" in a or "∫" in a for a in axes)
    results: dict[tuple[int, ...], Any] = {}
    for at in np.ndindex(kept):
        if mask[at]:
            given = [_entry(a, at) if isinstance(a, np.ndarray) else a for a in arrays]
            results[at] = _called(function, given, name, tolerant)
    return gathered(results, kept, axes, name)


def _with_error(machine: Machine, data: Array, axes: tuple[str, ...]) -> Value:
    return Value(data, axes)


def _plain(result: Result) -> Any:
    """Prepare an argument: a value, or the object that is passed on."""
    if isinstance(result, Many):
        from mathforml.equations.meaning import stacked

        parts = [_plain(i) for i in result.items]
        if any(isinstance(p, Value) and p.axes for p in parts):
            return stacked(result)
        return tuple(_object(p) for p in parts)
    value = (
        result
        if isinstance(result, Value)
        else number(0.0)
        if "0" in result.terms
        else settle(result)
    )
    if value.data.dtype == object and not value.axes:
        thing = value.data[()]
        return (
            list(thing.items)
            if isinstance(thing, Domain)
            else thing
            if not isinstance(thing, Value)
            else thing
        )
    return value


def _object(plain: Any) -> Any:
    """Return what Python code gets: its own copy of an array, or a scalar."""
    if not isinstance(plain, Value):
        return getattr(plain, "items", plain) if type(plain).__name__ == "Family" else plain
    return _entry(plain.data, ())


def _entry(array: Array, at: tuple[int, ...]) -> Any:
    entry = array[at]
    if isinstance(entry, np.ndarray) and entry.ndim == 0:
        entry = entry[()]
    if isinstance(entry, np.bool_ | np.integer):
        return int(entry)
    return entry.copy() if isinstance(entry, np.ndarray) else entry


def _called(function: Callable[..., Any], given: list[Any], name: str, tolerant: bool) -> Any:
    """Call Python code; what it raises becomes an error of the equation."""
    try:
        return function(*given)
    except EquationError:
        raise
    except (ValueError, ArithmeticError) as error:
        if tolerant:
            return np.nan
        raise _raised(name, error) from error
    except Exception as error:
        raise _raised(name, error) from error


def _raised(name: str, error: Exception) -> EquationError:
    text = str(error).splitlines()[0] if str(error) else ""
    return EquationError(f"the function bound to {name} raised {type(error).__name__}: {text}")


def _at_once(
    function: Callable[..., Any], arrays: list[Any], shape: tuple[int, ...], mask: Array
) -> Array | None:
    """Try one call for all numbers at once, and trust it only where three single calls agree."""
    total = int(np.prod(shape))
    numbers = all(
        isinstance(a, np.ndarray) and a.shape == shape and a.dtype.kind == "f" for a in arrays
    )
    if total < MANY or not numbers or not mask.all():
        return None
    flat = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    try:
        data = np.asarray(function(*[a.copy() for a in flat]))
        if data.shape != (total,) or data.dtype.kind not in "fc":
            return None
        for k in (0, total // 3, total - 1):
            single = np.asarray(function(*[a[k] for a in flat]))
            if single.shape != () or not np.isclose(
                single, data[k], rtol=1e-13, atol=0, equal_nan=True
            ):
                return None
    except Exception:
        return None
    return data.reshape(shape)


def wrap(result: Any) -> Result:
    """Bring what a function returned to a value."""
    if isinstance(result, tuple) and not hasattr(result, "_fields"):
        return Many(tuple(wrap(r) for r in result))
    if isinstance(result, bool | int | float | complex | np.number | np.bool_ | np.ndarray | list):
        array = np.asarray(result)
        if array.dtype.kind in "biufc":
            return Value(array)
    return opaque(result)


def gathered(
    results: dict[tuple[int, ...], Any], shape: tuple[int, ...], axes: tuple[str, ...], name: str
) -> Value:
    """Stack the results of many calls."""
    wrapped = {at: wrap(r) for at, r in results.items()}
    single = {at: _single(w) for at, w in wrapped.items()}
    kinds = {v.data.dtype == object for v in single.values()}
    if kinds == {True}:
        box = np.empty(shape, dtype=object)
        for at, value in single.items():
            box[at] = value.data[()]
        return Value(box, axes)
    cores = {v.core for v in single.values()}
    if (
        () in cores
        and len(cores) == 2
        and all(np.isnan(v.data) for v in single.values() if v.core == ())
    ):
        cores.remove(())
    if len(cores) > 1:
        raise EquationShapeError(f"{name} returned arrays of different shapes {sorted(cores)}")
    core = cores.pop() if cores else ()
    kind = np.result_type(*[v.data.dtype for v in single.values()]) if single else np.dtype(float)
    data = np.zeros(shape + core, dtype=kind)
    for at, value in single.items():
        data[at] = value.data
    return Value(data, axes)


def package_functions(function: Any) -> set[str]:
    """Return the qualified names of the package's functions that a function is or calls.

    A page's own functions are looked into, and those that they call.
    """
    waiting, seen, found = [function], set(), set()
    while waiting:
        thing = waiting.pop()
        thing = getattr(thing, "func", thing)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        names = _qualified(thing)
        found |= names
        code = getattr(thing, "__code__", None)
        home = getattr(function, "__module__", None)
        if not names and code is not None and thing.__module__ == home:
            waiting += _reached(thing, code)
    return found


def _reached(function: Any, code: CodeType) -> list[Any]:
    """Return what a function can call: by its closure, by name, by a module's attribute."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    words = {name for part in (code, *inner) for name in part.co_names}
    cells = [c.cell_contents for c in function.__closure__ or () if _filled(c)]
    named = [function.__globals__.get(n) for n in words]
    modules = [getattr(m, n, None) for m in named if inspect.ismodule(m) for n in words]
    return [thing for thing in (*cells, *named, *modules) if callable(thing)]


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _qualified(thing: Any) -> set[str]:
    module = getattr(thing, "__module__", None)
    name = getattr(thing, "__qualname__", "")
    if not isinstance(module, str) or not name or not callable(thing):
        return set()
    inside = module.startswith("mathforml.") and not module.startswith("mathforml.equations")
    return {f"{module}.{name}"} if inside and "<" not in name else set()
