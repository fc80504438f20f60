r"""Change an equation in many small ways, as misprints do.

Each operator looks at one node of the syntax tree and yields replacements of a stretch of the
LaTeX.  A mutant that does not parse is no misprint anybody would publish, and is left out.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mathforml.equations import syntax as s
from mathforml.equations.display import read_display
from mathforml.equations.errors import EquationError

__all__ = ["OPERATORS", "Mutant", "mutants"]

MARKS = (r"\top", "T", "*", r"\star", r"\cdot", "")  # letters that are no symbols

Edit = tuple[int, int, str]  # start, end, and what to write there
Operator = Callable[[s.Node, "Source"], Iterator[Edit]]


class Mutant(NamedTuple):
    """A changed equation."""

    operator: str
    latex: str
    change: str


class Source(NamedTuple):
    """The LaTeX of an equation, with the letters that it uses."""

    latex: str
    symbols: tuple[str, ...]
    indices: tuple[str, ...]
    scripts: frozenset[str]

    def brace(self, start: int) -> int:
        """Return where the script that begins at ``start`` (after its mark) ends."""
        if self.latex[start] != "{":
            return start + 1
        depth = 0
        for at in range(start, len(self.latex)):
            depth += {"{": 1, "}": -1}.get(self.latex[at], 0)
            if depth == 0:
                return at + 1
        return len(self.latex)


def mutants(latex: str) -> list[Mutant]:
    """Change an equation by every operator, wherever it applies.

    Parameters
    ----------
    latex : str
        An equation that parses.

    Returns
    -------
    list of Mutant
        Without duplicates, in the order of the operators; those that do not parse are left out.
    """
    display = read_display(latex)
    trees = [node for part in display.statements for node in s.walk(part)]
    subs = [sub for node in trees if (sub := getattr(node, "sub", None))]
    scripts = frozenset(sub.place.text for sub in subs)
    letters = (_letters(trees, index=False), _letters(trees, index=True))
    source = Source(latex, *letters, scripts)
    found: dict[str, Mutant] = {}
    for name, operator in OPERATORS.items():
        for node in trees:
            for start, end, text in operator(node, source):
                changed = f"{latex[:start]}{text}{latex[end:]}"
                if " ".join(changed.split()) != " ".join(latex.split()) and _parses(changed):
                    around = f"{latex[max(0, start - 12) : start]}[{latex[start:end]} → {text}]"
                    found.setdefault(changed, Mutant(name, changed, around.replace("\n", " ")))
    return list(found.values())


def _parses(latex: str) -> bool:
    try:
        return any(isinstance(node, s.Chain) for node in read_display(latex).statements)
    except EquationError:
        return False


def _letters(trees: list[s.Node], index: bool) -> tuple[str, ...]:
    """Return the letters that stand as indices, or those that stand for themselves."""
    subs = {
        id(part) for node in trees if (sub := getattr(node, "sub", None)) for part in s.walk(sub)
    }
    names = [node for node in trees if isinstance(node, s.Name) and node.letter not in MARKS]
    wanted = [node.place.text for node in names if (id(node) in subs) is index]
    return tuple(dict.fromkeys(text for text in wanted if text and not text.startswith("{")))


# The operators


def sign(node: s.Node, source: Source) -> Iterator[Edit]:
    """Flip the sign of a term, or of a whole side."""
    if isinstance(node, s.Sum):
        for before, term in zip(node.terms, node.terms[1:], strict=False):
            at = _sign_between(before, term, source)
            if at is not None:
                yield at, at + 1, "-" if source.latex[at] == "+" else "+"
    if isinstance(node, s.Chain) and node.place.text not in source.scripts:
        for place in node.places:
            start = _after(place.end, source)
            negative = source.latex[start : start + 1] == "-"
            yield (start, start + 1, "") if negative else (start, start, "-")


def _after(at: int, source: Source) -> int:
    """Return where the side behind a relation begins."""
    while source.latex[at : at + 1] in tuple(" \n&{}"):
        at += 1
    return at


def _sign_between(before: s.Node, term: s.Node, source: Source) -> int | None:
    stretch = source.latex[before.place.end : term.place.start]
    at = max(stretch.rfind("+"), stretch.rfind("-"))
    return before.place.end + at if at >= 0 else None


def term(node: s.Node, source: Source) -> Iterator[Edit]:
    """Drop a term."""
    if isinstance(node, s.Sum) and len(node.terms) > 1:
        for before, after in zip(node.terms, node.terms[1:], strict=False):
            at = _sign_between(before, after, source)
            if at is not None:
                yield at, after.place.end, ""
        first, second = node.terms[:2]
        at = _sign_between(first, second, source)
        if at is not None:
            yield first.place.start, at + (source.latex[at] == "+"), ""


def factor(node: s.Node, source: Source) -> Iterator[Edit]:
    """Drop a factor, or add one."""
    if isinstance(node, s.Product) and node.place.text not in source.scripts:
        for item, operator in zip(node.items, ("", *node.operators), strict=False):
            if not operator and isinstance(item, s.Name | s.Number | s.Scripted | s.Fraction):
                yield item.place.start, item.place.end, " "
    if isinstance(node, s.Chain) and node.place.text not in source.scripts:
        for place, item in zip(node.places, node.items[1:], strict=True):
            if not isinstance(item, s.Sum):
                yield _after(place.end, source), _after(place.end, source), "2 "


def number(node: s.Node, source: Source) -> Iterator[Edit]:
    """Change a number by one."""
    if isinstance(node, s.Number) and node.text.isdigit():
        yield node.place.start, node.place.end, str(int(node.text) + 1)


def script(node: s.Node, source: Source) -> Iterator[Edit]:
    """Drop a transpose, a power or an inverse."""
    if isinstance(node, s.Scripted) and node.sup is not None:
        caret = source.latex.rfind("^", node.place.start, node.sup.place.start + 1)
        if caret >= 0:
            begin = caret + 1 + (source.latex[caret + 1] == " ")
            end = source.brace(begin) if source.latex[begin] == "{" else node.sup.place.end
            yield caret, end, ""


def index(node: s.Node, source: Source) -> Iterator[Edit]:
    """Write one index in the place of another, or two in the other order."""
    if isinstance(node, s.Scripted) and node.sub is not None:
        letters = [part for part in s.walk(node.sub) if isinstance(part, s.Name)]
        for part in letters:
            others = [other for other in source.indices if other != part.place.text]
            if part.place.text in source.indices and others:
                yield part.place.start, part.place.end, others[0]
        if len(letters) == 2:
            first, second = (part.place for part in letters)
            between = source.latex[first.end : second.start]
            yield first.start, second.end, f"{second.text}{between}{first.text}"


def bound(node: s.Node, source: Source) -> Iterator[Edit]:
    """Stop a sum one too early."""
    if isinstance(node, s.Big) and node.sup is not None and r"\infty" not in node.sup.place.text:
        yield node.sup.place.start, node.sup.place.end, f"{{{node.sup.place.text} - 1}}"


def symbol(node: s.Node, source: Source) -> Iterator[Edit]:
    """Write another symbol of the equation."""
    if isinstance(node, s.Name) and node.place.text in source.symbols:
        others = [other for other in source.symbols if other != node.place.text]
        at = source.symbols.index(node.place.text)
        if others:
            yield node.place.start, node.place.end, f"{others[at % len(others)]} "


def fraction(node: s.Node, source: Source) -> Iterator[Edit]:
    """Turn a fraction upside down."""
    if isinstance(node, s.Fraction) and node.bottom.place.start >= node.top.place.end:
        top, bottom = node.top.place, node.bottom.place
        between = source.latex[top.end : bottom.start]
        yield top.start, bottom.end, f"{bottom.text}{between}{top.text}"


OTHERS = {
    r"\max": r"\min",
    r"\min": r"\max",
    r"\exp": r"\log",
    r"\log": r"\exp",
    r"\sin": r"\cos",
    r"\cos": r"\sin",
    r"\sum": r"\prod",
    r"\odot": r"\oslash",
}


def function(node: s.Node, source: Source) -> Iterator[Edit]:
    """Write a related function."""
    if isinstance(node, s.Operator | s.Big):
        for name, other in OTHERS.items():
            if source.latex.startswith(name, node.place.start):
                yield node.place.start, node.place.start + len(name), other


TURNED = {r"\le": r"\ge", r"\ge": r"\le", r"\leq": r"\geq", r"\geq": r"\leq", "<": ">", ">": "<"}


def relation(node: s.Node, source: Source) -> Iterator[Edit]:
    """Turn an inequality round."""
    if isinstance(node, s.Chain):
        for place in node.places:
            if place.text.strip() in TURNED:
                yield place.start, place.end, f"{TURNED[place.text.strip()]} "


OPERATORS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        sign,
        term,
        factor,
        number,
        script,
        index,
        bound,
        symbol,
        fraction,
        function,
        relation,
    )
}
