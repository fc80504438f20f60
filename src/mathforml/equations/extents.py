"""How far an operator reaches, and what may be the brackets of a call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mathforml.equations import syntax as s
from mathforml.equations.ellipses import filled
from mathforml.equations.names import letter, spelling

if TYPE_CHECKING:
    from mathforml.equations.bindings import Scope
    from mathforml.equations.scripts import Local

__all__ = [
    "CALL_BRACKETS",
    "EXPECTATIONS",
    "brackets",
    "expectation",
    "first_factor",
    "in_its_place",
    "items_of",
    "juxtaposed_rest",
    "letter_of",
    "written_brackets",
]

CALL_BRACKETS = ("(", "[", r"\{")


EXPECTATIONS = {"E": "E", "Var": "Var", "V": "Var", "var": "Var", "Cov": "Cov", "cov": "Cov",
                "KL": "KL", "D_KL": "KL"}  # fmt: skip


def items_of(node: s.Node) -> tuple[s.Node, ...]:
    """Return the items of a bare list, or the node alone."""
    return node.items if isinstance(node, s.Group) and node.open == "" else (node,)


def brackets(node: s.Node) -> s.Group | None:
    """Return the brackets that may hold arguments, their dots filled in."""
    found = written_brackets(node)
    if found is not None:
        found = filled(found)  # type: ignore[assignment]
    return found


def written_brackets(node: s.Node) -> s.Group | None:
    """Return the brackets that may hold arguments, below any scripts."""
    match node:
        case s.Scripted(base=inner) | s.Factorial(body=inner):
            node = inner
        case s.EvaluatedAt(body=inner):
            return written_brackets(inner)
    return node if isinstance(node, s.Group) and node.open in CALL_BRACKETS else None


def expectation(node: s.Node, scope: Scope, local: Local) -> str | None:
    r"""Return which of ``\mathbb{E}``, ``Var``, ``Cov``, ``KL`` a symbol is, unless it is bound."""
    name = node.base if isinstance(node, s.Scripted) else node
    if not isinstance(name, s.Name) or name.accents or name.primes:
        return None
    full = spelling(node)
    found = EXPECTATIONS.get(letter(name)) or (EXPECTATIONS.get(full) if full else None)
    if found is None and isinstance(node, s.Scripted) and letter(name) == "D":
        found = EXPECTATIONS.get(full or "")
    keys = {letter(name), spelling(name), full}
    if found == "Var" and letter(name) == "V" and name.font != "mathbb":
        return None
    return (
        None if any(k and (k in scope or k in local or k in scope.calls) for k in keys) else found
    )


def letter_of(node: s.Node) -> str:
    """Return the letter of a symbol."""
    name = node.base if isinstance(node, s.Scripted) else node
    return letter(name) if isinstance(name, s.Name) else ""


def juxtaposed_rest(node: s.Product, at: int) -> tuple[s.Node | None, int]:
    """Return what stands beside an operator, up to a sign or another derivative."""
    end = at
    while end < len(node.items) and node.operators[end - 1] == "":
        item = node.items[end]
        base = item.base if isinstance(item, s.Scripted) else item
        if isinstance(base, s.Derivative) and end > at:
            break
        end += 1
        if isinstance(base, s.Derivative) and base.body is not None and end - 1 == at:
            break
    if end == at:
        return None, at
    items = node.items[at:end]
    if len(items) == 1:
        return items[0], end
    place = node.place._replace(start=items[0].place.start, end=items[-1].place.end)
    return s.Product(items, node.operators[at : end - 1], place=place), end


def first_factor(node: s.Node) -> s.Node:
    """Return the first factor of a product, without what is written on it."""
    match node:
        case s.Multiply(operator="", left=inner) | s.Transposed(base=inner) | s.Power(base=inner):
            return first_factor(inner)
    return node


def in_its_place(node: s.Node, new: s.Node) -> s.Node:
    """Put another node in the place of the first factor."""
    match node:
        case s.Multiply(operator="", left=inner):
            return replace(node, left=in_its_place(inner, new))
        case s.Transposed(base=inner) | s.Power(base=inner):
            return replace(node, base=in_its_place(inner, new))
    return new
