"""What can be wrong with an equation, always with the place where it is wrong."""

from typing import NamedTuple, Self

__all__ = [
    "EquationError",
    "EquationMismatch",
    "EquationShapeError",
    "EquationSyntaxError",
    "Place",
    "UnboundSymbolError",
]

WIDTH = 88  # characters of LaTeX shown around a fault


class Place(NamedTuple):
    """A stretch of LaTeX.

    Parameters
    ----------
    latex
        The whole text.
    start, end
        The stretch, as a slice.
    """

    latex: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The LaTeX of the stretch."""
        return self.latex[self.start : self.end]

    def excerpt(self) -> str:
        """Show the line with a caret under the stretch."""
        begin = self.latex.rfind("\n", 0, self.start) + 1
        stop = self.latex.find("\n", self.start)
        line = self.latex[begin : stop if stop >= 0 else len(self.latex)]
        at = self.start - begin
        left = max(0, min(at - WIDTH // 2, len(line) - WIDTH))
        shown = line[left : left + WIDTH]
        length = max(1, min(self.end - self.start, left + len(shown) - self.start + begin))
        head, tail = "… " if left else "", " …" if left + WIDTH < len(line) else ""
        caret = " " * (at - left + len(head)) + "^" + "~" * (length - 1)
        return f"  {head}{shown}{tail}\n  {caret}"


class EquationError(ValueError):
    """The base of everything that can be wrong with an equation.

    Parameters
    ----------
    fact
        What is wrong, and what would do.
    place
        Where in the LaTeX.
    """

    def __init__(self, fact: str, place: Place | None = None) -> None:
        self.fact = fact
        self.place = place
        super().__init__(fact)

    def __str__(self) -> str:
        """Return the fact and the line with a caret."""
        return self.fact if self.place is None else f"{self.fact}\n{self.place.excerpt()}"

    def at(self, place: Place | None) -> Self:
        """Set the place unless a more exact one is known."""
        if self.place is None:
            self.place = place
        return self


class EquationSyntaxError(EquationError):
    """LaTeX that the engine does not understand."""


class NestingError(EquationSyntaxError):
    """LaTeX nested deeper than any display."""


class UnboundSymbolError(EquationError):
    """A symbol that has no value."""


class EquationShapeError(EquationError):
    """Operands whose shapes the mathematics does not allow."""


class RaggedError(EquationShapeError):
    """Members of a list that differ in shape, asked for all at once; they go one by one."""


class EquationMismatch(EquationError, AssertionError):
    """Two sides that differ."""
