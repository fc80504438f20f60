"""Every row of the table of notation holds, and its wrong neighbor is refused."""

from itertools import pairwise

import pytest

from mathforml.equations import EquationError, parse, verify
from mathforml.equations.lexing import tokens
from mathforml.equations.notation import NOTATION

rows = pytest.mark.parametrize("row", NOTATION, ids=[r.latex for r in NOTATION])


@rows
def test_the_example_holds(row):
    verify(row.latex, row.symbols(), **row.options)


@rows
def test_its_wrong_neighbor_is_refused(row):
    with pytest.raises(EquationError):
        verify(row.refused, row.symbols(), **row.options)


SIGNS = {"+": "-", "-": "+", r"\le": r"\ge", r"\log": r"\exp", r"\max": r"\min", "1": "2", "2": "3"}


def bent(latex):
    """Yield the equation with one sign, number or function changed, a transpose dropped, or two
    indices exchanged."""
    stream = tokens(latex)
    for first, second in pairwise(stream):
        before, after = latex[: first.start], latex[first.end :]
        if first.text in SIGNS:
            yield f"{before} {SIGNS[first.text]} {after}"
        if (first.text, second.text) == ("^", r"\top"):
            yield before + latex[second.end :]
        if (first.text, second.text) == ("i", "j") and not before.endswith(r"\delta_{"):
            yield f"{before}j i{latex[second.end :]}"


BENT = [(row, latex) for row in NOTATION for latex in bent(row.latex)]


@pytest.mark.parametrize(("row", "latex"), BENT, ids=[latex for _, latex in BENT])
def test_a_bent_example_is_refused(row, latex):
    with pytest.raises(EquationError):
        verify(latex, row.symbols(), **row.options)


@rows
def test_each_step_of_an_example_has_its_text(row):
    assert len(parse(row.latex).steps) == len(parse(row.latex).relations)
