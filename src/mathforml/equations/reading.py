r"""What an equation says once it is known what is bound.

The reader refines the syntax: scripts become parts of names, indices or powers; brackets
become calls or products; ``\log`` and ``\frac{\partial}{\partial x}`` find their operands;
ellipses are filled in.  It decides by the *kind* of each binding, never by its value.
"""

from dataclasses import dataclass, field, replace

from mathforml.equations import syntax as s
from mathforml.equations.binders import read_big, read_derivative, read_integral
from mathforml.equations.bindings import Scope
from mathforml.equations.composition import of_functions
from mathforml.equations.ellipses import filled
from mathforml.equations.errors import (
    EquationError,
    EquationSyntaxError,
    Place,
    UnboundSymbolError,
)  # fmt: skip
from mathforml.equations.extents import brackets, expectation, items_of
from mathforml.equations.names import candidates, letter, spelling
from mathforml.equations.products import read_product
from mathforml.equations.scripts import Local, Scripts, points_of, says_text
from mathforml.equations.wordings import unjoined

__all__ = ["Reader"]


@dataclass(frozen=True)
class Head:
    """A symbol that has been looked up, with the scripts that its name did not use."""

    node: s.Node
    key: str
    function: bool
    sub: s.Node | None = None
    sup: s.Node | None = None
    raised_first: bool = False
    primes: int = 0
    place: Place = s.NOWHERE


