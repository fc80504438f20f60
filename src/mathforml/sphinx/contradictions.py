"""Hold the names in ``verify`` to the book's notation.

A symbol that a cell binds agrees with the notation if the code name that stands there is its
keyword in the call, or a function of the package that it is or runs, or a name in the expression
that it is bound to.  The notation of a page is what stands there for the page itself, else for the
nearest page that it builds on.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from mathforml.sphinx.executed import pages, reading_order
from mathforml.sphinx.meanings import Meaning, meanings, names_in, page_of, spelled
from mathforml.sphinx.prerequisites import ancestors, graph
from mathforml.sphinx.reach import cells, parsed

__all__ = ["meaning_of", "setup"]

logger = logging.getLogger(__name__)


def meaning_of(app: Sphinx, page: str, key: str) -> Meaning | None:
    """Return what a symbol means on a page: there, or on the nearest page that it builds on."""
    known: dict[tuple[str, str], Meaning | None]
    known = vars(app).setdefault("_mathforml_lookups", {})  # one build, when all pages are read
    wanted = page, spelled(key)
    if wanted not in known:
        known[wanted] = looked_up(app, *wanted)
    return known[wanted]


def looked_up(app: Sphinx, page: str, wanted: str) -> Meaning | None:
    """Look a symbol up."""
    env = app.env
    found = [meaning for meaning in meanings(app).found if meaning.key == wanted]
    if not found:
        return None
    for meaning in found:
        if page in (page_of(env, label) for label in (meaning.page, *meaning.pages)):
            return meaning
    order = list(reading_order(env, env.config.root_doc, set()))
    above = ancestors(graph(env), page) & {*order}
    near = [
        (order.index(there), meaning)
        for meaning in found
        if (there := page_of(env, meaning.page)) in above
    ]
    return max(near, key=lambda pair: pair[0])[1] if near else None


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of the file, and of symbols that it contradicts."""
    file = meanings(app)
    where = f"{file.path}:%s"
    for line, problem in [*file.problems, *strangers(app, env)]:
        complain(problem, where % line if line else str(file.path))
    for page, entries in pages(env).items():
        seen = set()
        for entry in entries:
            for proof in entry.certificates:
                for key in proof["shapes"]:
                    ran = proof.get("code", {}).get(key, ())
                    problem = contradiction(app, page, key, ran)
                    if problem and key not in seen:
                        seen.add(key)
                        complain(problem, (page, entry.line))


def strangers(app: Sphinx, env: BuildEnvironment) -> Iterator[tuple[int, str]]:
    """Yield the symbols that name pages which the book does not have."""
    if not listed(env):
        return
    for meaning in meanings(app).found:
        for label in (meaning.page, *meaning.pages):
            if page_of(env, label) is None:
                yield meaning.line, f"the symbol {meaning.latex!r} names {label!r}, no page's label"


def contradiction(app: Sphinx, page: str, key: str, ran: tuple[str, ...]) -> str:
    """Return in what a bound symbol differs from the notation, or nothing."""
    meaning = meaning_of(app, page, key)
    if meaning is None or {spelled(key), key} & {spelled(meaning.code), *meaning.names}:
        return ""
    runs = {name.rpartition(".")[2] for name in ran}
    if runs & meaning.names or bound(Path(app.env.doc2path(page)), key) & meaning.names:
        return ""
    name = meaning.latex
    said = f"binds {key!r}" + (f" and runs {', '.join(sorted(runs))}" if runs else "")
    advice = f"also = [{key!r}]" if page_of(app.env, meaning.page) == page else "its own [[symbol]]"
    return (
        f"the notation says {meaning.code!r} for {name!r} ({meaning.name}, {meaning.page}), and a "
        f"cell {said}; expected the same name, or {advice} in {meanings(app).path.name}"
    ).replace("\\\\", "\\")


def bound(path: Path, key: str) -> set[str]:
    """Return the names in what the cells of a page give to a symbol, as keyword or in a dict."""
    found: set[str] = set()
    for cell in cells(path.read_text("utf-8"), path.suffix):
        try:
            tree = parsed(cell)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == key:
                found |= names_in(ast.unparse(node.value))
            elif isinstance(node, ast.Dict):
                for name, value in zip(node.keys, node.values, strict=True):
                    if isinstance(name, ast.Constant) and name.value == key:
                        found |= names_in(ast.unparse(value))
    return found


def complain(message: str, location: str | tuple[str, int]) -> None:
    """Report an error."""
    logger.error("%s", message, location=location, type="mathforml", subtype="notation")


def listed(env: BuildEnvironment) -> set[str]:
    """Return the pages that list all symbols."""
    kept: set[str] = vars(env).setdefault("mathforml_symbol_lists", set())
    return kept & env.found_docs


def setup(app: Sphinx) -> None:
    """Check when all pages have been read."""
    app.connect("env-check-consistency", check)
