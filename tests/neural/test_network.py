"""The laws of the network, a reference, published numbers, derivatives, refusals."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

from mathforml.foundations.derivatives import gradient
from mathforml.learning.losses import cross_entropy, cross_entropy_grad
from mathforml.neural.activations import sigmoid, sigmoid_vjp
from mathforml.neural.network import RELU, SIGMOID, Parameters, backward, forward, init, train


def moved(parameters, place, layer, value):
    """Return the parameters with one array replaced."""
    arrays = list(getattr(parameters, place))
    arrays[layer] = value
    return parameters._replace(**{place: tuple(arrays)})


# Laws


def test_a_network_without_hidden_layers_is_affine(rng):
    parameters = init([3, 2], rng)
    X = rng.normal(size=(5, 3))
    assert_allclose(forward(parameters, X).scores, X @ parameters.weights[0])


def test_rows_do_not_see_each_other(rng):
    parameters, X = init([4, 6, 3], rng), rng.normal(size=(8, 4))
    alone = np.vstack([forward(parameters, row[None]).scores for row in X])
    assert_allclose(forward(parameters, X).scores, alone)


def test_gradients_of_parts_of_a_batch_add(rng):
    parameters, X = init([4, 6, 3], rng), rng.normal(size=(8, 4))
    bar = rng.normal(size=(8, 3))
    whole = backward(parameters, forward(parameters, X), bar)
    parts = [
        backward(parameters, forward(parameters, X[rows]), bar[rows])
        for rows in (slice(0, 5), slice(5, 8))
    ]
    for place in range(2):
        for layer in range(2):
            both = parts[0][place][layer] + parts[1][place][layer]
            assert_allclose(whole[place][layer], both, atol=1e-12)


def test_gradients_have_the_shapes_of_their_parameters(rng):
    parameters = init([4, 6, 5, 3], rng)
    activations = forward(parameters, rng.normal(size=(2, 4)))
    slopes = backward(parameters, activations, np.ones((2, 3)))
    for own, slope in zip(parameters, slopes, strict=True):
        assert [a.shape for a in own] == [a.shape for a in slope]


def test_signals_keep_their_size_through_twenty_layers(rng):
    """The mean square of the inputs of each layer neither explodes nor vanishes."""
    activations = forward(init([256] * 21, rng), rng.normal(size=(200, 256)))
    sizes = [np.mean(H**2) for H in activations.inputs]
    assert 0.3 < sizes[-1] / sizes[0] < 3


def test_training_is_repeatable_and_leaves_its_start_alone(rng):
    X, y = rng.normal(size=(30, 4)), rng.integers(0, 3, 30)
    start = init([4, 5, 3], rng)
    copy = [W.copy() for W in start.weights]
    runs = [
        list(train(start, X, y, rate=0.1, batch=7, epochs=3, rng=np.random.default_rng(5)))
        for _ in range(2)
    ]
    assert len(runs[0]) == 3
    assert_array_equal(runs[0][-1].weights[0], runs[1][-1].weights[0])
    assert_array_equal(start.weights[0], copy[0])


def test_one_full_batch_is_one_step_of_gradient_descent(rng):
    X, y = rng.normal(size=(6, 4)), rng.integers(0, 3, 6)
    start = init([4, 5, 3], rng)
    (after,) = train(start, X, y, rate=0.3, batch=6, epochs=1, rng=rng)

    def loss(W):
        return cross_entropy(forward(moved(start, "weights", 1, W), X).scores, y)

    expected = start.weights[1] - 0.3 * gradient(loss, start.weights[1])
    assert_allclose(after.weights[1], expected, atol=1e-9)


# References


def test_scores_agree_with_scikit_learn():
    X, y = load_digits(return_X_y=True)
    X = X[:300] / 16
    model = MLPClassifier((20, 15), max_iter=5, random_state=0)
    for _ in range(3):
        model.partial_fit(X, y[:300], classes=range(10))
    parameters = Parameters(tuple(model.coefs_), tuple(model.intercepts_))
    z = forward(parameters, X).scores
    p = np.exp(z - z.max(axis=1, keepdims=True))
    assert_allclose(p / p.sum(axis=1, keepdims=True), model.predict_proba(X), atol=1e-12)


def test_a_reference_of_the_whole_training_loop_agrees(rng):
    """The same five epochs, every line written again from the formulas for two layers."""
    X, y = rng.normal(size=(40, 6)), rng.integers(0, 3, 40)
    start = init([6, 8, 3], rng)
    (W, V), (a, b) = ([w.copy() for w in start.weights], [c.copy() for c in start.biases])
    shuffles = np.random.default_rng(3)
    for _ in range(5):
        order = shuffles.permutation(40)
        for i in range(0, 40, 16):
            rows = order[i : i + 16]
            Z = X[rows] @ W + a
            H = Z * (Z > 0)
            P = np.exp(H @ V + b)
            P = P / P.sum(axis=1, keepdims=True) - np.eye(3)[y[rows]]
            back = (P @ V.T) * (Z > 0) / len(rows)
            V, b = V - 0.2 * H.T @ P / len(rows), b - 0.2 * P.mean(axis=0)
            W, a = W - 0.2 * X[rows].T @ back, a - 0.2 * back.sum(axis=0)
    *_, ours = train(start, X, y, rate=0.2, batch=16, epochs=5, rng=np.random.default_rng(3))
    for theirs, mine in zip((W, V, a, b), ours.weights + ours.biases, strict=True):
        assert_allclose(mine, theirs, atol=1e-12)


# Published numbers


def test_the_network_of_mazur_takes_its_published_step():
    """Matt Mazur's step-by-step example: sigmoid, half the squared error, rate 1/2."""
    W = np.array([[0.15, 0.25], [0.20, 0.30]])
    V = np.array([[0.40, 0.50], [0.45, 0.55]])
    parameters = Parameters((W, V), (np.full(2, 0.35), np.full(2, 0.60)))
    activations = forward(parameters, [[0.05, 0.10]], SIGMOID)
    out = sigmoid(activations.scores)
    target = np.array([[0.01, 0.99]])
    assert_allclose(np.sum((out - target) ** 2) / 2, 0.2983711088, rtol=1e-9)
    slopes = backward(parameters, activations, sigmoid_vjp(activations.scores, out - target))
    assert_allclose((V - 0.5 * slopes.weights[1])[0, 0], 0.35891648, rtol=1e-7)
    assert_allclose((W - 0.5 * slopes.weights[0])[0, 0], 0.14978072, rtol=1e-7)


