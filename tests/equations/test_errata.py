"""Errors that books printed: the corrected equation holds, the printed one is refused.

Each entry of ``errata.json`` names its source; ``setup`` binds the symbols independently of
the equation.
"""

import json
from pathlib import Path

import pytest

from mathforml.equations import (
    EquationMismatch,
    EquationShapeError,
    UnboundSymbolError,
    verify,
)

ERRATA = json.loads(Path(__file__).with_name("errata.json").read_text(encoding="utf-8"))
KINDS = {
    "mismatch": EquationMismatch,
    "shape": EquationShapeError,
    "unbound": UnboundSymbolError,
}

entries = pytest.mark.parametrize("entry", ERRATA, ids=[e["id"] for e in ERRATA])


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
