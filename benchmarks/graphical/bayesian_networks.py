"""Variable elimination beside pgmpy, d-separation beside networkx."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.cases import Case, Comparison, Growth, MoreRight, optional
from mathforml.graphical.bayesian_networks import (
    Factor,
    d_separated,
    eliminate,
    elimination_order,
    joint,
    multiply,
)

networkx = optional("networkx")
models = optional("pgmpy.models")
discrete = optional("pgmpy.factors.discrete")
inference = optional("pgmpy.inference")

WITHOUT = {
    elimination_order: "a part of eliminate, which is compared whole",
}
A_RINGS = [[[0.999, 0.001], [0.71, 0.29]], [[0.06, 0.94], [0.05, 0.95]]]
ALARM = [
    Factor(("B",), np.array([0.999, 0.001])),
    Factor(("E",), np.array([0.998, 0.002])),
    Factor(("B", "E", "A"), np.array(A_RINGS)),
    Factor(("A", "J"), np.array([[0.95, 0.05], [0.1, 0.9]])),
    Factor(("A", "M"), np.array([[0.99, 0.01], [0.3, 0.7]])),
]
BROKEN = [Factor(("A",), np.array([1.0, 0.0])), Factor(("A", "B"), np.full((2, 2), 0.5))]
CALL = "pgmpy.inference.VariableElimination(model).query([x], evidence)"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    chained, grown = chain(200, rng), tree(60, rng)
    vote = np.array([[0.9, 0.1], [0.1, 0.9]])
    votes = [Factor(("c",), np.full(2, 0.5))]
    votes += [Factor(("c", f"f{k}"), vote) for k in range(700)]
    split = {f"f{k}": int(k < 350) for k in range(700)}
    yield Case(
        joint,
        "the alarm, five tables",
        ours=lambda: joint(ALARM).table,
        theirs=lambda: np.einsum("b,e,bea,aj,am->beajm", *(one.table for one in ALARM)),
        call='numpy.einsum("b,e,bea,aj,am->beajm", …)',
        note="ours knows its axes by name",
    )
    two = [Factor((a, b), rng.dirichlet(np.ones(300), size=300)) for a, b in ("xy", "yz")]
    yield Case(
        multiply,
        "two tables of 300 × 300, one variable summed out",
        ours=lambda: multiply(two, ["x", "z"]).table,
        theirs=lambda: np.einsum("xy,yz->xz", two[0].table, two[1].table),
        call='numpy.einsum("xy,yz->xz", A, B)',
        goal=1.2,
    )
    if models is not None:
        for data, factors, x, evidence, goal in (
            ("the alarm, two calls", ALARM, "B", {"J": 1, "M": 1}, 0.3),
            ("a tree of 60 variables", grown, "x0", {"x59": 1}, 0.15),
            ("a chain of 200 variables", chained, "x0", {"x199": 1}, 2.0),
        ):
            yield Case(
                eliminate,
                data,
                ours=ours(factors, x, evidence),
                theirs=pgmpys(factors, x, evidence),
                call=CALL,
                goal=goal,
                within=1e-10,
                note="the model is built beforehand",
            )
        yield MoreRight(
            eliminate,
            "evidence of probability zero is refused",
            ours=lambda: eliminate(BROKEN, "B", {"A": 1}).table,
            theirs=pgmpys(BROKEN, "B", {"A": 1}),
            call=CALL,
            truth=ValueError,
        )
        yield MoreRight(
            eliminate,
            "350 votes for one class, then 350 for the other, leave a draw",
            ours=lambda: eliminate(votes, "c", split).table,
            theirs=pgmpys(votes, "c", split),
            call=CALL,
            truth=[0.5, 0.5],
            within=1e-9,
        )
    if networkx is not None:
        parents = {
            f"x{k}": [f"x{j}" for j in range(max(0, k - 9), k) if rng.random() < 0.3]
            for k in range(300)
        }
        graph = networkx.DiGraph([(p, name) for name in parents for p in parents[name]])
        given = {f"x{k}" for k in range(100, 200)}
        yield Case(
            d_separated,
            "300 variables, 100 of them known",
            ours=lambda: d_separated(parents, "x20", "x280", given),
            theirs=lambda: networkx.is_d_separator(graph, {"x20"}, {"x280"}, given),
            call="networkx.is_d_separator(graph, {x}, {y}, given)",
            goal=2.0,
        )
    yield Growth(
        eliminate,
        sizes=[500, 1000, 2000],
        prepare=lambda n: ours(chain(n, rng), "x0", {f"x{n - 1}": 1}),
        derived=1.0,
        note="chains: every table that is made has two entries",
    )
    yield Growth(
        d_separated,
        sizes=[500, 1000, 2000, 4000],
        prepare=lambda n: partial(d_separated, links(n), "x0", f"x{n - 1}"),
        derived=1.0,
        note="chains",
    )


def links(n: int) -> dict[str, list[str]]:
    """Return the parents in a chain of variables."""
    return {f"x{k}": [f"x{k - 1}"] for k in range(1, n)}


def chain(n: int, rng: np.random.Generator) -> list[Factor]:
    """Return the tables of a chain of variables."""
    rows = [rng.dirichlet([1, 1], size=2) for _ in range(1, n)]
    links = [Factor((f"x{k}", f"x{k + 1}"), row) for k, row in enumerate(rows)]
    return [Factor(("x0",), rng.dirichlet([1, 1])), *links]


def tree(n: int, rng: np.random.Generator) -> list[Factor]:
    """Return the tables of a random tree of variables with three states."""
    links = [
        Factor((f"x{rng.integers(k)}", f"x{k}"), rng.dirichlet([1, 1, 1], size=3))
        for k in range(1, n)
    ]
    return [Factor(("x0",), rng.dirichlet([1, 1, 1])), *links]


def ours(factors: list[Factor], x: str, evidence: dict[str, int]) -> Callable[[], Any]:
    """Return a function that asks us."""
    return lambda: eliminate(factors, x, evidence).table


def pgmpys(factors: list[Factor], x: str, evidence: dict[str, int]) -> Callable[[], Any]:
    """Return a function that asks pgmpy the same; the last variable of a table is the child."""
    model = models.DiscreteBayesianNetwork()
    model.add_nodes_from([factor.variables[-1] for factor in factors])
    for factor in factors:
        *above, child = factor.variables
        *sizes, states = factor.table.shape
        model.add_edges_from([(name, child) for name in above])
        rows = np.reshape(factor.table, (-1, states)).T
        model.add_cpds(discrete.TabularCPD(child, states, rows, above, sizes))
    start = inference.VariableElimination
    return lambda: start(model).query([x], evidence=evidence, show_progress=False).values
