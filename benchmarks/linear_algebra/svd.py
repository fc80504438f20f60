"""Singular values beside NumPy and SciPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import linalg

from benchmarks.cases import Case, Comparison, MoreRight
from mathforml.linear_algebra.svd import low_rank, pseudo_inverse, svd, turn_columns

WITHOUT = {turn_columns: "a part of svd, which is compared whole"}
SLOW = "written to be read; speed is no aim"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    A = rng.normal(size=(60, 40))
    yield Case(
        svd,
        "60 × 40, random",
        ours=lambda: svd(A).s,
        theirs=lambda: np.linalg.svd(A, full_matrices=False).S,
        call="numpy.linalg.svd(A, full_matrices=False)",
        note=SLOW,
    )
    X = rng.normal(size=(400, 200))
    yield Case(
        low_rank,
        "400 × 200, rank 20",
        ours=lambda: low_rank(X, 20),
        theirs=lambda: truncated(X, 20),
        call="scipy.linalg.svd(X, full_matrices=False), its first 20 terms",
        goal=1.5,
    )
    yield Case(
        pseudo_inverse,
        "400 × 200, full rank",
        ours=lambda: pseudo_inverse(X),
        theirs=lambda: np.linalg.pinv(X),
        call="numpy.linalg.pinv(X)",
        goal=1.5,
    )
    lengths = np.array([1e-60, 1.0, 1e60])
    columns = np.linalg.qr(rng.normal(size=(6, 3))).Q * lengths
    yield MoreRight(
        svd,
        "columns in very different units keep their digits",
        ours=lambda: svd(columns).s / lengths[::-1],
        theirs=lambda: np.linalg.svd(columns, compute_uv=False) / lengths[::-1],
        call="numpy.linalg.svd(A, compute_uv=False)",
        truth=np.ones(3),
    )


def truncated(A: Any, k: int) -> Any:
    """Return the first k terms of the decomposition."""
    U, s, Vt = linalg.svd(A, full_matrices=False)
    return U[:, :k] @ np.diag(s[:k]) @ Vt[:k]
