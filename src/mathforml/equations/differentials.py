r"""The notations of calculus: derivatives as fractions, \nabla, integrals."""

from dataclasses import replace

from mathforml.equations import syntax as s
from mathforml.equations.grammar import Parser
from mathforml.equations.pieces import argument, signed_product

__all__ = [
    "differential",
    "differential_sign",
    "differentials",
    "fraction",
    "integral",
    "nabla",
    "partial",
    "written_derivative",
    "written_order",
]


def fraction(p: Parser, start: int) -> s.Node:
    """Parse a fraction, or a derivative if it is written as one."""
    derivative = written_derivative(p, start)
    if derivative is not None:
        return derivative
    top, bottom = argument(p), argument(p)
    return s.Fraction(top, bottom, place=p.since(start))


def differential_sign(p: Parser, at: int) -> str:
    r"""Return ``partial`` or ``total`` if a differential sign stands there."""
    token = p.tokens[at]
    if token.text == r"\partial":
        return "partial"
    if token.text.strip() == "d" and token.kind in ("letter", "word"):
        return "" if p.tokens[at + 1].text in ("_", "(", "/", "+", "-") else "total"
    return ""


def written_derivative(p: Parser, start: int) -> s.Node | None:
    r"""Parse ``{\partial^2 f}{\partial x \partial y}``."""
    sign = differential_sign(p, p.at + 1)
    if p.token.text != "{" or not sign:
        return None
    depth, at = 0, p.at
    while True:
        depth += {"{": 1, "}": -1}.get(p.tokens[at].text, 0)
        at += 1
        if depth == 0 or p.tokens[at].kind == "eof":
            break
    if p.tokens[at].text != "{" or differential_sign(p, at + 1) != sign:
        return None
    p.at += 2
    order = written_order(p)
    integrals, p.integrals = p.integrals, 0
    body = None if p.token.text == "}" else p.nested(p.chain)
    p.expect("}")
    p.expect("{")
    variables = differentials(p, sign, order)
    p.expect("}")
    p.integrals = integrals
    return s.Derivative(sign, body, variables, order, place=p.since(start))


def written_order(p: Parser) -> int:
    """Take the order of a derivative, 1 if none is written."""
    if p.token.text != "^":
        return 1
    p.next()
    node = p.script()
    return int(node.text) if isinstance(node, s.Number) and node.text.isdigit() else 2


def differentials(p: Parser, sign: str, order: int) -> tuple[s.Node, ...]:
    """Parse the denominator of a derivative: each variable as often as its order."""
    found: list[s.Node] = []
    while differential_sign(p, p.at) == sign or not found:
        if differential_sign(p, p.at) != sign:
            p.fail(r"\partial or d with a variable")
        p.next()
        written_order(p)
        variable = p.factor()
        repeat = 1
        if isinstance(variable, s.Scripted) and variable.sup is not None and order > 1:
            sup = variable.sup
            base = s.Scripted(variable.base, variable.sub, place=variable.place)
            if isinstance(sup, s.Number) and sup.text.isdigit():
                repeat = int(sup.text)
                variable = base if variable.sub else variable.base
        found += [variable] * min(repeat, 9)
    return tuple(found)


def partial(p: Parser, start: int) -> s.Node:
    r"""Parse ``\partial_x``, ``\partial L/\partial x``, or the bare sign."""
    if p.accept("_"):
        sub = p.script()
        return s.Derivative("partial", None, (sub,), place=p.since(start))
    back = p.at
    order = written_order(p)
    if p.begins_factor():
        items = [p.factor()]
        while p.begins_factor():
            items.append(p.factor())
        if p.token.text == "/" and p.tokens[p.at + 1].text == r"\partial":
            p.next()
            body = (
                items[0] if len(items) == 1 else s.Product(tuple(items), ("",) * (len(items) - 1))
            )
            p.next()
            variable = p.factor()
            if (
                isinstance(variable, s.Scripted)
                and order > 1
                and isinstance(variable.sup, s.Number)
            ):
                variable = (
                    s.Scripted(variable.base, variable.sub) if variable.sub else variable.base
                )
            return s.Derivative("partial", body, (variable,) * order, order, place=p.since(start))
    p.at = back
    return s.Name(r"\partial", place=p.since(start))


def nabla(p: Parser, start: int) -> s.Node:
    r"""Parse ``\nabla``, ``\nabla_x``, ``\nabla^2_x``."""
    variable, power = p.bounds()
    if power not in (None, s.Number("2")):
        p.fail(r"\nabla or \nabla^2", p.tokens[start])
    order = 1 if power is None else 2
    variables = () if variable is None else (variable,) * order
    return s.Derivative("nabla", None, variables, order, place=p.since(start))


def integral(p: Parser, start: int) -> s.Node:
    r"""Parse an integral up to its differential, which may also stand first."""
    count = {r"\iint": 2, r"\iiint": 3}.get(p.tokens[start].text, 1)
    low, high = p.bounds()
    if p.at_differential():
        variables = [differential(p)]
        body = signed_product(p)
        return s.Integral(low, high, body, tuple(variables), place=p.since(start))
    p.integrals += 1
    body = p.sum()
    p.integrals -= 1
    variables = []
    inside = None if p.at_differential() else in_numerator(body)
    if inside is not None:
        return s.Integral(low, high, inside[1], (inside[0],), place=p.since(start))
    if not p.at_differential():
        p.fail(r"the differential that ends the integral, such as dx or \mathrm{d}x")
    while p.at_differential() and (not variables or len(variables) < count or not p.integrals):
        variables.append(differential(p))
    return s.Integral(low, high, body, tuple(variables), place=p.since(start))


def in_numerator(body: s.Node) -> tuple[s.Node, s.Node] | None:
    r"""Part the differential of ``\int \frac{dx}{1 + x}`` from the integrand."""
    match body:
        case s.Product(items=(*rest, s.Fraction() as last), operators=operators):
            found = in_numerator(last)
            if found is None:
                return None
            return found[0], replace(body, items=(*rest, found[1]), operators=operators)
        case s.Fraction(top=s.Product(items=(s.Name(letter="d"), variable), operators=("",))):
            return variable, replace(body, top=s.Number("1", place=body.top.place))
        case s.Fraction(
            top=s.Product(items=(*rest, s.Name(letter="d"), variable), operators=operators) as top
        ) if not any(operators[-2:]):
            kept = replace(top, items=tuple(rest), operators=operators[:-2])
            return variable, replace(body, top=rest[0] if len(rest) == 1 else kept)
    return None


def differential(p: Parser) -> s.Node:
    """Parse ``dx``."""
    p.next()
    integrals, p.integrals = p.integrals, 0
    node = p.factor()
    p.integrals = integrals
    return node
