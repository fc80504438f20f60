"""The public door: parse an equation, verify it, get a certificate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Domain
from mathforml.equations.certificates import Certificate, digest, publish
from mathforml.equations.checking import Excluded, Run
from mathforml.equations.display import Display
from mathforml.equations.errors import (
    EquationError,
    EquationSyntaxError,
    Place,
)  # fmt: skip
from mathforml.equations.labels import find_display
from mathforml.equations.parsing import parse
from mathforml.equations.provenance import package_functions
from mathforml.equations.relations import Tolerance

__all__ = ["verify"]

DRAWS = 5
LABEL = re.compile(r"[A-Za-z][\w:.-]*\Z")


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
    equation : str
        Label of a display of the page, or LaTeX that contains a relation.
    symbols : mapping of str to any, optional
        What the symbols mean: arrays, numbers and functions by name, by LaTeX, or by the
        text of a call.
    where : iterable of str
        Labels of displayed definitions, which become functions of the graph.
    rtol : float, optional
        Relative tolerance, if another than 1e-6 (5 % for ``\approx``).
    draws : callable, optional
        Takes a ``numpy.random.Generator`` and returns a mapping of further, random bindings;
        it is run five times.
    tight : mapping of str to any, optional
        Bindings of a point at which inequalities must hold with equality.
    **named : any
        More symbols, by name.

    Returns
    -------
    Certificate
        What was compared, and how well it held.

    Raises
    ------
    EquationSyntaxError
        If the LaTeX, or a key of the bindings, is not understood.
    UnboundSymbolError
        If a symbol has no value.
    EquationShapeError
        If operands have shapes that the mathematics does not allow.
    EquationMismatch
        If the two sides of a relation differ; it is an ``AssertionError`` too.
    EquationError
        If the equation cannot be executed for another reason; the base of all these.

    Examples
    --------
    >>> import numpy as np
    >>> A, x = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([1.0, -1.0])
    >>> verify(r"\nabla_x x^\top A x = (A + A^\top) x", A=A, x=x).steps[0].relation
    '='
    """
    if not isinstance(equation, str):
        raise EquationError(f"found {type(equation).__name__}; expected a label, or LaTeX as text")
    where = tuple(where)
    if equation in where:
        raise EquationError(f"{equation} cannot be checked against itself; leave it out of where")
    if rtol is not None and not 0 <= rtol < 1:
        raise EquationError(f"rtol is {rtol}; expected a number from 0 to 1")
    label, latex = _source(equation)
    display = parse(latex).display
    if not any(isinstance(n, s.Chain) for n in display.statements):
        raise EquationSyntaxError(
            "no relation here; expected an equation", Place(latex, 0, len(latex))
        )
    definitions = [(w, parse(_source(w)[1]).display) for w in where]
    try:
        with np.errstate(all="ignore"):
            bound = {**(symbols or {}), **named}
            runs = _runs(bound, display, definitions, rtol, draws)
            if tight is not None:
                point = {**bound, **({} if draws is None else _drawn(draws, 0)), **tight}
                _run(point, display, definitions, rtol, tight=True)
    except Excluded as error:
        raise EquationError(error.fact, error.place) from None
    except EquationError as error:
        raise error.at(Place(latex, 0, len(latex))) from None
    except RecursionError:
        raise EquationError("the equation or its bindings are nested too deeply") from None
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise EquationError(
            f"cannot be executed on these bindings: {error}", Place(latex, 0, len(latex))
        ) from error
    certificate = _certificate(label, latex, runs, tight is not None, tuple(where))
    publish(certificate)
    return certificate


def _runs(
    bound: dict[str, Any], display: Display, definitions: list[tuple[str, Display]],
    rtol: float | None, draws: Callable[[np.random.Generator], Mapping[str, Any]] | None,
) -> list[Run]:  # fmt: skip
    """Check once, or on several draws that the side conditions allow."""
    if draws is None:
        return [_run(bound, display, definitions, rtol)]
    runs = []
    for seed in range(DRAWS):
        with suppress(Excluded):
            runs.append(_run({**bound, **_drawn(draws, seed)}, display, definitions, rtol))
    if not runs:
        raise EquationError("no draw meets the side conditions")
    return runs


def _run(
    bound: dict[str, Any], display: Display, definitions: list[tuple[str, Display]],
    rtol: float | None, tight: bool = False,
) -> Run:  # fmt: skip
    """Check under one set of bindings."""
    tolerance = Tolerance(rtol, _has_infinity(bound.values()), tight)
    return Run(bound, display, definitions, tolerance)


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


def _certificate(
    label: str, latex: str, runs: list[Run], tight: bool, where: tuple[str, ...]
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
    used = {k: v for k, v in scope.values.items() if any(k in r.trace.used for r in runs)}
    code = {
        scope.written[k]: tuple(sorted(package_functions(v)))
        for k, v in used.items()
        if callable(v)
    }
    functions = set().union(*(r.trace.functions for r in runs), *code.values())
    shapes = {scope.written[k]: _shape_text(v) for k, v in used.items()}
    methods = tuple(dict.fromkeys(m for r in runs for m in r.trace.notes))
    return Certificate(
        label, latex, digest(latex), tuple(steps), shapes, tuple(sorted(functions)),
        first.readings, len(runs), tight, methods, where, {k: v for k, v in code.items() if v},
    )  # fmt: skip


def _shape_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(value.shape)
    if isinstance(value, Domain):
        return f"a set of {len(value.items)}"
    if callable(value):
        return "function"
    return type(value).__name__
