"""Pieces of grammar that several commands share."""

from mathforml.equations import syntax as s
from mathforml.equations.cursor import DEEPEST
from mathforml.equations.grammar import Parser
from mathforml.equations.lexing import CLOSERS

__all__ = ["argument", "bars", "braces", "brackets", "signed_product"]

CLOSING = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"}


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


def brackets(p: Parser) -> s.Node:
    """Parse brackets, of one kind unless they hold an interval."""
    start = p.at
    opening = p.next()
    integrals, p.integrals = p.integrals, 0
    if p.token.text in CLOSERS:
        closing = p.next().text
        return s.Group(opening.text, closing, (), place=p.since(start))
    if p.token.kind == "close" and opening.text == r"\left.":
        p.fail("an expression")
    inner = p.list("")
    p.integrals = integrals
    if opening.text == r"\left." and p.token.text == "|":
        p.next()
        p.expect("_")
        return s.EvaluatedAt(inner, p.script(), place=p.since(start))
    if p.token.text not in CLOSERS:
        if p.token.kind == "eof":
            p.fail(f"a bracket that closes {opening.text}", p.tokens[start])
        p.fail("an operator, a relation or a closing bracket")
    closing = p.token.text
    interval = isinstance(inner, s.Group) and inner.separators == (",",) and opening.text in "(["
    if closing not in (CLOSING.get(opening.text, closing), r"\right.") and not (
        interval and closing in ")]"
    ):
        p.fail(f"{CLOSING[opening.text]}, which closes {opening.text}")
    p.next()
    if isinstance(inner, s.Group) and inner.open == "":
        return s.Group(opening.text, closing, inner.items, inner.separators, place=p.since(start))
    return s.Group(opening.text, closing, (inner,), place=p.since(start))


def bars(p: Parser) -> s.Node:
    """Parse an absolute value or a norm."""
    start = p.at
    opening = p.next()
    bar = opening.text
    if bar == "|" and p.token.text == "|" and p.token.start == opening.end:
        p.next()
        bar = "||"
    p.bars.append(bar)
    p.depth += 1
    if p.depth > DEEPEST:
        p.fail(f"bars nested at most {DEEPEST} deep", opening)
    integrals, p.integrals = p.integrals, 0
    items, marks = [p.chain()], []
    while p.token.text in (",", ";"):
        marks.append(p.next().text)
        items.append(p.chain())
    p.integrals = integrals
    p.depth -= 1
    p.bars.pop()
    for mark in ["|", "|"] if bar == "||" else [bar]:
        if p.token.text != mark:
            p.fail(f"{mark}, which closes the one at the caret", opening)
        p.next()
    kind = r"\|" if bar == "||" else bar
    return s.Group(kind, kind, tuple(items), tuple(marks), place=p.since(start))
