"""The network beside PyTorch: forward, backward, and epochs of training."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.cases import Case, Comparison, optional
from mathforml.neural.network import Parameters, backward, forward, init, train

torch = optional("torch")
SIZES = 64, 64, 10

WITHOUT = {init: "random: its law is tested, no two libraries draw alike"}
RATE, BATCH = 0.1, 64


def cases(rng: np.random.Generator) -> Iterator[Comparison]:
    """Yield the comparisons."""
    if torch is None:
        return
    parameters = init(SIZES, rng)
    X, y = rng.normal(size=(2048, SIZES[0])), rng.integers(0, SIZES[-1], 2048)
    batch = torch.tensor(X[:BATCH])
    message = rng.normal(size=(BATCH, SIZES[-1]))
    model = twin(parameters)
    yield Case(
        forward,
        "64 rows, layers 64-64-10",
        ours=lambda: forward(parameters, X[:BATCH]).scores,
        theirs=lambda: model(batch).detach().numpy(),
        call="torch.nn.Sequential(Linear, ReLU, Linear)(X)",
        goal=1.5,
    )
    yield Case(
        backward,
        "64 rows, with the way forward",
        ours=lambda: flat(backward(parameters, forward(parameters, X[:BATCH]), message)),
        theirs=lambda: slopes(model, batch, torch.tensor(message)),
        call="torch.autograd.grad(model(X), model.parameters(), scores_bar)",
        goal=1.0,
    )
    for loaded, call, goal in [
        (True, "torch.utils.data.DataLoader, torch.optim.SGD", 0.3),
        (False, "torch.optim.SGD, rows by index", 0.6),
    ]:
        yield Case(
            train,
            "5 epochs of 2,048 rows, batches of 64",
            ours=lambda: flat(trained(parameters, X, y)),
            theirs=partial(epochs, parameters, torch.tensor(X), torch.tensor(y), loaded),
            call=call,
            goal=goal,
        )


def trained(parameters: Parameters, X: Any, y: Any) -> Parameters:
    """Train for five epochs, and return where it ends."""
    *_, last = train(
        parameters, X, y, rate=RATE, batch=BATCH, epochs=5, rng=np.random.default_rng(1)
    )
    return last


def epochs(parameters: Parameters, X: Any, y: Any, loaded: bool) -> tuple[Any, ...]:
    """Train PyTorch's network on the same batches, and return where it ends."""
    model, rng = twin(parameters), np.random.default_rng(1)
    descent = torch.optim.SGD(model.parameters(), lr=RATE)
    for _ in range(5):
        order = torch.tensor(rng.permutation(len(X)))
        batches = ((X[rows], y[rows]) for rows in order.split(BATCH))
        for inputs, classes in loader(X, y, order) if loaded else batches:
            descent.zero_grad()
            torch.nn.functional.cross_entropy(model(inputs), classes).backward()
            descent.step()
    return arranged([p.detach() for p in model.parameters()])


def loader(X: Any, y: Any, order: Any) -> Any:
    """Return PyTorch's own way to go through data in batches."""
    data = torch.utils.data.TensorDataset(X, y)
    return torch.utils.data.DataLoader(data, batch_size=BATCH, sampler=order.tolist())


def twin(parameters: Parameters) -> Any:
    """Return PyTorch's network with these parameters."""
    layers: list[Any] = []
    for W, b in zip(*parameters, strict=True):
        layer = torch.nn.Linear(*W.shape, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(W.T))
            layer.bias.copy_(torch.tensor(b))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def slopes(model: Any, X: Any, message: Any) -> tuple[Any, ...]:
    """Return the gradients by all parameters, in our order and shapes."""
    return arranged(list(torch.autograd.grad(model(X), list(model.parameters()), message)))


def arranged(tensors: list[Any]) -> tuple[Any, ...]:
    """Return PyTorch's weights and biases, layer by layer, as ours: weights first, transposed."""
    return (*(W.T.numpy() for W in tensors[::2]), *(b.numpy() for b in tensors[1::2]))


def flat(parameters: Parameters) -> tuple[Any, ...]:
    """Return all arrays in a row."""
    return (*parameters.weights, *parameters.biases)
