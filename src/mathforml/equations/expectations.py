r"""Expectations, exact over finite distributions and with a standard error over samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.algebra import multiply
from mathforml.equations.bindings import Domain
from mathforml.equations.distributions import Finite, Samples
from mathforml.equations.environments import Environment, Result
from mathforml.equations.errors import EquationError, EquationShapeError, UnboundSymbolError
from mathforml.equations.indices import domain_values
from mathforml.equations.meaning import Machine
from mathforml.equations.reductions import bind_domain
from mathforml.equations.values import (
    Array,
    Value,
    add,
    aligned,
    elementwise,
    number,
    pad,
    scaled,
    transpose,
)

__all__ = ["expect"]


Law = Finite | Samples
FEWEST = 100  # samples whose standard error says something


def expect(machine: Machine, node: s.Expect, env: Environment) -> Result:
    """Evaluate an expectation, a variance, a covariance or a divergence."""
    if node.kind == "KL":
        return divergence(machine, node, env)
    dummies = node.dummies or _random_symbols(machine, node, env)
    _refuse_densities(node)
    env, weights, axes = env, number(1.0), []
    sampled = 0
    for dummy in dummies:
        law = _law(machine, dummy, env)
        axis = _shared_axis(machine, law, dummies, dummy) or machine.fresh(dummy.key)
        if callable(law) and not isinstance(law, Finite):
            return _density(machine, node, dummy, law, env)
        env, weight, size = _bound(machine, dummy, law, axis, env)
        if axis not in axes:
            axes.append(axis)
            weights = scaled(weights, weight)
        sampled = max(sampled, size)
    values = [machine.value(a, env) for a in node.arguments]
    return _moment(node, values, weights, tuple(axes), sampled, machine)


def _refuse_densities(node: s.Expect) -> None:
    r"""Refuse ``\mathbb{E}_p[\log p]``, where p is the distribution and not what is drawn."""
    for dummy in node.dummies:
        if dummy.domain is None and dummy.key.split("_")[0] in ("p", "q", "P", "Q", "pi"):
            raise EquationError(
                f"{dummy.key} is a distribution; write what is drawn from it, as in "
                rf"\mathbb{{E}}_{{x \sim {dummy.key}}}[\log {dummy.key}(x)]",
                dummy.place,
            )


def _shared_axis(
    machine: Machine, law: Any, dummies: tuple[s.Dummy, ...], dummy: s.Dummy
) -> str | None:
    """Pair samples of equal length that are averaged together."""
    if isinstance(law, Samples) and dummy.domain is None:
        return f"draw{len(law)}#"
    return None


def _random_symbols(machine: Machine, node: s.Expect, env: Environment) -> tuple[s.Dummy, ...]:
    """Return the symbols in the brackets that are bound to distributions."""
    keys = [
        part.key
        for argument in node.arguments
        for part in s.walk(argument)
        if isinstance(part, s.Ref)
    ]
    found = [
        k for k in dict.fromkeys(keys) if isinstance(machine.scope.values.get(k), Finite | Samples)
    ]
    if not found:
        raise UnboundSymbolError(
            "nothing in these brackets is random; write \\mathbb{E}_{x \\sim p}, "
            "or bind Finite or Samples",
            node.place,
        )
    finite = [k for k in found if isinstance(machine.scope.values[k], Finite)]
    if len(finite) > 1:
        raise EquationError(
            f"how {' and '.join(finite)} depend is not said; "
            r"write \mathbb{E}_{(x, y) \sim p}",
            node.place,
        )
    return tuple(s.Dummy(k, place=node.place) for k in found)


def _law(machine: Machine, dummy: s.Dummy, env: Environment) -> Any:
    """Return what a dummy is drawn from."""
    if dummy.domain is None:
        law = machine.scope.values.get(dummy.key)
        if isinstance(law, Finite | Samples):
            return law
        raise UnboundSymbolError(
            f"{dummy.place.text} has no distribution; write {dummy.place.text} \\sim p, "
            "or bind it to Finite or Samples",
            dummy.place,
        )
    node = dummy.domain
    if isinstance(node, s.Ref) and node.key not in env.local:
        return machine.thing(node, env)
    keys = set(dummy.key.split("|"))
    if isinstance(node, s.Call) and any(
        isinstance(a, s.Ref) and a.key in keys for a in node.arguments
    ):
        return _law_with_slot(machine, node, keys, env)
    result = machine.evaluate(node, env)
    if isinstance(result, Value) and result.data.dtype == object:
        return result if result.axes else result.data[()]
    raise EquationShapeError(
        f"{node.place.text} is no distribution; bind a function that returns Finite or Samples",
        node.place,
    )


def _law_with_slot(machine: Machine, node: s.Call, keys: set[str], env: Environment) -> Any:
    """Read ``p(x)`` or ``p(x | y)`` below an expectation: the dummy's slot stays open."""
    thing = machine.thing(node.function, env)
    if isinstance(thing, Finite):
        return thing
    rest = tuple(a for a in node.arguments if not (isinstance(a, s.Ref) and a.key in keys))
    try:
        result = machine.evaluate(
            s.Call(node.function, rest, node.separators[1:], place=node.place), env
        )
    except EquationError:
        result = None
    if isinstance(result, Value) and result.data.dtype == object:
        return result if result.axes else result.data[()]
    if len(keys) != 1:
        raise EquationShapeError(
            f"{node.place.text} is no distribution of several variables", node.place
        )
    key = next(iter(keys))

    def density(inner: Environment) -> Value:
        return machine.value(node, inner)

    domain = machine.scope.values.get(key)
    return (domain, density)


