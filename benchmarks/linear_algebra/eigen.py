"""Eigenvectors and scores of pages beside NumPy and SciPy."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import eigs

from benchmarks.cases import Case, Comparison, MoreRight
from mathforml.linear_algebra.eigen import (
    jacobi,
    link_matrix,
    pagerank,
    power_iteration,
    rayleigh,
    rotation,
    symmetric_eigen,
)

WITHOUT = {
    jacobi: "a part of symmetric_eigen, which is compared whole",
    rayleigh: "no library has it: it is one line",
}
SLOW = "written to be read; speed is no aim"
GRADED = np.array([[1, 1e9, 1e19], [1e9, 1e20, 1e29], [1e19, 1e29, 1e40]])


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    B = rng.normal(size=(60, 60))
    A = B + B.T
    yield Case(
        symmetric_eigen,
        "60 × 60, random",
        ours=lambda: symmetric_eigen(A).values,
        theirs=lambda: np.linalg.eigh(A).eigenvalues[::-1],
        call="numpy.linalg.eigh(A)",
        note=SLOW,
    )
    P = rng.uniform(size=(300, 300))
    yield Case(
        power_iteration,
        "300 × 300, positive, 20 steps",
        ours=lambda: list(islice(power_iteration(P, np.ones(300)), 21))[-1],
        theirs=lambda: leading(P),
        call="scipy.sparse.linalg.eigs(A, 1)",
        difference=lambda ours, theirs: 1 - abs(float(ours @ theirs)),
        note=SLOW,
    )
    yield Case(
        rotation,
        "one matrix of two rows",
        ours=lambda: np.tan(2 * np.arctan2(*rotation(2.0, 1.0, 5.0)[::-1])),
        theirs=lambda: slope(linalg.eigh([[2.0, 1.0], [1.0, 5.0]])[1]),
        call="scipy.linalg.eigh([[2, 1], [1, 5]])",
        note="the tangent of twice the angle",
    )
    links = (rng.uniform(size=(500, 500)) < 0.02).astype(float)
    links[rng.integers(500, size=5)] = 0
    yield Case(
        pagerank,
        "500 pages, 5,000 links, damping 0.85",
        ours=lambda: pagerank(links, 0.85),
        theirs=lambda: solved(links, 0.85),
        call="numpy.linalg.solve(I - d S, (1 - d) / n)",
        within=1e-11,
        note="no library at hand has it; the same scores by elimination",
    )
    yield Case(
        link_matrix,
        "500 pages, 5,000 links, damping 0.85",
        ours=lambda: link_matrix(links, 0.85),
        theirs=lambda: sparsely(links, 0.85),
        call="scipy.sparse.csr_array(links) scaled by its row sums",
    )
    yield MoreRight(
        symmetric_eigen,
        "the smallest eigenvalue of a graded matrix keeps its digits",
        ours=lambda: symmetric_eigen(GRADED).values[-1],
        theirs=lambda: np.linalg.eigvalsh(GRADED)[0],
        call="numpy.linalg.eigvalsh(A)",
        truth=1 - 1e-2 - (1e9 - 1e8) ** 2 / (1e20 - 1e18),
    )
    yield MoreRight(
        symmetric_eigen,
        "a matrix that is not symmetric is refused",
        ours=lambda: symmetric_eigen([[1.0, 2.0], [0.0, 1.0]]).values,
        theirs=lambda: np.linalg.eigh([[1.0, 2.0], [0.0, 1.0]]).eigenvalues,
        call="numpy.linalg.eigh(A)",
        truth=ValueError,
    )


def leading(A: Any) -> Any:
    """Return the leading eigenvector as ARPACK finds it."""
    return np.real(eigs(A, 1, v0=np.ones(len(A)))[1][:, 0])


def slope(vectors: Any) -> float:
    """Return the tangent of twice the angle by which the axes were turned."""
    x, y = vectors[:, 0]
    return float(2 * x * y / (y * y - x * x))


def solved(links: Any, damping: float) -> Any:
    """Return the scores as the solution of a linear system."""
    n = len(links)
    out = links.sum(axis=1, keepdims=True)
    follow = np.where(out > 0, links / np.maximum(out, 1), 1 / n).T
    return np.linalg.solve(np.eye(n) - damping * follow, np.full(n, (1 - damping) / n))


def sparsely(links: Any, damping: float) -> Any:
    """Return the matrix of chances, with SciPy's sparse product for the links."""
    n, out = len(links), links.sum(axis=1)
    share = sparse.diags_array(1 / np.maximum(out, 1))
    follow = (share @ sparse.csr_array(links)).toarray().T
    return damping * (follow + (out == 0) / n) + (1 - damping) / n
