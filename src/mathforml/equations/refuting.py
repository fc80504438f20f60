"""Refute an equation: show that it does not hold, and keep the record."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mathforml.equations.certificates import MIME, Published, digest, publish
from mathforml.equations.errors import EquationMismatch, EquationShapeError
from mathforml.equations.labels import find_display
from mathforml.equations.verifying import LABEL, verify

__all__ = ["Refusal", "refute"]


@dataclass(frozen=True)
class Refusal(Published):
    """The record of an equation that does not hold.

    Parameters
    ----------
    label : str
        Label of the display, empty for LaTeX given directly.
    latex : str
        Its LaTeX.
    digest : str
        Of the LaTeX with its white space collapsed.
    refused : str
        What the engine said.
    """

    label: str
    latex: str
    digest: str
    refused: str

    def __str__(self) -> str:
        """Return the refusal as text."""
        return f"{self.label or 'equation'}: refuted. {self.refused}"

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": str(self), MIME: asdict(self)}


def refute(equation: str, symbols: Mapping[str, Any] | None = None, /, **options: Any) -> Refusal:
    """Execute an equation that is known to be wrong, and return how it fails.

    Parameters
    ----------
    equation : str
        Label of a display of the page, or LaTeX that contains a relation.
    symbols : mapping of str to any, optional
        What the symbols mean, as for :func:`verify`.
    **options : any
        Symbols by name, and ``where``, ``rtol``, ``draws``, ``tight``, as for :func:`verify`.

    Returns
    -------
    Refusal
        What the engine said: the sides differ, or their shapes do not fit.

    Raises
    ------
    AssertionError
        If the equation holds.
    EquationError
        If it could not be executed for another reason, such as LaTeX that is not understood
        (``EquationSyntaxError``) or a symbol without a value (``UnboundSymbolError``): that
        refutes nothing.
    """
    try:
        verify(equation, symbols, **options)
    except (EquationMismatch, EquationShapeError) as error:
        named = re.match(LABEL, equation)
        latex = find_display(equation).latex if named else equation
        refusal = Refusal(equation if named else "", latex, digest(latex), str(error))
        publish(refusal)
        return refusal
    raise AssertionError(f"{equation} holds; expected an equation that is wrong")
