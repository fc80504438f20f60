r"""Juxtaposition: which brackets are calls, and how far ``\log`` and ``\nabla`` reach."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mathforml.equations import syntax as s
from mathforml.equations.binders import read_derivative, read_expectation
from mathforml.equations.bindings import parameters
from mathforml.equations.composition import composed
from mathforml.equations.errors import EquationError, EquationSyntaxError
from mathforml.equations.extents import (
    brackets,
    expectation,
    juxtaposed_rest,
    letter_of,
    written_brackets,
)

if TYPE_CHECKING:
    from mathforml.equations.reading import Head, Reader
    from mathforml.equations.scripts import Local

__all__ = ["read_product"]

INVERSES = {"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "log", "ln", "exp"}


def read_product(reader: Reader, node: s.Product, local: Local) -> s.Node:
    """Refine a product: find the operands, then multiply them as the signs say."""
    factors: list[s.Node] = []
    operators: list[str] = []
    at = 0
    while at < len(node.items):
        if at:
            operators.append(node.operators[at - 1])
        factor, at = operand(reader, node, at, local)
        factors.append(factor)
    return fold(factors, operators, node)


def fold(factors: list[s.Node], operators: list[str], node: s.Node) -> s.Node:
    """Multiply: juxtaposition binds before written operators."""
    segments: list[list[s.Node]] = [[factors[0]]]
    between: list[str] = []
    for operator, factor in zip(operators, factors[1:], strict=True):
        if operator == "":
            if between and between[-1] in ("/", r"\div"):
                a, b, c = (f.place.text for f in (segments[-2][-1], segments[-1][0], factor))
                raise EquationSyntaxError(
                    f"{a}/{b} {c} is ambiguous; "
                    f"write \\frac{{{a}}}{{{b}}} {c} or \\frac{{{a}}}{{{b} {c}}}",
                    factor.place,
                )
            segments[-1].append(factor)
        else:
            between.append(operator)
            segments.append([factor])
    products = [_juxtaposed(segment) for segment in segments]
    result = products[0]
    for operator, factor in zip(between, products[1:], strict=True):
        place = node.place
        if operator in ("/", r"\div"):
            result = s.Fraction(result, factor, place=place)
        else:
            result = s.Multiply(operator, result, factor, place=place)
    return result


def _juxtaposed(factors: list[s.Node]) -> s.Node:
    result = factors[0]
    for factor in factors[1:]:
        start, end = result.place.start, factor.place.end
        result = s.Multiply("", result, factor, place=result.place._replace(start=start, end=end))
    return result


def operand(reader: Reader, node: s.Product, at: int, local: Local) -> tuple[s.Node, int]:
    """Refine the operand that begins at an item; return it and where the next begins."""
    item = node.items[at]
    follows = at + 1 < len(node.items) and node.operators[at] == ""
    if isinstance(item, s.Operator):
        return applied(reader, node, at, local)
    derivative = item.base if isinstance(item, s.Scripted) else item
    if isinstance(derivative, s.Derivative) and derivative.body is None:
        if derivative.style == "nabla" and not derivative.variables and follows:
            return gradient(reader, derivative, node, at, local)
        rest, end = juxtaposed_rest(node, at + 1)
        if rest is None:
            raise EquationSyntaxError("this derivative has nothing to differentiate", item.place)
        found = read_derivative(reader, derivative, rest, local)
        if isinstance(item, s.Scripted):
            found = reader.scripts(found, item.sub, item.sup, False, local)
        return found, end
    if isinstance(item, s.Name | s.Scripted) and isinstance(
        item.base if isinstance(item, s.Scripted) else item, s.Name
    ):
        kind = expectation(item, reader.scope, local)
        if kind is not None and follows:
            return expected(reader, node, at, kind, local)
        return symbol_operand(reader, node, at, local)
    group = brackets(node.items[at + 1]) if follows else None
    if group is not None:
        call = composed(reader, item, group, local)
        if call is not None:
            return reader.scripts_of(node.items[at + 1], call, local), at + 2
    return reader.read(item, local), at + 1


def gradient(
    reader: Reader, nabla: s.Derivative, node: s.Product, at: int, local: Local
) -> tuple[s.Node, int]:
    r"""Refine ``\nabla f(x)^\top y``: without a variable, nabla takes the call after it alone."""
    item = node.items[at + 1]
    call = is_call(reader, node, at + 1, local)
    written = node.items[at + 2] if call else item
    body: s.Node = item
    if call:
        inner = brackets(written)
        assert inner is not None
        body = s.Product((item, inner), ("",), place=item.place._replace(end=inner.place.end))
    elif isinstance(item, s.Scripted) and item.sub is None:
        body = item.base
    found = read_derivative(reader, nabla, body, local)
    return reader.scripts_of(written, found, local) if body is not item else found, at + 2 + call


def symbol_operand(reader: Reader, node: s.Product, at: int, local: Local) -> tuple[s.Node, int]:
    """Refine a symbol and, if they are its arguments, the brackets after it."""
    item = node.items[at]
    assert isinstance(item, s.Name | s.Scripted)
    follows = at + 1 < len(node.items) and node.operators[at] == ""
    group = brackets(node.items[at + 1]) if follows else None
    head = reader.symbol(item, local)
    if group is None:
        return reader.finish(head, local), at + 1
    constant = isinstance(head.node, s.Apply) and head.node.name in ("ones", "eye")
    if constant and len(group.items) == 1 and isinstance(group.items[0], s.Chain):
        conditions = tuple(reader.read(i, local) for i in group.items)
        indicator = s.Apply("indicator", conditions, place=item.place)
        return around(reader, node.items[at + 1], indicator, head, local), at + 2
    if head.key == "Gamma" and not head.function and group.items:
        call: s.Node = s.Apply("gamma", (reader.read(group.items[0], local),), place=item.place)
        return around(reader, node.items[at + 1], call, head, local), at + 2
    match head.sup:
        case s.Group(open="(", items=(s.Number(text=order),)) if (
            head.function and head.key not in reader.scope.families and order.isdigit()
        ):
            head = replace(head, sup=None, primes=int(order))
    if not head.function:
        return value_before_brackets(reader, node, at, head, group, local)
    if _is_product(reader, head, group):
        reader.readings[item.place.text + group.place.text] = "product"
        return reader.finish(head, local), at + 1
    reader.readings[item.place.text + group.place.text] = "call"
    written = written_brackets(node.items[at + 1])
    call = call_of(reader, item, head, group, local, written)
    return around(reader, node.items[at + 1], call, head, local), at + 2


def _is_product(reader: Reader, head: Head, group: s.Group) -> bool:
    """Tell whether brackets after a function multiply it: it stands alone elsewhere."""
    if head.key not in reader.standing or len(group.items) != 1:
        return False
    if isinstance(group.items[0], s.Sum):
        return True
    inner = type(reader)(reader.scope, (group.items[0],))
    return head.key in inner.standing


def call_of(
    reader: Reader, item: s.Node, head: Head, group: s.Group, local: Local, written: s.Group | None
) -> s.Node:
    """Build the call; among functions of one letter the text of the call decides."""
    key = reader.scope.matching_call(head.key, group, written)
    function: s.Node = head.node
    if key is not None:
        function = s.Ref(key.key, place=item.place)
    elif head.key not in reader.scope:
        reader.unbound(s.Ref(head.key, place=item.place._replace(end=group.place.end)))
    if head.sub is not None and head.key in reader.scope.families:
        function = s.Indexed(function, reader.indices(head.sub, local), place=item.place)
    bound = reader.scope.values.get(key.key if key else head.key)
    if not group.items and callable(bound) and parameters(bound):
        raise EquationSyntaxError(f"{item.place.text} is called without arguments", group.place)
    arguments = tuple(argument(reader, i, local) for i in group.items)
    place = item.place._replace(end=group.place.end)
    call: s.Node = s.Call(function, arguments, group.separators, head.primes, place=place)
    if head.sub is not None and head.key not in reader.scope.families:
        call = s.Indexed(call, reader.indices(head.sub, local), place=place)
    return call


def argument(reader: Reader, item: s.Node, local: Local) -> s.Node:
    """Refine one argument: of ``A = a`` the value is passed."""
    if isinstance(item, s.Chain):
        if item.relations != ("=",):
            raise EquationError(
                "a relation among arguments; bind the whole call under its text", item.place
            )
        return reader.read(item.items[1], local)
    if isinstance(item, s.Name) and item.letter == r"\cdot":
        return s.Slice(place=item.place)
    return reader.read(item, local)


def around(reader: Reader, written: s.Node, call: s.Node, head: Head, local: Local) -> s.Node:
    """Apply to a call what is written on the function and on the brackets."""
    if head.sup is not None:
        if isinstance(head.sup, s.Sum) and head.sup.signs == ("-",):
            name = head.node.place.text
            raise EquationSyntaxError(
                f"{name} is ambiguous; write the inverse function by a key of its own, "
                r"or \frac{1}{…}",
                head.node.place,
            )
        call = reader.raised(call, head.sup, local)
    return reader.scripts_of(written, call, local)


def value_before_brackets(
    reader: Reader, node: s.Product, at: int, head: Head, group: s.Group, local: Local
) -> tuple[s.Node, int]:
    """After a value brackets multiply, or index an array by integers."""
    item = node.items[at]
    unknown = isinstance(head.node, s.Ref) and not head.key
    if unknown and letter_of(item) not in reader.subscripts:
        reader.unbound(s.Ref("", place=item.place))
    plain = head.sub is None and head.sup is None
    if (
        head.key in reader.scope.arrays
        and plain
        and len(group.items) == reader.scope.arrays[head.key]
    ):
        indices = s.Bag(
            tuple(reader.read(i, local) for i in group.items), group.open, place=group.place
        )
        indexed: s.Node = s.Indexed(
            head.node, indices, place=item.place._replace(end=group.place.end)
        )
        return reader.scripts_of(node.items[at + 1], indexed, local), at + 2
    if len(group.items) > 1 and not unknown and not isinstance(head.node, s.Apply):
        raise EquationError(
            f"{item.place.text} is no function, so brackets after it cannot hold "
            f"{len(group.items)} arguments; bind a function",
            item.place,
        )
    return reader.finish(head, local), at + 1


def expected(
    reader: Reader, node: s.Product, at: int, kind: str, local: Local
) -> tuple[s.Node, int]:
    """Refine an expectation and what it is taken of."""
    item = node.items[at]
    group = brackets(node.items[at + 1])
    if group is None:
        rest, end = juxtaposed_rest(node, at + 1)
        assert rest is not None
        return read_expectation(reader, item, kind, (rest,), (), local), end
    found = read_expectation(reader, item, kind, group.items, group.separators, local)
    sup = item.sup if isinstance(item, s.Scripted) else None
    if sup is not None:
        found = reader.raised(found, sup, local)
    return reader.scripts_of(node.items[at + 1], found, local), at + 2


def is_call(reader: Reader, node: s.Product, at: int, local: Local) -> bool:
    """Tell whether a bound function with its brackets begins at an item."""
    item = node.items[at]
    base = item.base if isinstance(item, s.Scripted) else item
    if not isinstance(item, s.Name | s.Scripted) or not isinstance(base, s.Name):
        return False
    if at + 1 == len(node.items) or node.operators[at] or not brackets(node.items[at + 1]):
        return False
    return reader.symbol(item, local).function


def _own(reader: Reader, item: s.Operator) -> s.Ref | None:
    r"""Return the function that the caller binds in the place of ``\tanh`` or its kin."""
    bound = callable(reader.scope.values.get(item.name)) and item.sub is None
    return s.Ref(item.name, place=item.place) if bound else None


def applied(reader: Reader, node: s.Product, at: int, local: Local) -> tuple[s.Node, int]:
    r"""Refine a named function and its argument: brackets, or what stands beside it."""
    item = node.items[at]
    assert isinstance(item, s.Operator)
    follows = at + 1 < len(node.items) and node.operators[at] == ""
    if not follows:
        raise EquationSyntaxError(f"{item.name} has no argument", item.place)
    if isinstance(item.sup, s.Sum) and item.sup.signs == ("-",) and item.name in INVERSES:
        n = item.place.text
        raise EquationSyntaxError(
            f"{n} is ambiguous; write \\arc{item.name} or \\frac{{1}}{{\\{item.name} x}}",
            item.place,
        )
    parameter = None if item.sub is None else reader.read(item.sub, local)
    primes = len(item.sup.text) if isinstance(item.sup, s.Raw) else 0
    group = brackets(node.items[at + 1])
    if group is not None:
        if not group.items:
            raise EquationSyntaxError(f"{item.name} is called without arguments", group.place)
        arguments = tuple(reader.read(i, local) for i in group.items)
        end = at + 2
        place = item.place._replace(end=group.place.end)
        own = _own(reader, item)
        found: s.Node = s.Apply(item.name, arguments, parameter, place=place)
        if own is not None or primes:
            function = own or s.Operator(item.name, parameter, place=item.place)
            separators = (",",) * (len(arguments) - 1)
            found = s.Call(function, arguments, separators, primes, place=place)
        if item.sup is not None and not primes:
            found = reader.raised(found, item.sup, local)
        return reader.scripts_of(node.items[at + 1], found, local), end
    factors: list[s.Node] = []
    end = at + 1
    while end < len(node.items) and (end == at + 1 or node.operators[end - 1] == ""):
        following = node.items[end]
        base = following.base if isinstance(following, s.Scripted) else following
        stops = isinstance(base, s.Operator | s.Big | s.Derivative | s.Integral)
        stops = stops or is_call(reader, node, end, local)
        if end > at + 1 and (stops or brackets(following)):
            break
        factor, end = operand(reader, node, end, local)
        factors.append(factor)
    argument_ = _juxtaposed(factors)
    place = item.place._replace(end=argument_.place.end)
    own = _own(reader, item)
    found = s.Apply(item.name, (argument_,), parameter, place=place)
    if own is not None:
        found = s.Call(own, (argument_,), (), place=place)
    return (found if item.sup is None else reader.raised(found, item.sup, local)), end
