"""Random expressions, evaluated both ways; random text, never taken for true."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mathforml.equations import EquationError, EquationMismatch, verify

RNG = np.random.default_rng(7)
SCALARS = {"a": 1.3, "b": -0.7, "c": 2.1}
COLUMNS = {"u": RNG.normal(size=3), "v": RNG.normal(size=3), "w": RNG.normal(size=3)}
MATRICES = {"A": RNG.normal(size=(3, 3)), "B": RNG.normal(size=(3, 3))}
SYMBOLS = {**SCALARS, **COLUMNS, **MATRICES}


def paren(latex, style):
    left, right = {0: ("(", ")"), 1: (r"\left(", r"\right)"), 2: (r"\big[", r"\big]")}[style]
    return f"{left}{latex}{right}"


def leaf(table):
    return st.sampled_from(sorted(table)).map(lambda name: (name, table[name]))


styles = st.integers(0, 2)
signs = st.sampled_from(["+", "-"])
dots = st.sampled_from([" ", r" \cdot ", r"\,"])


def add(left, sign, right, style):
    value = left[1] + right[1] if sign == "+" else left[1] - right[1]
    return paren(f"{left[0]} {sign} {right[0]}", style), value


def sums(terms):
    return st.builds(add, terms, signs, terms, styles)


@st.composite
def scalars(draw, depth=3):
    kinds = ["name", "number"] if depth == 0 else [
        "name", "number", "sum", "product", "fraction", "power", "minus", "exp", "inner", "norm",
        "trace", "index", "total", "absolute", "log",
    ]  # fmt: skip
    kind = draw(st.sampled_from(kinds))
    inner = scalars(depth - 1)
    match kind:
        case "name":
            return draw(leaf(SCALARS))
        case "number":
            n = draw(st.sampled_from(["2", "3", "0.5"]))
            return n, float(n)
        case "sum":
            return draw(sums(inner))
        case "product":
            (p, x), (q, y) = draw(inner), draw(inner)
            dot = r" \cdot " if q[0].isdigit() or q[0] == "-" else draw(dots)
            return f"{p}{dot}{q}", x * y
        case "fraction":
            (p, x), (q, y) = draw(inner), draw(inner)
            assume(abs(y) > 1e-2)
            return rf"\frac{{{p}}}{{{q}}}", x / y
        case "power":
            (p, x), k = draw(inner), draw(st.integers(2, 3))
            return f"{paren(p, draw(styles))}^{k}", x**k
        case "minus":
            p, x = draw(inner)
            return paren(f"-{p}", draw(styles)), -x
        case "exp":
            p, x = draw(inner)
            assume(abs(x) < 3)
            return draw(st.sampled_from([rf"\exp({p})", rf"e^{{{p}}}"])), np.exp(x)
        case "log":
            p, x = draw(inner)
            return rf"\log\left(1 + {paren(p, 0)}^2\right)", np.log(1 + x**2)
        case "inner":
            (p, x), (q, y) = draw(columns(depth - 1)), draw(columns(depth - 1))
            return rf"{paren(p, 0)}^\top {paren(q, 0)}", x @ y
        case "norm":
            p, x = draw(columns(depth - 1))
            return rf"\|{p}\|^2", x @ x
        case "trace":
            p, x = draw(matrices(depth - 1))
            return rf"\operatorname{{tr}}({p})", np.trace(x)
        case "index":
            p, x = draw(leaf(COLUMNS))
            return f"{p}_2", x[1]
        case "total":
            (p, x), (q, y) = draw(leaf(COLUMNS)), draw(leaf(MATRICES))
            return rf"\sum_{{i,j}} {p}_i {q}_{{ij}}", np.sum(x @ y)
        case "absolute":
            p, x = draw(inner)
            return rf"\left|{p}\right|", abs(x)


@st.composite
def columns(draw, depth=2):
    kind = (
        draw(st.sampled_from(["name", "sum", "scaled", "mapped", "entrywise"])) if depth else "name"
    )
    match kind:
        case "name":
            return draw(leaf(COLUMNS))
        case "sum":
            return draw(sums(columns(depth - 1)))
        case "scaled":
            (p, x), (q, y) = draw(leaf(SCALARS)), draw(columns(depth - 1))
            return f"{p} {paren(q, draw(styles))}", x * y
        case "mapped":
            (p, x), (q, y) = draw(matrices(depth - 1)), draw(columns(depth - 1))
            return f"{paren(p, draw(styles))} {paren(q, draw(styles))}", x @ y
        case "entrywise":
            (p, x), (q, y) = draw(columns(depth - 1)), draw(columns(depth - 1))
            return rf"{paren(p, 0)} \odot {paren(q, 0)}", x * y


@st.composite
def matrices(draw, depth=2):
    kind = (
        draw(st.sampled_from(["name", "sum", "product", "outer", "transposed"]))
        if depth
        else "name"
    )
    match kind:
        case "name":
            return draw(leaf(MATRICES))
        case "sum":
            return draw(sums(matrices(depth - 1)))
        case "product":
            (p, x), (q, y) = draw(matrices(depth - 1)), draw(matrices(depth - 1))
            return f"{paren(p, 0)} {paren(q, 0)}", x @ y
        case "outer":
            (p, x), (q, y) = draw(leaf(COLUMNS)), draw(leaf(COLUMNS))
            return rf"{p} {q}^\top", np.outer(x, y)
        case "transposed":
            p, x = draw(matrices(depth - 1))
            return rf"{paren(p, 0)}^\top", x.T


@given(st.one_of(scalars(), columns(), matrices()))
def test_what_is_written_is_what_is_computed(expression):
    latex, value = expression
    assume(np.all(np.abs(value) < 1e8))
    verify(f"r = {latex}", SYMBOLS, r=value)


@given(scalars())
def test_another_value_is_refused(expression):
    latex, value = expression
    assume(abs(value) < 1e3)
    with pytest.raises(EquationMismatch):
        verify(f"r = {latex}", SYMBOLS, r=1.01 * value + 0.01)


@given(st.text(alphabet=r"abxyz012+-*/=<>^_{}()[]|\&,;:.!'% ", max_size=40))
def test_no_text_makes_three_equal_four(text):
    with pytest.raises(EquationError):
        verify(text.replace("%", "") + " = 3 = 4", x=2.0)


COMMANDS = [
    r"\frac", r"\sum", r"\int", r"\sqrt", r"\left(", r"\right)", r"\begin{bmatrix}",
    r"\end{bmatrix}", r"\\", "&", "{", "}", "_", "^", "x", "1", "=", "+", "|", r"\|", r"\partial",
    r"\nabla", r"\log", r"\max", r"\text{if}", r"\mathbf", r"\hat", "'", "!", ",", r"\lim", "d",
    r"\mathbb{E}", r"\cdots", r"\left.", r"\right|", r"\quad", r"\mid", r"\in", r"\underset",
]  # fmt: skip


@given(st.lists(st.sampled_from(COMMANDS), max_size=25))
def test_any_commands_are_parsed_or_refused(pieces):
    with pytest.raises(EquationError):
        verify(" ".join(pieces) + " = 3 = 4", x=2.0)
