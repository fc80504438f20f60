r"""Derivatives by extrapolated central differences, with an estimate of their error.

To differentiate by a symbol, the engine gives it one more named axis along which its entries
are shifted one at a time, evaluates the expression *once* over that axis, and combines the
results.  Shifts shrink by a factor of four; Richardson's table combines them, and in every
entry the member of the table that agrees best with its neighbors wins.  Whatever the
expression depends on moves with the symbol, so derivatives are total; a symbol that is itself
a function of the graph is cut off from its arguments while it is shifted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Family, parameters
from mathforml.equations.environments import Environment, Result, single
from mathforml.equations.errors import EquationError, EquationShapeError, UnboundSymbolError
from mathforml.equations.extents import first_factor, in_its_place
from mathforml.equations.indices import indexed, pick, whole
from mathforml.equations.invoking import with_member
from mathforml.equations.meaning import Machine
from mathforml.equations.values import LARGEST, Array, Value, describe

__all__ = ["derivative", "primed", "shifted_derivative"]

SHIFTS = 0.25 * 4.0 ** -np.arange(8)
SMALLEST_ERROR = 1e-11  # relative to the largest entry
COARSEST_ERROR = 1e-4  # relative; beyond it there is no derivative to speak of


class UnsettledError(EquationError):
    """Difference quotients that do not approach a limit."""


def richardson(differences: Array, shifts: Array, noise: Array) -> tuple[Array, Array]:
    """Extrapolate central differences to shift zero.

    Parameters
    ----------
    differences : (k, ...)
        Central differences, one for each shift.
    shifts : (k,)
        Shifts in falling order.
    noise : (k, ...)
        Rounding error of each difference.

    Returns
    -------
    estimate, error : (...)
        The best entry of the table and its estimated absolute error.
    """
    best = differences[-1]
    least = np.full(best.shape, np.inf)
    row = [differences[0]]
    for k in range(1, len(shifts)):
        following = [differences[k]]
        for j in range(min(k, 5)):
            factor = (shifts[k - j - 1] / shifts[k]) ** 2 - 1
            following.append(following[j] + (following[j] - row[j]) / factor)
            error = np.maximum(abs(following[j + 1] - following[j]), abs(following[j + 1] - row[j]))
            error = np.where(np.isfinite(error), error + 2 * noise[k], np.inf)
            better = error < least
            best = np.where(better, following[j + 1], best)
            least = np.where(better, error, least)
        row = following
    return best, least


def shifted_derivative(
    machine: Machine, function: Callable[[Value], Value], at: Value, elementwise: bool = False
) -> Value:
    """Differentiate a function of one value.

    Parameters
    ----------
    function
        Evaluated once, at a value with one more axis.
    at
        The point.
    elementwise
        Whether all entries may be shifted together, each output depending on its own.

    Returns
    -------
    jacobian
        Its core is the core of the output followed by the core of the point.
    """
    point = at.data.astype(float)
    near = np.maximum(1.0, np.sqrt(np.abs(point)))
    try:
        return _shifted(machine, function, at, near, elementwise)
    except UnsettledError:
        if np.all(point == 0):
            raise
    return _shifted(machine, function, at, np.where(point == 0, 1.0, np.abs(point)), elementwise)


def _shifted(
    machine: Machine, function: Callable[[Value], Value], at: Value, scale: Array, elementwise: bool
) -> Value:
    """Differentiate with shifts in given units, one for each entry."""
    axis = machine.fresh("∂")
    core = at.core
    point = at.data.astype(float)
    width = 1 if elementwise else max(1, int(np.prod(core)))
    basis = np.ones((1, *core)) if elementwise else np.eye(width).reshape(width, *core)
    lead = (1,) * len(at.axes)
    directions = basis.reshape(width, *lead, *core)
    steps = np.concatenate([SHIFTS, -SHIFTS])
    if 2 * len(SHIFTS) * width * point.size > LARGEST:
        raise EquationError("too many entries to differentiate by; bind smaller arrays")
    moved = point + steps.reshape(-1, 1, *(1,) * point.ndim) * directions * scale
    moved = np.concatenate([moved.reshape(-1, *point.shape), point[None]])
    result = function(Value(moved, (axis, *at.axes)))
    if result.data.dtype == object:
        raise EquationShapeError("what is differentiated is no number or array")
    if axis not in result.axes:
        raise EquationError(
            "what is differentiated does not depend on the variable; bind a function of it"
        )
    place = result.axes.index(axis)
    data = np.moveaxis(result.data, place, 0)
    center = data[-1]
    data = data[:-1].reshape(2, len(SHIFTS), width, *data.shape[1:])
    axes = tuple(a for a in result.axes if a != axis)
    length = _lengths(scale, at, axes, data, elementwise, core, width)
    shifts = SHIFTS.reshape(-1, *(1,) * (data.ndim - 2))
    noise = 2e-16 * np.maximum(np.abs(data[0]), np.abs(data[1])) / shifts
    if result.error is not None:
        noisy = np.moveaxis(result.error, place, 0)[:-1].reshape(data.shape)
        noise = noise + np.maximum(noisy[0], noisy[1]) / shifts
    with np.errstate(all="ignore"):
        differences = (data[0] - data[1]) / (2 * shifts)
        estimate, error = richardson(differences, SHIFTS, noise)
        bend = np.abs(data[0] + data[1] - 2 * center) / (2 * shifts)
    largest = float(np.abs(estimate[np.isfinite(estimate)]).max(initial=0))
    size = max(largest, float(np.abs(bend[-1]).max(initial=0)), 1e-8)
    kink = (bend[-1] > 0.5 * bend[-4]) & (bend[-1] > 1e-4 * size + 100 * noise[-1])
    if not np.all(error <= COARSEST_ERROR * size) or np.any(kink):
        raise UnsettledError("the derivative does not settle here; expected a smooth function")
    estimate, error = estimate / length, error / length + SMALLEST_ERROR * largest / length

    def arrange(a: Array) -> Array:
        if elementwise:
            together: Array = a[0]
            return together
        entries: Array = np.moveaxis(a, 0, -1).reshape((*a.shape[1:], *core))
        return entries

    return Value(arrange(estimate), axes, None, arrange(error))


def _lengths(
    scale: Array, at: Value, axes: tuple[str, ...], data: Array, elementwise: bool,
    core: tuple[int, ...], width: int,
) -> Array:  # fmt: skip
    """Return the unit of the shifts of each entry, spread over the results."""
    own = at.axes
    order = [own.index(a) for a in axes if a in own]
    shape = [scale.shape[own.index(a)] if a in own else 1 for a in axes]
    tail = data.ndim - 3 - len(axes)
    rest = list(range(len(own), scale.ndim))
    turned = scale.transpose(order + rest)
    if elementwise:
        return turned.reshape(1, *shape, *core, *(1,) * (tail - len(core)))
    flat = np.moveaxis(turned.reshape(*shape, width), -1, 0)
    return flat.reshape(width, *shape, *(1,) * tail)


def derivative(machine: Machine, node: s.Derivative, env: Environment) -> Result:
    """Evaluate a derivative of an expression."""
    if not node.variables:
        return _bare_nabla(machine, node, env)
    if node.style == "nabla" and isinstance(node.body, s.Call):
        slot = _argument_slot(machine, node, env)
        if slot is not None:
            return slot
    first, *others = node.variables
    body: s.Node = node.body  # type: ignore[assignment]
    if node.style == "nabla" and (near := _of_first_factor(machine, node, body, env)) is not None:
        return near
    if others:
        body = s.Derivative(node.style, node.body, tuple(others), len(others), place=node.place)
    return by_variable(machine, body, first, env)


def _of_first_factor(
    machine: Machine, node: s.Derivative, body: s.Node, env: Environment
) -> Result | None:
    r"""Read ``\nabla_x f(x)^\top y`` as the gradient of f times y.

    So it is where the product is no number, but the call that comes first is.
    """
    call = first_factor(body)
    if call is body or not isinstance(call, s.Call) or single(machine.evaluate(call, env)).ndim:
        return None
    try:
        if single(machine.evaluate(body, env)).ndim == 0:
            return None
    except EquationShapeError:
        pass
    return machine.evaluate(in_its_place(body, replace(node, body=call)), env)


def by_variable(machine: Machine, body: s.Node, variable: s.Node, env: Environment) -> Value:
    """Differentiate an expression by a symbol or by a component of one."""
    indices: s.Bag | None = None
    base = variable
    if isinstance(variable, s.Indexed):
        assert isinstance(variable.indices, s.Bag)
        base, indices = variable.base, variable.indices
    if not isinstance(base, s.Ref):
        raise EquationError("expected a symbol to differentiate by", variable.place)
    key = base.key
    family = machine.scope.values.get(key)
    layers = family.items if isinstance(family, Family) and indices is not None else ()
    if layers and indices is not None:
        first, *rest = indices.items
        which = int(whole(machine.value(first, env), f"the index {first.place.text}").data)
        point = single(indexed(machine, s.Indexed(base, s.Bag((first,))), env))
        indices = s.Bag(tuple(rest), indices.open, place=indices.place) if rest else None
    else:
        point = single(machine.lookup(key, env))
    if point.data.dtype.kind not in "biuf":
        raise EquationShapeError(f"cannot differentiate by {base.place.text}", variable.place)
    outer = None

    def function(moved: Value) -> Value:
        nonlocal outer
        if layers:
            moved = with_member(layers, which, moved)
        result = single(machine.evaluate(body, env.override(key, moved)))
        outer = result.ndim
        return result

    jacobian = shifted_derivative(machine, function, point)
    machine.trace.note("derivatives by extrapolated central differences")
    if indices is not None:
        assert outer is not None
        jacobian = pick(machine, jacobian, indices, env, base.place.text, skip=outer)
    if outer == 2 and jacobian.ndim == 3 and jacobian.core[0] == 1:
        jacobian = jacobian.map(lambda a: a.reshape(*a.shape[:-3], *a.shape[-2:]))
    return jacobian


def _bare_nabla(machine: Machine, node: s.Derivative, env: Environment) -> Value:
    r"""Differentiate ``\nabla f(x)`` by the argument, or ``\nabla L`` by its one parameter."""
    body = node.body
    if isinstance(body, s.Call) and len(body.arguments) == 1:
        (argument,) = body.arguments
        at = single(machine.evaluate(argument, env))
        return _nested(machine, body, 0, at, env, node.order)
    if isinstance(body, s.Ref):
        function = machine.scope.values.get(body.key)
        names = [p.name for p in parameters(function)] if callable(function) else []
        if len(names) == 1:
            variable: s.Node = s.Ref(names[0], place=node.place)
            inner = s.Derivative(
                "nabla", body, (variable,) * node.order, node.order, place=node.place
            )
            return single(derivative(machine, inner, env))
    raise EquationError(r"it is not clear by what to differentiate; write \nabla_x", node.place)


def _argument_slot(machine: Machine, node: s.Derivative, env: Environment) -> Value | None:
    r"""Differentiate ``\nabla_x f(x_k)`` in the slot that the function calls x."""
    variable, body = node.variables[0], node.body
    assert isinstance(body, s.Call)
    if not isinstance(variable, s.Ref):
        return None
    function = machine.thing(body.function, env)
    names = [p.name for p in parameters(function)] if callable(function) else []
    slot = names.index(variable.key) if variable.key in names else 0
    if slot >= len(body.arguments) or (variable.key not in names and len(body.arguments) > 1):
        return None
    known = variable.key in machine.scope or variable.key in env.local
    if known and not _member_of(variable.key, body.arguments[slot]):
        return None
    if not known and variable.key not in names:
        return None
    at = single(machine.evaluate(body.arguments[slot], env))
    return _nested(machine, body, slot, at, env, node.order)


def _member_of(key: str, argument: s.Node) -> bool:
    r"""Tell whether an argument is one of many points of a name: the ``\theta_t`` of ``\theta``."""
    if isinstance(argument, s.Indexed):
        return isinstance(argument.base, s.Ref) and argument.base.key == key
    return isinstance(argument, s.Ref) and argument.key.startswith(key + "_")


def _nested(
    machine: Machine, body: s.Call, slot: int, at: Value, env: Environment, order: int
) -> Value:
    """Differentiate a call in one argument, once or more."""
    key = machine.fresh("slot")
    arguments = tuple(s.Ref(key) if k == slot else a for k, a in enumerate(body.arguments))
    call = s.Call(body.function, arguments, body.separators, place=body.place)

    def value(moved: Value, depth: int) -> Value:
        if depth == 0:
            return single(machine.evaluate(call, env.bind_keys({key: moved})))
        return shifted_derivative(machine, lambda m: value(m, depth - 1), moved)

    machine.trace.note("derivatives by extrapolated central differences")
    return value(at, order)


def primed(machine: Machine, node: s.Call, env: Environment) -> Value:
    """Evaluate ``f'(x)``: on an array entry by entry if ``f`` keeps its shape."""
    if not node.arguments:
        return _primed_node(machine, node, env)
    if len(node.arguments) != 1:
        raise EquationError(
            "a prime on a function of several arguments is ambiguous; write \\partial", node.place
        )
    at = single(machine.evaluate(node.arguments[0], env))
    key = machine.fresh("slot")
    inner: s.Node = s.Call(node.function, (s.Ref(key),), place=node.place)
    if isinstance(node.function, s.Operator):
        inner = s.Apply(node.function.name, (s.Ref(key),), node.function.sub, place=node.place)
    probe = single(machine.evaluate(inner, env.bind_keys({key: at})))
    elementwise = at.ndim > 0 and probe.core == at.core
    if at.ndim and probe.ndim and not elementwise:
        raise EquationShapeError(
            f"a prime on a function from {describe(at)} to {describe(probe)}; write \\partial"
        )

    def value(moved: Value, depth: int) -> Value:
        if depth == 0:
            return single(machine.evaluate(inner, env.bind_keys({key: moved})))
        return shifted_derivative(machine, lambda m: value(m, depth - 1), moved, elementwise)

    machine.trace.note("derivatives by extrapolated central differences")
    return value(at, node.derivatives)


def _primed_node(machine: Machine, node: s.Call, env: Environment) -> Value:
    """Evaluate ``f'`` without arguments: by the one parameter of ``f``."""
    assert isinstance(node.function, s.Ref)
    function = machine.scope.values.get(node.function.key)
    names = [p.name for p in parameters(function)] if callable(function) else []
    if len(names) != 1 or names[0] not in machine.scope:
        raise UnboundSymbolError(f"{node.place.text} has no value; give it an argument, or bind it")
    call = s.Call(node.function, (s.Ref(names[0]),), (), node.derivatives, place=node.place)
    return primed(machine, call, env)
