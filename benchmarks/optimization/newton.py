"""L-BFGS and Newton's method beside SciPy."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy import optimize

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.optimization._line_search import Iterate
from mathforml.optimization.newton import (
    backtrack,
    lbfgs,
    lbfgs_iterates,
    newton,
    newton_direction,
    two_loop,
    wolfe_step,
)

WITHOUT = {
    backtrack: "a part of newton, which is compared whole",
    lbfgs_iterates: "a part of lbfgs, which is compared whole",
}
START = np.array([-1.2, 1.0])
CALL = 'scipy.optimize.minimize(f, x, jac=True, method="L-BFGS-B")'
SAME = "both to the same largest entry of the gradient"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    loss = logistic(rng.normal(size=(5000, 200)), rng)
    valley, many = np.ones(2), 100_000
    yield Case(
        lbfgs,
        "Rosenbrock, 2 variables",
        ours=lambda: lbfgs(rosenbrock, START).x,
        theirs=scipys(rosenbrock, START, 1e-8),
        call=CALL,
        goal=2.5,
        within=1e-8,
        note=SAME,
    )
    yield Case(
        lbfgs,
        "a logistic loss, 5,000 rows of 200",
        ours=lambda: lbfgs(loss, np.zeros(200)).x,
        theirs=scipys(loss, np.zeros(200), 1e-8),
        call=CALL,
        goal=1.2,
        within=1e-6,
        note=SAME,
    )
    bowl = parabola(np.linspace(1, 100, many))
    yield Case(
        lbfgs,
        "a parabola, 100,000 variables",
        ours=lambda: lbfgs(bowl, np.zeros(many)).x,
        theirs=scipys(bowl, np.zeros(many), 1e-8),
        call=CALL,
        goal=1.2,
        within=1e-6,
        note=SAME,
    )
    yield Case(
        newton,
        "Rosenbrock, 2 variables",
        ours=lambda: last(newton(optimize.rosen_der, optimize.rosen_hess, START, optimize.rosen)),
        theirs=lambda: (
            optimize.minimize(
                optimize.rosen,
                START,
                jac=optimize.rosen_der,
                hess=optimize.rosen_hess,
                method="trust-exact",
                options={"gtol": 1e-10},
            ).x
        ),
        call='scipy.optimize.minimize(f, x, jac=g, hess=h, method="trust-exact")',
        goal=1.0,
        within=1e-9,
        note="ours goes on to the last digit",
    )
    yield from parts(rng)
    tiny, wrong = scaled(1e-10, 1e-10), scaled(1.0, -1.0)
    yield MoreRight(
        lbfgs,
        "a loss in tiny units has its minimum where it was",
        ours=lambda: lbfgs(tiny, START).x,
        theirs=lambda: optimize.minimize(tiny, START, jac=True, method="L-BFGS-B").x,
        call=CALL,
        truth=valley,
        within=1e-5,
    )
    yield MoreRight(
        lbfgs,
        "a gradient of something else is refused",
        ours=lambda: lbfgs(wrong, START).x,
        theirs=lambda: optimize.minimize(wrong, START, jac=True, method="L-BFGS-B").x,
        call=CALL,
        truth=ValueError,
    )
    yield Growth(
        two_loop,
        sizes=[50_000, 100_000, 200_000, 400_000],
        prepare=lambda n: partial(two_loop, np.ones(n), [(np.ones(n), np.ones(n))] * 10),
        derived=1.0,
        note="ten pairs, some 40 n operations",
    )


def parts(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield what Newton's method and L-BFGS are made of."""
    half = rng.normal(size=(200, 200))
    H, g = half @ half.T + np.eye(200), rng.normal(size=200)
    yield Case(
        newton_direction,
        "200 variables",
        ours=lambda: newton_direction(g, H),
        theirs=lambda: np.linalg.solve(H, -g),
        call="numpy.linalg.solve(H, -g)",
        goal=2.0,
        note="ours looks first whether the parabola has a minimum",
    )
    yield Growth(
        newton_direction,
        sizes=[200, 400, 800],
        prepare=lambda n: partial(newton_direction, np.ones(n), np.eye(n) + 1),
        derived=3.0,
    )
    S = rng.normal(size=(10, 10_000))
    Y = S * np.append(rng.uniform(1, 9, (9, 10_000)), np.ones((1, 10_000)), axis=0)
    q, remembered = rng.normal(size=10_000), list(zip(S, Y, strict=True))
    yield Case(
        two_loop,
        "10,000 variables, 10 pairs",
        ours=lambda: two_loop(q, remembered),
        theirs=lambda: optimize.LbfgsInvHessProduct(S, Y) @ q,
        call="scipy.optimize.LbfgsInvHessProduct(s, y) @ q",
        goal=1.0,
        note="theirs begins with a curvature of 1, here that of the last pair, too",
    )
    at = Iterate(START, *rosenbrock(START))
    yield Case(
        wolfe_step,
        "Rosenbrock, against the gradient",
        ours=lambda: (wolfe_step(rosenbrock, at, -at.gradient) or at).x,
        theirs=lambda: (
            START
            - at.gradient
            * optimize.line_search(optimize.rosen, optimize.rosen_der, START, -at.gradient)[0]
        ),
        call="scipy.optimize.line_search(f, g, x, p)",
        goal=1.0,
        difference=too_steep,
        note="the steps differ; the difference is by how much ours breaks the two conditions",
    )


