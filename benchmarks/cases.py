"""What a benchmark says: a `Case`, a `MoreRight`, a `Growth`.

``benchmarks/structure/pca.py`` compares ``mathforml.structure.pca``, and has one function::

    def cases(rng):
        X = rng.normal(size=(2000, 50))
        yield Case(
            pca,
            "2000 × 50",
            ours=lambda: pca(X, 5).variances,
            theirs=lambda: decomposition.PCA(5, svd_solver="full").fit(X).explained_variance_,
            call='sklearn.decomposition.PCA(5, svd_solver="full").fit(X)',
            goal=1.5,
        )

Data are made before the first ``yield`` that needs them, outside of what is timed.  A library that
may be missing is asked for by `optional`.  Every public function of the module has a comparison, or
stands in the module's ``WITHOUT = {function: "why no library has it"}``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Case", "Comparison", "Growth", "MoreRight", "distance", "optional"]


def distance(ours: Any, theirs: Any) -> float:
    """Return the largest difference of two results, relative to the largest entry of theirs.

    Parameters
    ----------
    ours, theirs : array_like, or tuples of them
        Of the same shapes.  Infinities and NaN must stand in the same places.

    Returns
    -------
    float
        For tuples the largest of all parts.
    """
    if isinstance(ours, tuple) and isinstance(theirs, tuple):
        return max(distance(a, b) for a, b in zip(ours, theirs, strict=True))
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"ours has shape {a.shape}; expected {b.shape}, as theirs")
    finite = np.isfinite(b)
    if not (np.isfinite(a[finite]).all() and np.array_equal(a[~finite], b[~finite], True)):
        return np.inf
    gap = float(np.max(np.abs(a[finite] - b[finite]), initial=0.0))
    return gap / (float(np.max(np.abs(b[finite]), initial=0.0)) or 1.0)


@dataclass(frozen=True)
class Case:
    """A function of ours and what a library has for it, on the same data.

    Attributes
    ----------
    function : callable
        The function of the package.
    data : str
        What it is given: ``"10,000 rows of 100"``.
    ours, theirs : callable
        Without arguments; what is timed, and what is compared.
    call : str
        The library's call as a reader would write it; begins with the library's name.
    goal : float or None
        At most so many times the library's time; None where speed is no aim.
    within : float
        How far the results may be apart.
    difference : callable
        ``(ours, theirs) -> float``, of the two results; their largest relative difference unless
        the results need another measure (a sign left open, two orders).
    note : str
        What a reader of the table should know.
    """

    function: Callable[..., Any]
    data: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    call: str
    goal: float | None = None
    within: float = 1e-12
    difference: Callable[[Any, Any], float] = distance
    note: str = ""


@dataclass(frozen=True)
class MoreRight:
    """An input on which ours is right and the library's answer is not; it is executed.

    Attributes
    ----------
    function : callable
        The function of the package.
    claim : str
        What holds of ours: ``"variances keep their digits at an offset of 1e8"``.
    ours, theirs : callable
        Without arguments; both return numbers.
    call : str
        The library's call.
    truth : array_like, or a subclass of Exception
        What is right, known from elsewhere (by hand, from exact arithmetic). Or the error that
        ours raises, because no answer is right.
    within : float
        How near to the truth ours is; the library's is at least ten times as far from it.
    """

    function: Callable[..., Any]
    claim: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    call: str
    truth: ArrayLike | type[Exception]
    within: float = 1e-12


@dataclass(frozen=True)
class Growth:
    """How time grows with the size of the data.

    Attributes
    ----------
    function : callable
        The function of the package.
    sizes : sequence of int
        Each twice the one before.
    prepare : callable
        From a size to a function without arguments, which is timed.
    derived : float
        The exponent that the page derives: 1 if twice the data take twice the time.
    within : float
        How far above it the fitted exponent may lie.
    note : str
        What a reader should know: ``"n log n"``.
    """

    function: Callable[..., Any]
    sizes: Sequence[int]
    prepare: Callable[[int], Callable[[], Any]]
    derived: float
    within: float = 0.2
    note: str = ""


Comparison = Case | MoreRight | Growth


def optional(name: str) -> Any:
    """Return a module that may not be installed, or None: then leave its cases out.

    Parameters
    ----------
    name : str
        As in an import.

    Returns
    -------
    module or None
        What was committed about it is kept.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
