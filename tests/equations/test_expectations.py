"""Expectations over finite distributions, samples and densities."""

# ruff: noqa: E501  (a table of equations is read by line)

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationMismatch, Finite, Samples, UnboundSymbolError

rng = np.random.default_rng(3)
die = Finite(range(1, 7), np.full(6, 1 / 6))
joint = Finite([(a, b) for a in range(2) for b in range(3)], rng.dirichlet(np.ones(6)))


def normal(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


@pytest.mark.parametrize(
    "latex",
    [
        r"\mathbb{E}_{x \sim p}[x] = 3.5",
        r"\mathbb{E}_{x \sim p}\left[x^2\right] - \mathbb{E}_{x \sim p}[x]^2 = \operatorname{Var}_{x \sim p}[x]",
        r"E_{x \sim p} \{x\} = \frac{7}{2}",
        r"\mathbb{E}_x[x] = \sum_{x \in S} x \, p(x)",
        r"\mathbb{E}_{p(x)}[x] = 3.5",
        r"\mathbb{E}[X] = 3.5",
        r"\operatorname{Var}[X] = \mathbb{E}[(X - \mathbb{E}[X])^2]",
        r"\operatorname{Var}(a X) = a^2 \operatorname{Var}(X)",
        r"\mathbb{E}_{(u, v) \sim q}[u] + \mathbb{E}_{(u, v) \sim q}[v] = \mathbb{E}_{(u, v) \sim q}[u + v]",
        r"\operatorname{Cov}_{(u, v) \sim q}[u, v] = \mathbb{E}_{(u, v) \sim q}[u v]"
        r" - \mathbb{E}_{(u, v) \sim q}[u] \, \mathbb{E}_{(u, v) \sim q}[v]",
        r"\mathbb{E}_{z \sim \phi}[z^2] = 1",
        r"\mathbb{E}_{a \sim \pi(s)}[a] = m(s)",
        r"\operatorname{KL}(p \| p) = 0",
        r"D_{KL}(r \| t) = \sum_i r_i \log \frac{r_i}{t_i}",
    ],
)
def test_it_holds(holds, latex):
    policy = rng.dirichlet(np.ones(3), size=2)
    holds(
        latex, p=die, X=die, x=die, q=joint, S=range(1, 7), a=1.5, phi=normal,
        pi=lambda s: Finite(range(3), policy[s]), m=lambda s: policy[s] @ range(3), s=range(2),
        r=rng.dirichlet(np.ones(3)), t=rng.dirichlet(np.ones(3)),
    )  # fmt: skip


def test_samples_hold_within_their_standard_error(holds, refused):
    draws = Samples(rng.normal(3.0, 1.0, size=10_000))
    certificate = holds(r"\mathbb{E}[X] = \mu", X=draws, mu=3.0)
    assert "expectations over 10000 draws, within four standard errors" in certificate.methods
    refused(r"\mathbb{E}[X] = \mu", EquationMismatch, X=draws, mu=3.1)


def test_samples_of_one_length_are_paired(holds):
    X = rng.normal(size=500)
    holds(r"\mathbb{E}[X Y] = 2 \mathbb{E}[X^2]", X=Samples(X), Y=Samples(2 * X))


@pytest.mark.parametrize(
    ("latex", "kind", "fact"),
    [
        (r"\mathbb{E}[b] = 1", UnboundSymbolError,
         r"nothing in these brackets is random; write \mathbb{E}_{x \sim p}, or bind Finite or Samples"),
        (r"\mathbb{E}_c[c] = 1", UnboundSymbolError,
         r"c has no distribution; write c \sim p, or bind it to Finite or Samples"),
        (r"\mathbb{E}[X Y] = 1", EquationError,
         r"how X and Y depend is not said; write \mathbb{E}_{(x, y) \sim p}"),
        (r"\mathbb{E}[X \mid Y] = 1", EquationError,
         r"a conditional expectation needs its distribution: \mathbb{E}_{x \sim p(x \mid y)}"),
    ],
)  # fmt: skip
def test_it_is_refused_with_the_reason(refused, latex, kind, fact):
    assert refused(latex, kind, X=die, Y=die, b=1.0).splitlines()[0] == fact


def test_probabilities_sum_to_one():
    with pytest.raises(ValueError, match=r"probabilities sum to 0.9; expected 1, none negative"):
        Finite([1, 2], [0.5, 0.4])
    with pytest.raises(
        ValueError, match=r"probabilities has 2 entries; expected one for each of 3"
    ):
        Finite([1, 2, 3], [0.5, 0.5])


def test_samples_are_at_least_two():
    with pytest.raises(ValueError, match="values holds fewer than 2 draws; expected at least 2"):
        Samples([1.0])


def test_a_distribution_knows_its_probabilities():
    assert die(3) == pytest.approx(1 / 6)
    assert die(7) == 0.0
    assert joint(1, 2) == joint((1, 2))
