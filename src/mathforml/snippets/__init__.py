"""Copies of functions that stand alone: one block of code that needs only NumPy.

A copy is cut from the source, nothing runs. It holds what the function needs from the package,
and it does what the original does; where that cannot be promised, `SnippetError` says why.
"""

import os
import textwrap
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import NamedTuple

from mathforml.snippets.closure import Member, Thing, closure, definition
from mathforml.snippets.modules import SnippetError, find_module
from mathforml.snippets.writing import block

__all__ = ["LICENSE", "Snippet", "SnippetError", "snippet"]

LICENSE = "BSD-3-Clause. Copyright (c) 2026, The mathforml authors"
WIDTH = 100  # of a line


class Snippet(NamedTuple):
    """A copy, and where it is from.

    Attributes
    ----------
    code : str
        One block that needs only NumPy.
    names : tuple of str
        What was asked for, as it is called in the block.
    paths : tuple of Path
        The files from which it was taken.
    """

    code: str
    names: tuple[str, ...]
    paths: tuple[Path, ...]


def snippet(*names: str, site: str | None = None, license: str = LICENSE) -> Snippet:
    """Copy definitions with all that they need from their package.

    Parameters
    ----------
    *names : str
        Full names, ``package.module.function``; all of one package.
    site : str or None
        Address of the book in which they are derived; None asks ``SITE_URL`` and the package.
    license : str
        The line that says whose code it is.

    Returns
    -------
    copy : Snippet
        The code, and where it is from.

    Raises
    ------
    SnippetError
        If there is no such name, or a copy could not do what the original does.
    """
    roots = [definition(name) for name in dict.fromkeys(names)]
    members = closure(roots)
    code = header(roots, members, site, license) + block(members, roots)
    modules = [member.piece.module for member in members]
    modules += [name.rpartition(".")[0] for name in names]  # these may only hand a name on
    paths = filter(None, map(find_module, dict.fromkeys(modules)))
    return Snippet(code, tuple(root.name for root in roots), tuple(paths))


def header(roots: list[Thing], members: list[Member], site: str | None, license: str) -> str:
    """Say what a copy is, whose it is, and where it is derived."""
    package = roots[0].module.partition(".")[0]
    known = about(package)
    title = f"{package} {known.get('Version', '')}".strip()
    sources: dict[str, list[str]] = {}
    for root in roots:
        sources.setdefault(root.module, []).append(root.name)
    helpers = {member.piece.module for member in members} - sources.keys()
    lines = [f"Source: {module} ({', '.join(names)})" for module, names in sources.items()]
    lines += [f"With what it needs of {', '.join(sorted(helpers))}"] if helpers else []
    lines += [f"Version: {title}"] if title != package else []
    lines += [f"License: {license}"] if license else []
    lines += [f"Derivation, equations in brackets: {at}" for at in places(sources, known, site)]
    comment = textwrap.TextWrapper(
        WIDTH,
        initial_indent="# ",
        subsequent_indent="#     ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    comments = "\n".join(map(comment.fill, lines))
    return f'{comments}\n"""Part of {title}, cut out so that it needs only NumPy."""\n\n'


def places(modules: Iterable[str], known: dict[str, str], site: str | None) -> list[str]:
    """Return where some modules are derived: pages of the site, or of the book in a repository."""
    pages = [module.partition(".")[2].replace(".", "/") for module in modules]
    pages = [page for page in pages if "/" in page]
    base = os.environ.get("SITE_URL", "") if site is None else site
    base = base or known.get("Documentation", "")
    if base:
        return [f"{base.rstrip('/')}/{page}.html" for page in pages]
    repository = known.get("Repository")
    return [f"{repository}/blob/main/docs/{page}.md" for page in pages] if repository else []


def about(package: str) -> dict[str, str]:
    """Return the version of a package and its addresses, as far as they are installed."""
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return {}
    addresses = (line.partition(", ") for line in found.get_all("Project-URL") or ())
    return {"Version": found["Version"], **{name: url for name, _, url in addresses}}
