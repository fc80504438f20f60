r"""Bayesian networks: a joint distribution from small tables, asked without ever being built.

A factor is a table with a name for each axis.  A network is a sequence of factors, each a
conditional distribution whose last variable is the child: ``Factor(("B", "E", "A"), table)`` holds
:math:`p(A \mid B, E)`.
Read it with the page :doc:`/graphical/bayesian_networks`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush
from itertools import compress
from math import log2
from typing import Any

import numpy as np

from mathforml.foundations.floating_point import log_sum_exp
from mathforml.shapes import Array

__all__ = ["Factor", "d_separated", "eliminate", "elimination_order", "joint", "multiply"]

Logs = tuple[Sequence[str], Array]  # the names of the axes, and logarithms of a table
TOLERANCE = 1e-8  # by which the rows of a conditional table may miss 1


@dataclass(frozen=True, eq=False)
class Factor:
    """A table with a name for each axis; a ValueError unless they fit.

    Attributes
    ----------
    variables : tuple of str
        Names of the axes, each once.
    table : (...)
        Finite numbers of at least 0, in float64.
    """

    variables: tuple[str, ...]
    table: Array

    def __post_init__(self) -> None:
        """Check and take a read-only copy of the table."""
        names, table = tuple(self.variables), np.array(self.table, dtype=float)
        if isinstance(self.variables, str) or len(set(names)) != len(names):
            raise ValueError(f"the variables are {self.variables!r}; expected different names")
        if table.ndim != len(names):
            raise ValueError(f"table has shape {table.shape}; expected an axis for each of {names}")
        if not np.all(np.isfinite(table)) or np.any(table < 0):
            raise ValueError(f"the table of {names} is negative or not finite somewhere")
        table.flags.writeable = False
        object.__setattr__(self, "variables", names)
        object.__setattr__(self, "table", table)

    @cached_property
    def _children(self) -> tuple[str, ...]:
        """The variables over which the table sums to 1, whatever the others are."""
        sums = [self.table.sum(axis=axis) for axis in range(self.table.ndim)]
        ones = [np.abs(total - 1).max(initial=0.0) <= TOLERANCE for total in sums]
        return tuple(compress(self.variables, ones))


def multiply(factors: Iterable[Factor], keep: Sequence[str]) -> Factor:
    """Multiply tables and sum out all variables but some, :eq:`eq-factor-product`.

    Parameters
    ----------
    factors : iterable of Factor
        A few tables.
    keep : sequence of str
        The variables that stay, in the order of the axes of the result.

    Returns
    -------
    Factor
        Over the variables kept.

    Raises
    ------
    ValueError
        If tables disagree on a variable's number of states, or one that stays is unknown.
    """
    factors = list(factors)
    sizes = _sizes(factors)
    _require_known(keep, sizes)
    axes = list(sizes)
    terms: list[Any] = []
    for factor in factors:
        terms += [factor.table, list(map(axes.index, factor.variables))]
    return Factor(tuple(keep), np.einsum(*terms, list(map(axes.index, keep))))


def joint(factors: Iterable[Factor]) -> Factor:
    """Multiply all tables out, :eq:`eq-network-joint`: for small networks, and to check others.

    Parameters
    ----------
    factors : iterable of Factor
        The tables of the network.

    Returns
    -------
    Factor
        Over all variables, in order of appearance.
    """
    factors = list(factors)
    return multiply(factors, list(_sizes(factors)))


def elimination_order(
    factors: Iterable[Factor], query: str | Sequence[str], observed: Iterable[str] = ()
) -> list[str]:
    """Choose which variable to sum out first, and which next.

    Parameters
    ----------
    factors : iterable of Factor
        Tables.
    query : str or sequence of str
        The variables that stay.
    observed : iterable of str
        Those whose state is known.

    Returns
    -------
    list of str
        All the others; the one whose removal leaves the smallest table is next.
    """
    factors, out = list(factors), {*_names(query), *observed}
    bits = {name: log2(size) for name, size in _sizes(factors).items()}
    near: dict[str, set[str]] = {name: set() for name in bits}
    for factor in factors:
        scope = set(factor.variables).difference(observed)
        for name in scope:
            near[name] |= scope
    weight = {name: sum(bits[o] for o in sorted(near[name])) for name in bits if name not in out}
    queue, order = [(heavy, name) for name, heavy in weight.items()], []
    heapify(queue)
    while queue:
        heavy, name = heappop(queue)
        if weight.get(name) != heavy:
            continue  # it has changed since
        order.append(name)
        del weight[name]
        for other in near[name] - {name}:
            new = near[name] - near[other]
            near[other] |= new
            near[other].remove(name)
            if other in weight:
                weight[other] += sum(bits[one] for one in sorted(new)) - bits[name]
                heappush(queue, (weight[other], other))
    return order


def eliminate(
    factors: Iterable[Factor], query: str | Sequence[str], evidence: Mapping[str, int] | None = None
) -> Factor:
    """Compute a conditional distribution by variable elimination, :eq:`eq-elimination`.

    Parameters
    ----------
    factors : iterable of Factor
        The conditional distributions of a network, one for each variable.
    query : str or sequence of str
        The variables asked for, none of them observed.
    evidence : mapping of str to int, optional
        The observed state of some variables, from 0.

    Returns
    -------
    Factor
        Over the query, in its order, of sum 1.

    Raises
    ------
    ValueError
        If the evidence has probability zero, the tables are not one conditional distribution for
        each variable, or a name or a state is unknown, or both asked for and observed.

    Notes
    -----
    Each table waits for the first of its variables to be summed out.  Tables are kept as
    logarithms, so that evidence on thousands of variables does not underflow.
    """
    factors, query, evidence = list(factors), _names(query), dict(evidence or {})
    _check(factors, query, evidence)
    factors = _relevant(factors, {*query, *evidence})
    order = elimination_order(factors, query, evidence)
    place = {name: number for number, name in enumerate(order)}
    waiting: list[list[Logs]] = [[] for _ in range(len(order) + 1)]

    def wait(names: Sequence[str], logs: Array) -> None:
        first = min((place.get(name, len(order)) for name in names), default=len(order))
        waiting[first].append((names, logs))

    with np.errstate(divide="ignore"):  # the logarithm of zero is -inf, and meant so
        for factor in factors:
            states = [evidence.get(name) for name in factor.variables]
            at = tuple(slice(None) if state is None else int(state) for state in states)
            left = [name for name in factor.variables if name not in evidence]
            wait(left, np.log(factor.table[at]))
    for name, tables in zip(order, waiting, strict=False):
        scope = sorted({other for names, _ in tables for other in names} - {name})
        wait(scope, log_sum_exp(_added(tables, [*scope, name])))
    logs = _added(waiting[-1], query)
    if logs.max() == -np.inf:
        raise ValueError("the evidence has probability zero; expected something possible")
    table = np.exp(logs - logs.max())
    return Factor(query, table / table.sum())


def d_separated(
    parents: Mapping[str, Iterable[str]],
    x: str | Iterable[str],
    y: str | Iterable[str],
    given: str | Iterable[str] = (),
) -> bool:
    """Decide whether every path between two sets of variables is blocked, :eq:`eq-d-separation`.

    Parameters
    ----------
    parents : mapping of str to iterable of str
        The parents of each variable; those that have none may be left out.
    x, y : str or iterable of str
        The variables that might speak to each other.
    given : str or iterable of str
        Those whose state is known.

    Returns
    -------
    bool
        True if x and y are independent given the others in *every* distribution that factors so.

    Raises
    ------
    ValueError
        If the graph has a cycle, a name is unknown, or the three sets overlap.

    Notes
    -----
    Only the variables asked about and their ancestors count.  Join the parents of each child, take
    the heads off the arrows, cut out what is known: what is still connected may be dependent.
    """
    graph = _with_roots(parents)
    start, goal, known = sets = [set(_names(group)) for group in (x, y, given)]
    _require_known(sorted(set.union(*sets)), graph)
    if sum(map(len, sets)) != len(set.union(*sets)):
        raise ValueError("x, y and given share a variable; expected disjoint sets")
    ancestors = _reach(set.union(*sets), graph)
    near: dict[str, set[str]] = {name: set() for name in ancestors}
    for child in ancestors:
        for name in graph[child] | {child}:
            near[name] |= graph[child] | {child}
    return not _reach(start, {name: near[name] - known for name in ancestors}) & goal


def _names(group: str | Iterable[str]) -> tuple[str, ...]:
    """Return one name, or several, as a tuple."""
    return (group,) if isinstance(group, str) else tuple(group)


def _sizes(factors: Iterable[Factor]) -> dict[str, int]:
    """Return the number of states of each variable, in order of appearance."""
    sizes: dict[str, int] = {}
    for factor in factors:
        for name, size in zip(factor.variables, factor.table.shape, strict=True):
            if sizes.setdefault(name, size) != size:
                raise ValueError(f"{name} has {sizes[name]} states in one table, {size} in another")
    return sizes


def _require_known(names: Iterable[str], known: Collection[str]) -> None:
    """Raise if a name is not among those that are known."""
    for name in names:
        if name not in known:
            raise ValueError(f"{name} is unknown; expected one of {', '.join(known)}")


def _check(factors: list[Factor], query: tuple[str, ...], evidence: dict[str, int]) -> None:
    """Raise unless the question and the tables make sense."""
    sizes = _sizes(factors)
    _require_known((*query, *evidence), sizes)
    if len(set(query)) != len(query) or not query:
        raise ValueError(f"the query is {query}; expected different variables, at least one")
    for name, state in evidence.items():
        if name in query:
            raise ValueError(f"{name} is both asked for and observed; expected one of the two")
        if state not in range(sizes[name]):
            raise ValueError(f"{name} is {state}; expected a state from 0 to {sizes[name] - 1}")
    for factor in factors:
        if not factor._children:
            fact = f"the table of {factor.variables} sums to 1 over none of its variables"
            raise ValueError(f"{fact}; expected a conditional distribution")
    lost = sorted(set(sizes).difference(*(factor._children for factor in factors)))
    if lost or len(factors) != len(sizes):
        fact = f"there are {len(factors)} tables for {len(sizes)} variables, none about {lost}"
        raise ValueError(f"{fact}; expected one for each")


def _relevant(factors: list[Factor], kept: set[str]) -> list[Factor]:
    """Leave out children that nobody asks about: their tables sum to 1."""
    holders: dict[str, set[int]] = {}
    for place, factor in enumerate(factors):
        for name in factor.variables:
            holders.setdefault(name, set()).add(place)
    out, open_ = set(), [name for name in holders if name not in kept]
    while open_:
        name = open_.pop()
        if len(holders[name]) == 1 and name in factors[min(holders[name])]._children:
            out.add(place := holders[name].pop())
            for other in factors[place].variables:
                holders[other].discard(place)
                open_ += [other] if other not in kept else []
    return [factor for place, factor in enumerate(factors) if place not in out]


def _added(tables: Iterable[Logs], scope: Sequence[str]) -> Array:
    """Add logarithms, which multiplies the tables, on axes in the order of a scope."""
    total: Array = np.zeros((1,) * len(scope))
    for names, logs in tables:
        axes = [names.index(name) for name in scope if name in names]
        at = tuple(slice(None) if name in names else None for name in scope)
        total = total + logs.transpose(axes)[at]
    return total


def _with_roots(parents: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return the parents of every variable, or say that they go round in a circle."""
    graph = {name: set(_names(above)) for name, above in parents.items()}
    for name in [name for above in graph.values() for name in sorted(above)]:
        graph.setdefault(name, set())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        way = " → ".join(circle.args[1])
        raise ValueError(f"there is a circle, {way}; expected a graph without") from None
    return graph


def _reach(start: Iterable[str], near: Mapping[str, set[str]]) -> set[str]:
    """Return what can be reached from some variables, themselves included."""
    found, open_ = set(start), list(start)
    while open_:
        new = near[open_.pop()] - found
        found |= new
        open_ += new
    return found
