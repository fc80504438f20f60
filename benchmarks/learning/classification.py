"""Logistic and softmax regression beside scikit-learn."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.cases import Case, Comparison, Growth, MoreRight
from mathforml.learning.classification import logistic_regression, softmax_regression

APART = np.array([[-1.0], [1.0]])
ODD_UNITS = np.array([1e-6, 1.0])
X = np.array([[53, 56, 57, 70, 70, 70, 75, 63, 66, 67, 67, 67, 68, 69, 70, 72, 73, 75, 76, 76]]).T
Y = np.array([1] * 7 + [0] * 13)


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    tall, y = two_classes(rng, 10_000, 20)
    for penalty, strength, said in ((0.0, np.inf, "np.inf"), (0.01, 0.01, "1 / (n * penalty)")):
        yield Case(
            logistic_regression,
            f"10,000 rows of 20, penalty {penalty:g}",
            ours=partial(weights, tall, y, penalty),
            theirs=partial(fitted, tall, y, C=strength, solver="newton-cholesky"),
            call=f'sklearn.linear_model.LogisticRegression(C={said}, solver="newton-cholesky", '
            "tol=1e-10)",
            goal=1.0,
            within=1e-8,
        )
        yield Case(
            logistic_regression,
            f"10,000 rows of 20, penalty {penalty:g}",
            ours=partial(weights, tall, y, penalty),
            theirs=partial(fitted, tall, y, C=strength),
            call=f"sklearn.linear_model.LogisticRegression(C={said}, tol=1e-10)",
            goal=1.5,
            within=1e-5,
            note="both to the same tolerance; the default of 1e-4 is faster and less exact",
        )
    wide, classes = many_classes(rng, 5000, 20, 5)
    for penalty, strength, said in ((0.0, np.inf, "np.inf"), (0.01, 0.02, "1 / (n * penalty)")):
        yield Case(
            softmax_regression,
            f"5000 rows of 20, 5 classes, penalty {penalty:g}",
            ours=partial(columns, wide, classes, penalty),
            theirs=partial(centered, wide, classes, strength),
            call=f"sklearn.linear_model.LogisticRegression(C={said}, tol=1e-9)",
            goal=1.2,
            within=1e-5,
            note="their columns with the mean of each row taken off",
        )
    yield MoreRight(
        logistic_regression,
        "separable classes are refused",
        ours=lambda: logistic_regression(APART, [0, 1]).w,
        theirs=lambda: fitted(APART, [0, 1], C=np.inf, tol=1e-4)[0],
        call="sklearn.linear_model.LogisticRegression(C=np.inf)",
        truth=ValueError,
    )
    yield MoreRight(
        softmax_regression,
        "a class that stands apart from the others is refused",
        ours=lambda: softmax_regression(APART, [0, 1], 2).W,
        theirs=lambda: fitted(APART, [0, 1], C=np.inf, tol=1e-4)[0],
        call="sklearn.linear_model.LogisticRegression(C=np.inf)",
        truth=ValueError,
    )
    scaled = np.column_stack([X * ODD_UNITS[0], X**2 * ODD_UNITS[1]])
    yield MoreRight(
        logistic_regression,
        "columns of 1e-5 and 1e3 get the weights that they have in other units",
        ours=lambda: logistic_regression(scaled, Y).w * ODD_UNITS,
        theirs=lambda: fitted(scaled, Y, C=np.inf, tol=1e-4) * ODD_UNITS,
        call="sklearn.linear_model.LogisticRegression(C=np.inf)",
        truth=standardized(),
        within=1e-7,
    )
    yield Growth(
        logistic_regression,
        [20_000, 40_000, 80_000, 160_000],
        prepare=prepared,
        derived=1.0,
        note="ten columns; the steps are as many for all sizes",
    )


def two_classes(rng: np.random.Generator, n: int, d: int) -> tuple[Any, Any]:
    """Return features, and classes that follow a logistic law."""
    X = rng.normal(size=(n, d))
    p = 1 / (1 + np.exp(-X @ rng.normal(size=d) / np.sqrt(d / 4)))
    return X, (rng.random(n) < p).astype(int)


def prepared(n: int) -> Callable[[], Any]:
    """Return a fit of n rows."""
    X, y = two_classes(np.random.default_rng(0), n, 10)
    return lambda: logistic_regression(X, y, 0.01)


def many_classes(rng: np.random.Generator, n: int, d: int, k: int) -> tuple[Any, Any]:
    """Return features, and classes that follow a softmax law."""
    X = rng.normal(size=(n, d))
    Z = X @ rng.normal(size=(d, k)) / np.sqrt(d / 4)
    return X, np.argmax(Z + rng.gumbel(size=(n, k)), axis=1)


def fitted(X: Any, y: Any, **options: Any) -> Any:
    """Return the weights that scikit-learn finds."""
    found = LogisticRegression(**{"tol": 1e-10, "max_iter": 1000, **options}).fit(X, y)
    return found.coef_[0] if len(found.coef_) == 1 else found.coef_


def centered(X: Any, y: Any, strength: float) -> Any:
    """Return the weights that scikit-learn finds as columns, each row with the sum zero."""
    coef = fitted(X, y, C=strength, tol=1e-9)
    return (coef - coef.mean(axis=0)).T


def weights(X: Any, y: Any, penalty: float) -> Any:
    """Return our weights of two classes."""
    return logistic_regression(X, y, penalty).w


def columns(X: Any, y: Any, penalty: float) -> Any:
    """Return our weights of five classes."""
    return softmax_regression(X, y, 5, penalty).W


def standardized() -> Any:
    """Return the weights of two columns, by a fit of centered columns of one size."""
    both = np.column_stack([X, X**2]).astype(float)
    z = (both - both.mean(axis=0)) / both.std(axis=0)
    return fitted(z, Y, C=np.inf, solver="newton-cholesky", tol=1e-13) / both.std(axis=0)
