"""Write what is copied as one block of code: imports, constants, helpers, functions."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from mathforml.snippets.closure import Member, Thing, Use
from mathforml.snippets.modules import SnippetError
from mathforml.snippets.naming import names_of_all, written

__all__ = ["block", "plain"]

WIDTH = 100  # of a line
ROLE = re.compile(r":(?:\w+:)*?(\w+):`([^`]+)`")
DEFINED = re.compile(rb"(?:async\s+)?(?:def|class)\s+")
Owner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Edit(NamedTuple):
    """What replaces a part of some lines; columns count bytes."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    old: str = ""  # what stands there, if that must be known


def plain(text: str) -> str:
    """Write the roles of a docstring as they read outside a book.

    Parameters
    ----------
    text : str
        With roles, such as those for equations and functions.

    Returns
    -------
    text : str
        Labels of equations in brackets, formulas in dollars, names in backticks.
    """

    def one(found: re.Match[str]) -> str:
        role, words = found.groups()
        if role == "math":
            return f"${words}$"
        words = re.sub(r"\s*<[^<>]*>$", "", words)
        if role in ("eq", "cite", "p", "t", "numref"):
            return f"[{words}]"
        if role in ("doc", "ref"):
            return words.strip("/")
        return f"`{words.rpartition('.')[2] if words.startswith('~') else words}`"

    return ROLE.sub(one, text)


def block(members: list[Member], roots: Iterable[Thing]) -> str:
    """Return the code of what is copied.

    Parameters
    ----------
    members : list of Member
        In order.
    roots : iterable of Thing
        What keeps its name.

    Returns
    -------
    code : str
        Imports and definitions, as ruff would set them.
    """
    names = names_of_all(members, roots)
    things = {use.thing for member in members for use in member.uses if use.thing.outside}
    future = any(member.home.postponed for member in members)
    sections = ["from __future__ import annotations"] if future else []
    sections += imports({thing: names[thing] for thing in things})
    code = "\n\n".join(sections)
    for valued, group in groupby(members, lambda member: not isinstance(tail(member), Owner)):
        texts = [text_of(member, names) for member in group]
        blank = "\n\n" if valued and code == "\n\n".join(sections) else "\n\n\n"
        code += (blank if code else "") + ("\n" if valued else "\n\n\n").join(texts)
    return f"{code}\n"


def tail(member: Member) -> ast.stmt:
    """Return the last statement of what is copied together."""
    return member.piece.body[-1]


# Imports


def imports(things: dict[Thing, str]) -> list[str]:
    """Return the imports, Python's and then NumPy's, in the order of isort."""
    python = {thing for thing in things if thing.module.partition(".")[0] in STANDARD}
    halves = (python, things.keys() - python)
    return ["\n".join(statements({t: things[t] for t in half})) for half in halves if half]


STANDARD = set(sys.stdlib_module_names)


def statements(things: dict[Thing, str]) -> Iterator[str]:
    """Yield import statements."""
    for thing in sorted(things):
        if not thing.name:
            alias = things[thing]
            yield f"import {thing.module}" + (f" as {alias}" if alias != thing.module else "")
    whole = sorted(thing for thing in things if thing.name)
    for module, group in groupby(whole, lambda thing: thing.module):
        members = list(group)
        same = sorted((t.name for t in members if things[t] == t.name), key=rank)
        if same:
            line = f"from {module} import {', '.join(same)}"
            tall = "".join(f"    {name},\n" for name in same)
            yield line if len(line) <= WIDTH else f"from {module} import (\n{tall})"
        for thing in members:
            if things[thing] != thing.name:
                yield f"from {module} import {thing.name} as {things[thing]}"


def rank(name: str) -> tuple[int, str, str]:
    """Sort constants before classes before functions."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name


# Definitions


def text_of(member: Member, names: dict[Thing, str]) -> str:
    """Return the source of what is copied, with the comment above it and the names it has now."""
    texts = []
    for node in member.piece.body:
        lines = member.home.text.splitlines()
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        for other in member.home.tree.body:
            if other is not node and other.lineno <= last and first <= (other.end_lineno or 0):
                where = member.home.where(node)
                raise SnippetError(f"{where}: shares its line with other code; give it its own")
        lines = edited(lines, edits(member, node, names), member, node)
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        texts.append("\n".join(lines[first - 1 : last]))
    return "\n".join(texts)


def edits(member: Member, node: ast.stmt, names: dict[Thing, str]) -> Iterator[Edit]:
    """Yield what changes in a statement: names that are taken, and roles of docstrings."""
    inside = {id(part) for part in ast.walk(node)}
    for use in member.uses:
        new = names[use.thing]
        if written(use) != new and id(use.quote or use.node) in inside:
            yield renamed(use, new, member)
    for thing in member.things:
        if names[thing] != thing.name:
            yield from defined(member, node, thing.name, names[thing])
    for part in ast.walk(node):
        if isinstance(part, Owner) and ast.get_docstring(part) is not None:
            yield spoken(part.body[0], member)


def renamed(use: Use, new: str, member: Member) -> Edit:
    """Return the edit that gives a used thing its name."""
    node, line, shift = use.node, use.node.lineno, 0
    end = node.end_lineno or line
    if use.quote is not None:
        line, end, shift = use.quote.lineno, use.quote.lineno, use.quote.col_offset + 1
        source = ast.get_source_segment(member.home.text, use.quote) or ""
        if source[1:-1] != use.quote.value:
            place = member.home.where(use.quote)
            raise SnippetError(f"{place}: cannot rename {written(use)} in this string")
    right = (node.end_col_offset or 0) + shift
    return Edit((line, node.col_offset + shift), (end, right), new, written(use))


def defined(member: Member, node: ast.stmt, name: str, new: str) -> Iterator[Edit]:
    """Yield the edits that define a thing under another name."""
    if isinstance(node, Owner):
        line = member.home.text.splitlines()[node.lineno - 1].encode()
        if found := DEFINED.match(line, node.col_offset):
            end = found.end() + len(name.encode())
            yield Edit((node.lineno, found.end()), (node.lineno, end), new, name)
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id == name:
            end = part.end_col_offset or 0
            yield Edit((part.lineno, part.col_offset), (part.lineno, end), new, name)


def spoken(docstring: ast.stmt, member: Member) -> Edit:
    """Return the edit that writes a docstring without roles."""
    source = ast.get_source_segment(member.home.text, docstring) or ""
    start = (docstring.lineno, docstring.col_offset)
    end = (docstring.end_lineno or docstring.lineno, docstring.end_col_offset or 0)
    return Edit(start, end, plain(source))


def edited(lines: list[str], changes: Iterable[Edit], member: Member, node: ast.stmt) -> list[str]:
    """Return lines with some parts replaced; the number of lines stays."""
    data = [line.encode() for line in lines]
    for edit in sorted(set(changes), reverse=True):
        (first, left), (last, right) = edit.start, edit.end
        old = b"\n".join([*data[first - 1 : last - 1], data[last - 1][:right]])[left:]
        if edit.old and edit.old.encode() != b"".join(old.split()):  # Python 3.11 misplaces it
            where = member.home.where(node)
            raise SnippetError(f"{where}: cannot rename {edit.old} inside an f-string")
        text = data[first - 1][:left] + edit.text.encode() + data[last - 1][right:]
        pieces = text.split(b"\n")
        data[first - 1 : last] = pieces + [b""] * (last - first + 1 - len(pieces))
    return [line.decode() for line in data]
