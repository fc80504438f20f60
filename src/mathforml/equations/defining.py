"""Displayed definitions, which become functions of the graph."""

from __future__ import annotations

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Definition, Scope
from mathforml.equations.errors import (
    EquationSyntaxError,
)  # fmt: skip
from mathforml.equations.names import spelling
from mathforml.equations.reading import Reader

__all__ = ["add_definition"]


def add_definition(scope: Scope, left: s.Node, right: s.Node, readings: dict[str, str]) -> None:
    """Read a definition and add it to the scope."""
    arguments: tuple[s.Node, ...] = ()
    head = left
    if isinstance(left, s.Product) and len(left.items) == 2 and isinstance(left.items[1], s.Group):
        head, arguments = left.items[0], left.items[1].items
    indices: tuple[s.Name, ...] = ()
    name = head
    if isinstance(head, s.Scripted) and isinstance(head.base, s.Name) and head.sub is not None:
        parts = head.sub.items if isinstance(head.sub, s.Group | s.Product) else (head.sub,)
        letters = tuple(p for p in parts if isinstance(p, s.Name) and len(p.letter) == 1)
        if len(letters) == len(parts) and all(_stands_on_right(p, right) for p in letters):
            indices, name = letters, head.base
    key = spelling(name)
    if key is None:
        raise EquationSyntaxError("expected a symbol to define", left.place)
    reader = Reader(scope, (right,))
    keys = tuple(spelling(a) or "" for a in arguments)
    local = frozenset(i.letter for i in indices) | set(keys)
    body = reader.read(right, frozenset(local))
    readings |= reader.readings
    parameters_ = tuple(s.Ref(k, place=a.place) for k, a in zip(keys, arguments, strict=True))
    scope.define(Definition(key, indices, parameters_, body))


def _stands_on_right(name: s.Name, right: s.Node) -> bool:
    return any(isinstance(n, s.Name) and n.letter == name.letter for n in s.walk(right))
