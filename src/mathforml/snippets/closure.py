"""What functions need from their package: all that they reach, in an order that runs."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mathforml.snippets.modules import (
    ALLOWED,
    Import,
    Module,
    Piece,
    SnippetError,
    find_module,
    imports_of,
    read,
)
from mathforml.snippets.scopes import Names, annotations, names_of

__all__ = ["Member", "Thing", "Use", "closure", "definition"]

DYNAMIC = {"__file__", "__import__", "__path__", "eval", "exec", "globals", "locals", "vars"}
GIVEN = {*dir(builtins), "__name__"} - DYNAMIC


class Thing(NamedTuple):
    """What a name means.

    Attributes
    ----------
    module : str
        Where it comes from.
    name : str
        Its name there; empty for a module.
    outside : bool
        Whether it is imported from Python or NumPy, not defined in the package.
    """

    module: str
    name: str
    outside: bool = False


class Use(NamedTuple):
    """A place where a definition names something outside itself.

    Attributes
    ----------
    node : ast.expr
        The name, or ``module.name``.
    root : str
        The name, or the first of the names.
    thing : Thing
        What it means.
    quote : ast.Constant or None
        The string in which it stands, for an annotation in quotes.
    """

    node: ast.expr
    root: str
    thing: Thing
    quote: ast.Constant | None = None


class Member(NamedTuple):
    """Some statements of a module that are copied.

    Attributes
    ----------
    home : Module
        Where they stand.
    piece : Piece
        The statements.
    names : Names
        All names in them.
    uses : tuple of Use
        The places that name something outside them.
    """

    home: Module
    piece: Piece
    names: Names
    uses: tuple[Use, ...]

    @property
    def things(self) -> list[Thing]:
        """What it defines."""
        return [Thing(self.piece.module, name) for name in self.piece.names]

    @property
    def built_in(self) -> set[str]:
        """The names in it that Python gives."""
        return self.names.free - {use.root for use in self.uses}


def definition(name: str) -> Thing:
    """Find what a full name means.

    Parameters
    ----------
    name : str
        ``package.module.name``; the module may import it from another one.

    Returns
    -------
    thing : Thing
        Where it is defined.

    Raises
    ------
    SnippetError
        If the package defines no such thing.
    """
    module, _, last = name.rpartition(".")
    if find_module(name) is not None:
        raise SnippetError(f"{name} is a module; expected the name of one function in it")
    thing = meaning(read(module), last) if module else None
    if thing is None or thing.outside:
        raise SnippetError(f"{module or 'nothing'} defines no {last!r}")
    return thing


def closure(roots: Iterable[Thing]) -> list[Member]:
    """Collect what some definitions need, themselves included.

    Parameters
    ----------
    roots : iterable of Thing
        Definitions of the package.

    Returns
    -------
    members : list of Member
        Constants, helpers, what was asked for; each after what it needs to run.

    Raises
    ------
    SnippetError
        If a copy could not do what the original does.
    """
    found: dict[Thing, Member] = {}

    def visit(thing: Thing) -> None:
        home = read(thing.module)
        piece = home.pieces[thing.name]
        key = Thing(thing.module, piece.names[0])  # A, B = …
        if key not in found:
            member = found[key] = member_of(home, piece)
            for use in member.uses:
                if not use.thing.outside:
                    visit(use.thing)
            found[key] = found.pop(key)  # behind what it needs

    for root in roots:
        visit(root)
    for member in found.values():
        refuse_changes(member)
    return ordered(found)


def ordered(found: dict[Thing, Member]) -> list[Member]:
    """Return members such that each runs: constants first, but after what makes them."""
    by_name = {thing: key for key, member in found.items() for thing in member.things}

    def needs(key: Thing, early: bool) -> list[Thing]:
        uses = (use for use in found[key].uses if not use.thing.outside)
        names = found[key].names.early
        return [by_name[use.thing] for use in uses if not early or use.root in names]

    def reach(key: Thing, seen: dict[Thing, None]) -> dict[Thing, None]:
        if key not in seen:
            seen[key] = None
            for other in needs(key, early=False):
                reach(other, seen)
        return seen

    done: dict[Thing, Member] = {}

    def emit(key: Thing, above: tuple[Thing, ...]) -> None:
        if key in done or key in above:
            return
        first = [thing for thing in needs(key, early=True) if thing != key]
        wanted = {thing for used in first for thing in reach(used, {})}
        for thing in found:
            if thing in wanted:
                emit(thing, (*above, key))
        if all(thing in done for thing in first):
            done[key] = found[key]

    homes = list(dict.fromkeys(key.module for key in found))
    constants = sorted(
        (key for key, member in found.items() if is_constant(member)),
        key=lambda key: (homes.index(key.module), found[key].piece.body[0].lineno),
    )
    while len(done) < len(found):
        before = len(done)
        for key in [*constants, *found]:
            emit(key, ())
        if len(done) == before:
            left = ", ".join(f"{key.module}.{key.name}" for key in found if key not in done)
            raise SnippetError(f"{left} need each other before they are defined")
    return list(done.values())


def is_constant(member: Member) -> bool:
    """Return whether some statements bind a value, not a function or a class."""
    return not isinstance(
        member.piece.body[-1], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    )


def member_of(home: Module, piece: Piece) -> Member:
    """Look up all that a piece of a module names."""
    names = names_of(piece, home.postponed)
    uses: list[Use] = []
    for node in piece.body:
        refuse_oddities(home, node)
        uses += uses_in(home, node, names.free, None)
        for quote, meant in annotations(node):
            if isinstance(quote, ast.Constant) and meant is not quote:
                uses += uses_in(home, meant, names.free, quote)
    return Member(home, piece, names, tuple(uses))


def uses_in(
    home: Module, node: ast.AST, free: set[str], quote: ast.Constant | None
) -> Iterator[Use]:
    """Yield the places where some code names what is outside it."""
    inner = {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    chains: list[ast.expr] = [
        part
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute | ast.Name) and id(part) not in inner
    ]
    for part in chains:
        parts: list[ast.expr] = [part]
        while isinstance(last := parts[-1], ast.Attribute):
            parts.append(last.value)
        if isinstance(last, ast.Name) and last.id in free and isinstance(last.ctx, ast.Load):
            yield from named(home, parts[::-1], quote)


def named(home: Module, parts: list[ast.expr], quote: ast.Constant | None) -> Iterator[Use]:
    """Yield what ``name`` or ``module.name`` means; nothing for what is built in."""
    root = node = parts[0]
    assert isinstance(root, ast.Name)
    try:
        thing = meaning(home, root.id)
        for part in parts[1:]:
            if thing and isinstance(part, ast.Attribute) and not (thing.outside or thing.name):
                thing, node = meaning(read(thing.module), part.attr), part
    except SnippetError as error:
        raise SnippetError(f"{home.where(root)}: {error}") from None
    if thing and not thing.outside and not thing.name:
        raise SnippetError(
            f"{home.where(root)}: uses the module {thing.module} as a value; "
            "a snippet has no modules of the package"
        )
    if thing:
        yield Use(node, root.id, thing, quote)


def meaning(home: Module, name: str) -> Thing | None:
    """Find what a name in a module means; None for what is built in."""
    if name in home.doubtful:
        raise SnippetError(f"{name} {home.doubtful[name]}")
    if name in home.pieces and name in home.imports:
        raise SnippetError(f"{name} is both imported and defined in {home.name}")
    if name in home.pieces:
        return Thing(home.name, name)
    if name in home.imports:
        things = {imported(home, one) for one in home.imports[name]}
        if len(things) > 1:
            raise SnippetError(f"{name} is imported from two places in {home.name}")
        return things.pop()
    for star in home.stars:
        if star.partition(".")[0] != home.name.partition(".")[0]:
            raise SnippetError(f"{name} may come from {star}, of which {home.name} imports all")
        if name in read(star).public():
            return meaning(read(star), name)
    if name in GIVEN:
        return None
    if name in DYNAMIC:
        raise SnippetError(f"{name} depends on the module around it")
    if home.path.name == "__init__.py" and find_module(f"{home.name}.{name}"):
        return Thing(f"{home.name}.{name}", "")
    raise SnippetError(f"{home.name} defines no {name!r}")


def imported(home: Module, one: Import) -> Thing:
    """Find what an import binds."""
    top = one.module.partition(".")[0]
    if top != home.name.partition(".")[0]:
        if top not in ALLOWED:
            raise SnippetError(f"{one.alias} needs {top}; a snippet needs only NumPy")
        if one.dotted:
            raise SnippetError(f"import {one.module} binds {top}; expected an import that says as")
        return Thing(one.module, one.name, outside=True)
    if not one.name:
        return Thing(top if one.alias == top else one.module, "")
    source = read(one.module)
    known = one.name in {*source.pieces, *source.imports, *source.doubtful}
    if not known and find_module(f"{one.module}.{one.name}"):
        return Thing(f"{one.module}.{one.name}", "")
    thing = meaning(source, one.name)
    if thing is None:
        raise SnippetError(f"{one.module} defines no {one.name!r}")
    return thing


def refuse_oddities(home: Module, node: ast.stmt) -> None:
    """Raise if a function imports what a snippet cannot have, or changes a global name."""
    for part in ast.walk(node):
        if isinstance(part, ast.Global):
            raise SnippetError(f"{home.where(part)}: changes {part.names[0]} for the whole module")
        if isinstance(part, ast.Import | ast.ImportFrom):
            for one in imports_of(part, home.package):
                top = one.module.partition(".")[0]
                if top not in ALLOWED:
                    own = top == home.name.partition(".")[0]
                    why = "move the import to the top" if own else "a snippet needs only NumPy"
                    raise SnippetError(f"{home.where(part)}: imports {one.module} inside; {why}")


def refuse_changes(member: Member) -> None:
    """Raise if a statement that is not copied changes what is."""
    for node, names in member.home.changes:
        if shared := names & {*member.piece.names}:
            raise SnippetError(
                f"{member.home.where(node)}: changes {', '.join(sorted(shared))} after it is "
                "defined, which a copy would miss"
            )
