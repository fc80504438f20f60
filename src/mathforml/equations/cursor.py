"""A cursor over tokens, and what it can tell by looking ahead."""

from collections.abc import Callable
from typing import NoReturn

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationSyntaxError, NestingError, Place
from mathforml.equations.lexing import CLOSERS, OPENERS, RELATIONS, Token, tokens, words

__all__ = ["DEEPEST", "Cursor"]

DEEPEST = 24  # brackets within brackets; each costs some ten frames of Python's stack

MOST_FACTORS = 200

SIGNS = frozenset(["+", "-", r"\pm", r"\mp", r"\oplus", r"\ominus", r"\cup", r"\setminus", r"\vee"])
OPERATORS = words(
    r"""\cdot \times / \odot \circ \oslash \otimes * \div \wedge \cap \bmod \bullet \backslash
    \sqcup \amalg \boxtimes \boxdot"""
)
MISLEADING = words("or unless except not probability iff only neither nor but false wrong")
SEPARATORS = frozenset([",", ";", "|", r"\mid", r"\|", ":", "quad", r"\to"])
DECORATIONS = frozenset(["*", "+", "-", r"\max", r"\min", r"\top", r"\cdot", "'", r"\dots"])
STOPS = frozenset(["}", "&", "^", "_", "!", ".", "'", r"\choose", r"\over", r"\atop", r"\forall"])
REMARKS = words(
    """if for forall when where whenever with and otherwise else suchthat s.t. subjectto or iff
    forany forevery foreach as while since because by is are then given forsome ifandonlyif
    unless in w.r.t. wrt i.e. thatis so thus hence therefore"""
)


class Cursor:
    """A cursor over the tokens of a display.

    Parameters
    ----------
    latex
        The text of a display.
    """

    def __init__(self, latex: str) -> None:
        self.latex = latex
        found = tokens(latex)
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []  # bars open in the innermost brackets
        self.integrals = 0  # integrals still waiting for their differential

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def next(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.at]
        self.at += token.kind != "eof"
        return token

    def accept(self, *texts: str) -> bool:
        """Take the next token if it reads so."""
        if self.token.text in texts and self.token.kind not in ("word", "eof"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Take a token that must read so."""
        if not self.accept(text):
            self.fail(text)

    def since(self, start: int) -> Place:
        """Return the place from the token numbered ``start`` to the last one taken."""
        last = max(start, self.at - 1)
        return Place(self.latex, self.tokens[start].start, self.tokens[last].end)

    def fail(self, expected: str, token: Token | None = None) -> NoReturn:
        """Refuse a token, saying what would do."""
        token = token or self.token
        found = "the end" if token.kind == "eof" else self.latex[token.start : token.end]
        raise EquationSyntaxError(
            f"found {found}; expected {expected}", Place(self.latex, token.start, token.end)
        )

    def nested(self, rule: Callable[[], s.Node]) -> s.Node:
        """Follow a rule inside brackets, up to a limit of depth."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise NestingError(
                f"brackets are nested more than {DEEPEST} deep; expected a flatter equation",
                Place(self.latex, self.token.start, self.token.end),
            )
        bars, self.bars = self.bars, []
        try:
            return rule()
        finally:
            self.depth -= 1
            self.bars = bars

    # Looking ahead

    def begins_factor(self) -> bool:
        """Tell whether the next token can stand beside a factor."""
        token = self.token
        if token.kind in ("number", "letter"):
            return not (self.integrals and self.at_differential())
        if token.kind == "word":
            if self.integrals and self.at_differential():
                return False
            return not self.is_remark(token)
        if token.kind in ("open", "begin"):
            return True
        if token.kind in ("close", "end", "quad", "newline", "eof"):
            return False
        if token.text in ("|", r"\|"):
            return self.bar_opens()
        return not (
            token.text in RELATIONS
            or token.text in CLOSERS
            or token.text in SIGNS
            or token.text in OPERATORS
            or token.text in SEPARATORS
            or token.text in STOPS
        )

    def bar_opens(self) -> bool:
        """Tell whether a bar after an operand opens: if one is left to close it."""
        if self.bars:
            return False
        if self.token.kind == "open":
            return True
        depth, count = 0, 0
        for token in self.tokens[self.at :]:
            if token.text in OPENERS or token.text == "{":
                depth += 1
            elif token.text in CLOSERS or token.text == "}":
                depth -= 1
            if (
                depth < 0
                or (depth == 0 and token.text in (",", ";", r"\mid"))
                or token.kind == "eof"
            ):
                break
            count += depth == 0 and token.text == self.token.text
        doubled = self.tokens[self.at + 1].text == self.token.text == "|"
        doubled = doubled and self.tokens[self.at + 1].start == self.token.end
        return count % 4 == 0 if doubled else count % 2 == 0

    def remark(self) -> str:
        """Return what the remark at the cursor says; refuse what turns a condition around."""
        said = " ".join(self.token.text.lower().strip(" .,;:").split())
        if "equivalently" not in said and any(word in MISLEADING for word in said.split()):
            self.fail("a condition in symbols, such as x > 0 or x \\neq y")
        return said

    def is_remark(self, token: Token) -> bool:
        """Tell whether a text beside mathematics is prose."""
        plain = token.text.replace(" ", "").strip(".,;:").lower()
        if plain in REMARKS or token.text.strip() != token.text:
            return True
        return " " in token.text and self.latex[token.end : token.end + 1] not in ("(", "[")

    def at_raised_prime(self) -> bool:
        """Tell whether a superscript of primes alone follows."""
        texts = [t.text for t in self.tokens[self.at : self.at + 5]]
        if texts[:2] == ["^", "'"]:
            return True
        return texts[:3] in (["^", "{", "'"],) and (texts[3:4] == ["}"] or texts[3:5] == ["'", "}"])

    def at_evaluation(self) -> bool:
        """Tell whether a bar with a point of evaluation follows."""
        token, after = self.token, self.tokens[self.at + 1]
        if token.text != "|" or after.text != "_" or token.kind == "open":
            return False
        if token.kind == "close" and self.latex.startswith(r"\right", token.start):
            return False
        return not self.bars or (token.kind == "close" and "|" not in self.bars)

    def ends_list(self) -> bool:
        """Tell whether a separator was the last thing in its brackets."""
        kind, text = self.token.kind, self.token.text
        return (
            text in CLOSERS
            or text in ("}", "&")
            or kind in ("newline", "end", "eof")
            or (kind == "word" and self.is_remark(self.token))
        )

    def at_differential(self) -> bool:
        """Tell whether ``d`` with a variable follows."""
        token, after = self.token, self.tokens[self.at + 1]
        if token.text.strip() != "d" or token.kind not in ("letter", "word"):
            return False
        return after.kind in ("letter", "word") or (
            after.kind == "command"
            and after.text.startswith("\\")
            and after.text[1:2].isalpha()
            and after.text not in RELATIONS | OPERATORS | SIGNS | CLOSERS | OPENERS
        )

    def raw(self, start: int) -> s.Node:
        """Take tokens up to the closing brace as text."""
        depth, texts = 1, []
        while depth:
            token = self.next()
            if token.kind == "eof":
                self.fail("a matching }", self.tokens[start])
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            texts.append(token.text)
        return s.Raw("".join(texts[:-1]), place=self.since(start))
