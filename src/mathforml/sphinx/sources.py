"""The source of a function, read from its file: no module is imported, nothing runs."""

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from pkgutil import iter_modules
from textwrap import dedent
from typing import NamedTuple

from mathforml.snippets.modules import find_module

__all__ = ["Source", "SourceError", "find_module", "source_of", "tests_of"]

KINDS = {ast.ClassDef: "class", ast.FunctionDef: "func", ast.AsyncFunctionDef: "func"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class SourceError(ValueError):
    """A name that has no source to show, and why."""


class Source(NamedTuple):
    """What stands in a module under a name."""

    name: str  # fully dotted
    module: str
    kind: str  # func, meth, class or data, as roles of Sphinx are called
    path: Path
    first: int  # its lines in the file
    last: int
    text: str  # without docstrings

    @property
    def inside(self) -> str:
        """Its name within the module."""
        return self.name.removeprefix(f"{self.module}.")


def source_of(name: str) -> Source:
    """Return the source of a function, class or constant, without its docstring.

    Parameters
    ----------
    name : str
        Dotted, ``package.module.function`` or ``package.module.Class.method``.

    Returns
    -------
    source : Source
        The text as it stands in the file: decorators, comments and formatting kept.

    Raises
    ------
    SourceError
        If there is no such name, or nothing is left to show.
    """
    module, path = split(name)
    text = path.read_text("utf-8")
    parts = name.removeprefix(f"{module}.").split(".")
    node = locate(ast.parse(text), module, parts)
    lines = text.splitlines()
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    last = node.end_lineno or node.lineno
    kept = without_docstrings(node, lines, name)
    shown = dedent("\n".join(line for line in kept[first - 1 : last] if line != GONE))
    kind = KINDS.get(type(node), "data")
    if len(parts) > 1:
        kind = {"func": "meth", "data": "attr"}.get(kind, kind)
    return Source(name, module, kind, path, first, last, shown)


def split(name: str) -> tuple[str, Path]:
    """Return the longest part of a dotted name that is a module, and its file."""
    parts = name.split(".")
    if find_module(name) is not None:
        raise SourceError(f"{name} is a module; expected package.module.name")
    for length in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:length])
        path = find_module(module)
        if path is not None:
            return module, path
    raise SourceError(f"no module to read {name!r} from; expected package.module.name")


def locate(tree: ast.Module, module: str, parts: Sequence[str]) -> Definition:
    """Return the definition that a name within a module means."""
    found: ast.Module | Definition = tree
    where = module
    for part in parts:
        if not isinstance(found, ast.Module | ast.ClassDef):
            raise SourceError(f"{where} has no members to show")
        known = dict(definitions(found.body))
        if part not in known:
            raise SourceError(explain(where, part, found, [*known, *modules_in(where)]))
        found, where = known[part], f"{where}.{part}"
    assert not isinstance(found, ast.Module)
    return found


def definitions(body: Sequence[ast.stmt]) -> Iterator[tuple[str, Definition]]:
    """Yield the names that some statements define, those under ``if`` and ``try`` too."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((t.id, node) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node
        elif isinstance(node, ast.If | ast.Try):
            yield from definitions([*node.body, *node.orelse])


def modules_in(package: str) -> list[str]:
    """Return the names of the modules of a package; a module has none."""
    path = find_module(package)
    if path is None or path.name != "__init__.py":
        return []
    return sorted(info.name for info in iter_modules([str(path.parent)]))


def explain(where: str, part: str, scope: ast.Module | ast.ClassDef, known: list[str]) -> str:
    """Say what is wrong with a name, and which one may be meant."""
    for node in scope.body:
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                if part == (alias.asname or alias.name):
                    return f"{where} only imports {part!r}; name {node.module}.{alias.name}"
    close = difflib.get_close_matches(part, known, n=3, cutoff=0.5)
    hint = f"; close to it: {', '.join(close)}" if close else ""
    return f"{where} defines no {part!r}{hint}"


GONE = "\0"  # marks a line to leave out


def without_docstrings(node: Definition, lines: list[str], name: str) -> list[str]:
    """Return the lines of the file, those of docstrings marked."""
    kept = list(lines)
    owners = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for inner in ast.walk(node):
        if not isinstance(inner, owners) or ast.get_docstring(inner, clean=False) is None:
            continue
        if len(inner.body) == 1:
            if inner is node:
                raise SourceError(f"{name} is only a docstring; nothing is left to show")
            continue
        take_out(kept, inner.body[0], inner.body[1])
    return kept


def take_out(lines: list[str], docstring: ast.stmt, after: ast.stmt) -> None:
    """Mark the lines of a docstring, and empty ones after it; keep what shares them."""
    first, last = docstring.lineno - 1, (docstring.end_lineno or docstring.lineno) - 1
    if after.lineno - 1 == last:  # a semicolon between them
        indent = " " * docstring.col_offset
        rest = lines[last].encode()[after.col_offset :].decode()
        before = lines[first].encode()[: docstring.col_offset].decode()
        lines[last] = (before if before.strip() else indent) + rest
        last -= 1
    elif lines[first].encode()[: docstring.col_offset].strip():  # def f(): "…" on one line
        raise SourceError("a docstring shares its line with code; give it its own")
    while last + 1 < len(lines) and not lines[last + 1].strip():
        last += 1
    for index in range(first, last + 1):
        lines[index] = GONE


def tests_of(source: Source, pattern: str) -> Path | None:
    """Return the test file that uses a name, looked for above the module's file.

    Parameters
    ----------
    source : Source
        What is tested.
    pattern : str
        The path of a test file, with ``{part}`` for the folders between the package and the
        module, and ``{module}`` for the module's own name.

    Returns
    -------
    path : Path or None
        None if there is no such file, or it does not use the name.
    """
    *folders, module = source.module.split(".")
    place = re.sub(r"//+", "/", pattern.format(part="/".join(folders[1:]), module=module))
    for folder in source.path.parents:
        path = folder / place
        if path.is_file():
            return path if uses(path, source.name.rpartition(".")[2]) else None
    return None


def uses(path: Path, name: str) -> bool:
    """Say whether code in a file uses a name, beyond importing it."""
    tree = ast.parse(path.read_text("utf-8"))
    return any(
        name in (getattr(node, "id", None), getattr(node, "attr", None)) for node in ast.walk(tree)
    )
