"""What symbols are called, and which binding they mean."""

import numpy as np
import pytest

from mathforml.equations import EquationError, EquationMismatch, UnboundSymbolError, verify

x = np.array([1.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        (r"\theta", "theta"),
        (r"\ell", "ell"),
        (r"\lambda", "lambda_"),
        (r"\mathbf{W}", "W"),
        (r"\mathcal{L}", "L"),
        (r"\operatorname{loss}", "loss"),
        (r"\mathrm{loss}", "loss"),
        (r"\text{loss}", "loss"),
        (r"\hat{y}", "y_hat"),
        (r"\bar{\mathbf{x}}", "x_bar"),
        (r"\tilde{x}", "x_tilde"),
        (r"\dot{x}", "x_dot"),
        ("a'", "a_prime"),
        ("V^*", "V_star"),
        (r"V^\star", "V_star"),
        (r"x_{\max}", "x_max"),
        (r"\theta_0", "theta_0"),
        ("p_{X,Y}", "p_XY"),
        ("W^{(1)}", "W_1"),
        (r"\mu^{\text{new}}", "mu_new"),
        (r"\hat{y}_{\mathrm{ML}}", "y_hat_ML"),
        (r"\varepsilon", "epsilon"),
        ("V^*_1", "V_1_star"),
        ("x_1'", "x_prime_1"),
    ],
)
def test_a_symbol_has_its_name(holds, latex, name):
    holds(f"{latex} = 7", {name: 7.0})


@pytest.mark.parametrize(
    "key", [r"\mathcal{L}", r"\mathcal L", r"{\mathcal{L}}", " \\mathcal{ L } "]
)
def test_spaces_and_braces_in_a_key_do_not_matter(holds, key):
    holds(r"\mathcal{L} = L + 1", {key: 2.0}, L=1.0)


def test_a_latex_key_wins_over_the_name(holds):
    holds(r"\mathcal{L} = 2", {r"\mathcal{L}": 2.0, "L": 1.0})


def test_two_fonts_of_a_letter_need_a_latex_key(refused):
    message = refused(r"\mathcal{N} = N", UnboundSymbolError, N=1.0)
    assert "both occur; expected a LaTeX key for at least one of them" in message


def test_a_superscript_that_is_no_name_needs_a_latex_key(holds, refused):
    holds(r"V^\pi(s) = 3", {r"V^\pi": lambda s: 3.0}, s=1)
    holds(r"V^\pi = 8", V=2.0, pi=3.0)


def test_a_superscript_text_is_never_silently_dropped(holds, refused):
    holds(r"\mu_k^{\text{new}} = x_k", mu_new=x, x=x)
    assert r"\mu_k^{\text{new}} has no value" in refused(
        r"\mu_k^{\text{new}} = x_k", UnboundSymbolError, mu=x, x=x
    )


def test_one_symbol_may_be_bound_once(refused):
    message = refused("x_1 = 1", EquationError, {"x_1": 1.0, "x_{1}": 1.0})
    assert message.startswith("the keys 'x_1' and 'x_{1}' mean the same symbol; bind it once")


def test_one_letter_names_many_functions_by_the_text_of_their_calls(holds, refused):
    tables = {"p(x)": lambda x: 0.5, r"p(x \mid y)": lambda x, y: 0.2, "p(x, y)": lambda x, y: 0.1}
    holds(r"p(x, y) = p(x \mid y) p(x)", tables, x=0, y=1)
    holds(r"p(x = a, y) = 0.1", tables, a=3, y=1)
    message = refused(r"p(y \mid x) = 1", UnboundSymbolError, tables, x=0, y=1)
    assert r"p(y \mid x) has no value; bound: p(x \mid y), p(x), p(x, y), x, y" in message


def test_arguments_with_other_scripts_match_by_their_letters(holds):
    holds(
        r"q(x_2 \mid x_1) = 5",
        {r"q(x_t \mid x_{t-1})": lambda a, b: a + 3 * b - 0.0},
        x=x[:2] * 1.0,
    )


def test_a_call_may_be_bound_for_brackets_of_functions(holds):
    holds("(f * g)(x) = 3", {"(f * g)(x)": lambda x: 3.0}, f=np.sin, g=np.cos, x=0.1)


def test_the_subscript_is_a_name_if_bound_and_an_index_otherwise(holds):
    holds("x_2 = 2", x=x)
    holds("x_2 = 9", x=x, x_2=9.0)


def test_indices_bound_by_a_sum_win(holds):
    holds(r"\sum_{e=1}^3 e = 6")
    holds(r"\sum_{i=1}^3 i = 6", i=100)


def test_a_function_of_an_index_is_bound_under_its_subscript(holds):
    holds(r"\sum_{i=1}^n x_i = 6", {"x_i": lambda i: i}, n=3)
    holds(r"x_j = j^2", {"x_i": lambda i: i**2}, j=range(1, 4))


@pytest.mark.parametrize(
    "latex",
    [
        r"\pi > 3", r"\ln e = 1", r"\Gamma(5) = 4!", r"A I = A", r"\mathbf{1}^\top x = 7",
        r"\sum_j \delta_{ij} x_j = x_i", r"\mathbb{1}[2 > 1] = 1",
    ],
)  # fmt: skip
def test_some_symbols_need_no_binding(holds, latex):
    holds(latex, x=x, A=np.diag(x))


def test_built_in_symbols_may_be_bound(holds):
    holds("I = 3", I=3.0)
    holds(r"\pi_1 + e = 3", pi=np.array([1.0, 5.0]), e=2.0)


def test_bold_letters_side_by_side_are_a_word_if_it_is_bound(holds):
    holds(r"\mathbf{AB} = C", A=np.diag(x), B=np.eye(3), C=np.diag(x))
    holds(r"\mathbf{AB} = C", AB=2.0, C=2.0)


def test_a_key_with_dots_is_that_call(holds):
    step = {1: 0.3, 2: 0.2}
    bound = {
        r"P(x_1, \ldots, x_T)": lambda *states: 0.5 * step[2] * step[1],
        "P(x_1)": lambda a: 0.5,
        r"P(x_t \mid x_{t-1})": lambda a, b: step[int(a)],
    }
    latex = r"P(x_1, \ldots, x_T) = P(x_1) \prod_{t=2}^T P(x_t \mid x_{t-1})"
    holds(latex, bound, x=np.array([1, 2, 1]), T=3)


def test_a_function_bound_under_the_name_of_a_built_in_one_is_the_one_that_runs():
    latex = r"\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}"
    assert verify(latex, tanh=np.tanh, x=0.3)
    with pytest.raises(EquationMismatch):
        verify(latex, tanh=np.sin, x=0.3)
    with pytest.raises(EquationMismatch):
        verify(latex.replace("(x) =", " x ="), tanh=np.sin, x=0.3)
    with pytest.raises(EquationMismatch):
        verify(r"\tanh'(x) = 1 - \tanh^2(x)", tanh=np.sin, x=0.3)
