"""What the modules of a package define and import, read from their files; nothing is run."""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

__all__ = ["Import", "Module", "Piece", "SnippetError", "find_module", "read"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
ALLOWED = {"numpy", *sys.stdlib_module_names}  # what a snippet may import


class SnippetError(ValueError):
    """A name that cannot be copied, and why."""


class Piece(NamedTuple):
    """The statements of a module that belong together: most often one definition.

    Attributes
    ----------
    module : str
        Dotted name.
    names : tuple of str
        What they define.
    body : tuple of ast.stmt
        The statements; several for a function with overloads.
    """

    module: str
    names: tuple[str, ...]
    body: tuple[ast.stmt, ...]


class Import(NamedTuple):
    """One name that an import statement binds.

    Attributes
    ----------
    module : str
        Absolute name of the module.
    name : str
        What is taken from it; empty for the module itself.
    alias : str
        The name that the statement binds.
    """

    module: str
    name: str
    alias: str

    @property
    def dotted(self) -> bool:
        """Whether it binds the top package only, as ``import os.path`` does."""
        return not self.name and "." in self.module and self.module.startswith(f"{self.alias}.")


class Module:
    """A module, taken apart.

    Parameters
    ----------
    name : str
        Dotted name.
    path : Path
        Its file.
    text : str
        What stands there.
    """

    def __init__(self, name: str, path: Path, text: str) -> None:
        self.name, self.path, self.text = name, path, text
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.tree = ast.parse(text, str(path))
        self.pieces: dict[str, Piece] = {}
        self.imports: dict[str, set[Import]] = {}
        self.stars: list[str] = []  # modules whose names are all imported
        self.doubtful: dict[str, str] = {}  # names bound in a way that no copy can follow
        self.changes: list[tuple[ast.stmt, set[str]]] = []  # statements that touch definitions
        self.postponed = False  # from __future__ import annotations
        for node in self.tree.body:
            self._take(node)

    def where(self, node: ast.AST) -> str:
        """Return the place of a node, as ``file:line``.

        Parameters
        ----------
        node : ast.AST
            A part of the module.

        Returns
        -------
        place : str
            The file, seen from the folder of the package.
        """
        depth = len(self.name.split(".")) + (self.package == self.name)
        return f"{'/'.join(self.path.parts[-depth:])}:{getattr(node, 'lineno', 1)}"

    def public(self) -> list[str]:
        """Return the names that the module is for.

        Returns
        -------
        names : list of str
            Those in ``__all__``; without it, its definitions without an underscore.
        """
        listed: list[str] = []
        for node in self.tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            target = node.target if isinstance(node, ast.AugAssign | ast.AnnAssign) else target
            if isinstance(target, ast.Name) and target.id == "__all__":
                value = getattr(node, "value", None)
                listed += ast.literal_eval(value) if isinstance(value, ast.List | ast.Tuple) else []
        return listed or [name for name in self.pieces if not name.startswith("_")]

    def _take(self, node: ast.stmt) -> None:
        """Note what a statement at the top of the module does."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._define(node, [node.name])
            case ast.Assign() if names := _names(node.targets):
                self._define(node, names)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._define(node, [name])
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.If(test=test, orelse=[]) if _only_for_types(test):
                for inner in node.body:
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        self._import(inner)
                    else:
                        self._doubt(inner, "is there for type checkers only")
            case ast.If() | ast.Try() | ast.For() | ast.While() | ast.With() | ast.Match():
                kind = type(node).__name__.lower()
                self._doubt(node, f"is bound under a condition or in a block ({kind!r})")
            case _ if type(node).__name__ == "TypeAlias":  # from Python 3.12 on
                self._define(node, [node.name.id])  # type: ignore[attr-defined]
            case _:
                loaded = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                self.changes.append((node, loaded - {"__all__"}))

    def _define(self, node: ast.stmt, names: list[str]) -> None:
        """Note a definition; a second one of the same name is in doubt, unless for overloads."""
        body: tuple[ast.stmt, ...] = (node,)
        for name in names:
            if name in self.pieces:
                earlier = self.pieces[name].body
                if all(_is_overload(one) for one in earlier):
                    body = (*earlier, node)
                else:
                    self.doubtful[name] = f"is defined twice, again at {self.where(node)}"
        piece = Piece(self.name, tuple(names), body)
        self.pieces.update(dict.fromkeys(names, piece))
        if isinstance(node, Function | ast.ClassDef):
            roots = {root.id for d in node.decorator_list if (root := _owner(d))}
            self.changes.append((node, roots - {*names}))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note what an import binds."""
        for one in imports_of(node, self.package):
            if one.module == "__future__":
                self.postponed |= one.name == "annotations"
            elif one.name == "*":
                self.stars.append(one.module)
            else:
                self.imports.setdefault(one.alias, set()).add(one)

    def _doubt(self, node: ast.stmt, why: str) -> None:
        """Note the names that a block binds."""
        main = isinstance(node, ast.If) and "__name__" in ast.dump(node.test)
        for part in () if main else ast.walk(node):
            if isinstance(part, Function | ast.ClassDef):
                names = [part.name]
            elif isinstance(part, ast.Import | ast.ImportFrom):
                names = [one.alias for one in imports_of(part, self.package)]
            else:
                names = [part.id] if _is_store(part) else []  # type: ignore[attr-defined]
            self.doubtful.update(dict.fromkeys(names, f"{why}, {self.where(part)}"))


def imports_of(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[Import]:
    """Yield what an import statement binds, relative names made absolute.

    Parameters
    ----------
    node : ast.Import or ast.ImportFrom
        The statement.
    package : str
        The package in which it stands.

    Yields
    ------
    one : Import
        One for each name.
    """
    if isinstance(node, ast.Import):
        for each in node.names:
            yield Import(each.name, "", each.asname or each.name.partition(".")[0])
    else:
        parents = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*(parents if node.level else ()), *filter(None, [node.module])])
        for each in node.names:
            yield Import(base, each.name, each.asname or each.name)


