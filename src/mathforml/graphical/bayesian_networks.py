r"""Bayesian networks: a joint distribution from small tables, asked without ever being built.

A factor is a table with a name for each axis.  A network is a sequence of factors, each a
conditional distribution whose last variable is the child: ``Factor(("B", "E", "A"), table)`` holds
:math:`p(A \mid B, E)`.

Read it with the page :doc:`/graphical/bayesian_networks`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mathforml.shapes import Array

__all__ = ["Factor", "d_separated", "eliminate", "joint", "multiply", "restrict"]

TOLERANCE = 1e-8  # by which the rows of a conditional table may miss 1


@dataclass(frozen=True, eq=False)
class Factor:
    """A table with a variable for each axis.

    Parameters
    ----------
    variables : tuple of str
        Names of the axes, each once.
    table : (...)
        Finite numbers of at least 0, in float64.

    Raises
    ------
    ValueError
        If the names do not fit the axes, or an entry is negative or not finite.
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


def multiply(factors: Iterable[Factor], keep: Sequence[str]) -> Factor:
    """Multiply factors and sum out all variables but some, :eq:`eq-factor-product`.

    Parameters
    ----------
    factors : iterable of Factor
        Tables; a variable has the same number of states in all of them.
    keep : sequence of str
        The variables that stay, in the order of the axes of the result.

    Returns
    -------
    Factor
        Over the variables kept.

    Raises
    ------
    ValueError
        If a variable that is to stay occurs in no factor.
    """
    factors = list(factors)
    sizes = _sizes(factors)
    for name in keep:
        if name not in sizes:
            raise ValueError(f"{name} is in no factor; there are {', '.join(sizes)}")
    axis = {name: place for place, name in enumerate(sizes)}
    terms: list[Any] = [
        part for f in factors for part in (f.table, [axis[name] for name in f.variables])
    ]
    terms.append([axis[name] for name in keep])
    table = np.einsum(*terms, optimize="greedy")
    return Factor(tuple(keep), table)


def restrict(factor: Factor, evidence: Mapping[str, int]) -> Factor:
    """Keep the part of a table that agrees with what was observed.

    Parameters
    ----------
    factor : Factor
        A table.
    evidence : mapping of str to int
        The observed state of some variables, from 0; variables of other factors may be among them.

    Returns
    -------
    Factor
        Over the variables that were not observed.

    Raises
    ------
    ValueError
        If a variable has no such state.
    """
    for name, size in zip(factor.variables, factor.table.shape, strict=True):
        if name in evidence and not 0 <= evidence[name] < size:
            raise ValueError(f"{name} is {evidence[name]}; expected a state from 0 to {size - 1}")
    place = tuple(evidence.get(name, slice(None)) for name in factor.variables)
    names = tuple(name for name in factor.variables if name not in evidence)
    return Factor(names, factor.table[place])


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

    Raises
    ------
    ValueError
        If two tables disagree on the number of states of a variable.
    """
    factors = list(factors)
    return multiply(factors, list(_sizes(factors)))


def eliminate(
    factors: Iterable[Factor], query: str | Sequence[str], evidence: Mapping[str, int] | None = None
) -> Factor:
    """Compute a conditional distribution by variable elimination, :eq:`eq-elimination`.

    Parameters
    ----------
    factors : iterable of Factor
        The conditional distributions of a network: each sums to 1 over one of its variables.
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
        If a table sums to 1 over none of its variables, tables disagree on the number of states, a
        name or a state is unknown, a variable is both asked for and observed, or the evidence has
        probability zero.

    Notes
    -----
    The variable whose elimination makes the smallest table goes first.  Tables are rescaled as they
    are made, so that evidence on thousands of variables does not underflow.
    """
    factors, evidence = list(factors), dict(evidence or {})
    query = (query,) if isinstance(query, str) else tuple(query)
    _check(factors, query, evidence)
    work = [restrict(factor, evidence) for factor in factors]
    sizes, holders = _sizes(work), _holders(work)
    live = dict(enumerate(work))
    scopes = {name: _scope(live, holders[name]) for name in sizes if name not in query}
    while scopes:
        name = min(scopes, key=lambda name: _volume(scopes[name], sizes))
        scope = scopes.pop(name) - {name}
        used = holders.pop(name)
        product = multiply([live.pop(place) for place in sorted(used)], sorted(scope))
        place = len(factors) + len(sizes) - len(scopes)
        live[place] = _rescaled(product)
        for other in scope:
            holders[other] = holders[other] - used | {place}
            if other in scopes:
                scopes[other] = _scope(live, holders[other])
    answer = _rescaled(multiply(live.values(), query))
    return Factor(query, answer.table / answer.table.sum())


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
    Only the variables asked about and their ancestors count; among them parents of a common child
    are joined, arrows lose their heads, and what is known is cut out.  What is then still connected
    may depend on each other.
    """
    graph = _with_roots(parents)
    sets = [{group} if isinstance(group, str) else set(group) for group in (x, y, given)]
    for name in set.union(*sets):
        if name not in graph:
            raise ValueError(f"{name} is not in the graph; there are {', '.join(graph)}")
    if sum(map(len, sets)) != len(set.union(*sets)):
        raise ValueError("x, y and given share a variable; expected disjoint sets")
    start, goal, known = sets
    ancestors = _reach(set.union(*sets), graph)
    near: dict[str, set[str]] = {name: set() for name in ancestors}
    for child in ancestors:
        family = graph[child] | {child}
        for name in family:
            near[name] |= family
    return not _reach(start, {name: near[name] - known for name in ancestors}) & goal


