"""The abstract syntax: what the grammar builds and the reader refines.

Every node is frozen and knows its ``place`` in the LaTeX, which does not take part in
comparisons: two nodes are equal when they say the same.

The grammar leaves open what only bindings can decide (is ``f(x)`` a call or a product? is
the 1 of ``x_1`` part of the name?).  The second half of the file holds the nodes to which
:mod:`mathforml.equations.reading` refines those.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from mathforml.equations.errors import Place

__all__ = ["NOWHERE", "Node", "children", "transform", "walk"]

NOWHERE = Place("", 0, 0)
PLACES = ("place", "places")  # fields that say where, not what


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of mathematics."""

    place: Place = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# As the grammar builds it


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    r"""One symbol without its scripts: ``\hat{\mathbf{y}}'``."""

    letter: str
    font: str = ""
    accents: tuple[str, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Raw(Node):
    """A script that is no expression; it can only be part of a name."""

    text: str


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    """A base with a subscript, a superscript, or both (``raised_first``: ``x^2_i``)."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None
    raised_first: bool = False


@dataclass(frozen=True, slots=True)
class Operator(Node):
    r"""A named function of the language that looks for its argument: ``\log``."""

    name: str
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Brackets, with what stands between their separators."""

    open: str
    close: str
    items: tuple[Node, ...]
    separators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """Terms, each with its sign."""

    signs: tuple[str, ...]
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors with the operators between them; the empty operator is juxtaposition."""

    items: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    """A fraction bar."""

    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    """A square root, or one of another degree."""

    body: Node
    degree: Node | None = None


@dataclass(frozen=True, slots=True)
class Binomial(Node):
    """A binomial coefficient."""

    top: Node
    bottom: Node


@dataclass(frozen=True, slots=True)
class Big(Node):
    r"""An operator over a range, with the rest of the term: ``\sum``, ``\max``, ``\lim``."""

    kind: str
    sub: Node | None
    sup: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Integral(Node):
    """An integral over one or more variables, innermost first."""

    low: Node | None
    high: Node | None
    body: Node
    variables: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    r"""A derivative, each variable as often as its order; without a body it looks for one."""

    style: str
    body: Node | None
    variables: tuple[Node, ...]
    order: int = 1


@dataclass(frozen=True, slots=True)
class EvaluatedAt(Node):
    """A bar at the right with the point of evaluation."""

    body: Node
    at: Node


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """A matrix or block matrix."""

    rows: tuple[tuple[Node, ...], ...]
    environment: str = "bmatrix"


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """Values with conditions; the last may go without."""

    values: tuple[Node, ...]
    conditions: tuple[Node | None, ...]


@dataclass(frozen=True, slots=True)
class Factorial(Node):
    """A factorial."""

    body: Node


@dataclass(frozen=True, slots=True)
class Ellipsis(Node):
    """Three dots."""


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """A colon among indices."""

    start: Node | None = None
    stop: Node | None = None


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Expressions with relations between them."""

    items: tuple[Node, ...]
    relations: tuple[str, ...]
    places: tuple[Place, ...] = field(default=(), compare=False, repr=False)


# As the reader refines it


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A symbol by the key under which the scope knows it."""

    key: str


@dataclass(frozen=True, slots=True)
class Indexed(Node):
    """Components of a value."""

    base: Node
    indices: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A bound function applied to arguments; ``derivatives`` counts primes."""

    function: Node
    arguments: tuple[Node, ...]
    separators: tuple[str, ...] = ()
    derivatives: int = 0


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """A named function of the language applied to arguments."""

    name: str
    arguments: tuple[Node, ...]
    parameter: Node | None = None


@dataclass(frozen=True, slots=True)
class Multiply(Node):
    """One product of two factors, with the operator that stands between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Power(Node):
    """A power, an inverse or a root."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Transposed(Node):
    r"""A transpose; ``^T`` (not ``certain``) is a power on numbers."""

    base: Node
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Dummy(Node):
    """A variable that an operator binds, with what is said of its range."""

    key: str
    low: Node | None = None
    high: Node | None = None
    domain: Node | None = None


@dataclass(frozen=True, slots=True)
class Reduce(Node):
    """A sum, product or extremum over dummies that meet conditions."""

    kind: str
    dummies: tuple[Dummy, ...]
    conditions: tuple[Node, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """An expectation, variance or covariance over dummies with a distribution."""

    kind: str
    dummies: tuple[Dummy, ...]
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """A limit of a dummy."""

    dummy: str
    target: Node
    side: str
    body: Node


@dataclass(frozen=True, slots=True)
class Bag(Node):
    """Several values side by side: a tuple, an interval, or a set in braces."""

    items: tuple[Node, ...]
    open: str = "("
    close: str = ""


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below."""
    rest = [getattr(node, p.name) for p in reversed(fields(node)) if p.name not in PLACES]
    while rest:
        value = rest.pop()
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            rest += reversed(value)


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it, depth first."""
    yield node
    for child in children(node):
        yield from walk(child)


def transform(node: Node, change: dict[Node, Node]) -> Node:
    """Replace every node that equals a key of ``change``."""
    if node in change:
        return change[node]
    names = [p.name for p in fields(node) if p.name not in PLACES]
    return replace(node, **{n: _transformed(getattr(node, n), change) for n in names})


def _transformed(value: Any, change: dict[Node, Node]) -> Any:
    if isinstance(value, Node):
        return transform(value, change)
    if isinstance(value, tuple):
        return tuple(_transformed(item, change) for item in value)
    return value
