"""Losses beside scikit-learn and PyTorch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy import special
from sklearn import metrics

from benchmarks.cases import Case, Comparison, MoreRight, optional
from mathforml.learning.losses import (
    absolute_error,
    absolute_error_grad,
    binary_cross_entropy,
    binary_cross_entropy_grad,
    cross_entropy,
    cross_entropy_grad,
    hinge,
    hinge_grad,
    huber,
    huber_grad,
    squared_error,
    squared_error_grad,
)

torch = optional("torch")
N, K = 10_000, 100
SURE = np.array([[1000.0, 0.0, -1000.0]])
NEAR = np.array([[0.0, -40.0]])


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    y_hat, y = rng.normal(size=(2, N))
    Z = rng.normal(scale=3, size=(N, K))
    two, many = rng.integers(0, 2, N), rng.integers(0, K, N)
    numbers, rows = "10,000 numbers", "10,000 rows of 100"
    yield Case(
        squared_error,
        numbers,
        ours=lambda: squared_error(y_hat, y),
        theirs=lambda: metrics.mean_squared_error(y, y_hat),
        call="sklearn.metrics.mean_squared_error(y, y_hat)",
        goal=1.0,
    )
    yield Case(
        absolute_error,
        numbers,
        ours=lambda: absolute_error(y_hat, y),
        theirs=lambda: metrics.mean_absolute_error(y, y_hat),
        call="sklearn.metrics.mean_absolute_error(y, y_hat)",
        goal=1.0,
    )
    yield Case(
        huber,
        numbers,
        ours=lambda: huber(y_hat, y),
        theirs=lambda: special.huber(1.0, y_hat - y).mean(),
        call="scipy.special.huber(1.0, y_hat - y).mean()",
        goal=2.0,
    )
    yield Case(
        hinge,
        numbers,
        ours=lambda: hinge(y_hat, two),
        theirs=lambda: metrics.hinge_loss(two, y_hat),
        call="sklearn.metrics.hinge_loss(y, z)",
        goal=1.0,
    )
    yield Case(
        binary_cross_entropy,
        numbers,
        ours=lambda: binary_cross_entropy(y_hat, two),
        theirs=lambda: metrics.log_loss(two, special.expit(y_hat)),
        call="sklearn.metrics.log_loss(y, scipy.special.expit(z))",
        goal=1.0,
    )
    yield Case(
        cross_entropy,
        rows,
        ours=lambda: cross_entropy(Z, many),
        theirs=lambda: metrics.log_loss(many, special.softmax(Z, axis=1)),
        call="sklearn.metrics.log_loss(y, scipy.special.softmax(z, axis=1))",
        goal=1.1,
    )
    yield Case(
        cross_entropy,
        rows,
        ours=lambda: cross_entropy(Z, many),
        theirs=lambda: -special.log_softmax(Z, axis=1)[np.arange(N), many].mean(),
        call="-scipy.special.log_softmax(z, axis=1)[rows, y].mean()",
        goal=1.1,
    )
    yield MoreRight(
        cross_entropy,
        "a loss of 2000 stays 2000",
        ours=lambda: cross_entropy(SURE, [2]),
        theirs=lambda: metrics.log_loss([2], special.softmax(SURE, axis=1), labels=[0, 1, 2]),
        call="sklearn.metrics.log_loss(y, scipy.special.softmax(z, axis=1))",
        truth=2000.0,
    )
    yield MoreRight(
        cross_entropy,
        "a tiny loss, $e^{-40}$, is not rounded to zero",
        ours=lambda: cross_entropy(NEAR, [0]),
        theirs=lambda: metrics.log_loss([0], special.softmax(NEAR, axis=1), labels=[0, 1]),
        call="sklearn.metrics.log_loss(y, scipy.special.softmax(z, axis=1))",
        truth=np.exp(-40.0),
    )
    if torch is not None:
        yield from beside_torch(y_hat, y, Z, two, many)


def beside_torch(y_hat: Any, y: Any, Z: Any, two: Any, many: Any) -> Iterator[Comparison]:
    """Yield what PyTorch has, values and gradients."""
    F = torch.nn.functional
    scores, truth = torch.tensor(y_hat), torch.tensor(y)
    wide, classes, either = torch.tensor(Z), torch.tensor(many), torch.tensor(two.astype(float))

    def slope(loss: Callable[..., Any], at: Any, *others: Any) -> Callable[[], Any]:
        """Return a function that computes the gradient of a loss, as PyTorch does."""
        leaf = at.clone().requires_grad_()
        return lambda: torch.autograd.grad(loss(leaf, *others), leaf)[0].numpy()

    numbers, rows = "10,000 numbers", "10,000 rows of 100"
    yield Case(
        cross_entropy,
        rows,
        ours=lambda: cross_entropy(Z, many),
        theirs=lambda: F.cross_entropy(wide, classes).item(),
        call="torch.nn.functional.cross_entropy(z, y)",
    )
    for ours, theirs, name, other in [
        (squared_error_grad, F.mse_loss, "mse_loss", truth),
        (absolute_error_grad, F.l1_loss, "l1_loss", truth),
        (huber_grad, F.huber_loss, "huber_loss", truth),
        (
            binary_cross_entropy_grad,
            F.binary_cross_entropy_with_logits,
            "binary_cross_entropy_with_logits",
            either,
        ),
    ]:
        given = two if other is either else y
        yield Case(
            ours,
            numbers,
            ours=partial(ours, y_hat, given),
            theirs=slope(theirs, scores, other),
            call=f"torch.nn.functional.{name}, differentiated",
            goal=1.0,
        )
    yield Case(
        hinge_grad,
        numbers,
        ours=lambda: hinge_grad(y_hat, two),
        theirs=slope(lambda z: torch.clamp(1 - (2 * either - 1) * z, min=0).mean(), scores),
        call="torch.clamp(1 - side * z, min=0).mean(), differentiated",
        goal=1.0,
    )
    yield Case(
        cross_entropy_grad,
        rows,
        ours=lambda: cross_entropy_grad(Z, many),
        theirs=slope(F.cross_entropy, wide, classes),
        call="torch.nn.functional.cross_entropy, differentiated",
        goal=1.5,
    )
