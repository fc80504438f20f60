"""Derivatives by differences beside SciPy.

They are this book's judges: the aim is digits, on any function, at any point. Time is measured, and
has no goal.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import differentiate, optimize

from benchmarks.cases import Case, Comparison, MoreRight
from mathforml.foundations.derivatives import (
    central_difference,
    derivative,
    directional_derivative,
    forward_difference,
    gradient,
    hessian,
    jacobian,
)

A = np.random.default_rng(0).normal(size=(8, 8))
MORE = "ours looks for the step, evaluates more often and has more digits"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    x, u = rng.normal(size=(2, 8))
    h = 2.0**-20
    yield Case(
        forward_difference,
        "8 numbers, one step",
        ours=lambda: forward_difference(wave, x, h),
        theirs=lambda: np.diag(optimize.approx_fprime(x, wave, h)),
        call="scipy.optimize.approx_fprime(x, f, h)",
        within=1e-8,
        note="theirs takes f for a function of all numbers at once",
    )
    yield Case(
        central_difference,
        "8 numbers, one step",
        ours=lambda: central_difference(wave, x, h),
        theirs=lambda: differentiate.derivative(wave, x, initial_step=h, order=2, maxiter=1).df,
        call="scipy.differentiate.derivative(f, x, initial_step=h, order=2, maxiter=1).df",
        goal=1.0,
        within=1e-9,
    )
    yield Case(
        derivative,
        "8 numbers",
        ours=lambda: derivative(wave, x),
        theirs=lambda: differentiate.derivative(wave, x).df,
        call="scipy.differentiate.derivative(f, x).df",
        within=1e-9,
        note=MORE,
    )
    yield Case(
        jacobian,
        "8 functions of 8 numbers",
        ours=lambda: jacobian(field, x),
        theirs=lambda: differentiate.jacobian(field, x).df,
        call="scipy.differentiate.jacobian(f, x).df",
        within=1e-9,
        note=MORE,
    )
    yield Case(
        directional_derivative,
        "8 functions of 8 numbers",
        ours=lambda: directional_derivative(field, x, u),
        theirs=lambda: differentiate.jacobian(field, x).df @ u,
        call="scipy.differentiate.jacobian(f, x).df @ u",
        within=1e-9,
    )
    yield Case(
        gradient,
        "a function of 8 numbers",
        ours=lambda: gradient(bowl, x),
        theirs=lambda: differentiate.jacobian(bowl, x).df,
        call="scipy.differentiate.jacobian(f, x).df",
        within=1e-9,
        note=MORE,
    )
    yield Case(
        hessian,
        "a function of 8 numbers",
        ours=lambda: hessian(bowl, x),
        theirs=lambda: differentiate.hessian(bowl, x).ddf,
        call="scipy.differentiate.hessian(f, x).ddf",
        within=1e-7,
        note=MORE,
    )
    yield MoreRight(
        derivative,
        "the steps stay on this side of the edge of a domain",
        ours=lambda: derivative(np.log, 0.1),
        theirs=lambda: differentiate.derivative(np.log, 0.1).df,
        call="scipy.differentiate.derivative(log, 0.1).df",
        truth=10.0,
        within=1e-9,
    )
    yield MoreRight(
        gradient,
        "a gradient at numbers of different sizes",
        ours=lambda: gradient(lambda x: x[0] ** 2 * x[1] ** 2, [1e-6, 1e6]),
        theirs=lambda: optimize.approx_fprime([1e-6, 1e6], lambda x: x[0] ** 2 * x[1] ** 2),
        call="scipy.optimize.approx_fprime(x, f)",
        truth=[2e6, 2e-6],
        within=1e-9,
    )
    yield MoreRight(
        derivative,
        "a jump is refused",
        ours=lambda: derivative(np.sign, 0.0),
        theirs=lambda: differentiate.derivative(np.sign, 0.0).df,
        call="scipy.differentiate.derivative(sign, 0.0).df",
        truth=ValueError,
    )


def wave(x: Any) -> Any:
    """Return a number for each number."""
    return np.exp(np.sin(x))


def field(x: Any) -> Any:
    """Return eight numbers for eight, along the first axis."""
    return np.tanh(np.tensordot(A, x, 1))


def bowl(x: Any) -> Any:
    """Return one number for eight, along the first axis."""
    return np.sum(np.cos(np.tensordot(A, x, 1)) ** 2, axis=0)
