"""Find public functions, classes and constants by a part of their name or of their summary."""

import ast
import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mathforml.snippets.modules import Module, SnippetError, find_module, read
from mathforml.snippets.writing import plain

__all__ = ["Entry", "catalog", "find", "matching"]

TOOLS = {"drawings", "equations", "snippets", "sphinx"}  # packages that teach no mathematics
ALSO = {"shapes"}  # a module that stands below all parts


class Entry(NamedTuple):
    """Something that can be copied.

    Attributes
    ----------
    module : str
        Dotted name of its module.
    name : str
        Its name there.
    summary : str
        The first line of its docstring; empty for a constant.
    """

    module: str
    name: str
    summary: str

    @property
    def full(self) -> str:
        """Its full name."""
        return f"{self.module}.{self.name}"


def catalog(package: str = "mathforml") -> list[Entry]:
    """List the public names of the mathematics, part by part.

    Parameters
    ----------
    package : str
        The package.

    Returns
    -------
    entries : list of Entry
        Sorted by module, in the order in which a module names them.
    """
    top = find_module(package)
    if top is None:
        raise SnippetError(f"no package {package}")
    names = [".".join([package, *path]) for path in sorted(_modules(top.parent))]
    found = (read(name) for name in names)
    return [_entry(module, name) for module in found for name in module.public()]


def matching(word: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries in whose name or summary a word occurs.

    Parameters
    ----------
    word : str
        Any part, in any case; nothing matches all.
    entries : sequence of Entry
        Where to look.

    Returns
    -------
    found : list of Entry
        In the same order.
    """
    word = word.casefold()
    return [one for one in entries if word in f"{one.full} {one.summary}".casefold()]


def find(name: str, entries: Sequence[Entry]) -> str:
    """Return the full name that a short one means.

    Parameters
    ----------
    name : str
        The last part or parts of a full name, or all of it.
    entries : sequence of Entry
        Where to look for short names.

    Returns
    -------
    full : str
        ``package.module.name``.

    Raises
    ------
    SnippetError
        If it means nothing, or several things.
    """
    found = [one.full for one in entries if f".{one.full}".endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise SnippetError(f"{name} means several; say which: {', '.join(found)}")
    if _is_whole(name, entries):
        return name
    inside = [one.name for one in entries if f".{one.module}".endswith(f".{name}")]
    if inside:
        raise SnippetError(f"{name} is a module; say what of it: {', '.join(inside)}")
    raise SnippetError(f"no {name!r} to copy{_near(name, entries)}")


def _modules(folder: Path) -> list[tuple[str, ...]]:
    """Return the path, below the package, of each module that may be read."""
    files = [path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py")]
    public = [parts for parts in files if not any(part.startswith("_") for part in parts)]
    return [
        parts for parts in public if (len(parts) > 1 or {*parts} & ALSO) and parts[0] not in TOOLS
    ]


def _entry(module: Module, name: str) -> Entry:
    """Return what is listed of a name."""
    piece = module.pieces.get(name)
    node = piece.body[-1] if piece else None
    owner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    text = ast.get_docstring(node) if isinstance(node, owner) else None
    summary = " ".join((text or "").partition("\n\n")[0].split())
    return Entry(module.name, name, plain(re.sub(r",? :eq:`[^`]*`", "", summary)))


def _is_whole(name: str, entries: Sequence[Entry]) -> bool:
    """Return whether a name is a full one, of something that is not listed."""
    module, _, last = name.rpartition(".")
    known = entries[0].module.partition(".")[0] if entries else ""
    if module.partition(".")[0] != known or find_module(module) is None:
        return False
    home = read(module)
    return last in home.pieces or last in home.imports


def _near(name: str, entries: Sequence[Entry]) -> str:
    """Suggest names that are spelled alike."""
    short = name.rpartition(".")[2]
    names = {one.name.casefold(): one for one in entries}
    near = difflib.get_close_matches(short.casefold(), names, n=3, cutoff=0.6)
    within = [key for key in names if len(short) > 2 and short.casefold() in key][:3]
    fulls = [names[key].full for key in dict.fromkeys([*near, *within])][:4]
    return f"; did you mean {', '.join(fulls)}?" if fulls else "; see python -m mathforml list"
