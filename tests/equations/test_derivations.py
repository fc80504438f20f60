"""Three derivations as an author would write them."""

# ruff: noqa: E501  (a table of equations is read by line)

import time

import numpy as np
import pytest

from mathforml.equations import EquationMismatch, verify

rng = np.random.default_rng(5)


def softmax(z):
    weights = np.exp(z - z.max())
    return weights / weights.sum()


SOFTMAX = r"""
\begin{aligned}
\frac{\partial \ell}{\partial z_j}
&= \sum_i \frac{\partial \ell}{\partial p_i} \frac{\partial p_i}{\partial z_j} \\
&= -\sum_i \frac{y_i}{p_i} \, p_i (\delta_{ij} - p_j) \\
&= -y_j + p_j \sum_i y_i \\
&= p_j - y_j
\end{aligned}
"""


def test_the_gradient_of_softmax_and_cross_entropy():
    loss = {r"\ell": lambda p, y: -y @ np.log(p)}
    z, y = rng.normal(size=4), softmax(rng.normal(size=4))
    certificate = verify(SOFTMAX, loss, p=softmax, z=z, y=y)
    assert len(certificate.steps) == 4
    assert certificate.difference < 1e-9
    assert certificate.readings == {r"p_i(\delta_{ij} - p_j)": "product"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(r"-\sum_i \frac{y_i}{p_i}", r"\sum_i \frac{y_i}{p_i}"), (r"\delta_{ij} - p_j", r"\delta_{ij} - p_i"),
     ("p_j - y_j", "y_j - p_j"), (r"p_j \sum_i y_i", r"p_j \sum_i p_i")],
)  # fmt: skip
def test_a_slip_in_it_is_caught(right, wrong):
    loss = {r"\ell": lambda p, y: -y @ np.log(p)}
    z, y = rng.normal(size=4), rng.uniform(0.1, 2, size=4)
    with pytest.raises(EquationMismatch):
        verify(SOFTMAX.replace(right, wrong), loss, p=softmax, z=z, y=y / y.sum() * 0.9)


BOUND = r"""
\begin{aligned}
\log p(x)
&= \log \sum_{k=1}^K q_k \frac{\pi_k \, \mathcal{N}(x; \mu_k, \sigma_k^2)}{q_k} \\
&\ge \sum_{k=1}^K q_k \log \frac{\pi_k \, \mathcal{N}(x; \mu_k, \sigma_k^2)}{q_k}
\end{aligned}
"""


def mixture():
    pi, q = rng.dirichlet(np.ones(3), size=2)
    mu, sigma, x = rng.normal(size=3), rng.uniform(0.5, 2, size=3), 0.4

    def density(x, mu, variance):
        return np.exp(-((x - mu) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)

    terms = pi * density(x, mu, sigma**2)
    symbols = {
        r"\mathcal{N}": density, "p": lambda x: float(pi @ density(x, mu, sigma**2)),
        "pi": pi, "q": q, "mu": mu, "sigma": sigma, "x": x, "K": 3,
    }  # fmt: skip
    return symbols, terms / terms.sum()


def test_the_bound_of_em_is_tight_at_the_posterior():
    symbols, posterior = mixture()
    certificate = verify(BOUND, symbols, tight={"q": posterior})
    assert certificate.tight


def test_a_factor_lost_in_the_bound_is_caught_by_tightness():
    symbols, posterior = mixture()
    loose = BOUND.replace(r"&\ge \sum_{k=1}^K q_k", r"&\ge 3 \sum_{k=1}^K q_k")
    with pytest.raises(EquationMismatch):
        verify(loose, symbols, tight={"q": posterior})


PAGE = r"""
# Neighbors

$$
q_{ij} = \frac{(1 + \|y_i - y_j\|^2)^{-1}}{\sum_{k \neq l} (1 + \|y_k - y_l\|^2)^{-1}}
$$ (eq-q)

```{math}
:label: eq-divergence

C = \sum_i \sum_{j \neq i} p_{ij} \log \frac{p_{ij}}{q_{ij}}
```

$$
\frac{\partial C}{\partial y_i}
= 4 \sum_j (p_{ij} - q_{ij}) (y_i - y_j) (1 + \|y_i - y_j\|^2)^{-1}
$$ (eq-tsne-gradient)
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    (tmp_path / "tsne.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setenv("MATHFORML_SOURCES", str(tmp_path))
    monkeypatch.setenv("MATHFORML_PAGE", "tsne")


def neighbors(n=8):
    P = rng.uniform(size=(n, n))
    P = P + P.T
    np.fill_diagonal(P, 0)
    return P / P.sum(), rng.normal(size=(n, 2))


def test_the_gradient_of_tsne_through_displayed_definitions(page):
    P, Y = neighbors()
    start = time.perf_counter()
    certificate = verify("eq-tsne-gradient", where=["eq-q", "eq-divergence"], p=P, y=Y)
    assert time.perf_counter() - start < 1
    assert certificate.difference < 1e-9
    assert certificate.where == ("eq-q", "eq-divergence")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("4 ", "2 "), ("y_i - y_j) (1", "y_j - y_i) (1"), ("p_{ij} - q", "p_{ij} + q")],
)
def test_a_slip_in_the_gradient_is_caught(page, right, wrong):
    P, Y = neighbors(5)
    latex = PAGE.split("$$")[-2].replace(right, wrong, 1)
    with pytest.raises(EquationMismatch):
        verify(latex, where=["eq-q", "eq-divergence"], p=P, y=Y)


def test_a_definition_of_a_function_takes_arguments():
    verify("f(2 b) = 4 b^2", where=["f(x) = x^2"], b=3.0)
    verify("f'(b) = 2 b", where=["f(x) = x^2"], b=3.0)


def test_definitions_build_on_each_other():
    where = [r"s = \sum_i x_i", r"m = \frac{s}{n}"]
    verify(r"\sum_i (x_i - m) = 0", where=where, x=np.array([1.0, 2.0, 6.0]), n=3)
