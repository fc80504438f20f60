"""Gradient descent and its kin beside PyTorch and scikit-learn."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from sklearn.neural_network import _stochastic_optimizers as sklearn

from benchmarks.cases import Case, Comparison, optional
from mathforml.optimization.gradient_descent import (
    adam,
    gradient_descent,
    minibatch,
    momentum,
    nesterov,
)

WITHOUT = {minibatch: "it draws rows, and leaves the rest to a gradient"}

torch = optional("torch")
STEPS = 200
TEXT = "200 steps, 1,000 weights"


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    curvatures, x = rng.uniform(1, 9, 1000), rng.normal(size=1000)

    def grad(x: Any) -> Any:
        return curvatures * x

    def ours(walk: Any, *settings: float) -> Callable[[], Any]:
        return lambda: list(islice(walk(grad, x, *settings), STEPS + 1))[-1]

    def scikit(kind: Any, **settings: Any) -> Callable[[], Any]:
        def walk() -> Any:
            y = x.copy()
            stepper = kind([y], **settings)
            for _ in range(STEPS):
                stepper.update_params([y], [grad(y)])
            return y

        return walk

    yield Case(
        nesterov,
        TEXT,
        ours=ours(nesterov, 0.05, 0.8),
        theirs=scikit(sklearn.SGDOptimizer, learning_rate_init=0.05, momentum=0.8, nesterov=True),
        call="sklearn.neural_network's SGDOptimizer(momentum=0.8, nesterov=True)",
        goal=1.5,
    )
    yield Case(
        adam,
        TEXT,
        ours=ours(adam, 0.01),
        theirs=scikit(sklearn.AdamOptimizer, learning_rate_init=0.01),
        call="sklearn.neural_network's AdamOptimizer(0.01)",
        goal=1.5,
        within=1e-4,
        note="theirs adds ε to the uncorrected root",
    )
    if torch is None:
        return

    def beside(kind: Any, **settings: Any) -> Callable[[], Any]:
        slope = torch.tensor(curvatures)

        def walk() -> Any:
            y = torch.tensor(x, requires_grad=True)
            stepper = kind([y], **settings)
            for _ in range(STEPS):
                y.grad = slope * y.detach()
                stepper.step()
            return y.detach().numpy()

        return walk

    SGD, Adam = torch.optim.SGD, torch.optim.Adam
    for walk, settings, theirs, call in [
        (gradient_descent, (0.05,), beside(SGD, lr=0.05), "torch.optim.SGD(x, 0.05)"),
        (
            momentum,
            (0.05, 0.8),
            beside(SGD, lr=0.05, momentum=0.8),
            "torch.optim.SGD(x, 0.05, momentum=0.8)",
        ),
        (
            nesterov,
            (0.05, 0.8),
            beside(SGD, lr=0.05, momentum=0.8, nesterov=True),
            "torch.optim.SGD(x, 0.05, momentum=0.8, nesterov=True)",
        ),
        (adam, (0.01,), beside(Adam, lr=0.01), "torch.optim.Adam(x, 0.01)"),
    ]:
        yield Case(
            walk, TEXT, ours=ours(walk, *settings), theirs=theirs, call=call, goal=1.0, within=1e-10
        )
