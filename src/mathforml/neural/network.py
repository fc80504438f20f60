r"""The complete network: forward, backward, training.

A network is affine maps with something bent between them.  Every array on the way forward has a
partner of the same shape on the way back: the bar of a quantity is the gradient of the loss by it.

Read it with the page :doc:`/neural/network`.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mathforml.learning.losses import cross_entropy_grad
from mathforml.neural.activations import relu, relu_vjp, sigmoid, sigmoid_vjp
from mathforml.shapes import Array, check_shapes

__all__ = ["RELU", "SIGMOID", "Activations", "Bend", "Parameters", "backward", "forward"]
__all__ += ["init", "train"]


class Bend(NamedTuple):
    r"""What stands between two affine maps.

    Attributes
    ----------
    map : callable
        :math:`h = \phi(z)`, entry by entry.
    vjp : callable
        Its pullback, ``(z, h_bar) -> z_bar``.
    """

    map: Callable[[Array], Array]
    vjp: Callable[[Array, Array], Array]


RELU = Bend(relu, relu_vjp)
SIGMOID = Bend(sigmoid, sigmoid_vjp)


class Parameters(NamedTuple):
    r"""What training changes; gradients have the same form.

    Attributes
    ----------
    weights : tuple of (d_in, d_out)
        :math:`W^{(l)}`, one for each layer.
    biases : tuple of (d_out,)
        :math:`b^{(l)}`.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]


class Activations(NamedTuple):
    r"""What the way back needs to know of the way forward.

    Attributes
    ----------
    inputs : tuple of (n, d_in)
        What each layer was given: :math:`H^{(0)} = X`, then :math:`H^{(l)} = \phi(Z^{(l)})`.
    sums : tuple of (n, d_out)
        What each layer computed: :math:`Z^{(l)} = H^{(l-1)} W^{(l)} + \mathbf{1} b^{(l)\top}`.
    bend : Bend
        The :math:`\phi` between layers.
    """

    inputs: tuple[Array, ...]
    sums: tuple[Array, ...]
    bend: Bend

    @property
    def scores(self) -> Array:
        """What the last layer computed, (n, k).

        Returns
        -------
        scores : (n, k)
            The last sums.
        """
        return self.sums[-1]


def init(sizes: Sequence[int], rng: np.random.Generator) -> Parameters:
    """Draw weights that keep the size of what passes through, :eq:`eq-network-init`.

    Parameters
    ----------
    sizes : sequence of int
        Width of the input, of each hidden layer, and of the output.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    drawn : Parameters
        Normal weights of variance ``2 / d_in`` and biases of zero.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is not positive.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes is {list(sizes)}; expected two or more positive widths")
    pairs = list(pairwise(sizes))
    return Parameters(
        tuple(rng.normal(0.0, np.sqrt(2 / d_in), (d_in, d_out)) for d_in, d_out in pairs),
        tuple(np.zeros(d_out) for _, d_out in pairs),
    )


def forward(parameters: Parameters, X: ArrayLike, bend: Bend = RELU) -> Activations:
    """Compute the scores and everything on the way to them, :eq:`eq-network-forward`.

    Parameters
    ----------
    parameters : Parameters
        Of each layer.
    X : (n, d)
        Data, one row each.
    bend : Bend
        Between layers, not after the last; the rectifier unless told otherwise.

    Returns
    -------
    activations : Activations
        Inputs and sums of each layer; ``.scores`` are the last sums.

    Raises
    ------
    ValueError
        If the data do not fit the first layer.
    """
    H = np.asarray(X, dtype=float)
    check_shapes("X: n d, W: d k", H, parameters.weights[0])
    inputs: list[Array] = []
    sums: list[Array] = []
    for W, b in zip(*parameters, strict=True):
        H = bend.map(sums[-1]) if sums else H
        inputs.append(H)
        sums.append(H @ W + b)
    return Activations(tuple(inputs), tuple(sums), bend)


def backward(parameters: Parameters, activations: Activations, scores_bar: ArrayLike) -> Parameters:
    """Send the scores' cotangent back to every parameter, :eq:`eq-weight-gradient`.

    Parameters
    ----------
    parameters : Parameters
        As given to :func:`forward`.
    activations : Activations
        What it returned.
    scores_bar : (n, k)
        Gradient of the loss by the scores.

    Returns
    -------
    slopes : Parameters
        Gradients, in the places and shapes of the parameters.

    Raises
    ------
    ValueError
        If the cotangent does not have the shape of the scores.
    """
    Z_bar = np.asarray(scores_bar, dtype=float)
    check_shapes("scores: n k, scores_bar: n k", activations.scores, Z_bar)
    weights, biases = [], []
    for layer in reversed(range(len(parameters.weights))):
        weights.append(activations.inputs[layer].T @ Z_bar)
        biases.append(Z_bar.sum(axis=0))
        if layer:
            H_bar = Z_bar @ parameters.weights[layer].T
            Z_bar = activations.bend.vjp(activations.sums[layer - 1], H_bar)
    return Parameters(tuple(weights[::-1]), tuple(biases[::-1]))


def train(
    parameters: Parameters,
    X: ArrayLike,
    y: ArrayLike,
    *,
    rate: float,
    batch: int,
    epochs: int,
    rng: np.random.Generator,
) -> Iterator[Parameters]:
    """Descend the cross-entropy of shuffled batches, :eq:`eq-network-step`.

    Parameters
    ----------
    parameters : Parameters
        Where to start; left unchanged.
    X : (n, d)
        Data.
    y : (n,) of integers from 0 to k - 1
        True classes.
    rate : float
        Step size; positive.
    batch : int
        Rows in a step; the last step of an epoch takes what is left.
    epochs : int
        How often each row is seen.
    rng : numpy.random.Generator
        Shuffles the rows.

    Yields
    ------
    trained : Parameters
        After each epoch.

    Raises
    ------
    ValueError
        If rows and classes differ in number, or the rate or the batch is not positive.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    check_shapes("X: n d, y: n", X, y)
    if not (rate > 0 and batch > 0):
        raise ValueError(f"rate is {rate} and batch is {batch}; expected positive numbers")
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch):
            rows = order[start : start + batch]
            parameters = _step(parameters, X[rows], y[rows], rate)
        yield parameters


def _step(parameters: Parameters, X: Array, y: Array, rate: float) -> Parameters:
    """Move every parameter against its gradient."""
    activations = forward(parameters, X)
    slopes = backward(parameters, activations, cross_entropy_grad(activations.scores, y))
    return Parameters(
        tuple(W - rate * G for W, G in zip(parameters.weights, slopes.weights, strict=True)),
        tuple(b - rate * g for b, g in zip(parameters.biases, slopes.biases, strict=True)),
    )
