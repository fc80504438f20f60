"""Activations beside SciPy, NumPy and PyTorch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy import special

from benchmarks.cases import Case, Comparison, MoreRight, optional
from mathforml.neural.activations import (
    relu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    softmax,
    softmax_vjp,
    softplus,
    softplus_vjp,
    tanh,
    tanh_vjp,
)

torch = optional("torch")
N, K = 10_000, 100
NUMBERS, ROWS = "100,000 numbers", "10,000 rows of 100"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    x, x_bar = rng.normal(scale=4, size=(2, 10 * N))
    Z, P_bar = rng.normal(scale=4, size=(2, N, K))
    yield Case(
        sigmoid,
        NUMBERS,
        ours=lambda: sigmoid(x),
        theirs=lambda: special.expit(x),
        call="scipy.special.expit(x)",
        goal=1.3,
    )
    yield Case(
        softmax,
        ROWS,
        ours=lambda: softmax(Z),
        theirs=lambda: special.softmax(Z, axis=-1),
        call="scipy.special.softmax(z, axis=-1)",
        goal=1.2,
    )
    yield Case(
        softplus,
        NUMBERS,
        ours=lambda: softplus(x),
        theirs=lambda: np.logaddexp(0.0, x),
        call="numpy.logaddexp(0, x)",
        goal=1.2,
    )
    yield Case(
        tanh,
        NUMBERS,
        ours=lambda: tanh(x),
        theirs=lambda: np.tanh(x),
        call="numpy.tanh(x)",
        goal=1.1,
    )
    yield Case(
        relu,
        NUMBERS,
        ours=lambda: relu(x),
        theirs=lambda: np.maximum(x, 0.0),
        call="numpy.maximum(x, 0)",
        goal=1.2,
    )
    yield MoreRight(
        sigmoid,
        "a small probability is not rounded to zero",
        ours=lambda: sigmoid(np.array([-40.0, -700.0])),
        theirs=lambda: (1 + np.tanh(np.array([-20.0, -350.0]))) / 2,
        call="(1 + numpy.tanh(x / 2)) / 2",
        truth=np.exp([-40.0, -700.0]) / (1 + np.exp([-40.0, -700.0])),
    )
    yield MoreRight(
        tanh_vjp,
        "a slope at 20 is not rounded to zero",
        ours=lambda: tanh_vjp(np.array(20.0), np.array(1.0)),
        theirs=lambda: 1 - np.tanh(20.0) ** 2,
        call="1 - numpy.tanh(x)**2",
        truth=4 * np.exp(-40.0),
    )
    yield MoreRight(
        softmax,
        "a row with NaN is refused",
        ours=lambda: softmax(np.array([0.0, np.nan])),
        theirs=lambda: special.softmax(np.array([0.0, np.nan])),
        call="scipy.special.softmax(z)",
        truth=ValueError,
    )
    if torch is not None:
        yield from beside_torch(x, x_bar, Z, P_bar)
        yield MoreRight(
            softplus,
            "the last digits at 20.5 are kept",
            ours=lambda: softplus(np.array(20.5)) - 20.5,
            theirs=lambda: torch.nn.functional.softplus(torch.tensor(20.5).double()).item() - 20.5,
            call="torch.nn.functional.softplus(x)",
            truth=np.log1p(np.exp(-20.5)),
            within=1e-5,  # 20.5 itself takes eleven of sixteen digits
        )


def beside_torch(x: Any, x_bar: Any, Z: Any, P_bar: Any) -> Iterator[Comparison]:
    """Yield the pullbacks beside those of PyTorch."""

    def pullback(f: Callable[[Any], Any], at: Any, y_bar: Any) -> Callable[[], Any]:
        """Return a function that pulls a cotangent back, as PyTorch does."""
        leaf, message = torch.tensor(at, requires_grad=True), torch.tensor(y_bar)
        return lambda: torch.autograd.grad(f(leaf), leaf, message)[0].numpy()

    for f, vjp, goal in [
        (torch.relu, relu_vjp, None),
        (torch.sigmoid, sigmoid_vjp, 2.5),
        (torch.tanh, tanh_vjp, 2.0),
        (torch.nn.functional.softplus, softplus_vjp, 1.0),
    ]:
        yield Case(
            vjp,
            NUMBERS,
            ours=partial(vjp, x, x_bar),
            theirs=pullback(f, x, x_bar),
            call=f"torch.autograd.grad of {f.__name__}",
            goal=goal,
            within=1e-8 if vjp is softplus_vjp else 1e-12,
        )
    yield Case(
        softmax_vjp,
        ROWS,
        ours=lambda: softmax_vjp(Z, P_bar),
        theirs=pullback(partial(torch.softmax, dim=-1), Z, P_bar),
        call="torch.autograd.grad of softmax",
        goal=2.5,
    )
