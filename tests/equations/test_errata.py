"""Wrong equations: the corrected one holds, the wrong one is refused.

Those of ``errata.json`` were printed in books and name their source; those of ``cases.json``
were written for this test in the same way.  ``setup`` binds the symbols independently of the
equation.
"""

import json
from pathlib import Path

import pytest

from mathforml.equations import (
    EquationError,
    EquationMismatch,
    EquationShapeError,
    UnboundSymbolError,
    verify,
)

FOLDER = Path(__file__).parent
ERRATA = json.loads((FOLDER / "errata.json").read_text(encoding="utf-8"))
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
KINDS = {
    "mismatch": EquationMismatch,
    "shape": EquationShapeError,
    "unbound": UnboundSymbolError,
}

entries = pytest.mark.parametrize("entry", ERRATA, ids=[e["id"] for e in ERRATA])
cases = pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])


def symbols(entry):
    namespace = {}
    exec(entry["setup"], namespace)
    return namespace["symbols"]


@entries
def test_the_corrected_equation_holds(entry):
    verify(entry["right"], symbols(entry))


@entries
def test_the_printed_equation_is_refused_for_what_is_wrong_with_it(entry):
    with pytest.raises(KINDS[entry["expect"]]):
        verify(entry["wrong"], symbols(entry))


@cases
def test_a_right_equation_holds(case):
    verify(case["right"], symbols(case))


@cases
def test_its_wrong_neighbor_is_refused(case):
    with pytest.raises(EquationError):
        verify(case["wrong"], symbols(case))