def read(name: str) -> Module:
    """Return a module, read from its file as it is now.

    Parameters
    ----------
    name : str
        Dotted name.

    Returns
    -------
    module : Module
        Taken apart.

    Raises
    ------
    SnippetError
        If there is no such module, or it is not Python.
    """
    path = find_module(name)
    if path is None:
        raise SnippetError(f"no module {name}")
    try:
        return _parsed(name, path, path.read_text("utf-8"))
    except SyntaxError as error:
        raise SnippetError(f"{path.name}:{error.lineno} is not Python: {error.msg}") from None


@cache
def _parsed(name: str, path: Path, text: str) -> Module:
    """Take a module apart, once for each content."""
    return Module(name, path, text)


def find_module(name: str) -> Path | None:
    """Return the file of a module, without importing its parents.

    Parameters
    ----------
    name : str
        Dotted.

    Returns
    -------
    path : Path or None
        None if there is no such module, or it has no Python source.
    """
    top, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    for depth in range(len(rest)):
        if spec is None or spec.submodule_search_locations is None:
            return None
        folders = list(spec.submodule_search_locations)
        spec = PathFinder.find_spec(".".join([top, *rest[: depth + 1]]), folders)
    origin = spec.origin if spec else None
    return Path(origin) if origin and origin.endswith(".py") else None


def _names(targets: list[ast.expr]) -> list[str]:
    """Return the names that an assignment binds, or none if it also changes something."""
    found: list[str] = []
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Attribute | ast.Subscript):
                return []
            found += [part.id] if isinstance(part, ast.Name) else []
    return found


def _owner(node: ast.expr) -> ast.Name | None:
    """Return the name before the dot of a decorator such as ``name.register(...)``."""
    node = node.func if isinstance(node, ast.Call) else node
    dotted = isinstance(node, ast.Attribute)
    while isinstance(node, ast.Attribute):
        node = node.value
    return node if dotted and isinstance(node, ast.Name) else None


def _is_store(node: ast.AST) -> bool:
    """Return whether a node binds a name."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _is_overload(node: ast.stmt) -> bool:
    """Return whether a function only tells type checkers of a way to call it."""
    decorators = node.decorator_list if isinstance(node, Function) else []
    return any(ast.unparse(d).rpartition(".")[2] == "overload" for d in decorators)


def _only_for_types(test: ast.expr) -> bool:
    """Return whether a condition is ``TYPE_CHECKING``."""
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