@dataclass
class Reader(Scripts):
    """Refine the syntax of one equation.

    Parameters
    ----------
    scope
        What is bound.
    whole
        All statements and conditions that are read together.
    """

    scope: Scope
    whole: tuple[s.Node, ...]
    readings: dict[str, str] = field(default_factory=dict)
    fonts: dict[str, tuple[str, s.Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which names stand alone, stand in subscripts, or occur outside sums."""
        self.standing: set[str] = set()
        self.subscripts: set[str] = set()
        self.outside: set[str] = set()
        for node in self.whole:
            self.outside |= _outside(node)
            self._note_standing(node)
            for part in s.walk(node):
                if isinstance(part, s.Scripted):
                    scripts = [x for x in (part.sub, part.sup) if x is not None]
                    self.subscripts |= {n for x in scripts for n in _names(x)}

    def _note_standing(self, node: s.Node) -> None:
        match node:
            case s.Product(items=items, operators=operators):
                for k, item in enumerate(items):
                    followed = k < len(operators) and operators[k] == "" and brackets(items[k + 1])
                    symbol = isinstance(item, s.Name) or isinstance(
                        getattr(item, "base", None), s.Name
                    )
                    if not (followed and (symbol or of_functions(self, item, frozenset()))):
                        self._note_standing(item)
            case s.Derivative(body=body, variables=variables):
                for part in ([] if isinstance(body, s.Name | s.Scripted) else [body]) + [
                    *variables
                ]:
                    if part is not None:
                        self._note_standing(part)
            case s.Name() | s.Scripted(base=s.Name()):
                for candidate in candidates(node):
                    if candidate.key in self.scope:
                        self.standing.add(candidate.key)
                        break
            case s.Chain(relations=relations) if r"\sim" in relations:
                pass
            case _:
                for child in s.children(node):
                    self._note_standing(child)

    # Everything but symbols and products

    def read(self, node: s.Node, local: Local = frozenset()) -> s.Node:
        """Refine a node, given the names that operators around it bind."""
        try:
            return self._read(unjoined(self, filled(node), local), local)
        except EquationError as error:
            raise error.at(node.place) from None

    def _read(self, node: s.Node, local: Local) -> s.Node:
        place = node.place
        match node:
            case s.Number() | s.Ellipsis() | s.Ref() | s.Bag():
                return node
            case s.Name() | s.Scripted(base=s.Name()):
                if expectation(node, self.scope, local):
                    raise EquationSyntaxError(
                        "an expectation needs brackets: \\mathbb{E}[x]", place
                    )
                return self.finish(self.symbol(node, local), local)
            case s.Scripted(base=base, sub=sub, sup=sup):
                inner = self.read(base, local)
                return self.scripts(inner, sub, sup, node.raised_first, local)
            case s.Group():
                return self.group(node, local)
            case s.Sum(signs=signs, terms=terms):
                return s.Sum(signs, tuple(self.read(t, local) for t in terms), place=place)
            case s.Product():
                return read_product(self, node, local)
            case s.Fraction(top=top, bottom=bottom):
                return s.Fraction(self.read(top, local), self.read(bottom, local), place=place)
            case s.Root(body=body, degree=degree):
                root = s.Number("2") if degree is None else self.read(degree, local)
                exponent = s.Fraction(s.Number("1"), root, place=place)
                return s.Power(self.read(body, local), exponent, place=place)
            case s.Binomial(top=top, bottom=bottom):
                return s.Apply(
                    "binom", (self.read(top, local), self.read(bottom, local)), place=place
                )
            case s.Factorial(body=body):
                return s.Apply("factorial", (self.read(body, local),), place=place)
            case s.Big():
                return read_big(self, node, local)
            case s.Integral():
                return read_integral(self, node, local)
            case s.Derivative(body=None):
                raise EquationSyntaxError("this derivative has nothing to differentiate", place)
            case s.Derivative(body=body):
                assert body is not None
                return read_derivative(self, node, body, local)
            case s.EvaluatedAt(body=body, at=at):
                inside = local | points_of(at)
                points = tuple(self.point(c, local) for c in items_of(at))
                return s.EvaluatedAt(self.read(body, inside), s.Bag(points), place=place)
            case s.Matrix(rows=rows, environment=kind):
                cells = tuple(tuple(self.read(c, local) for c in row) for row in rows)
                matrix = s.Matrix(cells, kind, place=place)
                if kind in ("vmatrix", "Vmatrix"):
                    return s.Apply("det", (matrix,), place=place)
                return matrix
            case s.Cases(values=values, conditions=conditions):
                return s.Cases(
                    tuple(self.read(v, local) for v in values),
                    tuple(None if c is None else self.condition(c, local) for c in conditions),
                    place=place,
                )
            case s.Chain(items=items, relations=relations, places=places):
                read = tuple(self.read(i, local) for i in items)
                return s.Chain(read, relations, places, place=place)
            case s.Operator(name=name):
                raise EquationSyntaxError(f"{name} has no argument; write it with brackets", place)
            case s.Slice(start=start, stop=stop):
                return s.Slice(
                    None if start is None else self.read(start, local),
                    None if stop is None else self.read(stop, local),
                    place=place,
                )
        raise EquationSyntaxError("this notation cannot be executed", place)

    def condition(self, node: s.Node, local: Local) -> s.Node:
        """Refine a condition; several in a list must all hold."""
        if isinstance(node, s.Group) and len(node.items) > 1:
            return s.Bag(tuple(self.read(i, local) for i in node.items), place=node.place)
        return self.read(node, local)

    def group(self, node: s.Group, local: Local) -> s.Node:
        """Refine brackets that are no call."""
        if node.open == "row":
            return s.Bag(tuple(self.read(i, local) for i in node.items), "row", place=node.place)
        bars = {
            "|": "abs",
            r"\|": "norm",
            r"\lfloor": "floor",
            r"\lceil": "ceil",
            r"\langle": "inner",
        }
        items = tuple(self.read(i, local) for i in node.items)
        if node.open in bars and node.open != "":
            return s.Apply(bars[node.open], items, place=node.place)
        if (
            node.open == r"\{"
            and node.close == r"\}"
            and not (
                len(items) == 1
                and isinstance(node.items[0], s.Sum | s.Product | s.Fraction | s.Scripted)
            )
        ):
            return s.Bag(items, r"\{", place=node.place)
        listed = isinstance(items[0], s.Reduce) and items[0].kind == "list" if items else False
        if len(items) == 1 and not isinstance(items[0], s.Chain) and not listed:
            return items[0]
        if set(node.separators) == {";"} and node.open in ("(", "["):
            return s.Matrix(tuple((i,) for i in items), place=node.place)
        return s.Bag(items, node.open or "(", node.close, place=node.place)

    # Symbols and their scripts

    def symbol(self, node: s.Name | s.Scripted, local: Local) -> Head:
        """Look a symbol up, by the order of the naming rules."""
        name = node.base if isinstance(node, s.Scripted) else node
        sub = node.sub if isinstance(node, s.Scripted) else None
        sup = node.sup if isinstance(node, s.Scripted) else None
        first = isinstance(node, s.Scripted) and node.raised_first
        assert isinstance(name, s.Name)
        for candidate in candidates(node):
            key, used_sub, used_sup = candidate
            if used_sub is False and sub is not None:
                head = self.indexed_schema(name, node, local)
                if head is not None:
                    return head
            if key in local or key in self.scope or key in self.scope.calls:
                self.note_font(key, name, node)
                function = key not in local and (
                    self.scope.is_function(key) or key in self.scope.calls
                )
                return Head(
                    s.Ref(key, place=node.place if used_sub and used_sup else name.place),
                    key, function,
                    None if used_sub else sub, None if used_sup else sup, first,
                    place=node.place,
                )  # fmt: skip
        if name.primes:
            bare: s.Name | s.Scripted = replace(name, primes=0)
            if isinstance(node, s.Scripted):
                bare = replace(node, base=bare)
            head = self.symbol(bare, local)
            if head.function:
                return replace(head, primes=name.primes)
        built_in = self.built_in(name, sub, sup, local)
        if built_in is not None:
            return built_in
        return Head(
            s.Ref(spelling(name) or letter(name), place=node.place), "", False, sub, sup, first
        )

    def note_font(self, key: str, name: s.Name, node: s.Node) -> None:
        r"""Refuse one plain key for both ``N`` and ``\mathcal{N}``."""
        font, other = self.fonts.setdefault(key, (name.font, node))
        if font != name.font and "mathbf" not in (font, name.font):
            raise UnboundSymbolError(
                f"{other.place.text} and {node.place.text} both occur; expected a LaTeX key "
                "for at least one of them",
                node.place,
            )

    def indexed_schema(self, name: s.Name, node: s.Node, local: Local) -> Head | None:
        """Find a function of an index bound as ``x_i`` for the occurrence ``x_j``."""
        assert isinstance(node, s.Scripted)
        assert node.sub is not None
        for key in self.scope.schemas(spelling(name) or ""):
            indices = self.indices(node.sub, local)
            if len(indices.items) == self.scope.schema_length(key):
                call = s.Call(s.Ref(key, place=node.place), indices.items, place=node.place)
                return Head(call, key, False, None, node.sup)
        return None

    def built_in(
        self, name: s.Name, sub: s.Node | None, sup: s.Node | None, local: Local
    ) -> Head | None:
        r"""Return what needs no binding: ``e``, ``\pi``, ``I``, ``\mathbf{1}``, ``\delta_{ij}``."""
        if name.accents or name.primes:
            return None
        plain = letter(name)
        if plain in ("e", "pi", "infty") and not name.font:
            return Head(s.Apply(plain, (), place=name.place), "", False, sub, sup)
        if plain == "I" or (plain in "01" and name.font):
            constant = {"I": "eye", "1": "ones", "0": "zeros"}[plain]
            inside = sub.items if isinstance(sub, s.Group) else (sub,)
            if any(isinstance(i, s.Chain) for i in inside):
                conditions = tuple(self.read(i, local) for i in inside if i is not None)
                return Head(
                    s.Apply("indicator", conditions, place=name.place), "", False, None, sup
                )
            sizes = () if sub is None else tuple(self.read(i, local) for i in items_of(sub))
            return Head(s.Apply(constant, sizes, place=name.place), "", False, None, sup)
        if plain == "delta" and sub is not None:
            pair = self.indices(sub, local)
            if len(pair.items) == 2:
                return Head(s.Apply("delta", pair.items, place=name.place), "", False, None, sup)
        if plain in ("Gamma",):
            return Head(s.Name("Gamma", place=name.place), "Gamma", False, sub, sup)
        return None

    def finish(self, head: Head, local: Local) -> s.Node:
        """Turn a looked-up symbol without arguments into a node."""
        node = head.node
        if says_text(head.sup):
            self.unbound(replace(node, place=head.place if head.key else node.place))
        if head.primes:
            node = s.Call(node, (), (), head.primes, place=node.place)
        if isinstance(node, s.Ref) and not head.key and head.sub is not None:
            self.unbound(node)
        return self.scripts(node, head.sub, head.sup, head.raised_first, local)


def _names(node: s.Node) -> set[str]:
    """Return the letters that occur in a node."""
    return {letter(part) for part in s.walk(node) if isinstance(part, s.Name)}


def _outside(node: s.Node) -> set[str]:
    """Return the letters that occur where no operator around them mentions them."""
    if isinstance(node, s.Big) and node.sub is not None:
        found = _outside(node.body) | (_outside(node.sup) if node.sup is not None else set())
        return found - _names(node.sub)
    if isinstance(node, s.Name):
        return {letter(node)}
    return {n for child in s.children(node) for n in _outside(child)}
