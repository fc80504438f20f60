"""Relations, steps, tolerances and side conditions."""

# ruff: noqa: E501  (a table of equations is read by line)

import numpy as np
import pytest

from mathforml.equations import (
    EquationError,
    EquationMismatch,
    EquationSyntaxError,
    parse,
)

rng = np.random.default_rng(4)
x, y = rng.normal(size=(2, 4))
S = np.diag([1.0, 2.0, 3.0])

DERIVATION = r"""
\begin{align*}
(a + b)^2 &= (a + b)(a + b) \\
          &= a^2 + ab \\
          &\quad + ba + b^2 \tag{1} \\
          &= a^2 + 2ab + b^2 .
\end{align*}
"""


def test_a_derivation_is_checked_step_by_step(holds):
    certificate = holds(DERIVATION, a=1.5, b=0.4)
    assert len(certificate.steps) == 3


def test_the_wrong_step_is_pointed_at(refused):
    message = refused(DERIVATION.replace("+ 2ab", "+ 3ab"), EquationMismatch, a=1.5, b=0.4)
    fact, line, caret = message.splitlines()
    assert fact.startswith("the sides differ: left 3.61, right 4.21")
    assert line.strip() == r"&= a^2 + 3ab + b^2 ."
    assert line[caret.index("^")] == "="


def test_a_line_may_begin_a_new_statement(holds):
    certificate = holds(r"\begin{aligned} c &= a + b \\ d &= a b \end{aligned}", a=2, b=3, c=5, d=6)
    assert [step.relation for step in certificate.steps] == ["=", "="]


def test_several_statements_stand_on_a_line(holds, refused):
    holds(r"c = a + b, \quad d = ab", a=2, b=3, c=5, d=6)
    refused(r"c = a + b, \quad d = ab", EquationMismatch, a=2, b=3, c=5, d=7)


@pytest.mark.parametrize(
    "latex",
    [
        r"a \equiv 2", r"a := 2", r"a \coloneqq 2", r"a \triangleq 2", r"a \stackrel{\text{def}}{=} 2",
        r"a \overset{!}{=} 2", r"a \le 2", r"a \leqslant 2", r"a < 3", r"a > 1", r"a \ge 2", r"a \neq 3",
        r"a \approx 2.05", r"S \succeq 0", r"S \succ 0", r"0 \preceq S", r"a \in \{1, 2\}",
        r"a \in [0, 2]", r"x \in \mathbb{R}^4", r"S \in \mathbb{R}^{3 \times 3}", r"a \notin \{1, 3\}",
        r"x_i \propto 3 x_i", r"1 < a \le 2", "a = 2.",
    ],
)  # fmt: skip
def test_a_relation_holds(holds, latex):
    holds(latex, a=2, x=x, S=S)


@pytest.mark.parametrize(
    "latex",
    [
        "a < 2", r"a \neq 2", r"a \approx 2.2", r"-S \succeq 0", r"a \in \{1, 3\}", r"a \in [0, 1]",
        r"x \in \mathbb{R}^5", r"x_i \propto x_i^2", r"1 < a \le 1.5",
    ],
)  # fmt: skip
def test_a_relation_is_refused(refused, latex):
    refused(latex, EquationMismatch, a=2, x=x, S=S)


def test_an_inequality_is_weak_evidence(holds):
    certificate = holds(r"x^\top y \le \|x\| \|y\|", x=x, y=y)
    assert certificate.steps[0].note == "weak evidence: an inequality, not shown to be tight"
    assert str(certificate).startswith("equation: holds (weak evidence)")


def test_a_bound_may_be_shown_to_be_tight(holds, refused):
    bindings = {"x": x, "y": y, "tight": {"y": 3 * x}}
    certificate = holds(r"x^\top y \le \|x\| \|y\|", **bindings)
    assert certificate.tight
    assert certificate.steps[0].note == "tight at the point given"
    message = refused(r"x^\top y \le 2 \|x\| \|y\|", EquationMismatch, **bindings)
    assert message.startswith("the bound is not tight here: left")


def test_an_approximation_says_so(holds):
    assert holds(r"\pi \approx 3.14").steps[0].note == "approximate: within 5%"


def test_a_loose_tolerance_says_so(holds):
    note = holds("a = 2.01", a=2, rtol=0.01).steps[0].note
    assert note == "within rtol = 0.01, looser than 1e-06"


def test_a_side_condition_restricts(holds, refused):
    holds(r"\sqrt{r^2} = r, \quad r > 0", r=2.0)
    holds(r"|x_i| = x_i \quad \text{if } x_i \ge 0", x=x)
    message = refused(r"\sqrt{r^2} = r, \quad r > 0", EquationError, r=-2.0)
    assert message.startswith("no combination is left under this condition")


def test_draws_that_a_condition_rules_out_are_passed_over(holds, refused):
    certificate = holds(r"\sqrt{r^2} = r, \quad r > 0", draws=lambda rng: {"r": rng.normal()})
    assert 1 <= certificate.draws < 5
    message = refused(r"r = r, \quad r > 9", EquationError, draws=lambda rng: {"r": rng.normal()})
    assert message.startswith("no draw meets the side conditions")


def test_draws_catch_what_one_point_lets_through(holds, refused):
    holds("a^2 = 2a", a=2.0)
    refused("a^2 = 2a", EquationMismatch, draws=lambda rng: {"a": rng.normal()})


def test_cancellation_is_judged_by_the_terms(holds):
    holds("(a + b) - a = b", a=1e8, b=1e-3)
    holds(r"X^\top (X w - y) = 0", X=np.eye(2), w=np.array([0.1, 0.3]), y=np.array([0.1, 0.3]))


def test_small_quantities_are_compared_relatively(holds, refused):
    holds("a = b", a=1e-20, b=1e-20)
    refused("a = b", EquationMismatch, a=1e-20, b=2e-20)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_no_equality(refused, value):
    message = refused(r"\frac{a}{0} = b", EquationMismatch, a=1.0, b=1.0)
    assert message.startswith("a side is not finite: left inf, right 1")
    refused("a = 1", EquationMismatch, a=value)


def test_an_infinity_that_was_asked_for_may_stand_on_both_sides(holds):
    holds("a = b", a=np.inf, b=np.inf)


@pytest.mark.parametrize("relation", [r"\sim", r"\to", r"\leftarrow", r"\Rightarrow", r"\perp"])
def test_what_states_nothing_computable_is_refused(refused, relation):
    message = refused(f"a {relation} 2", EquationError, a=2)
    assert message.startswith(f"{relation} states nothing that can be computed; expected =,")


def test_a_mismatch_names_the_index_and_both_values(refused):
    message = refused("x_i = y_i", EquationMismatch, x=np.array([1.0, 2.0]), y=np.array([1.0, 3.0]))
    assert message.splitlines()[0] == (
        "the sides differ at i = 2: left 2, right 3, largest relative difference 0.33"
    )


def test_an_expression_alone_is_no_equation(refused):
    assert refused("a + 1", EquationSyntaxError, a=1).startswith(
        "no relation here; expected an equation"
    )


def test_a_parsed_equation_tells_its_symbols_relations_and_steps():
    equation = parse(r"\hat{y}_i = \sum_j W_{ij} x_j \le \theta_0")
    assert equation.symbols == ("W", "theta_0", "x", "y_hat")
    assert equation.relations == ("=", r"\le")
    assert equation.steps == (
        r"\hat{y}_i = \sum_j W_{ij} x_j",
        r"\sum_j W_{ij} x_j \le \theta_0",
    )
