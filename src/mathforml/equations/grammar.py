r"""Tokens to syntax, by recursive descent.

::

    display    = statement { (newline | "," | "\quad" | remark) statement }
    chain      = sum { relation sum }
    sum        = [ sign ] product { sign product }
    product    = factor { [ operator ] factor }
    factor     = primary { "_" script | "^" script | "'" | "!" | "|_" script }
    primary    = number | letter | word | brackets | bars | command
    brackets   = opener [ chain { separator chain } ] closer
    bars       = "|" chain "|" | "\|" chain "\|"
    script     = token | "{" list "}"
    list       = [ item { separator item } ],   item = chain | [ sum ] ":" [ sum ]

The operators ``\sum``, ``\prod``, ``\max_x``, ``\lim`` are factors that swallow the rest of
their product; ``\arg\max`` swallows a sum, ``\int`` all up to its differential.  Commands
with a grammar of their own (fractions, matrices, derivatives) are in
:mod:`mathforml.equations.commands`.
"""

from collections.abc import Callable
from typing import NoReturn

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationSyntaxError, NestingError, Place
from mathforml.equations.lexing import CLOSERS, OPENERS, RELATIONS, Token, tokens, words

__all__ = ["DEEPEST", "Parser"]

DEEPEST = 24  # brackets within brackets; each costs some ten frames of Python's stack

MOST_FACTORS = 200

SIGNS = frozenset(["+", "-", r"\pm", r"\mp", r"\oplus", r"\ominus", r"\cup", r"\setminus", r"\vee"])
OPERATORS = words(
    r"""\cdot \times / \odot \circ \oslash \otimes * \div \wedge \cap \bmod \bullet \backslash
    \sqcup \amalg \boxtimes \boxdot"""
)
SEPARATORS = frozenset([",", ";", "|", r"\mid", r"\|", ":", "quad", r"\to"])
DECORATIONS = frozenset(["*", "+", "-", r"\max", r"\min", r"\top", r"\cdot", "'", r"\dots"])
STOPS = frozenset(["}", "&", "^", "_", "!", ".", "'", r"\choose", r"\over", r"\atop"])
REMARKS = words(
    """if for forall when where whenever with and otherwise else suchthat s.t. subjectto or iff
    forany forevery foreach as while since because by is are then given forsome ifandonlyif
    unless in w.r.t. wrt i.e. thatis so thus hence therefore"""
)


