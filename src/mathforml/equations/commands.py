r"""The commands that have a grammar of their own: fractions, matrices, sums, derivatives."""

from collections.abc import Callable

from mathforml.equations import syntax as s
from mathforml.equations.differentials import fraction, integral, nabla, partial
from mathforml.equations.grammar import Parser
from mathforml.equations.lexing import CLOSERS, OPENERS, RELATIONS, words
from mathforml.equations.pieces import argument, bars, braces, brackets, signed_product

__all__ = ["FUNCTIONS", "command", "word"]

FUNCTIONS = words(
    """log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan
    arcsinh arccosh arctanh artanh arsinh arcosh det tr Tr trace Trace diag Diag rank
    sgn sign vec sqrt dim"""
)
REDUCTIONS = frozenset(["sum", "prod", "max", "min", "sup", "inf", "lim", "argmax", "argmin"])
UNIONS = frozenset(
    ["bigcup", "bigcap", "bigoplus", "bigotimes", "bigodot", "coprod", "bigvee", "bigwedge"]
)
FONTS = words(
    """mathbf mathcal mathbb mathfrak mathscr boldsymbol bm pmb symbf mathds mathrm mathit mathsf
    mathtt operatorname text textbf textrm textit vec underline mathnormal bold boldmath mathop mbox
    rm bf cal displaylimits overrightarrow overleftarrow underbar textnormal Bbb frak"""
)
PLAIN_FONTS = words(
    """mathbf boldsymbol bm pmb symbf mathrm mathit mathsf mathtt operatorname text textbf textrm
    textit vec underline mathnormal bold boldmath mathop mbox rm bf displaylimits
    overrightarrow overleftarrow underbar textnormal"""
)
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
    "widetilde": "tilde", "dot": "dot", "ddot": "ddot", "check": "check", "breve": "breve",
    "acute": "acute", "grave": "grave", "mathring": "ring", "widecheck": "check", "dddot": "dddot",
}  # fmt: skip
DELIMITED = frozenset(["cases", "dcases", "rcases"])


def word(p: Parser) -> s.Node:
    r"""Parse ``\operatorname{…}``, ``\text{…}`` and their kin."""
    start, token = p.at, p.next()
    plain = "".join(token.text.split())
    if plain in FUNCTIONS:
        return s.Operator(
            "tr" if plain in ("Tr", "trace", "Trace") else plain, place=p.since(start)
        )
    if plain in REDUCTIONS:
        return big(p, plain, start)
    if p.is_remark(token) and plain.lower() in ("if", "for", "when", "where", "with", "otherwise"):
        p.fail("an expression", token)
    letter = "_".join("".join(c if c.isalnum() else " " for c in token.text).split()) or plain
    return s.Name(letter, place=p.since(start))


def command(p: Parser) -> s.Node:
    """Parse what begins with a backslash, or say what was expected."""
    start, token = p.at, p.token
    if token.text in ("|", r"\|") and token.kind != "close":
        return bars(p)
    if token.text in OPENERS or token.text == r"\left.":
        return p.nested(lambda: brackets(p))
    if token.text == "{" and token.kind == "command":
        return p.nested(lambda: braces(p))
    if token.kind == "begin":
        return p.nested(lambda: environment(p))
    name = token.text[1:] if token.text.startswith("\\") else ""
    if token.text == "-" or token.text in RELATIONS or token.kind in ("eof", "close", "end"):
        p.fail("an expression")
    if token.text == r"\#":
        p.next()
        return s.Name("#", place=p.since(start))
    if token.text in (r"\pm", r"\mp") or token.text in CLOSERS or not name[:1].isalpha():
        if token.text in ("'", "*"):
            p.fail("a symbol before it")
        p.fail("an expression")
    p.next()
    if name in COMMANDS:
        return COMMANDS[name](p, start)
    if name.rstrip("*") in FUNCTIONS and name != "vec":
        return s.Operator("tr" if name in ("Tr", "trace") else name, place=p.since(start))
    if name in REDUCTIONS or name in UNIONS:
        return big(p, name, start)
    if name in ACCENTS:
        return accented(p, ACCENTS[name], start)
    if name in FONTS:
        return fonted(p, name, start)
    if p.token.text == "{" and p.token.start == token.end and name not in SYMBOLS:
        p.fail("a command of the supported notation", token)
    return s.Name(token.text, place=p.since(start))