def too_steep(ours: Any, theirs: Any) -> float:
    """Return by how much our step breaks Wolfe's conditions, if theirs keeps them."""
    value, g = rosenbrock(START)
    broken = []
    for x in (ours, theirs):
        after, slope = rosenbrock(x)
        flatter = abs(slope @ g) - 0.9 * (g @ g)
        lower = after - value + 1e-4 * np.linalg.norm(x - START) * np.linalg.norm(g)
        broken.append(max(flatter, lower, 0.0))
    return broken[0] if broken[1] == 0 else np.inf


def rosenbrock(x: Any) -> tuple[float, Any]:
    """Return value and gradient without the detours of a general dimension."""
    a, b = x.tolist()
    gap = b - a * a
    return (1 - a) ** 2 + 100 * gap**2, np.array([-2 * (1 - a) - 400 * a * gap, 200 * gap])


def scaled(by: float, slope: float) -> Callable[[Any], tuple[float, Any]]:
    """Return Rosenbrock's function with its value and its gradient scaled."""

    def f_and_grad(x: Any) -> tuple[float, Any]:
        value, gradient = rosenbrock(x)
        return by * value, slope * gradient

    return f_and_grad


def parabola(curvatures: Any) -> Callable[[Any], tuple[float, Any]]:
    """Return a parabola with these curvatures along the axes."""

    def f_and_grad(x: Any) -> tuple[float, Any]:
        bent = curvatures * x
        return 0.5 * float(x @ bent) - float(x.sum()), bent - 1

    return f_and_grad


def logistic(X: Any, rng: np.random.Generator) -> Callable[[Any], tuple[float, Any]]:
    """Return a penalized logistic loss with its gradient."""
    n, d = X.shape
    side = np.sign(X @ rng.normal(size=d) / 10 + rng.normal(size=n))

    def f_and_grad(w: Any) -> tuple[float, Any]:
        margin = side * (X @ w)
        push = -side / (1 + np.exp(margin))
        loss = np.mean(np.logaddexp(0, -margin)) + 0.005 * w @ w
        return float(loss), X.T @ push / n + 0.01 * w

    return f_and_grad


def scipys(f_and_grad: Any, x: Any, tol: float) -> Callable[[], Any]:
    """Return a function that minimizes as SciPy does, until our own test is passed."""
    steepest = float(np.abs(f_and_grad(x)[1]).max())
    options = {"gtol": tol * min(1.0, steepest), "ftol": 0, "maxiter": 15_000, "maxfun": 100_000}
    find = optimize.minimize
    return lambda: find(f_and_grad, x, jac=True, method="L-BFGS-B", options=options).x


def last(iterates: Iterator[Any]) -> Any:
    """Return the last iterate."""
    *_, end = iterates
    return end
