"""One check of a display under one set of bindings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Domain, Scope, parameters
from mathforml.equations.certificates import Step
from mathforml.equations.conditions import holds, members, narrowed
from mathforml.equations.defining import add_definition
from mathforml.equations.display import Display
from mathforml.equations.environments import Environment, Many, Result, Trace
from mathforml.equations.errors import (
    EquationError,
    EquationSyntaxError,
    Place,
    RaggedError,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.indices import mentions, ranges
from mathforml.equations.meaning import Machine
from mathforml.equations.parsing import step_texts
from mathforml.equations.reading import Reader
from mathforml.equations.relations import Comparison, Tolerance, compare
from mathforml.equations.values import Value, number

__all__ = []


class Excluded(EquationError):
    """Bindings that a side condition rules out."""


class Run:
    """One check of a display under one set of bindings.

    Parameters
    ----------
    symbols
        The bindings.
    display
        What to check.
    definitions
        Displays that define further symbols.
    tolerance
        How far sides may differ.
    """

    def __init__(
        self, symbols: Mapping[str, Any], display: Display,
        definitions: list[tuple[str, Display]], tolerance: Tolerance,
    ) -> None:  # fmt: skip
        self.scope = Scope(symbols)
        self.trace = Trace()
        self.machine = Machine(self.scope, self.trace)
        self.readings: dict[str, str] = {}
        for label, definition in definitions:
            self.define(label, definition)
        whole = (*display.statements, *display.conditions)
        reader = Reader(self.scope, whole)
        conditions = tuple(
            reader.read(c, frozenset())
            for c in (_unquantified(c, display.statements) for c in display.conditions)
            if c is not None
        )
        self.steps: list[Step] = []
        for statement in display.statements:
            if not isinstance(statement, s.Chain):
                raise EquationSyntaxError("no relation here; expected an equation", statement.place)
            chain = reader.read(statement)
            assert isinstance(chain, s.Chain)
            self.trace.used |= {n.key for n in s.walk(chain) if isinstance(n, s.Ref | s.Dummy)}
            self.check(chain, step_texts(statement), conditions, tolerance)
        self.readings |= reader.readings

    def define(self, label: str, display: Display) -> None:
        """Make a displayed definition part of the graph."""
        if display.conditions:
            raise EquationSyntaxError(
                f"{label} is defined under a condition; expected cases", display.conditions[0].place
            )
        for statement in display.statements:
            if not isinstance(statement, s.Chain) or statement.relations[0] not in ("=", ":="):
                raise EquationSyntaxError(
                    f"{label} is no definition; expected a symbol, = and its value", statement.place
                )
        for statement in display.statements:
            assert isinstance(statement, s.Chain)
            left, right = statement.items[:2]
            add_definition(self.scope, left, right, self.readings)

    def check(
        self, chain: s.Chain, texts: list[str], conditions: tuple[s.Node, ...], tolerance: Tolerance
    ) -> None:
        """Check every relation of a chain."""
        env, lengths = self.environment(chain, conditions)
        known: dict[s.Node, Result] = {}
        for k, relation in enumerate(chain.relations):
            sides = (chain.items[k], chain.items[k + 1])
            try:
                found = compare(
                    self.machine, sides, partial(self.both, sides, env, known), relation, env,
                    chain.places[k], tolerance,
                )  # fmt: skip
            except RaggedError as error:
                found = self.one_by_one(
                    sides, relation, env, lengths, chain.places[k], tolerance, error
                )
            over = {key: n for key, n in lengths.items() if any(mentions(x, key) for x in sides)}
            self.steps.append(
                Step(texts[k], relation, over, found.difference, found.tolerance, found.note)
            )

    def both(
        self, sides: tuple[s.Node, s.Node], env: Environment, known: dict[s.Node, Result]
    ) -> tuple[Result, Result]:
        """Evaluate two sides, each once."""
        for side in sides:
            if side not in known:
                known[side] = self.machine.evaluate(side, env)
        return known[sides[0]], known[sides[1]]

    def one_by_one(
        self, sides: tuple[s.Node, s.Node], relation: str, env: Environment,
        lengths: dict[str, int], place: Place, tolerance: Tolerance, ragged: RaggedError,
    ) -> Comparison:  # fmt: skip
        """Compare members of different shapes, one value of the index after the other."""
        worst: Comparison | None = None
        for key in lengths:
            values = env.local[key]
            assert isinstance(values, Value)
            if env.mask is None and any(_indexes_family(self.scope, x, key) for x in sides):
                for k in values.data:
                    one = env.bind_keys({key: number(k)})
                    found = compare(
                        self.machine, sides, partial(self.both, sides, one, {}), relation, one,
                        place, tolerance,
                    )  # fmt: skip
                    if worst is None or found.difference > worst.difference:
                        worst = found
                break
        if worst is None:
            raise ragged
        return worst

    def environment(
        self, chain: s.Chain, conditions: tuple[s.Node, ...]
    ) -> tuple[Environment, dict[str, int]]:
        """Give every free index its range, and restrict by the side conditions."""
        env = Environment()
        lengths: dict[str, int] = {}
        nodes = (chain, *conditions)
        for key, place in self.free(nodes).items():
            values = self.range_from(conditions, key, env)
            if values is None:
                try:
                    values = ranges(self.machine, key, nodes, env)
                except UnboundSymbolError:
                    raise UnboundSymbolError(
                        f"{place.text} has no value; bound: {self.scope.bound()}", place
                    ) from None
            lengths[key] = values.data.shape[0]
            env = env.bind_keys({key: Value(values.data, (key,))})
        for condition in conditions:
            truth = holds(self.machine, condition, env)
            env = narrowed(env, truth)
            if not np.any(truth.data) or (env.mask is not None and not np.any(env.mask.data)):
                raise Excluded("no combination is left under this condition", condition.place)
        return env, lengths

    def range_from(
        self, conditions: tuple[s.Node, ...], key: str, env: Environment
    ) -> Value | None:
        r"""Return the range that ``i = 1, \ldots, n`` or ``k \in S`` gives an index."""
        for condition in conditions:
            match condition:
                case s.Chain(items=(s.Ref(key=name), right), relations=("=" | r"\in",)) if (
                    name == key
                ):
                    result = self.machine.evaluate(right, env)
                    if isinstance(result, Many) or condition.relations == (r"\in",):
                        return members(self.machine, result)
        return None

    def free(self, nodes: tuple[s.Node, ...]) -> dict[str, Place]:
        """Return the names that stand for every value of a range."""
        found: dict[str, Place] = {}
        for node in nodes:
            self._free(node, frozenset(), found)
        return found

    def _free(self, node: s.Node, bound: frozenset[str], found: dict[str, Place]) -> None:
        match node:
            case s.Ref(key=key) if key not in bound:
                value = self.scope.values.get(key)
                if key not in self.scope or isinstance(value, Domain):
                    found.setdefault(key, node.place)
                elif callable(value):
                    for p in parameters(value):
                        if (
                            isinstance(self.scope.values.get(p.name), Domain)
                            and p.name not in bound
                        ):
                            found.setdefault(p.name, node.place)
                return
            case s.Call(function=s.Ref(), arguments=arguments):
                for argument in arguments:
                    if not self._takes_set(argument):
                        self._free(argument, bound, found)
                return
            case s.Reduce(dummies=dummies) | s.Expect(dummies=dummies):
                for dummy in dummies:
                    for part in (dummy.low, dummy.high, dummy.domain):
                        if part is not None and not self._is_set(part):
                            self._free(part, bound | set(dummy.key.split("|")), found)
                    bound = bound | set(dummy.key.split("|"))
                bodies = (
                    (*node.conditions, node.body) if isinstance(node, s.Reduce) else node.arguments
                )
                for part in bodies:
                    self._free(part, bound, found)
                return
            case s.Integral(variables=variables):
                inner = bound | {v.key for v in variables if isinstance(v, s.Ref)}
                for limit in (node.low, node.high):
                    if limit is not None:
                        self._free(limit, bound, found)
                self._free(node.body, inner, found)
                return
            case s.Limit(dummy=dummy):
                self._free(node.target, bound, found)
                self._free(node.body, bound | {dummy}, found)
                return
            case s.Apply(name="abs", arguments=(argument,)) if self._is_set(argument):
                return
            case s.EvaluatedAt(body=body, at=s.Bag(items=points)):
                keys = {
                    p.items[0].key
                    for p in points
                    if isinstance(p, s.Chain) and isinstance(p.items[0], s.Ref)
                }
                for point in points:
                    assert isinstance(point, s.Chain)
                    self._free(point.items[1], bound, found)
                self._free(body, bound | keys, found)
                return
            case s.Apply(name="norm", arguments=(argument,)):
                self._free(argument, bound, found)
                return
            case s.Chain(items=(left, right), relations=(r"\in" | r"\notin",)):
                self._free(left, bound, found)
                if not self._is_set(right):
                    self._free(right, bound, found)
                return
            case s.Derivative(style="nabla", body=s.Call(), variables=(s.Ref(key=key), *_)):
                if key not in self.scope and node.body is not None:
                    self._free(node.body, bound, found)
                    return
        for child in s.children(node):
            self._free(child, bound, found)

    def _takes_set(self, node: s.Node) -> bool:
        """Tell whether an argument is a set as such: its letter is calligraphic or capital."""
        if not self._is_set(node):
            return False
        return not isinstance(node, s.Ref) or node.key.split(".")[-1][:1].isupper()

    def _is_set(self, node: s.Node) -> bool:
        if isinstance(node, s.Power):
            node = node.base
        if isinstance(node, s.Sum):
            return all(self._is_set(term) for term in node.terms)
        if isinstance(node, s.Multiply):
            return self._is_set(node.left) and self._is_set(node.right)
        if not isinstance(node, s.Ref):
            return False
        return node.key == "mathbb.R" or isinstance(self.scope.values.get(node.key), Domain)


def _indexes_family(scope: Scope, node: s.Node, key: str) -> bool:
    """Tell whether an index picks members of a list."""
    return any(
        isinstance(part, s.Indexed)
        and isinstance(part.base, s.Ref)
        and part.base.key in scope.families
        and mentions(part.indices, key)
        for part in s.walk(node)
    )


def _unquantified(node: s.Node, statements: tuple[s.Node, ...]) -> s.Node | None:
    r"""Drop a quantifier: an index that nothing binds means *for every* anyway.

    Raises
    ------
    EquationSyntaxError
        If what stands beside an equation is no condition on its symbols.
    """
    match node:
        case s.Chain(items=(s.Product(items=(s.Operator(name="forall"), first)), *rest)):
            return replace(node, items=(first, *rest))
        case s.Chain():
            return node
        case s.Product(items=(s.Operator(name="forall"), first)):
            node = first
    if any(part == node for statement in statements for part in s.walk(statement)):
        return None
    raise EquationSyntaxError(
        "this is no condition on a symbol of the equation; expected one, or text", node.place
    )