SYMBOLS = words(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
    pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon
    Phi
    Psi Omega ell infty top dagger emptyset Pr hbar Re Im aleph"""
)


def root(p: Parser, start: int) -> s.Node:
    """Parse a root."""
    degree = None
    if p.token.text == "[":
        p.next()
        degree = p.sum()
        p.expect("]")
    body = argument(p)
    return s.Root(body, degree, place=p.since(start))


def binomial(p: Parser, start: int) -> s.Node:
    """Parse a binomial coefficient."""
    top, bottom = argument(p), argument(p)
    return s.Binomial(top, bottom, place=p.since(start))


def braced(p: Parser, start: int) -> s.Node:
    """Parse an under- or overbrace; its note is typesetting."""
    body = argument(p)
    while p.token.text in ("_", "^") and p.token.kind == "command":
        p.next()
        if p.token.text == "{" and p.token.kind == "command":
            p.next()
            p.raw(p.at - 1)
        else:
            p.next()
    return body


def accented(p: Parser, accent: str, start: int) -> s.Node:
    """Put an accent on a symbol, below its scripts."""
    inner = argument(p)
    if isinstance(inner, s.Name):
        return s.Name(
            inner.letter, inner.font, (*inner.accents, accent), inner.primes, place=p.since(start)
        )
    if isinstance(inner, s.Scripted) and isinstance(inner.base, s.Name):
        n = inner.base
        base = s.Name(n.letter, n.font, (*n.accents, accent), n.primes, place=n.place)
        return s.Scripted(base, inner.sub, inner.sup, place=p.since(start))
    text = "".join(t.text for t in p.tokens[start + 1 : p.at])
    return s.Name(text, "", (accent,), place=p.since(start))


def fonted(p: Parser, name: str, start: int) -> s.Node:
    """Parse letters in a font; fonts that only embolden are dropped."""
    font = "" if name in PLAIN_FONTS else name
    if p.token.text != "{" and p.token.kind == "command" and p.token.text[:1] != "\\":
        p.fail("a symbol")
    inner = argument(p)
    if isinstance(inner, s.Name):
        return s.Name(
            inner.letter, font or inner.font, inner.accents, inner.primes, place=p.since(start)
        )
    if isinstance(inner, s.Number) and name != "mathrm":
        return s.Name(inner.text, name if font else "mathbf", place=p.since(start))
    if isinstance(inner, s.Scripted) and isinstance(inner.base, s.Name) and font:
        n = inner.base
        base = s.Name(n.letter, font, n.accents, n.primes, place=n.place)
        return s.Scripted(base, inner.sub, inner.sup, place=p.since(start))
    if isinstance(inner, s.Product) and all(map(_plain_letter, inner.items)):
        letters = "".join(i.letter for i in inner.items if isinstance(i, s.Name))
        return s.Name(letters, font or "joined", place=p.since(start))
    return inner


def _plain_letter(node: s.Node) -> bool:
    return isinstance(node, s.Name) and len(node.letter) == 1 and not (node.accents or node.primes)


def big(p: Parser, kind: str, start: int) -> s.Node:
    """Parse an operator over a range, and the rest of the term."""
    sub, sup = p.bounds()
    ends = CLOSERS | {"}", ",", r"\mid", "="}
    if p.token.text in ends or p.token.kind in ("eof", "close"):
        if kind in ("max", "min", "sup", "inf", "lim") and sub is None and sup is None:
            return s.Name(kind, place=p.since(start))
        p.fail(f"what {kind} runs over")
    if kind in ("max", "min", "sup", "inf") and sub is None and p.token.text in OPENERS:
        return s.Operator(kind, None, sup, place=p.since(start))
    body = p.sum() if kind in ("argmax", "argmin") else signed_product(p)
    return s.Big(kind, sub, sup, body, place=p.since(start))


def arg(p: Parser, start: int) -> s.Node:
    r"""Parse ``\arg\max`` and ``\arg\min``."""
    token = p.token
    kind = token.text.strip("\\ ")
    if kind not in ("max", "min", "sup", "inf"):
        return s.Name(r"\arg", place=p.since(start))
    p.next()
    return big(p, {"sup": "argmax", "inf": "argmin"}.get(kind, "arg" + kind), start)


def environment(p: Parser) -> s.Node:
    """Parse a matrix or cases."""
    start = p.at
    name = p.next().text
    integrals, p.integrals = p.integrals, 0
    rows: list[tuple[s.Node, ...]] = []
    remarks: list[s.Node | None] = []
    cases = name in DELIMITED or (name == "array" and p.tokens[start - 1].text == r"\{")
    while p.token.kind != "end":
        if p.token.kind == "eof":
            p.fail(rf"\end{{{name}}}", p.tokens[start])
        rows.append(row(p, remarks))
        if cases and remarks[:-1] and remarks[-2] is None:
            p.fail("a condition in every row of cases but the last", p.tokens[p.at - 1])
        if p.token.kind == "newline":
            p.next()
        elif p.token.kind != "end":
            p.fail(r"&, \\ or \end")
    if p.token.text != name:
        p.fail(rf"\end{{{name}}}")
    p.next()
    p.integrals = integrals
    if name in DELIMITED or (cases and p.token.text == r"\right."):
        values = tuple(r[0] for r in rows)
        return s.Cases(values, tuple(remarks), place=p.since(start))
    return s.Matrix(tuple(rows), name, place=p.since(start))


def row(p: Parser, conditions: list[s.Node | None]) -> tuple[s.Node, ...]:
    """Parse a row; its last cell, or what follows a remark, may be a condition."""
    cells: list[s.Node] = []
    otherwise = False
    while True:
        while (p.token.kind in ("quad", "word") and p.is_remark(p.token)) or p.token.text in (
            ",",
            ".",
        ):
            word = p.token.kind == "word"
            otherwise = (word and p.remark() in ("otherwise", "else")) or otherwise
            p.next()
        if p.token.text == "&":
            p.next()
            if p.token.text in ("&",) or p.token.kind in ("newline", "end"):
                cells.append(s.Name("", place=p.since(p.at)))
        elif p.token.kind in ("newline", "end", "eof"):
            break
        else:
            cells.append(p.list("&"))
            while p.token.text in (",", ".", ";") or p.token.kind == "quad":
                p.next()
    found = [i for c in cells[1:] for i in (c.items if isinstance(c, s.Group) else (c,))]
    several = s.Group("", "", tuple(found), (",",) * (len(found) - 1)) if found else None
    conditions.append(None if otherwise else several)
    return tuple(cells) or (s.Name(""),)


COMMANDS: dict[str, Callable[[Parser, int], s.Node]] = {
    "frac": fraction,
    "sqrt": root,
    "binom": binomial,
    "underbrace": braced,
    "overbrace": braced,
    "underbracket": braced,
    "cancel": braced,
    "partial": partial,
    "nabla": nabla,
    "int": integral,
    "iint": integral,
    "iiint": integral,
    "oint": integral,
    "arg": arg,
    "dots": lambda p, start: s.Ellipsis(place=p.since(start)),
    "vdots": lambda p, start: s.Ellipsis(place=p.since(start)),
    "ddots": lambda p, start: s.Ellipsis(place=p.since(start)),
    "forall": lambda p, start: quantified(p, start),
    "exists": lambda p, start: quantified(p, start),
    "neg": lambda p, start: s.Operator("not", place=p.since(start)),
    "argmax": lambda p, start: big(p, "argmax", start),
    "argmin": lambda p, start: big(p, "argmin", start),
}


def quantified(p: Parser, start: int) -> s.Node:
    """Parse a quantifier; what follows is what it ranges over."""
    return s.Operator("forall", place=p.since(start))
