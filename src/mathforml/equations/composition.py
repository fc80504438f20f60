r"""Brackets around functions alone: ``(u + v)(x)``, ``(f \circ g)'(x)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Definition

if TYPE_CHECKING:
    from mathforml.equations.reading import Reader
    from mathforml.equations.scripts import Local

__all__ = ["composed", "of_functions"]


def composed(reader: Reader, head: s.Node, group: s.Group, local: Local) -> s.Node | None:
    """Read a combination of functions applied to arguments, or return None if it is none."""
    primes = 0
    inner = head
    if isinstance(head, s.Scripted) and isinstance(head.sup, s.Raw) and head.sub is None:
        inner, primes = head.base, head.sup.text.count("'")
    if not isinstance(inner, s.Group) or inner.open not in ("(", "[") or len(inner.items) != 1:
        return None
    arguments = tuple(reader.read(i, local) for i in group.items)
    place = head.place._replace(end=group.place.end)
    key = reader.scope.matching_call("".join(inner.place.text.split()), group)
    if key is not None:
        return s.Call(
            s.Ref(key.key, place=head.place), arguments, group.separators, primes, place=place
        )
    if not of_functions(reader, inner.items[0], local) or len(group.items) != 1:
        return None
    variable = s.Name(f"x#{len(reader.scope.definitions)}")
    body = _applied(inner.items[0], variable)
    name = f"composed#{len(reader.scope.definitions)}"
    definition = Definition(
        name, (), (s.Ref(variable.letter),), reader.read(body, local | {variable.letter})
    )
    reader.scope.define(definition)
    return s.Call(s.Ref(name, place=head.place), arguments, (), primes, place=place)


def of_functions(reader: Reader, node: s.Node, local: Local) -> bool:
    """Tell whether every symbol of a node is a function without arguments."""
    match node:
        case s.Sum(terms=parts) | s.Product(items=parts):
            kinds = [of_functions(reader, p, local) for p in parts]
            return all(
                k or isinstance(p, s.Number) for k, p in zip(kinds, parts, strict=True)
            ) and any(kinds)
        case s.Group(items=(inner,)):
            return of_functions(reader, inner, local)
        case s.Scripted(base=s.Group() as inner, sub=None, sup=s.Raw()):
            return of_functions(reader, inner, local)
        case s.Name() | s.Scripted(base=s.Name()):
            return reader.symbol(node, local).function
    return False


def _applied(node: s.Node, variable: s.Node) -> s.Node:
    """Put the variable into every function, the inner ones of a composition first."""
    match node:
        case s.Sum(signs=signs, terms=terms):
            return s.Sum(signs, tuple(_applied(t, variable) for t in terms), place=node.place)
        case s.Product(items=items, operators=operators):
            if set(operators) == {r"\circ"}:
                found = variable
                for function in reversed(items):
                    found = _applied(function, found)
                return found
            return s.Product(
                tuple(_applied(i, variable) for i in items), operators, place=node.place
            )
        case s.Number():
            return node
    return s.Product((node, s.Group("(", ")", (variable,))), ("",), place=node.place)
