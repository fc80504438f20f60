r"""Operators that bind names: sums, extrema, limits, integrals, derivatives, expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mathforml.equations import syntax as s
from mathforml.equations.errors import EquationError, EquationSyntaxError
from mathforml.equations.names import letter, spelling

if TYPE_CHECKING:
    from mathforml.equations.reading import Reader
    from mathforml.equations.scripts import Local

__all__ = ["read_big", "read_derivative", "read_expectation", "read_integral"]


def key_of(node: s.Node) -> str:
    """Return the key of a dummy.

    Raises
    ------
    EquationSyntaxError
        If the node is no plain symbol.
    """
    key = spelling(node)
    if key is None:
        raise EquationSyntaxError("expected a symbol here, such as i or x", node.place)
    return key


def dummy_keys(node: s.Node) -> tuple[str, ...]:
    """Return the key of a dummy, or the keys of a tuple of dummies."""
    if isinstance(node, s.Group) and node.open:
        return tuple(key_of(i) for i in node.items)
    return (key_of(node),)


def list_of(node: s.Node) -> tuple[s.Node, ...]:
    """Return the items of a bare list; letters side by side are a list of dummies."""
    if isinstance(node, s.Group) and node.open == "":
        return node.items
    letters = isinstance(node, s.Product) and all(isinstance(i, s.Name) for i in node.items)
    if isinstance(node, s.Product) and letters and not any(node.operators):
        return node.items
    return (node,)


def symbols_in(node: s.Node) -> list[s.Node]:
    """Return the symbols of a linear expression, in order."""
    match node:
        case s.Name() | s.Scripted(base=s.Name()):
            return [node]
        case s.Sum() | s.Product() | s.Chain() | s.Group():
            return [found for child in s.children(node) for found in symbols_in(child)]
    return []


def read_big(reader: Reader, node: s.Big, local: Local) -> s.Node:
    r"""Refine ``\sum``, ``\prod``, ``\max``, ``\arg\max`` and ``\lim``."""
    if node.kind == "lim":
        return read_limit(reader, node, local)
    if node.kind not in ("sum", "prod", "max", "min", "sup", "inf", "argmax", "argmin", "list"):
        raise EquationSyntaxError(f"\\{node.kind} cannot be executed", node.place)
    if node.sub is None:
        return s.Apply(node.kind, (reader.read(node.body, local),), place=node.place)
    kind = {"sup": "max", "inf": "min"}.get(node.kind, node.kind)
    dummies: list[s.Dummy] = []
    conditions: list[s.Node] = []
    inside = local
    items = list_of(node.sub)
    if node.sup is not None and kind not in ("sum", "prod", "list"):
        raise EquationSyntaxError(
            f"{kind} with an upper bound; write 1 \\le i \\le n below", node.sup.place
        )
    for item in items:
        found, condition, inside = bound_by(reader, item, node, inside)
        dummies += found
        if condition is not None:
            conditions.append(condition)
    if not dummies:
        raise EquationError(
            f"it is not clear what \\{node.kind} runs over; "
            "expected an index that occurs nowhere outside",
            node.sub.place,
        )
    read = tuple(reader.read(c, inside) for c in conditions)
    body = reader.read(node.body, inside)
    return s.Reduce(kind, tuple(dummies), read, body, place=node.place)


def bound_by(
    reader: Reader, item: s.Node, node: s.Big, local: Local
) -> tuple[list[s.Dummy], s.Node | None, Local]:
    """Return the dummies that one item below an operator binds, and its condition."""
    match item:
        case s.Name() | s.Scripted() if node.sup is not None:
            key = key_of(item)
            ends = (reader.read(_lower(node), local), reader.read(node.sup, local))
            return [s.Dummy(key, *ends, place=item.place)], None, local | {key}
        case s.Chain(items=(first, low), relations=("=",)) if _fresh(reader, first, local, True):
            key = key_of(first)
            high = None if node.sup is None else reader.read(node.sup, local)
            if isinstance(low, s.Group) or high is None:
                domain = reader.read(low, local)
                return [s.Dummy(key, domain=domain, place=item.place)], None, local | {key}
            dummy = s.Dummy(key, reader.read(low, local), high, place=item.place)
            return [dummy], None, local | {key}
        case s.Chain(
            items=(s.Name() as first, s.Group(open="[", close="]", items=(last,))),
            relations=(r"\in",),
        ) if node.sup is None:
            ends = (s.Number("1", place=item.place), reader.read(last, local))
            dummy = s.Dummy(key_of(first), *ends, place=item.place)
            return [dummy], None, local | {dummy.key}
        case s.Chain(items=(first, *_), relations=(r"\in",)) if node.sup is None:
            members = (
                list_of(first) if not isinstance(first, s.Group) or not first.open else (first,)
            )
            domain = reader.read(item.items[1], local)
            found = [
                s.Dummy("|".join(dummy_keys(m)), domain=domain, place=item.place) for m in members
            ]
            keys = {k for m in members for k in dummy_keys(m)}
            return found, None, local | keys
        case s.Chain():
            found = []
            for symbol in _below(reader, symbols_in(item), local):
                if _fresh(reader, symbol, local, False):
                    key = key_of(symbol)
                    found.append(s.Dummy(key, place=item.place))
                    local = local | {key}
            if found and node.sup is not None:
                raise EquationSyntaxError(
                    "an upper bound beside a condition; write 1 \\le i < j \\le n", node.sup.place
                )
            return found, item, local
        case s.Slice(start=first, stop=condition) if first is not None and condition is not None:
            key = key_of(first)
            return [s.Dummy(key, place=item.place)], condition, local | {key}
    key = key_of(item)
    return [s.Dummy(key, place=item.place)], None, local | {key}


def _lower(node: s.Big) -> s.Node:
    r"""Return the lower bound of an index without one: of the last, as in ``i, j = 0``, or 1."""
    for item in () if node.sub is None else list_of(node.sub):
        if isinstance(item, s.Chain) and item.relations == ("=",):
            return item.items[1]
    return s.Number("1")


def _below(reader: Reader, symbols: list[s.Node], local: Local) -> list[s.Node]:
    """Replace components of bound arrays by their indices: in ``x_i > 0`` the dummy is i."""
    found: list[s.Node] = []
    for symbol in symbols:
        if (
            isinstance(symbol, s.Scripted)
            and isinstance(symbol.base, s.Name)
            and symbol.sub is not None
        ):
            keys = (spelling(symbol), spelling(symbol.base))
            if not any(k in local for k in keys if k) and (keys[1] or "") in reader.scope:
                found += symbols_in(symbol.sub)
                continue
        found.append(symbol)
    return found


def _fresh(reader: Reader, node: s.Node, local: Local, assigned: bool) -> bool:
    """Tell whether a symbol below an operator is its dummy: it occurs nowhere outside."""
    key = spelling(node)
    if key is None:
        return False
    if assigned:
        return True
    if key in local or reader.scope.is_constant(key):
        return False
    name = node.base if isinstance(node, s.Scripted) else node
    return not (isinstance(name, s.Name) and letter(name) in reader.outside)


def read_limit(reader: Reader, node: s.Big, local: Local) -> s.Node:
    """Refine a limit."""
    match node.sub:
        case s.Chain(items=(variable, target), relations=(r"\to",)):
            pass
        case s.Group(items=(variable, target), separators=(r"\to",)):
            pass
        case _:
            raise EquationSyntaxError(r"a limit needs \lim_{x \to a}", node.place)
    side = "both"
    match target:
        case s.Scripted(base=base, sub=None, sup=s.Name(letter="+" | "-" as sign)):
            target, side = base, sign
    key = key_of(variable)
    body = reader.read(node.body, local | {key})
    return s.Limit(key, reader.read(target, local), side, body, place=node.place)


def read_integral(reader: Reader, node: s.Integral, local: Local) -> s.Node:
    """Refine an integral."""
    keys = tuple(key_of(v) for v in node.variables)
    low = None if node.low is None else reader.read(node.low, local)
    high = None if node.high is None else reader.read(node.high, local)
    if len(keys) > 1 and (low is not None or high is not None):
        raise EquationSyntaxError("several differentials need as many integral signs", node.place)
    body = reader.read(node.body, local | set(keys))
    variables = tuple(s.Ref(k, place=v.place) for k, v in zip(keys, node.variables, strict=True))
    return s.Integral(low, high, body, variables, place=node.place)


def read_derivative(reader: Reader, node: s.Derivative, body: s.Node, local: Local) -> s.Node:
    r"""Refine a derivative; ``\partial\mathbf{w}^\top`` means the variable itself."""
    operand = reader.read(body, local)
    variables = []
    for variable in node.variables:
        match variable:
            case s.Scripted(base=base, sub=None, sup=s.Name(letter=r"\top" | "T")):
                variable = base
            case s.Scripted(base=base, sub=sub, sup=s.Name(letter=r"\top" | "T")):
                variable = s.Scripted(base, sub, place=variable.place)
        variables.append(reader.read(variable, local))
    if variables and len(variables) != node.order:
        raise EquationSyntaxError(
            f"the order {node.order} of this derivative and its {len(variables)} variables differ",
            node.place,
        )
    return s.Derivative(node.style, operand, tuple(variables), node.order, place=node.place)


def read_expectation(
    reader: Reader, item: s.Node, kind: str, arguments: tuple[s.Node, ...],
    separators: tuple[str, ...], local: Local,
) -> s.Node:  # fmt: skip
    """Refine an expectation, a variance, a covariance or a divergence."""
    if r"\mid" in separators:
        raise EquationSyntaxError(
            "a conditional expectation needs its distribution: \\mathbb{E}_{x \\sim p(x \\mid y)}",
            item.place,
        )
    dummies: list[s.Dummy] = []
    domain: s.Node | None
    inside = local
    sub = item.sub if isinstance(item, s.Scripted) and kind != "KL" else None
    for part in () if sub is None else list_of(sub):
        match part:
            case s.Chain(items=(variable, law), relations=(r"\sim",)):
                keys = dummy_keys(variable)
                domain = read_law(reader, law, keys, local)
            case s.Chain(items=(variable, law), relations=(r"\in",)):
                keys = dummy_keys(variable)
                domain = reader.read(law, local)
            case s.Product(items=(_, s.Group(items=(variable, *_))), operators=("",)):
                keys = dummy_keys(variable)
                domain = read_law(reader, part, keys, local)
            case s.Name() | s.Scripted() | s.Group():
                keys = dummy_keys(part)
                domain = None
            case _:
                raise EquationSyntaxError(r"expected x \sim p below an expectation", part.place)
        dummies.append(s.Dummy("|".join(keys), domain=domain, place=part.place))
        inside = inside | set(keys)
    read = tuple(reader.read(a, inside) for a in arguments)
    return s.Expect(kind, tuple(dummies), read, place=item.place)


def read_law(reader: Reader, law: s.Node, keys: tuple[str, ...], local: Local) -> s.Node:
    """Refine a distribution, which may mention the variable or a dot in its place."""
    return reader.read(law, local | set(keys))
