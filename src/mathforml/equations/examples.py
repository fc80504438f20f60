"""What the examples of the table of notation are run on."""

from typing import Any

import numpy as np

from mathforml.equations.distributions import Finite, Samples

__all__ = [
    "actions",
    "bayes",
    "die",
    "labels",
    "layers",
    "matrices",
    "paired",
    "regression",
    "series",
    "sigmoid",
    "softmax",
    "softmax_bound",
    "vectors",
]


def vectors() -> dict[str, Any]:
    """Bind vectors."""
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, 4))
    return {"x": x, "y": y, "z": z, "n": 4}


def matrices() -> dict[str, Any]:
    """Bind matrices."""
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(2, 3, 3))
    return {"A": A, "B": B, "S": A @ A.T + np.eye(3), "x": rng.normal(size=3)}


def regression() -> dict[str, Any]:
    """Bind regression."""
    rng = np.random.default_rng(2)
    return {"X": rng.normal(size=(5, 3)), "w": rng.normal(size=3), "y": rng.normal(size=5)}


def softmax(z: Any) -> Any:
    """Turn scores into probabilities."""
    weights = np.exp(z - np.max(z))
    return weights / weights.sum()


def sigmoid(z: Any) -> Any:
    """Evaluate the logistic function."""
    return 1 / (1 + np.exp(-z))


def softmax_bound() -> dict[str, Any]:
    """Bind softmax bound."""
    return {"p": softmax, "z": np.array([0.3, -1.2, 0.8])}


def die() -> dict[str, Any]:
    """Bind die."""
    return {"p": Finite(range(1, 7), [0.1, 0.1, 0.2, 0.2, 0.2, 0.2]), "x": range(1, 7)}


def actions() -> dict[str, Any]:
    """Bind actions."""
    Q = np.random.default_rng(3).normal(size=(2, 3))
    return {"V": lambda s: Q[s].max(), "Q": lambda s, a: Q[s, a], "s": range(2), "a'": range(3)}


def bayes() -> dict[str, Any]:
    """Bind bayes."""
    joint = np.array([[0.1, 0.2, 0.1], [0.3, 0.1, 0.2]])
    return {
        r"p(x \mid y)": lambda x, y: joint[x, y] / joint[:, y].sum(),
        r"p(y \mid x)": lambda y, x: joint[x, y] / joint[x].sum(),
        "p(x)": lambda x: joint[x].sum(),
        "p(y)": lambda y: joint[:, y].sum(),
        "x": range(2),
        "y": range(3),
    }


def layers() -> dict[str, Any]:
    """Bind layers."""
    rng = np.random.default_rng(4)
    W = [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
    return {"W": W, "x": np.ones(3), "L": 2, "f": lambda x: W[1] @ W[0] @ x}


def paired() -> dict[str, Any]:
    """Bind paired."""
    rng = np.random.default_rng(5)
    X = 2 + rng.normal(size=400)
    return {"X": Samples(X), "Y": Samples(X + rng.normal(size=400))}


def series() -> dict[str, Any]:
    """Bind series."""
    return {"s": 1.5 ** np.arange(6), "a": 1.5}


def labels() -> dict[str, Any]:
    """Bind labels."""
    return {"y": np.array([2, 1, 2]), "Y": np.array([[0, 1], [1, 0], [0, 1]])}
