r"""Letters side by side that spell a word: ``Pr(x)``, ``\mathbf{AB}``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mathforml.equations import syntax as s
from mathforml.equations.names import candidates
from mathforml.equations.scripts import Local

if TYPE_CHECKING:
    from mathforml.equations.reading import Reader

__all__ = ["unjoined"]


def unjoined(reader: Reader, node: s.Node, local: Local) -> s.Node:
    r"""Read ``\mathbf{AB}`` as a product unless AB is bound."""
    match node:
        case s.Scripted(base=s.Name(), sup=s.Product(items=(first, last), operators=("",))):
            if last in (s.Name(r"\top"), s.Name("T")):
                named = replace(node, sup=first)
                return s.Scripted(named, None, last, place=node.place)
    name = node.base if isinstance(node, s.Scripted) else node
    if isinstance(name, s.Name) and name.font == "joined":
        assert isinstance(node, s.Name | s.Scripted)
        if any(c.key in reader.scope or c.key in reader.scope.calls for c in candidates(node)):
            return node
        if any(k not in reader.scope and k not in local for k in name.letter):
            return node
        letters = tuple(s.Name(k, place=name.place) for k in name.letter)
        product = s.Product(letters, ("",) * (len(letters) - 1), place=name.place)
        group = s.Group("(", ")", (product,), place=name.place)
        return replace(node, base=group) if isinstance(node, s.Scripted) else group
    if isinstance(node, s.Product):
        node = replace(node, items=tuple(unjoined(reader, i, local) for i in node.items))
        return joined(reader, node, local)
    return node


def joined(reader: Reader, node: s.Product, local: Local) -> s.Node:
    """Read letters side by side, as in ``Pr(x)``, as the word that is bound."""
    for start in range(len(node.items) - 1):
        end = start
        while end < len(node.items) and end - start < 12 and _adjoins(node, start, end):
            end += 1
        for stop in range(end, start + 1, -1):
            found = word_of(reader, node.items[start:stop], local)
            if found is not None:
                items = (*node.items[:start], found, *node.items[stop:])
                operators = (*node.operators[:start], *node.operators[stop - 1 :])
                if len(items) == 1:
                    return found
                return joined(reader, replace(node, items=items, operators=operators), local)
    return node


def word_of(reader: Reader, letters: tuple[s.Node, ...], local: Local) -> s.Node | None:
    """Return the bound word that letters spell, unless each of them has a value."""
    last = letters[-1]
    names = [i.base if isinstance(i, s.Scripted) else i for i in letters]
    text = "".join(n.letter for n in names if isinstance(n, s.Name))
    place = letters[0].place._replace(end=last.place.end)
    word: s.Name | s.Scripted = s.Name(text, place=place)
    if isinstance(last, s.Scripted):
        word = s.Scripted(word, last.sub, last.sup, last.raised_first, place=place)
    known = (reader.scope, reader.scope.calls, local)
    if not any(c.key in k for c in candidates(word) for k in known):
        return None
    each = [any(n.letter in k for k in known) for n in names if isinstance(n, s.Name)]
    return None if all(each) else word


def _adjoins(node: s.Product, start: int, at: int) -> bool:
    """Tell whether an item is a letter written right after the one before."""
    item = node.items[at]
    name = item.base if isinstance(item, s.Scripted) else item
    if not isinstance(name, s.Name) or len(name.letter) != 1 or name.font or name.accents:
        return False
    if at == start:
        return isinstance(item, s.Name) and not name.primes
    before = node.items[at - 1]
    together = node.operators[at - 1] == "" and before.place.end == item.place.start
    return together and isinstance(before, s.Name) and before.place.latex != ""