def test_digits_are_read_with_97_percent_accuracy():
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(X))
    held_back, seen = order[:360], order[360:]
    start = init([64, 64, 10], rng)
    *_, end = train(start, X[seen] / 16, y[seen], rate=0.2, batch=32, epochs=40, rng=rng)
    accuracy = np.mean(forward(end, X[held_back] / 16).scores.argmax(axis=1) == y[held_back])
    assert accuracy >= 0.97


# Derivatives


@pytest.mark.parametrize("bend", [RELU, SIGMOID], ids=["relu", "sigmoid"])
@pytest.mark.parametrize("place", ["weights", "biases"])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_every_gradient_agrees_with_differences(bend, place, layer, rng):
    """The biases are drawn, because zeros put the rows that reach nobody exactly on a kink."""
    parameters = init([4, 6, 5, 3], rng)
    parameters = parameters._replace(biases=tuple(rng.normal(size=d) for d in (6, 5, 3)))
    X, y = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
    activations = forward(parameters, X, bend)
    slopes = backward(parameters, activations, cross_entropy_grad(activations.scores, y))

    def loss(a):
        return cross_entropy(forward(moved(parameters, place, layer, a), X, bend).scores, y)

    expected = gradient(loss, getattr(parameters, place)[layer])
    assert_allclose(getattr(slopes, place)[layer], expected, atol=1e-8)


# Hard input


def test_enormous_data_give_finite_gradients(rng):
    parameters, X = init([4, 6, 3], rng), 1e6 * rng.normal(size=(5, 4))
    activations = forward(parameters, X)
    slopes = backward(parameters, activations, cross_entropy_grad(activations.scores, np.zeros(5)))
    assert all(np.all(np.isfinite(a)) for a in slopes.weights + slopes.biases)


def test_integer_data_are_accepted(rng):
    parameters = init([2, 3], rng)
    assert forward(parameters, [[1, 2]]).scores.dtype == float


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p, r: init([3], r), r"sizes is \[3\]; expected two or more positive widths"),
        (lambda p, r: init([3, 0], r), r"sizes is \[3, 0\]; expected two or more positive"),
        (lambda p, r: forward(p, np.ones((5, 3))), r"W has shape \(4, 6\); .* with d = 3"),
        (
            lambda p, r: backward(p, forward(p, np.ones((5, 4))), np.ones((5, 1))),
            r"scores_bar has shape \(5, 1\); .* with k = 3",
        ),
        (
            lambda p, r: next(
                train(p, np.ones((5, 4)), np.zeros(4), rate=0.1, batch=2, epochs=1, rng=r)
            ),
            r"y has shape \(4,\); .* with n = 5",
        ),
        (
            lambda p, r: next(
                train(p, np.ones((5, 4)), np.zeros(5), rate=0.1, batch=0, epochs=1, rng=r)
            ),
            r"rate is 0.1 and batch is 0; expected positive numbers",
        ),
    ],
)
def test_nonsense_is_refused_with_a_fact_and_a_rule(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(init([4, 6, 3], rng), rng)
