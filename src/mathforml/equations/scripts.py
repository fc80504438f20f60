"""Scripts that are no part of a name: indices, powers, transposes."""

from dataclasses import replace

from mathforml.equations import syntax as s
from mathforml.equations.bindings import Scope
from mathforml.equations.errors import (
    EquationSyntaxError,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.extents import items_of
from mathforml.equations.names import is_text, letter, spelling

__all__ = ["Local", "Scripts", "points_of", "says_text"]

Local = frozenset[str]


class Scripts:
    """The part of the reader that is concerned with scripts."""

    scope: Scope

    def read(self, node: s.Node, local: Local = frozenset()) -> s.Node:
        """Refine a node."""
        raise NotImplementedError

    def scripts(
        self, node: s.Node, sub: s.Node | None, sup: s.Node | None, raised_first: bool, local: Local
    ) -> s.Node:
        """Apply the scripts that are no part of a name: indices first, as a rule."""
        if isinstance(node, s.Apply) and node.name == "inner" and isinstance(sub, s.Name):
            sub = sub if sub.letter != "F" else None
        if isinstance(node, s.Apply) and node.name == "norm" and sub is not None:
            node, sub = replace(node, parameter=self.norm_order(sub, local)), None
        if sub is not None and isinstance(sup, s.Group) and sup.open == "(" and len(sup.items) == 1:
            examples, components = self.indices(sup.items[0], local), self.indices(sub, local)
            both = s.Bag((*examples.items, *components.items), ",", place=components.place)
            return s.Indexed(node, both, place=node.place)
        matrixlike = raised_first and sup is not None and _acts_on_matrix(sup)
        if matrixlike and sub is not None and isinstance(sup, s.Name) and sup.letter != r"\dagger":
            matrixlike = len(self.indices(sub, local).items) > 1  # a^\top_i is the row i
        if sub is not None and not matrixlike:
            node = s.Indexed(node, self.indices(sub, local), place=node.place)
        if sup is not None:
            node = self.raised(node, sup, local)
        if sub is not None and matrixlike:
            node = s.Indexed(node, self.indices(sub, local), place=node.place)
        return node

    def scripts_of(self, written: s.Node, node: s.Node, local: Local) -> s.Node:
        """Apply to a node what is written on the brackets that it came from."""
        match written:
            case s.Scripted(sub=sub, sup=sup):
                return self.scripts(node, sub, sup, written.raised_first, local)
            case s.Factorial():
                return s.Apply("factorial", (node,), place=written.place)
            case s.EvaluatedAt(body=body, at=at):
                points = tuple(self.point(c, local) for c in items_of(at))
                inner = self.scripts_of(body, node, local)
                return s.EvaluatedAt(inner, s.Bag(points), place=written.place)
        return node

    def norm_order(self, sub: s.Node, local: Local) -> s.Node:
        """Refine the subscript of a norm; F and * are no symbols there."""
        if isinstance(sub, s.Name) and letter(sub) in ("F", "infty", "star", "op", "Fro"):
            return sub
        return self.read(sub, local)

    def raised(self, node: s.Node, sup: s.Node, local: Local) -> s.Node:
        """Read a superscript that is no part of a name."""
        place = node.place
        match sup:
            case s.Name(letter=r"\top"):
                return s.Transposed(node, place=place)
            case s.Name(letter="T", accents=()) if "T" not in local:
                return s.Transposed(node, certain=False, place=place)
            case s.Sum(signs=("-",), terms=(s.Name(letter=r"\top" | "T"),)):
                return s.Transposed(s.Power(node, s.Number("-1")), place=place)
            case s.Name(letter=r"\dagger" | "+"):
                return s.Apply("pinv", (node,), place=place)
            case s.Group(open="(", items=(index,)):
                return s.Indexed(node, self.indices(index, local), place=place)
            case s.Raw() | s.Name(letter="*"):
                raise UnboundSymbolError(
                    f"{place.text} has no value; bind it, by its LaTeX if need be", place
                )
        if says_text(sup):
            self.unbound(node)
        return s.Power(node, self.read(sup, local), place=place)

    def indices(self, node: s.Node, local: Local) -> s.Bag:
        """Refine indices; letters side by side are several where the array has the axes."""
        match node:
            case s.Group(open="", items=items):
                return s.Bag(tuple(self.index(i, local) for i in items), ",", place=node.place)
            case s.Product(items=items, operators=operators) if not any(operators):
                if all(isinstance(i, s.Name | s.Number | s.Scripted) for i in items):
                    parts: list[s.Node] = []
                    for item in items:
                        parts += _digits(item)
                    read = tuple(self.index(i, local) for i in parts)
                    return s.Bag(read, "ij", place=node.place)
            case s.Number(text=text) if text.isdigit() and len(text) > 1:
                return s.Bag(tuple(_digits(node)), "12", place=node.place)
        return s.Bag((self.index(node, local),), ",", place=node.place)

    def index(self, node: s.Node, local: Local) -> s.Node:
        """Refine one index."""
        if isinstance(node, s.Name) and node.letter == r"\cdot":
            return s.Slice(place=node.place)
        return self.read(node, local)

    def point(self, node: s.Node, local: Local) -> s.Node:
        """Refine ``x = a`` below a bar, where x may be bound or not."""
        match node:
            case s.Chain(items=(variable, value), relations=("=",)):
                inside = local | points_of(node)
                read = (self.read(variable, inside), self.read(value, local))
                return replace(node, items=read)
        raise EquationSyntaxError("expected x=a below the bar", node.place)

    def unbound(self, node: s.Node) -> None:
        """Refuse a symbol that has no value."""
        raise UnboundSymbolError(
            f"{node.place.text} has no value; bound: {self.scope.bound()}", node.place
        )


def points_of(at: s.Node) -> set[str]:
    """Return the symbols that a bar gives values."""
    chains = [c for c in items_of(at) if isinstance(c, s.Chain)]
    return {key for c in chains if (key := spelling(c.items[0])) is not None}


def says_text(sup: s.Node | None) -> bool:
    """Tell whether a superscript is a text, which is always part of a name."""
    return isinstance(sup, s.Name) and is_text(sup)


def _acts_on_matrix(sup: s.Node) -> bool:
    """Tell a transpose or an inverse from a power of an entry."""
    match sup:
        case s.Name(letter=r"\top" | r"\dagger" | "T"):
            return True
        case s.Sum(signs=("-",)):
            return True
    return False


def _digits(node: s.Node) -> list[s.Node]:
    """Split a number into its digits: the 12 of ``A_{12}`` may be two indices."""
    if isinstance(node, s.Number) and node.text.isdigit():
        return [s.Number(digit, place=node.place) for digit in node.text]
    return [node]
