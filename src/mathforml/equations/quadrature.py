r"""Integrals by adaptive Gauss-Kronrod quadrature, and limits by extrapolation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Domain
from mathforml.equations.environments import Environment, Result, single
from mathforml.equations.errors import EquationError, EquationShapeError
from mathforml.equations.meaning import Machine
from mathforml.equations.values import Array, Value, number

__all__ = ["integral", "integrate", "limit"]

NODES = np.array([
    0.9956571630258081, 0.9739065285171717, 0.9301574913557082, 0.8650633666889845,
    0.7808177265864169, 0.6794095682990244, 0.5627571346686047, 0.4333953941292472,
    0.2943928627014602, 0.1488743389816312, 0.0,
])  # fmt: skip
KRONROD = np.array([
    0.011694638867371874, 0.032558162307964725, 0.054755896574351995, 0.07503967481091996,
    0.0931254545836976, 0.10938715880229764, 0.12349197626206584, 0.13470921731147334,
    0.14277593857706009, 0.14773910490133849, 0.1494455540029169,
])  # fmt: skip
GAUSS = np.array([0.06667134430868814, 0.1494513491505806, 0.21908636251598204, 0.26926671930999635,
                  0.29552422471475287])  # fmt: skip
X = np.concatenate([-NODES, NODES[-2::-1]])
WK = np.concatenate([KRONROD, KRONROD[-2::-1]])
WG = np.zeros(21)
WG[1:10:2] = GAUSS
WG[11:20:2] = GAUSS[::-1]
ROUNDS = 16
WIDEST = 400  # intervals
TOLERANCE = 1e-12


def integral(machine: Machine, node: s.Integral, env: Environment) -> Result:
    """Evaluate an integral; without limits it runs over the real line."""
    first, *others = node.variables[::-1]
    assert isinstance(first, s.Ref)
    body: s.Node = node.body
    if others:
        body = s.Integral(None, None, node.body, tuple(others[::-1]), place=node.place)
    low = number(-np.inf) if node.low is None else machine.value(node.low, env)
    high = number(np.inf) if node.high is None else machine.value(node.high, env)
    if node.low is None and node.high is None:
        if isinstance(machine.scope.values.get(first.key), Domain):
            raise EquationError("an integral over a set; write a sum", node.place)
    elif node.high is None:
        raise EquationError("expected limits \\int_a^b, or none for the real line", node.place)
    if low.ndim or high.ndim:
        raise EquationShapeError("the limits of an integral must be numbers", node.place)
    if low.axes or high.axes or low.ndim or high.ndim:
        return _varying(machine, body, first.key, low, high, env, node)

    def function(x: Value) -> Value:
        return single(machine.evaluate(body, env.bind_keys({first.key: x})))

    machine.trace.note("integrals by adaptive quadrature")
    return integrate(machine, function, float(low.data), float(high.data))


def _varying(
    machine: Machine,
    body: s.Node,
    key: str,
    low: Value,
    high: Value,
    env: Environment,
    node: s.Node,
) -> Value:
    """Integrate to limits that vary with an index, through the unit interval."""
    from mathforml.equations.values import add, scaled

    if not (np.all(np.isfinite(low.data)) and np.all(np.isfinite(high.data))):
        raise EquationError(
            "infinite limits that vary with an index cannot be executed", node.place
        )
    width = add("+-", [high, low])

    def function(t: Value) -> Value:
        x = add("++", [low, scaled(width, t)])
        return scaled(width, single(machine.evaluate(body, env.bind_keys({key: x}))))

    return integrate(machine, function, 0.0, 1.0)


def mapped(low: float, high: float) -> tuple[Callable[[Array], tuple[Array, Array]], float, float]:
    """Return a map from a finite interval, with its derivative, and the interval."""
    if np.isfinite(low) and np.isfinite(high):
        return (lambda t: (t, np.ones_like(t))), low, high
    if np.isinf(low) and np.isinf(high):
        return (lambda t: (t / (1 - t * t), (1 + t * t) / (1 - t * t) ** 2)), -1.0, 1.0
    if np.isinf(high):
        return (lambda t: (low + t / (1 - t), 1 / (1 - t) ** 2)), 0.0, 1.0
    return (lambda t: (high - (1 - t) / t, 1 / t**2)), 0.0, 1.0


def integrate(
    machine: Machine, function: Callable[[Value], Value], low: float, high: float
) -> Value:
    """Integrate a function of a value that carries one more axis.

    Raises
    ------
    EquationError
        If the integral does not settle.
    """
    if low == high:
        return number(0.0)
    sign = 1.0 if low < high else -1.0
    change, start, stop = mapped(*sorted((low, high)))
    edges = _edges(machine, function, change, np.linspace(start, stop, 9))
    lefts, rights = edges[:-1], edges[1:]
    total: Array | float = 0.0
    error: Array | float = 0.0
    size: Array | float = 0.0
    axes: tuple[str, ...] = ()
    used = 0
    for _ in range(ROUNDS):
        axis = machine.fresh("∫")
        half = (rights - lefts) / 2
        t = (lefts + half)[:, None] + half[:, None] * X
        x, slope = change(t.reshape(-1))
        result = function(Value(x, (axis,)))
        data, axes = _first(result, axis, t.size)
        tail = (1,) * (data.ndim - 1)
        data = data * slope.reshape(-1, *tail)
        far = np.isinf(low) or np.isinf(high)
        data = np.where(np.isfinite(data) | (not far), data, 0.0) if far else data
        pieces = data.reshape(len(lefts), 21, *data.shape[1:])
        wide = half.reshape(-1, *tail)
        kronrod = np.tensordot(pieces, WK, axes=(1, 0)) * wide
        coarse = np.tensordot(pieces, WG, axes=(1, 0)) * wide
        absolute = np.tensordot(np.abs(pieces), WK, axes=(1, 0)) * wide
        doubt = np.abs(kronrod - coarse)
        scale = np.maximum(size + absolute.sum(axis=0), 1e-300)
        worst = (doubt / scale).reshape(len(lefts), -1).max(axis=1)
        split = worst > TOLERANCE
        done = ~split
        total = total + kronrod[done].sum(axis=0)
        error = (
            error
            + np.minimum(doubt, 200 * doubt**1.5)[done].sum(axis=0)
            + 1e-15 * absolute[done].sum(axis=0)
        )
        size = size + absolute[done].sum(axis=0)
        if not np.any(split):
            break
        used += int(split.sum())
        if used > WIDEST or not np.all(np.isfinite(worst)):
            total = total + kronrod[split].sum(axis=0)
            error = error + doubt[split].sum(axis=0)
            size = size + absolute[split].sum(axis=0)
            break
        middle = (lefts + rights)[split] / 2
        lefts, rights = (
            np.concatenate([lefts[split], middle]),
            np.concatenate([middle, rights[split]]),
        )
    else:
        total = total + kronrod[split].sum(axis=0)
        error = error + doubt[split].sum(axis=0)
    found, estimated = np.asarray(total) * sign, np.asarray(error)
    if not np.all(np.isfinite(found)) or np.any(
        estimated > 1e-7 * np.maximum(np.asarray(size), 1e-12)
    ):
        raise EquationError(
            "the integral does not settle; expected a finite one of a smooth function"
        )
    return Value(found, axes, np.maximum(np.asarray(size), np.abs(found)), estimated)


def _edges(
    machine: Machine, function: Callable[[Value], Value],
    change: Callable[[Array], tuple[Array, Array]], edges: Array,
) -> Array:  # fmt: skip
    """Return a grid fine enough to see the integrand at all.

    Raises
    ------
    EquationError
        If it is zero wherever it is looked at.
    """
    for count in (len(edges), 2000):
        edges = np.linspace(edges[0], edges[-1], count)
        axis = machine.fresh("∫")
        x, _ = change((edges[1:] + edges[:-1]) / 2)
        if np.any(function(Value(x, (axis,))).data):
            return edges
    raise EquationError("the integrand is zero wherever it is looked at; narrow the limits")


def _first(result: Value, axis: str, length: int) -> tuple[Array, tuple[str, ...]]:
    """Bring the axis of integration to the front."""
    axes = tuple(a for a in result.axes if a != axis)
    if axis not in result.axes:
        return np.broadcast_to(result.data, (length, *result.data.shape)).astype(float), axes
    return np.moveaxis(result.data, result.axes.index(axis), 0).astype(float), axes


def limit(machine: Machine, node: s.Limit, env: Environment) -> Result:
    """Evaluate a limit by Richardson's extrapolation.

    Raises
    ------
    EquationError
        If the values do not settle.
    """
    target = machine.value(node.target, env)
    if target.axes or target.ndim:
        raise EquationError("the target of a limit must be one number", node.place)
    a = float(target.data)
    sides = {"+": [1.0], "-": [-1.0], "both": [1.0, -1.0]}[node.side]
    if np.isinf(a):
        sides = [np.sign(a)]
    found = [_one_sided(machine, node, a, side, env) for side in sides]
    values = found[0]
    if len(found) == 2:
        gap = np.abs(found[0].data - found[1].data)
        slack = found[0].magnitude * 1e-5 + 1e-9
        if np.any(gap > slack):
            raise EquationError("the limits from the two sides differ", node.place)
        if np.max(np.asarray(found[1].error)) < np.max(np.asarray(found[0].error)):
            values = found[1]
    machine.trace.note("limits by extrapolation")
    return values


def _between(
    machine: Machine, node: s.Limit, a: float, side: float, env: Environment, best: Array
) -> float:
    r"""Return how much farther off values are than at powers of two, as of :math:`(-1)^n`."""
    whole = np.isinf(a) and node.dummy in ("i", "j", "k", "l", "m", "n", "t", "N", "T", "M", "K")
    steps = np.concatenate([[16.0, 32.0, 64.0], np.arange(33.0, 42.0) + (0 if whole else 0.37)])
    points = side * steps if np.isinf(a) else a + side / steps
    axis = machine.fresh("∂")
    inner = env.bind_keys({node.dummy: Value(points, (axis,))})
    data, _ = _first(single(machine.evaluate(node.body, inner)), axis, len(points))
    off = np.abs(data - best)
    if not np.all(np.isfinite(off)):
        return 0.0
    scale = np.maximum(np.abs(best), 1.0)
    return float(np.max((off[3:].max(axis=0) - 4 * off[:3].max(axis=0)) / scale, initial=0.0))


def _one_sided(machine: Machine, node: s.Limit, a: float, side: float, env: Environment) -> Value:
    axis = machine.fresh("∂")
    steps = 0.5 ** np.arange(1, 41)
    points = side * 8 / steps if np.isinf(a) else a + side * steps
    if np.isinf(a):
        points = np.round(points)
        steps = 8 / points * side
    result = single(
        machine.evaluate(node.body, env.bind_keys({node.dummy: Value(points, (axis,))}))
    )
    data, axes = _first(result, axis, len(points))
    size, _ = _first(replace(result, data=result.magnitude), axis, len(points))
    noise = 1e-15 * size  # differences of nearly equal terms are rounded to that
    table = [data]
    best = data[-1]
    error = np.full(best.shape, np.inf)
    for order in range(1, 8):
        previous = table[-1]
        factor = 2.0**order
        table.append((factor * previous[1:] - previous[:-1]) / (factor - 1))
        change = np.maximum(
            np.abs(table[-1][1:] - table[-1][:-1]), np.abs(table[-1][1:] - previous[2:])
        )
        for k in range(len(change)):
            change[k] += noise[k + order + 1]
            better = np.isfinite(change[k]) & (change[k] < error)
            best = np.where(better, table[-1][k + 1], best)
            error = np.where(better, change[k], error)
    scale = np.maximum(np.abs(best), 1e-3)
    between = _between(machine, node, a, side, env, best)
    if not np.all(np.isfinite(best)) or np.any(error > 1e-4 * scale) or between > 1e-6:
        raise EquationError("the limit does not settle; expected a finite one", node.place)
    return Value(best, axes, None, 4 * error)
