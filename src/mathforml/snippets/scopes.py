"""Which names a definition takes from its module, and which are its own."""

import ast
import symtable
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mathforml.snippets.modules import Piece

__all__ = ["Names", "annotations", "names_of"]

AT_ONCE = {"genexpr", "lambda", "listcomp", "setcomp", "dictcomp"}  # run where they stand


class Names(NamedTuple):
    """The names in some statements.

    Attributes
    ----------
    free : set of str
        Looked up in the module, or built in.
    early : set of str
        Those of them that are needed when the statements are run, not when a function is called.
    own : set of str
        Parameters and whatever else is bound inside.
    """

    free: set[str]
    early: set[str]
    own: set[str]


def names_of(piece: Piece, postponed: bool) -> Names:
    """Sort the names of a piece of a module.

    Parameters
    ----------
    piece : Piece
        Its statements.
    postponed : bool
        Whether annotations are not evaluated.

    Returns
    -------
    names : Names
        Taken from the module, and own.
    """
    free: set[str] = set()
    early: set[str] = set()
    own: set[str] = set()
    written: set[str] = set()
    for node in piece.body:
        text = ast.unparse(node)
        found = _sorted(f"from __future__ import annotations\n{text}" if postponed else text)
        free, early, own = free | found.free, early | found.early, own | found.own
        for _, expression in annotations(node):
            written |= {part.id for part in ast.walk(expression) if isinstance(part, ast.Name)}
    return Names(free | (written - own), early, own)


@cache
def _sorted(text: str) -> Names:
    """Sort the names of some code; those in quoted annotations are missing."""
    top = symtable.symtable(text, "piece", "exec")
    free = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    early, own = set(free), set[str]()
    waiting = [(table, True) for table in top.get_children()]
    while waiting:
        table, now = waiting.pop()
        now &= table.get_type() != "function" or table.get_name() in AT_ONCE
        for symbol in table.get_symbols():
            name = symbol.get_name()
            again = table.get_type() == "class" and symbol.is_referenced()  # y = f(y)
            if symbol.is_global() or (again and symbol.is_local()):
                free.add(name)
                early |= {name} if now else set()
            if symbol.is_local():
                own.add(name)
        waiting += [(child, now) for child in table.get_children()]
    return Names(free, early, own)


def annotations(node: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the annotations in a statement.

    Parameters
    ----------
    node : ast.stmt
        The statement.

    Yields
    ------
    written : ast.expr
        As it stands there, or a string in it.
    meant : ast.expr
        The same, or what the string says.
    """
    for part in ast.walk(node):
        for field in ("annotation", "returns"):
            expression = getattr(part, field, None)
            if isinstance(expression, ast.expr):
                yield expression, expression
                yield from _quoted(expression)


def _quoted(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the strings in an annotation that stand for types."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Literal"):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            yield node, ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return
    for child in ast.iter_child_nodes(node):
        yield from _quoted(child)
