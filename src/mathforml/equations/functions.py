r"""The named functions of the language: ``\log``, ``\det``, norms, built-in constants."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.algebra import divide, multiply
from mathforml.equations.bindings import Domain, Family
from mathforml.equations.conditions import holds
from mathforml.equations.environments import Environment, Many, Result, spread
from mathforml.equations.errors import EquationError, EquationShapeError
from mathforml.equations.flexible import Flexible, settle
from mathforml.equations.meaning import Machine
from mathforml.equations.values import (
    Array,
    Value,
    describe,
    elementwise,
    number,
    transpose,
    widened,
)

__all__ = ["apply", "gamma"]


def gamma(x: Array) -> Array:
    """Evaluate the gamma function."""
    found: Array = np.vectorize(_gamma, otypes=[float])(x)
    return found


def _gamma(x: float) -> float:
    try:
        return math.gamma(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def factorial(x: Array) -> Array:
    """Extend the factorial to real numbers."""
    return gamma(np.asarray(x) + 1.0)


ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "exp": np.exp, "log": np.log, "ln": np.log, "lg": np.log10, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "cot": lambda x: 1 / np.tan(x), "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x), "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "coth": lambda x: 1 / np.tanh(x), "arcsin": np.arcsin, "arccos": np.arccos,
    "arctan": np.arctan, "arcsinh": np.arcsinh, "arsinh": np.arcsinh, "arccosh": np.arccosh,
    "arcosh": np.arccosh, "arctanh": np.arctanh, "artanh": np.arctanh, "sgn": np.sign,
    "sign": np.sign, "floor": np.floor, "ceil": np.ceil, "factorial": factorial, "gamma": gamma,
    "sqrt": np.sqrt,
}  # fmt: skip
CONSTANTS = {"e": math.e, "pi": math.pi, "infty": math.inf}
EXTREMA: dict[str, Callable[..., Array]] = {
    "max": np.maximum, "min": np.minimum, "sup": np.maximum, "inf": np.minimum,
}  # fmt: skip


def apply(machine: Machine, node: s.Apply, env: Environment) -> Result:
    """Evaluate a named function.

    Raises
    ------
    EquationShapeError
        If its arguments do not have the shapes it takes.
    """
    name = node.name
    if name in CONSTANTS:
        return number(CONSTANTS[name])
    if name in ("eye", "ones", "zeros"):
        return _sized(machine, node, env)
    if name == "indicator":
        parts = [holds(machine, a, env, entrywise=True) for a in node.arguments]
        found = parts[0]
        for part in parts[1:]:
            found = elementwise(np.logical_and, found, part)
        return Value(found.data.astype(np.int64), found.axes)
    if name == "abs":
        return _absolute(machine, node.arguments[0], env)
    if name == "norm":
        return _norm(machine, node, env)
    arguments = [machine.evaluate(a, env) for a in node.arguments]
    if name == "vec" or (
        name not in ARITIES and len(arguments) == 1 and isinstance(arguments[0], Many)
    ):
        pass
    values = [_value(machine, a, n, env) for a, n in zip(arguments, node.arguments, strict=True)]
    if name in EXTREMA:
        return _extremum(machine, name, arguments, node, env)
    if name in ELEMENTWISE:
        (value,) = _arity(values, 1, node)
        if value.ndim >= 2 and 1 not in value.core:
            raise EquationShapeError(
                f"{name} of {describe(value)} is ambiguous; expected a number or a column"
            )
        result = elementwise(ELEMENTWISE[name], value)
        if name in ("log", "ln") and node.parameter is not None:
            base = elementwise(np.log, machine.value(node.parameter, env))
            return divide(result, base)
        return (
            Value(result.data.astype(np.int64), result.axes)
            if name in ("floor", "ceil") and np.all(np.abs(result.data) < 2**53)
            else result
        )
    if name in LINEAR:
        return LINEAR[name](*_arity(values, ARITIES.get(name, 1), node))
    raise EquationError(f"{name} cannot be executed; bind it as a function", node.place)


def _value(machine: Machine, result: Result, node: s.Node, env: Environment) -> Value:
    if isinstance(result, Flexible) and "0" in result.terms:
        return number(0.0)
    if isinstance(result, Value) and result.data.dtype != object:
        return result
    return machine.value(node, env)


def _arity(values: list[Value], count: int, node: s.Apply) -> list[Value]:
    if len(values) != count:
        raise EquationShapeError(
            f"{node.name} takes {count} argument{'s' * (count > 1)}, found {len(values)}",
            node.place,
        )
    return values


def _sized(machine: Machine, node: s.Apply, env: Environment) -> Result:
    """Return an identity, ones or zeros: of a written size, or of the size demanded."""
    kind = {"eye": "I", "ones": "1", "zeros": "0"}[node.name]
    if not node.arguments:
        return Flexible({kind: number(1.0 if kind != "0" else 0.0)})
    sizes = tuple(int(machine.value(a, env).data) for a in node.arguments)
    if kind == "I":
        return number(np.eye(sizes[0]))
    return number(np.ones(sizes) if kind == "1" else np.zeros(sizes))


def _absolute(machine: Machine, node: s.Node, env: Environment) -> Result:
    """Return a determinant, an absolute value, or the size of a set."""
    result = machine.evaluate(node, env)
    if isinstance(result, Many):
        return number(len(result.items))
    if isinstance(result, Flexible) and "0" in result.terms:
        return number(0)
    value = settle(result)
    if value.data.dtype == object:
        thing = value.data.flat[0]
        if isinstance(thing, Domain | Family):
            return number(len(thing.items))
        if hasattr(thing, "__len__"):
            return number(len(thing))
    if value.ndim == 0:
        return elementwise(np.abs, value, keep_integers=True)
    if value.ndim == 2:
        return _det(value)
    raise EquationShapeError(rf"|·| of {describe(value)} is ambiguous; expected \|·\| for a norm")


def _norm(machine: Machine, node: s.Apply, env: Environment) -> Result:
    r"""Return a norm; of a matrix its kind must be written."""
    value = machine.value(node.arguments[0], env)
    order = node.parameter
    kind = order.letter.removeprefix("\\") if isinstance(order, s.Name) else None
    if isinstance(order, s.Apply) and order.name == "infty":
        kind = "infty"
    if value.ndim == 0:
        return elementwise(np.abs, value)
    core = tuple(range(len(value.axes), value.data.ndim))
    if value.ndim == 1 or 1 in value.core:
        if kind == "infty":
            return Value(np.abs(value.data).max(axis=core), value.axes)
        if order is None or kind is not None:
            p = number(2)
        else:
            p = machine.value(order, env)
            if p.ndim == 2:
                return _weighted_norm(value, p)
        q = float(p.data)
        if q == 0:
            return Value((value.data != 0).sum(axis=core), value.axes)

        def norm(a: Array) -> Array:
            largest = np.abs(a).max(axis=core, keepdims=True)
            safe = np.where(largest > 0, largest, 1.0)
            total = (np.abs(a / safe) ** q).sum(axis=core)
            found: Array = total ** (1 / q) * largest.reshape(total.shape)
            return found

        error = None if value.error is None else norm(value.error)
        return Value(norm(value.data), value.axes, None, error)
    if kind in ("F", "Fro"):
        return Value(np.sqrt((np.abs(value.data) ** 2).sum(axis=core)), value.axes)
    if kind == "star":
        return Value(np.linalg.svd(value.data, compute_uv=False).sum(-1), value.axes)
    if kind == "op" or (isinstance(order, s.Number) and order.text == "2"):
        return Value(np.linalg.norm(value.data, 2, axis=core), value.axes)
    raise EquationShapeError(r"which norm of a matrix is meant? expected \|·\|_F or \|·\|_2")


def _weighted_norm(value: Value, weight: Value) -> Value:
    squared = multiply("", multiply("", transpose(value), weight), value)
    return elementwise(np.sqrt, squared)


def _extremum(
    machine: Machine, name: str, arguments: list[Result], node: s.Apply, env: Environment
) -> Result:
    """Return the largest of several numbers, entry by entry, or of one array or set."""
    flat = spread(tuple(arguments))
    if len(flat) == 1 and isinstance(flat[0], Many):
        flat = spread(flat[0].items)
    values = [number(0) if isinstance(v, Flexible) and "0" in v.terms else v for v in flat]
    found = [
        settle(v) if not isinstance(v, Many) else machine.value(node.arguments[0], env)
        for v in values
    ]
    if len(found) == 1:
        core = tuple(range(len(found[0].axes), found[0].data.ndim))
        data = (
            found[0].data.max(axis=core) if name in ("max", "sup") else found[0].data.min(axis=core)
        )
        return Value(data, found[0].axes)
    cores = {v.core for v in found} - {()}
    if len(cores) > 1:
        raise EquationShapeError(f"{name} of " + " and ".join(describe(v) for v in found))
    result = found[0]
    for value in found[1:]:
        result = elementwise(EXTREMA[name], result, value, keep_integers=True)
    return result


def _square(value: Value, name: str) -> Value:
    if value.ndim == 0:
        return value.map(lambda a: a[..., None, None])
    if value.ndim != 2 or value.core[0] != value.core[1]:
        raise EquationShapeError(f"{name} of {describe(value)}; expected a square matrix")
    return value


def _det(value: Value) -> Value:
    return Value(np.linalg.det(widened(_square(value, "the determinant").data)), value.axes)


def _trace(value: Value) -> Value:
    return _square(value, "the trace").map(lambda a: np.trace(a, axis1=-2, axis2=-1))


def _diag(value: Value) -> Value:
    if value.ndim == 1:
        return value.map(lambda a: a[..., None] * np.eye(a.shape[-1]))
    if value.ndim == 2:
        return value.map(lambda a: np.diagonal(a, axis1=-2, axis2=-1))
    return value


def _rank(value: Value) -> Value:
    return Value(np.asarray(np.linalg.matrix_rank(value.data)), value.axes)


def _pinv(value: Value) -> Value:
    return Value(np.linalg.pinv(value.data), value.axes)


def _vec(value: Value) -> Value:
    return value.map(lambda a: np.swapaxes(a, -1, -2).reshape(*a.shape[:-2], -1))


def _inner(a: Value, b: Value) -> Value:
    if a.core != b.core:
        raise EquationShapeError(
            f"an inner product of {describe(a)} and {describe(b)}; expected equal shapes"
        )
    if a.ndim == 0:
        return multiply("", a, b)
    if a.ndim == 2 and 1 not in a.core:
        return _trace(multiply("", transpose(a), b))
    return multiply(r"\cdot", a, b)


def _binomial(n: Value, k: Value) -> Value:
    return elementwise(np.vectorize(_choose, otypes=[float]), n, k)


MOST_COMBINED = 2000  # a binomial coefficient in the middle of that row overflows


def _choose(n: float, k: float) -> float:
    if n == round(n) and k == round(k) and n >= 0:
        if min(k, n - k) > MOST_COMBINED:
            raise EquationError("a binomial coefficient beyond what floats hold")
        return float(math.comb(int(n), int(k))) if k >= 0 else 0.0
    return _gamma(n + 1) / (_gamma(k + 1) * _gamma(n - k + 1))


def _delta(i: Value, j: Value) -> Value:
    return elementwise(lambda a, b: (a == b).astype(float), i, j, keep_integers=True)


LINEAR: dict[str, Callable[..., Value]] = {
    "det": _det, "tr": _trace, "diag": _diag, "Diag": _diag, "rank": _rank, "pinv": _pinv,
    "vec": _vec, "inner": _inner, "binom": _binomial, "delta": _delta,
}  # fmt: skip
ARITIES = {"inner": 2, "binom": 2, "delta": 2}