def _sizes(factors: Iterable[Factor]) -> dict[str, int]:
    """Return the number of states of each variable, in order of appearance."""
    sizes: dict[str, int] = {}
    for factor in factors:
        for name, size in zip(factor.variables, factor.table.shape, strict=True):
            if sizes.setdefault(name, size) != size:
                raise ValueError(f"{name} has {sizes[name]} states in one table, {size} in another")
    return sizes


def _check(factors: list[Factor], query: tuple[str, ...], evidence: dict[str, int]) -> None:
    """Raise unless the question and the tables make sense."""
    sizes = _sizes(factors)
    for name in (*query, *evidence):
        if name not in sizes:
            raise ValueError(f"{name} is in no factor; there are {', '.join(sizes)}")
    if len(set(query)) != len(query) or not query:
        raise ValueError(f"the query is {query}; expected different variables, at least one")
    if both := [name for name in query if name in evidence]:
        raise ValueError(f"{both[0]} is both asked for and observed")
    for factor in factors:
        sums = [factor.table.sum(axis=axis) for axis in range(factor.table.ndim)]
        if not any(np.all(np.abs(s - 1) <= TOLERANCE) for s in sums):
            raise ValueError(
                f"the table of {factor.variables} sums to 1 over none of its variables; "
                "expected a conditional distribution"
            )


def _holders(factors: list[Factor]) -> dict[str, set[int]]:
    """Return the places of the factors that hold each variable."""
    holders: dict[str, set[int]] = {}
    for place, factor in enumerate(factors):
        for name in factor.variables:
            holders.setdefault(name, set()).add(place)
    return holders


def _scope(live: Mapping[int, Factor], places: Iterable[int]) -> set[str]:
    """Return the variables that occur in some factors."""
    return {name for place in places for name in live[place].variables}


def _volume(names: Iterable[str], sizes: Mapping[str, int]) -> int:
    """Return the number of entries of a table over some variables."""
    volume = 1
    for name in names:
        volume *= sizes[name]
    return volume


def _rescaled(factor: Factor) -> Factor:
    """Divide a table by its largest entry, or say that nothing is possible."""
    largest = factor.table.max()
    if largest == 0:
        raise ValueError("the evidence has probability zero; nothing can be concluded from it")
    return Factor(factor.variables, factor.table / largest)


def _with_roots(parents: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return the parents of every variable, or say that they go round in a circle."""
    graph = {
        name: {above} if isinstance(above, str) else set(above) for name, above in parents.items()
    }
    for name in [name for above in graph.values() for name in above]:
        graph.setdefault(name, set())
    for name in graph:
        if name in _reach(graph[name], graph):
            raise ValueError(f"{name} is its own ancestor; expected a graph without cycles")
    return graph


def _reach(start: Iterable[str], near: Mapping[str, set[str]]) -> set[str]:
    """Return what can be reached from some variables, themselves included."""
    found, open_ = set(start), list(start)
    while open_:
        new = near[open_.pop()] - found
        found |= new
        open_ += new
    return found
