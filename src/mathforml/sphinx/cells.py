"""Stable addresses of code cells, so that a link to one outlives the insertion of others."""

import ast
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain, count

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


def cell_id(source: str) -> str | None:
    """Return the address of a cell: what it verifies, else what it assigns, else what it calls.

    Examples
    --------
    >>> cell_id('verify("eq-relu", relu=relu)')
    'cell-eq-relu'
    >>> cell_id("x, y = rng.normal(size=2)")
    'cell-x'
    """
    return next(names(source), None)


def names(source: str) -> Iterator[str]:
    """Yield the possible addresses of a cell, best first."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a shell line or a magic
        return
    parts = list(in_order(tree))
    for words in (verified(parts), assigned(parts), called(parts), imported(parts)):
        for word in words:
            yield nodes.make_id(f"cell-{word}")


def in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a program as they are read."""
    for part in ast.iter_child_nodes(tree):
        yield part
        yield from in_order(part)


def verified(parts: list[ast.AST]) -> Iterator[str]:
    """Yield the labels of the equations that a cell verifies."""
    for part in parts:
        match part:
            case ast.Call(func=ast.Name(id="verify"), args=[ast.Constant(value=str(label)), *_]):
                if re.fullmatch(r"[\w-]+", label):
                    yield label


def assigned(parts: list[ast.AST]) -> Iterator[str]:
    """Yield the names that a cell gives to values and functions."""
    inner = [
        name for part in parts if isinstance(part, ast.comprehension) for name in ast.walk(part)
    ]
    for part in parts:
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
                if part not in inner:
                    yield name


def called(parts: list[ast.AST]) -> Iterator[str]:
    """Yield the names of the functions that a cell calls."""
    for part in parts:
        match part:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                yield name


def imported(parts: list[ast.AST]) -> Iterator[str]:
    """Yield a word for a cell that only imports."""
    if any(isinstance(part, ast.Import | ast.ImportFrom) for part in parts):
        yield "imports"


class AddressCells(SphinxTransform):
    """Give each code cell an id."""

    default_priority = 399

    def apply(self, **kwargs: object) -> None:
        """Give it."""
        for code in self.document.findall(nodes.container):
            if code.get("nb_element") == "cell_code_source":
                self.address(code.parent, code.astext())

    def address(self, cell: nodes.Element, source: str) -> None:
        """Take the best address that is free; the digest is for cells that say the same."""
        digest = f"cell-{sha256(source.encode()).hexdigest()[:8]}"
        again = (f"{digest}-{place}" for place in count(2))
        found = next(n for n in chain(names(source), [digest], again) if n not in self.document.ids)
        cell["ids"].append(found)
        self.document.set_id(cell)


def setup(app: Sphinx) -> None:
    """Add the transform."""
    app.add_transform(AddressCells)
