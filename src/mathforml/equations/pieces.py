"""Pieces of grammar that several commands share."""

from mathforml.equations import syntax as s
from mathforml.equations.grammar import Parser

__all__ = ["argument", "braces", "signed_product"]


def argument(p: Parser) -> s.Node:
    """Parse the argument of a command: one token, or braces."""
    if p.token.text == "{" and p.token.kind == "command":
        return p.nested(lambda: braces(p))
    if p.token.kind == "number" and len(p.token.text) > 1:
        return p.first_digit()
    return p.nested(p.primary)


def braces(p: Parser) -> s.Node:
    """Parse a braced group; ``{}`` alone is an empty name."""
    start = p.at
    p.next()
    integrals, p.integrals = p.integrals, 0
    if p.accept("}"):
        p.integrals = integrals
        if p.token.text not in ("_", "^") and p.begins_factor():
            return p.factor()
        return s.Name("", place=p.since(start))
    inner = p.list("}")
    p.integrals = integrals
    if p.token.text in (r"\choose", r"\over", r"\atop"):
        kind = p.next().text
        other = p.list("}")
        pair = s.Fraction if kind == r"\over" else s.Binomial
        inner = pair(inner, other, place=p.since(start))
    if p.token.text != "}":
        if p.token.kind == "eof":
            p.fail("a matching }", p.tokens[start])
        p.fail("an operator or }")
    p.next()
    return inner


def signed_product(p: Parser) -> s.Node:
    """Parse a product that may begin with a sign."""
    start = p.at
    sign = p.sign()
    body = p.product()
    return s.Sum((sign,), (body,), place=p.since(start)) if sign == "-" else body
