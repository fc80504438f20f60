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

from mathforml.equations import syntax as s
from mathforml.equations.cursor import (
    DECORATIONS,
    MOST_FACTORS,
    OPERATORS,
    SEPARATORS,
    SIGNS,
    Cursor,
)  # fmt: skip
from mathforml.equations.errors import EquationSyntaxError, NestingError, Place
from mathforml.equations.lexing import CLOSERS, RELATIONS, Token

__all__ = ["OPERATORS", "Parser"]


class Parser(Cursor):
    """The grammar, one method for each rule.

    Parameters
    ----------
    latex
        The text of a display.
    """

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

    def bounds(self) -> tuple[s.Node | None, s.Node | None]:
        """Parse what stands below and above an operator, each at most once."""
        sub: s.Node | None = None
        sup: s.Node | None = None
        while self.token.text in ("_", "^") and self.token.kind == "command":
            if (sub if self.token.text == "_" else sup) is not None:
                self.fail("one subscript and one superscript; put braces around the first")
            if self.next().text == "_":
                sub = self.script()
            else:
                sup = self.script()
        return sub, sup

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
            doubled = text in ("|", r"\mid") and self.tokens[self.at + 1].text == text
            self.at += 1 + doubled
            separators.append(r"\|" if doubled else {"|": r"\mid"}.get(text, text))
            if self.ends_list():
                if not close:
                    self.fail(f"an argument after {separators[-1]}")
                separators.pop()
                break
        if len(items) == 1:
            return items[0]
        return s.Group("", "", tuple(items), tuple(separators), place=self.since(start))

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
        return command(self)
