"""A parsed display, and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from mathforml.equations import syntax as s
from mathforml.equations.display import Display, read_display
from mathforml.equations.names import display_name, letter

__all__ = ["Equation", "parse"]


@dataclass(frozen=True)
class Equation:
    """A parsed display.

    Parameters
    ----------
    latex : str
        The text.
    display : Display
        Its statements and side conditions, as syntax.
    """

    latex: str
    display: Display

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names that it needs, but for indices and what it binds itself."""
        return tuple(sorted(_symbols(self.display)))

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations, in order."""
        chains = [n for n in self.display.statements if isinstance(n, s.Chain)]
        return tuple(r for chain in chains for r in chain.relations)

    @property
    def steps(self) -> tuple[str, ...]:
        """The LaTeX of each comparison."""
        chains = [n for n in self.display.statements if isinstance(n, s.Chain)]
        return tuple(text for chain in chains for text in step_texts(chain))


def step_texts(chain: s.Chain) -> list[str]:
    pairs = zip(chain.items, chain.relations, chain.items[1:], strict=False)
    return [f"{a.place.text} {r} {b.place.text}" for a, r, b in pairs]


def _symbols(display: Display) -> set[str]:
    found: set[str] = set()
    bound: set[str] = {"infty", "0"}
    for node in (*display.statements, *display.conditions):
        _collect(node, found, bound)
    return found - bound


def _collect(node: s.Node, found: set[str], bound: set[str]) -> None:
    """Sort the names of a node into symbols, and indices and dummies."""
    match node:
        case s.Name(letter=text):
            if text not in (r"\top", "*", r"\cdot", ""):
                found.add(display_name(node))
            return
        case s.Scripted(base=s.Name() as base, sub=sub, sup=sup):
            wordy = sub is not None and _wordy(sub)
            found.add(display_name(node if wordy else base))
            if sub is not None and not wordy:
                bound |= {letter(n) for n in s.walk(sub) if isinstance(n, s.Name)}
            if sup is not None:
                _collect(sup, found, bound)
            return
        case s.Big(sub=s.Node() as sub):
            bound |= {letter(n) for n in s.walk(sub) if isinstance(n, s.Name)}
        case s.Integral(variables=variables):
            bound |= {display_name(v) for v in variables}
    for child in s.children(node):
        _collect(child, found, bound)


def _wordy(sub: s.Node) -> bool:
    """Tell a subscript that belongs to the name from an index."""
    return isinstance(sub, s.Number) or (isinstance(sub, s.Name) and len(sub.letter) > 1)


def parse(latex: str) -> Equation:
    """Parse a display: relations, steps and side conditions.

    Parameters
    ----------
    latex : str
        What stands between the dollars.

    Returns
    -------
    Equation
        The parsed display, with its symbols, relations and steps.

    Raises
    ------
    EquationSyntaxError
        With the token that does not fit, and what would.
    """
    return Equation(latex, read_display(latex))