def _bound(
    machine: Machine, dummy: s.Dummy, law: Any, axis: str, env: Environment
) -> tuple[Environment, Value, int]:
    """Bind a dummy to the values of a law; return the weights and the number of draws."""
    if isinstance(law, Value):
        return _varying(dummy, law, axis, env)
    if isinstance(law, tuple):
        domain, density = law
        if not isinstance(domain, Domain):
            raise EquationError(
                f"{dummy.place.text} needs Finite, Samples, or a set that {dummy.key} runs over",
                dummy.place,
            )
        inner = bind_domain(dummy.key, domain_values(domain), axis, env)
        return inner, density(inner), 0
    if isinstance(law, Finite):
        values = domain_values(Domain(law.values))
        return bind_domain(dummy.key, values, axis, env), Value(law.probabilities, (axis,)), 0
    if isinstance(law, Samples):
        count = len(law)
        inner = bind_domain(dummy.key, Value(law.values), axis, env)
        return inner, Value(np.full(count, 1 / count), (axis,)), count
    raise EquationShapeError(
        f"{dummy.place.text} is drawn from {type(law).__name__}; expected Finite or Samples",
        dummy.place,
    )


def _varying(
    dummy: s.Dummy, laws: Value, axis: str, env: Environment
) -> tuple[Environment, Value, int]:
    """Bind a dummy whose law varies with outer indices: one support, padded with zeros."""
    flat = list(laws.data.flat)
    kept = [law for law in flat if law is not None]
    if not all(isinstance(law, Finite) for law in kept):
        raise EquationShapeError(
            "expected Finite for every value of the outer variables", dummy.place
        )
    support = list(dict.fromkeys(v for law in kept for v in law.values))
    table = np.zeros((len(flat), len(support)))
    for row, law in zip(table, flat, strict=True):
        for value, probability in zip(law.values, law.probabilities, strict=True) if law else ():
            row[support.index(value)] += probability
    inner = bind_domain(dummy.key, domain_values(Domain(tuple(support))), axis, env)
    weights = table.reshape(*laws.data.shape, len(support))
    return inner, Value(weights, (*laws.axes, axis)), 0


def _density(
    machine: Machine, node: s.Expect, dummy: s.Dummy, density: Callable[..., Any], env: Environment
) -> Value:
    """Integrate against a density of one real variable."""
    from mathforml.equations.invoking import invoke
    from mathforml.equations.quadrature import integrate

    if len(node.dummies) != 1 or node.kind != "E" or "|" in dummy.key:
        raise EquationError(
            "against a density only one expectation at a time; bind Samples", node.place
        )

    def weighted(x: Value) -> Value:
        inner = env.bind_keys({dummy.key: x})
        weight = invoke(machine, density, [x], inner, dummy.place.text)
        assert isinstance(weight, Value)
        return scaled(weight, machine.value(node.arguments[0], inner))

    return integrate(machine, weighted, -np.inf, np.inf)


