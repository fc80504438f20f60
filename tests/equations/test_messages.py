"""Errors of syntax: the place, what was found, what would do."""

# ruff: noqa: E501  (a table of equations is read by line)

import pytest

from mathforml.equations import EquationSyntaxError, UnboundSymbolError, parse


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        ("x = ", "found the end; expected an expression\n  x = \n      ^"),
        ("= x", "found =; expected an expression\n  = x\n  ^"),
        ("", "found the end; expected an equation\n  \n  ^"),
        ("x = {y", "found {; expected a matching }\n  x = {y\n      ^"),
        ("x = y}", "found }; expected an operator, a relation or the end\n  x = y}\n       ^"),
        ("x = (y", "found (; expected a bracket that closes (\n  x = (y\n      ^"),
        (r"x = \left(y", "found \\left(; expected a bracket that closes (\n"
                         "  x = \\left(y\n      ^~~~~~"),
        ("x = |y", "found |; expected |, which closes the one at the caret\n  x = |y\n      ^"),
        ("x^2^3 = y", "found ^; expected one subscript and one superscript; put braces around the "
                      "first\n  x^2^3 = y\n     ^"),
        (r"x = \frac{1}", "found the end; expected an expression\n  x = \\frac{1}\n              ^"),
        (r"x = \sum", "found the end; expected what sum runs over\n  x = \\sum\n          ^"),
        (r"x = \int f(t)", "found the end; expected the differential that ends the integral, such as "
                           "dx or \\mathrm{d}x\n  x = \\int f(t)\n               ^"),
        (r"x = \begin{bmatrix} 1",
            "found the end; expected &, \\\\ or \\end\n  x = \\begin{bmatrix} 1\n                       ^",
        ),
        (
            r"x = \weird{y}", "found \\weird; expected a command of the supported notation\n"
                           "  x = \\weird{y}\n      ^~~~~~"),
        ("x = * y", "found *; expected a symbol before it\n  x = * y\n      ^"),
        ("a = b ~~\n + & c = \\\\ d ]",
         "found ]; expected an operator, a relation or the end\n   + & c = \\\\ d ]\n                ^"),
    ],
)  # fmt: skip
def test_a_syntax_error_points_at_the_token(latex, message):
    with pytest.raises(EquationSyntaxError) as caught:
        parse(latex)
    assert str(caught.value) == message


def test_a_long_line_is_shown_around_the_fault():
    latex = " + ".join(["x"] * 100) + " = ] " + " + ".join(["y"] * 100)
    with pytest.raises(EquationSyntaxError) as caught:
        parse(latex)
    _, line, caret = str(caught.value).splitlines()
    assert line.startswith("  … ")
    assert line.endswith(" …")
    assert len(line) < 100
    assert line[caret.index("^")] == "]"


@pytest.mark.parametrize(
    ("latex", "fact"),
    [
        ("y = a/b c", r"a/b c is ambiguous; write \frac{a}{b} c or \frac{a}{b c}"),
        (r"y = \sin^{-1} a", r"\sin is ambiguous; write \arcsin or \frac{1}{\sin x}"),
        (r"y = f^{-1}(a)", "f is ambiguous; write the inverse function by a key of its own, or \\frac{1}{…}"),
        (r"y = \log", "log has no argument; write it with brackets"),
        (r"y = \frac{\partial}{\partial a}", "this derivative has nothing to differentiate"),
        (r"y = a + \cdots", "the dots need a term on either side"),
    ],
)  # fmt: skip
def test_what_is_ambiguous_is_refused_with_the_readings(refused, latex, fact):
    bound = {"y": 1.0, "a": 2.0, "b": 3.0, "c": 4.0, "f": abs}
    assert refused(latex, EquationSyntaxError, bound).splitlines()[0] == fact


def test_an_unbound_symbol_is_named_with_what_is_bound(refused):
    message = refused(r"y = \alpha x", UnboundSymbolError, x=1.0, y=1.0)
    assert message == "\\alpha has no value; bound: x, y\n  y = \\alpha x\n      ^~~~~~"


def test_a_parameter_without_a_value_is_named(refused):
    message = refused("f = 1", UnboundSymbolError, f=lambda u, v: u + v, u=1.0)
    assert message.startswith("f takes v, which has no value; bound: f, u")


def test_a_key_that_is_no_symbol_is_refused(refused):
    message = refused("x = 1", EquationSyntaxError, {"((": 1.0}, x=1.0)
    assert message.startswith("in the key '((': found the end; expected an expression")


def test_brackets_after_a_value_cannot_hold_arguments(refused):
    message = refused("x(1, 2) = 1", ValueError, x=1.0)
    assert message.startswith("x is no function, so brackets after it cannot hold 2 arguments")
