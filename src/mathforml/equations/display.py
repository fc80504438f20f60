r"""A whole display: statements, the steps of each, and side conditions."""

from dataclasses import dataclass
from functools import lru_cache

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationSyntaxError
from mathforml.equations.grammar import Parser

__all__ = ["Display", "read_display"]

RESTRICTIONS = frozenset(["<", ">", r"\le", r"\ge", r"\neq", r"\in", r"\notin"])
BARS = ("|", r"\mid", r"\|")
CLAIMING = ("and", "so", "then", "thus", "hence", "therefore", "where", "with")
JOINTS = (",", ";", ".", ":", *BARS)


@dataclass(frozen=True)
class Display:
    """What a display says.

    Parameters
    ----------
    statements
        Chains of relations (or a bare expression, which states nothing).
    conditions
        Side conditions, for all of them.
    """

    statements: tuple[s.Node, ...]
    conditions: tuple[s.Node, ...]


@lru_cache(maxsize=512)
def read_display(latex: str) -> Display:
    """Parse a display.

    Raises
    ------
    EquationSyntaxError
        With the token that does not fit, and what would.
    """
    try:
        return _read(Parser(latex))
    except RecursionError:
        raise EquationSyntaxError("the equation is nested too deeply to be read") from None


def _read(p: Parser) -> Display:
    statements: list[s.Node] = []
    conditions: list[s.Node] = []
    restricting = fresh = False
    while True:
        joined, barred = not statements, False
        while _joins(p, joined):
            barred = p.token.text in BARS
            joined = True
            if p.token.kind == "word":
                said = p.remark()
                restricting = said not in CLAIMING and "equivalently" not in said
            elif p.token.kind == "newline":
                restricting, fresh = False, True
            p.next()
        if p.token.kind == "eof":
            if barred:
                p.fail("a condition after the bar")
            break
        node = p.chain()
        if p.token.text in (*JOINTS, r"\forall") or p.token.kind in (
            "quad",
            "newline",
            "eof",
            "word",
        ):
            if statements and not fresh and _restricts(node, restricting):
                conditions += _unbracketed(node)
            else:
                statements.append(node)
        else:
            p.fail("an operator, a relation or the end")
        fresh = False
    if not statements:
        p.fail("an equation")
    return Display(tuple(statements), tuple(conditions))


def _unbracketed(node: s.Node) -> tuple[s.Node, ...]:
    """Return the conditions that stand in brackets, as in ``(x > 0)``, or the one alone."""
    inside = isinstance(node, s.Group) and all(isinstance(i, s.Chain) for i in node.items)
    return node.items if isinstance(node, s.Group) and inside else (node,)


def _joins(p: Parser, joined: bool) -> bool:
    """Tell whether the next token only joins statements; after another one a bar opens."""
    if p.token.text in BARS:
        return not joined
    return p.token.text in JOINTS or p.token.kind in ("quad", "newline") or _remark(p)


def _remark(p: Parser) -> bool:
    return p.token.kind == "word" and p.is_remark(p.token)


def _restricts(node: s.Node, restricting: bool) -> bool:
    """Tell a side condition from one more statement."""
    if not isinstance(node, s.Chain):
        return True
    if restricting or node.relations[0] in RESTRICTIONS:
        return True
    first, last = node.items[0], node.items[-1]
    if isinstance(first, s.Ellipsis) or isinstance(last, s.Ellipsis):
        return True
    listed = isinstance(last, s.Group) and last.open == ""
    assigned = node.relations == ("=",) and isinstance(last, s.Number)
    return isinstance(first, s.Name) and (assigned or listed)