def _mean(value: Value, weights: Value, names: tuple[str, ...]) -> Value:
    axes, (value, weights) = aligned((value, weights))
    where = tuple(axes.index(a) for a in names if a in axes)
    kept = tuple(a for a in axes if a not in names)
    wide = pad(weights.data, len(axes), value.ndim)

    def total(a: Array) -> Array:
        used = np.where(wide == 0, 0.0, a)
        found: Array = (used * wide).sum(axis=where)
        return found

    error = None if value.error is None else total(value.error)
    return Value(total(value.data), kept, total(value.magnitude), error)


def _moment(
    node: s.Expect,
    values: list[Value],
    weights: Value,
    axes: tuple[str, ...],
    draws: int,
    machine: Machine,
) -> Value:
    if node.kind == "E":
        if len(values) != 1:
            raise EquationShapeError(
                f"an expectation of {len(values)} things; expected one", node.place
            )
        mean = _mean(values[0], weights, axes)
        return _with_standard_error(mean, values[0], weights, axes, draws, machine)
    if node.kind == "Cov" and len(values) not in (1, 2):
        raise EquationShapeError(
            f"a covariance of {len(values)} things; expected one or two", node.place
        )
    if node.kind == "Var" and len(values) != 1:
        raise EquationShapeError(f"a variance of {len(values)} things; expected one", node.place)
    left, right = values[0], values[-1]
    centered = [add("+-", [v, _mean(v, weights, axes)]) for v in (left, right)]
    one, other = centered
    product = multiply("", one, transpose(other)) if left.ndim else scaled(one, other)
    return _with_standard_error(
        _mean(product, weights, axes), product, weights, axes, draws, machine
    )


def _with_standard_error(
    mean: Value, value: Value, weights: Value, axes: tuple[str, ...], draws: int, machine: Machine
) -> Value:
    """Widen the tolerance by four standard errors where the values are samples."""
    if not draws:
        return mean
    if draws < FEWEST:
        raise EquationError(f"only {draws} samples say little; bind {FEWEST} or more, or Finite")
    machine.trace.note(f"expectations over {draws} draws, within four standard errors")
    centered = add("+-", [value, mean])
    variance = _mean(elementwise(np.square, centered), weights, axes)
    error = 4 * np.sqrt(variance.data / draws)
    return Value(
        mean.data, mean.axes, mean.size, error if mean.error is None else mean.error + error
    )


def divergence(machine: Machine, node: s.Expect, env: Environment) -> Value:
    r"""Evaluate ``\operatorname{KL}(p \| q)`` of two finite distributions or arrays."""
    laws: list[tuple[tuple[Any, ...] | None, Value]] = []
    for argument in node.arguments:
        thing = machine.thing(argument, env)
        if isinstance(thing, Finite):
            order = sorted(range(len(thing.values)), key=lambda k: repr(thing.values[k]))
            values = tuple(thing.values[k] for k in order)
            laws.append((values, number(thing.probabilities[order])))
        else:
            laws.append((None, machine.value(argument, env)))
    if len(laws) != 2:
        raise EquationShapeError("a divergence takes two distributions", node.place)
    (v, p), (w, q) = laws
    if p.ndim == 0:
        raise EquationShapeError(
            r"a divergence of two numbers; write \operatorname{KL}(p \| q), of distributions",
            node.place,
        )
    if v != w or p.core != q.core:
        raise EquationShapeError(
            "the two distributions do not stand on the same values", node.place
        )
    for law in (p, q):
        total = law.data.sum(axis=tuple(range(len(law.axes), law.data.ndim)))
        if not np.allclose(total, 1, rtol=0, atol=1e-6):
            raise EquationError("a divergence of what does not sum to one", node.place)
    terms = elementwise(
        lambda a, b: np.where(a > 0, a * np.log(np.where(a > 0, a, 1) / b), 0.0), p, q
    )
    core = tuple(range(len(terms.axes), terms.data.ndim))
    return Value(terms.data.sum(axis=core), terms.axes, np.abs(terms.data).max(axis=core))
