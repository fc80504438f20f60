r"""Dots between two ends that differ in one integer: ``x_1 + \cdots + x_n``."""

from dataclasses import fields, replace
from itertools import count
from typing import Any

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationSyntaxError

__all__ = ["filled"]

FRESH = count()


def filled(node: s.Node) -> s.Node:
    """Replace the dots directly in a node by the range they stand for.

    Raises
    ------
    EquationSyntaxError
        If the two ends do not differ in one integer.
    """
    match node:
        case s.Sum(signs=signs, terms=terms) if _dots(terms):
            at = _position(terms, node)
            if len(set(signs[1 : at + 2])) > 1:
                raise EquationSyntaxError("the signs around the dots differ", node.place)
            first, reduced, rest = _range(terms, at, "sum", node)
            kept_signs = (*signs[:first], signs[at], *signs[at + 2 :])
            kept = (*terms[:first], reduced, *rest)
            return s.Sum(kept_signs, kept, place=node.place) if len(kept) > 1 else reduced
        case s.Product(items=items, operators=operators) if _dots(items):
            at = _position(items, node)
            width = _width(items, at)
            if width > 1:
                items, operators, at = _grouped(items, operators, at, width)
            first, reduced, rest = _range(items, at, "prod", node)
            before = operators[:first]
            after = operators[at + 1 :]
            kept = (*items[:first], reduced, *rest)
            if len(kept) == 1:
                return reduced
            return s.Product(kept, (*before, *after), place=node.place)
        case s.Group(items=items, separators=separators) if _dots(items) and len(items) > 1:
            at = _position(items, node)
            first, reduced, rest = _range(items, at, "list", node)
            left = len(items[:first]) + 1 + len(rest)
            marks = (separators[0],) * (left - 1)
            return s.Group(
                node.open, node.close, (*items[:first], reduced, *rest), marks, place=node.place
            )
        case s.Matrix(rows=rows) if any(_dots(row) for row in rows):
            return _matrix(node)
    return node


def _matrix(node: s.Matrix) -> s.Node:
    """Fill the rows of a matrix, then the columns; its rows become groups."""
    rows: list[s.Node] = []
    for row in node.rows:
        if all(isinstance(cell, s.Ellipsis) for cell in row):
            rows.append(row[0])
            continue
        cells = row
        if _dots(row):
            at = _position(row, node)
            first, reduced, rest = _range(row, at, "list", node, s.Name("column#"))
            cells = (*row[:first], reduced, *rest)
        rows.append(s.Group("row", "", cells, (",",) * (len(cells) - 1), place=row[0].place))
    found = tuple(rows)
    if _dots(found):
        at = _position(found, node)
        first, reduced, rest = _range(found, at, "list", node)
        found = (*found[:first], reduced, *rest)
    return s.Matrix(tuple((row,) for row in found), "dots", place=node.place)


def _dots(items: tuple[s.Node, ...]) -> bool:
    return any(isinstance(item, s.Ellipsis) for item in items)


def _position(items: tuple[s.Node, ...], node: s.Node) -> int:
    at = next(k for k, item in enumerate(items) if isinstance(item, s.Ellipsis))
    if at == 0 or at == len(items) - 1:
        raise EquationSyntaxError("the dots need a term on either side", items[at].place)
    return at


def _width(items: tuple[s.Node, ...], at: int) -> int:
    """Return how many factors on either side of the dots form one term."""
    for width in range(1, min(at, len(items) - at - 1) + 1):
        left = s.Product(items[at - width : at], ("",) * (width - 1))
        right = s.Product(items[at + 1 : at + 1 + width], ("",) * (width - 1))
        if differences(left, right):
            return width
    return 1


def _grouped(
    items: tuple[s.Node, ...], operators: tuple[str, ...], at: int, width: int
) -> tuple[tuple[s.Node, ...], tuple[str, ...], int]:
    """Bundle the factors of one term on each side."""
    start = at % width
    bundles = [
        s.Product(items[k : k + width], ("",) * (width - 1)) for k in range(start, at, width)
    ]
    right = s.Product(items[at + 1 : at + 1 + width], ("",) * (width - 1))
    found = (*items[:start], *bundles, items[at], right, *items[at + 1 + width :])
    return found, ("",) * (len(found) - 1), start + len(bundles)


