"""The public door: parse an equation, verify it, get a certificate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Definition, Domain, Scope, parameters
from mathforml.equations.calls import package_functions
from mathforml.equations.certificates import Certificate, Step, digest, publish
from mathforml.equations.conditions import holds, members, narrowed
from mathforml.equations.display import Display, read_display
from mathforml.equations.errors import (
    EquationError,
    EquationSyntaxError,
    Place,
    RaggedError,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.indices import mentions, ranges
from mathforml.equations.labels import find_display
from mathforml.equations.meaning import Environment, Machine, Many, Result, Trace
from mathforml.equations.names import display_name, letter, spelling
from mathforml.equations.reading import Reader
from mathforml.equations.relations import Comparison, Tolerance, compare
from mathforml.equations.values import Value, number

__all__ = ["Equation", "parse", "verify"]

DRAWS = 5
LABEL = re.compile(r"[A-Za-z][\w:.-]*\Z")


@dataclass(frozen=True)
class Equation:
    """A parsed display.

    Parameters
    ----------
    latex
        The text.
    display
        Its statements and side conditions, as syntax.
    """

    latex: str
    display: Display

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names that it needs, but for indices and what it binds itself."""
        return tuple(sorted(_symbols(self.display)))

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations, in order."""
        chains = [n for n in self.display.statements if isinstance(n, s.Chain)]
        return tuple(r for chain in chains for r in chain.relations)

    @property
    def steps(self) -> tuple[str, ...]:
        """The LaTeX of each comparison."""
        chains = [n for n in self.display.statements if isinstance(n, s.Chain)]
        return tuple(text for chain in chains for text in _step_texts(chain))


def _step_texts(chain: s.Chain) -> list[str]:
    pairs = zip(chain.items, chain.relations, chain.items[1:], strict=False)
    return [f"{a.place.text} {r} {b.place.text}" for a, r, b in pairs]


def _symbols(display: Display) -> set[str]:
    found: set[str] = set()
    bound: set[str] = {"infty", "0"}
    for node in (*display.statements, *display.conditions):
        _collect(node, found, bound)
    return found - bound


def _collect(node: s.Node, found: set[str], bound: set[str]) -> None:
    """Sort the names of a node into symbols, and indices and dummies."""
    match node:
        case s.Name(letter=text):
            if text not in (r"\top", "*", r"\cdot", ""):
                found.add(display_name(node))
            return
        case s.Scripted(base=s.Name() as base, sub=sub, sup=sup):
            wordy = sub is not None and _wordy(sub)
            found.add(display_name(node if wordy else base))
            if sub is not None and not wordy:
                bound |= {letter(n) for n in s.walk(sub) if isinstance(n, s.Name)}
            if sup is not None:
                _collect(sup, found, bound)
            return
        case s.Big(sub=s.Node() as sub):
            bound |= {letter(n) for n in s.walk(sub) if isinstance(n, s.Name)}
        case s.Integral(variables=variables):
            bound |= {display_name(v) for v in variables}
    for child in s.children(node):
        _collect(child, found, bound)


def _wordy(sub: s.Node) -> bool:
    """Tell a subscript that belongs to the name from an index."""
    return isinstance(sub, s.Number) or (isinstance(sub, s.Name) and len(sub.letter) > 1)


def parse(latex: str) -> Equation:
    """Parse a display: relations, steps and side conditions.

    Parameters
    ----------
    latex
        What stands between the dollars.

    Raises
    ------
    EquationSyntaxError
        With the token that does not fit, and what would.
    """
    return Equation(latex, read_display(latex))


def verify(
    equation: str,
    symbols: Mapping[str, Any] | None = None,
    /,
    *,
    where: Iterable[str] = (),
    rtol: float | None = None,
    draws: Callable[[np.random.Generator], Mapping[str, Any]] | None = None,
    tight: Mapping[str, Any] | None = None,
    **named: Any,
) -> Certificate:
    r"""Execute a displayed equation and compare both sides of every relation.

    Parameters
    ----------
    equation
        Label of a display of the page, or LaTeX that contains a relation.
    symbols, named
        What the symbols mean: arrays, numbers and functions by name, by LaTeX, or by the
        text of a call.
    where
        Labels of displayed definitions, which become functions of the graph.
    rtol
        Relative tolerance, if another than 1e-6 (5 % for ``\approx``).
    draws
        Makes further, random bindings; it is run five times.
    tight
        A point at which inequalities must hold with equality.

    Returns
    -------
    certificate
        What was compared, and how well it held.

    Raises
    ------
    EquationError
        Of the kind that tells what is wrong, with the place in the LaTeX.
    """
    if rtol is not None and not 0 <= rtol < 1:
        raise EquationError(f"rtol is {rtol}; expected a number from 0 to 1")
    label, latex = _source(equation)
    display = parse(latex).display
    if not any(isinstance(n, s.Chain) for n in display.statements):
        raise EquationSyntaxError(
            "no relation here; expected an equation", Place(latex, 0, len(latex))
        )
    bound = {**(symbols or {}), **named}
    definitions = [(w, parse(_source(w)[1]).display) for w in where]
    tolerance = Tolerance(rtol, _has_infinity(bound.values()))
    try:
        with np.errstate(all="ignore"):
            runs = []
            for seed in range(DRAWS if draws is not None else 1):
                more = {} if draws is None else _drawn(draws, seed)
                try:
                    runs.append(_Run({**bound, **more}, display, definitions, tolerance))
                except _Excluded:
                    if draws is None:
                        raise
            if not runs:
                raise EquationError(
                    "no draw meets the side conditions", Place(latex, 0, len(latex))
                )
            if tight is not None:
                _Run({**bound, **tight}, display, definitions, replace(tolerance, tight=True))
    except RecursionError:
        raise EquationError("the equation or its bindings are nested too deeply") from None
    certificate = _certificate(label, latex, runs, tight is not None, tuple(where))
    publish(certificate)
    return certificate


def _drawn(draws: Callable[[np.random.Generator], Mapping[str, Any]], seed: int) -> dict[str, Any]:
    """Make one set of random bindings."""
    try:
        return dict(draws(np.random.default_rng(seed)))
    except Exception as error:
        raise EquationError(f"draws raised {type(error).__name__}: {error}") from error


def _source(equation: str) -> tuple[str, str]:
    """Return the label and the LaTeX of an equation given by either."""
    if LABEL.match(equation.strip()):
        display = find_display(equation.strip())
        return display.label, display.latex
    return "", equation


def _has_infinity(values: Iterable[Any]) -> bool:
    numeric = [np.asarray(v) for v in values if isinstance(v, int | float | np.ndarray | np.number)]
    return any(np.any(np.isinf(v)) for v in numeric if v.dtype.kind in "fc")


class _Excluded(EquationError):
    """Bindings that a side condition rules out."""


class _Run:
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
            for c in map(_unquantified, display.conditions)
            if c is not None
        )
        self.steps: list[Step] = []
        for statement in display.statements:
            if not isinstance(statement, s.Chain):
                raise EquationSyntaxError("no relation here; expected an equation", statement.place)
            chain = reader.read(statement)
            assert isinstance(chain, s.Chain)
            self.check(chain, conditions, tolerance)
        self.readings |= reader.readings

    def define(self, label: str, display: Display) -> None:
        """Make a displayed definition part of the graph."""
        for statement in display.statements:
            if not isinstance(statement, s.Chain) or statement.relations[0] not in ("=", ":="):
                raise EquationSyntaxError(
                    f"{label} is no definition; expected a symbol, = and its value", statement.place
                )
        for statement in display.statements:
            assert isinstance(statement, s.Chain)
            left, right = statement.items[:2]
            add_definition(self.scope, left, right, self.readings)

    def check(self, chain: s.Chain, conditions: tuple[s.Node, ...], tolerance: Tolerance) -> None:
        """Check every relation of a chain."""
        env, lengths = self.environment(chain, conditions)
        texts = _step_texts(chain)
        known: dict[int, Result] = {}

        def result(k: int) -> Result:
            if k not in known:
                known[k] = self.machine.evaluate(chain.items[k], env)
            return known[k]

        for k, relation in enumerate(chain.relations):
            sides = (chain.items[k], chain.items[k + 1])
            try:
                found = compare(
                    self.machine, sides, lambda k=k: (result(k), result(k + 1)), relation, env,
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
                        self.machine, sides,
                        lambda e=one: (self.machine.evaluate(sides[0], e), self.machine.evaluate(sides[1], e)),
                        relation, one, place, tolerance,
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
                raise _Excluded("no combination is left under this condition", condition.place)
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
        return (
            isinstance(node, s.Ref) and self._is_set(node) and node.key.split(".")[-1][:1].isupper()
        )

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


def _unquantified(node: s.Node) -> s.Node | None:
    r"""Drop a quantifier: an index that nothing binds means *for every* anyway."""
    match node:
        case s.Product(items=(s.Operator(name="forall"), rest, *_)):
            return None if isinstance(rest, s.Name | s.Scripted) else rest
        case s.Chain(items=(s.Product(items=(s.Operator(name="forall"), first)), *rest)):
            return replace(node, items=(first, *rest))
    return node if isinstance(node, s.Chain) else None


def add_definition(scope: Scope, left: s.Node, right: s.Node, readings: dict[str, str]) -> None:
    """Read a definition and add it to the scope."""
    arguments: tuple[s.Node, ...] = ()
    head = left
    if isinstance(left, s.Product) and len(left.items) == 2 and isinstance(left.items[1], s.Group):
        head, arguments = left.items[0], left.items[1].items
    indices: tuple[s.Name, ...] = ()
    name = head
    if isinstance(head, s.Scripted) and isinstance(head.base, s.Name) and head.sub is not None:
        parts = head.sub.items if isinstance(head.sub, s.Group | s.Product) else (head.sub,)
        letters = tuple(p for p in parts if isinstance(p, s.Name) and len(p.letter) == 1)
        if len(letters) == len(parts) and all(_stands_on_right(p, right) for p in letters):
            indices, name = letters, head.base
    key = spelling(name)
    if key is None:
        raise EquationSyntaxError("expected a symbol to define", left.place)
    reader = Reader(scope, (right,))
    keys = tuple(spelling(a) or "" for a in arguments)
    local = frozenset(i.letter for i in indices) | set(keys)
    body = reader.read(right, frozenset(local))
    readings |= reader.readings
    parameters_ = tuple(s.Ref(k, place=a.place) for k, a in zip(keys, arguments, strict=True))
    scope.define(Definition(key, indices, parameters_, body))


def _stands_on_right(name: s.Name, right: s.Node) -> bool:
    return any(isinstance(n, s.Name) and n.letter == name.letter for n in s.walk(right))


def _certificate(
    label: str, latex: str, runs: list[_Run], tight: bool, where: tuple[str, ...]
) -> Certificate:
    """Merge the runs into one certificate."""
    first = runs[0]
    steps = []
    for k, step in enumerate(first.steps):
        note = step.note
        if tight and note.startswith("weak evidence: an inequality"):
            note = "tight at the point given"
        steps.append(replace(step, difference=max(r.steps[k].difference for r in runs), note=note))
    scope = first.scope
    functions = set().union(*(r.trace.functions for r in runs))
    for value in scope.values.values():
        if callable(value):
            functions |= package_functions(value)
    shapes = {scope.written[k]: _shape_text(v) for k, v in scope.values.items()}
    methods = tuple(dict.fromkeys(m for r in runs for m in r.trace.notes))
    return Certificate(
        label, latex, digest(latex), tuple(steps), shapes, tuple(sorted(functions)),
        first.readings, len(runs), tight, methods, where,
    )  # fmt: skip


def _shape_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, Domain):
        return f"a set of {len(value.items)}"
    if callable(value):
        return "function"
    return type(value).__name__