class Parser:
    """A cursor over tokens, with one method per rule of the grammar.

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

    # The cursor

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

    # Relations, sums, products

    def chain(self) -> s.Node:
        """Parse expressions with relations between them."""
        start = self.at
        items = [self.sum()]
        relations: list[str] = []
        places: list[Place] = []
        while self.token.text in RELATIONS and self.token.kind == "command":
            place = self.since(self.at)
            relation = self.next().text
            while self.token.kind == "quad":
                self.next()
            items.append(self.sum())
            relations.append(relation)
            places.append(place)
            if len(places) > MOST_FACTORS:
                self.fail(f"at most {MOST_FACTORS} relations")
        if not relations:
            return items[0]
        if relations[-1] == "=" and self.token.text == ",":
            items[-1] = self.listed(items[-1])
        return s.Chain(tuple(items), tuple(relations), tuple(places), place=self.since(start))

    def listed(self, first: s.Node) -> s.Node:
        r"""Parse the rest of ``1, \ldots, n`` after its first item."""
        ahead = self.at
        while self.tokens[ahead].text == "," and self.tokens[ahead + 1].kind == "number":
            ahead += 2
        if [t.text for t in self.tokens[ahead : ahead + 2]] != [",", r"\dots"]:
            return first
        start = self.at
        items = [first]
        while (
            self.tokens[self.at + 1].kind == "number" or self.tokens[self.at + 1].text == r"\dots"
        ):
            self.next()
            items.append(self.factor())
        if self.accept(","):
            items.append(self.sum())
        if self.token.text in RELATIONS:
            self.at = start
            return first
        return s.Group("", "", tuple(items), (",",) * (len(items) - 1), place=self.since(start))

    def sum(self) -> s.Node:
        """Parse terms with signs."""
        start = self.at
        signs = [self.sign() or "+"]
        leading = self.at > start
        terms = [self.product()]
        while self.token.text in SIGNS and self.token.kind == "command":
            signs.append(self.sign())
            terms.append(self.product())
        if len(terms) == 1 and (signs[0] == "+" or not leading):
            return terms[0]
        return s.Sum(tuple(signs), tuple(terms), place=self.since(start))

    def sign(self) -> str:
        """Take signs, two minus making a plus."""
        found = ""
        while self.token.text in SIGNS and self.token.kind == "command":
            text = self.next().text
            found = {"--": "+", "-+": "-", "++": "+", "+-": "-"}.get(found + text, text)
        return found

    def product(self) -> s.Node:
        """Parse factors, up to what cannot continue a product."""
        start = self.at
        items = [self.factor()]
        operators: list[str] = []
        while True:
            if self.token.text in OPERATORS and self.token.kind == "command":
                operators.append(self.next().text)
                items.append(self.signed_factor())
            elif self.begins_factor():
                operators.append("")
                items.append(self.factor())
            else:
                break
            if len(items) > MOST_FACTORS:
                self.fail(f"at most {MOST_FACTORS} factors")
        if not operators:
            return items[0]
        return s.Product(tuple(items), tuple(operators), place=self.since(start))

    def signed_factor(self) -> s.Node:
        """Parse a factor that may carry a sign, as after a multiplication dot."""
        start = self.at
        sign = self.sign()
        factor = self.factor()
        return s.Sum((sign,), (factor,), place=self.since(start)) if sign == "-" else factor

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

    def is_remark(self, token: Token) -> bool:
        """Tell whether a text beside mathematics is prose."""
        plain = token.text.replace(" ", "").strip(".,;:").lower()
        return plain in REMARKS or token.text.strip() != token.text or " " in token.text

    # Factors

    def factor(self) -> s.Node:
        """Parse a primary and what is hung on it."""
        start = self.at
        node = self.primary()
        sub: s.Node | None = None
        sup: s.Node | None = None
        raised_first = False
        while True:
            if self.token.text == "_" and sub is None:
                self.next()
                sub = self.script()
            elif self.token.text == "'" or self.at_raised_prime():
                node = self.primed(node, start)
            elif self.token.text == "^" and sup is None:
                raised_first = sub is None
                self.next()
                sup = self.script()
            elif self.token.text == "!":
                node = self.scripted(node, sub, sup, raised_first, start)
                self.next()
                node, sub, sup = s.Factorial(node, place=self.since(start)), None, None
            elif self.at_evaluation():
                node = self.scripted(node, sub, sup, raised_first, start)
                self.next()
                self.next()
                node, sub, sup = (
                    s.EvaluatedAt(node, self.script(), place=self.since(start)),
                    None,
                    None,
                )
            elif self.token.text in ("_", "^") and self.token.kind == "command":
                self.fail("one subscript and one superscript; put braces around the first")
            else:
                return self.scripted(node, sub, sup, raised_first, start)

    def scripted(
        self, node: s.Node, sub: s.Node | None, sup: s.Node | None, raised_first: bool, start: int
    ) -> s.Node:
        """Hang scripts on a node."""
        if sub is None and sup is None:
            return node
        if isinstance(node, s.Operator | s.Derivative) and getattr(node, "body", None) is None:
            return self.headed(node, sub, sup)
        return s.Scripted(node, sub, sup, raised_first, place=self.since(start))

    def headed(self, node: s.Node, sub: s.Node | None, sup: s.Node | None) -> s.Node:
        """Give scripts to an operator that still looks for its operand."""
        if isinstance(node, s.Operator):
            return s.Operator(node.name, sub or node.sub, sup or node.sup, place=node.place)
        return s.Scripted(node, sub, sup, place=node.place)

    def primed(self, node: s.Node, start: int) -> s.Node:
        """Take primes."""
        count = 0
        if self.token.text == "^":
            self.next()
            braces = self.accept("{")
            while self.accept("'"):
                count += 1
            if braces:
                self.expect("}")
        while self.accept("'"):
            count += 1
        if isinstance(node, s.Name):
            return s.Name(
                node.letter, node.font, node.accents, node.primes + count, place=self.since(start)
            )
        if isinstance(node, s.Operator):
            return s.Operator(node.name, node.sub, s.Raw("'" * count), place=self.since(start))
        if isinstance(node, s.Scripted) and isinstance(node.base, s.Name):
            name = node.base
            base = s.Name(name.letter, name.font, name.accents, count, place=name.place)
            return s.Scripted(base, node.sub, node.sup, place=self.since(start))
        return s.Scripted(node, None, s.Raw("'" * count), place=self.since(start))

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

    def script(self) -> s.Node:
        """Parse a subscript or superscript: one token, or braces."""
        start = self.at
        token = self.token
        if token.text == "{" and token.kind == "command":
            return self.nested(self.braced_script)
        if token.kind == "number" and len(token.text) > 1:
            return self.first_digit()
        if token.text in DECORATIONS:
            self.next()
            return s.Name(token.text, place=self.since(start))
        return self.nested(self.primary)

    def braced_script(self) -> s.Node:
        """Parse the inside of braces; what is no expression is kept as text."""
        start = self.at
        self.next()
        texts = [t.text for t in self.tokens[self.at : self.at + 2]]
        if texts[1:] == ["}"] and texts[0] in DECORATIONS:
            self.at += 2
            return s.Name(texts[0], place=self.since(start + 1))
        inside, integrals = self.at, self.integrals
        self.integrals = 0
        try:
            node = self.list("}", script=True)
            self.expect("}")
            return node
        except NestingError:
            raise
        except EquationSyntaxError:
            self.at = inside
            return self.raw(start)
        finally:
            self.integrals = integrals

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

    def first_digit(self) -> s.Node:
        """Take one digit off a number: TeX reads ``x^12`` so."""
        token = self.token
        first = Token("number", token.text[0], token.start, token.start + 1)
        rest = token._replace(text=token.text[1:], start=token.start + 1)
        self.tokens[self.at : self.at + 1] = [first, rest]
        return self.primary()

    def list(self, close: str, script: bool = False) -> s.Node:
        """Parse items between separators, up to (not with) a closing token."""
        start = self.at
        items: list[s.Node] = []
        separators: list[str] = []
        while True:
            items.append(self.item(script))
            text = "," if self.token.kind == "quad" else self.token.text
            closes = self.token.kind == "close"
            if text not in SEPARATORS or closes or (text == r"\|" and r"\|" in self.bars):
                break
            doubled = text == "|" and self.tokens[self.at + 1].text == "|"
            self.at += 1 + doubled
            separators.append(r"\|" if doubled else {"|": r"\mid"}.get(text, text))
            if self.ends_list():
                separators.pop()
                break
        if len(items) == 1:
            return items[0]
        return s.Group("", "", tuple(items), tuple(separators), place=self.since(start))

    def ends_list(self) -> bool:
        """Tell whether a separator was the last thing in its brackets."""
        kind, text = self.token.kind, self.token.text
        return (
            text in CLOSERS
            or text in ("}", "&")
            or kind in ("newline", "end", "eof")
            or (kind == "word" and self.is_remark(self.token))
        )

    def item(self, script: bool) -> s.Node:
        """Parse one item of a list; among indices it may be a slice."""
        start = self.at
        if script:
            low = None if self.token.text == ":" else self.chain()
            if not self.accept(":"):
                assert low is not None
                return low
            high = None if self.token.text in (",", "}") else self.chain()
            return s.Slice(low, high, place=self.since(start))
        slot = self.token.text in (r"\cdot", ".", r"\bullet")
        if slot and self.tokens[self.at + 1].text in SEPARATORS | CLOSERS:
            self.next()
            return s.Name(r"\cdot", place=self.since(start))
        return self.chain()

    # Primaries

    def primary(self) -> s.Node:
        """Parse the smallest piece that means something."""
        from mathforml.equations.commands import command, word

        start, token = self.at, self.token
        if token.kind == "number":
            self.next()
            return s.Number(token.text, place=self.since(start))
        if token.kind == "letter":
            self.next()
            return s.Name(token.text, place=self.since(start))
        if token.kind == "word":
            return word(self)
        if token.text in ("|", r"\|") and token.kind != "close":
            return self.nested_bars()
        if token.text in OPENERS or token.text == r"\left.":
            return self.nested(self.brackets)
        return command(self)

    def brackets(self) -> s.Node:
        """Parse brackets; any closer ends them, as intervals need."""
        start = self.at
        opening = self.next()
        integrals, self.integrals = self.integrals, 0
        if self.token.text in CLOSERS:
            closing = self.next().text
            return s.Group(opening.text, closing, (), place=self.since(start))
        if self.token.kind == "close" and opening.text == r"\left.":
            self.fail("an expression")
        inner = self.list("")
        self.integrals = integrals
        if opening.text == r"\left." and self.token.text == "|":
            self.next()
            self.expect("_")
            return s.EvaluatedAt(inner, self.script(), place=self.since(start))
        if self.token.text not in CLOSERS:
            if self.token.kind == "eof":
                self.fail(f"a bracket that closes {opening.text}", self.tokens[start])
            self.fail("an operator, a relation or a closing bracket")
        closing = self.next().text
        if isinstance(inner, s.Group) and inner.open == "":
            return s.Group(
                opening.text, closing, inner.items, inner.separators, place=self.since(start)
            )
        return s.Group(opening.text, closing, (inner,), place=self.since(start))

    def nested_bars(self) -> s.Node:
        """Parse an absolute value or a norm."""
        start = self.at
        opening = self.next()
        bar = opening.text
        if bar == "|" and self.token.text == "|" and self.token.start == opening.end:
            self.next()
            bar = "||"
        self.bars.append(bar)
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"bars nested at most {DEEPEST} deep", opening)
        integrals, self.integrals = self.integrals, 0
        items, marks = [self.chain()], []
        while self.token.text in (",", ";"):
            marks.append(self.next().text)
            items.append(self.chain())
        self.integrals = integrals
        self.depth -= 1
        self.bars.pop()
        for mark in ["|", "|"] if bar == "||" else [bar]:
            if self.token.text != mark:
                self.fail(f"{mark}, which closes the one at the caret", opening)
            self.next()
        kind = r"\|" if bar == "||" else bar
        return s.Group(kind, kind, tuple(items), tuple(marks), place=self.since(start))

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