def _range(
    items: tuple[s.Node, ...], at: int, kind: str, node: s.Node, dummy: s.Name | None = None
) -> tuple[int, s.Node, tuple[s.Node, ...]]:
    """Return where the range begins, the operator that replaces it, and what follows."""
    if any(_several(item) for item in items):
        items = tuple(_spelled_out(item) for item in items)
    last = items[at + 1]
    found = differences(items[at - 1], last)
    if not found or len(set(found)) != 1:
        raise EquationSyntaxError(
            f"{items[at - 1].place.text} and {last.place.text} around the dots must differ "
            "in one integer",
            items[at].place,
        )
    first = at - 1
    while first > 0:
        earlier = differences(items[first - 1], last)
        step = differences(items[first - 1], items[first])
        if not earlier or len(set(earlier)) != 1 or not step or len(set(step)) != 1:
            break
        if not _consecutive(*step[0], down=_down(found[0])):
            break
        first -= 1
    start, stop = differences(items[first], last)[0]
    dummy = dummy or s.Name(f"k#{next(FRESH)}", place=items[at].place)
    body = _template(items[first], last, dummy)
    below = s.Chain((dummy, start), ("=",))
    return first, s.Big(kind, below, stop, body, place=node.place), items[at + 2 :]


def _several(node: s.Node) -> bool:
    """Tell whether a term has several letters side by side as indices."""
    return any(isinstance(n, s.Scripted) and isinstance(n.sub, s.Product) for n in s.walk(node))


def _spelled_out(node: s.Node) -> s.Node:
    """Read the 11 of ``A_{11}`` as two indices, as beside ``A_{1n}``."""
    change: dict[s.Node, s.Node] = {}
    for part in s.walk(node):
        if (
            isinstance(part, s.Scripted)
            and isinstance(part.sub, s.Number)
            and len(part.sub.text) > 1
        ):
            digits = tuple(s.Number(d, place=part.sub.place) for d in part.sub.text)
            product = s.Product(digits, ("",) * (len(digits) - 1), place=part.sub.place)
            change[part] = replace(part, sub=product)
    return s.transform(node, change) if change else node


def _down(pair: tuple[s.Node, s.Node]) -> bool:
    return isinstance(pair[1], s.Number) and not isinstance(pair[0], s.Number)


def _consecutive(a: s.Node, b: s.Node, down: bool) -> bool:
    if (
        isinstance(a, s.Number)
        and isinstance(b, s.Number)
        and a.text.isdigit()
        and b.text.isdigit()
    ):
        return int(b.text) == int(a.text) + (-1 if down else 1)
    return True


def differences(a: s.Node, b: s.Node) -> list[tuple[s.Node, s.Node]]:
    """Return the pairs of integers in which two terms differ, or nothing if they differ more."""
    found: list[tuple[s.Node, s.Node]] = []
    return found if _compare(a, b, found) else []


def _compare(a: s.Node, b: s.Node, found: list[tuple[s.Node, s.Node]]) -> bool:
    if a == b:
        return True
    simple = (s.Number, s.Name, s.Sum, s.Product)
    if isinstance(a, s.Number) and a.text.isdigit() and isinstance(b, simple):
        found.append((a, b))
        return True
    if isinstance(b, s.Number) and b.text.isdigit() and isinstance(a, simple):
        found.append((a, b))
        return True
    if type(a) is type(b) and not isinstance(a, s.Name):
        mark = len(found)
        parts = [p.name for p in fields(a) if p.name not in ("place", "places")]
        if all(_compare_parts(getattr(a, p), getattr(b, p), found) for p in parts):
            return True
        del found[mark:]
    if isinstance(a, s.Name | s.Sum) and isinstance(b, s.Name | s.Sum):
        found.append((a, b))
        return True
    return False


def _compare_parts(a: Any, b: Any, found: list[tuple[s.Node, s.Node]]) -> bool:
    if isinstance(a, s.Node) and isinstance(b, s.Node):
        return _compare(a, b, found)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(
            _compare_parts(x, y, found) for x, y in zip(a, b, strict=True)
        )
    return bool(a == b)


def _template(a: Any, b: Any, dummy: s.Name) -> Any:
    """Put the dummy where two terms differ."""
    if a == b:
        return a
    if isinstance(a, tuple):
        return tuple(_template(x, y, dummy) for x, y in zip(a, b, strict=True))
    plain = isinstance(a, s.Number) or isinstance(b, s.Number) or isinstance(a, s.Name)
    if plain or type(a) is not type(b):
        return dummy
    trial: list[tuple[s.Node, s.Node]] = []
    if isinstance(a, s.Sum) and not _sum_differs_inside(a, b, trial):
        return dummy
    parts = {
        p.name: _template(getattr(a, p.name), getattr(b, p.name), dummy)
        for p in fields(a)
        if p.name not in ("place", "places")
    }
    return replace(a, **parts)


def _sum_differs_inside(a: s.Sum, b: s.Sum, found: list[tuple[s.Node, s.Node]]) -> bool:
    return _compare_parts(a.signs, b.signs, found) and _compare_parts(a.terms, b.terms, found)
